"""Logos at twice the size, with their true segments and shapes to edit, kept on disk."""

import zlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from marquery.datasets.openlogos.arrivals import Condition, turn_of, turned, turned_labels
from marquery.datasets.openlogos.edit_truth import EditTruth, TrueShape, edit_truth
from marquery.datasets.openlogos.truth import SegmentTruth, framed, segment_truth
from segmentation.sample import Logo
from segmentation.truths import read_case, write_case

#: Raise it when a source would come out otherwise.
VERSION = 1
_SHAPES = 2


@dataclass(frozen=True)
class Source:
    """One logo before anything happened to it: drawn at twice the size, with its true segments."""

    truth: SegmentTruth
    edits: EditTruth
    seed: int

    def picture(self, condition: Condition) -> np.ndarray:
        """uint8 (H, W, 3): the logo as it arrives."""
        return condition.make(self.edits.pixels, self.seed)

    def labels(self, condition: Condition) -> np.ndarray:
        """int32 (H, W): true segments where they are in the picture; -1 unknown."""
        if not condition.turns:
            return self.truth.labels
        return turned_labels(self.truth.labels, turn_of(self.seed))

    def repainted(self, condition: Condition, shape: TrueShape, color: np.ndarray) -> np.ndarray:
        """uint8 (H, W, 3): the picture, had one shape been drawn in another colour."""
        return condition.make(self.edits.repainted(shape, color), self.seed)

    def mask(self, condition: Condition, shape: TrueShape) -> np.ndarray:
        """bool (H, W): pixels that a shape covers by half or more."""
        return self._reduced(condition, self.edits.mask(shape)) >= 0.5

    def footprint(self, condition: Condition, shape: TrueShape) -> np.ndarray:
        """bool (H, W): pixels that show anything of a shape."""
        return self._reduced(condition, self.edits.footprint(shape)) > 0

    def _reduced(self, condition: Condition, mask: np.ndarray) -> np.ndarray:
        share = mask.astype(np.float32)
        if condition.turns:
            share = turned(share, turn_of(self.seed))
        height, width = share.shape
        return cv2.resize(share, (width // 2, height // 2), interpolation=cv2.INTER_AREA)


def load_source(logo: Logo, side: int, cache: Path) -> Source:
    """The source from the cache, or drawn and put there.

    Raises:
        ValueError: the SVG cannot be drawn, or does not tell the segments.
    """
    path = cache / f"double{VERSION}" / str(side) / f"{logo.digest}.npz"
    seed = zlib.crc32(logo.digest.encode())
    case = read_case(path)
    if case is None:
        svg = framed(logo.svg, side)
        truth = segment_truth(svg, side, logo.backdrop)
        edits = edit_truth(svg, 2 * side, logo.backdrop, most=_SHAPES, factor=4, min_area=48)
        if truth is None or edits is None:
            raise ValueError("its SVG does not tell the segments")
        if edits.sums.shape[:2] != tuple(2 * s for s in truth.labels.shape):
            raise ValueError("it has no whole number of pixels at twice the size")
        write_case(path, edits.pixels[:1, :1], truth, edits)
        return Source(truth, edits, seed)
    if case.edits is None:
        raise ValueError("its cached truth has no shapes to edit")
    return Source(case.truth, case.edits, seed)
