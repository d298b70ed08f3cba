"""The logos of a sweep: what is learnt from, what is chosen by, and the sets of queries."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from PIL import Image

from marquery.arrays import UInt8Array
from marquery.datasets import LogoSet
from marquery.datasets.edit_set import EDITS, EditSet
from marquery.datasets.readable import readable
from marquery.encoder.preprocess import to_square
from marquery.encoder.threaded_map import map_images
from marquery.errors import ImageError, UsageError
from marquery.files import write_atomically
from marquery.images import ImageSource
from marquery.paper.reproduce.claims import waiting_for
from marquery.progress import progress_bar


@dataclass(frozen=True)
class Material:
    """Splits of one data set; pictures may be squares that were made beforehand.

    Attributes:
        training: learnt from.
        validation: by which weights are chosen.
        test: queries and gallery of *cross*.
        edits: queries of *edits*, each to be found in ``test``; ``None`` where the set has none.
        skipped: files that cannot be read and are left out.
    """

    training: LogoSet
    validation: LogoSet
    test: LogoSet
    edits: EditSet | None
    skipped: tuple[ImageError, ...] = ()

    @property
    def count(self) -> int:
        """How many pictures there are, one that stands in two splits counted twice."""
        edited = len(self.edits.files) if self.edits else 0
        return len(self.training) + len(self.validation) + len(self.test) + edited

    def fingerprints(self) -> dict[str, str]:
        """SHA-256 of each split, and how many edited queries there are."""
        return {
            "training": self.training.fingerprint(),
            "validation": self.validation.fingerprint(),
            "test": self.test.fingerprint(),
            "edits": str(len(self.edits.files)) if self.edits else "none",
        }


def open_material(folder: Path) -> Material:
    """Read a data set with splits: openlogos, METU.

    Raises:
        UsageError: it has no splits.
        MarqueryError: it cannot be read.
    """
    logos, skipped = readable(LogoSet.open(folder))
    if not logos.has_splits:
        raise UsageError(
            "data",
            f"{folder}: has no splits to train and to test on",
            "give METU's folder, or build the open benchmark",
        )
    test = logos.split("test")
    edits = EditSet.open(test, "test") if (logos.root / EDITS).is_file() else None
    return Material(logos.split("train"), logos.split("val"), test, edits, tuple(skipped))


def with_squares(material: Material, side: int, cache: Path) -> Material:
    """The same logos as PNGs of ``side`` pixels below ``cache``, made where they are missing.

    They hold the very pixels that :func:`~marquery.encoder.preprocess.to_square` gives, so results
    are the same; reading one takes an eighth of the time.

    Args:
        material: the logos.
        side: pixels.
        cache: folder of the PNGs.
    """
    key = material.test.fingerprint()[:12]
    target = cache / f"squares-{side}-{key}"
    root = material.test.root
    edited = material.edits.files if material.edits else []
    files = [
        *material.training.files(),
        *material.validation.files(),
        *material.test.files(),
        *edited,
    ]
    moved = {file: target / file.relative_to(root) for file in files}
    target.mkdir(parents=True, exist_ok=True)
    with waiting_for(target / ".lock"):
        _make([(file, square) for file, square in moved.items() if not square.exists()], side)
    return replace(
        material,
        training=replace(material.training, root=target),
        validation=replace(material.validation, root=target),
        test=replace(material.test, root=target),
        edits=material.edits
        and replace(material.edits, files=[moved[file] for file in material.edits.files]),
    )


def _make(missing: Sequence[tuple[Path, Path]], side: int) -> None:
    def read(source: ImageSource) -> UInt8Array:
        return to_square(source, side)

    if not missing:
        return
    with progress_bar(f"squares of {side} pixels", len(missing)) as advance:
        squares = map_images([file for file, _ in missing], read)
        for (_, target), pixels in zip(missing, squares, strict=True):
            write_atomically(target, partial(_write_png, pixels), lasting=False)
            advance()


def _write_png(pixels: UInt8Array, path: Path) -> None:
    Image.fromarray(pixels).save(path, format="PNG", compress_level=1)
