"""Bands of edges that were taken for segments, in pictures that are not crisp.

A thin region whose colour is that of a region beside it, a mix of two, or beyond one of them on
the line from the other is a part of the edge between them: a step of a ramp, a ring of overshoot, a
halo, or a piece of a stroke too thin to reach its own paint. It is joined to the region whose paint
it shows most of. Regions of one paint that a ripple or a stain cut in two are joined again.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numba import njit

from marquery.arrays import BoolArray, Int32Array
from marquery.segments.arrival_settings import BandSettings
from marquery.segments.depth import thick_labels
from marquery.segments.regions import find_runs
from marquery.segments.segmentation import Segmentation
from marquery.segments.stats import contact_pairs
from marquery.segments.union import find_root


def join_bands(
    found: Segmentation,
    max_depth: int,
    overshoot: float,
    settings: BandSettings,
    parted: BoolArray | None = None,
) -> Segmentation:
    """Join bands of edges to the regions they belong to; soft edges are left as they were.

    Args:
        found: a segmentation, not grouped.
        max_depth: pixels; a band is nowhere deeper.
        overshoot: share of an edge's height by which a ring may be beyond a paint.
        settings: thresholds.
        parted: bool (count + 1,), labels that an edge parts from a neighbour, however alike the two
            are on average; None: there are none.
    """
    if parted is None:
        parted = np.zeros(found.count + 1, dtype=np.bool_)
    for _ in range(settings.max_rounds):
        joined = _joined(found, parted, max_depth, overshoot, settings)
        if joined is None:
            break
        if parted.any():
            still = np.zeros(joined.count + 1, dtype=np.bool_)
            still[joined.labels[parted[found.labels]]] = True
            parted = still
        found = joined
    return found


def _joined(
    found: Segmentation,
    parted: BoolArray,
    max_depth: int,
    overshoot: float,
    settings: BandSettings,
) -> Segmentation | None:
    """One round: each band joins one neighbour, which may be a band itself. None if none did."""
    if found.count == 0:
        return None
    thick = thick_labels(found.labels, found.count, max_depth)
    colors = np.concatenate([found.background[None], found.colors]).astype(np.float32)
    first, second, sides = contact_pairs(found.labels, found.count)
    host = _hosts(
        first,
        second,
        sides,
        colors,
        ~thick,
        parted,
        overshoot,
        settings.tolerance,
        settings.same_paint,
        settings.max_mix_error,
        settings.min_contact,
        settings.min_side_contact,
        settings.min_share,
    )
    if (host == np.arange(found.count + 1)).all():
        return None
    return renumber(found, found.labels, host)


def renumber(
    found: Segmentation, labels: Int32Array, host: Int32Array | None = None
) -> Segmentation:
    """A segmentation with other labels, numbered in reading order.

    Args:
        found: tells areas, colours, holes and soft edges.
        labels: int32 (H, W), its labels, some at other pixels.
        host: int32 (count + 1,), the label each label is joined to: a label itself, if to none. A
            joined segment has the colour of its largest member.
    """
    own = host is None
    if host is None:
        host = np.arange(found.count + 1, dtype=np.int32)
    flat = np.ascontiguousarray(labels).reshape(-1)
    renumbered, label_of, count = _renumbered(flat, find_runs(flat), host)
    kept = np.zeros(count, dtype=np.int64)
    by_size = np.arange(found.count) if own else np.argsort(found.area, kind="stable")
    for label in by_size + 1:
        if label_of[label] > 0:
            kept[label_of[label] - 1] = label - 1
    return replace(
        found,
        labels=renumbered.reshape(labels.shape),
        is_hole=found.is_hole[kept],
        colors=found.colors[kept],
        soft_edges=replace(found.soft_edges, under=label_of[found.soft_edges.under]),
    )


@njit(cache=True, nogil=True)
def _hosts(
    first: Any,
    second: Any,
    sides: Any,
    colors: Any,
    thin: Any,
    parted: Any,
    overshoot: float,
    tolerance: float,
    same_paint: float,
    max_mix_error: float,
    min_contact: int,
    min_side_contact: float,
    min_share: float,
) -> Any:
    """int32 (count + 1,): the label each label is joined to."""
    count = colors.shape[0]
    start = np.zeros(count + 1, dtype=np.int64)
    outline = np.zeros(count, dtype=np.int64)
    for k in range(first.shape[0]):
        start[first[k] + 1] += 1
        start[second[k] + 1] += 1
        outline[first[k]] += sides[k]
        outline[second[k]] += sides[k]
    for r in range(count):
        start[r + 1] += start[r]
    near = np.empty(start[count], dtype=np.int32)
    touch = np.empty(start[count], dtype=np.int64)
    fill = start[:-1].copy()
    for k in range(first.shape[0]):
        a, b = first[k], second[k]
        near[fill[a]], touch[fill[a]] = b, sides[k]
        near[fill[b]], touch[fill[b]] = a, sides[k]
        fill[a] += 1
        fill[b] += 1
    parent = np.arange(count, dtype=np.int32)
    limit2 = np.float32(tolerance * tolerance)
    alike2 = np.float32(same_paint * same_paint)
    slack = np.float32(max_mix_error * max_mix_error)
    for r in range(1, count):
        best, best_off = -1, np.float32(1e9)
        for i in range(start[r], start[r + 1]):
            f = near[i]
            if touch[i] < min_contact:
                continue
            d2 = np.float32(0)
            for c in range(3):
                u = colors[r, c] - colors[f, c]
                d2 += u * u
            alike = d2 <= (limit2 if thin[r] else alike2)
            if alike and d2 < best_off and (thin[r] or not (parted[r] or parted[f])):
                best, best_off = f, d2
            if not thin[r]:
                continue
            for j in range(start[r], start[r + 1]):
                g = near[j]
                if g == f or touch[j] < min_side_contact * outline[r]:
                    continue
                length2 = along = np.float32(0)
                for c in range(3):
                    v = colors[g, c] - colors[f, c]
                    length2 += v * v
                    along += (colors[r, c] - colors[f, c]) * v
                if length2 <= limit2:
                    continue
                part = along / length2  # of g
                if part < -overshoot or part > 1 - min_share:
                    continue
                off = d2 - along * part
                if off <= max(limit2, slack * length2) and off < best_off:
                    best, best_off = f, off
        if best >= 0:
            a, b = find_root(parent, r), find_root(parent, best)
            if a != b:
                parent[a] = b
    ground = find_root(parent, 0)
    if ground != 0:
        parent[ground] = 0
        parent[0] = 0
    for r in range(count):
        parent[r] = find_root(parent, r)
    return parent


@njit(cache=True, nogil=True)
def _renumbered(labels: Any, starts: Any, host: Any) -> Any:
    """The labels, numbered anew in reading order; the new label of each; how many there are.

    Args:
        labels: int32, a flattened map.
        starts: int32, where runs of one label start, from :func:`find_runs`.
        host: int32, the label each label is joined to.
    """
    out = np.empty_like(labels)
    label_of = np.full(host.shape[0], -1, dtype=np.int32)
    label_of[0] = 0
    count = 0
    for k in range(starts.shape[0] - 1):
        r = labels[starts[k]]
        if label_of[r] < 0:
            h = host[r]
            if label_of[h] < 0:
                count += 1
                label_of[h] = count
            label_of[r] = label_of[h]
        out[starts[k] : starts[k + 1]] = label_of[r]
    return out, label_of, count
