"""The network for other runtimes: pixels in, embeddings out, checked against PyTorch."""

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

from marquery.arrays import Float32Array, UInt8Array
from marquery.encoder.network import EmbeddingNetwork
from marquery.errors import MarqueryError
from marquery.files import write_atomically

INPUT, OUTPUT = "pixels", "embedding"
#: Largest difference in any component from PyTorch's float32 vectors, which have length 1.
TOLERANCE = 1e-5
Run = Callable[[UInt8Array], Float32Array]


class PixelNetwork(nn.Module):
    """An encoder as one graph that includes the normalisation of pixels.

    uint8 (B, S, S, 3) RGB -> float32 (B, dim), rows of length 1.

    Args:
        network: the encoder's network; it is used in evaluation mode.
        mean, std: per channel, of pixels scaled to 0 … 1.
    """

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(
        self,
        network: EmbeddingNetwork,
        mean: tuple[float, float, float],
        std: tuple[float, float, float],
    ) -> None:
        super().__init__()
        self.network = network
        device = next(network.parameters()).device
        self.register_buffer("mean", torch.tensor(mean, device=device).view(1, 3, 1, 1) * 255)
        self.register_buffer("std", torch.tensor(std, device=device).view(1, 3, 1, 1) * 255)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Normalise and embed one batch."""
        # A (B, 3, S, S) view of (B, S, S, 3) memory is channels-last: no copy, and twice as fast.
        images = (pixels.permute(0, 3, 1, 2).float() - self.mean) / self.std
        vectors: torch.Tensor = self.network(images)
        return vectors


def trial_pixels(count: int, side: int) -> UInt8Array:
    """Pictures of edges, flat colours and noise, (count, side, side, 3), the same each time."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (count, 4, 4, 3), dtype=np.uint8)
    grown = coarse.repeat(-(-side // 4), axis=1).repeat(-(-side // 4), axis=2)[:, :side, :side]
    pixels = np.ascontiguousarray(grown)
    pixels[-1] = rng.integers(0, 256, (side, side, 3), dtype=np.uint8)
    return pixels


def largest_difference(run: Run, module: PixelNetwork, side: int) -> float:
    """Largest absolute difference of any component between a runtime and PyTorch, on trial images.

    Batches of one and of three: a graph that was traced at one size may work only at that size. NaN
    counts as infinite.

    Args:
        run: the runtime: uint8 (N, S, S, 3) to float32 (N, D).
        module: the same network in PyTorch.
        side: S, pixels.
    """
    worst = 0.0
    for count in (1, 3):
        pixels = trial_pixels(count, side)
        with torch.inference_mode():
            expected = module(torch.from_numpy(pixels)).numpy()
        given = run(pixels)
        if given.shape != expected.shape:
            return float("inf")
        difference = float(np.abs(given - expected).max(initial=0))
        worst = max(worst, difference if np.isfinite(difference) else float("inf"))
    return worst


def onnx_bytes(module: PixelNetwork, side: int) -> bytes:
    """The graph as an ONNX model with a free batch size: input ``pixels``, output ``embedding``.

    Raises:
        MarqueryError: the exporter's packages are missing, or it cannot express this network.
    """
    try:
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise MarqueryError("ONNX needs the extra: pip install 'marquery[fast]'") from error
    example = torch.from_numpy(trial_pixels(2, side))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            program = torch.onnx.export(
                module,
                (example,),
                input_names=[INPUT],
                output_names=[OUTPUT],
                dynamic_shapes={INPUT: {0: torch.export.Dim("batch")}},
                dynamo=True,
                verbose=False,
            )
    except Exception as error:  # the exporter raises many kinds
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise MarqueryError(f"this network cannot be written as ONNX ({reason})") from error
    if program is None:
        raise MarqueryError("this network cannot be written as ONNX (the exporter gave nothing)")
    content: bytes = program.model_proto.SerializeToString()
    return content


def onnx_runner(model: bytes) -> Run:
    """ONNX Runtime on a model's bytes, on the CPU, with as many threads as PyTorch.

    Raises:
        MarqueryError: ONNX Runtime is not installed.
    """
    try:
        import onnxruntime as ort
    except ImportError as error:
        raise MarqueryError("ONNX Runtime needs the extra: pip install 'marquery[fast]'") from error
    options = ort.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 3
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def run(pixels: UInt8Array) -> Float32Array:
        vectors: Float32Array = session.run(None, {INPUT: pixels})[0]
        return vectors

    return run


def write_onnx(module: PixelNetwork, side: int, out: Path) -> float:
    """Write an ONNX file once ONNX Runtime has given the same vectors from it.

    Args:
        module: the network, with preprocessing and normalisation.
        side: pixels of the square pictures it takes.
        out: the file.

    Returns:
        The largest difference to PyTorch in any component of the trial pictures' vectors.

    Raises:
        MarqueryError: the network cannot be expressed, its vectors differ by more than
            :data:`TOLERANCE`, or the place cannot be written; nothing is written then.
    """
    content = onnx_bytes(module, side)
    difference = largest_difference(onnx_runner(content), module, side)
    if difference > TOLERANCE:
        raise MarqueryError(
            f"{out}: not written, since ONNX Runtime gives other vectors than PyTorch "
            f"(they differ by {difference:.1e}, {TOLERANCE:.0e} is allowed); "
            "keep to the saved encoder"
        )
    write_atomically(out, lambda path: path.write_bytes(content))
    return difference
