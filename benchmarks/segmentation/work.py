"""Scores of many logos, in parallel."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from segmentation.methods import all_methods, edit_method
from segmentation.sample import Logo
from segmentation.scores import adjusted_rand, edit_scores, fates, found_flags
from segmentation.truths import encoded, load_case

TRUE_MASK = "true mask, filled"
#: A gradient is a well-posed segment if this share of its outline can be seen.
VISIBLE_SHARE = 0.95


@dataclass(frozen=True)
class Plan:
    """What is scored at one size."""

    side: int
    forms: tuple[str, ...]
    methods: tuple[str, ...]
    with_edits: bool
    cache: Path


def score_logos(logos: Sequence[Logo], plan: Plan) -> list[dict]:
    """One record a logo; of a logo that cannot be scored, why."""
    cv2.setNumThreads(1)
    records = []
    for logo in logos:
        record = {"path": logo.path, "kind": logo.kind, "side": plan.side}
        try:
            record |= _score(logo, plan)
        except (
            Exception
        ) as error:  # one drawing out of thousands must not end a run of hours; it is told
            record["failed"] = f"{type(error).__name__}: {error}"
        records.append(record)
    return records


def _score(logo: Logo, plan: Plan) -> dict:
    record: dict = {}
    case = load_case(logo, plan.side, plan.with_edits, plan.cache)
    truth = case.truth
    foreground = truth.labels > 0
    if not foreground.any():
        return {"failed": "nothing of it is large enough at this size"}
    known = truth.labels >= 0
    record["segments"] = truth.count
    visible = truth.visible >= VISIBLE_SHARE
    record["scores"] = {}
    for form in plan.forms:
        image = encoded(case.pixels, form)
        methods = {name: m for name, m in all_methods(form).items() if name in plan.methods}
        for name, method in methods.items():
            start = time.process_time()
            found = method(image)
            spent = time.process_time() - start
            scores: dict = {
                "all": adjusted_rand(truth.labels[known], found[known]),
                "seconds": spent,
                "count": len(np.unique(found[found > 0])),
                "gradients": found_flags(truth, found, truth.is_gradient, ground_counts=True),
                "visible": found_flags(
                    truth, found, truth.is_gradient & visible, ground_counts=True
                ),
                "fates": fates(truth, found, truth.is_gradient & visible),
                "fates_unseen": fates(truth, found, truth.is_gradient & ~visible),
                "holes": found_flags(truth, found, truth.is_hole),
            }
            if truth.count > 1:
                scores["foreground"] = adjusted_rand(truth.labels[foreground], found[foreground])
            if case.edits is not None and plan.with_edits:
                scores["edits"] = edit_scores(case.edits, form, edit_method(name, method))
            record["scores"].setdefault(form, {})[name] = scores
        if case.edits is not None and plan.with_edits:
            record["scores"][form][TRUE_MASK] = {"edits": edit_scores(case.edits, form, None)}
    if case.edits is not None and plan.with_edits:
        record["shapes"] = [len(case.edits.shapes), case.edits.fit, case.edits.unfit]
    return record
