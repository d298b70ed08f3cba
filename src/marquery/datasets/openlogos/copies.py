"""Drawings that are copies, or near-copies of another one of their brand: edition 2 leaves them
out.

Many sets copied the same paths, or drew a logo so closely after its owner's that nothing is learned
from a second one. What stays is what somebody drew otherwise.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from marquery.arrays import Float32Array, UInt8Array
from marquery.datasets.openlogos.draw import in_parallel
from marquery.datasets.openlogos.iconify import Collection
from marquery.datasets.openlogos.manifest import Row
from marquery.images import border_color, load_image

#: Correlation of two ink maps above which one drawing is a near-copy of the other.
NEAR_COPY = 0.97
_SIDE = 48
# Levels of 255 from the background that are ink.
_INK = 24
_SHAPE = re.compile(r"<(?:circle|ellipse|rect|line|text|image|use)\b[^>]*>")
_PATH = re.compile(r"""\b(?:d|points)\s*=\s*["']([^"']+)["']""")


def without_copied_paths(
    collections: Sequence[Collection], brands: Mapping[str, str]
) -> list[Collection]:
    """The collections less what later editions hold of drawings that were there already: the same
    paths of the same brand, or the same shapes of whichever brand. Under another brand's name a
    drawing would be a wrong answer, or a leak between splits.

    Args:
        collections: those of the first edition first.
        brands: by icon id.
    """
    seen: set[tuple[str, str]] = set()
    kept = []
    for collection in collections:
        icons = []
        for icon in collection.icons:
            paths = " ".join(_PATH.findall(icon.svg))
            shapes = " ".join([paths, *_SHAPE.findall(icon.svg)])
            drawings = {(brands[icon.id], paths), ("", shapes)}
            if collection.source.edition == 1 or not paths or not drawings & seen:
                icons.append(icon)
            seen |= drawings
        kept.append(Collection(collection.source, tuple(icons), collection.aliases))
    return kept


def without_near_copies(
    rows: Sequence[Row], order: Mapping[str, int], root: Path, jobs: int
) -> list[Row]:
    """The rows less near-copies of another logo of their brand; those of edition 1 all stay.

    Args:
        rows: the logos that were drawn.
        order: by collection; of two near-copies the first is kept.
        root: folder that the paths are relative to.
        jobs: processes.
    """
    brands: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.edition, order[row.collection], row.path)):
        brands[row.brand].append(row)
    groups = [group for group in brands.values() if len(group) > 1 and group[-1].edition > 1]
    left_out = set(in_parallel("comparing", _copies, groups, jobs, None, root))
    return [row for row in rows if row.path not in left_out]


def ink_map(pixels: UInt8Array) -> Float32Array:
    """float32 (SIDE * SIDE,), mean 0 and length 1: how far each place is from the background,
    trimmed, at one size.
    """
    ground = np.array(border_color(pixels), np.int16)
    ink = np.abs(pixels.astype(np.int16) - ground).max(axis=2).astype(np.uint8)
    rows, columns = np.nonzero(ink >= _INK)
    if rows.size:
        ink = ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    scale = _SIDE / max(ink.shape)
    size = (max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale)))
    small = cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
    canvas = np.zeros((_SIDE, _SIDE), np.float32)
    top, left = (_SIDE - size[1]) // 2, (_SIDE - size[0]) // 2
    canvas[top : top + size[1], left : left + size[0]] = small
    flat = canvas.reshape(-1) - canvas.mean()
    return np.asarray(flat / max(float(np.linalg.norm(flat)), 1e-6), np.float32)


def _copies(groups: Sequence[list[Row]], root: Path) -> list[str]:
    left_out = []
    for group in groups:
        kept: list[Float32Array] = []
        for row in group:
            found = ink_map(np.asarray(load_image(root / row.path)))
            if row.edition > 1 and kept and float(np.max(np.stack(kept) @ found)) > NEAR_COPY:
                left_out.append(row.path)
            else:
                kept.append(found)
    return left_out
