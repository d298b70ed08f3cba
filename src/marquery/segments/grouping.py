"""Segments grouped into parts that a person would name: words, marks."""

from dataclasses import astuple
from typing import Any, Literal, get_args

import numpy as np

from marquery.arrays import Int32Array
from marquery.errors import UsageError
from marquery.segments.glyphs import GlyphNumbers, find_words
from marquery.segments.proximity import join_near
from marquery.segments.segmentation import Segmentation, SoftEdges

Group = Literal["glyphs", "proximity"]


def group_segments(found: Segmentation, how: Group | None) -> Segmentation:
    """Group segments into parts that a person would name.

    Only segments that lie on the same part are grouped, and holes only with holes: the counters of
    a word stay holes that lie on the word, so that what moves the word moves them and what
    recolours it does not fill them.

    Thresholds are those of ``found.settings.grouping``.

    Args:
        found: segments; what is grouped already is grouped anew, from its segments.
        how: ``"glyphs"``: segments of like height and stroke that stand in a line at the distance
            of letters become a word, with its dots, accents and punctuation. ``"proximity"``:
            words, and then segments that touch, or are near each other for their size, become one
            part. None: the segments themselves.

    Returns:
        Parts in reading order of their first pixel, with ``members`` and ``ungrouped``; everything
        else means what it means for segments. Soft edges between members of one part are gone, and
        its colour is the mean of theirs by area.

    Images of more than ``max_segments`` (3000) segments are photos or noise: there each segment is
    a part of its own.

    Raises:
        UsageError: no such way to group.
    """
    check_group(how)
    segments = found.ungrouped or found
    if how is None:
        return segments
    settings = segments.settings.grouping
    if segments.count > settings.max_segments:
        return _join(segments, np.arange(segments.count, dtype=np.int32))
    word, space, tall = find_words(
        segments.boxes,
        segments.area,
        segments.outline,
        segments.colors,
        segments.is_hole,
        segments.parent,
        GlyphNumbers(*astuple(settings.glyphs)),
    )
    if how == "proximity":
        word = join_near(
            segments.labels,
            segments.boxes,
            segments.area,
            segments.is_hole,
            segments.parent,
            segments.depth,
            word,
            space,
            tall,
            settings.distance_map_side,
            settings.reach,
            settings.gap_growth,
        )
    return _join(segments, word)


def check_group(how: Any) -> None:
    """Refuse a way to group that does not exist.

    Raises:
        UsageError: there is no such way.
    """
    if how is not None and how not in get_args(Group):
        raise UsageError(
            "group", f"there is no grouping {how!r}", "give 'glyphs', 'proximity' or None"
        )


def _join(segments: Segmentation, belongs: Int32Array) -> Segmentation:
    """Make one part of all segments that have the same number.

    Args:
        segments: not grouped yet.
        belongs: int (count,), any numbers; those that share one lie on the same part and are all
            holes or none.
    """
    # Labels go by reading order of first pixels, and so do the smallest labels of the parts.
    _, first, part = np.unique(belongs, return_index=True, return_inverse=True)
    rank = np.empty(first.shape[0], dtype=np.int32)
    rank[np.argsort(first)] = np.arange(1, first.shape[0] + 1)
    part_of = np.zeros(segments.count + 1, dtype=np.int32)
    part_of[1:] = rank[part]
    count = first.shape[0]
    members: list[list[int]] = [[] for _ in range(count)]
    for label, number in enumerate(part_of[1:].tolist(), start=1):
        members[number - 1].append(label)

    soft_edges = segments.soft_edges
    top = part_of[segments.labels.reshape(-1)[soft_edges.index]]
    under = part_of[soft_edges.under]
    soft = top != under
    weight = np.bincount(part_of[1:], segments.area, count + 1)[1:]
    colors = [
        np.bincount(part_of[1:], segments.area * segments.colors[:, c], count + 1)[1:] / weight
        for c in range(3)
    ]
    is_hole = np.ones(count + 1, dtype=np.bool_)
    np.logical_and.at(is_hole, part_of[1:], segments.is_hole)
    return Segmentation(
        part_of[segments.labels],
        segments.background,
        is_hole[1:],
        np.rint(np.stack(colors, axis=1)).astype(np.uint8),
        SoftEdges(
            soft_edges.index[soft], under[soft], soft_edges.share[soft], soft_edges.paint[soft]
        ),
        tuple(tuple(held) for held in members),
        segments,
        segments.settings,
    )
