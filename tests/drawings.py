"""Drawings that tests share: logos of random shapes, of known parts, with words; each the same for
the same seed.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

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


def draw_logo(seed: int, size: tuple[int, int] = (96, 96)) -> Image.Image:
    """A few coloured shapes on white; the same seed gives the same logo."""
    rng = np.random.default_rng(seed)
    big = Image.new("RGB", (size[0] * 4, size[1] * 4), "white")
    pen = ImageDraw.Draw(big)
    for _ in range(int(rng.integers(2, 5))):
        x0, y0 = (int(rng.integers(0, s * 3)) for s in size)
        w, h = (int(rng.integers(s, s * 2)) for s in size)
        color = tuple(int(v) for v in rng.integers(0, 200, 3))
        shape = pen.ellipse if rng.random() < 0.5 else pen.rectangle
        shape((x0, y0, x0 + w, y0 + h), fill=color)
    return big.resize(size, Image.Resampling.BOX)


def draw(seed: int) -> Image.Image:
    """A few shapes on white, the same for the same seed."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", (64, 48), "white")
    pen = ImageDraw.Draw(image)
    for _ in range(3):
        x, y = int(rng.integers(0, 44)), int(rng.integers(0, 30))
        w, h = (int(v) for v in rng.integers(8, 20, 2))
        color = tuple(int(v) for v in rng.integers(0, 200, 3))
        (pen.ellipse if rng.random() < 0.5 else pen.rectangle)((x, y, x + w, y + h), fill=color)
    return image


def fill(folder: Path, seeds) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        draw(seed).save(folder / f"{seed:03d}.png")
    return folder


def write(text: str, color=(20, 30, 90)) -> Image.Image:
    """A wordmark."""
    font = ImageFont.load_default(40)
    image = Image.new("RGB", (int(font.getlength(text)) + 24, 70), "white")
    ImageDraw.Draw(image).text((12, 10), text, fill=color, font=font)
    return image


def noise(seed):
    return np.random.default_rng(seed).integers(0, 256, (64, 64, 3), np.uint8)


def paint(size, *shapes, ground="white"):
    """Shapes are (name of a pen's method, box, colour)."""
    image = Image.new("RGB", size, ground)
    pen = ImageDraw.Draw(image)
    for name, box, color in shapes:
        getattr(pen, name)(box, fill=color)
    return image


RED, BLUE, GREEN = (200, 30, 40), (30, 60, 200), (20, 150, 60)
#: A disc on the left, a bar on the right, 40 px apart.
DISC_BAR = (("ellipse", (10, 30, 59, 79), RED), ("rectangle", (130, 20, 149, 99), BLUE))


def disc_bar():
    return paint((160, 120), *DISC_BAR)


def bar_disc():
    """The same two, in each other's place and colour."""
    return paint(
        (160, 120), ("rectangle", (10, 20, 29, 99), RED), ("ellipse", (100, 30, 149, 79), BLUE)
    )
