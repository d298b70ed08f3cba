"""Transforms of the picture as a whole: LogoWarp, LogoFrame, Degrade."""

from typing import Any

import numpy as np
import torch

from marquery.arrays import UInt8Array
from marquery.augment import functional as F
from marquery.augment._base import LogoTransform, interval, probability
from marquery.augment._random import Range, uniform
from marquery.augment.functional import Color
from marquery.augment.subject import Subject
from marquery.images import border_color


def _fill_color(image: UInt8Array) -> Color | None:
    """The colour that fills what is uncovered; None: a gradient or a photo is continued."""
    background = border_color(image)
    return background if F.plain_border(image, background) else None


class LogoWarp(LogoTransform):
    """Redraw the logo as another hand would: bent, turned, stretched and tilted a little.

    Args:
        bend: most displacement of a soft warp, as a share of the shorter side; 0 leaves it out.
        rotate: most turn in degrees either way.
        scale: least and most scale, drawn for width and height together.
        stretch: most share by which width and height are scaled apart.
        tilt: most perspective: share by which one side grows and the opposite one shrinks.
        p: probability that an image is changed, 0 to 1.

    Raises:
        UsageError: an option is out of range.
    """

    def __init__(
        self,
        bend: float = 0.03,
        rotate: float = 8,
        scale: Range = (0.82, 1.0),
        stretch: float = 0.12,
        tilt: float = 0.08,
        p: float = 1.0,
    ) -> None:
        super().__init__(p)
        self.bend = interval("bend", (0, bend), 0, 0.25)[1]
        self.rotate = interval("rotate", (0, rotate), 0, 180)[1]
        self.scale = interval("scale", scale, 0.1, 4)
        self.stretch = interval("stretch", (0, stretch), 0, 0.5)[1]
        self.tilt = interval("tilt", (0, tilt), 0, 0.4)[1]

    def make_params(self, flat_inputs: list[Subject]) -> dict[str, Any]:
        """Matrix and bends of :func:`marquery.augment.functional.warp`."""
        image = flat_inputs[0].pixels
        angle = np.deg2rad(uniform(-self.rotate, self.rotate))
        scale, apart = uniform(*self.scale), 1 + uniform(-self.stretch, self.stretch)
        wide, tall = scale * np.sqrt(apart), scale / np.sqrt(apart)
        cos, sin = np.cos(angle), np.sin(angle)
        height, width = image.shape[:2]
        matrix = np.array(
            [
                [cos / wide, sin * height / width / wide, 0],
                [-sin * width / height / tall, cos / tall, 0],
                [uniform(-self.tilt, self.tilt), uniform(-self.tilt, self.tilt), 1],
            ]
        )
        knots = 3 + int(uniform(0, 3))
        bends = (2 * torch.rand(knots, knots, 2).numpy() - 1) * np.float32(
            self.bend * min(height, width)
        )
        return {
            "matrix": matrix,
            "bends": bends.astype(np.float32),
            "background": _fill_color(image),
        }

    def transform(self, inpt: Subject, params: dict[str, Any]) -> UInt8Array:
        """Warp."""
        return F.warp(inpt.pixels, params["matrix"], params["bends"], params["background"])


class LogoFrame(LogoTransform):
    """Another margin: the logo in another size, place and aspect ratio on its own background.

    Args:
        scale: least and most length of the logo's longer side as a share of the canvas; above 1 it
            is cropped.
        aspect: most factor by which the ratio of width to height changes either way, 1 or more.
        shift: share of the free room over which the logo may lie anywhere; 0: in the middle.
        p: probability that an image is changed, 0 to 1.

    Raises:
        UsageError: an option is out of range.
    """

    def __init__(
        self,
        scale: Range = (0.5, 1.0),
        aspect: float = 1.15,
        shift: float = 1.0,
        p: float = 1.0,
    ) -> None:
        super().__init__(p)
        self.scale = interval("scale", scale, 0.05, 1.5)
        self.aspect = interval("aspect", (1, aspect), 1, 3)[1]
        self.shift = probability("shift", shift)

    def make_params(self, flat_inputs: list[Subject]) -> dict[str, Any]:
        """Background, the logo's box and its new one."""
        image = flat_inputs[0].pixels
        background = _fill_color(image)
        height, width = image.shape[:2]
        box = (0, 0, height, width) if background is None else F.ink_box(image, background)
        ratio = float(np.exp(uniform(-1, 1) * np.log(self.aspect) / 2))
        tall, wide = (box[2] - box[0]) / ratio, (box[3] - box[1]) * ratio
        share = uniform(*self.scale) * min(height / tall, width / wide)
        tall, wide = max(round(tall * share), 1), max(round(wide * share), 1)
        top, left = (
            round(free / 2 * (1 + self.shift * uniform(-1, 1)))
            for free in (height - tall, width - wide)
        )
        return {
            "box": box,
            "target": (top, left, top + tall, left + wide),
            "background": background,
        }

    def transform(self, inpt: Subject, params: dict[str, Any]) -> UInt8Array:
        """Frame."""
        return F.frame(inpt.pixels, params["box"], params["target"], params["background"])


class Degrade(LogoTransform):
    """JPEG artifacts, low resolution, blur, noise: one, each other with probability ``each``.

    Args:
        quality: least and most quality of the JPEG, 1..100.
        side: least and most longest side in pixels to which a picture is brought down before it
            comes up again.
        blur: least and most standard deviation of the blur, as a share of the shorter side.
        noise: least and most standard deviation of the noise in levels of 255.
        each: probability of each besides the one that is always drawn, 0..1.
        p: probability that an image is changed, 0 to 1.

    Raises:
        UsageError: an option is out of range.
    """

    def __init__(
        self,
        quality: Range = (20, 90),
        side: Range = (24, 64),
        blur: Range = (0.003, 0.015),
        noise: Range = (2, 10),
        each: float = 0.3,
        p: float = 1.0,
    ) -> None:
        super().__init__(p)
        self.quality = interval("quality", quality, 1, 100)
        self.side = interval("side", side, 4, 4096)
        self.blur = interval("blur", blur, 0, 0.2)
        self.noise = interval("noise", noise, 0, 128)
        self.each = probability("each", each)

    def make_params(self, flat_inputs: list[Subject]) -> dict[str, Any]:
        """Arguments of :func:`marquery.augment.functional.degrade`."""
        image = flat_inputs[0].pixels
        sure = int(uniform(0, 4))
        jpeg, low, soft, grain = (uniform() < self.each or k == sure for k in range(4))
        return {
            "side": round(uniform(*self.side)) if low else None,
            "blur": uniform(*self.blur) * min(image.shape[:2]) if soft else 0.0,
            "noise": uniform(*self.noise) if grain else 0.0,
            "quality": round(uniform(*self.quality)) if jpeg else None,
            "seed": int(torch.randint(2**31, ())),
        }

    def transform(self, inpt: Subject, params: dict[str, Any]) -> UInt8Array:
        """Degrade."""
        return F.degrade(inpt.pixels, **params)
