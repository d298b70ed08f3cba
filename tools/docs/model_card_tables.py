"""Put what was measured on test into the tables of MODELCARD.md, README.md and docs/openlogos.md.

    marquery evaluate default --data data/openlogos --strata --alike --ideas --out test.json
    marquery evaluate default --data data/openlogos --edits --out edits.json
    marquery evaluate default --data data/openlogos --conditions --out conditions.json
    python tools/docs/model_card_tables.py test.json edits.json conditions.json

A table stands between ``<!-- table NAME -->`` and ``<!-- end -->``; rows of other figures are not
touched. A file may be left out at the end, or be ``-``: its tables stay as they are.
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


def brand_table(test: Figures) -> str:
    methods = test["methods"]
    body = [[label, *cells(methods[m]["by_stratum"]["brand"])] for m, label in METHODS.items()]
    body.append(["**default**, crypto tokens", *cells(methods["default"]["by_stratum"]["crypto"])])
    return rows(["", *HEADINGS], body)


def alike_table(test: Figures) -> str:
    body = []
    for method, label in METHODS.items():
        for pairs, figures in test["methods"][method]["judged"].items():
            if pairs == "all pairs" and method != "default":
                continue
            count = f" ({figures['counts']['queries']} queries)" if method == "default" else ""
            body.append([f"{label}, {pairs}{count}", *cells(figures)])
    return rows(["", *HEADINGS], body)


def ideas_table(test: Figures) -> str:
    body = [[label, *cells(test["methods"][method]["ideas"])] for method, label in METHODS.items()]
    return rows(["", *HEADINGS], body)


def by_kind(figures: Figures, key: str) -> str:
    named = {label: figures[method][key] for method, label in METHODS.items()}
    kinds = list(named["**default**"])
    body = [
        [label, *(f"{strata[kind]['means']['map']:.3f}".lstrip("0") for kind in kinds)]
        for label, strata in named.items()
    ]
    return rows(["", *kinds], body)


def condition_table(conditions: Figures) -> str:
    """A row for each kind, with intervals, and one of all queries."""
    methods = conditions["methods"]
    kinds = list(methods["default"]["by_stratum"])
    body = []
    for kind in kinds:
        parts = [methods[method]["by_stratum"][kind] for method in METHODS]
        queries = f"{kind} ({parts[0]['counts']['queries']:,})"
        body.append([queries, *(interval(part, "map") for part in parts)])
    body.append([f"all ({methods['default']['counts']['queries']:,})"])
    body[-1] += [interval(methods[method], "map") for method in METHODS]
    return rows(["mAP", *METHODS.values()], body)


#: Name of a table -> which file of figures it is of, and what makes it.
TABLES: dict[str, tuple[str, Callable[[Figures], str]]] = {
    "brands": ("test", brand_table),
    "alike": ("test", alike_table),
    "ideas": ("test", ideas_table),
    "strata": ("test", lambda test: by_kind(test["methods"], "strata")),
    "edits": ("edits", lambda edits: by_kind(edits["methods"], "by_stratum")),
    "conditions": ("conditions", lambda made: by_kind(made["methods"], "by_stratum")),
    "conditions by kind": ("conditions", condition_table),
}


def fill(text: str, measured: dict[str, Figures]) -> str:
    """A document with its tables of figures made anew, where the figures are at hand."""
    for name, (source, table) in TABLES.items():
        start = f"<!-- table {name} -->"
        if start in text and source in measured:
            block = f"{start}\n{table(measured[source])}\n<!-- end -->"
            text = re.sub(rf"{start}.*?<!-- end -->", lambda _, b=block: b, text, flags=re.S)
    return text


def main() -> None:
    names = ("test", "edits", "conditions")
    measured = {
        name: json.loads(Path(file).read_text())
        for name, file in zip(names, sys.argv[1:], strict=False)
        if file != "-"
    }
    for name in ("MODELCARD.md", "README.md", "docs/openlogos.md"):
        path = Path(name)
        path.write_text(fill(path.read_text(), measured))


if __name__ == "__main__":
    main()
