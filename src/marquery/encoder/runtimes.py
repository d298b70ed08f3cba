"""ONNX Runtime and OpenVINO: a graph in, a function from pixels to arrays out."""

import queue
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from typing import Any, Literal

import numpy as np

from marquery.arrays import Float32Array, UInt8Array
from marquery.encoder.threads import compute_threads
from marquery.errors import MarqueryError
from marquery.extras import is_installed

#: Names of a graph's input, of its embedding, and of the feature maps before pooling.
INPUT, OUTPUT, MAPS = "pixels", "embedding", "maps"
Precision = Literal["float32", "bfloat16"]
# Pieces of a batch that are computed at a time; a batch is of eight pictures, and more cores share
# a piece.
_MOST_STREAMS = 4
#: uint8 (B, S, S, 3) RGB -> float32 (B, dim), rows of length 1.
Run = Callable[[UInt8Array], Float32Array]


def onnx_session(model: bytes | str) -> Any:
    """An ONNX Runtime session on the CPU, with :func:`~marquery.encoder.threads.compute_threads`.

    Args:
        model: a serialised graph, or the path of its file (weights may lie in a file beside it).

    Raises:
        MarqueryError: the graph or its weights cannot be read, the reason in the message.
    """
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = compute_threads()
    # Threads that wait by spinning take the cores from everything else on the machine.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4
    try:
        return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime has kinds of its own, all straight below Exception
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise MarqueryError(f"ONNX Runtime cannot read the graph ({reason})") from error


def onnx_runner(model: bytes | str) -> Run:
    """ONNX Runtime as a function, see :func:`onnx_session`."""
    session = onnx_session(model)

    def run(pixels: UInt8Array) -> Float32Array:
        vectors: Float32Array = session.run([OUTPUT], {INPUT: pixels})[0]
        return vectors

    return run


def import_openvino() -> Any:
    """OpenVINO without its usage reports.

    Its converter sends some on import unless the package that does so is missing; nothing here may
    reach for a network by itself.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    return openvino


_core_made = threading.Lock()


def openvino_core() -> Any:
    """OpenVINO's core: one, kept as long as the process lives.

    Each core that loads the CPU's plugin gives the thread that does so a stack for its signal
    handlers, and puts the one before it back when it goes. Of two that go in the order in which
    they came the thread keeps a stack that is freed, and the next signal ends the process.
    """
    with _core_made:
        return _only_core()


@cache
def _only_core() -> Any:
    return import_openvino().Core()


def bfloat16_by_hardware() -> bool:
    """Whether OpenVINO computes in bfloat16 on this CPU (``avx512_bf16`` or ``amx_bf16``)."""
    if not is_installed("openvino"):
        return False
    return "BF16" in openvino_core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def openvino_settings(precision: Precision) -> dict[str, object]:
    """How a graph is compiled for the CPU: to compute several pieces of a batch at a time.

    Threads that share one piece wait for each other at every layer: on two cores that takes a third
    more processor time than two pieces side by side.
    """
    return {
        # Left alone it would compute in bfloat16 wherever the CPU can.
        "INFERENCE_PRECISION_HINT": {"float32": "f32", "bfloat16": "bf16"}[precision],
        "INFERENCE_NUM_THREADS": compute_threads(),
        "NUM_STREAMS": str(min(compute_threads(), _MOST_STREAMS)),
        "PERFORMANCE_HINT": "LATENCY",
        # Pinned, the threads of several processes may share one core while another is idle.
        "ENABLE_CPU_PINNING": False,
    }


def openvino_runner(compiled: Any) -> Run:
    """A compiled OpenVINO model as a function, also for several threads at once: a batch is divided
    among the streams that are free.
    """
    # One request a stream; each has one place for its output.
    streams = int(compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))
    free: queue.SimpleQueue[Any] = queue.SimpleQueue()
    for _ in range(streams):
        free.put(compiled.create_infer_request())

    def run(pixels: UInt8Array) -> Float32Array:
        held = [free.get()]
        try:
            with suppress(queue.Empty):
                while len(held) < min(streams, len(pixels)):
                    held.append(free.get_nowait())
            pieces = np.array_split(pixels, len(held))
            return _computed(held, pieces)
        finally:
            for request in held:
                free.put(request)

    return run


def _computed(requests: Sequence[Any], pieces: Sequence[UInt8Array]) -> Float32Array:
    """The vectors of pieces of a batch, each computed by a request of its own at the same time."""
    started: list[Any] = []
    try:
        for request, piece in zip(requests, pieces, strict=True):
            request.start_async({0: piece}, share_inputs=True)
            started.append(request)
        for request in requests:
            request.wait()
    except BaseException:
        for request in started:  # none may be given back while it computes
            with suppress(Exception):
                request.wait()
        raise
    return np.concatenate(
        [np.array(request.get_output_tensor(0).data, np.float32) for request in requests]
    )
