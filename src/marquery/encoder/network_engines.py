"""Engines of a network that is held in PyTorch, whose weights may change."""

import warnings
from typing import Any

import torch

from marquery.encoder.deploy import PixelNetwork, TorchEngine, onnx_bytes
from marquery.encoder.engines import CompiledEngine, Engine, EngineName, check_available
from marquery.encoder.runtimes import (
    Precision,
    import_openvino,
    onnx_runner,
    openvino_core,
    openvino_runner,
    openvino_settings,
)
from marquery.encoder.trials import TOLERANCE, largest_difference, trial_pixels
from marquery.errors import MarqueryError

#: Images from which building an engine takes less time than it saves: about 2 s for OpenVINO and 8
#: s for ONNX Runtime, against 15 to 20 ms an image (EfficientNet-Lite0 at 224 px, one core).
MIN_IMAGES: dict[EngineName, int] = {"openvino": 128, "onnxruntime": 512, "pytorch": 0}


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
            :data:`~marquery.encoder.trials.TOLERANCE`.
    """
    if name == "pytorch":
        return TorchEngine(module, precision)
    check_available(name, precision)
    if name == "onnxruntime":
        run, batch_size = onnx_runner(onnx_bytes(module, side)), 8
    else:
        graph = _openvino_graph(module, side)
        run, batch_size = openvino_runner(_compiled(graph, "float32")), 8
    difference = largest_difference(run, TorchEngine(module), side)
    if difference > TOLERANCE:
        raise MarqueryError(
            f"engine {name}: its vectors differ from PyTorch's by {difference:.1e} "
            f"({TOLERANCE:.0e} is allowed); take the engine pytorch"
        )
    if precision == "bfloat16":
        run = openvino_runner(_compiled(graph, precision))
    return CompiledEngine(name, precision, batch_size, run)


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


def _compiled(graph: Any, precision: Precision) -> Any:
    return openvino_core().compile_model(graph, "CPU", openvino_settings(precision))
