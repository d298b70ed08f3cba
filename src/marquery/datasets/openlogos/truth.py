"""Where the segments of a drawing really are: its SVG rendered crisp, each gradient as one flat
paint.
"""

import re
from dataclasses import dataclass

import cc3d
import numpy as np

from marquery.arrays import BoolArray, Float32Array, Int32Array, Int64Array, UInt8Array
from marquery.datasets.openlogos.render import over
from marquery.svg import render_svg, svg_size

_GRADIENT = re.compile(
    r"""<(?:linear|radial)Gradient\b[^>]*?\bid\s*=\s*["']([^"']+)["']""", re.I | re.S
)
_MASK = re.compile(r"<mask\b.*?</mask\s*>", re.I | re.S)
_UNFIT = re.compile(r"stop-opacity|<image\b|<filter\b|<pattern\b", re.I)
_ROOT = re.compile(r"<svg\b[^>]*>", re.I | re.S)
_VIEW_BOX = re.compile(r"""\bviewBox\s*=\s*["']([^"']+)["']""", re.I)
_FRAME = re.compile(r"""\s(?:viewBox|width|height)\s*=\s*(?:"[^"]*"|'[^']*')""", re.I)
#: Paints of touching regions that differ by no more are one paint.
SAME_PAINT = 12
# Paints on both sides of an outline that differ by more show it to anyone, also when anti-aliasing
# halves the step.
_VISIBLE_LEVELS = 16


@dataclass(frozen=True)
class SegmentTruth:
    """True segments of a drawing at one size.

    Attributes:
        labels: int32 (H, W): 0 background, 1..count segments, -1 too small to be told (left out of
            scores).
        is_hole: bool (count,): backdrop-coloured, and not reaching the border.
        is_gradient: bool (count,): painted with a gradient.
        visible: float32 (count,), 0 to 1: share of the outline along which the paints on both
            sides, gradients as they are, differ by more than 16 levels. Where a gradient fades into
            its neighbour only the SVG knows that there are two.
    """

    labels: Int32Array
    is_hole: BoolArray
    is_gradient: BoolArray
    visible: Float32Array
    shape: Int32Array

    @property
    def count(self) -> int:
        """Number of segments."""
        return int(self.is_hole.shape[0])


@dataclass(frozen=True)
class TrueRegions:
    """A drawing rendered crisp at a multiple of its size, and its R regions of one paint, numbered
    from 0.

    Attributes:
        pixels: uint8 (H, W, 3): the drawing with its gradients.
        regions: int32 (H, W): each gradient outside masks is one paint.
        paints: int64 (R, 3): RGB, a stand-in where gradients are involved.
        is_gradient: bool (R,): painted with a gradient.
        varies: bool (R,): painted with a gradient, or with what is translucent above or below one.
    """

    pixels: UInt8Array
    regions: Int32Array
    paints: Int64Array
    is_gradient: BoolArray
    varies: BoolArray


def can_be_told(svg: str) -> bool:
    """Whether a drawing's segments can be read from its SVG: no transparency in gradients, images,
    filters, patterns.
    """
    return _UNFIT.search(svg) is None


def framed(svg: str, size: int) -> str:
    """The SVG with a frame of whole pixels when its longest side is ``size``.

    Rendered ``n`` times larger it is then exactly ``n`` times as many pixels in both directions,
    each of them covering the same place, which rounding would spoil for most shapes of logo.

    Raises:
        ValueError: the text is not SVG, or has no size.
    """
    width, height = svg_size(svg)
    root = _ROOT.search(svg)
    if root is None:
        raise ValueError("no <svg> element")
    across = size if width >= height else max(1, round(size * width / height))
    down = max(1, round(size * height / width)) if width >= height else size
    box = _VIEW_BOX.search(root.group(0))
    left, top = (float(v) for v in re.split(r"[\s,]+", box.group(1).strip())[:2]) if box else (0, 0)
    unit = max(width / across, height / down)
    frame = (left - (unit * across - width) / 2, top - (unit * down - height) / 2)
    view = " ".join(f"{v:.9g}" for v in (*frame, unit * across, unit * down))
    bare = _FRAME.sub("", root.group(0))
    tag = f'{bare[:4]} viewBox="{view}" width="{across}" height="{down}"{bare[4:]}'
    return svg[: root.start()] + tag + svg[root.end() :]


