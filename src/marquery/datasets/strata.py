"""Pairs of similar logos by what sets them apart: recoloured, badge, wordmark, part, redrawn.

Each stratum is defined by measurements on the two pictures (see :func:`stratum_of`), never by a
name or by hand, so that every data set can be read by strata.
"""

import contextlib
import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from marquery._version import __version__
from marquery.arrays import Float32Array, Int64Array, StrArray
from marquery.caches import cache_folder
from marquery.cores import usable_cores
from marquery.datasets.logoset import LogoSet
from marquery.datasets.silhouettes import Silhouettes, agreements, color_change, silhouettes
from marquery.errors import MarqueryError
from marquery.files import write_atomically
from marquery.progress import progress_bar

#: Strata from the least change to the greatest.
STRATA = ("identical", "recoloured", "badge", "wordmark", "part", "redrawn")
# Of the definitions: another one, or another release with its segmenter, makes what was kept void.
_VERSION = 3
# Silhouettes this alike are one drawing; these, the same drawing in small variation; of what stands
# on a backing, or is left without words, less is asked, as it is smaller; outlines are plain and
# must be closer.
_ONE_DRAWING, _ALIKE, _ALIKE_IN_PART, _ALIKE_OUTLINE = 0.9, 0.8, 0.75, 0.92
# Share of the common area that has another colour, above which a drawing is recoloured.
_RECOLOURED_SHARE = 0.1


@dataclass(frozen=True, eq=False)
class PairStrata:
    """All pairs of logos of one group, each once.

    Attributes:
        first, second: int64 (P,), indices into the set, ``first < second``.
        stratum: str (P,), one of :data:`STRATA`.
    """

    first: Int64Array
    second: Int64Array
    stratum: StrArray

    def __len__(self) -> int:
        return len(self.first)

    def digest(self) -> str:
        """Sixty-four hex digits over all pairs and their strata: figures by other strata do not
        compare.
        """
        total = hashlib.sha256(self.first.tobytes() + self.second.tobytes())
        total.update("\n".join(self.stratum.tolist()).encode())
        return total.hexdigest()

    def counts(self) -> dict[str, int]:
        """Pairs of each stratum."""
        return {name: int((self.stratum == name).sum()) for name in STRATA}


def pair_strata(
    logos: LogoSet, *, cache: Path | None = None, threads: int | None = None
) -> PairStrata:
    """The stratum of every pair of logos that share a group.

    What was found is kept as a small parquet file under the set's fingerprint, so that the second
    call is quick. About 10 ms a logo the first time.

    Args:
        logos: the set; its images must be readable.
        cache: folder of the findings; default ``$XDG_CACHE_HOME/marquery/strata``.
        threads: how many logos at a time; default one a core. Does not change the result.

    Raises:
        ImageError: a file cannot be read; see :func:`~marquery.datasets.readable.readable`.
    """
    folder = cache_folder("strata") if cache is None else cache
    key = f"{__version__} {_VERSION} {logos.fingerprint()}"
    name = hashlib.sha256(key.encode()).hexdigest()
    file = folder / f"{name}.parquet"
    kept = _recall(file)
    if kept is not None:
        return kept
    found = _measure(logos, threads)
    with contextlib.suppress(MarqueryError):  # no room for it: the next job looks again
        write_atomically(file, lambda out: _write(found, out))
    return found


def stratum_of(one: Silhouettes, two: Silhouettes) -> str:
    """What sets two logos of one brand apart; the first of these that holds.

    - ``identical``: the silhouettes agree to 0.9, and better than what stands on a backing shape of
      one agrees with the whole of the other; at most a tenth of the ink common to both has another
      colour.
    - ``recoloured``: the same, and more than a tenth has.
    - ``wordmark``: one has a word, the other has none; or their words do not agree to 0.75, and
      what is left of one without its words does, with the whole of the other or with what stands on
      its backing shape.
    - ``recoloured``, again: the same with 0.8 for 0.9; or filled outlines agree to 0.92,
      what stands on the backing shapes to 0.8, and more than a tenth of the outline's area has
      another colour (light on dark and dark on light).
    - ``badge``: one stands on a backing shape, and what stands on it agrees to 0.75 with the
      other: with its whole, with its sign without words, or with what stands on its own, different
      backing.
    - ``part``: a part of one agrees to 0.8 with the whole of the other, or with what stands on the
      other's backing.
    - ``redrawn``: none of these.

    Agreement is that of :func:`~marquery.datasets.silhouettes.agreements`.
    """
    if not one.kinds or not two.kinds:
        return "redrawn"
    alike = agreements(np.concatenate([one.masks, two.masks]))
    return _stratum(one, two, alike[: len(one.kinds), len(one.kinds) :])


