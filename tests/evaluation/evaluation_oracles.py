"""The protocols of PAPER.md once more, by full sorts of small score matrices."""

import numpy as np


def cosine(queries, gallery, rank_queries=True):
    """Scores (Q, M) in float64, queries first in the pool."""
    pool = np.concatenate([queries, gallery]) if rank_queries else np.asarray(gallery)
    a, b = (np.asarray(x, np.float64) for x in (queries, pool))
    return (a / np.linalg.norm(a, axis=1)[:, None]) @ (b / np.linalg.norm(b, axis=1)[:, None]).T


def standard(scores, query, relevant, keep):
    """NAR and AP of one query: the items of `keep`, without ties."""
    order = [j for j in np.argsort(-scores[query], kind="stable") if keep[j]]
    ranks = [place for place, j in enumerate(order, 1) if relevant[j]]
    n, total = len(ranks), len(order)
    nar = (sum(ranks) - n * (n + 1) / 2) / (total * n)
    return nar, np.mean([k / r for k, r in enumerate(ranks, 1)]), ranks


def metu(scores, query, relevant):
    """The METU dataset's own: rank = number of items at least as close, the query included."""
    mine = scores[query][relevant]
    ranks = sorted(int((scores[query] >= s - 1e-6).sum()) for s in mine)
    n = len(ranks)
    nar = (sum(ranks) - n * (n + 1) / 2) / (len(scores[query]) * n)
    return nar, np.mean([k / r for k, r in enumerate(ranks, 1)]), ranks


def upstream(scores, query, relevant):
    """The paper's public code: drop whatever is first, renumber, subtract (n² + 1)/2, keep N."""
    order = np.argsort(-scores[query], kind="stable")[1:]
    ranks = [place for place, j in enumerate(order, 1) if relevant[j]]
    n = len(ranks)
    if n == 0:
        return None
    nar = (sum(ranks) - (n * n + 1) / 2) / (len(scores[query]) * n)
    return nar, np.mean([k / r for k, r in enumerate(ranks, 1)]), ranks
