"""``LogoIndex``: a folder that holds a collection of logos and finds in it."""

import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marquery._version import __version__
from marquery.boxes import Box
from marquery.console import ProgressStart
from marquery.encoder import LogoEncoder
from marquery.errors import MarqueryError, NotThereError, UsageError
from marquery.images import ImageSource
from marquery.index import updating
from marquery.index.entries import read_entry, read_status, read_thumbnail
from marquery.index.match import Match
from marquery.index.metadata.conditions import Condition
from marquery.index.metadata.filters import parse_filter
from marquery.index.metadata.types import Types, column_name
from marquery.index.preparing import QueryPreparer
from marquery.index.ranking import check_range
from marquery.index.searching import (
    apply_feedback,
    check_columns,
    check_request,
    check_words_column,
    check_words_name,
    search_context,
)
from marquery.index.snapshot import Snapshot
from marquery.index.storage.config import IndexConfig
from marquery.index.storage.folder import IndexFolder
from marquery.index.storage.shared_files import working_folder
from marquery.index.storage.summary import ChangeSummary
from marquery.index.storage.table import Table, is_address, whole_address
from marquery.index.strategies.query import MixedQuery
from marquery.index.strategies.registry import get_strategy
from marquery.index.strategies.weights import parse_strategy, weights_of
from marquery.names import StrPath, path_to_text
from marquery.processes import Machines

if TYPE_CHECKING:
    from marquery.calibration import Calibration

#: Rows up to which every search compares with every logo.
FLAT_LIMIT = 100_000


