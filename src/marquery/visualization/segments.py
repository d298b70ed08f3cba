"""Pictures of what the segmenter and the segment operations do."""

import colorsys
import math
from collections.abc import Sequence

import cv2
import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from marquery.arrays import Float64Array, Int32Array
from marquery.augment import LogoTransform, SegmentTransform
from marquery.augment import functional as F
from marquery.errors import UsageError
from marquery.images import ImageLike, load_image
from marquery.segments import Group, Mode, Segmentation, SoftEdges, segment
from marquery.visualization.canvas import fit

_INK = (28, 30, 34)
_PAPER = (255, 255, 255)
_LINE = (208, 212, 218)
_GAP = 12


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
    parts = _parts_picture(found, side)
    noun = ("segment" if group is None else "part") + ("" if found.count == 1 else "s")
    return _grid([[fit(logo, side), parts]], side, columns=["logo", f"{found.count} {noun}"])


def draw_augmentations(
    images: ImageLike | Sequence[ImageLike],
    ops: Sequence[LogoTransform],
    draws: int = 6,
    seed: int = 0,
    *,
    side: int = 160,
) -> Image.Image:
    """Random results of segment transforms: one row for each image and operation, one column for
    each draw.

    The first column is the logo itself. The same seed gives the same picture; torch's own generator
    is left as it was.

    Args:
        images: one logo or several.
        ops: transforms; each gets a row for each logo.
        draws: columns.
        seed: of the random draws.
        side: pixels of a logo's longest side.

    Raises:
        UsageError: there is no image or no operation.
    """
    if isinstance(images, Image.Image | np.ndarray):
        images = [images]
    logos = [load_image(image) for image in images]
    if not logos or not ops or draws < 1:
        raise UsageError(
            "images", "the picture needs at least one image, one operation and one draw"
        )
    rows, titles = [], []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for logo in logos:
            pixels = np.asarray(logo)
            found = segment(pixels)
            for op in ops:
                results = [op.transform_segmented(pixels, found) for _ in range(draws)]
                rows.append([fit(logo, side), *(fit(Image.fromarray(r), side) for r in results)])
                titles.append(_title(op))
    return _grid(rows, side, columns=["logo"], titles=titles)


def draw_gallery(
    images: Sequence[ImageLike], ops: Sequence[LogoTransform], seed: int = 0, *, side: int = 112
) -> Image.Image:
    """Each logo in a row of its own: the logo, its segments, and one draw of each operation.

    A draw that leaves a logo as it is, is drawn anew a few times. The same seed gives the same
    picture; torch's own generator is left as it was.

    Args:
        images: the logos.
        ops: transforms; each gets a column.
        seed: of the random draws.
        side: pixels of a logo's longest side.

    Raises:
        UsageError: there is no image or no operation.
    """
    if not images or not ops:
        raise UsageError("images", "the picture needs at least one image and one operation")
    rows = []
    for image in images:
        logo = load_image(image)
        pixels = np.asarray(logo)
        found = segment(pixels)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            drawn = [_changed(op, pixels, found) for op in ops]
        cells = [Image.fromarray(result) for result in drawn]
        rows.append([fit(logo, side), _parts_picture(found, side), *(fit(c, side) for c in cells)])
    names = [_title(op).removeprefix("segment ") for op in ops]
    return _grid(rows, side, columns=["logo", "segments", *names])


def _changed(op: LogoTransform, pixels: F.UInt8Array, found: Segmentation) -> F.UInt8Array:
    for _ in range(8):
        result = op.transform_segmented(pixels, found)
        if (result != pixels).any():
            break
    return result


def draw_rotation_steps(
    image: ImageLike, seed: int = 0, *, side: int = 256, degrees: float | None = None
) -> Image.Image:
    """The paper's figure: logo, its segments, the selected one, that one turned, and the result.

    The segment is drawn at random among those that can be seen well; so is the angle unless given.

    Args:
        image: the logo.
        seed: of the random draws.
        side: pixels of a logo's longest side.
        degrees: angle of the rotation; None: drawn at random between 30 and 150.

    Raises:
        UsageError: the logo has no segment.
    """
    logo = load_image(image)
    pixels = np.asarray(logo)
    found = segment(pixels)
    if found.count == 0:
        raise UsageError(
            "image", "has no segments to rotate", "choose a logo on a plain background"
        )
    generator = torch.Generator().manual_seed(seed)
    area = found.ink
    seen = np.flatnonzero(area >= 0.02 * area.sum()) if area.any() else np.arange(found.count)
    label = int(seen[int(torch.randint(len(seen), (), generator=generator))]) + 1
    if degrees is None:
        degrees = 30 + 120 * float(torch.rand((), generator=generator))
    chosen = found.enclosed(label)
    part, top, left = F.cut_out(pixels, found, chosen)
    canvas = np.empty_like(pixels)
    canvas[:] = found.background
    alone = _laid_on(canvas, part, top, left)
    turned = F.rotate(alone, _only(found, chosen), 1, degrees)
    steps = [logo, _parts_picture(found, side), *(Image.fromarray(a) for a in (alone, turned))]
    steps.append(Image.fromarray(F.rotate(pixels, found, label, degrees)))
    names = ["logo", "segments", f"segment {label}", f"turned {degrees:.0f}°", "pasted back"]
    return _grid([[fit(s, side) for s in steps]], side, columns=names)


