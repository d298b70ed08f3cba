"""What each query of each set scored: kept per run, so that intervals need no model."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from marquery.evaluation import evaluate
from marquery.files import write_atomically
from marquery.reproduce.material import Material

#: Metric -> its per-query column.
METRICS = {"nar": "nar", "map": "ap", "recall@1": "recall@1"}

Columns = Mapping[str, npt.NDArray[np.float32] | npt.NDArray[np.int32]]
Scores = dict[str, Columns]


def score(test: npt.NDArray[np.float32], edits: npt.NDArray[np.float32], of: Material) -> Scores:
    """Rank both sets of queries, protocol ``standard``.

    Args:
        test: (N, D) embeddings of the test logos.
        edits: (Q, D) embeddings of the edited logos; (0, D) where there are none.
        of: whose groups decide what is relevant.

    Returns:
        ``cross`` (a brand's other logos are relevant) and, where there are edits, ``edits`` (the source alone
        is relevant, the brand's others are left out): ``query`` int32 (S,), indices of the scored queries, and
        float32 (S,) columns ``nar``, ``ap``, ``recall@1``.
    """
    scores = {"cross": _columns(evaluate(test, of.test.groups, ks=(1,), bootstrap=0).per_query)}
    if of.edits is not None:
        found = evaluate(
            edits,
            [of.test.paths[i] for i in of.edits.sources],
            test,
            of.test.paths,
            rank_queries=False,
            exclude=of.edits.excluded,
            ks=(1,),
            bootstrap=0,
        )
        scores["edits"] = _columns(found.per_query)
    return scores


def _columns(per_query: Mapping[str, npt.NDArray[np.generic]]) -> Columns:
    wanted = {name: per_query[name].astype(np.float32) for name in METRICS.values()}
    return {"query": per_query["query"].astype(np.int32), **wanted}


def save_scores(scores: Scores, path: Path) -> None:
    """Write scores as compressed numpy arrays."""
    flat: dict[str, Any] = {
        f"{name}/{key}": c for name, columns in scores.items() for key, c in columns.items()
    }
    write_atomically(path, lambda out: np.savez_compressed(out, **flat))


def load_scores(path: Path) -> Scores:
    """Read what :func:`save_scores` wrote."""
    scores: dict[str, dict[str, npt.NDArray[np.float32]]] = {}
    with np.load(path, allow_pickle=False) as flat:
        for name in flat.files:
            which, _, key = name.partition("/")
            scores.setdefault(which, {})[key] = flat[name]
    return dict(scores)