def segment_truth(
    svg: str, size: int, backdrop: tuple[int, int, int], *, factor: int = 4, min_area: int = 12
) -> SegmentTruth | None:
    """True segments of an SVG drawn with the longest side ``size`` pixels on a backdrop.

    Each gradient outside masks becomes one flat colour, the drawing is rendered crisp ``factor``
    times larger, and regions of one paint (8-connected) are reduced by majority. Under ``min_area``
    pixels they are -1. The shape is that of ``render_svg(framed(svg, size), size)``, and of
    ``render_svg(svg, size)`` for all but unusual proportions.

    Args:
        svg: the drawing.
        size: pixels of the longest side.
        backdrop: RGB, 0 to 255.
        factor: how many times larger it is rendered before it is reduced.
        min_area: pixels; smaller regions are -1.

    Returns:
        ``None`` for drawings whose regions this cannot tell, see :func:`can_be_told`.

    Raises:
        ValueError: the text is not SVG that can be drawn.
    """
    if not can_be_told(svg):
        return None
    crisp = true_regions(svg, size, backdrop, factor)
    reduced = _majority(crisp.regions, factor)
    # Cut up by the reduction, a region may be in several pieces now.
    pieces = cc3d.connected_components(reduced + 1, connectivity=8).astype(np.int64)
    count = int(pieces.max())
    region_of = np.zeros(count, dtype=np.int32)
    region_of[pieces - 1] = reduced
    paints = crisp.paints[region_of]

    background = np.abs(paints - np.array(backdrop)).max(axis=1) <= SAME_PAINT
    border = np.unique(np.concatenate([pieces[0], pieces[-1], pieces[:, 0], pieces[:, -1]]))
    on_border = np.isin(np.arange(1, count + 1), border)
    area = np.bincount(pieces.reshape(-1), minlength=count + 1)[1:]
    kept = (area >= min_area) & ~(background & on_border)
    label_of = np.full(count + 1, -1, dtype=np.int32)
    label_of[1:][background & on_border] = 0
    label_of[1:][kept] = np.arange(1, kept.sum() + 1)
    is_gradient = crisp.is_gradient[region_of]
    visible = _visible_share(crisp.regions, crisp.pixels)[region_of]
    return SegmentTruth(
        label_of[pieces], background[kept], is_gradient[kept], visible[kept], region_of[kept]
    )


def true_regions(svg: str, size: int, backdrop: tuple[int, int, int], factor: int) -> TrueRegions:
    """The drawing rendered crisp at ``factor`` times its size, and its regions of one paint.

    Args:
        svg: the drawing.
        size: pixels of the longest side.
        backdrop: RGB, 0 to 255.
        factor: how many times larger it is rendered.

    Raises:
        ValueError: the text is not SVG that can be drawn.
    """
    whole = framed(svg, size)
    flat_svg, stand_ins = _flatten_gradients(whole)
    flat = over(render_svg(flat_svg, size * factor, "crisp_edges"), backdrop)
    if any(side % factor for side in flat.shape[:2]):
        raise ValueError(f"drawn at {flat.shape[:2]}, which is no multiple of {factor}")
    regions = _paint_regions(flat)
    count = int(regions.max()) + 1
    paints = np.zeros((count, 3), dtype=np.int64)
    paints[regions] = flat
    is_gradient = np.array([tuple(p) in stand_ins for p in paints], dtype=np.bool_)
    if not stand_ins:
        return TrueRegions(flat, regions, paints, is_gradient, is_gradient)
    drawn = over(render_svg(whole, size * factor, "crisp_edges"), backdrop)
    changed = np.bincount(regions[(drawn != flat).any(axis=2)], minlength=count)
    varies = changed > np.bincount(regions.reshape(-1)) / 2
    return TrueRegions(drawn, regions, paints, is_gradient, varies)


