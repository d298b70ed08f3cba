"""Where writing may stand around a circle or an ellipse, as on badges and crests."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from marquery.arrays import BoolArray, Float64Array, Int64Array
from marquery.segments import Segmentation

#: Letters stand between these shares of a ring's radius.
INNER, OUTER = 0.5, 1.03
# They measure so much of it.
_LETTER = (0.05, 0.45)
# A ring measures so much of the picture's shorter side, and is so much wider than high at most.
_LEAST_SIDE, _OBLONG = 0.2, 2.5
# Its hull fills so much of the ellipse in its box, and goes so far beyond it, as shares.
_FILLED, _BEYOND = 0.93, 1.06
# So many of the largest outlines are looked at.
_MOST_OUTLINES = 12
# Fewer shapes that stand side by side, as large as each other and as far out, are no writing.
_LETTERS = 4
# Side by side is within so much of the size of the two; as large, to this ratio; as far out, by
# this share of the radius.
_APART, _RATIO, _OUT = 1.6, 2.2, 0.12
# Two rings of which one is inside the other, and as large as this share of it, have one band.
_SAME = 0.55
_MOST_RINGS = 2
# Letters on a circle of their own: shapes that measure so much of the picture's longer side; so
# many of them, over so wide an angle, off the circle by so much of their size; its radius, of the
# side.
_GLYPH, _ON_CIRCLE, _SPAN, _OFF = (0.02, 0.2), 6, np.deg2rad(60), 0.3
_RADIUS = (0.12, 0.8)
# So many of those beside the letters are on the circle, too.
_INSIDE = 0.8
# So many circles through three shapes are tried; a picture of more shapes is no badge.
_TRIES, _MOST_SHAPES = 256, 150


@dataclass(frozen=True)
class Ring:
    """An upright ellipse along which something like letters stands."""

    x: float
    y: float
    """Its middle, in pixels."""
    wide: float
    tall: float
    """Half its axes, in pixels."""

    def polar(self, x: Float64Array, y: Float64Array) -> tuple[Float64Array, Float64Array]:
        """Shares of the radius, and angles clockwise from the right, of points of the picture."""
        u, v = (x - self.x) / self.wide, (y - self.y) / self.tall
        return np.hypot(u, v), np.arctan2(v, u)

    def points(self, share: Float64Array, angle: Float64Array) -> tuple[Float64Array, Float64Array]:
        """The points of the picture at shares of the radius and angles; reverse of
        :meth:`polar`.
        """
        return (
            self.x + self.wide * share * np.cos(angle),
            self.y + self.tall * share * np.sin(angle),
        )


def find_rings(found: Segmentation) -> list[Ring]:
    """The ellipses, two at most, along which small shapes stand side by side, as the letters of a
    badge do.

    An ellipse is the outline of all that is not background, or of a segment, the largest first.
    Where there is none, a circle through the middles of the small shapes themselves is looked for.

    Args:
        found: segments, not grouped.
    """
    if found.count < _LETTERS:
        return []
    rings: list[Ring] = []
    for ring in _round_outlines(found):
        if not any(_is_within(ring, other) for other in rings):
            rings.append(ring)
        if len(rings) == _MOST_RINGS:
            break
    return rings or _circle_of_letters(found)


def _round_outlines(found: Segmentation) -> Iterator[Ring]:
    """Outlines that are ellipses with letters along them."""
    shapes = _Shapes.of(found)
    for ring, labels in _outlines(found):
        if _holds_letters(shapes, ring) and _is_ellipse(found, labels, ring):
            yield ring


def _outlines(found: Segmentation) -> Iterator[tuple[Ring, Sequence[int]]]:
    """The ellipses in the boxes of all together and of each large segment, the largest first, and
    the segments whose outline each may be.
    """
    boxes = found.boxes.astype(np.float64)
    around = np.array([*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)])
    least = _LEAST_SIDE * min(found.shape)
    every = list(range(1, found.count + 1))
    sets = [every, *([k] for k in every)]
    sides = np.vstack([around, boxes])
    height, width = (sides[:, i + 2] - sides[:, i] for i in (0, 1))
    large = (np.minimum(height, width) >= least) & (
        np.maximum(height, width) <= _OBLONG * np.minimum(height, width)
    )
    order = np.argsort(-(height * width)[large], kind="stable")[:_MOST_OUTLINES]
    for at in np.flatnonzero(large)[order]:
        top, left, bottom, right = sides[at]
        middle = (left + right - 1) / 2, (top + bottom - 1) / 2
        yield Ring(*middle, (right - left) / 2, (bottom - top) / 2), sets[at]


def _is_within(ring: Ring, other: Ring) -> bool:
    """Whether a ring has its band in common with a larger one."""
    away = np.hypot((ring.x - other.x) / other.wide, (ring.y - other.y) / other.tall)
    share = min(ring.wide / other.wide, ring.tall / other.tall)
    return bool(away + share <= 1.1 and share >= _SAME)


@dataclass(frozen=True, eq=False)
class _Shapes:
    """Segments as they are looked at for letters; each (N,), in pixels."""

    x: Float64Array
    y: Float64Array
    size: Float64Array

    @classmethod
    def of(cls, found: Segmentation) -> "_Shapes":
        boxes = found.boxes.astype(np.float64)
        size = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
        return cls((boxes[:, 1] + boxes[:, 3] - 1) / 2, (boxes[:, 0] + boxes[:, 2] - 1) / 2, size)

    def only(self, chosen: Any) -> "_Shapes":
        return _Shapes(self.x[chosen], self.y[chosen], self.size[chosen])

    def beside(self) -> BoolArray:
        """(N, N): side by side, and as large; none is beside itself."""
        size = self.size[:, None]
        away = np.hypot(self.x[:, None] - self.x, self.y[:, None] - self.y)
        near = away < _APART * (size + self.size) / 2
        alike = np.maximum(size, self.size) < _RATIO * np.minimum(size, self.size)
        return np.asarray(near & alike & ~np.eye(len(self.size), dtype=np.bool_))


def _holds_letters(shapes: _Shapes, ring: Ring) -> bool:
    share, _ = ring.polar(shapes.x, shapes.y)
    radius = np.sqrt(ring.wide * ring.tall)
    is_small = (shapes.size > _LETTER[0] * radius) & (shapes.size < _LETTER[1] * radius)
    letters = is_small & (share > INNER) & (share < OUTER)
    as_far = np.abs(share[letters][:, None] - share[letters]) < _OUT
    return int((shapes.only(letters).beside() & as_far).any(axis=1).sum()) >= _LETTERS


def _circle_of_letters(found: Segmentation) -> list[Ring]:
    """The circle on which most small shapes stand side by side, if they are enough."""
    side = max(found.shape)
    shapes = _Shapes.of(found)
    shapes = shapes.only((shapes.size > _GLYPH[0] * side) & (shapes.size < _GLYPH[1] * side))
    shapes = shapes.only(shapes.beside().any(axis=1))
    count = len(shapes.size)
    if not _ON_CIRCLE <= count <= _MOST_SHAPES:
        return []
    triples = np.random.default_rng(0).integers(0, count, (_TRIES, 3))
    x, y, radius = _circles_through(shapes, triples)
    far = np.hypot(shapes.x - x[:, None], shapes.y - y[:, None])
    size = shapes.size[triples].mean(axis=1)
    on = np.abs(far - radius[:, None]) < _OFF * size[:, None]
    on &= np.maximum(shapes.size, size[:, None]) < _RATIO * np.minimum(shapes.size, size[:, None])
    on &= ((radius > _RADIUS[0] * side) & (radius < _RADIUS[1] * side))[:, None]
    beside = shapes.beside()
    # Those alone on the circle are there by chance.
    on &= on.astype(np.float32) @ beside.astype(np.float32) > 0
    best = int(on.sum(axis=1).argmax())
    letters = on[best]
    # A circle across lines that are straight has few letters of each.
    inside = beside[letters][:, letters].sum() >= _INSIDE * beside[letters].sum()
    if letters.sum() < _ON_CIRCLE or not inside:
        return []
    angle = np.sort(np.arctan2(shapes.y[letters] - y[best], shapes.x[letters] - x[best]))
    gaps = np.diff(angle, append=angle[0] + 2 * np.pi)
    if 2 * np.pi - gaps.max() < _SPAN:
        return []
    middle_x, middle_y, inner = _circle_by(shapes.only(letters))
    outer = inner + 0.8 * float(np.median(shapes.size[letters]))
    return [Ring(middle_x, middle_y, outer, outer)]


def _circle_by(shapes: _Shapes) -> tuple[float, float, float]:
    """Middle and radius of the circle nearest to points, by least squares of its equation
    x² + y² = 2 a x + 2 b y + c.
    """
    equations = np.stack([2 * shapes.x, 2 * shapes.y, np.ones_like(shapes.x)], axis=1)
    (a, b, c), *_ = np.linalg.lstsq(equations, shapes.x**2 + shapes.y**2, rcond=None)
    return float(a), float(b), float(np.sqrt(max(c + a**2 + b**2, 0.0)))


def _circles_through(
    shapes: _Shapes, triples: Int64Array
) -> tuple[Float64Array, Float64Array, Float64Array]:
    """Middles and radii of the circles through three points each; far away and large where they
    are in line.
    """
    (ax, bx, cx), (ay, by, cy) = shapes.x[triples].T, shapes.y[triples].T
    bx, by, cx, cy = bx - ax, by - ay, cx - ax, cy - ay
    twice = 2 * (bx * cy - by * cx)
    twice = np.where(twice == 0, np.finfo(np.float64).eps, twice)
    u = (cy * (bx**2 + by**2) - by * (cx**2 + cy**2)) / twice
    v = (bx * (cx**2 + cy**2) - cx * (bx**2 + by**2)) / twice
    return ax + u, ay + v, np.hypot(u, v)


def _is_ellipse(found: Segmentation, labels: Sequence[int], ring: Ring) -> bool:
    """Whether the hull of segments is the ellipse in its box: it has no corners beyond it, and
    fills it.
    """
    top, left = (int(v) for v in (ring.y - ring.tall + 0.5, ring.x - ring.wide + 0.5))
    bottom, right = (int(v) for v in (ring.y + ring.tall + 0.5, ring.x + ring.wide + 0.5))
    window = found.labels[top:bottom, left:right]
    mask = window > 0 if len(labels) > 1 else window == labels[0]
    outlines, _ = cv2.findContours(
        mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
    )
    hull = cv2.convexHull(np.concatenate(outlines))
    x, y = hull.reshape(-1, 2).T.astype(np.float64)
    share, _ = ring.polar(x + left, y + top)
    # An outline runs through the middles of pixels.
    ellipse = np.pi * (ring.wide - 0.5) * (ring.tall - 0.5)
    return bool(share.max() <= _BEYOND and cv2.contourArea(hull) >= _FILLED * ellipse)
