"""Changes of an index: adding a folder, following what became of its files, taking logos out."""

import os
from collections.abc import Sequence
from pathlib import Path

from marquery.console import ProgressStart
from marquery.errors import ImageError, MarqueryError, UsageError
from marquery.images import find_pictures
from marquery.index.metadata.columns import Metadata, read_metadata
from marquery.index.metadata.types import Types
from marquery.index.storage.folder import IndexFolder
from marquery.index.storage.rows import metadata_types
from marquery.index.storage.summary import ChangeSummary
from marquery.index.storage.writer import Writer
from marquery.names import StrPath, existing_path, is_elsewhere, path_to_text
from marquery.processes import Machines


def update(
    folder: IndexFolder,
    root: StrPath,
    meta: StrPath | None,
    progress: ProgressStart | None,
    remove_missing: bool,
    types: Types | None = None,
    machines: Machines | None = None,
) -> ChangeSummary:
    """Bring an index up to date with the images below a folder.

    Args:
        folder: of the index.
        root: a folder or an address, read recursively.
        meta: CSV file with metadata.
        progress: called with the number of files to read, if there are any.
        remove_missing: take out logos below ``root`` whose files are gone.
        types: of columns of the metadata, see :func:`read_metadata`.
        machines: read and embed; None: this one does.

    Raises:
        MarqueryError: the folder does not exist, another process is writing, or the metadata cannot
            be read.
    """
    if types is not None and meta is None:
        raise UsageError("types", "there is no metadata that they are of", "give the file, too")
    top = absolute(root)
    closed: list[ImageError] = []
    files = find_pictures(top, closed.append)
    metadata: Metadata | None = None if meta is None else read_metadata(meta, top, types)
    with folder.writing():
        writer = Writer(folder, machines)
        if metadata is not None:
            _check_words_column(folder, writer, metadata)
            metadata.check({} if writer.table is None else metadata_types(writer.table.schema))
            writer.summary.joined = list(metadata.joined)
        todo = writer.pending(files)
        before = set(writer.known)
        here = {path_to_text(file) for file in files}
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
        writer.summary.skipped += closed
        # Whether files are gone from a folder that cannot be listed is not known.
        unknown = tuple(_below(error.path) for error in closed)
        below = _below(path_to_text(top))

        def is_gone(path: str) -> bool:
            return path.startswith(below) and path not in here and not path.startswith(unknown)

        if remove_missing:
            writer.remove(filter(is_gone, before))
        writer.forget_skipped(is_gone)
        writer.finish()
    return writer.summary


def _check_words_column(folder: IndexFolder, writer: Writer, metadata: Metadata) -> None:
    """Tell of a name that nothing has before the work, not by searches that find less."""
    wanted = folder.config.words_from
    there = set(metadata.types)
    if writer.table is not None:
        there |= set(metadata_types(writer.table.schema))
    if wanted is not None and wanted not in there:
        raise UsageError(
            "meta",
            f"has no column {wanted}, from which {folder.name} takes words",
            "add the column, or build another index",
        )


def remove(folder: IndexFolder, paths: Sequence[StrPath]) -> ChangeSummary:
    """Take logos out of an index.

    Raises:
        MarqueryError: a path is neither a stored logo nor above one; nothing is removed then.
    """
    with folder.writing():
        writer = Writer(folder)
        chosen: dict[str, None] = {}
        for path in map(stored_path, paths):
            below = _below(path)
            found = [p for p in writer.known if p == path or p.startswith(below)]
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
    files = find_pictures(absolute(root))
    return [path for path, _ in Writer(folder).pending(files)]


def stored_path(path: StrPath) -> str:
    """The text by which an index knows a file, from its path, address or that text; the file may be
    gone.
    """
    if is_elsewhere(path):
        return path_to_text(path)
    return path_to_text(absolute(existing_path(path)))


def _below(folder: str) -> str:
    """How the paths of files in a folder begin."""
    end = "/" if is_elsewhere(folder) else os.sep
    return folder if folder.endswith(end) else folder + end


def absolute(path: StrPath) -> Path | str:
    """The absolute path, by which logos are known, or the address; links are kept as given."""
    if is_elsewhere(path):
        return os.fspath(path).rstrip("/")
    return Path(os.path.abspath(path))  # noqa: PTH100 (resolve() would follow links)