def _flatten_gradients(svg: str) -> tuple[str, set[tuple[int, int, int]]]:
    """Replace references to gradients outside masks by flat colours that occur nowhere else."""
    names = dict.fromkeys(_GRADIENT.findall(svg))
    lowered = svg.lower()
    paints: dict[str, tuple[int, int, int]] = {}
    seed = 1
    for name in names:
        while True:
            seed = (seed * 48271) % 2147483647
            paint = (seed >> 3 & 255, seed >> 11 & 255, seed >> 19 & 255)
            far = all(
                max(abs(a - b) for a, b in zip(paint, p, strict=True)) > 24 for p in paints.values()
            )
            if "#{:02x}{:02x}{:02x}".format(*paint) not in lowered and (far or len(paints) > 64):
                break
        paints[name] = paint

    def recolored(text: str) -> str:
        for name, paint in paints.items():
            color = "#{:02x}{:02x}{:02x}".format(*paint)
            text = re.sub(rf"""url\(\s*["']?#{re.escape(name)}["']?\s*\)""", color, text)
        return text

    parts, end = [], 0
    for mask in _MASK.finditer(svg):
        parts += [recolored(svg[end : mask.start()]), mask.group(0)]
        end = mask.end()
    parts.append(recolored(svg[end:]))
    return "".join(parts), set(paints.values())


def _paint_regions(pixels: UInt8Array) -> Int32Array:
    """int32 (H, W), from 0: 8-connected regions of one paint, or of paints that differ too
    little.
    """
    codes = pixels.astype(np.uint32) @ np.array([65536, 256, 1], dtype=np.uint32) + 1
    regions = cc3d.connected_components(codes, connectivity=8).astype(np.int64)
    count = int(regions.max())
    paints = np.zeros((count + 1, 3), dtype=np.int64)
    paints[regions] = pixels
    parent = np.arange(count + 1)

    def find(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = int(parent[i])
        return i

    pairs = [
        (regions[:, :-1], regions[:, 1:]),
        (regions[:-1], regions[1:]),
        (regions[:-1, :-1], regions[1:, 1:]),
        (regions[:-1, 1:], regions[1:, :-1]),
    ]
    for one, two in pairs:
        differ = one != two
        for pair in np.unique(one[differ] * (count + 1) + two[differ]):
            a, b = divmod(int(pair), count + 1)
            if np.abs(paints[a] - paints[b]).max() <= SAME_PAINT:
                parent[find(a)] = find(b)
    roots = np.array([find(i) for i in range(1, count + 1)])
    number = np.concatenate([[0], np.unique(roots, return_inverse=True)[1]]).astype(np.int32)
    return np.asarray(number[regions])


def _visible_share(regions: Int32Array, pixels: UInt8Array) -> Float32Array:
    """float32 (R,): share of each region's outline along which the two sides differ visibly."""
    count = int(regions.max()) + 1
    sides = np.zeros(count)
    seen = np.zeros(count)
    for one, two in (
        ((slice(None), slice(None, -1)), (slice(None), slice(1, None))),
        ((slice(None, -1), slice(None)), (slice(1, None), slice(None))),
    ):
        differ = regions[one] != regions[two]
        contrast = np.abs(pixels[one][differ].astype(np.int16) - pixels[two][differ]).max(axis=1)
        for names in (regions[one][differ], regions[two][differ]):
            sides += np.bincount(names, minlength=count)
            seen += np.bincount(names[contrast > _VISIBLE_LEVELS], minlength=count)
    return (seen / np.maximum(sides, 1)).astype(np.float32)


def _majority(regions: Int32Array, factor: int) -> Int32Array:
    """The most frequent region in each factor x factor cell; the lowest number on a tie."""
    height, width = (s // factor for s in regions.shape)
    cells = regions.reshape(height, factor, width, factor).swapaxes(1, 2)
    cells = np.sort(cells.reshape(height * width, factor * factor), axis=1)
    best = cells[:, 0].copy()
    most = np.zeros(height * width, dtype=np.int64)
    run = np.zeros(height * width, dtype=np.int64)
    for i in range(factor * factor):
        run = np.where((i > 0) & (cells[:, i] == cells[:, i - 1]), run + 1, 1)
        better = run > most
        best[better] = cells[better, i]
        most = np.maximum(most, run)
    return best.reshape(height, width)
