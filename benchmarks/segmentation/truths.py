"""Truth and pictures of one logo at one size, kept on disk: drawing them takes longer than
scoring.
"""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from marquery.datasets.openlogos.edit_truth import EditTruth, TrueShape, edit_truth
from marquery.datasets.openlogos.render import over
from marquery.datasets.openlogos.truth import SegmentTruth, framed, segment_truth
from marquery.files import written_whole
from marquery.svg import render_svg
from segmentation.sample import Logo

#: Raise it when the truth of a drawing would come out otherwise.
VERSION = 8
FORMS = {"png": None, "jpeg90": 90, "jpeg50": 50}


@dataclass(frozen=True)
class Case:
    """One logo at one size: pixels as any user would see them, the true segments, and the
    references for edits.
    """

    pixels: np.ndarray
    truth: SegmentTruth
    edits: EditTruth | None


def load_case(logo: Logo, side: int, with_edits: bool, cache: Path) -> Case:
    """The case from the cache, or drawn and put there.

    Raises:
        ValueError: the SVG cannot be drawn.
    """
    path = cache / f"v{VERSION}" / str(side) / f"{logo.digest}.npz"
    case = read_case(path)
    if case is not None and (case.edits is not None or not with_edits):
        return case
    truth = segment_truth(logo.svg, side, logo.backdrop)
    if truth is None:
        raise ValueError("its SVG does not tell the segments")
    pixels = over(render_svg(framed(logo.svg, side), side), logo.backdrop)
    edits = edit_truth(logo.svg, side, logo.backdrop) if with_edits else None
    write_case(path, pixels, truth, edits)
    return Case(pixels, truth, edits)


def encoded(pixels: np.ndarray, form: str) -> np.ndarray:
    """The picture after a round trip through a file: PNG, or JPEG with Pillow's default
    subsampling.
    """
    quality = FORMS[form]
    if quality is None:
        return pixels
    packed = io.BytesIO()
    Image.fromarray(pixels).save(packed, "JPEG", quality=quality)
    return np.asarray(Image.open(packed).convert("RGB"))


def write_case(
    path: Path, pixels: np.ndarray, truth: SegmentTruth, edits: EditTruth | None
) -> None:
    """Write a case in one piece."""
    arrays = {
        "pixels": pixels,
        "labels": truth.labels.astype(np.int16),
        "is_hole": truth.is_hole,
        "is_gradient": truth.is_gradient,
        "visible": truth.visible,
        "shape": truth.shape,
    }
    if edits is not None:
        arrays["sums"] = edits.sums.astype(np.uint16)
        arrays["numbers"] = np.array([edits.factor, edits.fit, edits.unfit])
        for i, shape in enumerate(edits.shapes):
            arrays[f"cover{i}"] = shape.cover.astype(np.uint8)
            arrays[f"paint{i}"] = shape.paint.astype(np.uint16)
            arrays[f"box{i}"] = np.array(shape.box)
            arrays[f"below{i}"] = shape.below
            arrays[f"kind{i}"] = np.array([shape.beneath, shape.is_gradient, shape.is_hole])
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as scratch, scratch.open("wb") as file:
        np.savez_compressed(file, **arrays)


def read_case(path: Path) -> Case | None:
    """The case in a file; None if there is none that can be read."""
    try:
        with np.load(path) as stored:
            arrays = dict(stored)
    except (OSError, ValueError, zipfile.BadZipFile):
        return None
    truth = SegmentTruth(
        arrays["labels"].astype(np.int32),
        arrays["is_hole"],
        arrays["is_gradient"],
        arrays["visible"],
        arrays["shape"],
    )
    if "sums" not in arrays:
        return Case(arrays["pixels"], truth, None)
    factor, fit, unfit = (int(v) for v in arrays["numbers"])
    shapes = []
    for i in range(sum(name.startswith("cover") for name in arrays)):
        beneath, gradient, hole = arrays[f"kind{i}"]
        shapes.append(
            TrueShape(
                tuple(int(v) for v in arrays[f"box{i}"]),
                arrays[f"cover{i}"].astype(np.int64),
                arrays[f"paint{i}"].astype(np.int64),
                str(beneath),
                arrays[f"below{i}"],
                gradient == "True",
                hole == "True",
            )
        )
    edits = EditTruth(arrays["sums"].astype(np.int64), factor, tuple(shapes), fit, unfit)
    return Case(arrays["pixels"], truth, edits)
