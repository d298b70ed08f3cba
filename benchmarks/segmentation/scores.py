"""Scores of one label map against the truth of one logo."""

import cv2
import numpy as np

import marquery as mq
from marquery.augment import functional as F
from marquery.datasets.openlogos.edit_truth import EditTruth, TrueShape
from marquery.datasets.openlogos.truth import SegmentTruth
from marquery.images import border_color
from segmentation.methods import Method, ours
from segmentation.truths import encoded

# A pixel is residue where it is farther from the reference than this, in levels.
_GHOST_LEVELS = 16
_GROWN = np.ones((5, 5), dtype=np.uint8)  # by 2 px


def adjusted_rand(truth: np.ndarray, found: np.ndarray) -> float:
    """Adjusted Rand index of two labelings (Hubert & Arabie 1985); 1 where both are one cluster."""
    total = truth.size

    def pairs(names: np.ndarray) -> float:
        counts = np.unique(names, return_counts=True)[1].astype(np.float64)
        return float((counts * (counts - 1)).sum())

    both = pairs(truth.astype(np.int64) * (int(found.max()) + 1) + found)
    rows, columns = pairs(truth), pairs(found)
    chance = rows * columns / max(1.0, total * (total - 1.0))
    best = (rows + columns) / 2
    return 1.0 if best == chance else (both - chance) / (best - chance)


def matched(mask: np.ndarray, found: np.ndarray, *, ground_counts: bool = False) -> int:
    """The found segment with an IoU of at least 0.5 with a true one, of which there is one at the
    most.

    If there is none 0, or -1 where the background, label 0, may be the one.
    """
    names, overlap = np.unique(found[mask], return_counts=True)
    areas = np.bincount(found.reshape(-1))[names]
    iou = overlap / (mask.sum() + areas - overlap)
    if not ground_counts:
        iou[names == 0] = 0
    if iou.max() >= 0.5:
        return int(names[iou.argmax()])
    return -1 if ground_counts else 0


def found_flags(
    truth: SegmentTruth, found: np.ndarray, wanted: np.ndarray, *, ground_counts: bool = False
) -> list[bool]:
    """Of the wanted true segments, which have a found one with an IoU of at least 0.5.

    Where a shape has necks too thin for the size, so that the truth cuts it, finding it whole is as
    good. With ``ground_counts`` a segment that holds most of the border, such as the tile of an app
    icon, may be the background.
    """
    flags = []
    for name in np.flatnonzero(wanted) + 1:
        mask = truth.labels == name
        hit = matched(mask, found) > 0
        if not hit:
            alike = np.flatnonzero(truth.shape == truth.shape[name - 1]) + 1
            whole = np.isin(truth.labels, alike)
            hit = len(alike) > 1 and matched(whole, found) > 0
            if ground_counts and not hit and _rim(whole).mean() > 0.5:
                hit = matched(whole, found, ground_counts=True) >= 0
        flags.append(bool(hit))
    return flags


def fates(truth: SegmentTruth, found: np.ndarray, wanted: np.ndarray) -> list[str]:
    """Of the wanted true segments that have no found one: what became of them."""
    flags = found_flags(truth, found, wanted, ground_counts=True)
    words = []
    for name, hit in zip(np.flatnonzero(wanted) + 1, flags, strict=True):
        if hit:
            continue
        mask = truth.labels == name
        names, overlap = np.unique(found[mask], return_counts=True)
        if overlap.max() < 0.5 * mask.sum():
            words.append("split")
        else:
            words.append("joined" if names[overlap.argmax()] > 0 else "background")
    return words


def _rim(mask: np.ndarray) -> np.ndarray:
    return np.concatenate([mask[0], mask[-1], mask[1:-1, 0], mask[1:-1, -1]])


def new_color(shape: TrueShape) -> np.ndarray:
    """A colour to repaint a shape with; the same for every method, and far enough from 0 and 255 to
    be shaded.
    """
    return np.random.default_rng(int(shape.cover.sum())).integers(64, 192, 3)


def edit_scores(edits: EditTruth, form: str, method: Method | None) -> list[dict]:
    """For each true shape: what it lies on, whether it was found, and then the faults of removing
    and recolouring it.

    Ours acts with ``marquery.augment.functional``; the others fill their mask, and without a method
    it is the true mask
    that is filled: with the border's colour to remove what lies on the backdrop, with the median
    colour of the pixels around to remove what lies on another paint.
    """
    pixels = encoded(edits.pixels, form)
    segmentation = mq.segment(pixels) if method is ours else None
    if segmentation is not None:
        found = segmentation.labels
    elif method is not None:
        found = method(pixels)
    rows = []
    for shape in edits.shapes:
        mask = edits.mask(shape)
        row: dict = {
            "beneath": "hole" if shape.is_hole else shape.beneath,
            "gradient": shape.is_gradient,
            "area": int(mask.sum()),
        }
        rows.append(row)
        label = matched(mask, found) if method is not None else 1
        row["found"] = label > 0
        if label == 0:
            continue
        own = found == label if method is not None else mask
        color = new_color(shape)
        repainted = edits.repainted(shape, color)
        filled = np.where(own[..., None], color, pixels)
        if segmentation is not None:
            paint = tuple(int(c) for c in color)
            removed = F.remove(pixels, segmentation, [label])
            recolored = F.recolor(pixels, segmentation, {label: paint})
            row["hard"] = _error(edits, shape, filled, repainted)
            if shape.is_gradient:
                shaded = F.recolor(pixels, segmentation, {label: paint}, style="shade")
                row["shade"] = _error(edits, shape, shaded, edits.reshaded(shape, color))
        else:
            below = border_color(pixels) if shape.beneath == "backdrop" else _around(pixels, own)
            removed = np.where(own[..., None], np.array(below), pixels)
            recolored = filled
        row["recolor"] = _error(edits, shape, recolored, repainted)
        if shape.beneath != "unknown":
            reference = edits.repainted(shape, shape.below)
            row["ghost"] = _ghost(edits, shape, removed, reference)
            if form != "png":  # what the compression alone does to the reference
                row["noise"] = _ghost(edits, shape, encoded(reference, form), reference)
    return rows


def _around(pixels: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Median colour of the pixels within 3 px of a mask."""
    ring = (cv2.dilate(own.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0) & ~own
    return np.median(pixels[ring], axis=0) if ring.any() else np.array(border_color(pixels))


def _grown(edits: EditTruth, shape: TrueShape) -> tuple[np.ndarray, int]:
    footprint = edits.footprint(shape)
    return cv2.dilate(footprint.astype(np.uint8), _GROWN) > 0, int(footprint.sum())


def _ghost(edits: EditTruth, shape: TrueShape, out: np.ndarray, reference: np.ndarray) -> float:
    grown, footprint = _grown(edits, shape)
    off = np.abs(out[grown].astype(np.float64) - reference[grown]).max(axis=1)
    return float((off > _GHOST_LEVELS).sum() / footprint)


def _error(edits: EditTruth, shape: TrueShape, out: np.ndarray, reference: np.ndarray) -> float:
    grown, _ = _grown(edits, shape)
    return float(np.abs(out[grown].astype(np.float64) - reference[grown]).mean())
