"""Leaving unreadable files out of a set before a job starts, so that none can end it."""

import contextlib
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from marquery.caches import cache_folder
from marquery.datasets.logoset import LogoSet
from marquery.datasets.survey import FilesBelow, examine_pixels, survey
from marquery.decoding import decoder_versions
from marquery.errors import ImageError, MarqueryError
from marquery.files import write_atomically
from marquery.json_text import parse_json
from marquery.progress import progress_bar

# From so many files on, decoding them all is minutes: what was found is kept for the next job.
_KEPT_FROM = 20_000


def readable(
    logos: LogoSet, threads: int | None = None, cache: Path | None = None
) -> tuple[LogoSet, list[ImageError]]:
    """The logos that can be read, and the errors of the others, one a file.

    A built benchmark, whose pixels were digested when it was written, is taken as it is. Of a set
    of 20,000 files or more the finding is kept until a file's size or time changes.

    Args:
        logos: the set; a file that stands in it twice is decoded once.
        threads: how many files at a time; default one a core.
        cache: folder of the findings; default ``$XDG_CACHE_HOME/marquery/readable``.

    Raises:
        MarqueryError: none can be read.
    """
    if (logos.digests != "").all():
        return logos, []
    paths = list(dict.fromkeys(logos.paths))
    files = FilesBelow(logos.root, paths)
    finding = None
    if len(files) >= _KEPT_FROM:
        finding = (cache or cache_folder("readable")) / f"{_stamp(files)}.json"
    bad = _recall(finding, paths)
    if bad is None:
        with progress_bar("checking files", len(files), shown=None) as advance:
            bad = survey(files, examine_pixels, threads, advance)
        # A reason outside the files, such as a permission, may have passed the next time.
        if finding is not None and not any(error.passing for error in bad.values()):
            reasons = {str(place): [error.path, error.reason] for place, error in bad.items()}
            with contextlib.suppress(MarqueryError):  # no room for it: the next job looks again
                write_atomically(finding, lambda out: out.write_text(json.dumps(reasons)))
    if len(bad) == len(files):
        first = next(iter(bad.values()))
        raise MarqueryError(
            f"{logos.root}: none of its {len(files)} images could be read; the first is {first}"
        )
    if not bad:
        return logos, []
    names = {paths[place] for place in bad}
    return logos.subset(np.array([path not in names for path in logos.paths])), list(bad.values())


def _recall(finding: Path | None, paths: Sequence[str]) -> dict[int, ImageError] | None:
    """What was found before; ``None`` where nothing was, or what is there cannot be used."""
    if finding is None:
        return None
    try:
        kept = parse_json(finding.read_text(encoding="utf-8"))
        bad = {int(place): ImageError(path, reason) for place, (path, reason) in kept.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return None
    return bad if all(0 <= place < len(paths) for place in bad) else None


def _stamp(files: Sequence[Path]) -> str:
    """Hex digest of names, sizes, times and the decoders: another one as soon as any changes."""
    digest = hashlib.sha256(decoder_versions().encode())
    for file in files:
        try:
            status = file.stat()
            row = f"{file.absolute()}\0{status.st_size}\0{status.st_mtime_ns}\n"
        except OSError:
            row = f"{file.absolute()}\0\n"
        digest.update(row.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()
