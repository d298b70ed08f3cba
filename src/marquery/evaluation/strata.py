"""Metrics by stratum of the pair: each stratum counts only the items that differ in that way."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from marquery.arrays import BoolArray, Int32Array, Int64Array, StrArray
from marquery.errors import UsageError
from marquery.evaluation.evaluate import evaluate
from marquery.evaluation.groups import UNLABELLED, Groups, encode_groups
from marquery.evaluation.protocols import Ties
from marquery.evaluation.result import RetrievalResult


def evaluate_pairs(
    embeddings: npt.ArrayLike,
    groups: Groups,
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    stratum: Sequence[str] | StrArray,
    *,
    protocol: str = "standard",
    queries: BoolArray | None = None,
    ks: Sequence[int] = (1, 2, 4, 8),
    bootstrap: int = 1000,
    seed: int = 0,
    ties: Ties | None = None,
) -> dict[str, RetrievalResult]:
    """Rank a set among itself, once for each stratum of its pairs of similar items.

    In a stratum a query's relevant items are those that it forms a pair of that stratum with. Its
    other similar items are neither right nor wrong there: they are left out of its ranking and of
    N.

    Args:
        embeddings: (M, D) numbers; every item is ranked.
        groups: (M,) strings or integers; ``""``, ``None`` and ``-1`` are unlabelled.
        first, second: (P,) indices of the two items of each pair, which must be of one group; each
            pair once.
        stratum: (P,) names.
        protocol: ``standard`` or ``metu``, see :func:`~marquery.evaluation.evaluate`.
        queries: bool (M,): which items are queries; None: all.
        ks: K of Recall@K.
        bootstrap: samples for the intervals; 0 for none.
        seed: of the bootstrap.
        ties: in place of the protocol's rule.

    Returns:
        stratum -> result, in order of the names; ``per_query["query"]`` are indices into the set. A
        stratum in which no query has a relevant item is left out.

    Raises:
        UsageError: lengths do not fit, a pair is of two groups or of one item, or the protocol is
            ``upstream``.

    Example:
        >>> data, first, second = np.eye(3)[[0, 0, 1]], [0, 0], [1, 2]
        >>> found = evaluate_pairs(data, ["a"] * 3, first, second, ["x", "y"], bootstrap=0)
        >>> {name: part.map for name, part in found.items()}
        {'x': 1.0, 'y': 1.0}
    """
    if protocol == "upstream":
        raise UsageError(
            "protocol", "'upstream' is not defined by strata", "choose standard or metu"
        )
    vectors = np.asanyarray(embeddings)
    one, two = (np.asarray(indices, np.int64) for indices in (first, second))
    names = np.asarray(stratum, np.str_)
    is_query = np.ones(len(vectors), bool) if queries is None else np.asarray(queries, bool)
    codes = _checked(len(vectors), groups, one, two, names, is_query)
    labels = np.asarray(groups)
    order = np.argsort(codes, kind="stable")
    begins = np.searchsorted(codes[order], np.arange(codes.max(initial=-1) + 2))
    results = {}
    for name in np.unique(names):
        rows = names == name
        query = np.concatenate([one[rows], two[rows]])
        item = np.concatenate([two[rows], one[rows]])
        keep = is_query[query]
        query, item = query[keep], item[keep]
        if len(query) == 0:
            continue
        by_query = np.lexsort((item, query))
        chosen, starts = np.unique(query[by_query], return_index=True)
        relevant = np.split(item[by_query], starts[1:])
        exclude = []
        for q, mine in zip(chosen, relevant, strict=True):
            mates = order[begins[codes[q]] : begins[codes[q] + 1]]
            kept = np.append(mine, q) if protocol == "metu" else mine
            exclude.append(np.setdiff1d(mates, kept))
        found = evaluate(
            vectors[chosen],
            labels[chosen],
            vectors,
            labels,
            protocol,
            rank_queries=False,
            exclude=exclude,  # type: ignore[arg-type]
            ks=ks,
            bootstrap=bootstrap,
            seed=seed,
            ties=ties,
        )
        found.per_query["query"] = chosen[found.per_query["query"]]
        results[str(name)] = found
    return results


def _checked(
    count: int,
    groups: Groups,
    one: Int64Array,
    two: Int64Array,
    names: StrArray,
    is_query: BoolArray,
) -> Int32Array:
    """Codes of the groups, after checking that everything fits."""
    if len(groups) != count or len(is_query) != count:
        raise UsageError(
            "groups" if len(groups) != count else "queries",
            f"groups and queries have {len(groups)} and {len(is_query)} entries "
            f"for {count} embeddings",
            "give one entry for each embedding",
        )
    if not len(one) == len(two) == len(names):
        raise UsageError(
            "stratum",
            f"first, second and stratum differ in length: {len(one)}, {len(two)} and {len(names)}",
            "give one of each for every pair",
        )
    codes, _, _ = encode_groups(groups, [])
    if _outside(one, count) or _outside(two, count):
        raise UsageError(
            "first" if _outside(one, count) else "second",
            f"pairs name items outside 0 … {count - 1}",
            "give indices of the embeddings",
        )
    wrong = (one == two) | (codes[one] != codes[two])
    wrong |= codes[one] == UNLABELLED
    if wrong.any():
        pair = int(np.flatnonzero(wrong)[0])
        raise UsageError(
            "second",
            f"pair {pair} ({one[pair]}, {two[pair]}) is not of two items of one group",
            "give pairs of similar items",
        )
    return codes


def _outside(indices: Int64Array, count: int) -> bool:
    return bool(((indices < 0) | (indices >= count)).any())
