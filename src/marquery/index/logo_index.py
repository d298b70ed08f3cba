"""``LogoIndex``: a folder that holds a collection of logos and finds in it."""

import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from marquery._version import __version__
from marquery.boxes import Box
from marquery.encoder import LogoEncoder
from marquery.errors import MarqueryError, UsageError
from marquery.images import ImageSource
from marquery.index import updating
from marquery.index.metadata.conditions import Compare
from marquery.index.metadata.filters import PREFIX, parse_filter
from marquery.index.snapshot import Match, Snapshot, check_range
from marquery.index.storage.folder import IndexConfig, IndexFolder
from marquery.index.storage.summary import ChangeSummary
from marquery.index.strategies.columns import vectors_of
from marquery.index.strategies.overall import VECTOR
from marquery.index.strategies.palette import COLORS, to_hex
from marquery.index.strategies.query import MixedQuery, prepare_query
from marquery.index.strategies.registry import get_strategy
from marquery.index.strategies.weights import parse_strategy
from marquery.index.strategies.words import WORDS
from marquery.index.updating import ProgressStart, StrPath, absolute

if TYPE_CHECKING:
    from marquery.calibration import Calibration

#: Rows up to which every search compares with every logo.
FLAT_LIMIT = 100_000


class LogoIndex:
    """A collection of logos on disk: added to in batches, searched while it is written.

    >>> index = LogoIndex.create("idx", encoder="runs/demo/train")  # doctest: +SKIP
    >>> index.add("logos").added  # doctest: +SKIP
    1532
    >>> index.search("new.png", k=5, where="nice = 25")[0].path  # doctest: +SKIP
    '/home/ada/logos/a.png'
    """

    def __init__(self, folder: IndexFolder, version: int | None = None) -> None:
        self._folder = folder
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
        store: str = "lance",
    ) -> "LogoIndex":
        """Make an empty index in a new folder; the encoder is copied into it.

        Args:
            path: the folder.
            encoder: what embeds the logos, or what :meth:`LogoEncoder.load` takes.
            flat_limit: rows above which an approximate index is built.
            words: whether to read the words of logos, where RapidOCR is installed.
            store: what keeps the table, see :data:`marquery.index.storage.table.STORES`.

        Raises:
            UsageError: the limit is below 1.
            MarqueryError: something is at ``path`` already, or there is no such encoder.
        """
        if flat_limit < 1:
            raise UsageError(
                "flat_limit", f"{flat_limit} is less than 1", "give a whole number from 1"
            )
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
            store=store,
        )
        folder = IndexFolder.create(Path(path), model, config)
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
    ) -> "LogoIndex":
        """Open an index.

        Args:
            path: its folder.
            encoder: given only to make sure that it is the one the index was built with.
            version: read the index as it was then, see :meth:`status`; such an index takes no changes.

        Raises:
            MarqueryError: no index there, no such version, or not its encoder.
        """
        folder = IndexFolder(Path(path))
        if encoder is not None:
            model = encoder if isinstance(encoder, LogoEncoder) else LogoEncoder.load(encoder)
            name = "the encoder" if isinstance(encoder, LogoEncoder) else str(encoder)
            folder.check_encoder(model, name)
        return cls(folder, version)

    @property
    def path(self) -> Path:
        """The folder."""
        return self._folder.path

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

    @property
    def version(self) -> int:
        """Number of the state that a search reads now; 0 while nothing was added."""
        seen = self.snapshot()
        return 0 if seen is None else seen.version

    def __len__(self) -> int:
        seen = self.snapshot()
        return 0 if seen is None else seen.count

    def add(
        self, folder: StrPath, *, meta: StrPath | None = None, progress: ProgressStart | None = None
    ) -> ChangeSummary:
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
        self._must_be_latest()
        return updating.update(self._folder, folder, meta, progress, remove_missing=False)

    def rescan(
        self, folder: StrPath, *, meta: StrPath | None = None, progress: ProgressStart | None = None
    ) -> ChangeSummary:
        """Like :meth:`add`; logos below the folder whose files are gone are removed, too."""
        self._must_be_latest()
        return updating.update(self._folder, folder, meta, progress, remove_missing=True)

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
        _check_request(images, weights, words, like, unlike)
        seen = self.snapshot()
        if seen is None:
            return []
        self._check_columns(seen, weights)
        condition = None if where is None else parse_filter(where, seen.types, seen.has_words)
        query = prepare_query(images, weights, self.encoder, self._folder.projection(), part, words)
        if like or unlike:
            self._apply_feedback(query, seen, like, unlike)
            # Scores are of a direction then, not of two logos: no probability belongs to them.
            return seen.search(query, k, offset, condition, exact)
        found = seen.search(query, k, offset, condition, exact)
        return [self._with_probability(match) for match in found]

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
            k: how many hits.
            strategy: see :meth:`search`.
            part: likewise.
            words: likewise.
            exact: likewise.
            offset: likewise.

        Raises:
            UsageError: options are out of range or do not go together.
        """
        check_range(k, offset)
        weights = parse_strategy(strategy, part is not None, words is not None)
        seen = self.snapshot()
        chosen = map(get_strategy, weights)
        return seen is None or seen.compares_all(chosen, offset + k, exact)

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
        """Images below a folder that are not stored as they are now, but for those found unreadable.

        Raises:
            ImageError: the folder does not exist.
        """
        return updating.pending(self._folder, folder)

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
            "words": row.get(WORDS.name),
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
        seen = self.snapshot()
        config = self._folder.config
        info: dict[str, Any] = {
            "path": str(self.path),
            "logos": 0 if seen is None else seen.count,
            "version": 0 if seen is None else seen.version,
            "encoder": config.encoder,
            "fingerprint": config.fingerprint,
            "dimensions": config.dim,
            "search": "exact",
            "columns": {} if seen is None else dict(seen.types),
            "skipped": {p: why for p, (_, why) in sorted(self._folder.skipped().items())},
            "bytes": sum(f.stat().st_size for f in self.path.rglob("*") if f.is_file()),
        }
        if seen is not None:
            projection = self._folder.projection()
            info["part_dimensions"] = projection.dim
            info["part_share_kept"] = round(projection.kept, 4)
            if seen.approximate:
                info["search"] = f"approximate above {config.flat_limit} logos"
        return info

    def at(self, version: int) -> "LogoIndex":
        """The index as it was at a version, with the encoder that is loaded already; 0: as it is now.

        Raises:
            MarqueryError: there is no such version.
        """
        return LogoIndex(self._folder, version or None)

    def snapshot(self) -> Snapshot | None:
        """The version that a search reads now; None while nothing was added. It stays as it is."""
        with self._lock:
            if self._fixed is None:
                newest = self._folder.table()
                if newest is None:
                    return None
                if self._seen is None or self._seen.version != newest.version:
                    self._seen = Snapshot(newest, self._folder.config.flat_limit)
            return self._seen

    def _check_columns(self, seen: Snapshot, weights: Mapping[str, float]) -> None:
        """Refuse strategies whose columns this version lacks, or holds empty.

        Raises:
            UsageError: so it is.
            MarqueryError: words are to be compared and were not read.
        """
        strategies = [get_strategy(name) for name in weights]
        lacking = [c for c in seen.lacks(strategies) if c != WORDS.name]
        if lacking:
            names = [s.name for s in strategies if {c.name for c in s.columns} & set(lacking)]
            raise UsageError(
                "strategy",
                f"{self.path} holds nothing that {', '.join(names)} could compare "
                f"(no column {', '.join(lacking)})",
                "build the index again, or choose another strategy",
            )
        if any(WORDS in s.columns for s in strategies) and not seen.words_read:
            raise MarqueryError(
                f"{self.path}: holds no words; rescan its folder to read them"
                if self._folder.config.words
                else f"{self.path}: was built without words; build an index with them to search by words"
            )

    def _with_probability(self, match: Match) -> Match:
        """With the probability that belongs to the score of a calibrated strategy."""
        calibration = self.calibration
        score = next((s for n, s in match.scores.items() if get_strategy(n).is_calibrated), None)
        if calibration is None or score is None:
            return match
        return replace(match, probability=round(float(calibration.probability(score)), 4))

    def _apply_feedback(
        self,
        query: MixedQuery,
        seen: Snapshot,
        like: Sequence[int | StrPath],
        unlike: Sequence[int | StrPath],
    ) -> None:
        """Move the query towards some stored logos and away from others."""
        liked, unliked = self._vectors(seen, like), self._vectors(seen, unlike)
        for strategy in query.strategies:
            prepared = query.prepared[strategy.name]
            query.prepared[strategy.name] = strategy.with_feedback(prepared, liked, unliked)

    def _vectors(self, seen: Snapshot, logos: Sequence[int | StrPath]) -> Any:
        if not logos:
            return np.empty((0, self.encoder.dim), np.float32)
        return vectors_of(seen.rows(self._ids(seen, logos), (VECTOR.name,))[VECTOR.name])

    def _ids(self, seen: Snapshot, logos: Sequence[int | StrPath]) -> list[int]:
        return [_find(seen, logo, self.path) for logo in logos]

    def _row(
        self, logo: int | StrPath, names: tuple[str, ...], with_metadata: bool = False
    ) -> tuple[Snapshot, dict[str, Any]]:
        seen = self.snapshot()
        if seen is None:
            raise MarqueryError(f"{logo}: is not in {self.path}")
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

    def _read(self, version: int) -> Snapshot:
        table = self._folder.table(version)
        if table is None:
            raise MarqueryError(
                f"{self.path}: nothing was added yet, so there is no version {version}"
            )
        return Snapshot(table, self._folder.config.flat_limit)


def _check_request(
    images: Sequence[ImageSource],
    weights: Mapping[str, float],
    words: str | None,
    like: Sequence[int | StrPath],
    unlike: Sequence[int | StrPath],
) -> None:
    """Refuse a search for nothing, and feedback that a strategy cannot take; raises UsageError."""
    strategies = [get_strategy(name) for name in weights]
    given = words is not None and all(s.takes_words for s in strategies)
    if not images and not like and not given:
        raise UsageError(
            "image",
            "there is nothing to search for",
            "give an image, stored logos in like, or words with the strategy words",
        )
    if (like or unlike) and not all(s.takes_feedback for s in strategies):
        names = ", ".join(s.name for s in strategies if not s.takes_feedback)
        raise UsageError(
            "like" if like else "unlike",
            f"does not go with the strategy {names}",
            "use overall alone",
        )


def _find(seen: Snapshot, logo: int | StrPath, place: Path) -> int:
    """The id of a stored logo that is named by its id or path."""
    if isinstance(logo, (int, np.integer)):
        condition = Compare("id", "=", int(logo))
    else:
        condition = Compare("path", "=", str(absolute(logo)))
    found = seen.ids(condition)
    if not len(found):
        raise MarqueryError(f"{logo}: is not in {place}")
    return int(found[0])


def _as_list(image: ImageSource | Sequence[ImageSource] | None) -> list[ImageSource]:
    if image is None:
        return []
    if isinstance(image, (list, tuple)):
        return list(image)
    return [image]  # type: ignore[list-item]
