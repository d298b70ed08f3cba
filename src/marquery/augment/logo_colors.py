"""Transforms of a logo's paints as a whole: LogoBackground, LogoInvert, LogoOutline."""

from typing import Any, Literal

import numpy as np
import torch

from marquery.arrays import UInt8Array
from marquery.augment import functional as F
from marquery.augment._base import LogoTransform, interval, probability
from marquery.augment._mono import mono_paints, mono_weights
from marquery.augment._palette import (
    MELTED,
    WHITE,
    background_for,
    ink_for,
    levels,
    main_ink,
    melted,
    one_of,
    plain_color,
    some_of,
    stands_free,
)
from marquery.augment._random import Range, uniform
from marquery.augment.functional import Color
from marquery.augment.subject import Subject

Background = Literal["plain", "gradient", "noise"]
Inversion = Literal["negative", "mono", "dark"]
Stroke = Literal["contour", "thicken", "thin"]


def _rgb(color: Any) -> Color:
    r, g, b = (int(v) for v in color)
    return r, g, b


class LogoBackground(LogoTransform):
    """Exchange the background for another colour, a gradient or faint noise; soft edges stay soft.

    Args:
        kinds: what is drawn from: ``"plain"``, ``"gradient"``, ``"noise"``, each as likely.
        holes: probability that holes (white letters in a badge, the inside of an O) show the new
            background.
        contrast: levels of 255 by which the ink differs from the new background in lightness, or
            three times as many in some channel; a tenth of the ink may not.
        p: see :class:`LogoTransform`.

    Raises:
        UsageError: an option is out of range.
    """

    def __init__(
        self,
        kinds: tuple[Background, ...] = ("plain", "gradient", "noise"),
        holes: float = 0.7,
        contrast: float = 72,
        p: float = 1.0,
    ) -> None:
        super().__init__(p)
        self.kinds = some_of("kinds", kinds, ("plain", "gradient", "noise"))
        self.holes = probability("holes", holes)
        self.contrast = levels("contrast", contrast)

    def make_params(self, flat_inputs: list[Subject]) -> dict[str, Any]:
        """Kind and colours of the background, and the holes that show it."""
        segmentation = flat_inputs[0].segmentation
        kind, follow = one_of(self.kinds), uniform() < self.holes
        was = _rgb(segmentation.background)
        color = background_for(segmentation, self.contrast, unlike=was)
        holes = (np.flatnonzero(segmentation.is_hole) + 1).tolist() if follow else []
        params: dict[str, Any] = {"kind": kind, "color": color, "holes": holes}
        if kind == "gradient":
            share, other = uniform(0.2, 0.7), plain_color()
            second = _rgb(a + share * (b - a) for a, b in zip(color, other, strict=True))
            if melted(segmentation, second, self.contrast) > MELTED:
                second = color
            params |= {"second": second, "angle": uniform(0, 360), "radial": uniform() < 0.3}
        elif kind == "noise":
            params |= {"amplitude": uniform(3, 14), "seed": int(torch.randint(2**31, ()))}
        return params

    def transform(self, inpt: Subject, params: dict[str, Any]) -> UInt8Array:
        """Exchange the background; an empty picture stays one."""
        image, segmentation = inpt.pixels, inpt.segmentation
        if not segmentation.count:
            return image
        shape, color = segmentation.shape, params["color"]
        background: Any = color
        if params["kind"] == "gradient":
            background = F.gradient(
                shape, color, params["second"], params["angle"], params["radial"]
            )
        elif params["kind"] == "noise":
            background = F.speckle(shape, color, params["amplitude"], params["seed"])
        return F.change_background(image, segmentation, background, params["holes"])


class LogoInvert(LogoTransform):
    """The negative, or a version in one colour: what brands most often make of their own mark.

    Versions in one colour keep the logo's inner edges where a silhouette would lose them: what lies
    on a part is left out of it, or the paints become tones of the one colour.

    Args:
        kinds: what is drawn from, each as likely: ``"negative"``; ``"mono"``: one colour on white
            or on another plain background; ``"dark"``: white on a dark or full colour.
        contrast: levels of 255 between ink and background.
        p: see :class:`LogoTransform`.

    Raises:
        UsageError: an option is out of range.
    """

    def __init__(
        self,
        kinds: tuple[Inversion, ...] = ("negative", "mono", "mono", "dark"),
        contrast: float = 64,
        p: float = 1.0,
    ) -> None:
        super().__init__(p)
        self.kinds = some_of("kinds", kinds, ("negative", "mono", "dark"))
        self.contrast = levels("contrast", contrast)

    def make_params(self, flat_inputs: list[Subject]) -> dict[str, Any]:
        """Paints by label; None for the negative."""
        segmentation = flat_inputs[0].segmentation
        kind = one_of(self.kinds)
        if kind == "negative" or not segmentation.count:
            return {"paints": None}
        if kind == "dark":
            ink = WHITE
            background = ink_for(WHITE, max(self.contrast, 100))
        else:
            background = WHITE if uniform() < 0.6 else plain_color()
            black = uniform() < 0.4
            ink = ink_for(background, self.contrast, (0, 0, 0) if black else None)
        return {"paints": mono_paints(mono_weights(segmentation), ink, background)}

    def transform(self, inpt: Subject, params: dict[str, Any]) -> UInt8Array:
        """Repaint."""
        image, segmentation = inpt.pixels, inpt.segmentation
        if params["paints"] is None:
            return 255 - image
        return F.repaint_all(image, segmentation, params["paints"])


class LogoOutline(LogoTransform):
    """An outline drawing of the logo, or heavier or lighter strokes.

    Args:
        kinds: what is drawn from, each as likely: ``"contour"``: the edges between paints in one
            colour; ``"thicken"``, ``"thin"``: the ink grows or shrinks, in its own paints. A
            picture that fills its frame has no strokes to change and is left as it is by the last
            two.
        width: least and most width of the pen, or of what strokes gain or lose, as a share of the
            shorter side.
        contrast: levels of 255 between a contour and the background.
        p: see :class:`LogoTransform`.

    Raises:
        UsageError: an option is out of range.
    """

    def __init__(
        self,
        kinds: tuple[Stroke, ...] = ("contour", "thicken", "thin"),
        width: Range = (0.012, 0.035),
        contrast: float = 64,
        p: float = 1.0,
    ) -> None:
        super().__init__(p)
        self.kinds = some_of("kinds", kinds, ("contour", "thicken", "thin"))
        self.width = interval("width", width, 0, 0.2)
        self.contrast = levels("contrast", contrast)

    def make_params(self, flat_inputs: list[Subject]) -> dict[str, Any]:
        """Kind, radius in pixels and, for contours, the ink."""
        segmentation = flat_inputs[0].segmentation
        kind = one_of(self.kinds)
        radius = uniform(*self.width) * min(segmentation.shape) / 2
        params = {"kind": kind, "radius": max(radius, 0.5)}
        if kind == "contour":
            own = main_ink(segmentation) if uniform() < 0.6 else None
            params["ink"] = ink_for(_rgb(segmentation.background), self.contrast, own)
        return params

    def transform(self, inpt: Subject, params: dict[str, Any]) -> UInt8Array:
        """Draw."""
        image, segmentation = inpt.pixels, inpt.segmentation
        kind, radius = params["kind"], params["radius"]
        if kind == "contour":
            return F.contour(image, radius, params["ink"], _rgb(segmentation.background))
        if not stands_free(segmentation):
            return image
        stroke = F.thicken if kind == "thicken" else F.thin
        return stroke(image, segmentation, radius)
