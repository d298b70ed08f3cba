"""From finished runs to the table: every row's figures, and the differences that were asked
about.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from marquery.arrays import Float64Array
from marquery.datasets.strata import pair_strata
from marquery.paper.reproduce.intervals import Estimate
from marquery.paper.reproduce.material import Material
from marquery.paper.reproduce.panels import Panel, make_panels
from marquery.paper.reproduce.rows import Row, Scale
from marquery.paper.reproduce.run import Task, pair_scores_of, read_result, scores_of
from marquery.paper.reproduce.scores import METRICS, Scores

#: What the experiment asks: words, a row, and the row that it is compared with.
QUESTIONS = (
    ("segment colour over image level", "smoothap-color", "smoothap-image"),
    ("the same, triplet, with removal", "triplet-color-remove", "triplet-image"),
    ("segment colour over no augmentation", "smoothap-color", "smoothap-none"),
    ("segment removal over no augmentation", "smoothap-remove", "smoothap-none"),
    ("segment rotation over no augmentation", "smoothap-rotate", "smoothap-none"),
    ("segment scaling over no augmentation", "smoothap-scale", "smoothap-none"),
    ("image level over no augmentation", "smoothap-image", "smoothap-none"),
    ("Smooth-AP over triplet, no augmentation", "smoothap-none", "triplet-none"),
    ("Smooth-AP over triplet, image level", "smoothap-image", "triplet-image"),
    (
        "Smooth-AP over triplet, segment colour + removal",
        "smoothap-color-remove",
        "triplet-color-remove",
    ),
    ("segment colour over colour jitter", "smoothap-color", "smoothap-jitter"),
    ("segment colour over channel shuffle", "smoothap-color", "smoothap-shuffle"),
    ("segment colour over strong colour jitter", "smoothap-color", "smoothap-photometric"),
    (
        "segment colour on top of strong colour jitter",
        "smoothap-color-photometric",
        "smoothap-photometric",
    ),
    ("segment colour over RandAugment", "smoothap-color", "smoothap-randaugment"),
)


@dataclass(frozen=True)
class RowFigures:
    """One row: panel -> metric -> estimate."""

    row: Row
    seeds: tuple[int, ...]
    figures: dict[str, dict[str, Estimate]]
    cpu_seconds: float
    """Mean of a run."""


@dataclass(frozen=True)
class Answer:
    """A paired difference of mAP, panel -> estimate."""

    question: str
    ours: str
    other: str
    seeds: int
    differences: dict[str, Estimate]


@dataclass(frozen=True)
class Results:
    """All that the page, the CSV, the JSON and the plot show."""

    scale: Scale
    data: dict[str, str]
    logos: dict[str, int]
    panels: list[Panel]
    rows: list[RowFigures]
    answers: list[Answer]
    provenance: dict[str, Any]
    """Model, batch and optimiser that all rows share, versions, device."""


def build_table(done: Sequence[Task], material: Material, scale: Scale) -> Results:
    """Average finished runs over seeds and put rows side by side.

    Args:
        done: finished runs, at least one.
        material: the logos that they ranked.
        scale: at which they ran.
    """
    pairs = pair_strata(material.test)
    scores = {
        (task.row.key, task.seed): scores_of(task, material) | pair_scores_of(task, material, pairs)
        for task in done
    }
    results = {(task.row.key, task.seed): read_result(task) for task in done}
    panels = make_panels(next(iter(scores.values())), material)
    rows = []
    for row in sorted({task.row.key: task.row for task in done}.values(), key=lambda r: r.order):
        seeds = tuple(sorted(seed for key, seed in scores if key == row.key))
        runs = [scores[row.key, seed] for seed in seeds]
        seconds = [results[row.key, seed]["cpu_seconds"] for seed in seeds]
        rows.append(RowFigures(row, seeds, _figures(runs, panels), float(np.mean(seconds))))
    answers = [_answer(*asked, scores, panels) for asked in QUESTIONS]
    first = done[0]
    return Results(
        scale=scale,
        data=material.fingerprints(),
        logos={
            "training": len(material.training),
            "validation": len(material.validation),
            "test": len(material.test),
            "edits": len(material.edits.files) if material.edits else 0,
        },
        panels=panels,
        rows=rows,
        answers=[answer for answer in answers if answer is not None],
        provenance={
            "steps": first.recipe.steps,
            "precision": first.recipe.precision,
            **{
                part: getattr(first.recipe, part).model_dump(mode="json")
                for part in ("model", "batch", "optimizer")
            },
            **{key: results[first.row.key, first.seed][key] for key in ("packages", "device")},
        },
    )


def _figures(runs: Sequence[Scores], panels: Sequence[Panel]) -> dict[str, dict[str, Estimate]]:
    return {
        panel.key: {
            metric: panel.resampling.estimate(np.stack([_values(r, panel, metric) for r in runs]))
            for metric in METRICS
        }
        for panel in panels
    }


def _answer(
    question: str,
    ours: str,
    other: str,
    scores: dict[tuple[str, int], Scores],
    panels: Sequence[Panel],
) -> Answer | None:
    seeds = [seed for key, seed in scores if key == ours and (other, seed) in scores]
    differences = {}
    for panel in panels:
        mine, theirs = (
            {seed: _values(scores[key, seed], panel, "map") for seed in seeds}
            for key in (ours, other)
        )
        found = panel.resampling.difference(mine, theirs)
        if found is not None:
            differences[panel.key] = found
    return Answer(question, ours, other, len(seeds), differences) if seeds else None


def _values(scores: Scores, panel: Panel, metric: str) -> Float64Array:
    return scores[panel.source][METRICS[metric]][panel.rows].astype(np.float64)