def _only(found: Segmentation, labels: Sequence[int]) -> Segmentation:
    """The segmentation in which the given segments are one, and all there is."""
    member = np.zeros(found.count + 1, dtype=np.int32)
    member[list(labels)] = 1
    fringe = found.soft_edges
    first, second = member[found.labels.reshape(-1)[fringe.index]], member[fringe.under]
    soft = first != second
    return Segmentation(
        member[found.labels],
        found.background,
        np.zeros(1, dtype=np.bool_),
        found.colors[labels[0] - 1 : labels[0]],
        SoftEdges(fringe.index[soft], second[soft], fringe.share[soft], fringe.paint[soft]),
        settings=found.settings,
    )


def _laid_on(canvas: F.UInt8Array, part: F.Float32Array, top: int, left: int) -> F.UInt8Array:
    height, width = part.shape[:2]
    window = canvas[top : top + height, left : left + width]
    mixed = part[..., :3] + (1 - part[..., 3:]) * window
    window[:] = np.clip(np.rint(mixed), 0, 255)
    return canvas


def _parts_picture(found: Segmentation, side: int) -> Image.Image:
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
        picture.paste(Image.new("RGB", size, _PAPER), mask=both)
    for label in range(1, found.count + 1):
        x, y, room = _widest_spot(where, found.boxes[label - 1], label)
        if room * factor < 5:
            continue
        points = min(26.0, max(12.0, 1.1 * room * factor))
        draw.text(
            ((x + 0.5) * factor, (y + 0.5) * factor),
            str(label),
            fill=_INK,
            font=ImageFont.load_default(points),
            anchor="mm",
            stroke_width=2,
            stroke_fill=_PAPER,
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


def _title(op: LogoTransform) -> str:
    """SegmentColor(style=shade) as "segment color shade"."""
    words = "".join(f" {c.lower()}" if c.isupper() else c for c in type(op).__name__).strip()
    words += ", shade" if getattr(op, "style", "flat") == "shade" else ""
    group = op.group if isinstance(op, SegmentTransform) else None
    return words if group is None else f"{words}, {group}"


def _grid(
    rows: Sequence[Sequence[Image.Image]],
    side: int,
    *,
    columns: Sequence[str] = (),
    titles: Sequence[str] = (),
) -> Image.Image:
    """Pictures in rows and columns, each framed and centred in its cell, with titles left and
    above.
    """
    points = max(13, round(side / 14))
    font = ImageFont.load_default(points)
    margin = round(max((font.getlength(t) for t in titles), default=0)) + (_GAP if titles else 0)
    head = math.ceil(points * 1.5) if columns else 0
    pitch = side + _GAP
    across = max(len(row) for row in rows)
    heights = [max(cell.height for cell in row) for row in rows]
    sheet = Image.new(
        "RGB",
        (_GAP + margin + across * pitch, _GAP + head + sum(heights) + _GAP * len(rows)),
        _PAPER,
    )
    draw = ImageDraw.Draw(sheet)
    for i, name in enumerate(columns):
        centre = _GAP + margin + i * pitch + side / 2
        draw.text((centre, _GAP / 2 + head / 2), name, fill=_INK, font=font, anchor="mm")
    y = _GAP + head
    for r, row in enumerate(rows):
        if titles:
            draw.text((_GAP, y + heights[r] / 2), titles[r], fill=_INK, font=font, anchor="lm")
        for i, cell in enumerate(row):
            x = _GAP + margin + i * pitch + (side - cell.width) // 2
            top = y + (heights[r] - cell.height) // 2
            draw.rectangle((x - 1, top - 1, x + cell.width, top + cell.height), outline=_LINE)
            sheet.paste(cell, (x, top))
        y += heights[r] + _GAP
    return sheet
