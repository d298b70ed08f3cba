"""Scores of logos in all conditions, and their table."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

import marquery as mq
from marquery.augment import functional as F
from marquery.datasets.openlogos.arrivals import CONDITIONS, Condition
from segmentation.methods import OURS, Method, methods_in, ours
from segmentation.sample import Logo
from segmentation.scores import adjusted_rand, found_flags, matched, new_color
from segmentation.sources import Source, load_source

# A pixel is residue where it is farther from the reference than this, in levels.
_GHOST_LEVELS = 24
_GROWN = np.ones((5, 5), dtype=np.uint8)  # by 2 px
# New colours are of the web palette, so that a GIF of it can show them.
_WEB_STEP = 51
_MEANS = ("ari", "too_many", "holes", "ghost", "recolor")


@dataclass(frozen=True)
class Arrivals:
    """What is scored: pictures of one size, in some conditions, by some methods."""

    side: int
    conditions: tuple[str, ...]
    methods: tuple[str, ...]
    with_edits: bool
    cache: Path


def score_arrivals(logos: Sequence[Logo], plan: Arrivals) -> list[dict]:
    """One record a logo; of a logo that cannot be scored, why."""
    cv2.setNumThreads(1)
    records = []
    for logo in logos:
        record = {"path": logo.path, "kind": logo.kind}
        try:
            record["scores"] = _score(load_source(logo, plan.side, plan.cache), plan)
        except ValueError as error:  # one drawing out of thousands must not end a run of hours
            record["failed"] = str(error)
        records.append(record)
    return records


def _score(source: Source, plan: Arrivals) -> dict:
    if not (source.truth.labels > 0).any():
        raise ValueError("nothing of it is large enough at this size")
    scores: dict = {}
    for name in plan.conditions:
        condition = CONDITIONS[name]
        pixels, truth = source.picture(condition), source.labels(condition)
        foreground = truth > 0
        methods = {OURS: ours} if plan.methods == (OURS,) else methods_in(name)
        for method in plan.methods:
            start = time.process_time()
            found = methods[method](pixels)
            spent = time.process_time() - start
            row: dict = {
                "ms": 1000 * spent,
                "too_many": len(np.unique(found[found > 0])) - source.truth.count,
            }
            if len(np.unique(truth[foreground])) > 1:
                row["ari"] = adjusted_rand(truth[foreground], found[foreground])
            if not condition.turns:
                row["holes"] = found_flags(source.truth, found, source.truth.is_hole)
            if plan.with_edits:
                row["edits"] = _edits(source, condition, pixels, found, methods[method])
            scores.setdefault(name, {})[method] = row
    return scores


def _edits(
    source: Source, condition: Condition, pixels: np.ndarray, found: np.ndarray, method: Method
) -> list[dict]:
    """Ghost and error of recolouring of each shape to be edited that was found."""
    rows = []
    segmentation = mq.segment(pixels) if method is ours else None
    for shape in source.edits.shapes:
        mask = source.mask(condition, shape)
        label = matched(mask, found) if mask.any() else 0
        row: dict = {"found": label > 0}
        rows.append(row)
        if label == 0:
            continue
        own = found == label
        color = _WEB_STEP * np.rint(new_color(shape) / _WEB_STEP).astype(np.int64)
        if segmentation is not None:
            removed = F.remove(pixels, segmentation, [label])
            paint = tuple(int(c) for c in color)
            recolored = F.recolor(pixels, segmentation, {label: paint})
        else:
            ring = (cv2.dilate(own.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0) & ~own
            below = np.median(pixels[ring], axis=0) if ring.any() else pixels[0, 0]
            removed = np.where(own[..., None], below, pixels)
            recolored = np.where(own[..., None], color, pixels)
        footprint = source.footprint(condition, shape)
        grown = cv2.dilate(footprint.astype(np.uint8), _GROWN) > 0
        repainted = source.repainted(condition, shape, color)
        row["recolor"] = float(np.abs(recolored[grown].astype(float) - repainted[grown]).mean())
        if shape.beneath != "unknown":
            gone = source.repainted(condition, shape, shape.below)
            off = np.abs(removed[grown].astype(float) - gone[grown]).max(axis=1)
            row["ghost"] = float((off > _GHOST_LEVELS).sum() / footprint.sum())
    return rows


def condition_rows(records: Sequence[dict]) -> list[dict]:
    """One row for each kind of logo, condition and method, with the mean over logos of each
    measure, and the median of the segments too many.
    """
    rows = []
    chosen = [r for r in records if "scores" in r]
    kinds = list(dict.fromkeys(r["kind"] for r in chosen))
    real = [k for k in kinds if k != "scenes"]
    groups = [(k, (k,)) for k in kinds] + ([("logos", tuple(real))] if len(real) > 1 else [])
    for title, members in groups:
        mine = [r["scores"] for r in chosen if r["kind"] in members]
        for condition in mine[0]:
            for method in mine[0][condition]:
                scores = [s[condition][method] for s in mine]
                row = {"kind": title, "condition": condition, "method": method, "n": len(scores)}
                for measure in _MEANS:
                    values = [v for s in scores for v in _values(s, measure)]
                    if values:
                        row[measure] = float(np.mean(values))
                row["too_many_median"] = float(np.median([s["too_many"] for s in scores]))
                row["ms"] = float(np.median([s["ms"] for s in scores]))
                rows.append(row)
    return rows


def _values(scores: dict, measure: str) -> list[float]:
    """What one logo adds to a mean: nothing, or one number."""
    if measure == "holes":
        return [float(np.mean(scores["holes"]))] if scores.get("holes") else []
    if measure in ("ghost", "recolor"):
        values = [e[measure] for e in scores.get("edits", []) if measure in e]
        return [float(np.mean(values))] if values else []
    return [float(scores[measure])] if measure in scores else []


def print_conditions(rows: Sequence[dict]) -> None:
    """A table for each kind of logo: conditions and methods down, measures across."""
    for kind in dict.fromkeys(r["kind"] for r in rows):
        mine = [r for r in rows if r["kind"] == kind]
        print(f"\n{kind}, {mine[0]['n']} logos")
        print(
            f"  {'condition':18s} {'method':22s} {'ARI':>6s} {'median':>7s} {'mean':>7s} "
            f"{'holes':>6s} {'ghost':>7s} {'recolour':>8s} {'ms':>6s}"
        )
        for row in mine:
            print(
                f"  {row['condition']:18s} {row['method']:22s} {row.get('ari', np.nan):6.3f} "
                f"{row['too_many_median']:+7.1f} {row['too_many']:+7.1f} "
                f"{row.get('holes', np.nan):6.3f} {row.get('ghost', np.nan):7.2%} "
                f"{row.get('recolor', np.nan):8.2f} {row['ms']:6.2f}"
            )
