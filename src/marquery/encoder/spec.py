"""The file beside an encoder's weights, which says what network they belong to."""

import os
from importlib import resources
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from marquery.errors import MarqueryError
from marquery.json_text import parse_json
from marquery.kinds import DEFAULT_ENCODER, Pooling

FORMAT = 1
SPEC_FILE = "encoder.json"
WEIGHTS_FILE = "model.safetensors"
#: Prefix of names for a backbone's pooled ImageNet features, without a head: ``timm:resnet50``.
TIMM_PREFIX = "timm:"


class EncoderSpec(BaseModel):
    """What is written beside the weights; everything needed to build the network again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int = FORMAT
    backbone: str
    dim: int | None = Field(512, ge=1)
    pooling: Pooling = "avg"
    image_size: int = Field(224, ge=32, le=1024)
    stack_lockups: bool = False
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    version: str


def encoder_folder(path: str | os.PathLike[str]) -> Path:
    """The folder of an encoder's files.

    Args:
        path: that folder; a training run that holds it; a demo, whose run is in ``train``; or
            ``default``.
    """
    if str(path) == DEFAULT_ENCODER:  # the package's, whatever lies in the working folder
        return Path(str(resources.files("marquery"))) / "models" / DEFAULT_ENCODER
    folder = run_folder(path)
    inner = folder / "encoder"
    return inner if (inner / SPEC_FILE).is_file() else folder


def run_folder(path: str | os.PathLike[str]) -> Path:
    """The folder of a training run: the one named, or ``train`` in that of a demo."""
    folder = Path(path)
    if (folder / SPEC_FILE).is_file() or (folder / "encoder" / SPEC_FILE).is_file():
        return folder
    inner = folder / "train"
    return inner if (inner / "encoder" / SPEC_FILE).is_file() else folder


def read_spec(path: Path) -> EncoderSpec:
    """Read ``encoder.json``.

    Raises:
        MarqueryError: not JSON, of another format, or with a value that does not belong there.
    """
    try:
        raw = parse_json(path.read_text())
    except (OSError, ValueError) as error:
        raise MarqueryError(
            f"{path}: not readable JSON ({error}); save the encoder again"
        ) from error
    if isinstance(raw, dict) and raw.get("format") != FORMAT:
        raise MarqueryError(
            f"{path}: format {raw.get('format')!r} is not the format {FORMAT} "
            "that this version reads; save the encoder again"
        )
    try:
        return EncoderSpec.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise MarqueryError(f"{path}: {where}: {first['msg']}; save the encoder again") from error


def find_encoder(path_or_name: str | os.PathLike[str]) -> tuple[Path, EncoderSpec]:
    """The folder of a saved encoder and its specification.

    Args:
        path_or_name: that folder; a training run that holds it; or ``default``.

    Raises:
        MarqueryError: nothing there, or a specification that this version does not read.
    """
    folder = encoder_folder(path_or_name)
    if not (folder / SPEC_FILE).is_file():
        raise MarqueryError(
            f"{path_or_name}: no encoder there ({SPEC_FILE} is missing); name a folder written by "
            f"training or by LogoEncoder.save, or {TIMM_PREFIX}NAME for untrained features"
        )
    return folder, read_spec(folder / SPEC_FILE)
