"""Steps of a recipe that change a logo as a whole: put on a badge, inverted, redrawn, given a word.

Each is the transform of :mod:`marquery.augment` whose options it bears; they are checked here again, because
a recipe is read long before torch is loaded.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Shape = Literal["disc", "rounded", "square", "ring", "shield"]


def _ordered(span: tuple[float, float]) -> tuple[float, float]:
    if span[0] > span[1]:
        raise ValueError("two numbers, the smaller one first")
    return span


_Probability = Annotated[float, Field(ge=0, le=1)]
_Contrast = Annotated[float, Field(ge=0, le=127)]
_Length = Annotated[float, Field(ge=0.05, le=1.5)]
_Share = Annotated[float, Field(ge=0.1, le=1)]
_Scale = Annotated[float, Field(ge=0.1, le=4)]
_Width = Annotated[float, Field(ge=0, le=0.2)]
_Quality = Annotated[float, Field(ge=1, le=100)]
_Pixels = Annotated[float, Field(ge=4, le=4096)]
_Levels = Annotated[float, Field(ge=0, le=128)]
_Shares = Annotated[tuple[_Share, _Share], AfterValidator(_ordered)]
_Widths = Annotated[tuple[_Width, _Width], AfterValidator(_ordered)]


class LogoStep(BaseModel):
    """What these steps share."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    op: str
    p: _Probability = 1


class BadgeStep(LogoStep):
    """On a coloured shape: :class:`~marquery.augment.LogoBadge`."""

    op: Literal["badge"]
    shapes: tuple[Shape, ...] = Field(("disc", "rounded", "square", "ring", "shield"), min_length=1)
    size: _Shares = (0.8, 1.0)
    fill: _Shares = (0.6, 0.95)
    mono: _Probability = 0.3
    white: _Probability = 0.7
    contrast: _Contrast = 72


class GroundStep(LogoStep):
    """Another background: :class:`~marquery.augment.LogoGround`."""

    op: Literal["ground"]
    kinds: tuple[Literal["plain", "gradient", "noise"], ...] = Field(
        ("plain", "gradient", "noise"), min_length=1
    )
    holes: _Probability = 0.7
    contrast: _Contrast = 72


class InvertStep(LogoStep):
    """Negative or one colour: :class:`~marquery.augment.LogoInvert`."""

    op: Literal["invert"]
    kinds: tuple[Literal["negative", "mono", "dark"], ...] = Field(
        ("negative", "mono", "mono", "dark"), min_length=1
    )
    contrast: _Contrast = 64


class OutlineStep(LogoStep):
    """Contours, heavier or lighter strokes: :class:`~marquery.augment.LogoOutline`."""

    op: Literal["outline"]
    kinds: tuple[Literal["contour", "thicken", "thin"], ...] = Field(
        ("contour", "thicken", "thin"), min_length=1
    )
    width: _Widths = (0.012, 0.035)
    contrast: _Contrast = 64


class WordmarkStep(LogoStep):
    """A word added or taken away: :class:`~marquery.augment.LogoWordmark`."""

    op: Literal["wordmark"]
    places: tuple[Literal["below", "beside"], ...] = Field(("below", "beside"), min_length=1)
    size: _Shares = (0.3, 0.7)
    fill: Annotated[
        tuple[Annotated[float, Field(ge=0.2, le=1)], Annotated[float, Field(ge=0.2, le=1)]],
        AfterValidator(_ordered),
    ] = (0.85, 0.97)
    drop: _Probability = 0.5
    contrast: _Contrast = 64


class WarpStep(LogoStep):
    """As another hand would draw it: :class:`~marquery.augment.LogoWarp`."""

    op: Literal["warp"]
    bend: float = Field(0.03, ge=0, le=0.25)
    rotate: float = Field(8, ge=0, le=180)
    scale: Annotated[tuple[_Scale, _Scale], AfterValidator(_ordered)] = (0.82, 1.0)
    stretch: float = Field(0.12, ge=0, le=0.5)
    tilt: float = Field(0.08, ge=0, le=0.4)


class DegradeStep(LogoStep):
    """JPEG dirt, low resolution, blur, noise: :class:`~marquery.augment.Degrade`."""

    op: Literal["degrade"]
    quality: Annotated[tuple[_Quality, _Quality], AfterValidator(_ordered)] = (20, 90)
    side: Annotated[tuple[_Pixels, _Pixels], AfterValidator(_ordered)] = (24, 64)
    blur: _Widths = (0.003, 0.015)
    noise: Annotated[tuple[_Levels, _Levels], AfterValidator(_ordered)] = (2, 10)
    each: _Probability = 0.3


class FrameStep(LogoStep):
    """Another margin: :class:`~marquery.augment.LogoFrame`."""

    op: Literal["frame"]
    scale: Annotated[tuple[_Length, _Length], AfterValidator(_ordered)] = (0.5, 1.0)
    aspect: float = Field(1.15, ge=1, le=3)
    shift: _Probability = 1


LOGO_STEPS = (
    BadgeStep,
    GroundStep,
    InvertStep,
    OutlineStep,
    WordmarkStep,
    WarpStep,
    DegradeStep,
    FrameStep,
)
