"""What computes embeddings: OpenVINO, ONNX Runtime, or PyTorch."""

from typing import Literal, Protocol, get_args

from marquery.arrays import Float32Array, UInt8Array
from marquery.encoder.runtimes import Precision, Run, bfloat16_by_hardware
from marquery.errors import MissingExtraError, UsageError
from marquery.extras import WITHOUT, extra_of, is_installed

EngineName = Literal["openvino", "onnxruntime", "pytorch"]
ENGINES: tuple[EngineName, ...] = get_args(EngineName)
_MODULES: dict[EngineName, tuple[str, ...]] = {
    "openvino": ("openvino",),
    "onnxruntime": ("onnxruntime",),
    "pytorch": ("torch", "timm"),
}


class Engine(Protocol):
    """A network ready to run, also by several threads at once."""

    name: EngineName
    precision: Precision
    batch_size: int

    def __call__(self, pixels: UInt8Array) -> Float32Array:
        """uint8 (B, S, S, 3) RGB -> float32 (B, dim), rows of length 1."""
        ...


class CompiledEngine:
    """A graph that another runtime than PyTorch computes.

    Args:
        name: of the runtime.
        precision: of the arithmetic; the vectors are float32.
        batch_size: images a call with which it is fastest.
        run: uint8 (B, S, S, 3) RGB -> float32 (B, dim).
    """

    def __init__(self, name: EngineName, precision: Precision, batch_size: int, run: Run) -> None:
        self.name: EngineName = name
        self.precision: Precision = precision
        self.batch_size = batch_size
        self._run = run

    def __call__(self, pixels: UInt8Array) -> Float32Array:
        """Embed one batch."""
        return self._run(pixels)


def missing_module(name: EngineName) -> str | None:
    """The first module of an engine that is not installed; None if all are."""
    return next((m for m in _MODULES[name] if not is_installed(m)), None)


def installed(name: EngineName) -> bool:
    """Whether an engine's packages are there."""
    return missing_module(name) is None


def check_available(name: EngineName, precision: Precision) -> None:
    """Go on only with an engine that is installed and has a precision on this CPU.

    Raises:
        MissingExtraError: it is not installed.
        UsageError: it, or this CPU, does not have the precision.
    """
    module = missing_module(name)
    if module is not None:
        extra = extra_of(module)
        raise MissingExtraError(f"engine {name}", module, extra, WITHOUT.get(extra, ""))
    if precision == "bfloat16" and name == "onnxruntime":
        raise UsageError(
            "precision",
            "'bfloat16' is not supported by onnxruntime",
            "take openvino, or float32",
        )
    if precision == "bfloat16" and name == "openvino" and not bfloat16_by_hardware():
        raise UsageError(
            "precision",
            "'bfloat16' is not supported by this CPU (it lacks avx512_bf16 and amx_bf16)",
            "take float32",
        )
