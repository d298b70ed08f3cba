"""The evaluation set *conditions*: logos as they arrive at a search, each to be found again.

Query: a logo that was resampled, compressed, scanned, printed, photographed, rearranged, turned or
given words. Relevant: the logo it was made from, nothing else; the other logos of its brand are
left out of the ranking. Words are set in typefaces, and photographs taken of surfaces, that
training does not see.
"""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from marquery.arrays import UInt8Array
from marquery.cores import usable_cores
from marquery.datasets.edit_set import CONDITIONS
from marquery.datasets.fonts import fonts_from, load_families
from marquery.datasets.openlogos.arrivals import CONDITIONS as ARRIVALS
from marquery.datasets.openlogos.disk import disk_errors
from marquery.datasets.openlogos.draw import in_parallel
from marquery.datasets.openlogos.query_set import (
    Source,
    hashed,
    read_sources,
    write_picture,
    write_query_set,
)
from marquery.datasets.openlogos.render import over
from marquery.extras import need
from marquery.images import border_color, pad_to_square
from marquery.svg import render_svg
from marquery.visibility import DARK, WHITE

if TYPE_CHECKING:
    from marquery.augment import LogoTransform

#: Folder of the typefaces, below the data set's.
FONTS = "fonts"
#: Kinds that are drawn from the conditions of the segmenter's benchmark: beginnings of their names.
_ARRIVAL_KINDS: dict[str, tuple[str, ...]] = {
    "resampled": ("lanczos", "unsharp", "up"),
    "blurred": ("blur",),
    "compressed": ("webp", "jpeg"),
    "few colours": ("gif",),
    "scanned": ("scan",),
    "copied": ("chain",),
}
_OPERATION_KINDS = ("printed", "photographed", "named", "rearranged")
#: Every kind of condition.
KINDS = (*_ARRIVAL_KINDS, *_OPERATION_KINDS, "turned")
#: A logo, and the kinds of query that are made from it.
Plan = tuple[Source, tuple[str, ...]]
_TURNS = (45, 90, 135, 180, 225, 270, 315)


@dataclass(frozen=True)
class Arrived:
    """One query: where it lies, and what happened to which logo."""

    path: str
    source: str
    kind: str
    split: str


def build_conditions(
    root: str | os.PathLike[str],
    *,
    limits: dict[str, int] | None = None,
    source_dir: str | os.PathLike[str] | None = None,
    size: int = 256,
    jobs: int | None = None,
    progress: bool | None = None,
) -> list[Arrived]:
    """Write the queries of a built data set into ``conditions/`` and ``conditions.parquet``.

    Every source gives one query of each kind. For ``rearranged`` all logos of the split are looked
    at: few hold a figure and words, or two pieces of words, that can be told apart. The same data
    set gives the same queries. The sources are logos of edition 1, so that every edition has the
    same. Columns: path, source, kind, split, excluded (paths of the other
    logos of the brand).

    Args:
        root: folder of a built data set.
        limits: how many sources of each split, drawn by a hash; by default 1,000 of test, 200 of
            val.
        source_dir: folder with the packages of typefaces, already fetched; without it npm fetches
            them.
        size: longest side in pixels.
        jobs: processes; as many as there are cores if not given.
        progress: show a progress bar on stderr; if not given, only on a terminal.

    Raises:
        MarqueryError: there is no manifest in the folder, typefaces cannot be fetched, or the disk
            is full.
    """
    need("conditions", "torch", "torchvision")
    folder = Path(root)
    sources = read_sources(folder)
    cores = jobs or usable_cores()
    families = [family for family in load_families() if family.evaluation]
    packages = None if source_dir is None else Path(source_dir)
    fonts_from(families, folder / FONTS, packages, cores, progress)
    most = limits or {"test": 1000, "val": 200}
    chosen = _chosen(sources, most)
    with disk_errors(folder):
        made = in_parallel("conditions", _arrive_all, chosen, cores, progress, folder, size)
        arrived = _within(made, most)
        write_query_set(folder, CONDITIONS, Arrived, arrived, sources)
    return arrived


