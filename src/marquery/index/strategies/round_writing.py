"""Writing around a ring: the picture in which it runs straight, and where it stands."""

from dataclasses import dataclass

import cv2
import numpy as np

from marquery.arrays import BoolArray, Float64Array, UInt8Array
from marquery.boxes import Box
from marquery.index.strategies.rings import INNER, OUTER, Ring

# Each half of the writing is unrolled over so much of the circle, since long ones are more than a
# half; its band is so high, in pixels, and as many lie between the two.
_ANGLE = np.deg2rad(270)
_BAND, _BETWEEN = 80, 12
# Angles at the middle of writing that reads outwards (above) and inwards (below).
_ABOVE, _BELOW = -np.pi / 2, np.pi / 2


@dataclass(frozen=True)
class Arc:
    """The piece of a ring on which a line of writing stands."""

    ring: Ring
    shares: tuple[float, float]
    """Of the radius, from the inner edge of the letters to the outer one."""
    angles: tuple[float, float]
    """In radians, ascending; they may go beyond a half turn."""

    def holds(self, x: Float64Array, y: Float64Array) -> BoolArray:
        """Which points of the picture are on it."""
        share, angle = self.ring.polar(x, y)
        first, last = self.angles
        turned = np.mod(angle - first, 2 * np.pi)
        inner, outer = self.shares
        return (share >= inner) & (share <= outer) & (turned <= last - first)

    def along(self, count: int) -> tuple[Float64Array, Float64Array]:
        """So many points of the picture along its middle."""
        return self.ring.points(
            np.full(count, np.mean(self.shares)), np.linspace(*self.angles, count)
        )

    @property
    def box(self) -> Box:
        """x, y, width, height around it, in pixels."""
        angle = np.linspace(*self.angles, 33)
        x, y = (
            np.concatenate(values)
            for values in zip(
                *(self.ring.points(np.full(33, share), angle) for share in self.shares), strict=True
            )
        )
        left, top = int(np.floor(x.min())), int(np.floor(y.min()))
        return left, top, int(np.ceil(x.max())) - left, int(np.ceil(y.max())) - top


@dataclass(frozen=True, eq=False)
class Unrolled:
    """A ring as a picture of two bands: above, the writing whose letters stand outwards, as along
    the upper half; below, that whose letters stand inwards, as along the lower half.
    """

    ring: Ring
    pixels: UInt8Array
    """(2 x 80 + 12, W, 3), RGB."""

    def is_above(self, box: Box) -> bool:
        """Whether a line that was found in the picture is in the upper band."""
        return box[1] + box[3] / 2 < _BAND + _BETWEEN / 2

    def arc(self, box: Box) -> Arc:
        """Where a line that was found in the picture stands on the ring.

        Args:
            box: x, y, width, height in :attr:`pixels`.
        """
        left, top, width, height = box
        is_above = self.is_above(box)
        start = top - (0 if is_above else _BAND + _BETWEEN)
        down = np.clip(np.array([start, start + height]) / _BAND, 0, 1)
        across = np.array([left, left + width]) / self.pixels.shape[1] - 0.5
        if is_above:
            shares, angles = OUTER + down * (INNER - OUTER), _ABOVE + across * _ANGLE
        else:
            shares, angles = INNER + down * (OUTER - INNER), _BELOW - across * _ANGLE
        first, last = (float(v) for v in np.sort(angles))
        inner, outer = (float(v) for v in np.sort(shares))
        return Arc(self.ring, (inner, outer), (first, last))


def unroll(pixels: UInt8Array, ring: Ring, background: UInt8Array) -> Unrolled:
    """The band of a ring in which letters may stand, made straight.

    Args:
        pixels: uint8 (H, W, 3), RGB.
        ring: in these pixels.
        background: uint8 (3,), of what lies beyond the picture.
    """
    middle = (INNER + OUTER) / 2 * (ring.wide + ring.tall) / 2
    height = (OUTER - INNER) * (ring.wide + ring.tall) / 2
    width = round(_ANGLE * middle / height * _BAND)
    across = ((np.arange(width) + 0.5) / width - 0.5) * _ANGLE
    down = (np.arange(_BAND) + 0.5) / _BAND
    outwards = OUTER + down * (INNER - OUTER)
    rows = [
        _sampled(pixels, ring, outwards, _ABOVE + across, background),
        np.broadcast_to(background, (_BETWEEN, width, 3)),
        _sampled(pixels, ring, outwards[::-1], _BELOW - across, background),
    ]
    return Unrolled(ring, np.concatenate(rows))


def _sampled(
    pixels: UInt8Array,
    ring: Ring,
    shares: Float64Array,
    angles: Float64Array,
    background: UInt8Array,
) -> UInt8Array:
    """(shares, angles, 3): the picture at these places of a ring."""
    x, y = ring.points(shares[:, None], angles[None])
    border = [int(v) for v in background]
    band = cv2.remap(
        *(pixels, x.astype(np.float32), y.astype(np.float32), cv2.INTER_CUBIC),
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=border,
    )
    return np.asarray(band, np.uint8)
