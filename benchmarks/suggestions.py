"""How good suggested codes are, on a register made of openlogos with codes that stand in for an
office's.

    marquery index build data/openlogos/logos --out IDX --no-words
    python benchmarks/suggestions.py --index IDX [--data data/openlogos]

Nobody has given these logos codes. What stands in for them:

- ``shapes``: what the SVG is drawn with, in Vienna's numbers: 26.1 circles and ellipses, 26.4
  rectangles, 26.5 polygons; logos of paths alone have none.
- ``colours``: the colours of the SVG's paints (29.1), black, white and grey left out.
- ``writing``: whether the file's name calls the logo a wordmark (27.5) or an icon.
- ``brand``: one to three of 120 codes, drawn by lot for each brand: all logos of a brand have the
  same. Codes of what cannot be seen, such as classes of goods or what a figure means.
- ``collection``: who drew the logo, one of 16. A style.

Each logo of the split test (no crypto tokens) is the query, and never votes itself. "known": other
logos of its brand are in the register; "new": they are left out, as for a mark like no other. The
right answers are the query's own codes. "usual" suggests the commonest codes of the register.
"""

import argparse
import colorsys
import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from marquery.index import LogoIndex
from marquery.index.browsing.listing import common_folder
from marquery.index.browsing.suggesting import NEIGHBOURS, count_votes
from marquery.index.strategies.columns import vectors_of

PAINT = re.compile(r"#[0-9a-fA-F]{6}\b|#[0-9a-fA-F]{3}\b")
SHAPES = {"circle": "26.01", "ellipse": "26.01", "rect": "26.04", "polygon": "26.05"}
# Degrees from -15 on: red, orange, yellow, green, blue, violet.
HUES = tuple(
    zip(
        (30, 60, 85, 180, 270, 360),
        ("29.01.01", "29.01.98", "29.01.02", "29.01.03", "29.01.04", "29.01.05"),
        strict=True,
    )
)
NAMED = re.compile("-(wordmark|text|horizontal|icon|symbol|mark)$")
WRITTEN = ("wordmark", "text", "horizontal")
STRIDE = 2  # every second query: the figures differ by less than a point


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--index", required=True)
    parser.add_argument("--data", type=Path, default=Path("data/openlogos"))
    asked = parser.parse_args()
    rows = {row["path"]: row for row in pq.read_table(asked.data / "manifest.parquet").to_pylist()}
    index = LogoIndex.open(asked.index)
    table = index.snapshot().table.read(("path", "vector"))
    start = len(common_folder(index)) + 1
    known = [f"logos/{path[start:]}" for path in table["path"].to_pylist()]
    kept = [n for n, path in enumerate(known) if path in rows]
    vectors = vectors_of(table["vector"])[kept]
    register = [rows[known[n]] for n in kept]
    queries = [
        n
        for n, row in enumerate(register)
        if row["split"] == "test" and row["namespace"] == "brand"
    ][::STRIDE]
    print(f"{len(register):,} logos, {len(queries):,} queries, {NEIGHBOURS} neighbours")
    print("codes       brand   queries   first right   first right, usual   in 5   in 5, usual")
    brands = np.unique([r["namespace"] + r["brand"] for r in register], return_inverse=True)[1]
    kinds = {
        "shapes": shapes,
        "colours": colours,
        "writing": writing,
        "brand": lots,
        "collection": lambda row: [row["collection"]],
    }
    for name, codes_of in kinds.items():
        codes = [codes_of(row) for row in register]
        for case in ("known", "new"):
            tell(name, case, measure(vectors, brands, codes, queries, case))


def measure(
    vectors: np.ndarray, brands: np.ndarray, codes: list[list[str]], queries: list[int], case: str
) -> np.ndarray:
    """(queries, 4): first suggestion right, first usual code right, shares of the query's codes
    among five of each.
    """
    usual = [code for code, _ in Counter(c for own in codes for c in own).most_common(5)]
    told = []
    for query in filter(codes.__getitem__, queries):
        cosines = vectors @ vectors[query]
        same = brands == brands[query]
        if case == "known" and same.sum() == 1:
            continue
        cosines[query] = -2
        if case == "new":
            cosines[same] = -2
        near = np.argsort(-cosines, kind="stable")[:NEIGHBOURS]
        votes = count_votes([codes[n] for n in near], cosines[near].tolist())
        suggested = [code for code, _, _ in votes]
        right = set(codes[query])
        told.append(
            [
                bool(right & set(suggested[:1])),
                usual[0] in right,
                len(right & set(suggested[:5])) / len(right),
                len(right & set(usual)) / len(right),
            ]
        )
    return np.array(told, float)


def tell(name: str, case: str, told: np.ndarray) -> None:
    numbers = "   ".join(f"{100 * share:9.1f} %" for share in told.mean(axis=0))
    print(f"{name:11} {case:6} {len(told):8}   {numbers}", flush=True)


def shapes(row: dict[str, str]) -> list[str]:
    return sorted({code for tag, code in SHAPES.items() if f"<{tag}" in row["svg"]})


def colours(row: dict[str, str]) -> list[str]:
    return sorted({code for paint in PAINT.findall(row["svg"]) if (code := hue(paint))})


def writing(row: dict[str, str]) -> list[str]:
    found = NAMED.search(row["name"])
    return [] if found is None else ["27.05" if found[1] in WRITTEN else "icon"]


def hue(paint: str) -> str:
    """The section of Vienna's 29.1 that a paint belongs to; orange is .98, and what has no hue
    belongs to none.
    """
    digits = paint[1:] if len(paint) == 7 else "".join(2 * digit for digit in paint[1:])
    red, green, blue = (int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4))
    turn, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    if not 0.12 < lightness < 0.93 or saturation < 0.12:
        return ""
    degrees = (360 * turn + 15) % 360
    return next(code for most, code in HUES if degrees < most)


def lots(row: dict[str, str]) -> Sequence[str]:
    """Codes of a brand, by lot."""
    brand = f"{row['namespace']}:{row['brand']}"

    def number(salt: str) -> int:
        return int(hashlib.sha256(f"{salt} {brand}".encode()).hexdigest()[:8], 16)

    return sorted({str(number(f"code {n}") % 120) for n in range(1 + number("how many") % 3)})


if __name__ == "__main__":
    main()
