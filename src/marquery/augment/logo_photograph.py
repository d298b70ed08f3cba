"""LogoPhotograph: a photograph of the logo on a wall, on cloth, on a sign."""

from typing import Any

import numpy as np
import torch

from marquery.arrays import UInt8Array
from marquery.augment import functional as F
from marquery.augment._base import LogoTransform, interval, probability
from marquery.augment._palette import apart, ink_of, melted, one_of, some_of
from marquery.augment._random import TRIES, Range, uniform
from marquery.augment.functional import Color
from marquery.augment.functional._photograph import MOUNTS, Mount
from marquery.augment.functional._surfaces import SURFACES, Surface
from marquery.augment.subject import Subject

# What photographs for training are taken of; bricks and streets are left to evaluation sets.
TRAINING_SURFACES: tuple[Surface, ...] = ("plaster", "cloth", "wood", "metal")
# Usual colours of each surface, darkest and lightest RGB.
_COLORS: dict[str, tuple[Color, Color]] = {
    "plaster": ((120, 118, 112), (240, 236, 226)),
    "cloth": ((30, 34, 60), (238, 232, 224)),
    "wood": ((92, 62, 38), (206, 172, 128)),
    "brick": ((112, 54, 42), (196, 128, 104)),
    "metal": ((96, 100, 106), (206, 208, 212)),
    "street": ((70, 78, 88), (190, 196, 198)),
}
# Share of the ink that may melt into a surface that it is painted on, and levels that tell both.
_LOST, _CONTRAST = 0.2, 56.0


class LogoPhotograph(LogoTransform):
    """A photograph of the logo: on a surface made by procedures, seen from aside, in uneven light.

    Where the ink would not show on the surface, the logo is a board with its own background.

    Args:
        surfaces: what is drawn from, each as likely: ``"plaster"``, ``"cloth"``, ``"wood"``,
            ``"brick"``, ``"metal"``, ``"street"`` (blurred, behind a board).
        mounts: what is drawn from: ``"painted"``, ``"board"``, ``"letters"``.
        tilt: most shift of a corner towards the middle, as a share of the side.
        size: least and most size of the logo in the picture.
        turn: most turn in degrees either way.
        light: most change of the light from one side to the other, as a share.
        blur: least and most blur, as a share of the shorter side.
        grain: least and most noise, in levels of 255.
        p: see :class:`LogoTransform`.

    Raises:
        UsageError: an option is out of range.
    """

    def __init__(
        self,
        surfaces: tuple[Surface, ...] = TRAINING_SURFACES,
        mounts: tuple[Mount, ...] = MOUNTS,
        tilt: float = 0.22,
        size: Range = (0.65, 0.95),
        turn: float = 8,
        light: float = 0.3,
        blur: Range = (0, 0.008),
        grain: Range = (0, 7),
        p: float = 1.0,
    ) -> None:
        super().__init__(p)
        self.surfaces = some_of("surfaces", surfaces, SURFACES)
        self.mounts = some_of("mounts", mounts, MOUNTS)
        self.tilt = interval("tilt", (0, tilt), 0, 0.4)[1]
        self.size = interval("size", size, 0.1, 1.5)
        self.turn = interval("turn", (0, turn), 0, 180)[1]
        self.light = probability("light", light)
        self.blur = interval("blur", blur, 0, 0.1)
        self.grain = interval("grain", grain, 0, 64)

    def make_params(self, flat_inputs: list[Subject]) -> dict[str, Any]:
        """Arguments of :func:`marquery.augment.functional.photograph`, and the surface."""
        segmentation = flat_inputs[0].segmentation
        height, width = segmentation.shape
        r, g, b = (int(v) for v in segmentation.background)
        kind = one_of(self.surfaces)
        mount = "board" if kind == "street" else one_of(self.mounts)
        color = _color(kind)
        if mount != "board":
            for _ in range(TRIES):
                if melted(segmentation, color, _CONTRAST) <= _LOST:
                    break
                color = _color(kind)
            else:
                mount = "board"
            if not len(ink_of(segmentation)[1]):
                mount = "board"
        if mount == "board" and float(apart((r, g, b), color)) < _CONTRAST / 2:
            color = _color(kind)
        side = min(height, width)
        return {
            "surface": (kind, int(torch.randint(2**31, ()))),
            "background": (r, g, b),
            "matrix": self._matrix(height, width),
            "color": color,
            "mount": mount,
            "light": (
                uniform(-self.light, self.light),
                uniform(-self.light, self.light),
                uniform(0, 0.3),
            ),
            "warmth": uniform(-0.08, 0.08),
            "blur": uniform(*self.blur) * side,
            "grain": uniform(*self.grain),
            "seed": int(torch.randint(2**31, ())),
        }

    def _matrix(self, height: int, width: int) -> Any:
        """The homography from a turned, tilted, smaller frame."""
        scale, angle = uniform(*self.size), np.deg2rad(uniform(-self.turn, self.turn))
        cos, sin = np.cos(angle), np.sin(angle)
        corners = []
        for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
            u = x * scale * (1 - uniform(0, self.tilt))
            v = y * scale * (1 - uniform(0, self.tilt))
            corners.append(
                (
                    width / 2 + (u * cos - v * sin) * width / 2,
                    height / 2 + (u * sin + v * cos) * height / 2,
                )
            )
        return F.corner_map(np.array(corners), (height, width))

    def transform(self, inpt: Subject, params: dict[str, Any]) -> UInt8Array:
        """Photograph; an empty picture stays one."""
        if not inpt.segmentation.count:
            return inpt.pixels
        options = dict(params)
        kind, seed = options.pop("surface")
        options["texture"] = F.surface(kind, inpt.segmentation.shape, seed)
        return F.photograph(inpt.pixels, **options)


def _color(kind: str) -> Color:
    low, high = _COLORS[kind]
    share = uniform()
    if kind == "cloth":  # any dye, not only from the darkest to the lightest
        r, g, b = (int(low[c] + uniform() * (high[c] - low[c])) for c in range(3))
        return r, g, b
    r, g, b = (int(low[c] + share * (high[c] - low[c])) for c in range(3))
    return r, g, b
