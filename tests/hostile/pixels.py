"""What tests say of a drawing by looking at its pixels."""

import numpy as np

from marquery.svg import render_svg

from .drawings import svg

COLORS = {
    "red": (255, 0, 0, 255),
    "blue": (0, 0, 255, 255),
    "lime": (0, 255, 0, 255),
    "black": (0, 0, 0, 255),
    "nothing": (0, 0, 0, 0),
}
BLUE = '<linearGradient id="g"><stop stop-color="#00f"/></linearGradient>'


def color(drawing):
    """The one colour of a drawing."""
    pixels = render_svg(drawing, 16)
    assert (pixels == pixels[0, 0]).all()
    (name,) = [n for n, c in COLORS.items() if tuple(pixels[0, 0]) == c]
    return name


def same(one, other):
    """Whether two contents of a drawing are drawn alike, pixel by pixel."""
    return np.array_equal(render_svg(svg(one), 100), render_svg(svg(other), 100))


def inked(drawing, side=100):
    """Columns and rows up to which a drawing has ink, and its size."""
    ink = render_svg(drawing, side)[..., 3] > 127
    rows, columns = np.nonzero(ink)
    return columns.max() + 1, rows.max() + 1, ink.shape[1], ink.shape[0]
