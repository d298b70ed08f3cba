"""Other ways to put a set together: an earlier edition, more distractors, one collection held
out.
"""

import hashlib
from typing import Any

import numpy as np

from marquery.arrays import BoolArray
from marquery.datasets.logoset import MANIFEST, LogoSet
from marquery.datasets.naming import name_some
from marquery.errors import UsageError


def with_distractors(logos: LogoSet, whole: LogoSet, count: int) -> LogoSet:
    """A set with unlabelled logos added: ranked among the others, relevant to nothing.

    They come from the rest of the whole set, are of none of the groups in ``logos``, and are chosen
    by a hash of their path, so that a larger number adds to a smaller one.

    Args:
        logos: such as one split.
        whole: the set that it is of.
        count: how many to add.

    Raises:
        UsageError: there are not so many.
    """
    inside, groups = set(logos.paths), set(logos.groups.tolist()) - {""}
    seen: set[str] = set()
    rest = []
    for index, path in enumerate(whole.paths):
        if path not in inside and path not in seen and str(whole.groups[index]) not in groups:
            rest.append(index)
            seen.add(path)
    if not 0 <= count <= len(rest):
        raise UsageError(
            "distractors",
            f"{count}: {whole.root} has {len(rest):,} logos beside those that are ranked",
            f"ask for 0 to {len(rest)}",
        )
    rest.sort(key=lambda index: hashlib.sha256(whole.paths[index].encode()).digest())
    more = whole.subset(np.array(rest[:count], np.intp))
    nothing = np.full(count, "", dtype=np.str_)
    return LogoSet(
        root=logos.root,
        paths=logos.paths + more.paths,
        groups=np.concatenate([logos.groups, nothing]),
        namespaces=np.concatenate([logos.namespaces, nothing]),
        collections=np.concatenate([logos.collections, more.collections]),
        splits=np.concatenate([logos.splits, more.splits]),
        digests=np.concatenate([logos.digests, more.digests]),
    )


def of_edition(logos: LogoSet, edition: int) -> LogoSet:
    """What an edition of openlogos holds of a build of that edition or a later one.

    It equals a build of that edition: the same logos, groups, splits and pixels.

    Args:
        logos: a built openlogos, whole.
        edition: 1 or later.

    Raises:
        UsageError: the set is no build of that edition or a later one.
    """
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(logos.root / MANIFEST) as file:
            columns = {"path", "edition"} & set(file.schema_arrow.names)
            table: dict[str, list[Any]] = file.read(columns=sorted(columns)).to_pydict()
    except (OSError, ValueError):
        table = {"path": []}
    # Before there was a second edition, manifests did not say which one they were of.
    numbers = dict(zip(table["path"], table.get("edition", [1] * len(table["path"])), strict=True))
    last = max(numbers.values(), default=0)
    if not 1 <= edition <= last:
        has = f"editions 1 to {last}" if last > 1 else "edition 1 alone" if last else "no editions"
        raise UsageError(
            "edition", f"is {edition}, and {logos.root} has {has}", "build the later edition"
        )
    return logos.subset([numbers.get(path, last + 1) <= edition for path in logos.paths])


def of_collection(logos: LogoSet, name: str, option: str = "queries_from") -> BoolArray:
    """bool (N,): which logos were drawn by one collection.

    To leave one collection out, train on ``logos.subset(~of_collection(logos, name))`` (``without``
    of :func:`marquery.training.train`) and let the logos of the collection be the queries
    (``queries_from`` of :func:`marquery.comparison.evaluate_model`).

    Args:
        logos: N logos.
        name: of the collection.
        option: the parameter that names it, for the error.

    Raises:
        UsageError: no logo is of it.
    """
    found: BoolArray = logos.collections == name
    if not name or not found.any():
        known = name_some(set(logos.collections.tolist()) - {""}) or "none"
        raise UsageError(option, f"{logos.root} has no collection {name!r}", f"it has: {known}")
    return found


def some_groups(logos: LogoSet, count: int, seed: int) -> LogoSet:
    """Whole groups, drawn at random until they hold ``count`` logos; all if there are not so many.

    Args:
        logos: what to draw from.
        count: logos at least.
        seed: of the drawing.
    """
    if len(logos) <= count:
        return logos
    names, codes, sizes = np.unique(logos.groups, return_inverse=True, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(names))
    last = int(np.searchsorted(np.cumsum(sizes[order]), count))
    return logos.subset(np.isin(codes, order[: last + 1]))


def brands_of(logos: LogoSet) -> BoolArray:
    """(N,) which logos are of brands, not of tokens or the like; all where there are none."""
    brands = logos.namespaces == "brand"
    return brands if brands.any() else np.ones(len(logos), dtype=bool)
