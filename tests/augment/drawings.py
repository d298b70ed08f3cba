"""Logos whose parts are known, random ones, and logos turned together with their segmentation."""

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from marquery.segments import SoftEdges

PAINTS = [(255, 255, 255), (0, 0, 0), (200, 30, 40), (30, 90, 200), (250, 200, 30)]


def canvas(height, width, color=(255, 255, 255)):
    image = np.empty((height, width, 3), dtype=np.uint8)
    image[:] = color
    return image


def smooth(draw, side=64, factor=8, ground=(255, 255, 255)):
    big = Image.new("RGB", (side * factor, side * factor), ground)
    draw(ImageDraw.Draw(big), factor)
    return np.asarray(big.reduce(factor))


def disc_and_bar(disc, bar, ground=(255, 255, 255)):
    def draw(d, f):
        d.polygon([(40 * f, 6 * f), (58 * f, 10 * f), (52 * f, 56 * f), (37 * f, 50 * f)], fill=bar)
        d.ellipse([6 * f, 20 * f, 31 * f, 45 * f], fill=disc)

    return smooth(draw, ground=ground)


def label_at(found, y, x):
    return int(found.labels[y, x])


@st.composite
def logos(draw):
    """Smooth logos of a few random shapes in random paints, on a random plain ground."""
    ground = PAINTS[draw(st.integers(0, 4))]
    shapes = draw(
        st.lists(
            st.tuples(
                st.integers(4, 40),
                st.integers(4, 40),
                st.integers(6, 18),
                st.integers(0, 4),
                st.booleans(),
            ),
            min_size=1,
            max_size=5,
        )
    )

    def render(d, f):
        for y, x, size, paint, round_ in shapes:
            shape = d.ellipse if round_ else d.rectangle
            shape([x * f, y * f + 3, (x + size) * f, (y + size) * f + 3], fill=PAINTS[paint])

    return smooth(render, ground=ground)


def turned(array, turns, flip):
    """Turned counter-clockwise by quarters, then flipped left to right."""
    out = np.rot90(array, turns)
    return np.ascontiguousarray(out[:, ::-1] if flip else out)


def turned_segmentation(found, turns, flip):
    """The segmentation that belongs to the turned image, labels as they were."""
    was = turned(np.arange(found.labels.size).reshape(found.shape), turns, flip)
    now = np.empty(found.labels.size, dtype=np.int32)
    now[was.reshape(-1)] = np.arange(found.labels.size)
    fringe = found.soft_edges
    return replace(
        found,
        labels=turned(found.labels, turns, flip),
        soft_edges=SoftEdges(now[fringe.index], fringe.under, fringe.share, now[fringe.paint]),
    )


def turned_shift(shift, turns, flip):
    """(right, down) as it is in the turned image."""
    right, down = shift
    for _ in range(turns):
        right, down = down, -right
    return (-right if flip else right), down


def logo():
    image = np.full((60, 80, 3), 255, dtype=np.uint8)
    image[5:55, 5:40] = (200, 30, 30)
    image[15:35, 12:30] = 255
    image[10:30, 48:70] = (20, 60, 200)
    image[38:52, 48:75] = (0, 140, 60)
    return image


def other_logo():
    image = np.full((50, 50, 3), 255, dtype=np.uint8)
    image[8:40, 8:36] = (240, 160, 0)
    image[8:20, 22:36] = 255
    image[10:18, 40:48] = (90, 0, 120)
    return image
