"""Pictures of what the segmenter does."""

import colorsys

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from marquery.arrays import Float64Array, Int32Array
from marquery.images import ImageLike, load_image
from marquery.segments import Group, Mode, Segmentation, segment
from marquery.visualization.canvas import fit
from marquery.visualization.grid import INK, PAPER, draw_grid


def draw_segmentation(
    image: ImageLike, *, side: int = 448, mode: Mode = "color", group: Group | None = None
) -> Image.Image:
    """A logo beside its segments in distinct colours, numbered as in ``Segmentation.labels``;
    holes are hatched.

    Args:
        image: the logo.
        side: pixels of the longest side of each of the two pictures.
        mode, group: see :func:`marquery.segment`.
    """
    logo = load_image(image)
    found = segment(logo, mode=mode, group=group)
    parts = draw_parts(found, side)
    noun = ("segment" if group is None else "part") + ("" if found.count == 1 else "s")
    return draw_grid([[fit(logo, side), parts]], side, columns=["logo", f"{found.count} {noun}"])


def draw_parts(found: Segmentation, side: int) -> Image.Image:
    """Segments in distinct colours with their numbers, the longest side ``side`` pixels."""
    height, width = found.shape
    factor = side / max(height, width)
    colors = _distinct(found.count)
    mix = colors[found.labels] * found.coverage[..., None]
    mix += colors[found.under] * (1 - found.coverage[..., None])
    small = Image.fromarray(np.rint(mix).astype(np.uint8))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    how = Image.Resampling.NEAREST if factor >= 3 else Image.Resampling.LANCZOS
    picture = small.resize(size, how)
    draw = ImageDraw.Draw(picture)
    where = found.labels
    if found.is_hole.any():
        hole = np.concatenate([[False], found.is_hole])[where]
        mask = Image.fromarray(hole).resize(size, Image.Resampling.NEAREST)
        hatch = Image.new("1", size)
        lines = ImageDraw.Draw(hatch)
        for x in range(-size[1], size[0], 9):
            lines.line([(x, size[1]), (x + size[1], 0)], fill=1, width=2)
        both = Image.fromarray(np.asarray(mask) & np.asarray(hatch))
        picture.paste(Image.new("RGB", size, PAPER), mask=both)
    for label in range(1, found.count + 1):
        x, y, room = _widest_spot(where, found.boxes[label - 1], label)
        if room * factor < 5:
            continue
        points = min(26.0, max(12.0, 1.1 * room * factor))
        draw.text(
            ((x + 0.5) * factor, (y + 0.5) * factor),
            str(label),
            fill=INK,
            font=ImageFont.load_default(points),
            anchor="mm",
            stroke_width=2,
            stroke_fill=PAPER,
        )
    return picture


def _widest_spot(labels: Int32Array, box: Int32Array, label: int) -> tuple[int, int, float]:
    """Pixel of a segment that is farthest from its edge, and how far that is."""
    top, left, bottom, right = (int(v) for v in box)
    mask = (labels[top:bottom, left:right] == label).astype(np.uint8)
    depth = cv2.distanceTransform(
        cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT), cv2.DIST_L2, 5
    )
    y, x = np.unravel_index(int(depth.argmax()), depth.shape)
    return left + int(x) - 1, top + int(y) - 1, float(depth.max())


def _distinct(count: int) -> Float64Array:
    """Background white, then colours far apart: hues by the golden ratio, lightness in turns."""
    colors = [(1.0, 1.0, 1.0)]
    for i in range(count):
        hue = (0.58 + i * 0.618034) % 1
        colors.append(colorsys.hls_to_rgb(hue, (0.62, 0.48, 0.74)[i % 3], 0.72))
    return np.array(colors) * 255
