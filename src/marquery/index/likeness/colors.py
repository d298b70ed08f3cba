"""Which colours of two logos are the same: palettes matched by the CIEDE2000 difference."""

from dataclasses import dataclass
from itertools import permutations

import numpy as np

from marquery.arrays import Float32Array, Float64Array

#: CIEDE2000 differences up to which two colours are the same: if they have one name, in any case.
SAME_COLOR, SURELY_SAME = 8.0, 4.0
# A colour of a smaller share of the ink is a detail.
_LEAST = 0.06
# Chroma under which a colour has no hue, and lightness of black and white.
_GREY, _BLACK, _WHITE = 12.0, 28.0, 91.0
# Upper ends of the hues, in degrees of CIE Lab.
_HUES = (
    (18.0, "pink"),
    (44.0, "red"),
    (76.0, "orange"),
    (108.0, "yellow"),
    (172.0, "green"),
    (228.0, "turquoise"),
    (304.0, "blue"),
    (332.0, "purple"),
    (360.0, "pink"),
)


@dataclass(frozen=True)
class PaintPair:
    """A colour of one logo and the colour of the other that takes its place."""

    first: tuple[float, float, float]
    """CIE Lab."""
    second: tuple[float, float, float]
    difference: float
    """CIEDE2000."""

    @property
    def is_same(self) -> bool:
        """A person calls the two the same colour."""
        if self.difference <= SURELY_SAME:
            return True
        return self.difference <= SAME_COLOR and color_name(self.first) == color_name(self.second)


@dataclass(frozen=True)
class ColorMatch:
    """The large colours of two logos, matched one to one."""

    pairs: tuple[PaintPair, ...]
    """Most alike first."""
    only_first: tuple[tuple[float, float, float], ...]
    """Colours of the first that have no partner, CIE Lab, the largest first."""
    only_second: tuple[tuple[float, float, float], ...]

    @property
    def kept(self) -> tuple[PaintPair, ...]:
        """Pairs of the same colour."""
        return tuple(pair for pair in self.pairs if pair.is_same)

    @property
    def are_same(self) -> bool:
        """All colours are the same."""
        return (
            bool(self.pairs)
            and all(pair.is_same for pair in self.pairs)
            and not self.only_first
            and not self.only_second
        )


def match_colors(first: Float32Array, second: Float32Array) -> ColorMatch:
    """Match two palettes so that the differences of all pairs add up to the least.

    Args:
        first, second: (5, 4), see :func:`marquery.index.strategies.palette.dominant_colors`.
    """
    ones, others = _large(first), _large(second)
    apart = np.array([[difference(a, b) for b in others] for a in ones])
    apart = apart.reshape(len(ones), len(others))
    best: list[tuple[int, int]] = []
    least = np.inf
    flipped = len(ones) > len(others)
    few, many = (len(others), len(ones)) if flipped else (len(ones), len(others))
    for chosen in permutations(range(many), few):
        pairs = [(j, i) if flipped else (i, j) for i, j in enumerate(chosen)]
        # Capped: one pair far apart is not bought by spoiling pairs that are the same.
        total = sum(min(float(apart[i, j]), 4 * SAME_COLOR) for i, j in pairs)
        if total < least - 1e-9:
            best, least = pairs, total
    found = [PaintPair(ones[i], others[j], float(apart[i, j])) for i, j in best]
    return ColorMatch(
        tuple(sorted(found, key=lambda pair: pair.difference)),
        tuple(c for i, c in enumerate(ones) if i not in {i for i, _ in best}),
        tuple(c for j, c in enumerate(others) if j not in {j for _, j in best}),
    )


def difference(first: tuple[float, float, float], second: tuple[float, float, float]) -> float:
    """CIEDE2000 of two colours in CIE Lab (D65): about 1 is just seen side by side."""
    from coloraide import Color

    one, other = (Color("lab-d65", list(color)) for color in (first, second))
    return float(one.delta_e(other, method="2000"))


def color_name(lab: tuple[float, float, float]) -> str:
    """The plain name of a colour in CIE Lab: ``"dark blue"``."""
    lightness, a, b = lab
    chroma, hue = float(np.hypot(a, b)), float(np.rad2deg(np.arctan2(b, a)) % 360)
    if chroma < _GREY or (lightness < 16 and chroma < 2 * _GREY):
        if lightness < _BLACK:
            return "black"
        return "white" if lightness > _WHITE else "dark grey" if lightness < 45 else "grey"
    name = next(name for end, name in _HUES if hue < end)
    if name == "purple" and hue < 312 and lightness < 36:  # Lab bends pure blue towards purple
        name = "blue"
    if name == "pink" and lightness < 50:
        name = "red" if hue < 18 else "purple"
    if lightness > 85 and chroma < 20 and 60 < hue < 110:
        return "beige"
    # Dark or pale red and orange have names of their own.
    if name in ("red", "orange", "yellow") and lightness < 48 and chroma < 55 and hue > 35:
        return "brown"
    if name == "red" and lightness > 66:
        return "pink" if chroma > 30 else "pale pink"
    if lightness < 30 and name in ("blue", "green", "purple", "red", "turquoise"):
        return f"dark {name}"
    if lightness > 78 and chroma < 60 and name in ("blue", "green", "purple"):
        return f"light {name}"
    return name


def _large(palette: Float32Array) -> list[tuple[float, float, float]]:
    order: Float64Array = palette[np.argsort(-palette[:, 3], kind="stable")].astype(float)
    return [(float(c[0]), float(c[1]), float(c[2])) for c in order if c[3] >= _LEAST]
