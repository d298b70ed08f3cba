"""Encoders and the simple rivals, ranked on the same logos."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from marquery.arrays import BoolArray, Float32Array
from marquery.datasets import LogoSet
from marquery.datasets.alike import JudgedPairs
from marquery.datasets.edit_set import EditSet
from marquery.datasets.ideas import IdeaQueries
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


@dataclass(frozen=True)
class RankingPlan:
    """How logos are ranked and what is measured.

    Attributes:
        protocol: ``standard``, ``metu`` or ``upstream``.
        ties: ``best``, ``mean`` or ``worst`` in place of the protocol's rule.
        queries: bool (N,), which logos are queries; None: all.
        pairs: strata of the pairs, for figures by stratum.
        clusters: also measure how the embeddings cluster.
        judged: pairs that were looked at, for figures of the brands that they are of.
        ideas: logos that show an idea, for figures of other brands' logos that show it.
    """

    protocol: str = "standard"
    ties: Ties | None = None
    queries: BoolArray | None = None
    pairs: PairStrata | None = None
    clusters: bool = False
    judged: JudgedPairs | None = None
    ideas: IdeaQueries | None = None


@dataclass(frozen=True)
class MethodResult:
    """One method's result, and its embeddings for pictures.

    Attributes:
        strata: stratum of the pairs -> result; of the headline's queries where the set has
            namespaces.
        clusters: ``distance_ratio`` and ``nmi``, where they were asked for.
        judged: ``all pairs`` and ``pairs called alike`` of the brands that were looked at ->
            result.
        ideas: of the logos that show an idea, where they were asked for.
    """

    name: str
    result: RetrievalResult
    vectors: Float32Array
    strata: Mapping[str, RetrievalResult] = field(default_factory=dict)
    clusters: Mapping[str, float] = field(default_factory=dict)
    judged: Mapping[str, RetrievalResult] = field(default_factory=dict)
    ideas: RetrievalResult | None = None


def baseline_embedders(image_size: int, stack_lockups: bool = False) -> dict[str, Embedder]:
    """The rivals of every table: untrained ImageNet features of the same squares, grey pixels, a
    hash.
    """
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
    plan: RankingPlan | None = None,
) -> list[MethodResult]:
    """Rank every logo of a set among the others by each encoder, and by the rivals.

    Args:
        encoders: name -> encoder.
        logos: queries and gallery at once.
        protocol: ``standard``, ``metu`` or ``upstream``; ``plan`` comes before it.
        baselines: add the rivals, untrained features of the squares that the first encoder sees;
            they come first.
        plan: all that decides the ranking, in place of ``protocol``.

    Returns:
        One row a method, with means, 95 % intervals over groups and, where the set has several
        namespaces, the same for each namespace apart.
    """
    files = logos.files()
    return [
        rank_logos(name, _embed(name, method, files), logos, plan or RankingPlan(protocol))
        for name, method in _with_rivals(encoders, baselines).items()
    ]


def rank_logos(name: str, vectors: Float32Array, logos: LogoSet, plan: RankingPlan) -> MethodResult:
    """Rank the logos of a set among each other by their embeddings (N, D).

    Queries are numbered as in the set. Figures by stratum are of the namespace ``brand`` where the
    set has it.

    Args:
        name: of the method.
        vectors: float32 (N, D), of length 1.
        logos: the set, N logos.
        plan: protocol and what is measured.
    """
    spaces = logos.namespaces
    several = len(set(spaces.tolist())) > 1
    asked = np.ones(len(logos), np.bool_) if plan.queries is None else plan.queries
    chosen = np.flatnonzero(asked)
    rest = np.flatnonzero(~asked)
    result = evaluate(
        vectors[chosen] if len(rest) else vectors,
        logos.groups[chosen],
        vectors[rest] if len(rest) else None,
        logos.groups[rest] if len(rest) else None,
        protocol=plan.protocol,
        strata=spaces[chosen] if several else None,
        ties=plan.ties,
    )
    result.per_query["query"] = chosen[result.per_query["query"]]
    strata: dict[str, RetrievalResult] = {}
    if plan.pairs is not None:
        strata = evaluate_pairs(
            vectors,
            logos.groups,
            plan.pairs.first,
            plan.pairs.second,
            plan.pairs.stratum,
            protocol=plan.protocol,
            queries=asked & (spaces == HEADLINE) if HEADLINE in spaces else asked,
            ties=plan.ties,
        )
    clusters = {}
    if plan.clusters:
        some, groups = vectors[chosen], logos.groups[chosen]
        clusters["distance_ratio"] = distance_ratio(some, groups)
        clusters["nmi"] = normalised_mutual_information(some, groups)
    return MethodResult(
        name,
        result,
        vectors,
        {s: strata[s] for s in STRATA if s in strata},
        clusters,
        {} if plan.judged is None else _rank_judged(vectors, logos, plan, plan.judged),
        None if plan.ideas is None else _rank_ideas(vectors, plan, plan.ideas),
    )


def _rank_judged(
    vectors: Float32Array, logos: LogoSet, plan: RankingPlan, judged: JudgedPairs
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
            protocol=plan.protocol,
            queries=plan.queries,
            ties=plan.ties,
        )
    return found


def _rank_ideas(vectors: Float32Array, plan: RankingPlan, ideas: IdeaQueries) -> RetrievalResult:
    asked = np.arange(len(ideas))
    if plan.queries is not None:
        asked = asked[plan.queries[ideas.queries]]
    found = evaluate(
        vectors[ideas.queries[asked]],
        ideas.ideas[asked],
        vectors,
        ideas.shown,
        rank_queries=False,
        exclude=[ideas.excluded[query].tolist() for query in asked],
        ties=plan.ties,
    )
    found.per_query["query"] = ideas.queries[asked[found.per_query["query"]]]
    return found


def compare_edits(
    encoders: Mapping[str, LogoEncoder], logos: LogoSet, edits: EditSet, baselines: bool = True
) -> list[MethodResult]:
    """Rank the logos of a split for every edited logo: the logo that it was made from alone is
    relevant.

    The other logos of its brand are left out of the ranking. Strata are kind and strength of the
    edit.

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
        rows.append(MethodResult(name, result, vectors))
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
