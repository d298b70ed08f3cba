"""``LogoIndex``: a folder that holds a collection of logos and finds in it."""

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from marquery.boxes import Box
from marquery.encoder import LogoEncoder
from marquery.errors import MarqueryError, UsageError
from marquery.images import ImageSource, find_images
from marquery.index.metadata.columns import Metadata, read_metadata
from marquery.index.metadata.filters import PREFIX, to_sql
from marquery.index.snapshot import Match, Snapshot, check_range
from marquery.index.storage.folder import Store
from marquery.index.storage.report import Report
from marquery.index.storage.schema import Float32Array, matrix
from marquery.index.storage.writer import Writer
from marquery.index.strategies.palette import COLORS, to_hex
from marquery.index.strategies.query import Query, make_query, parse_strategy

if TYPE_CHECKING:
    from marquery.calibration import Calibration

#: Rows up to which every search compares with every logo.
FLAT_LIMIT = 100_000
# Weights of what is asked for, of logos like it, and of logos unlike it, as Rocchio's usual ones.
_ASKED, _LIKE, _UNLIKE = 1.0, 0.75, 0.25
Progress = Callable[[int], Callable[[int], object]]
StrPath = str | os.PathLike[str]


class LogoIndex:
    """A collection of logos on disk: added to in batches, searched while it is written.

    >>> index = LogoIndex.create("idx", encoder="runs/demo/train")  # doctest: +SKIP
    >>> index.add("logos").added  # doctest: +SKIP
    1532
    >>> index.search("new.png", k=5, where="nice = 25")[0].path  # doctest: +SKIP
    '/home/ada/logos/a.png'
    """

    def __init__(self, store: Store, version: int | None = None) -> None:
        self._store = store
        self._fixed = version
        self._lock = threading.Lock()
        self._seen: Snapshot | None = None
        if version is not None:
            self._seen = self._read(version)

    @classmethod
    def create(
        cls,
        path: StrPath,
        encoder: LogoEncoder | StrPath = "default",
        *,
        flat_limit: int = FLAT_LIMIT,
        words: bool = True,
    ) -> "LogoIndex":
        """Make an empty index in a new folder; the encoder is copied into it.

        Args:
            path: the folder.
            encoder: what embeds the logos, or what :meth:`LogoEncoder.load` takes.
            flat_limit: rows above which an approximate index is built.
            words: whether to read the words of logos, where RapidOCR is installed.

        Raises:
            MarqueryError: something is at ``path`` already, or there is no such encoder.
        """
        if flat_limit < 1:
            raise UsageError(
                "flat_limit", f"{flat_limit} is less than 1", "give a whole number from 1"
            )
        made = isinstance(encoder, LogoEncoder)
        model = encoder if isinstance(encoder, LogoEncoder) else LogoEncoder.load(encoder)
        name = model.spec.backbone if made else str(encoder)
        store = Store.create(Path(path), model, name, flat_limit, words)
        if not made:
            store.take_calibration(name)
        return cls(store)

    @classmethod
    def open(
        cls,
        path: StrPath,
        *,
        encoder: LogoEncoder | StrPath | None = None,
        version: int | None = None,
    ) -> "LogoIndex":
        """Open an index.

        Args:
            path: its folder.
            encoder: given only to make sure that it is the one the index was built with.
            version: read the index as it was then, see :meth:`status`; such an index takes no changes.

        Raises:
            MarqueryError: no index there, no such version, or not its encoder.
        """
        store = Store(Path(path))
        if encoder is not None:
            model = encoder if isinstance(encoder, LogoEncoder) else LogoEncoder.load(encoder)
            name = "the encoder" if isinstance(encoder, LogoEncoder) else str(encoder)
            store.check_encoder(model, name)
        return cls(store, version)

    @property
    def path(self) -> Path:
        """The folder."""
        return self._store.path

    @property
    def encoder(self) -> LogoEncoder:
        """The encoder that the index was built with."""
        return self._store.encoder

    @property
    def calibration(self) -> "Calibration | None":
        """What the encoder's cosines mean; None if it was not calibrated."""
        return self._store.calibration

    @property
    def version(self) -> int:
        """Number of the state that a search reads now; 0 while nothing was added."""
        seen = self._snapshot()
        return 0 if seen is None else seen.version

    def __len__(self) -> int:
        seen = self._snapshot()
        return 0 if seen is None else seen.count

    def add(
        self, folder: StrPath, *, meta: StrPath | None = None, progress: Progress | None = None
    ) -> Report:
        """Add the images below a folder; files that are stored and have not changed are passed over.

        Killed at any moment, what was written stays and the next call goes on from there.

        Args:
            folder: read recursively. Absolute paths are what logos are known by.
            meta: CSV file with metadata, see :func:`marquery.index.metadata.columns.read_metadata`.
            progress: called with the number of files to read, if there are any; returns what to call as
                they are done.

        Raises:
            MarqueryError: the folder does not exist, another process is writing, or the metadata cannot be
                read.
        """
        return self._update(Path(folder), meta, progress, gone_too=False)

    def rescan(
        self, folder: StrPath, *, meta: StrPath | None = None, progress: Progress | None = None
    ) -> Report:
        """Like :meth:`add`; logos below the folder whose files are gone are removed, too."""
        return self._update(Path(folder), meta, progress, gone_too=True)

    def remove(self, paths: Sequence[StrPath] | StrPath) -> Report:
        """Take logos out of the index: files, or all below folders. The files themselves stay.

        Raises:
            MarqueryError: a path is neither a stored logo nor above one; nothing is removed then.
        """
        self._must_be_latest()
        several = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
        with self._store.writing():
            writer = Writer(self._store)
            chosen: dict[str, None] = {}
            for path in map(_absolute, several):
                below = str(path) + os.sep
                found = [p for p in writer.known if p == str(path) or p.startswith(below)]
                if not found:
                    raise MarqueryError(f"{path}: is not in {self.path}; nothing was removed")
                chosen |= dict.fromkeys(found)
            writer.remove(chosen)
            writer.finish()
        return writer.report

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
    ) -> list[Match]:
        """Find the logos most like one.

        Pages do not shift: equal scores are ordered by id, and an index opened at a ``version`` does not change.

        Args:
            image: the logo, or several images of one mark, of which each stored logo is compared with the
                nearest. None if ``like`` or ``words`` says what is looked for.
            k: how many hits.
            strategy: ``"overall"``: the wholes; ``"part"``: the query's parts, or its rectangle, with wholes and
                parts; ``"figure"``: without words; ``"words"``: what is written; ``"color"``; ``"shape"``: without
                colours. Or a weighted mix, ``"overall=1,color=0.3"`` or as a mapping.
            part: rectangle x, y, width, height in pixels of the image, to search for instead of its own parts.
            words: what to look for with the strategy ``words``, instead of what is read in the image.
            where: filter on metadata, see :mod:`marquery.index.metadata.filters`.
            exact: compare with every logo, however many there are.
            offset: hits to leave out, for the next page.
            like: ids or paths of stored logos that hits should be more like; with the strategy ``overall``.
            unlike: the same for less.

        Returns:
            At most k matches, best first.

        Raises:
            ImageError: the image cannot be read.
            UsageError: options are out of range or do not go together.
            MarqueryError: words are to be compared and were not read.
        """
        check_range(k, offset)
        images = _as_list(image)
        weights = parse_strategy(strategy, part is not None, words is not None)
        if not images and not like and (words is None or set(weights) != {"words"}):
            raise UsageError(
                None,
                "there is nothing to search for",
                "give an image, stored logos to be like, or words with the strategy words",
            )
        if (like or unlike) and set(weights) != {"overall"}:
            raise UsageError(
                "like",
                "a search for more or less like stored logos compares whole logos alone",
                lambda name: f"leave {name('strategy')} out",
            )
        seen = self._snapshot()
        if seen is None:
            return []
        if "words" in weights and not seen.words_read:
            raise MarqueryError(
                f"{self.path}: holds no words; read them: marquery index rescan {self.path} FOLDER"
                if self._store.config.words
                else f"{self.path}: was built without words; build an index with them to search by words"
            )
        sql = None if where is None else to_sql(where, seen.types, seen.has_words)
        query = make_query(images, weights, self.encoder, self._store.projection(), part, words)
        if like or unlike:
            self._lean(query, seen, like, unlike)
            return seen.search(query, k, offset, sql, exact)  # of a direction, not of two logos
        return [self._judged(m) for m in seen.search(query, k, offset, sql, exact)]

    def compares_all(
        self,
        k: int = 20,
        *,
        strategy: str | Mapping[str, float] | None = None,
        part: Box | None = None,
        words: str | None = None,
        exact: bool = False,
        offset: int = 0,
    ) -> bool:
        """Whether :meth:`search` with these options compares with every logo, and not with candidates only.

        Args:
            k, strategy, part, words, exact, offset: as they are given to it.

        Raises:
            UsageError: options are out of range or do not go together.
        """
        check_range(k, offset)
        query = Query(parse_strategy(strategy, part is not None, words is not None))
        seen = self._snapshot()
        return seen is None or seen.compares_all(query, offset + k, exact)

    def count(self, where: str | None = None) -> int:
        """How many logos fit a filter; of all without one.

        Raises:
            UsageError: the filter cannot be understood.
        """
        seen = self._snapshot()
        if seen is None or where is None:
            return 0 if seen is None else seen.count
        return int(seen.table.count_rows(to_sql(where, seen.types, seen.has_words)))

    def pending(self, folder: StrPath) -> list[str]:
        """Images below a folder that are not stored as they are now, but for those found unreadable.

        Raises:
            ImageError: the folder does not exist.
        """
        files = find_images(_absolute(Path(folder)))
        return [path for path, _ in Writer(self._store).pending(files)]

    def entry(self, logo: int | StrPath) -> dict[str, Any]:
        """What is stored of a logo: id, path, width, height, sha256, words, colors (hex), parts, metadata.

        Raises:
            MarqueryError: there is no such logo.
        """
        names = ("path", "width", "height", "sha256", "words", "colors", "part_kinds", "part_boxes")
        seen, row = self._row(logo, names, with_metadata=True)
        boxes = np.array(row["part_boxes"], np.int64).reshape(-1, 4).tolist()
        palette = np.array(row["colors"], np.float32).reshape(COLORS, 4)
        return {
            **{name: row[name] for name in ("id", "path", "width", "height", "sha256")},
            "words": row.get("words"),
            "colors": to_hex(palette),
            "parts": [{"kind": k, "box": b} for k, b in zip(row["part_kinds"], boxes, strict=True)],
            "metadata": {name: row[PREFIX + name] for name in seen.types},
        }

    def thumbnail(self, logo: int | StrPath) -> bytes:
        """The small picture of a logo, WebP, at most 128 px.

        Raises:
            MarqueryError: there is no such logo.
        """
        _, row = self._row(logo, ("thumbnail",))
        return bytes(row["thumbnail"])

    def status(self) -> dict[str, Any]:
        """What the index is and holds: logos, version, encoder, search, metadata columns, skipped files."""
        seen = self._snapshot()
        config = self._store.config
        info: dict[str, Any] = {
            "path": str(self.path),
            "logos": 0 if seen is None else seen.count,
            "version": 0 if seen is None else seen.version,
            "encoder": config.encoder,
            "fingerprint": config.fingerprint,
            "dimensions": config.dim,
            "search": "exact",
            "columns": {} if seen is None else dict(seen.types),
            "skipped": {p: why for p, (_, why) in sorted(self._store.skipped().items())},
            "bytes": sum(f.stat().st_size for f in self.path.rglob("*") if f.is_file()),
        }
        if seen is not None:
            projection = self._store.projection()
            info["part_dimensions"] = projection.dim
            info["part_share_kept"] = round(projection.kept, 4)
            if seen.approximate:
                info["search"] = f"IVF_RQ above {config.flat_limit} logos"
        return info

    def _update(
        self, folder: Path, meta: StrPath | None, progress: Progress | None, gone_too: bool
    ) -> Report:
        self._must_be_latest()
        root = _absolute(folder)
        files = find_images(root)
        metadata: Metadata | None = None if meta is None else read_metadata(meta, root)
        with self._store.writing():
            writer = Writer(self._store)
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
                writer.report.unmatched = len(set(metadata.rows) - set(writer.known))
            below = str(root) + os.sep
            if gone_too:
                writer.remove([p for p in before if p.startswith(below) and p not in here])
            if writer.skipped:
                writer.forget_skipped(lambda p: p.startswith(below) and p not in here)
            writer.finish()
        return writer.report

    def _judged(self, match: Match) -> Match:
        """With the probability that belongs to the cosine of the wholes."""
        calibration = self.calibration
        if calibration is None or "overall" not in match.scores:
            return match
        likely = float(calibration.probability(match.scores["overall"]))
        return replace(match, probability=round(likely, 4))

    def _lean(
        self,
        query: Query,
        seen: Snapshot,
        like: Sequence[int | StrPath],
        unlike: Sequence[int | StrPath],
    ) -> None:
        """Move the query towards some stored logos and away from others (Rocchio, 1971)."""
        mean = np.zeros(self.encoder.dim, np.float32)
        if query.overall is not None and len(query.overall):
            mean += _ASKED * query.overall.mean(axis=0)
        for logos, weight in ((like, _LIKE), (unlike, -_UNLIKE)):
            if logos:
                mean += weight * self._vectors(seen, logos).mean(axis=0)
        query.overall = (mean / max(float(np.linalg.norm(mean)), 1e-12))[None].astype(np.float32)

    def _vectors(self, seen: Snapshot, logos: Sequence[int | StrPath]) -> Float32Array:
        stored = seen.rows(self._ids(seen, logos), ("vector",))
        vectors: Float32Array = matrix(stored["vector"])
        return vectors

    def _ids(self, seen: Snapshot, logos: Sequence[int | StrPath]) -> list[int]:
        return [_find(seen, logo, self.path) for logo in logos]

    def _row(
        self, logo: int | StrPath, names: tuple[str, ...], with_metadata: bool = False
    ) -> tuple[Snapshot, dict[str, Any]]:
        seen = self._snapshot()
        if seen is None:
            raise MarqueryError(f"{logo}: is not in {self.path}")
        if not seen.has_words:
            names = tuple(name for name in names if name != "words")
        if with_metadata:
            names = (*names, *(PREFIX + name for name in seen.types))
        return seen, seen.rows([_find(seen, logo, self.path)], names).to_pylist()[0]

    def _must_be_latest(self) -> None:
        if self._fixed is not None:
            raise UsageError(
                "version",
                f"{self.path} was opened at version {self._fixed}",
                "open it without a version to change it",
            )

    def _snapshot(self) -> Snapshot | None:
        """The newest version, or the one asked for; what a search has in hand stays as it is."""
        with self._lock:
            if self._fixed is None:
                newest = self._store.table()
                if newest is None:
                    return None
                if self._seen is None or self._seen.version != newest.version:
                    self._seen = Snapshot(newest, self._store.config.flat_limit)
            return self._seen

    def _read(self, version: int) -> Snapshot:
        table = self._store.table(version)
        if table is None:
            raise MarqueryError(
                f"{self.path}: nothing was added yet, so there is no version {version}"
            )
        return Snapshot(table, self._store.config.flat_limit)


def _find(seen: Snapshot, logo: int | StrPath, place: Path) -> int:
    """The id of a stored logo that is named by its id or path."""
    if isinstance(logo, (int, np.integer)):
        condition = f"id = {int(logo)}"
    else:
        quoted = str(_absolute(logo)).replace("'", "''")
        condition = f"path = '{quoted}'"
    found = seen.table.search().where(condition).select(["id"]).to_arrow()["id"].to_pylist()
    if not found:
        raise MarqueryError(f"{logo}: is not in {place}")
    return int(found[0])


def _absolute(path: StrPath) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 (links are kept as given)


def _as_list(image: ImageSource | Sequence[ImageSource] | None) -> list[ImageSource]:
    if image is None:
        return []
    if isinstance(image, (list, tuple)):
        return list(image)
    return [image]  # type: ignore[list-item]
