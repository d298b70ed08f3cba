"""Encoders and the simple rivals, ranked on the same logos, as one table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from marquery.arrays import BoolArray, Float32Array
from marquery.datasets import LogoSet
from marquery.datasets.alike import JudgedPairs
from marquery.datasets.edit_set import EditSet
from marquery.datasets.strata import STRATA, PairStrata
from marquery.encoder import Embedder, LogoEncoder, PerceptualHash, PixelBaseline
from marquery.evaluation import RetrievalResult, evaluate, evaluate_edited, evaluate_pairs
from marquery.evaluation.clusters import distance_ratio, normalised_mutual_information
from marquery.evaluation.protocols import Ties
from marquery.progress import progress_bar

UNTRAINED = "ImageNet features"
PIXELS = "16×16 grey pixels"
HASH = "perceptual hash"
#: Namespace that the headline is of, in a set that has it.
HEADLINE = "brand"
#: Of the brands that were looked at: all their pairs, and those that a person calls alike.
ALL_PAIRS, ALIKE = "all pairs", "pairs called alike"
_WIDE = Console(width=500)


@dataclass(frozen=True)
class How:
    """How logos are ranked and what is measured.

    Attributes:
        protocol: ``standard``, ``metu`` or ``upstream``.
        ties: ``best``, ``mean`` or ``worst`` in place of the protocol's rule.
        queries: bool (N,), which logos are queries; None: all.
        pairs: strata of the pairs, for figures by stratum.
        clusters: also measure how the embeddings cluster.
        judged: pairs that were looked at, for figures of the brands that they are of.
    """

    protocol: str = "standard"
    ties: Ties | None = None
    queries: BoolArray | None = None
    pairs: PairStrata | None = None
    clusters: bool = False
    judged: JudgedPairs | None = None


@dataclass(frozen=True)
class Row:
    """One method's result, and its embeddings for pictures.

    Attributes:
        strata: stratum of the pairs -> result; of the headline's queries where the set has namespaces.
        clusters: ``distance_ratio`` and ``nmi``, where they were asked for.
        judged: ``all pairs`` and ``pairs called alike`` of the brands that were looked at -> result.
    """

    name: str
    result: RetrievalResult
    vectors: Float32Array
    strata: Mapping[str, RetrievalResult] = field(default_factory=dict)
    clusters: Mapping[str, float] = field(default_factory=dict)
    judged: Mapping[str, RetrievalResult] = field(default_factory=dict)


def baseline_embedders(image_size: int, stack_lockups: bool = False) -> dict[str, Embedder]:
    """The rivals of every table: untrained ImageNet features of the same squares, grey pixels, a hash."""
    untrained = LogoEncoder.create(
        "tf_efficientnet_lite0",
        dim=None,
        image_size=image_size,
        stack_lockups=stack_lockups,
        pretrained=True,
    )
    return {UNTRAINED: untrained, PIXELS: PixelBaseline(), HASH: PerceptualHash()}


def compare(
    encoders: Mapping[str, LogoEncoder],
    logos: LogoSet,
    protocol: str = "standard",
    baselines: bool = True,
    how: How | None = None,
) -> list[Row]:
    """Rank every logo of a set among the others by each encoder, and by the rivals.

    Args:
        encoders: name -> encoder.
        logos: queries and gallery at once.
        protocol: ``standard``, ``metu`` or ``upstream``; ``how`` comes before it.
        baselines: add the rivals, untrained features of the squares that the first encoder sees; they come first.
        how: more ways to rank.

    Returns:
        One row a method, with means, 95 % intervals over groups and, where the set has several
        namespaces, the same for each namespace apart.
    """
    files = logos.files()
    return [
        rank_logos(name, _embed(name, method, files), logos, how or How(protocol))
        for name, method in _with_rivals(encoders, baselines).items()
    ]


def rank_logos(name: str, vectors: Float32Array, logos: LogoSet, how: How) -> Row:
    """Rank the logos of a set among each other by their embeddings (N, D).

    Queries are numbered as in the set. Figures by stratum are of the namespace ``brand`` where the set has it.

    Args:
        name: of the method.
        vectors: float32 (N, D), of length 1.
        logos: the set, N logos.
        how: protocol and what is measured.
    """
    spaces = logos.namespaces
    several = len(set(spaces.tolist())) > 1
    asked = np.ones(len(logos), np.bool_) if how.queries is None else how.queries
    chosen = np.flatnonzero(asked)
    rest = np.flatnonzero(~asked)
    result = evaluate(
        vectors[chosen] if len(rest) else vectors,
        logos.groups[chosen],
        vectors[rest] if len(rest) else None,
        logos.groups[rest] if len(rest) else None,
        protocol=how.protocol,
        strata=spaces[chosen] if several else None,
        ties=how.ties,
    )
    result.per_query["query"] = chosen[result.per_query["query"]]
    strata: dict[str, RetrievalResult] = {}
    if how.pairs is not None:
        strata = evaluate_pairs(
            vectors,
            logos.groups,
            how.pairs.first,
            how.pairs.second,
            how.pairs.stratum,
            protocol=how.protocol,
            queries=asked & (spaces == HEADLINE) if HEADLINE in spaces else asked,
            ties=how.ties,
        )
    clusters = {}
    if how.clusters:
        some, groups = vectors[chosen], logos.groups[chosen]
        clusters["distance_ratio"] = distance_ratio(some, groups)
        clusters["nmi"] = normalised_mutual_information(some, groups)
    return Row(
        name,
        result,
        vectors,
        {s: strata[s] for s in STRATA if s in strata},
        clusters,
        {} if how.judged is None else _rank_judged(vectors, logos, how, how.judged),
    )


def _rank_judged(
    vectors: Float32Array, logos: LogoSet, how: How, judged: JudgedPairs
) -> dict[str, RetrievalResult]:
    found: dict[str, RetrievalResult] = {}
    for title, rows in ((ALL_PAIRS, np.ones(len(judged), np.bool_)), (ALIKE, judged.alike)):
        one, two = judged.first[rows], judged.second[rows]
        found |= evaluate_pairs(
            vectors,
            logos.groups,
            one,
            two,
            [title] * len(one),
            protocol=how.protocol,
            queries=how.queries,
            ties=how.ties,
        )
    return found


def compare_edits(
    encoders: Mapping[str, LogoEncoder], logos: LogoSet, edits: EditSet, baselines: bool = True
) -> list[Row]:
    """Rank the logos of a split for every edited logo: the logo that it was made from alone is relevant.

    The other logos of its brand are left out of the ranking. Strata are kind and strength of the edit.

    Args:
        encoders: by name.
        logos: the split.
        edits: the edited logos.
        baselines: also rank by the simple baselines.
    """
    rows = []
    for name, method in _with_rivals(encoders, baselines).items():
        vectors = _embed(name, method, edits.files)
        gallery = _embed(name, method, logos.files())
        result = evaluate_edited(
            vectors, gallery, logos.paths, edits.sources, edits.excluded, strata=edits.strata
        )
        rows.append(Row(name, result, vectors))
    return rows


def _with_rivals(encoders: Mapping[str, LogoEncoder], baselines: bool) -> dict[str, Embedder]:
    if not baselines:
        return dict(encoders)
    if not encoders:
        return baseline_embedders(128)
    first = next(iter(encoders.values())).spec
    return {**baseline_embedders(first.image_size, first.stack_lockups), **encoders}


def _embed(name: str, method: Embedder, files: Sequence[Path]) -> Float32Array:
    with progress_bar(f"embedding by {name}", len(files)) as advance:
        return method.embed(files, progress=advance)


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
        print_whole(table)


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
    print_whole(table)


def print_strata(rows: Sequence[Row]) -> None:
    """Print mAP and its interval of each method on each stratum of the pairs."""
    strata = list(dict.fromkeys(s for row in rows for s in row.strata))
    title = "by what sets query and answer apart: mAP, 95 %"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("method", no_wrap=True)
    for name in strata:
        queries = next(row.strata[name].counts["queries"] for row in rows if name in row.strata)
        table.add_column(f"{name} ({queries:,})", justify="right", no_wrap=True)
    for row in rows:
        cells = [" ".join(show(row.strata[s], "map")) if s in row.strata else "" for s in strata]
        table.add_row(row.name, *cells)
    print_whole(table)


def print_judged(rows: Sequence[Row]) -> None:
    """Print NAR, mAP and Recall@1 of each method on the brands that were looked at."""
    table = Table(
        title="brands that were looked at, 95 %", title_justify="left", box=None, pad_edge=False
    )
    for name in ("pairs", "method"):
        table.add_column(name, no_wrap=True)
    for name in ("NAR ↓", "mAP ↑", "R@1 ↑"):
        table.add_column(name, justify="right", no_wrap=True)
    for title in (ALL_PAIRS, ALIKE):
        for row in rows:
            if title in row.judged:
                found = row.judged[title]
                queries = f"{title} ({found.counts['queries']:,} queries)"
                cells = [" ".join(show(found, key)) for key in ("nar", "map", "recall@1")]
                table.add_row(queries, row.name, *cells)
    print_whole(table)


def print_clusters(rows: Sequence[Row]) -> None:
    """Print the distance ratio and NMI of each method."""
    table = Table(title="clusters", title_justify="left", box=None, pad_edge=False)
    table.add_column("method", no_wrap=True)
    table.add_column("intra / inter distance ↓", justify="right", no_wrap=True)
    table.add_column("NMI ↑", justify="right", no_wrap=True)
    for row in rows:
        table.add_row(row.name, *(f"{row.clusters[k]:.3f}" for k in ("distance_ratio", "nmi")))
    print_whole(table)


def print_whole(table: Table) -> None:
    """Print a table as wide as it must be: a narrow terminal may wrap a line, but no figure is cut."""
    needed = Measurement.get(_WIDE, _WIDE.options, table).maximum
    console = Console(width=max(needed, Console().width))
    console.print(table)
    console.print()


def _counts(result: RetrievalResult) -> str:
    c = result.counts
    return f"({c['queries']:,} queries, {c['groups']:,} groups, among {c['ranked']:,} logos)"
