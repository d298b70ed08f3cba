"""Which engine and which precision a job gets."""

from collections.abc import Callable, Mapping
from typing import Literal, get_args

from marquery.encoder.engines import EngineName, installed
from marquery.encoder.runtimes import Precision, bfloat16_by_hardware
from marquery.errors import UsageError

EngineChoice = Literal["auto", "openvino", "onnxruntime", "pytorch"]
PrecisionChoice = Literal["auto", "float32", "bfloat16"]


def choose_engine(
    engine: EngineChoice,
    precision: PrecisionChoice,
    *,
    images: int,
    min_images: Mapping[EngineName, int],
    on_cpu: bool,
    training: bool,
    allows_bfloat16: Callable[[], bool],
) -> tuple[EngineName, Precision]:
    """Engine and precision for a job.

    Args:
        engine: as asked for; ``"auto"`` takes the fastest that is installed and pays for so many
            images.
        precision: as asked for; ``"auto"`` takes bfloat16 with OpenVINO where the CPU has it and
            ``allows_bfloat16``.
        images: size of the job.
        min_images: engines that ``"auto"`` may take, fastest first, each with the number of images
            from which building it pays; the last takes any number.
        on_cpu: whether the network is on the CPU; engines beside PyTorch compute there alone.
        training: whether the network is being trained; then only a choice by name builds an engine,
            since each step would make it worthless.
        allows_bfloat16: whether bfloat16 was measured to do this encoder no harm.

    Raises:
        UsageError: no such choice, or an engine of the CPU for a network elsewhere.
    """
    if engine not in get_args(EngineChoice):
        raise UsageError(
            "engine",
            f"{engine!r} is no engine",
            f"choose one of {', '.join(get_args(EngineChoice))}",
        )
    if precision not in get_args(PrecisionChoice):
        choices = ", ".join(get_args(PrecisionChoice))
        raise UsageError("precision", f"{precision!r} is no precision", f"choose one of {choices}")
    name: EngineName
    if engine != "auto":
        name = engine
    elif training or not on_cpu:
        name = "pytorch"
    else:
        usable = [e for e, least in min_images.items() if installed(e) and images >= least]
        name = usable[0] if usable else list(min_images)[-1]
    if name != "pytorch" and not on_cpu:
        raise UsageError(
            "engine", f"{name!r} computes on the CPU, and the network is elsewhere", "move it there"
        )
    if precision != "auto":
        return name, precision
    if name == "openvino" and allows_bfloat16() and bfloat16_by_hardware():
        return name, "bfloat16"
    return name, "float32"
