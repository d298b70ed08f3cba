"""Pictures of what segment and logo operations do."""

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image

from marquery.augment import LogoTransform, SegmentTransform
from marquery.augment import functional as F
from marquery.errors import UsageError
from marquery.images import ImageLike, load_image
from marquery.segments import Segmentation, SoftEdges, segment
from marquery.visualization.canvas import fit
from marquery.visualization.grid import draw_grid
from marquery.visualization.segments import draw_parts


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

    The first column is the logo itself. A draw that leaves a logo as it is, is drawn anew a few
    times. The same seed gives the same picture; torch's own generator is left as it was.

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
                results = [_changed(op, pixels, found) for _ in range(draws)]
                rows.append([fit(logo, side), *(fit(Image.fromarray(r), side) for r in results)])
                titles.append(_title(op))
    return draw_grid(rows, side, columns=["logo"], titles=titles)


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
        rows.append([fit(logo, side), draw_parts(found, side), *(fit(c, side) for c in cells)])
    names = [_title(op).removeprefix("segment ") for op in ops]
    return draw_grid(rows, side, columns=["logo", "segments", *names])


def changes(
    image: ImageLike, ops: Sequence[LogoTransform], seed: int = 0, *, tries: int = 8
) -> list[bool]:
    """Whether each operation changes a logo at all: in one of a few random draws, a pixel differs.

    Args:
        image: the logo.
        ops: transforms.
        seed: of the random draws.
        tries: draws of an operation before it is called unable.

    Returns:
        One bool for each operation.
    """
    pixels = np.asarray(load_image(image))
    found = segment(pixels)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        drawn = [_changed(op, pixels, found, tries) for op in ops]
    return [not np.array_equal(result, pixels) for result in drawn]


def _changed(
    op: LogoTransform, pixels: F.UInt8Array, found: Segmentation, tries: int = 8
) -> F.UInt8Array:
    for _ in range(tries):
        result = op.transform_segmented(pixels, found)
        if not np.array_equal(result, pixels):
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
    steps = [logo, draw_parts(found, side), *(Image.fromarray(a) for a in (alone, turned))]
    steps.append(Image.fromarray(F.rotate(pixels, found, label, degrees)))
    names = ["logo", "segments", f"segment {label}", f"turned {degrees:.0f}°", "pasted back"]
    return draw_grid([[fit(s, side) for s in steps]], side, columns=names)


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


def _title(op: LogoTransform) -> str:
    """SegmentColor(style=shade) as "segment color shade"."""
    words = "".join(f" {c.lower()}" if c.isupper() else c for c in type(op).__name__).strip()
    words += ", shade" if getattr(op, "style", "flat") == "shade" else ""
    group = op.group if isinstance(op, SegmentTransform) else None
    return words if group is None else f"{words}, {group}"