class LogoIndex:
    """A collection of logos on disk: added to in batches, searched while it is written. It comes
    from :meth:`create` or :meth:`open`.

    Args:
        folder: where it is.
        version: to be read, which takes no changes then; None: the newest.
        words_from: column whose words are searched, too; None: the one that it was made with.

    >>> index = LogoIndex.create("idx", encoder="runs/demo/train")  # doctest: +SKIP
    >>> index.add("logos").added  # doctest: +SKIP
    1532
    >>> index.search("new.png", k=5, where="nice = 25")[0].path  # doctest: +SKIP
    '/home/ada/logos/a.png'
    """

    def __init__(
        self, folder: IndexFolder, version: int | None = None, words_from: str | None = None
    ) -> None:
        self._folder = folder
        self._words_from = words_from
        self._fixed = version
        self._lock = threading.Lock()
        self._preparer = QueryPreparer(folder)
        self._seen: Snapshot | None = None
        self._stamp: object | None = None
        self._generation = 0
        if version is not None:
            self._seen = self._read(version)

    @classmethod
    def create(
        cls,
        path: StrPath | None = None,
        encoder: LogoEncoder | StrPath = "default",
        *,
        flat_limit: int = FLAT_LIMIT,
        words: bool = True,
        words_from: str | None = None,
        store: str = "lance",
    ) -> "LogoIndex":
        """Make an empty index in a new folder; the encoder is copied into it.

        Args:
            path: the folder; None where ``store`` says where the index is.
            encoder: what embeds the logos, or what :meth:`LogoEncoder.load` takes.
            flat_limit: rows above which an approximate index is built.
            words: whether to read the words of logos, where RapidOCR is installed.
            words_from: column of the metadata with the words of a logo, as the register has them,
                which are searched together with those that are read. Logos may have none.
            store: what keeps the table: ``"lance"``, in the folder, or an address elsewhere,
                ``"milvus://HOST:PORT/NAME"``, ``"milvus-lite:PATH.db"`` or
                ``"s3://BUCKET/PREFIX"``.

        Raises:
            UsageError: the limit is below 1, no column can be named so, there is no place for the
                index, or the address is none.
            MarqueryError: something is at ``path`` already, or there is no such encoder.
        """
        if flat_limit < 1:
            raise UsageError(
                "flat_limit", f"{flat_limit} is less than 1", "give a whole number from 1"
            )
        if words_from is not None:
            check_words_name(words_from)
        if path is not None and is_address(path):
            path, store = None, str(path)
        if path is None and not is_address(store):
            raise UsageError(
                "path", "the index has no place", lambda name: f"give a folder, or {name('store')}"
            )
        store = whole_address(store) if is_address(store) else store
        place = working_folder(store) if path is None else Path(path)
        given = isinstance(encoder, LogoEncoder)
        model = encoder if isinstance(encoder, LogoEncoder) else LogoEncoder.load(encoder)
        name = model.spec.backbone if given else str(encoder)
        config = IndexConfig(
            encoder=name,
            fingerprint=model.fingerprint(),
            dim=model.dim,
            flat_limit=flat_limit,
            version=__version__,
            words=words,
            words_from=None if words_from is None else column_name(words_from),
            store=store,
        )
        folder = IndexFolder.create(place, model, config)
        if not given:
            folder.take_calibration(name)
        return cls(folder)

    @classmethod
    def open(
        cls,
        path: StrPath,
        *,
        encoder: LogoEncoder | StrPath | None = None,
        version: int | None = None,
        words_from: str | None = None,
    ) -> "LogoIndex":
        """Open an index.

        Args:
            path: its folder, or the address of its store.
            encoder: given only to make sure that it is the one the index was built with.
            version: read the index as it was then, see :meth:`status`; such an index takes no
                changes.
            words_from: column of the metadata whose words are searched, too; None: the one that
                the index was made with, if any.

        Raises:
            MarqueryError: no index there, no such version, or not its encoder.
            UsageError: there is no column of that name, and the index was not made with it.
        """
        folder = IndexFolder.open(path)
        if encoder is not None:
            model = encoder if isinstance(encoder, LogoEncoder) else LogoEncoder.load(encoder)
            name = "the encoder" if isinstance(encoder, LogoEncoder) else str(encoder)
            folder.check_encoder(model, name)
        # Its own column may come with later metadata.
        if words_from is None or column_name(words_from) == folder.config.words_from:
            return cls(folder, version)
        opened = cls(folder, version, column_name(words_from))
        seen = opened.snapshot()
        check_words_column(words_from, {} if seen is None else seen.types)
        return opened

    @property
    def path(self) -> Path:
        """The folder."""
        return self._folder.path

    @property
    def name(self) -> str:
        """Its folder, or the address of its store."""
        return self._folder.name

    @property
    def lasting_name(self) -> str:
        """What opens it from everywhere: its whole path, or the address of its store."""
        return self.name if is_address(self.name) else path_to_text(self.path.resolve())

    @property
    def encoder_name(self) -> str:
        """The encoder as it was named when the index was made."""
        return self._folder.config.encoder

    @property
    def fingerprint(self) -> str:
        """Hex SHA-256 of the encoder that the index was built with."""
        return self._folder.config.fingerprint

    @property
    def encoder(self) -> LogoEncoder:
        """The encoder that the index was built with."""
        return self._folder.encoder

    @property
    def calibration(self) -> "Calibration | None":
        """What the encoder's cosines mean; None if it was not calibrated."""
        return self._folder.calibration

    def tells_probability(self, strategy: str) -> bool:
        """Whether hits of a strategy come with a probability: it was fitted to this encoder."""
        seen = self.snapshot()
        if seen is None:
            return False
        return get_strategy(strategy).is_fitted(search_context(self._folder, seen))

    @property
    def words_from(self) -> str | None:
        """Metadata column whose words are searched together with those that were read."""
        return self._words_from or self._folder.config.words_from

    @property
    def version(self) -> int:
        """Number of the state that a search reads now; 0 while nothing was added."""
        seen = self.snapshot()
        return 0 if seen is None else seen.version

    @property
    def generation(self) -> int:
        """How often another index was found at the place since this one was opened: versions and
        ids of one generation say nothing of the next.
        """
        self.snapshot()
        return self._generation

    def __len__(self) -> int:
        seen = self.snapshot()
        return 0 if seen is None else seen.count

    def add(
        self,
        folder: StrPath,
        *,
        meta: StrPath | None = None,
        types: Types | None = None,
        progress: ProgressStart | None = None,
        on: Machines | None = None,
    ) -> ChangeSummary:
        """Add the images below a folder; files that are stored and have not changed are passed
        over.

        Killed at any moment, what was written stays and the next call goes on from there.

        Args:
            folder: read recursively. Absolute paths are what logos are known by.
            meta: CSV file with metadata, see :func:`marquery.index.metadata.columns.read_metadata`.
            types: of its columns, ``"filed=integer,fee=number"`` or a mapping; others are told from
                the cells.
            progress: called with the number of files to read, if there are any; returns what to
                call as they are done.
            on: machines that read and embed, see :class:`marquery.distributed.RayCluster`; they
                find the files under the same paths.

        Raises:
            MarqueryError: the folder does not exist, another process is writing, or the metadata
                cannot be read.
        """
        self._must_be_latest()
        return updating.update(self._folder, folder, meta, progress, False, types, on)

    def rescan(
        self,
        folder: StrPath,
        *,
        meta: StrPath | None = None,
        types: Types | None = None,
        progress: ProgressStart | None = None,
        on: Machines | None = None,
    ) -> ChangeSummary:
        """Like :meth:`add`; logos below the folder whose files are gone are removed, too.

        Args:
            folder: read recursively.
            meta: CSV file of metadata, see :meth:`add`.
            types: of its columns, see :meth:`add`.
            progress: makes a progress callback, see :meth:`add`.
            on: machines that read and embed, see :meth:`add`.
        """
        self._must_be_latest()
        return updating.update(self._folder, folder, meta, progress, True, types, on)

    def remove(self, paths: Sequence[StrPath] | StrPath) -> ChangeSummary:
        """Take logos out of the index: files, or all below folders. The files themselves stay.

        Raises:
            MarqueryError: a path is neither a stored logo nor above one; nothing is removed then.
        """
        self._must_be_latest()
        several = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
        return updating.remove(self._folder, several)

    def search(
        self,
        image: ImageSource | Sequence[ImageSource] | None = None,
        k: int = 20,
        *,
        strategy: str | Mapping[str, float] | None = None,
        part: Box | None = None,
        words: str | None = None,
        where: str | None = None,
        exact: bool = False,
        offset: int = 0,
        like: Sequence[int | StrPath] = (),
        unlike: Sequence[int | StrPath] = (),
        turned: bool = False,
    ) -> list[Match]:
        """Find the logos most like one.

        Pages do not shift: equal scores are ordered by id, and an index opened at a ``version``
        does not change.

        Args:
            image: the logo, or several images of one mark, of which each stored logo is compared
                with the nearest. None if ``like`` or ``words`` says what is looked for.
            k: how many hits.
            strategy: ``"auto"``: all evidence, weighed; ``"overall"``: the wholes; ``"part"``: the
                query's parts, or its rectangle, with wholes and parts; ``"figure"``: without
                words; ``"words"``: what is written; ``"color"``; ``"shape"``: without colours. Or a
                weighted mix, ``"overall=1,color=0.3"`` or as a mapping. None: ``part`` with a
                rectangle, ``overall`` with feedback, ``words`` with words and no image, else
                ``auto``.
            part: rectangle x, y, width, height in pixels of the image, to search for instead of its
                own parts.
            words: what to look for with the strategies ``words`` and ``auto``, instead of what is
                read in the image.
            where: filter on metadata, see :mod:`marquery.index.metadata.filters`.
            exact: compare with every logo, however many there are.
            offset: hits to leave out, for the next page.
            like: ids or paths of stored logos that hits should be more like; with the strategy
                ``overall``.
            unlike: the same for less.
            turned: look for the query turned in steps of 45° and mirrored, too; a hit says how.
                Sixteen queries in place of one.

        Returns:
            At most k matches, best first.

        Raises:
            ImageError: the image cannot be read.
            UsageError: options are out of range or do not go together.
            MarqueryError: words are to be compared and were not read.
        """
        check_range(k, offset)
        asked = self._prepared(image, strategy, part, words, where, like, unlike, turned)
        if asked is None:
            return []
        seen, query, condition = asked
        return seen.search(query, k, offset, condition, exact)

    def places(
        self,
        logos: Sequence[int],
        image: ImageSource | Sequence[ImageSource] | None = None,
        *,
        strategy: str | Mapping[str, float] | None = None,
        part: Box | None = None,
        words: str | None = None,
        where: str | None = None,
        like: Sequence[int | StrPath] = (),
        unlike: Sequence[int | StrPath] = (),
        turned: bool = False,
    ) -> list[Match]:
        """Where some stored logos stand in the ranking of :meth:`search`, however far down.

        Args:
            logos: ids; those that the filter leaves out, or are not stored, are passed over.
            image: see :meth:`search`, as all that follow.
            strategy: likewise.
            part: likewise.
            words: likewise.
            where: likewise.
            like: likewise.
            unlike: likewise.
            turned: likewise.

        Returns:
            At most one match for each logo, best first, at its place in the whole ranking.

        Raises:
            ImageError: the image cannot be read.
            UsageError: options are out of range or do not go together.
            MarqueryError: words are to be compared and were not read.
        """
        asked = self._prepared(image, strategy, part, words, where, like, unlike, turned)
        if asked is None or not logos:
            return []
        seen, query, condition = asked
        return seen.places(query, logos, condition)

    def compares_all(
        self,
        k: int = 20,
        *,
        strategy: str | Mapping[str, float] | None = None,
        part: Box | None = None,
        words: str | None = None,
        exact: bool = False,
        offset: int = 0,
        where: str | None = None,
        image: bool = True,
        feedback: bool = False,
    ) -> bool:
        """Whether :meth:`search` with these options compares with every logo, and not with
        candidates only.

        Args:
            k: how many hits.
            strategy: see :meth:`search`.
            part: likewise.
            words: likewise.
            exact: likewise.
            offset: likewise.
            where: likewise; of a filter that leaves few logos all are compared.
            image: whether one is given.
            feedback: whether stored logos are given that hits should be more or less like.

        Raises:
            UsageError: options are out of range or do not go together.
        """
        check_range(k, offset)
        weights = parse_strategy(
            strategy, part is not None, words is not None, image=image, feedback=feedback
        )
        seen = self.snapshot()
        chosen = map(get_strategy, weights)
        if seen is None or seen.compares_all(chosen, offset + k, exact):
            return True
        return where is not None and seen.leaves_few(
            parse_filter(where, seen.types, seen.has_words)
        )

    def count(self, where: str | None = None) -> int:
        """How many logos fit a filter; of all without one.

        Raises:
            UsageError: the filter cannot be understood.
        """
        seen = self.snapshot()
        if seen is None or where is None:
            return 0 if seen is None else seen.count
        return seen.table.count(parse_filter(where, seen.types, seen.has_words))

    def pending(self, folder: StrPath) -> list[str]:
        """Images below a folder that are not stored as they are now, but for those found
        unreadable.

        Raises:
            ImageError: the folder does not exist.
        """
        return updating.pending(self._folder, folder)

    def entry(self, logo: int | StrPath) -> dict[str, Any]:
        """What is stored of a logo: id, path, width, height, sha256, words, register_words (those
        of :attr:`words_from`), colors (hex), parts, metadata.

        Raises:
            MarqueryError: there is no such logo.
        """
        return read_entry(self._must_hold(logo), logo, self.path)

    def thumbnail(self, logo: int | StrPath) -> bytes:
        """The small picture of a logo, WebP, at most 128 px.

        Raises:
            MarqueryError: there is no such logo.
        """
        return read_thumbnail(self._must_hold(logo), logo, self.path)

    def verify(self) -> None:
        """Read every file of the index and compare it with what was written.

        Opening an index does so by itself up to 2 GiB; of larger ones it compares the sizes.

        Raises:
            MarqueryError: a file is damaged; the message names it.
        """
        self._folder.verify(every=True)

    def status(self) -> dict[str, Any]:
        """What the index is and holds: logos, version, encoder, search, metadata columns, skipped
        files.
        """
        return read_status(self._folder, self.snapshot())

    def at(self, version: int) -> "LogoIndex":
        """The index as it was at a version, with the encoder that is loaded already; 0: as it is
        now.

        Raises:
            NotThereError: there is no such version.
        """
        return LogoIndex(self._folder, version or None, self._words_from)

    def snapshot(self) -> Snapshot | None:
        """The version that a search reads now; None while nothing was added. It stays as it is."""
        with self._lock:
            if self._fixed is None:
                if self._folder.is_replaced():
                    self._folder = self._folder.reopened()
                    self._preparer = QueryPreparer(self._folder)
                    self._seen = self._stamp = None
                    self._generation += 1
                stamp = self._folder.stamp()
                if self._seen is not None and stamp is not None and stamp == self._stamp:
                    return self._seen
                if self._seen is None:
                    self._folder.verify()
                newest = self._folder.table()
                if newest is None:
                    if self._seen is not None:  # it was there before
                        self._folder.verify()
                    return None
                if self._seen is None or self._seen.version != newest.version:
                    self._folder.verify()
                    self._seen = self._snapshot(newest)
                self._stamp = stamp
            return self._seen

    def _prepared(
        self,
        image: ImageSource | Sequence[ImageSource] | None,
        strategy: str | Mapping[str, float] | None,
        part: Box | None,
        words: str | None,
        where: str | None,
        like: Sequence[int | StrPath],
        unlike: Sequence[int | StrPath],
        turned: bool,
    ) -> tuple[Snapshot, MixedQuery, Condition | None] | None:
        """What is searched, for what, and among which logos; None while nothing was added."""
        images = _as_list(image)
        weights = weights_of(
            strategy, images=images, part=part, words=words, like=like, unlike=unlike
        )
        check_request(images, weights, words, like, unlike)
        seen = self.snapshot()
        if seen is None:
            return None
        check_columns(self._folder, seen, weights, words)
        condition = None if where is None else parse_filter(where, seen.types, seen.has_words)
        query = self._preparer.prepare(seen, images, weights, part, words, turned)
        if like or unlike:
            query = apply_feedback(query, seen, self.path, like, unlike)
        return seen, query, condition

    def _must_hold(self, logo: int | StrPath) -> Snapshot:
        seen = self.snapshot()
        if seen is None:
            raise MarqueryError(f"{logo}: is not in {self.path}; give a logo of the index")
        return seen

    def _must_be_latest(self) -> None:
        if self._fixed is not None:
            raise UsageError(
                "version",
                f"{self.path} was opened at version {self._fixed}",
                "open it without a version to change it",
            )

    def _read(self, version: int) -> Snapshot:
        self._folder.verify()
        table = self._folder.table(version)
        if table is None:
            raise NotThereError(
                "version",
                f"nothing was added to {self.path} yet, so it has no version {version}",
                "leave it out",
            )
        return self._snapshot(table)

    def _snapshot(self, table: Table) -> Snapshot:
        return Snapshot(table, self._folder.config.flat_limit, self.words_from)


def _as_list(image: ImageSource | Sequence[ImageSource] | None) -> list[ImageSource]:
    if image is None:
        return []
    if isinstance(image, (list, tuple)):
        return list(image)
    return [image]  # type: ignore[list-item]
