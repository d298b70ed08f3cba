"""``evaluate``: from embeddings and groups to NAR, mAP and Recall@K under a named protocol."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from marquery.arrays import AnyArray, Float64Array, Int32Array, Int64Array
from marquery.errors import MarqueryError, UsageError
from marquery.evaluation.bootstrap import bootstrap_intervals
from marquery.evaluation.embeddings import Embeddings, Pool, as_matrix, common_dtype
from marquery.evaluation.groups import UNLABELLED, Groups, encode_groups
from marquery.evaluation.inputs import as_list
from marquery.evaluation.metrics import precision_curves
from marquery.evaluation.protocols import (
    Protocol,
    RankedQueries,
    Ties,
    drop_first,
    get_protocol,
    only_queries,
)
from marquery.evaluation.ranks import BLOCK, rank_relevant
from marquery.evaluation.registry import score_queries, takes_cutoffs
from marquery.evaluation.result import (
    RECALL_LEVELS,
    RetrievalResult,
    interval_columns,
    summarise,
)


def evaluate(
    query_embeddings: Embeddings,
    query_groups: Groups,
    gallery_embeddings: Embeddings | None = None,
    gallery_groups: Groups | None = None,
    protocol: str = "standard",
    *,
    rank_queries: bool = True,
    exclude: Sequence[Sequence[int]] | None = None,
    ks: Sequence[int] = (1, 2, 4, 8),
    map_ks: Sequence[int] | None = None,
    strata: Any = None,
    bootstrap: int = 1000,
    seed: int = 0,
    ties: Ties | None = None,
    block: int = BLOCK,
) -> RetrievalResult:
    """Rank the gallery for every query by cosine similarity and score the ranks.

    Ranks are exact. The gallery is read once in blocks and may be memory-mapped; beyond the inputs
    some tens of MiB are held, whatever its size. Computed in float32, or in float64 where an input
    is float64.

    Args:
        query_embeddings: (Q, D) numbers, of any length: rows are scaled to unit length. An array, a
            memory map, a tensor, a data frame, or a list of rows.
        query_groups: (Q,) in a list, an array, a tensor or a column of a data frame: strings or
            integers; items of one group are relevant to each other. ``""``, ``None`` and ``-1`` are
            unlabelled: ranked among the others, relevant to nothing. A text is the name of a
            group, also ``"-1"`` and ``"nan"``; tables and files of embeddings are read otherwise
            (:func:`marquery.labels.group_name`).
        gallery_embeddings: (G, D), or None for no gallery beside the queries.
        gallery_groups: (G,) of the same kind as ``query_groups``.
        protocol: ``standard`` (query left out of its own ranking, ties at their mean), ``metu``
            (query relevant to itself, ties at their worst) or ``upstream`` (first-ranked item
            dropped, NAR with (n² + 1)/2, no mAP@K); see :mod:`marquery.evaluation.protocols`.
        rank_queries: rank all queries and the gallery; False ranks the gallery alone.
        exclude: per query the gallery indices that its ranking leaves out, from n and N too.
        ks: K of Recall@K.
        map_ks: K of mAP@K; None takes the protocol's (50 100 200 400 for ``metu``).
        strata: (Q,) one label per query; each stratum's means are given apart.
        bootstrap: samples for the intervals; 0 for none.
        seed: of the bootstrap.
        ties: ``mean``, ``best`` or ``worst`` in place of the protocol's rule. Scores within 1e-6
            tie.
        block: gallery rows at a time; does not change the result.

    Returns:
        :class:`RetrievalResult`. Queries without a relevant item are left out and counted.

    Raises:
        UsageError: shapes, lengths or names do not fit, or embeddings hold NaN or infinity.
        MarqueryError: no query has a relevant item.

    Example:
        >>> import numpy as np
        >>> found = evaluate(np.eye(4)[[0, 0, 1, 1]], ["a", "a", "b", "b"], bootstrap=0)
        >>> found.nar, found.map
        (0.0, 1.0)
    """
    rule, map_ks = _rule(protocol, ties, rank_queries, ks, map_ks)
    if block < 1:
        raise UsageError("block", f"{block} is less than 1", "give a whole number from 1")
    queries = as_matrix(query_embeddings, "query_embeddings")
    gallery = _gallery(gallery_embeddings, gallery_groups, queries)
    query_groups = as_list(query_groups, "query_groups")
    gallery_groups = [] if gallery_groups is None else as_list(gallery_groups, "gallery_groups")
    _same_length("query_groups", len(query_groups), "query embeddings", len(queries))
    _same_length("gallery_groups", len(gallery_groups), "gallery embeddings", len(gallery))
    if strata is not None:
        strata = as_list(strata, "strata")
        _same_length("strata", len(strata), "query embeddings", len(queries))
    codes, gallery_codes, names = encode_groups(query_groups, gallery_groups)

    labelled = np.flatnonzero(codes != UNLABELLED)
    first = len(queries) if rank_queries else 0
    out = _excluded(exclude, len(queries), len(gallery), first)
    pool_codes = np.concatenate([codes, gallery_codes]) if rank_queries else gallery_codes
    relevant, left_out_items = _relevant_items(labelled, codes, pool_codes, out, rule, rank_queries)
    ranked_queries = np.array([len(r) > 0 for r in relevant], dtype=bool)
    if not ranked_queries.any():
        raise _nothing_relevant()
    scored = labelled[ranked_queries]
    dtype = common_dtype([queries, gallery])
    parts = (queries, gallery) if rank_queries else (gallery,)
    part_names = ("query_embeddings", "gallery_embeddings")[-len(parts) :]
    ranking = rank_relevant(
        Pool(("query_embeddings",), (queries,), dtype),
        scored,
        Pool(part_names, parts, dtype),
        [r for r in relevant if len(r)],
        [e for e, keep in zip(left_out_items, ranked_queries, strict=True) if keep],
        as_sorted=rule.drops_first,
        block=block,
    )
    if rule.drops_first:
        ranking = drop_first(ranking)
        keep = ranking.relevant > 0
        if not keep.any():
            raise _nothing_relevant()
        ranking, scored = only_queries(ranking, keep), scored[keep]

    per_query: dict[str, AnyArray] = {
        "query": scored,
        "group": np.array([names[c] for c in codes[scored]]),
        "n": ranking.relevant,
        "ranked": ranking.ranked,
    }
    ranks = RankedQueries.under(rule, ranking)
    per_query |= score_queries(ranks, {"ks": ks, "map_ks": map_ks})
    curves = precision_curves(ranks, RECALL_LEVELS)
    if strata is not None:
        per_query["stratum"] = np.array([str(strata[i]) for i in scored])
    counts = {
        "queries": len(scored),
        "left_out": len(queries) - len(scored),
        "groups": len(np.unique(codes[scored])),
        "ranked": len(pool_codes) - int(rank_queries and not rule.ranks_query),
    }
    return _result(protocol, per_query, curves, counts, bootstrap, seed)


def _rule(
    name: str,
    ties: Ties | None,
    rank_queries: bool,
    ks: Sequence[int],
    map_ks: Sequence[int] | None,
) -> tuple[Protocol, Sequence[int]]:
    """The protocol and its K of mAP@K, after checking the options that depend on it."""
    rule = get_protocol(name, ties)
    if rule.drops_first and not rank_queries:
        raise UsageError(
            "rank_queries",
            f"protocol {name!r} takes the first-ranked item for the query itself",
            "rank the queries too, or choose another protocol",
        )
    if map_ks is not None and not takes_cutoffs("map_ks", name):
        raise UsageError("map_ks", f"protocol {name!r} defines no mAP@K", "leave it out")
    map_ks = rule.map_cutoffs if map_ks is None else map_ks
    for option, cutoffs in (("ks", ks), ("map_ks", map_ks)):
        if any(not isinstance(k, int | np.integer) or k < 1 for k in cutoffs):
            raise UsageError(
                option, f"{tuple(cutoffs)} are not all ranks", "give whole numbers from 1"
            )
    return rule, map_ks


def _result(
    protocol: str,
    per_query: dict[str, AnyArray],
    curves: Float64Array,
    counts: dict[str, int],
    bootstrap: int,
    seed: int,
) -> RetrievalResult:
    by_stratum = {}
    if "stratum" in per_query:
        for stratum in np.unique(per_query["stratum"]):
            rows = per_query["stratum"] == stratum
            part = {name: column[rows] for name, column in per_query.items() if name != "stratum"}
            some = {
                "queries": int(rows.sum()),
                "groups": len(np.unique(part["group"])),
                "ranked": counts["ranked"],
            }
            by_stratum[str(stratum)] = _result(protocol, part, curves[rows], some, bootstrap, seed)
    intervals = bootstrap_intervals(
        interval_columns(per_query), per_query["group"], samples=bootstrap, seed=seed
    )
    return summarise(protocol, per_query, curves.mean(axis=0), counts, intervals, by_stratum)


def _gallery(embeddings: Embeddings | None, groups: Groups | None, queries: AnyArray) -> AnyArray:
    if (embeddings is None) != (groups is None):
        raise UsageError(
            "gallery_groups" if groups is None else "gallery_embeddings",
            "a gallery needs both embeddings and groups, and one of the two is missing",
            "give both, or neither",
        )
    if embeddings is None or (isinstance(embeddings, list | tuple) and not len(embeddings)):
        return np.empty((0, queries.shape[1]), queries.dtype)
    gallery = as_matrix(embeddings, "gallery_embeddings")
    if gallery.shape[1] != queries.shape[1]:
        raise UsageError(
            "gallery_embeddings",
            f"they have {gallery.shape[1]} dimensions, the query embeddings {queries.shape[1]}",
            "embed both with the same model",
        )
    return gallery


def _same_length(name: str, length: int, other: str, expected: int) -> None:
    if length != expected:
        raise UsageError(
            name, f"{length} entries for {expected} {other}", "give one entry for each"
        )


def _excluded(
    exclude: Sequence[Sequence[int]] | None, queries: int, gallery: int, first: int
) -> list[Int64Array]:
    """Per query the sorted pool positions of its excluded gallery items."""
    if exclude is None:
        return [np.zeros(0, np.int64)] * queries
    _same_length("exclude", len(exclude), "query embeddings", queries)
    out = []
    for query, items in enumerate(exclude):
        positions = np.unique(np.asarray(items, dtype=np.int64))
        if len(positions) and not (positions[0] >= 0 and positions[-1] < gallery):
            raise UsageError(
                "exclude",
                f"that of query {query} names gallery items outside 0 … {gallery - 1}",
                "give indices of the gallery",
            )
        out.append(positions + first)
    return out


def _relevant_items(
    labelled: Int64Array,
    codes: Int32Array,
    pool_codes: Int32Array,
    excluded: list[Int64Array],
    rule: Protocol,
    rank_queries: bool,
) -> tuple[list[Int64Array], list[Int64Array]]:
    """Sorted pool positions relevant to each labelled query, and those left out of its ranking."""
    order = np.argsort(pool_codes, kind="stable")
    begins = np.searchsorted(pool_codes[order], np.arange(codes.max(initial=-1) + 2))
    relevant, left_out = [], []
    for query in labelled:
        members = order[begins[codes[query]] : begins[codes[query] + 1]]
        out = excluded[query]
        if rank_queries and not rule.ranks_query:
            # Queries come first in the pool, so the query's own position sorts before any excluded.
            out = np.concatenate([[query], out])
        if len(out):
            members = members[~np.isin(members, out)]
        relevant.append(members)
        left_out.append(out)
    return relevant, left_out


def _nothing_relevant() -> MarqueryError:
    return MarqueryError(
        "no query has a relevant item to find; "
        "give groups that queries share with each other or the gallery"
    )
