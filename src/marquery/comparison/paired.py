"""Two results side by side: differences by stratum, paired query by query."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from marquery.arrays import AnyArray, Float32Array
from marquery.comparison.methods import MethodResult
from marquery.datasets import LogoSet
from marquery.errors import MarqueryError, UsageError
from marquery.evaluation.paired import Columns, Difference, paired_differences
from marquery.files import write_atomically
from marquery.json_text import parse_json

#: Section ("all", a namespace, a stratum of the pairs) -> metric -> difference.
Sections = dict[str, dict[str, Difference]]

#: Columns that every result has of its queries.
_NEEDED = {"query", "group", "nar", "ap", "first_rank"}


@dataclass(frozen=True)
class Scored:
    """One method's scores of single queries, from a file or fresh.

    Attributes:
        name: what it is called in tables.
        conditions: protocol, settings and hash of the data; only results under equal conditions are
            compared.
        queries: column -> one value a query, as ``RetrievalResult.per_query``.
        strata: stratum of the pairs -> the same.
        paths: query -> file, relative to the data's folder.
        vectors: (N, D) embeddings of the set, where they are at hand.
    """

    name: str
    conditions: Mapping[str, Any]
    queries: Columns
    strata: Mapping[str, Columns] = field(default_factory=dict)
    paths: Mapping[int, str] = field(default_factory=dict)
    vectors: Float32Array | None = None


def scored_row(row: MethodResult, logos: LogoSet, conditions: Mapping[str, Any]) -> Scored:
    """A method that was ranked just now.

    Args:
        row: result of the method.
        logos: the set it was evaluated on.
        conditions: from :func:`conditions_of`.
    """
    return Scored(
        name=row.name,
        conditions=conditions,
        queries=row.result.per_query,
        strata={name: part.per_query for name, part in row.strata.items()},
        paths=dict(enumerate(logos.paths)),
        vectors=row.vectors,
    )


def conditions_of(protocol: str, settings: Mapping[str, Any], data: object) -> dict[str, Any]:
    """What two results must have in common.

    Args:
        protocol: its name.
        settings: of the evaluation.
        data: what the ranked set is known by.
    """
    return {"protocol": protocol, "data": data, **settings}


def read_results(file: Path, method: str | None = None, option: str = "method") -> Scored:
    """A method from a file that an evaluation wrote; the last one, if none is named.

    Args:
        file: JSON.
        method: its name in the file.
        option: the parameter that names the method, for the error.

    Raises:
        MarqueryError: the file is not such a file.
        UsageError: it holds no such method.
    """
    try:
        body = parse_json(file.read_text(encoding="utf-8"))
        methods, data = body["methods"], body["data"]
        names = list(methods)
        if method is not None and method not in methods:
            raise UsageError(
                option, f"{file} has no method {method!r}", f"it has: {', '.join(names)}"
            )
        found = methods[method or names[-1]]
        return Scored(
            name=method or names[-1],
            conditions=conditions_of(
                body["protocol"], body.get("settings", {}), data.get("sha256", data)
            ),
            queries=_columns(found["per_query"]),
            strata={
                name: _columns(part["per_query"]) for name, part in found.get("strata", {}).items()
            },
            paths={int(query): path for query, path in body.get("paths", {}).items()},
        )
    except UsageError:  # a ValueError, too
        raise
    except OSError as error:
        raise MarqueryError(
            f"{file}: cannot be read ({error.strerror or error}); name a file of results"
        ) from error
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise MarqueryError(
            f"{file}: holds no results of an evaluation; evaluate the model again and write them "
            "to a file"
        ) from error


def compare_scored(one: Scored, two: Scored, *, samples: int = 1000, seed: int = 0) -> Sections:
    """Differences ``two - one``: over all queries, each namespace or kind of edit, each stratum of
    the pairs.

    Args:
        one, two: results of the two methods.
        samples: of the bootstrap.
        seed: of the bootstrap.

    Raises:
        UsageError: the two were not evaluated under the same conditions.
    """
    for key in sorted({*one.conditions, *two.conditions}):
        mine, other = one.conditions.get(key), two.conditions.get(key)
        if key == "strata" and None in (mine, other):
            continue  # one was not evaluated by strata, which leaves the rest comparable
        if mine != other:
            raise UsageError(
                "two",
                f"{one.name} and {two.name} differ in {key} ({mine} and {other})",
                "evaluate both alike",
            )

    def differ(left: Columns, right: Columns) -> dict[str, Difference]:
        return paired_differences(left, right, samples=samples, seed=seed)

    sections = {"all": differ(one.queries, two.queries)}
    if "stratum" in one.queries and np.array_equal(one.queries["query"], two.queries["query"]):
        labels = np.asarray(one.queries["stratum"])
        for label in np.unique(labels):
            rows = labels == label
            parts = [{k: v[rows] for k, v in s.queries.items()} for s in (one, two)]
            sections[str(label)] = differ(parts[0], parts[1])
    for name in one.strata:
        if name in two.strata:
            sections[f"pairs: {name}"] = differ(one.strata[name], two.strata[name])
    return sections


def write_sections(one: Scored, two: Scored, sections: Sections, out: Path) -> None:
    """Write all differences as JSON.

    Args:
        one, two: results of the two methods.
        sections: from :func:`compare_scored`.
        out: the file.
    """
    body = {
        "one": one.name,
        "two": two.name,
        "conditions": dict(one.conditions),
        "differences": {
            name: {metric: asdict(d) for metric, d in found.items()}
            for name, found in sections.items()
        },
    }
    text = json.dumps(body, indent=1, allow_nan=False) + "\n"
    write_atomically(out, lambda path: path.write_text(text, encoding="utf-8"))


def _columns(plain: Mapping[str, list[Any]]) -> dict[str, AnyArray]:
    columns = {name: np.asarray(values) for name, values in plain.items()}
    if not columns.keys() >= _NEEDED or len({len(column) for column in columns.values()}) > 1:
        raise ValueError("columns are missing or of several lengths")
    return columns
