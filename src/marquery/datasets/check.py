"""``check_data``: whether a folder of logos is whole, readable and free of leaks."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from marquery.datasets.logoset import MANIFEST, SPLITS, LogoSet
from marquery.datasets.metu import metu_layout, read_metu
from marquery.datasets.metu.verify import verify_metu
from marquery.datasets.naming import name_some
from marquery.datasets.survey import Examine, FilesBelow, examine_header, examine_pixels, survey
from marquery.errors import ImageError

Kind = Literal["METU, the paper's lists", "METU, as given out", "openlogos", "folder"]

#: Logos of one group in a batch of the paper; smaller groups take no part in it.
LEAST_GROUP = 4


@dataclass
class CheckReport:
    """What was found in a folder.

    Attributes:
        folder: as given.
        kind: what it was taken for.
        full: whether every file was decoded, or its header read only.
        counts: what -> how many.
        expected: what -> how many there should be, where that is known.
        unreadable: the files that cannot be read.
        problems: sentences; with any, results from this folder are not what they seem.
        notes: sentences worth knowing.
        seconds: what it took.
    """

    folder: Path
    kind: Kind
    full: bool
    counts: dict[str, int] = field(default_factory=dict)
    expected: dict[str, int] = field(default_factory=dict)
    unreadable: list[ImageError] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether there is no problem."""
        return not self.problems

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values that JSON can hold."""
        return {
            "folder": str(self.folder),
            "kind": self.kind,
            "ok": self.ok,
            "full": self.full,
            "counts": self.counts,
            "expected": self.expected,
            "unreadable": [{"path": e.path, "reason": e.reason} for e in self.unreadable],
            "problems": self.problems,
            "notes": self.notes,
            "seconds": round(self.seconds, 1),
        }


def check_data(
    folder: Path,
    full: bool = False,
    threads: int | None = None,
    progress: Callable[[int], Callable[[int], object]] | None = None,
) -> CheckReport:
    """Check METU in either layout, a built openlogos, or any folder with one sub-folder a group.

    Args:
        folder: the data.
        full: decode every file, and compare openlogos with the digests of its manifest; otherwise
            headers are read, which sees missing, empty, cut-off and foreign files.
        threads: how many files at a time; default one a core.
        progress: called once with the number of files; returns what to call as they are done.

    Raises:
        MarqueryError: no such folder, no images in it, or lists that cannot be read at all.
    """
    began = time.perf_counter()
    built = (folder / MANIFEST).is_file()
    layout = metu_layout(folder) if folder.is_dir() and not built else None
    examine: Examine = examine_pixels if full else examine_header
    if layout is not None:
        kind: Kind = "METU, as given out" if layout == "queries" else "METU, the paper's lists"
        report = CheckReport(folder, kind, full)
        found = verify_metu(read_metu(folder), LEAST_GROUP)
        report.counts, report.expected = found.counts, found.expected
        report.problems, report.notes = found.problems, found.notes
        paths = found.paths
    else:
        logos = LogoSet.open(folder)
        report = CheckReport(folder, "openlogos" if built else "folder", full)
        _count_groups(report, logos)
        if built:
            _verify_splits(report, logos)
            examine = _digest_examiner(logos) if full else examine
        paths = list(logos.paths)
    files = FilesBelow(folder, paths)
    bad = survey(files, examine, threads, progress(len(files)) if progress else None)
    report.unreadable = list(bad.values())
    if bad:
        report.problems.insert(0, f"{len(bad):,} of {len(files):,} files cannot be read")
    report.seconds = time.perf_counter() - began
    return report


def _count_groups(report: CheckReport, logos: LogoSet) -> None:
    sizes = Counter(str(group) for group in logos.groups if group)
    small = sum(size < LEAST_GROUP for size in sizes.values())
    report.counts |= {
        "files": len(logos),
        "groups": len(sizes),
        "groups of two or more": sum(size > 1 for size in sizes.values()),
        f"groups under {LEAST_GROUP}": small,
        "logos without a group": int((logos.groups == "").sum()),
    }
    if not any(size > 1 for size in sizes.values()):
        report.notes.append(
            "no group has two logos, so nothing can be evaluated: put look-alike logos into "
            "sub-folders, "
            "one a group"
        )
    elif small:
        report.notes.append(
            f"{small:,} groups have under {LEAST_GROUP} logos; the paper's batches (batch.kind: "
            "paper) pass "
            "them over"
        )


def _verify_splits(report: CheckReport, logos: LogoSet) -> None:
    for split in SPLITS:
        report.counts[f"{split} split"] = int((logos.splits == split).sum())
    pairs = {(str(g), str(s)) for g, s in zip(logos.groups, logos.splits, strict=True) if g}
    torn = [group for group, count in Counter(group for group, _ in pairs).items() if count > 1]
    if torn:
        report.problems.append(
            f"a leak: {len(torn):,} groups stand in two splits: {name_some(torn)}"
        )
    twice = [path for path, count in Counter(logos.paths).items() if count > 1]
    if twice:
        report.problems.append(f"{len(twice):,} files are listed twice: {name_some(twice)}")


def _digest_examiner(logos: LogoSet) -> Examine:
    """Decodes a file and compares its pixels with the manifest's digest."""
    from marquery.datasets.openlogos.render import pixel_digest
    from marquery.images import load_image

    wanted: dict[Path, str] = dict(zip(logos.files(), map(str, logos.digests), strict=True))

    def examine(file: Path) -> ImageError | None:
        try:
            pixels = np.asarray(load_image(file))
        except ImageError as error:
            return error
        if pixel_digest(pixels) != wanted[file]:
            return ImageError(file, "its pixels are not those of the manifest; build the set again")
        return None

    return examine
