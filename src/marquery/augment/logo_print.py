"""How registers print and copy marks: LogoPrint; depth on a flat logo: LogoRelief."""

from collections.abc import Callable
from typing import Any, Literal, get_args

import numpy as np
import torch

from marquery.arrays import UInt8Array
from marquery.augment import functional as F
from marquery.augment._base import LogoTransform, interval, probability
from marquery.augment._palette import one_of, plain_color, some_of
from marquery.augment._random import Range, uniform
from marquery.augment.functional import Color
from marquery.augment.subject import Subject
from marquery.images import border_color

PrintKind = Literal["scan", "fax", "halftone", "engrave"]
PRINT_KINDS: tuple[PrintKind, ...] = get_args(PrintKind)
ReliefKind = Literal["emboss", "shadow", "gradient", "gloss"]
RELIEF_KINDS: tuple[ReliefKind, ...] = get_args(ReliefKind)

Make = Callable[..., UInt8Array]

# Share of the contours that a fax keeps, or its tones become dots.
_KEPT = 0.6
# Tones of paper, from white to old.
_PAPERS: tuple[Color, ...] = (
    *((255, 255, 255), (252, 252, 250), (247, 243, 232)),
    *((240, 234, 214), (236, 236, 233), (226, 222, 210)),
)


class LogoPrint(LogoTransform):
    """The logo as a register prints or copies it: scanned, faxed, in halftone, engraved.

    Args:
        kinds: what is drawn from, each as likely: ``"scan"`` (paper, uneven light, grain, a small
            turn), ``"fax"`` (black and white, coarse), ``"halftone"`` (dots or lines),
            ``"engrave"`` (contours and hatching; colours told by its angle now and then).
        turn: most turn of a scan, in degrees either way.
        grain: least and most standard deviation of a scan's noise, in levels of 255.
        side: least and most longest side, in pixels, at which a fax is sent.
        pitch: least and most distance of dots or lines, as a share of the longer side.
        p: see :class:`LogoTransform`.

    Raises:
        UsageError: an option is out of range.
    """

    def __init__(
        self,
        kinds: tuple[PrintKind, ...] = PRINT_KINDS,
        turn: float = 2.0,
        grain: Range = (2, 10),
        side: Range = (70, 200),
        pitch: Range = (0.014, 0.035),
        p: float = 1.0,
    ) -> None:
        super().__init__(p)
        self.kinds = some_of("kinds", kinds, PRINT_KINDS)
        self.turn = interval("turn", (0, turn), 0, 45)[1]
        self.grain = interval("grain", grain, 0, 64)
        self.side = interval("side", side, 8, 4096)
        self.pitch = interval("pitch", pitch, 0.005, 0.2)

    def make_params(self, flat_inputs: list[Subject]) -> dict[str, Any]:
        """The kind, and the arguments of its function."""
        image = flat_inputs[0].pixels
        kind, seed = one_of(self.kinds), int(torch.randint(2**31, ()))
        if kind == "scan":
            options: dict[str, Any] = {
                "turn": uniform(-self.turn, self.turn),
                "paper": _PAPERS[int(uniform(0, len(_PAPERS)))],
                "light": (uniform(-0.1, 0.1), uniform(-0.1, 0.1)),
                "blur": uniform(0, 0.006) * min(image.shape[:2]),
                "grain": uniform(*self.grain),
                "grey": uniform() < 0.4,
                "seed": seed,
            }
        elif kind == "fax":
            options = {
                "side": round(uniform(*self.side)),
                "threshold": uniform(0.35, 0.75),
                "dithered": uniform() < 0.3,
                "specks": uniform(0, 0.01) if uniform() < 0.5 else 0.0,
                "seed": seed,
            }
        else:
            pitch = max(uniform(*self.pitch) * max(image.shape[:2]), 2.2)
            options = {"pitch": pitch, "angle": uniform(0, 180)}
            if kind == "halftone":
                options |= {"lines": uniform() < 0.25, "colors": uniform() < 0.4}
            else:
                options |= {
                    "background": border_color(image),
                    "width": uniform(0.004, 0.01) * max(image.shape[:2]),
                    "lined": uniform() < 0.35,
                    "solid": uniform(0.7, 1.1),
                }
        return {"kind": kind, "options": options}

    def transform(self, inpt: Subject, params: dict[str, Any]) -> UInt8Array:
        """Print; an empty picture stays one."""
        return _made(inpt.pixels, _PRINTS[params["kind"]], params["options"])


