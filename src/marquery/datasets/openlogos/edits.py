"""The evaluation set *edits*: logos changed in their SVG, each to be found again.

The changes are written against SVG, apart from the raster augmentation, so that a method is not
tested by its own code. Query: an edited logo. Relevant: the logo it was made from, nothing else;
the other logos of its brand are left out of the ranking.
"""

import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np

from marquery.arrays import UInt8Array
from marquery.cores import usable_cores
from marquery.datasets.edit_set import EDITS
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
from marquery.datasets.openlogos.shapes import Shape, read_shapes
from marquery.svg import render_svg
from marquery.visibility import DARK, WHITE

KINDS = ("recolour", "drop", "rotate", "scale")
STRENGTHS = (1, 2, 3)
MIN_SHAPES = 3
# Share of the shapes that are changed, by strength (at least one), for recolour and drop.
_SHARES = {"recolour": (0.0, 0.34, 0.67), "drop": (0.0, 0.25, 0.5)}
_DEGREES = ((15, 30), (45, 90), (120, 180))
_FACTORS = (1.25, 1.6, 2.2)
# An edit counts if it changes this share of the canvas, by so many levels, and leaves this much to
# see.
_LEVELS = 24
_MIN_CHANGE = 0.004
_MIN_LEFT = 0.01
_TRIES = 12


@dataclass(frozen=True)
class Edit:
    """One query: where it lies, what was done to which logo."""

    path: str
    source: str
    kind: str
    strength: int
    split: str


def edit_svg(svg: str, kind: str, strength: int, rng: random.Random) -> str | None:
    """Change some shapes of a drawing.

    Args:
        svg: the drawing.
        kind: ``recolour`` and ``drop`` change several shapes, ``rotate`` and ``scale`` one.
        strength: 1 to 3. Recolour: one shape, a third, two thirds; drop: one, a quarter, half,
            never all; rotate: 15 to 30, 45 to 90, 120 to 180 degrees; scale: by 1.25, 1.6, 2.2 or
            the inverse.
        rng: where the choices come from.

    Returns:
        SVG text, or ``None`` if the drawing has fewer than three shapes or cannot be edited.
    """
    found = read_shapes(svg)
    if found is None or len(found[1]) < MIN_SHAPES:
        return None
    root, shapes = found
    level = strength - 1
    if kind in _SHARES:
        count = max(1, min(len(shapes) - 1, round(_SHARES[kind][level] * len(shapes))))
        for shape in rng.sample(shapes, count):
            if kind == "drop":
                shape.parent.remove(shape.element)
            else:
                _recolour(shape, rng)
    elif kind == "rotate":
        degrees = rng.uniform(*_DEGREES[level]) * rng.choice((-1, 1))
        shape = rng.choice(shapes)
        x, y = shape.box.centre
        _transform(shape, f"rotate({degrees:.3f} {x:.6g} {y:.6g})")
    elif kind == "scale":
        factor = _FACTORS[level] ** rng.choice((-1, 1))
        shape = rng.choice(shapes)
        x, y = shape.box.centre
        _transform(
            shape, f"translate({x:.6g} {y:.6g}) scale({factor:.4f}) translate({-x:.6g} {-y:.6g})"
        )
    else:
        raise ValueError(f"{kind!r} is not one of {KINDS}")
    return ET.tostring(root, encoding="unicode")


def build_edits(
    root: str | os.PathLike[str],
    *,
    limits: dict[str, int] | None = None,
    size: int = 256,
    jobs: int | None = None,
    progress: bool | None = None,
) -> list[Edit]:
    """Write the edited queries of a built data set into ``edits/`` and ``edits.parquet``.

    Every source gives one query of each kind, at a strength drawn at random; the same data set
    gives the same queries. The sources are logos of edition 1, so that every edition has the same.
    Columns: path, source, kind, strength, split, excluded (paths of the other logos of the brand in
    edition 1).

    Args:
        root: folder of a built data set.
        limits: how many sources of each split, drawn by a hash; by default 1,000 of test, 200 of
            val.
        size: longest side in pixels.
        jobs: processes; as many as there are cores if not given.
        progress: show a progress bar on stderr; if not given, only on a terminal.

    Raises:
        MarqueryError: there is no manifest in the folder, or the disk is full.
    """
    folder = Path(root)
    sources = read_sources(folder)
    chosen = choose_sources(sources, limits or {"test": 1000, "val": 200})
    cores = jobs or usable_cores()
    with disk_errors(folder):
        made = in_parallel("editing", _edit_all, chosen, cores, progress, folder, size)
        edits = sorted((edit for edit in made if edit is not None), key=lambda edit: edit.path)
        write_query_set(folder, EDITS, Edit, edits, sources)
    return edits


def choose_sources(sources: Sequence[Source], limits: dict[str, int]) -> list[Source]:
    """The first of each split in the order of a hash, among those with three shapes or more."""
    chosen = []
    for split, limit in limits.items():
        ordered = sorted(
            (source for source in sources if source.split == split), key=lambda s: hashed(s.path)
        )
        found = 0
        for source in ordered:
            if found == limit:
                break
            shapes = read_shapes(source.svg)
            if shapes is not None and len(shapes[1]) >= MIN_SHAPES:
                chosen.append(source)
                found += 1
    return chosen


def _edit_all(sources: Sequence[Source], folder: Path, size: int) -> list[Edit | None]:
    return [_edit(source, kind, folder, size) for source in sources for kind in KINDS]


def _edit(source: Source, kind: str, folder: Path, size: int) -> Edit | None:
    """Draw edits until one can be seen, and write it; ``None`` if none of a dozen can."""
    rng = random.Random(hashed(f"{source.path} {kind}"))
    strength = rng.choice(STRENGTHS)
    background = DARK if source.backdrop == "dark" else WHITE
    before = over(render_svg(source.svg, size), background)
    for _ in range(_TRIES):
        svg = edit_svg(source.svg, kind, strength, rng)
        if svg is None:
            return None
        after = over(render_svg(svg, size), background)
        if _share(after, before) >= _MIN_CHANGE and _share(after, after[:1, :1]) >= _MIN_LEFT:
            path = write_picture(folder, EDITS, source, f"{kind}{strength}", after)
            return Edit(path, source.path, kind, strength, source.split)
    return None


def _share(a: UInt8Array, b: UInt8Array) -> float:
    difference = np.abs(a.astype(np.int16) - b.astype(np.int16)).max(axis=2)
    return float((difference >= _LEVELS).mean())


def _recolour(shape: Shape, rng: random.Random) -> None:
    colour = "#" + "".join(f"{rng.randrange(256):02x}" for _ in range(3))
    element = shape.element
    style = [
        e for e in element.get("style", "").split(";") if e.partition(":")[0].strip() != "fill"
    ]
    element.set("style", ";".join([*filter(None, style), f"fill:{colour}"]))


def _transform(shape: Shape, change: str) -> None:
    # Appended, so that it acts first, in the shape's own coordinates.
    shape.element.set("transform", f"{shape.element.get('transform', '')} {change}".strip())
