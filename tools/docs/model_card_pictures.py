"""Draw the pictures of MODELCARD.md: what the package's encoder finds for drawn queries, and where
it fails worst.

python tools/docs/model_card_pictures.py [data/openlogos]
"""

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from marquery.datasets import LogoSet
from marquery.encoder import LogoEncoder
from marquery.evaluation import evaluate
from marquery.reporting.retrieved import retrieved_rows
from marquery.visualization.canvas import save_small
from marquery.visualization.retrieval import RetrievalRow, draw_retrievals

TARGET = Path("docs/images")
HITS = 10
FAILURES = 6


def save(picture: Image.Image, name: str) -> None:
    file = TARGET / f"{name}.png"
    save_small(picture, file)
    print(file)


def brand_row(logos: LogoSet, query: int, vectors: npt.NDArray[np.float32]) -> RetrievalRow:
    """What should have been found: the other logos of the query's brand, the most similar first."""
    same = np.flatnonzero(logos.groups == logos.groups[query])
    same = same[same != query]
    same = same[np.argsort(-(vectors[same] @ vectors[query]), kind="stable")][:HITS]
    files = logos.files()
    title = f"{logos.groups[query]}\nsought"
    return RetrievalRow(title, files[query], [(files[i], True) for i in same])


def main() -> None:
    test = LogoSet.open(sys.argv[1] if len(sys.argv) > 1 else "data/openlogos").split("test")
    default = LogoEncoder.load("default")
    untrained = LogoEncoder.create(
        dim=None,
        image_size=default.image_size,
        stack_lockups=default.spec.stack_lockups,
        pretrained=True,
    )
    vectors = {"untrained": untrained.embed(test.files()), "default": default.embed(test.files())}
    result = evaluate(vectors["default"], test.groups, bootstrap=0).per_query
    brands = test.namespaces[result["query"]] == "brand"
    queries, ap = (
        result["query"][brands & (result["n"] >= 3)],
        result["ap"][brands & (result["n"] >= 3)],
    )
    drawn = np.random.default_rng(1).choice(queries, 6, replace=False)
    save(draw_retrievals(retrieved_rows(test, drawn, vectors, HITS)), "default-retrievals")
    worst, seen = [], set()
    for index in np.argsort(ap, kind="stable"):  # one query a brand
        group = test.groups[queries[index]]
        if group not in seen:
            seen.add(group)
            worst.append(queries[index])
    rows = []
    found = retrieved_rows(test, np.array(worst[:FAILURES]), {"found": vectors["default"]}, HITS)
    for query, row in zip(worst, found, strict=False):
        rows += [row, brand_row(test, int(query), vectors["default"])]
    save(draw_retrievals(rows), "default-failures")


if __name__ == "__main__":
    main()