class LogoRelief(LogoTransform):
    """Depth on a flat logo: embossed, with a shadow, a gradient or gloss.

    Args:
        kinds: what is drawn from, each as likely: ``"emboss"``, ``"shadow"``, ``"gradient"``,
            ``"gloss"``.
        strength: least and most strength, 0 to 1.
        blind: probability that an embossed logo has no colours.
        p: see :class:`LogoTransform`.

    Raises:
        UsageError: an option is out of range.
    """

    def __init__(
        self,
        kinds: tuple[ReliefKind, ...] = RELIEF_KINDS,
        strength: Range = (0.3, 0.8),
        blind: float = 0.3,
        p: float = 1.0,
    ) -> None:
        super().__init__(p)
        self.kinds = some_of("kinds", kinds, RELIEF_KINDS)
        self.strength = interval("strength", strength, 0, 1)
        self.blind = probability("blind", blind)

    def make_params(self, flat_inputs: list[Subject]) -> dict[str, Any]:
        """The kind, and the arguments of its function."""
        image = flat_inputs[0].pixels
        kind, strength = one_of(self.kinds), uniform(*self.strength)
        side, turn = min(image.shape[:2]), uniform(0, 2 * np.pi)
        options: dict[str, Any] = {"background": border_color(image)}
        if kind == "emboss":
            options |= {
                "height": uniform(0.004, 0.014) * side,
                "angle": float(np.rad2deg(turn)),
                "strength": strength,
                "blind": uniform() < self.blind,
            }
        elif kind == "shadow":
            far = uniform(0.01, 0.05) * side
            options |= {
                "offset": (far * float(np.cos(turn)), far * abs(float(np.sin(turn)))),
                "blur": uniform(0.3, 1.0) * far if uniform() < 0.75 else 0.0,
                "strength": strength,
            }
        elif kind == "gradient":
            right = uniform(-1, 1)
            options |= {
                "direction": (strength * right, strength * (1 - abs(right))),
                "tint": _tint(image, options["background"]),
            }
        else:
            options |= {"level": uniform(0.35, 0.6), "strength": strength}
        return {"kind": kind, "options": options}

    def transform(self, inpt: Subject, params: dict[str, Any]) -> UInt8Array:
        """Give depth; an empty picture stays one."""
        return _made(inpt.pixels, _RELIEFS[params["kind"]], params["options"])


def _made(image: UInt8Array, make: Make, options: dict[str, Any]) -> UInt8Array:
    """What a function makes of a picture; an empty one stays as it is."""
    if (image == image[0, 0]).all():
        return image
    return np.ascontiguousarray(make(image, **options))


def _faxed(image: UInt8Array, **options: Any) -> UInt8Array:
    out = F.fax(image, **options)
    if F.contours_kept(image, out) >= _KEPT:
        return out
    # Tones on one side of the threshold melt into each other; as dots they do not.
    return F.fax(image, **options | {"dithered": True, "threshold": 0.5})


_PRINTS: dict[PrintKind, Make] = {
    "scan": F.scan,
    "fax": _faxed,
    "halftone": F.halftone,
    "engrave": F.engrave,
}
_RELIEFS: dict[ReliefKind, Make] = {
    "emboss": F.emboss,
    "shadow": F.shadow,
    "gradient": F.shaded,
    "gloss": F.gloss,
}


def _tint(image: UInt8Array, background: Color) -> Color:
    """Black, white or a full colour, whichever is not near the background."""
    for color in (plain_color(), plain_color()):
        if sum(abs(a - b) for a, b in zip(color, background, strict=True)) > 200:
            return color
    return (0, 0, 0) if sum(background) > 382 else (255, 255, 255)
