"""The dominant colours of a logo, and how alike two sets of colours are."""

from collections.abc import Sequence

import cv2
import numpy as np

from marquery.arrays import BoolArray, Float32Array, UInt8Array
from marquery.segments import Segmentation

#: Colours kept of a logo.
COLORS = 5
# CIE Lab distance under which two paints are one colour, and the width of the kernel that compares
# colours: 20 is about the step between two named hues, several times what a careless reproduction
# shifts.
_SAME, _WIDTH = 10.0, 20.0
# From this distance from grey in CIE Lab a colour has a hue; of a coloured logo so much has one.
_CHROMA, _COLORED = 20.0, 0.15


def dominant_colors(found: Segmentation) -> Float32Array:
    """The colours of a logo's ink with their shares, largest first.

    Background and holes are no ink; a logo without ink has its background as its only colour.

    Returns:
        float32 (5, 4): CIE Lab (L 0 to 100, a and b about -127 to 127) and share (0 to 1) of each
            colour; rows
        of zeros where there are fewer than five. Shares of the colours kept add up to 1.
    """
    ink = ~found.is_hole
    colors, weight = found.colors[ink], found.area[ink].astype(np.float64)
    if not len(colors):
        colors, weight = found.background[None], np.ones(1)
    lab = lab_of(colors)
    kept: list[tuple[Float32Array, float]] = []
    for index in np.argsort(-weight, kind="stable"):
        for place, (other, share) in enumerate(kept):
            if np.linalg.norm(lab[index] - other) < _SAME:
                kept[place] = (other, share + float(weight[index]))
                break
        else:
            if len(kept) < 64:  # a photo has thousands; the first are the largest
                kept.append((lab[index], float(weight[index])))
    kept = sorted(kept, key=lambda item: -item[1])[:COLORS]
    out = np.zeros((COLORS, 4), np.float32)
    total = sum(share for _, share in kept)
    for row, (color, share) in enumerate(kept):
        out[row] = (*color, share / total)
    return out


def is_colored(palettes: Float32Array) -> BoolArray:
    """Whether enough of the ink has a hue, and is not black, white or grey.

    Args:
        palettes: float32 (..., 5, 4), see :func:`dominant_colors`.

    Returns:
        bool (...).
    """
    has_hue = np.hypot(palettes[..., 1], palettes[..., 2]) >= _CHROMA
    colored: BoolArray = (palettes[..., 3] * has_hue).sum(axis=-1) >= _COLORED
    return colored


class Palettes:
    """Colours of many logos, with what comparing them needs and no query changes.

    Args:
        gallery: float32 (N, 5, 4), see :func:`dominant_colors`.
    """

    def __init__(self, gallery: Float32Array) -> None:
        self._count = len(gallery)
        # Most logos have one or two colours: the rows that are there, each with its logo.
        there = gallery[..., 3] > 0
        self._logo = np.nonzero(there)[0]
        self._lab = np.ascontiguousarray(gallery[there][:, :3])
        self._share = np.ascontiguousarray(gallery[there][:, 3])
        self._norm = np.sqrt(_self_kernel(gallery))
        #: (N,): see :func:`is_colored`.
        self.is_colored = is_colored(gallery)

    def similarity_to(self, query: Float32Array) -> Float32Array:
        """How alike the colours of one logo are to those of each.

        Both palettes are smoothed with a Gaussian in Lab and compared by cosine, so that neither
        order nor small shifts matter, and areas do: Σ w_i v_j k(c_i, d_j) over its value for equal
        palettes.

        Args:
            query: float32 (5, 4), see :func:`dominant_colors`.

        Returns:
            float32 (N,), 0 to 1; 1 for equal palettes.
        """
        near = np.zeros(len(self._lab), np.float32)
        for *color, share in query[query[:, 3] > 0]:
            near += share * _alike(self._lab, np.array(color, np.float32))
        between = np.bincount(self._logo, near * self._share, self._count)
        norms = np.sqrt(_self_kernel(query[None])) * self._norm
        return np.asarray(between / np.maximum(norms, 1e-12), np.float32)


def color_similarity(query: Float32Array, gallery: Float32Array) -> Float32Array:
    """How alike the colours of one logo, float32 (5, 4), are to those of N, float32 (N, 5, 4).

    Returns:
        float32 (N,), see :meth:`Palettes.similarity_to`.
    """
    return Palettes(gallery).similarity_to(query)


def to_hex(palette: Float32Array) -> list[str]:
    """``#rrggbb`` of the colours of a palette of shape (5, 4) that have a share."""
    return [hex_of(lab) for lab in palette[palette[:, 3] > 0, :3]]


def hex_of(lab: Sequence[float] | Float32Array) -> str:
    """``#rrggbb`` of a colour in CIE Lab."""
    one = np.array(lab, np.float32).reshape(1, 1, 3)
    rgb = np.rint(np.clip(np.asarray(cv2.cvtColor(one, cv2.COLOR_Lab2RGB)), 0, 1) * 255)
    r, g, b = (int(v) for v in rgb[0, 0])
    return f"#{r:02x}{g:02x}{b:02x}"


def _self_kernel(palettes: Float32Array) -> Float32Array:
    """(N,): Σ w_i w_j k(c_i, c_j) of each of N palettes."""
    total = np.zeros(len(palettes), np.float32)
    for i in range(COLORS):
        for j in range(i + 1):
            both = palettes[:, i, 3] * palettes[:, j, 3]
            some = both > 0
            near = _alike(palettes[some, i, :3], palettes[some, j, :3])
            total[some] += (1 if i == j else 2) * both[some] * near
    return total


def _alike(first: Float32Array, second: Float32Array) -> Float32Array:
    """The Gaussian kernel of colours (M, 3) with others, or with one."""
    distance = ((first - second) ** 2).sum(axis=1)
    return np.asarray(np.exp(distance * np.float32(-0.5 / _WIDTH**2)), np.float32)


def lab_of(colors: UInt8Array) -> Float32Array:
    """CIE Lab, float32 (N, 3), of RGB colours, uint8 (N, 3)."""
    scaled = colors.reshape(1, -1, 3).astype(np.float32) / 255
    lab: Float32Array = np.asarray(cv2.cvtColor(scaled, cv2.COLOR_RGB2Lab), np.float32)[0]
    return lab
