"""Encoders and the simple rivals, ranked on the same logos, as one table."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from marquery.datasets import LogoSet
from marquery.datasets.edit_set import EditSet
from marquery.encoder import Embedder, LogoEncoder, PerceptualHash, PixelBaseline
from marquery.evaluation import RetrievalResult, evaluate
from marquery.files import write_atomically
from marquery.progress import progress_bar

UNTRAINED = "ImageNet features"
PIXELS = "16×16 grey pixels"
HASH = "perceptual hash"
_WIDE = Console(width=500)


@dataclass(frozen=True)
class Row:
    """One method's result, and its embeddings for pictures."""

    name: str
    result: RetrievalResult
    vectors: npt.NDArray[np.float32]


def baseline_embedders(image_size: int) -> dict[str, Embedder]:
    """The rivals of every table: untrained ImageNet features at the same size, grey pixels, a hash."""
    untrained = LogoEncoder.create(
        "tf_efficientnet_lite0", dim=None, image_size=image_size, pretrained=True
    )
    return {UNTRAINED: untrained, PIXELS: PixelBaseline(), HASH: PerceptualHash()}


def compare(
    encoders: Mapping[str, LogoEncoder],
    logos: LogoSet,
    protocol: str = "standard",
    baselines: bool = True,
) -> list[Row]:
    """Rank every logo of a set among the others by each encoder, and by the rivals.

    Args:
        encoders: name -> encoder.
        logos: queries and gallery at once.
        protocol: ``standard``, ``metu`` or ``upstream``.
        baselines: add the rivals, at the input size of the first encoder; they come first.

    Returns:
        One row a method, with means, 95 % intervals over groups and, where the set has several
        namespaces, the same for each namespace apart.
    """
    methods = _with_rivals(encoders, baselines)
    strata = logos.namespaces if len(set(logos.namespaces)) > 1 else None
    files = logos.files()
    rows = []
    for name, method in methods.items():
        vectors = _embed(name, method, files)
        result = evaluate(vectors, logos.groups, protocol=protocol, strata=strata)
        rows.append(Row(name, result, vectors))
    return rows


def compare_edits(
    encoders: Mapping[str, LogoEncoder], logos: LogoSet, edits: EditSet, baselines: bool = True
) -> list[Row]:
    """Rank the logos of a split for every edited logo: the logo that it was made from alone is relevant.

    The other logos of its brand are left out of the ranking. Strata are kind and strength of the edit.
    """
    rows = []
    for name, method in _with_rivals(encoders, baselines).items():
        vectors = _embed(name, method, edits.files)
        result = evaluate(
            vectors,
            [logos.paths[i] for i in edits.sources],
            _embed(name, method, logos.files()),
            logos.paths,
            rank_queries=False,
            exclude=edits.excluded,
            strata=edits.strata,
        )
        rows.append(Row(name, result, vectors))
    return rows


def _with_rivals(encoders: Mapping[str, LogoEncoder], baselines: bool) -> dict[str, Embedder]:
    size = next(iter(encoders.values())).image_size if encoders else 128
    return {**(baseline_embedders(size) if baselines else {}), **encoders}


def _embed(name: str, method: Embedder, files: Sequence[Path]) -> npt.NDArray[np.float32]:
    with progress_bar(f"embedding by {name}", len(files)) as advance:
        return method.embed(files, advance)


def table_rows(rows: Sequence[Row]) -> list[tuple[str, list[tuple[str, RetrievalResult]]]]:
    """The table's sections: title and (method, result) pairs; all queries first, then each stratum."""
    first = rows[0].result
    sections = [(f"all {_counts(first)}", [(row.name, row.result) for row in rows])]
    for stratum, part in first.by_stratum.items():
        pairs = [(row.name, row.result.by_stratum[stratum]) for row in rows]
        sections.append((f"{stratum} {_counts(part)}", pairs))
    return sections


def show(result: RetrievalResult, metric: str) -> tuple[str, str]:
    """A mean and its 95 % interval as text; the interval is empty where there is none."""
    value = f"{result.means[metric]:.3f}"
    if metric not in result.intervals:
        return value, ""
    low, high = result.intervals[metric]
    return value, f"{low:.3f}–{high:.3f}"


def print_table(rows: Sequence[Row]) -> None:
    """Print NAR, mAP and recalls, with intervals for the first two, to standard output."""
    for title, pairs in table_rows(rows):
        recalls = [f"recall@{k}" for k in pairs[0][1].recall]
        table = Table(title=title, title_justify="left", box=None, pad_edge=False)
        table.add_column("method", no_wrap=True)
        for name in (
            "NAR ↓",
            "95 %",
            "mAP ↑",
            "95 %",
            *(r.replace("recall", "R") for r in recalls),
        ):
            table.add_column(name, justify="right", no_wrap=True)
        for name, result in pairs:
            cells = [*show(result, "nar"), *show(result, "map")]
            table.add_row(name, *cells, *(f"{result.means[r]:.3f}" for r in recalls))
        _print_whole(table)


def print_edits(rows: Sequence[Row]) -> None:
    """Print mAP of each method on all edits and on each kind and strength."""
    first = rows[0].result
    strata = list(first.by_stratum)
    table = Table(
        title=f"edits: mAP {_counts(first)}", title_justify="left", box=None, pad_edge=False
    )
    table.add_column("method", no_wrap=True)
    for name in ("all", *strata):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        parts = [row.result, *(row.result.by_stratum[name] for name in strata)]
        table.add_row(row.name, *(f"{part.map:.3f}" for part in parts))
    _print_whole(table)


def _print_whole(table: Table) -> None:
    """Print a table as wide as it must be: a narrow terminal may wrap a line, but no figure is cut."""
    needed = Measurement.get(_WIDE, _WIDE.options, table).maximum
    console = Console(width=max(needed, Console().width))
    console.print(table)
    console.print()


def write_results(rows: Sequence[Row], logos: LogoSet, protocol: str, out: Path) -> None:
    """Write every figure of every method to JSON, with what is needed to compute it again."""
    body: dict[str, Any] = {
        "protocol": protocol,
        "data": {"folder": logos.root.name, "logos": len(logos), "sha256": logos.fingerprint()},
        "methods": {row.name: row.result.to_dict() for row in rows},
    }
    text = json.dumps(body, indent=1) + "\n"
    write_atomically(out, lambda path: path.write_text(text, encoding="utf-8"))


def _counts(result: RetrievalResult) -> str:
    c = result.counts
    return f"({c['queries']:,} queries, {c['groups']:,} groups, among {c['ranked']:,} logos)"
