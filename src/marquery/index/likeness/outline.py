"""How far the silhouettes of two parts overlap once they are laid on each other."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from marquery.arrays import BoolArray, Float32Array, Float64Array
from marquery.index.likeness.mask import centre_of

# Silhouettes are compared on squares of this side, centred and scaled to this root mean square
# radius, so that size and place do not matter.
_SIDE, _RADIUS = 64, 14.0
# Pixels of that square by which outlines may lie beside each other: they are softened by as much
# for the search, and an edge counts as met within it.
_SOFT, _NEAR = 0.8, 1.3
# What a rough comparison is softened by.
_ROUGH = 2.5
# Degrees between the turns that are tried, and the least gain by which a turn is believed.
_STEP, _GAIN = 15, 0.08
# A shape that fills so much of its box is a rectangle, its corners rounded or not.
_FILLED = 0.86
# Under this overlap no small move makes two outlines alike.
_HOPELESS = 0.5
#: Overlap and share of edges that meet from which two outlines are called the same, or similar.
SAME_OVERLAP, SAME_EDGES = 0.9, 0.95
SIMILAR_OVERLAP, SIMILAR_EDGES = 0.75, 0.68


@dataclass(frozen=True)
class Alignment:
    """How one silhouette is laid on another."""

    overlap: float
    """Intersection over union of the two, 0 to 1."""
    edges: float
    """Share of both edges that lie on the other's, 0 to 1: a disc and a square overlap much, but
    their edges part.
    """
    degrees: int = 0
    """By how much the first is turned clockwise, 0 to 359."""
    mirrored: bool = False
    """Left and right of the first are exchanged before it is turned."""
    fine: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    """Degrees, logarithm of size, and shift to the right and down that were found beyond that."""

    @property
    def is_same(self) -> bool:
        """The two outlines are the same, as far as a person sees."""
        return self.overlap >= SAME_OVERLAP and self.edges >= SAME_EDGES

    @property
    def is_similar(self) -> bool:
        """The two outlines are similar or the same; turned ones, of which there are many, the
        same.
        """
        if self.is_turned:
            return self.is_same
        return self.overlap >= SIMILAR_OVERLAP and self.edges >= SIMILAR_EDGES

    @property
    def is_turned(self) -> bool:
        """The first is turned or mirrored."""
        return self.mirrored or self.degrees != 0


def _disc() -> "Silhouette":
    y, x = np.indices((64, 64)) - 31.5
    return Silhouette(np.hypot(y, x) < 30)


class Silhouette:
    """A part's mask, ready to be laid on others.

    Args:
        mask: bool (H, W), True somewhere.
    """

    def __init__(self, mask: BoolArray) -> None:
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        self._mask = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float32)
        self.area = int(mask.sum())

    @cached_property
    def is_plain(self) -> bool:
        """A disc, a bar or a rectangle, as many logos hold one."""
        height, width = self._mask.shape
        filled = self.area / (height * width)
        return filled > _FILLED or self.is_disc

    @cached_property
    def is_disc(self) -> bool:
        """A disc or nearly one."""
        return self.laid_on(_disc(), turns=False).is_same

    @cached_property
    def upright(self) -> Float32Array:
        """(side, side), 0 to 1: as it stands, at the common size."""
        return self._drawn(0, False)

    @cached_property
    def _turns(self) -> Float32Array:
        angles = range(0, 360, _STEP)
        return np.stack([_soft(self._drawn(a, m)) for m in (False, True) for a in angles])

    @cached_property
    def _reduced(self) -> tuple[Float32Array, float, tuple[float, float]]:
        """The mask, not much larger than the square, its scale to the common size, its centre."""
        mask = self._mask
        scale = _RADIUS / max(centre_of(mask)[1], 0.5)
        if scale < 1:  # averaged, since a turn samples, and would step over a thin line
            size = (max(1, round(mask.shape[1] * scale)), max(1, round(mask.shape[0] * scale)))
            mask = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.float32)
        centre, spread = centre_of(mask)
        return mask, _RADIUS / max(spread, 0.5), centre

    @cached_property
    def _in_full(self) -> tuple[Float32Array, float, tuple[float, float]]:
        centre, spread = centre_of(self._mask)
        return self._mask, _RADIUS / max(spread, 0.5), centre

    def laid_on(self, other: "Silhouette", turns: bool = True) -> Alignment:
        """The best of 24 turns, upright and mirrored; the upright one unless another is better by
        far.

        Args:
            other: what this is laid on.
            turns: whether turns and mirror images are tried.
        """
        standing = _soft(other.upright)
        tried = self._turns if turns else _soft(self.upright)[None]
        overlaps = _overlap(tried, standing)
        count = 360 // _STEP
        # Upright, turned, mirrored: the later has to be better by far.
        best = 0
        for some in (range(count), range(len(tried))):
            found = max(some, key=lambda n: float(overlaps[n])) if turns else 0
            if overlaps[found] > overlaps[best] + _GAIN:
                best = found
        mirrored, step = divmod(best, count)
        if overlaps[best] < _HOPELESS:
            edges = _met(self._drawn(step * _STEP, bool(mirrored)), other.upright)
            return Alignment(float(overlaps[best]), edges, step * _STEP, bool(mirrored))
        return self._refined(other, step * _STEP, bool(mirrored))

    def _refined(self, other: "Silhouette", degrees: int, mirrored: bool) -> Alignment:
        """The best place, size and turn near an alignment."""
        standing = other.upright
        soft = _soft(standing)
        state = np.array((0.0, 0.0, 0.0, 0.0))  # turn, log of size, shift to the right, down
        steps = np.array((5.0, 0.05, 1.2, 1.2))

        def drawn(at: Float64Array) -> Float32Array:
            return self._drawn(degrees + at[0], mirrored, float(np.exp(at[1])), (at[2], at[3]))

        most = float(_overlap(_soft(drawn(state))[None], soft)[0])
        for _ in range(3):
            for axis in range(4):
                for sign in (1, -1):
                    moved = state.copy()
                    moved[axis] += sign * steps[axis]
                    found = float(_overlap(_soft(drawn(moved))[None], soft)[0])
                    if found > most:
                        state, most = moved, found
            steps = steps / 2
        laid = drawn(state)
        fine = (float(state[0]), float(state[1]), float(state[2]), float(state[3]))
        overlap = float(_overlap(laid[None], standing)[0])
        return Alignment(overlap, _met(laid, standing), degrees, mirrored, fine)

    def resembles(self, other: "Silhouette") -> float:
        """Overlap of the two upright, 0 to 1, softened so much that strokes and details hardly
        count.
        """
        one, two = (
            cv2.GaussianBlur(drawn, (0, 0), _ROUGH, borderType=cv2.BORDER_CONSTANT)
            for drawn in (self.upright, other.upright)
        )
        return float(_overlap(np.asarray(one, np.float32)[None], np.asarray(two, np.float32))[0])

    def overlay(
        self, other: "Silhouette", laid: Alignment, side: int = 256
    ) -> tuple[Float32Array, Float32Array]:
        """This one laid on the other, and the other, float32 (side, side), 0 to 1.

        Args:
            other: what this is laid on.
            laid: how, by :meth:`laid_on`.
            side: in pixels.
        """
        degrees, size, right, down = laid.fine
        own = self._drawn(
            laid.degrees + degrees, laid.mirrored, float(np.exp(size)), (right, down), side
        )
        return own, other._drawn(0, False, side=side)

    def _drawn(
        self,
        degrees: float,
        mirrored: bool,
        size: float = 1.0,
        shift: tuple[float, float] = (0.0, 0.0),
        side: int = _SIDE,
    ) -> Float32Array:
        zoom = side / _SIDE
        mask, scale, (cy, cx) = self._reduced if side == _SIDE else self._in_full
        if mirrored:
            mask, cx = np.ascontiguousarray(mask[:, ::-1]), mask.shape[1] - 1 - cx
        turn = cv2.getRotationMatrix2D((cx, cy), -degrees, scale * size * zoom)
        matrix = np.asarray(turn, np.float64)
        matrix[:, 2] += np.array(((side - 1) / 2 - cx, (side - 1) / 2 - cy)) + zoom * np.array(
            shift
        )
        drawn = cv2.warpAffine(mask, matrix, (side, side), flags=cv2.INTER_LINEAR)
        return np.asarray(drawn, np.float32)


def _soft(drawn: Float32Array) -> Float32Array:
    soft = cv2.GaussianBlur(drawn, (0, 0), _SOFT, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(soft, np.float32)


def _overlap(tried: Float32Array, standing: Float32Array) -> Float64Array:
    """(N,) intersection over union of (N, side, side) with one."""
    common = np.minimum(tried, standing).sum(axis=(1, 2), dtype=np.float64)
    union = np.maximum(tried, standing).sum(axis=(1, 2), dtype=np.float64)
    out: Float64Array = common / np.maximum(union, 1e-9)
    return out


def _met(first: Float32Array, second: Float32Array) -> float:
    """Share of the edge pixels of both that lie near an edge of the other."""
    edges = [_edge(first), _edge(second)]
    far = [cv2.distanceTransform((~edge).astype(np.uint8), cv2.DIST_L2, 5) for edge in edges]
    met = [float((away[edge] <= _NEAR).mean()) for edge, away in zip(edges, far[::-1], strict=True)]
    return min(met)


def _edge(drawn: Float32Array) -> BoolArray:
    inside = (drawn > 0.5).astype(np.uint8)
    if not inside.any():  # thinner than a pixel
        inside = (drawn > 0.5 * float(drawn.max())).astype(np.uint8)
    inner = cv2.erode(inside, np.ones((3, 3), np.uint8), borderValue=0)
    return np.asarray(inside > inner)
