"""Results as JSON: every figure, every query, and what is needed to compute them again."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from marquery._version import __version__
from marquery.arrays import AnyArray
from marquery.comparison.methods import MethodResult
from marquery.datasets import LogoSet
from marquery.files import write_atomically


def results_dict(
    rows: Sequence[MethodResult],
    logos: LogoSet,
    protocol: str,
    settings: Mapping[str, Any] | None = None,
    models: Mapping[str, str] | None = None,
    query_paths: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Every figure of every method, with what is needed to compute it again, in values that JSON
    knows.

    Args:
        rows: the methods.
        logos: what was ranked; its fingerprint is written.
        protocol: of all rows.
        settings: what else decides the figures: split, rule for ties, distractors, …
        models: name of a row -> fingerprint of its encoder.
        query_paths: file of each query; default the paths of ``logos``.

    The keys: ``marquery`` (version), ``protocol``, ``settings``, ``data``, ``paths`` (query ->
    file) and ``methods``: name -> :meth:`~marquery.evaluation.RetrievalResult.to_dict`,
    ``embeddings`` (sha256 and shape), ``model``, ``strata``, ``judged``, ``ideas``,
    ``clusters``.
    """
    names = logos.paths if query_paths is None else query_paths
    queries = {int(q) for row in rows for q in row.result.per_query["query"]}
    body: dict[str, Any] = {
        "marquery": __version__,
        "protocol": protocol,
        "settings": dict(settings or {}),
        "data": {"folder": logos.root.name, "logos": len(logos), "sha256": logos.fingerprint()},
        "paths": {str(query): str(names[query]) for query in sorted(queries)},
        "methods": {row.name: _method(row, (models or {}).get(row.name)) for row in rows},
    }
    return body


def write_results(body: Mapping[str, Any], out: Path) -> None:
    """Write :func:`results_dict` as JSON, whole or not at all."""
    text = json.dumps(body, indent=1, allow_nan=False) + "\n"
    write_atomically(out, lambda path: path.write_text(text, encoding="utf-8"))


def _method(row: MethodResult, model: str | None) -> dict[str, Any]:
    plain = row.result.to_dict()
    plain["embeddings"] = {"sha256": _digest(row.vectors), "shape": list(row.vectors.shape)}
    if model is not None:
        plain["model"] = model
    if row.judged:
        plain["judged"] = {name: part.to_dict() for name, part in row.judged.items()}
    if row.ideas is not None:
        plain["ideas"] = row.ideas.to_dict()
    if row.strata:
        plain["strata"] = {name: part.to_dict() for name, part in row.strata.items()}
    if row.clusters:
        plain["clusters"] = dict(row.clusters)
    return plain


def _digest(vectors: AnyArray) -> str:
    """sha256 of the numbers in C order, read some rows at a time."""
    total = hashlib.sha256()
    for start in range(0, len(vectors), 8192):
        total.update(np.ascontiguousarray(vectors[start : start + 8192]).tobytes())
    return total.hexdigest()
