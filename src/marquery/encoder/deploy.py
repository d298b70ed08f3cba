"""The network for other runtimes: pixels in, embeddings out, checked against PyTorch."""

import warnings
from pathlib import Path

import torch
from torch import nn

from marquery.arrays import Float32Array, UInt8Array
from marquery.encoder.engines import EngineName
from marquery.encoder.network import EmbeddingNetwork
from marquery.encoder.runtimes import INPUT, OUTPUT, Precision, onnx_runner
from marquery.encoder.trials import TOLERANCE, largest_difference, trial_pixels
from marquery.errors import MarqueryError
from marquery.extras import need
from marquery.files import write_atomically


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


class TorchEngine:
    """PyTorch on the network's own device; bfloat16 by autocast.

    Args:
        module: the network, in evaluation mode.
        precision: of the arithmetic.
    """

    name: EngineName = "pytorch"
    batch_size = 32

    def __init__(self, module: PixelNetwork, precision: Precision = "float32") -> None:
        self.module = module
        self.precision: Precision = precision

    def __call__(self, pixels: UInt8Array) -> Float32Array:
        """Embed one batch."""
        device = self.module.mean.device
        half = torch.autocast(device.type, torch.bfloat16, enabled=self.precision == "bfloat16")
        with torch.inference_mode(), half:
            batch: Float32Array = self.module(torch.from_numpy(pixels).to(device)).cpu().numpy()
        return batch


def onnx_bytes(module: PixelNetwork, side: int) -> bytes:
    """The graph as an ONNX model with a free batch size: input ``pixels``, output ``embedding``.

    Raises:
        MarqueryError: the exporter's packages are missing, or it cannot express this network.
    """
    need("ONNX", "onnx", "onnxscript")
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
        raise MarqueryError(
            f"this network cannot be written as ONNX ({reason}); keep to the saved encoder"
        ) from error
    if program is None:
        raise MarqueryError(
            "this network cannot be written as ONNX (the exporter gave nothing); "
            "keep to the saved encoder"
        )
    content: bytes = program.model_proto.SerializeToString()
    return content


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
    difference = largest_difference(onnx_runner(content), TorchEngine(module), side)
    if difference > TOLERANCE:
        raise MarqueryError(
            f"{out}: not written, since ONNX Runtime gives other vectors than PyTorch "
            f"(they differ by {difference:.1e}, {TOLERANCE:.0e} is allowed); "
            "keep to the saved encoder"
        )
    write_atomically(out, lambda path: path.write_bytes(content))
    return difference
