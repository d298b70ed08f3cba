"""From an image to its parts: :func:`segment`."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import cv2
import numpy as np

from marquery.arrays import UInt8Array
from marquery.errors import UsageError
from marquery.images import ImageLike, to_array
from marquery.segments.background import find_background
from marquery.segments.bands import join_bands, renumber
from marquery.segments.cores import label_cores
from marquery.segments.formation import CRISP, Formation, find_formation
from marquery.segments.gradients import split_gradients
from marquery.segments.grouping import Group, check_group, group_segments
from marquery.segments.large import from_smaller
from marquery.segments.output import collect_soft_edges, describe_labels, number_labels
from marquery.segments.pieces import settle_soft_pixels, split_pieces
from marquery.segments.regions import assign_regions, find_runs, measure_regions
from marquery.segments.restoring import restore
from marquery.segments.segmentation import Segmentation, SoftEdges
from marquery.segments.settings import DEFAULT_SETTINGS, SegmenterSettings
from marquery.segments.small_regions import merge_small_regions
from marquery.segments.soft_edges import unmix_soft_edges
from marquery.segments.softening import find_soft_edges
from marquery.segments.thin_strokes import group_thin_strokes

Mode = Literal["color", "foreground"]


def segment(
    image: ImageLike,
    *,
    mode: Mode = "color",
    min_area: int = 12,
    tolerance: int | None = None,
    group: Group | None = None,
    settings: SegmenterSettings = DEFAULT_SETTINGS,
) -> Segmentation:
    """Find the parts of a logo.

    Neighbouring pixels whose colours differ little belong together, so a gradient is one segment;
    two paints that touch are two, and so are two gradients that fade into each other in places, if
    an edge is seen along most of their common line. Soft pixels along edges belong to both sides,
    with shares (see :class:`Segmentation`). The background is the colour with the most border
    pixels; regions of that colour which do not reach the border are segments with ``is_hole`` set.

    Args:
        image: ``PIL.Image``, or uint8 array of shape (H, W, 3); any size from 1x1.
        mode: ``"color"``: a segment is a region of one paint. ``"foreground"``: a segment is a
            connected region of non-background, as in the ICPR 2022 paper (section 3.1); holes are
            background.
        min_area: regions of fewer pixels are taken into a neighbour.
        tolerance: levels of 255 by which neighbouring pixels of one paint may differ in a channel.
            By default 7 in crisp renderings. Pictures that were compressed, resampled, sharpened,
            blurred, dithered or scanned are told by their edges (:func:`find_formation`), restored
            for the labelling, and get 7 to 16. A number is taken as it is, and nothing is restored.
        group: make parts of several segments, see :func:`group_segments`.
        settings: every other threshold, each with its unit.

    Raises:
        UsageError: an option is out of range.
        ImageError: the image cannot be read.
    """
    if mode not in ("color", "foreground"):
        raise UsageError("mode", f"there is no mode {mode!r}", "give 'color' or 'foreground'")
    if min_area < 1:
        raise UsageError("min_area", f"{min_area} pixels is too small", "give 1 pixel or more")
    _check_tolerance("tolerance", tolerance)
    _check_tolerance("settings.clean_tolerance", settings.clean_tolerance)
    _check_tolerance("settings.noisy_tolerance", settings.noisy_tolerance)
    check_group(group)
    pixels = np.ascontiguousarray(to_array(image))
    height, width = pixels.shape[:2]
    if min(height, width) < 2:  # no 2x2 block fits: double the only row or column, then cut it off
        pixels = np.pad(pixels, ((0, int(height < 2)), (0, int(width < 2)), (0, 0)), mode="edge")
    found = _find_segments(pixels, min_area, tolerance, settings)
    if found.shape != (height, width):
        found = _cropped(found, height, width)
    if mode == "foreground":
        found = foreground_parts(found, min_area)
    return group_segments(found, group)


def _check_tolerance(option: str, levels: int | None) -> None:
    if levels is not None and not 0 <= levels <= 127:
        raise UsageError(
            option, f"{levels} levels is out of range", "give a number between 0 and 127"
        )


def _find_segments(
    pixels: UInt8Array, min_area: int, tolerance: int | None, settings: SegmenterSettings
) -> Segmentation:
    """The segments of a uint8 (H, W, 3) picture; by default as it came about."""
    planes: Sequence[Any] = cv2.split(pixels)
    labelled, levels = pixels, tolerance

    def find(smaller: UInt8Array) -> Segmentation:
        return _find_segments(smaller, min_area, tolerance, settings)

    formation = find_formation(planes, settings) if tolerance is None else CRISP
    if formation is not CRISP:
        if max(pixels.shape) > settings.photo.large_side:
            return from_smaller(pixels, settings.photo.large_side, find)
        labelled = restore(pixels, formation, settings)
        planes = cv2.split(labelled)
    if levels is None:
        levels = _tolerance_for(formation, settings)
    found = _segment(labelled, planes, min_area, levels, formation, settings)
    if found is None:
        return from_smaller(pixels, settings.photo.side, find)
    if formation is CRISP:
        return found
    chosen = settings.restoring
    overshoot = chosen.sharpened_overshoot if formation.kind == "sharpened" else chosen.overshoot
    depth = math.ceil(formation.edge_width) + (formation.kind in ("sharpened", "dithered"))
    found = join_bands(found, max(2, depth), overshoot, settings.bands)
    reach = math.ceil(formation.edge_width) + chosen.soft_reach
    labels, soft_edges = find_soft_edges(
        pixels, found.labels, found.count, reach, chosen.min_off, min_area
    )
    return renumber(replace(found, soft_edges=soft_edges), labels)


def _tolerance_for(formation: Formation, settings: SegmenterSettings) -> int:
    if formation.kind in ("crisp", "blurred"):
        return settings.clean_tolerance
    if formation.kind == "sharpened":
        return settings.restoring.fine_tolerance
    fine = formation.kind == "compressed" and formation.grain < settings.restoring.fine_grain
    return settings.restoring.fine_tolerance if fine else settings.noisy_tolerance


def _least_step(formation: Formation, settings: SegmenterSettings) -> float:
    """Levels from which on a step inside a region is an edge between two gradients."""
    if formation.kind == "crisp":
        return settings.edges.clean_step
    edges = settings.edges
    widest = edges.max_ringed_width if formation.ringed else edges.max_blurred_width
    narrow = formation.kind == "blurred" and formation.edge_width < widest
    return edges.blurred_step if narrow else edges.noisy_step


def _segment(
    pixels: UInt8Array,
    planes: Sequence[Any],
    min_area: int,
    tolerance: int,
    formation: Formation,
    settings: SegmenterSettings,
) -> Segmentation | None:
    """The segments of a picture whose edges are steps; None if it is a photo."""
    height, width = pixels.shape[:2]
    red, green, blue = planes
    marks, rest, seams, count = label_cores(red, green, blue, tolerance, settings.pure_tolerance)
    loose = rest.shape[0] > settings.photo.min_loose_share * height * width
    if loose and count > settings.photo.min_cores and max(height, width) > settings.photo.side:
        return None
    # Four bytes a pixel, to be compared as one number.
    opaque = cv2.cvtColor(pixels, cv2.COLOR_RGB2RGBA)
    rimmed = np.asarray(
        cv2.copyMakeBorder(opaque, 1, 1, 1, 1, cv2.BORDER_REPLICATE), dtype=np.uint8
    ).reshape(-1, 4)
    codes = rimmed.view(np.uint32).reshape(-1)
    stride = width + 2
    steps = np.array(
        [-stride, -1, 1, stride, -stride - 1, -stride + 1, stride - 1, stride + 1], dtype=np.int32
    )
    top, under, share = unmix_soft_edges(
        rimmed, codes, marks, rest, steps, tolerance, settings.max_mix_error
    )
    group_thin_strokes(
        rimmed,
        marks,
        rest,
        steps,
        top,
        under,
        share,
        settings.stroke_tolerance * tolerance,
        settings.min_stroke_cosine,
        settings.min_stroke_contrast,
    )
    root = assign_regions(rimmed, marks, rest, seams, steps, top, count, tolerance)
    starts = find_runs(marks)
    grown = split_pieces(marks, starts, root, stride)
    if grown.shape[0] > root.shape[0]:
        root = grown
        settle_soft_pixels(marks, root, rest, top, under, share)
    area, mean, border = measure_regions(red, green, blue, marks, starts, rest, top, root)
    same_ground, white_level = tolerance, settings.white_level
    if formation.kind == "scanned":  # the light on paper is uneven
        same_ground = max(tolerance, settings.restoring.paper_tolerance)
        white_level -= settings.restoring.paper_tolerance
    is_background, background_region = find_background(
        area,
        mean,
        border,
        marks,
        root,
        width,
        same_ground,
        settings.max_border_colors,
        white_level,
        settings.min_white_border,
        settings.min_framed_white,
    )
    final = merge_small_regions(
        marks,
        starts,
        root,
        steps,
        area,
        mean,
        is_background,
        min_area,
        settings.background_weight,
        settings.small_region_weight,
    )
    whole = split_gradients(
        rimmed,
        marks,
        starts,
        root,
        final[root],
        is_background,
        rest,
        top,
        under,
        share,
        stride,
        _least_step(formation, settings),
        settings.edges,
    )
    if whole.shape[0] > root.shape[0]:
        starts = find_runs(marks)
        area, mean, border = measure_regions(red, green, blue, marks, starts, rest, top, whole)
        is_background = np.pad(is_background, (0, whole.shape[0] - root.shape[0]))
    labels = np.empty((height, width), dtype=np.int32)
    label_of, number = number_labels(marks, starts, whole, is_background, labels)
    soft_edges = SoftEdges(*collect_soft_edges(marks, rest, top, under, share, label_of, stride))
    background, colors, is_hole = describe_labels(
        mean, whole, label_of, number, background_region, same_ground
    )
    return Segmentation(labels, background, is_hole, colors, soft_edges, settings=settings)


def foreground_parts(found: Segmentation, min_area: int) -> Segmentation:
    """Join the segments of a segmentation that touch, and count holes as background."""
    ink = np.concatenate([[False], ~found.is_hole])[found.labels].astype(np.uint8)
    _, regions, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8, ltype=cv2.CV_32S)
    keep = stats[:, cv2.CC_STAT_AREA] >= min_area
    keep[0] = False
    # OpenCV numbers components as its scan meets their 2x2 blocks; ours go by reading order.
    where = np.unique(regions.reshape(-1), return_index=True)[1]
    order = [r for r in np.argsort(where) if keep[r]]
    label_of = np.zeros(keep.shape[0], dtype=np.int32)
    label_of[order] = np.arange(1, len(order) + 1)
    labels = label_of[regions]

    flat, soft_edges = labels.reshape(-1), found.soft_edges
    first, second = flat[soft_edges.index], flat[soft_edges.paint[:, 1]]
    soft = first != second
    joined = SoftEdges(
        soft_edges.index[soft], second[soft], soft_edges.share[soft], soft_edges.paint[soft]
    )

    weight = found.area.astype(np.float64)
    colors = np.zeros((len(order), 3))
    mass = np.zeros(len(order))
    host = flat[np.unique(found.labels.reshape(-1), return_index=True)[1]]
    names = np.unique(found.labels.reshape(-1))
    for name, label in zip(names, host, strict=True):
        if name > 0 and label > 0:
            colors[label - 1] += weight[name - 1] * found.colors[name - 1]
            mass[label - 1] += weight[name - 1]
    colors = np.rint(colors / np.maximum(mass, 1)[:, None])
    return Segmentation(
        labels,
        found.background,
        np.zeros(len(order), dtype=np.bool_),
        colors.astype(np.uint8),
        joined,
        settings=found.settings,
    )


def _cropped(found: Segmentation, height: int, width: int) -> Segmentation:
    """Cut the doubled row or column of a one-pixel-thin image off again; such an image has no soft
    edges.
    """
    none = np.zeros(0, dtype=np.int32)
    soft_edges = SoftEdges(none, none, np.zeros(0, dtype=np.float32), none.reshape(0, 2))
    labels = np.ascontiguousarray(found.labels[:height, :width])
    return replace(found, labels=labels, soft_edges=soft_edges)