def _stratum(one: Silhouettes, two: Silhouettes, alike: Float32Array) -> str:
    """The same, with the (views of one, views of two) agreements at hand."""
    kinds1, kinds2 = np.array(one.kinds), np.array(two.kinds)

    def best(left: tuple[str, ...], right: tuple[str, ...]) -> float:
        """Of views of these kinds, either way round."""
        there = alike[np.ix_(np.isin(kinds1, left), np.isin(kinds2, right))]
        back = alike[np.ix_(np.isin(kinds1, right), np.isin(kinds2, left))]
        return float(max(there.max(initial=0), back.max(initial=0)))

    whole = best(("whole",), ("whole",))
    recoloured = color_change(one, two) > _RECOLOURED_SHARE
    mounted = best(("inner",), ("whole",))
    if whole >= max(_ONE_DRAWING, mounted):
        return "recoloured" if recoloured else "identical"
    same_word = best(("word",), ("word",)) >= _ALIKE_IN_PART
    if one.has_word != two.has_word or (
        not same_word and best(("sign",), ("whole", "inner")) >= _ALIKE_IN_PART
    ):
        return "wordmark"
    if whole >= max(_ALIKE, mounted) and recoloured:
        return "recoloured"
    one_backing = best(("outline",), ("outline",)) >= _ALIKE_OUTLINE
    if mounted < _ALIKE_IN_PART and one_backing and best(("inner",), ("inner",)) >= _ALIKE:
        if color_change(one, two, "outline") > _RECOLOURED_SHARE:
            return "recoloured"
    elif best(("inner",), ("whole", "inner", "sign")) >= _ALIKE_IN_PART:
        return "badge"
    if best(("part",), ("whole", "inner")) >= _ALIKE:
        return "part"
    return "redrawn"


def _measure(logos: LogoSet, threads: int | None) -> PairStrata:
    order = np.argsort(logos.groups, kind="stable")
    names, begins = np.unique(logos.groups[order], return_index=True)
    groups = [
        np.sort(members)
        for name, members in zip(names, np.split(order, begins[1:]), strict=True)
        if name and len(members) > 1
    ]
    rows: list[tuple[int, int, str]] = []
    count = sum(len(group) for group in groups)
    with (
        ThreadPoolExecutor(threads or usable_cores()) as workers,
        progress_bar("comparing pairs", count, unit="logos", shown=None) as advance,
    ):
        files = logos.files()
        for group in groups:
            views = list(workers.map(lambda i: silhouettes(files[i]), group))
            rows += _pairs(group, views)
            advance(len(group))
    rows.sort()
    return PairStrata(
        first=np.array([a for a, _, _ in rows], np.int64),
        second=np.array([b for _, b, _ in rows], np.int64),
        stratum=np.array([s for _, _, s in rows], np.str_),
    )


def _pairs(group: Int64Array, views: list[Silhouettes]) -> Iterator[tuple[int, int, str]]:
    ends = np.cumsum([len(view.kinds) for view in views])
    alike = agreements(np.concatenate([view.masks for view in views]))
    for a, b in combinations(range(len(views)), 2):
        one, two = views[a], views[b]
        block = alike[ends[a] - len(one.kinds) : ends[a], ends[b] - len(two.kinds) : ends[b]]
        stratum = _stratum(one, two, block) if block.size else "redrawn"
        yield int(group[a]), int(group[b]), stratum


def _recall(file: Path) -> PairStrata | None:
    """What was found before; None where nothing was, or what is there cannot be used."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table: dict[str, list[Any]] = pq.read_table(file).to_pydict()
        return PairStrata(
            np.array(table["first"], np.int64),
            np.array(table["second"], np.int64),
            np.array(table["stratum"], np.str_),
        )
    except (OSError, ValueError, KeyError, pa.ArrowException):
        return None


def _write(found: PairStrata, out: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table(
        {
            "first": pa.array(found.first, pa.int32()),
            "second": pa.array(found.second, pa.int32()),
            "stratum": pa.array(found.stratum.tolist(), pa.dictionary(pa.int8(), pa.string())),
        }
    )
    pq.write_table(table, out, compression="zstd")
