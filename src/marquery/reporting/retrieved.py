"""Rows of found logos for pictures, from embeddings."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from marquery.arrays import Float32Array
from marquery.datasets import LogoSet
from marquery.evaluation import top_k
from marquery.visualization.retrieval import RetrievalRow


def retrieved_rows(
    logos: LogoSet,
    queries: npt.NDArray[np.integer],
    embeddings: Mapping[str, Float32Array],
    count: int,
) -> list[RetrievalRow]:
    """What each method finds for some logos of a set among the others; methods of one query lie
    together.

    Args:
        logos: queries and gallery at once.
        queries: (Q,) indices into the set.
        embeddings: method -> (N, D) of the whole set.
        count: hits a row.
    """
    files = logos.files()
    itself = [[int(query)] for query in queries]
    found = {
        name: top_k(vectors[queries], vectors, count, exclude=itself)[0]
        for name, vectors in embeddings.items()
    }
    return [
        RetrievalRow(
            f"{logos.groups[query]}\n{name}",
            files[query],
            [(files[i], bool(logos.groups[i] == logos.groups[query])) for i in found[name][place]],
        )
        for place, query in enumerate(queries)
        for name in embeddings
    ]
