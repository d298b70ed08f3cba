"""From an image to its parts: :func:`segment`."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import cv2
import numpy as np

from marquery.arrays import BoolArray, UInt8Array
from marquery.errors import UsageError
from marquery.images import ImageLike, to_array
from marquery.segments.background import find_background
from marquery.segments.bands import join_bands, renumber
from marquery.segments.cores import label_cores
from marquery.segments.foreground import foreground_parts
from marquery.segments.formation import CRISP, Formation, find_formation
from marquery.segments.formation_thresholds import faint_step_in, least_step_in, tolerance_in
from marquery.segments.gradients import split_gradients
from marquery.segments.grouping import Group, check_group, group_segments
from marquery.segments.large import from_smaller
from marquery.segments.output import collect_soft_edges, describe_labels, number_labels
from marquery.segments.pieces import settle_soft_pixels, split_pieces
from marquery.segments.regions import assign_regions, find_runs, measure_regions
from marquery.segments.restoring import restore
from marquery.segments.segmentation import Segmentation, SoftEdges
from marquery.segments.settings import DEFAULT_SETTINGS, SegmenterSettings
from marquery.segments.small import from_larger, gains_enlarged, settings_of_larger
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
    """Find the segments of a logo.

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
    pixels: UInt8Array,
    min_area: int,
    tolerance: int | None,
    settings: SegmenterSettings,
    known: Formation = CRISP,
) -> Segmentation:
    """The segments of a uint8 (H, W, 3) picture; by default as it came about.

    Args:
        pixels, min_area, tolerance, settings: see :func:`segment`.
        known: how it came about, if its own edges do not tell.
    """
    planes: Sequence[Any] = cv2.split(pixels)
    labelled, levels = pixels, tolerance

    def find(smaller: UInt8Array) -> Segmentation:
        return _find_segments(smaller, min_area, tolerance, settings)

    formation = find_formation(planes, settings) if tolerance is None else CRISP
    if formation is CRISP:
        formation = known
    if formation is not CRISP:
        if max(pixels.shape) > settings.photo.large_side:
            return from_smaller(pixels, settings.photo.large_side, find)
        if gains_enlarged(pixels, formation, settings):
            return _find_in_larger(pixels, min_area, formation, settings)
        labelled = restore(pixels, formation, settings)
        planes = cv2.split(labelled)
    if levels is None:
        levels = tolerance_in(formation, settings)
    arrived = None if formation is CRISP else pixels
    answer = _segment(labelled, planes, min_area, levels, formation, settings, arrived)
    if answer is None:
        return from_smaller(pixels, settings.photo.side, find)
    found, parted = answer
    if formation is CRISP:
        return found
    chosen = settings.restoring
    overshoot = chosen.sharpened_overshoot if formation.kind == "sharpened" else chosen.overshoot
    depth = math.ceil(formation.edge_width) + (formation.kind in ("sharpened", "dithered"))
    found = join_bands(found, max(2, depth), overshoot, settings.bands, parted)
    return _with_soft_edges(pixels, found, formation, min_area, settings)


def _find_in_larger(
    pixels: UInt8Array, min_area: int, formation: Formation, settings: SegmenterSettings
) -> Segmentation:
    """The segments of a small picture that is not crisp. In the larger copy twice the least area is
    asked for, not four times it: a small shape may gain pixels when it is reduced.
    """
    larger = settings_of_larger(settings, formation.grain)
    known = replace(formation, edge_width=2 * formation.edge_width)
    found = from_larger(
        pixels, min_area, lambda large: _find_segments(large, 2 * min_area, None, larger, known)
    )
    found = replace(found, settings=settings)
    return _with_soft_edges(pixels, found, formation, min_area, settings)


def _with_soft_edges(
    pixels: UInt8Array,
    found: Segmentation,
    formation: Formation,
    min_area: int,
    settings: SegmenterSettings,
) -> Segmentation:
    """Lines moved to equal shares, and soft edges, as the picture shows them."""
    chosen = settings.restoring
    reach = math.ceil(formation.edge_width) + chosen.soft_reach
    labels, soft_edges = find_soft_edges(
        pixels, found.labels, found.count, reach, chosen.min_off, min_area
    )
    return renumber(replace(found, soft_edges=soft_edges), labels)


def _segment(
    pixels: UInt8Array,
    planes: Sequence[Any],
    min_area: int,
    tolerance: int,
    formation: Formation,
    settings: SegmenterSettings,
    arrived: UInt8Array | None,
) -> tuple[Segmentation, BoolArray] | None:
    """The segments of a picture whose edges are steps, and bool (count + 1,): which of them a faint
    edge parts from another. None if it is a photo.

    Args:
        pixels: uint8 (H, W, 3), crisp or restored.
        planes: its red, green and blue.
        min_area, tolerance, settings: see :func:`segment`.
        formation: how it came about.
        arrived: the picture before it was restored; None: it was not.
    """
    height, width = pixels.shape[:2]
    red, green, blue = planes
    marks, rest, seams, count = label_cores(red, green, blue, tolerance, settings.pure_tolerance)
    loose = rest.shape[0] > settings.photo.min_loose_share * height * width
    if loose and count > settings.photo.min_cores and max(height, width) > settings.photo.side:
        return None
    rimmed = _rimmed(pixels)
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
    faint = faint_step_in(formation, settings)
    whole, parted = split_gradients(
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
        least_step_in(formation, settings),
        settings.edges,
        None if arrived is None or faint is None else (_rimmed(arrived), faint),
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
    found = Segmentation(labels, background, is_hole, colors, soft_edges, settings=settings)
    is_parted = np.zeros(number + 1, dtype=np.bool_)
    is_parted[label_of[parted]] = True
    return found, is_parted


def _rimmed(pixels: UInt8Array) -> UInt8Array:
    """uint8 (N, 4): with a rim of one pixel, flattened; four bytes a pixel, to be compared as one
    number.
    """
    opaque = cv2.cvtColor(pixels, cv2.COLOR_RGB2RGBA)
    rimmed = cv2.copyMakeBorder(opaque, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    return np.asarray(rimmed, dtype=np.uint8).reshape(-1, 4)


def _cropped(found: Segmentation, height: int, width: int) -> Segmentation:
    """Cut the doubled row or column of a one-pixel-thin image off again; such an image has no soft
    edges.
    """
    labels = np.ascontiguousarray(found.labels[:height, :width])
    return replace(found, labels=labels, soft_edges=SoftEdges.none())
