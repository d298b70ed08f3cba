"""What each query of each set scored: kept per run, so that intervals need no model."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from marquery.arrays import Float32Array, Int32Array
from marquery.datasets.strata import STRATA, PairStrata
from marquery.evaluation import evaluate, evaluate_edited
from marquery.evaluation.strata import evaluate_pairs
from marquery.files import write_atomically
from marquery.paper.reproduce.material import Material

#: Metric -> its per-query column.
METRICS = {"nar": "nar", "map": "ap", "recall@1": "recall@1"}
#: Namespace that the headline of *cross* is of, where the set has it.
HEADLINE = "brand"

Columns = Mapping[str, Float32Array | Int32Array]
Scores = dict[str, Columns]


def score(test: Float32Array, edits: Float32Array, of: Material) -> Scores:
    """Rank both sets of queries, protocol ``standard``.

    Args:
        test: (N, D) embeddings of the test logos.
        edits: (Q, D) embeddings of the edited logos; (0, D) where there are none.
        of: whose groups decide what is relevant.

    Returns:
        ``cross`` (a brand's other logos are relevant) and, where there are edits, ``edits`` (the
        source alone is relevant, the brand's others are left out): ``query`` int32 (S,), indices of
        the scored queries, and float32 (S,) columns ``nar``, ``ap``, ``recall@1``.
    """
    scores = {"cross": _columns(evaluate(test, of.test.groups, ks=(1,), bootstrap=0).per_query)}
    if of.edits is not None:
        sources, excluded = of.edits.sources, of.edits.excluded
        found = evaluate_edited(edits, test, of.test.paths, sources, excluded, ks=(1,), bootstrap=0)
        scores["edits"] = _columns(found.per_query)
    return scores


def score_pairs(test: Float32Array, of: Material, pairs: PairStrata) -> Scores:
    """The same for each stratum of *cross*: only logos that differ from the query in that way are
    relevant.

    Of a set with crypto tokens the brands alone are asked.

    Args:
        test: (N, D) embeddings of the test logos.
        of: whose groups and namespaces are used.
        pairs: the strata of the test logos' pairs.

    Returns:
        ``pairs/STRATUM`` -> columns as of :func:`score`.
    """
    asked = of.test.namespaces == HEADLINE
    found = evaluate_pairs(
        test,
        of.test.groups,
        pairs.first,
        pairs.second,
        pairs.stratum,
        queries=asked if asked.any() else None,
        ks=(1,),
        bootstrap=0,
    )
    return {f"pairs/{name}": _columns(found[name].per_query) for name in STRATA if name in found}


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
    scores: dict[str, dict[str, Float32Array]] = {}
    with np.load(path, allow_pickle=False) as flat:
        for name in flat.files:
            which, _, key = name.rpartition("/")
            scores.setdefault(which, {})[key] = flat[name]
    return dict(scores)
