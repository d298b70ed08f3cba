"""Changes of an index: adding a folder, following what became of its files, taking logos out."""

import os
from collections.abc import Sequence
from pathlib import Path

from marquery.console import ProgressStart
from marquery.errors import MarqueryError
from marquery.images import find_images
from marquery.index.metadata.columns import Metadata, read_metadata
from marquery.index.storage.folder import IndexFolder
from marquery.index.storage.summary import ChangeSummary
from marquery.index.storage.writer import Writer

StrPath = str | os.PathLike[str]


def update(
    folder: IndexFolder,
    root: StrPath,
    meta: StrPath | None,
    progress: ProgressStart | None,
    remove_missing: bool,
) -> ChangeSummary:
    """Bring an index up to date with the images below a folder.

    Args:
        folder: of the index.
        root: read recursively.
        meta: CSV file with metadata.
        progress: called with the number of files to read, if there are any.
        remove_missing: take out logos below ``root`` whose files are gone.

    Raises:
        MarqueryError: the folder does not exist, another process is writing, or the metadata cannot
            be read.
    """
    top = absolute(root)
    files = find_images(top)
    metadata: Metadata | None = None if meta is None else read_metadata(meta, top)
    with folder.writing():
        writer = Writer(folder)
        todo = writer.pending(files)
        before = set(writer.known)
        here = {str(file) for file in files}
        unread = writer.without_words(sorted((before & here) - {path for path, _ in todo}))
        if progress is not None and (todo or unread):
            writer.progress = progress(len(todo) + len(unread))
        writer.write(todo, metadata)
        writer.read_words(unread)
        if metadata is not None:
            # What was just written has its metadata already.
            written = {path for path, _ in todo}
            writer.describe((before & here) - written, metadata)
            writer.summary.unmatched = len(set(metadata.rows) - set(writer.known))
        below = str(top) + os.sep
        if remove_missing:
            writer.remove([p for p in before if p.startswith(below) and p not in here])
        if writer.skipped:
            writer.forget_skipped(lambda p: p.startswith(below) and p not in here)
        writer.finish()
    return writer.summary


def remove(folder: IndexFolder, paths: Sequence[StrPath]) -> ChangeSummary:
    """Take logos out of an index.

    Raises:
        MarqueryError: a path is neither a stored logo nor above one; nothing is removed then.
    """
    with folder.writing():
        writer = Writer(folder)
        chosen: dict[str, None] = {}
        for path in map(absolute, paths):
            below = str(path) + os.sep
            found = [p for p in writer.known if p == str(path) or p.startswith(below)]
            if not found:
                raise MarqueryError(f"{path}: is not in {folder.path}; nothing was removed")
            chosen |= dict.fromkeys(found)
        writer.remove(chosen)
        writer.finish()
    return writer.summary


def pending(folder: IndexFolder, root: StrPath) -> list[str]:
    """Images below a folder that are not stored as they are now, but for those found unreadable.

    Raises:
        ImageError: the folder does not exist.
    """
    files = find_images(absolute(root))
    return [path for path, _ in Writer(folder).pending(files)]


def absolute(path: StrPath) -> Path:
    """The absolute path, by which logos are known; links are kept as given."""
    return Path(os.path.abspath(path))  # noqa: PTH100 (resolve() would follow links)