def _chosen(sources: Sequence[Source], limits: dict[str, int]) -> list[Plan]:
    """The first of each split in the order of a hash, in all conditions; the others rearranged."""
    chosen: list[Plan] = []
    for split, limit in limits.items():
        of_split = [source for source in sources if source.split == split]
        of_split.sort(key=lambda source: hashed(source.path))
        chosen += [(source, KINDS) for source in of_split[:limit]]
        chosen += [(source, ("rearranged",)) for source in of_split[limit:]]
    return chosen


def _within(made: Sequence[Arrived | None], limits: dict[str, int]) -> list[Arrived]:
    """Not more of a kind than the limit of each split, in the order of the hash."""
    found = sorted((one for one in made if one is not None), key=lambda one: hashed(one.source))
    kept, counts = [], Counter[tuple[str, str]]()
    for one in found:
        counts[one.split, one.kind] += 1
        if counts[one.split, one.kind] <= limits[one.split]:
            kept.append(one)
    return sorted(kept, key=lambda one: one.path)


def _arrive_all(plans: Sequence[Plan], folder: Path, size: int) -> list[Arrived | None]:
    import cv2
    import torch

    cv2.setNumThreads(1)
    operations = _operations(_typefaces(folder))
    with torch.random.fork_rng(devices=[]):
        return [
            _arrive(source, kind, folder, size, operations)
            for source, kinds in plans
            for kind in kinds
        ]


def _typefaces(folder: Path) -> str | None:
    return str(folder / FONTS)


def _operations(fonts: str | None) -> dict[str, "LogoTransform"]:
    from marquery import augment as A

    return {
        "printed": A.LogoPrint(kinds=("fax", "halftone", "engrave")),
        "photographed": A.LogoPhotograph(surfaces=("brick", "street"), tilt=0.25, size=(0.6, 0.9)),
        "named": A.LogoLettering(fonts=fonts, evaluation=fonts is not None),
        "rearranged": A.LogoRearrange(),
    }


def _arrive(
    source: Source, kind: str, folder: Path, size: int, operations: dict[str, "LogoTransform"]
) -> Arrived | None:
    """Make a query and write it; ``None`` if the logo has nothing to rearrange."""
    background = DARK if source.backdrop == "dark" else WHITE
    seed = hashed(f"{source.path} {kind}") >> 1  # PyTorch takes 63 bits
    double = kind in _ARRIVAL_KINDS
    before = over(render_svg(source.svg, size * (2 if double else 1)), background)
    after = _maker(kind, operations)(before, seed)
    if after is None:
        return None
    path = write_picture(folder, CONDITIONS, source, kind.replace(" ", "-"), after)
    return Arrived(path, source.path, kind, source.split)


def _maker(
    kind: str, operations: dict[str, "LogoTransform"]
) -> Callable[[UInt8Array, int], UInt8Array | None]:
    if kind in _ARRIVAL_KINDS:
        return partial(_as_copied, _ARRIVAL_KINDS[kind])
    if kind == "turned":
        return _turned
    return partial(_operated, operations[kind])


def _as_copied(beginnings: tuple[str, ...], before: UInt8Array, seed: int) -> UInt8Array:
    names = [name for name in ARRIVALS if name.startswith(beginnings)]
    return ARRIVALS[names[seed % len(names)]].make(before, seed)


def _operated(operation: "LogoTransform", before: UInt8Array, seed: int) -> UInt8Array | None:
    """On a square, where there is room for words and walls; ``None`` if nothing was changed."""
    import torch

    square = np.asarray(pad_to_square(Image.fromarray(before)))
    torch.manual_seed(seed)
    after: Any = operation(square)
    return None if after is square else after


def _turned(before: UInt8Array, seed: int) -> UInt8Array:
    """Turned by a multiple of 45°, one in eight mirrored too; nothing is cut off."""
    image = Image.fromarray(before)
    if (seed // 7) % 8 == 0:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    turned = image.rotate(
        _TURNS[seed % len(_TURNS)],
        Image.Resampling.BICUBIC,
        expand=True,
        fillcolor=border_color(before),
    )
    return np.asarray(turned)
