"""Put what was measured on test into the tables of MODELCARD.md and README.md.

    marquery evaluate default --data data/openlogos --strata --alike --out test.json
    marquery evaluate default --data data/openlogos --edits --out edits.json
    python tools/docs/model_card_tables.py test.json edits.json

A table stands between ``<!-- table NAME -->`` and ``<!-- end -->``; rows of other figures are not
touched.
"""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

METHODS = {
    "default": "**default**",
    "ImageNet features": "untrained",
    "16×16 grey pixels": "16×16 grey pixels",
    "perceptual hash": "perceptual hash",
}
HEADINGS = ("NAR ↓", "mAP ↑", "Recall@1 ↑")
Figures = dict[str, Any]


def interval(figures: Figures, metric: str) -> str:
    """A figure and its 95 % interval."""
    low, high = figures["intervals"][metric]
    return f"{figures['means'][metric]:.3f} [{low:.3f}, {high:.3f}]"


def cells(figures: Figures) -> list[str]:
    return [interval(figures, metric) for metric in ("nar", "map", "recall@1")]


def rows(head: list[str], body: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def brand_table(test: Figures, edits: Figures) -> str:
    methods = test["methods"]
    body = [[label, *cells(methods[m]["by_stratum"]["brand"])] for m, label in METHODS.items()]
    body.append(["**default**, crypto tokens", *cells(methods["default"]["by_stratum"]["crypto"])])
    return rows(["", *HEADINGS], body)


def alike_table(test: Figures, edits: Figures) -> str:
    body = []
    for method, label in METHODS.items():
        for pairs, figures in test["methods"][method]["judged"].items():
            if pairs == "all pairs" and method != "default":
                continue
            count = f" ({figures['counts']['queries']} queries)" if method == "default" else ""
            body.append([f"{label}, {pairs}{count}", *cells(figures)])
    return rows(["", *HEADINGS], body)


def by_kind(figures: Figures, key: str) -> str:
    named = {label: figures[method][key] for method, label in METHODS.items()}
    kinds = list(named["**default**"])
    body = [
        [label, *(f"{strata[kind]['means']['map']:.3f}".lstrip("0") for kind in kinds)]
        for label, strata in named.items()
    ]
    return rows(["", *kinds], body)


TABLES: dict[str, Callable[[Figures, Figures], str]] = {
    "brands": brand_table,
    "alike": alike_table,
    "strata": lambda test, edits: by_kind(test["methods"], "strata"),
    "edits": lambda test, edits: by_kind(edits["methods"], "by_stratum"),
}


def fill(text: str, test: Figures, edits: Figures) -> str:
    """A document with its tables of figures made anew."""
    for name, table in TABLES.items():
        block = f"<!-- table {name} -->\n{table(test, edits)}\n<!-- end -->"
        text = re.sub(
            rf"<!-- table {name} -->.*?<!-- end -->", lambda _, b=block: b, text, flags=re.S
        )
    return text


def main() -> None:
    test, edits = (json.loads(Path(name).read_text()) for name in sys.argv[1:])
    for name in ("MODELCARD.md", "README.md"):
        path = Path(name)
        path.write_text(fill(path.read_text(), test, edits))


if __name__ == "__main__":
    main()
