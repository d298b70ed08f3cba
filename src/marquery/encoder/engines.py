"""What computes embeddings: OpenVINO or ONNX Runtime where they are installed, PyTorch always."""

import sys
import threading
import warnings
from importlib.util import find_spec
from typing import Any, Literal, Protocol, get_args

import numpy as np
import torch

from marquery.arrays import Float32Array, UInt8Array
from marquery.encoder.deploy import (
    TOLERANCE,
    PixelNetwork,
    Run,
    largest_difference,
    onnx_bytes,
    onnx_runner,
    trial_pixels,
)
from marquery.errors import MarqueryError, UsageError

EngineName = Literal["openvino", "onnxruntime", "pytorch"]
Precision = Literal["float32", "bfloat16"]
ENGINES: tuple[EngineName, ...] = get_args(EngineName)

#: Images from which building an engine takes less time than it saves: about 2 s for OpenVINO and 8
#: s for ONNX Runtime, against 15 to 20 ms an image (EfficientNet-Lite0 at 224 px, one core).
MIN_IMAGES = {"openvino": 128, "onnxruntime": 512, "pytorch": 0}


class Engine(Protocol):
    """A network ready to run, also by several threads at once."""

    name: EngineName
    precision: Precision
    batch_size: int

    def __call__(self, pixels: UInt8Array) -> Float32Array:
        """uint8 (B, S, S, 3) RGB -> float32 (B, dim), rows of length 1."""
        ...


class TorchEngine:
    """PyTorch on the network's own device; bfloat16 by autocast."""

    name: EngineName = "pytorch"
    batch_size = 32

    def __init__(self, module: PixelNetwork, precision: Precision = "float32") -> None:
        self.module = module
        self.precision = precision

    def __call__(self, pixels: UInt8Array) -> Float32Array:
        """Embed one batch."""
        device = self.module.mean.device
        half = torch.autocast(device.type, torch.bfloat16, enabled=self.precision == "bfloat16")
        with torch.inference_mode(), half:
            batch: Float32Array = self.module(torch.from_numpy(pixels).to(device)).cpu().numpy()
        return batch


class _Compiled:
    """A graph compiled by another runtime."""

    batch_size: int

    def __init__(self, name: EngineName, precision: Precision, batch_size: int, run: Run) -> None:
        self.name = name
        self.precision = precision
        self.batch_size = batch_size
        self._run = run

    def __call__(self, pixels: UInt8Array) -> Float32Array:
        """Embed one batch."""
        return self._run(pixels)


def installed(name: EngineName) -> bool:
    """Whether an engine's packages are there."""
    if name == "onnxruntime":
        return find_spec("onnxruntime") is not None and find_spec("onnxscript") is not None
    return name == "pytorch" or find_spec("openvino") is not None


def bfloat16_by_hardware() -> bool:
    """Whether OpenVINO computes in bfloat16 on this CPU (``avx512_bf16`` or ``amx_bf16``)."""
    if not installed("openvino"):
        return False
    ov = import_openvino()

    return "BF16" in ov.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def build(name: EngineName, module: PixelNetwork, side: int, precision: Precision) -> Engine:
    """An engine, after it has given the vectors of PyTorch in float32 on trial pictures.

    Args:
        name: which.
        module: the network, on the CPU for all but PyTorch.
        side: side in pixels of its input.
        precision: of the arithmetic; sums and the vectors stay float32.

    Raises:
        UsageError: this engine or this CPU does not have the precision.
        MarqueryError: the engine is not installed, or its vectors differ by more than
            :data:`~marquery.encoder.deploy.TOLERANCE`.
    """
    if name == "pytorch":
        return TorchEngine(module, precision)
    if not installed(name):
        raise MarqueryError(f"engine {name} is not installed; run: pip install 'marquery[fast]'")
    if precision == "bfloat16" and name == "onnxruntime":
        raise UsageError(
            "precision",
            "'bfloat16' is not supported by onnxruntime",
            "take openvino, or float32",
        )
    if precision == "bfloat16" and not bfloat16_by_hardware():
        raise UsageError(
            "precision",
            "'bfloat16' is not supported by this CPU (it lacks avx512_bf16 and amx_bf16)",
            "take float32",
        )
    if name == "onnxruntime":
        run, batch_size = onnx_runner(onnx_bytes(module, side)), 8
    else:
        graph = _openvino_graph(module, side)
        run, batch_size = _openvino_runner(graph, "float32"), 8
    difference = largest_difference(run, module, side)
    if difference > TOLERANCE:
        raise MarqueryError(
            f"engine {name}: its vectors differ from PyTorch's by {difference:.1e} "
            f"({TOLERANCE:.0e} is allowed); take the engine pytorch"
        )
    if precision == "bfloat16":
        run = _openvino_runner(graph, precision)
    return _Compiled(name, precision, batch_size, run)


def import_openvino() -> Any:
    """OpenVINO without its usage reports.

    Its converter sends some on import unless the package that does so is missing; nothing here may
    reach for a network by itself.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    return openvino


def _openvino_graph(module: PixelNetwork, side: int) -> Any:
    ov = import_openvino()

    try:
        with torch.inference_mode(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what tracing fixes is checked on other batches
            graph = ov.convert_model(module, example_input=torch.from_numpy(trial_pixels(2, side)))
        graph.reshape([-1, side, side, 3])
    except Exception as error:  # the converter raises many kinds
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise MarqueryError(
            f"engine openvino: cannot express this network ({reason}); take the engine pytorch"
        ) from error
    return graph


def _openvino_runner(graph: Any, precision: Precision) -> Run:
    ov = import_openvino()

    settings = {
        # Left alone it would compute in bfloat16 wherever the CPU can.
        "INFERENCE_PRECISION_HINT": {"float32": "f32", "bfloat16": "bf16"}[precision],
        "INFERENCE_NUM_THREADS": torch.get_num_threads(),
        "PERFORMANCE_HINT": "LATENCY",
    }
    compiled = ov.Core().compile_model(graph, "CPU", settings)
    # A compiled model has one request with one place for its output, and one stream that a second
    # would wait for.
    turn = threading.Lock()

    def run(pixels: UInt8Array) -> Float32Array:
        with turn:
            return np.array(compiled(pixels)[0], np.float32)

    return run
