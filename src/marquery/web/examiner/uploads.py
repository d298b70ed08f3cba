"""Uploaded pictures: checked when they come, kept by their hash, which addresses name."""

import hashlib
import os
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from marquery.errors import ImageError, NotThereError
from marquery.files import write_atomically
from marquery.images import load_image
from marquery.lru import LruCache
from marquery.names import printable
from marquery.web import limits
from marquery.web.examiner.database import now
from marquery.web.examiner.gate import Gate
from marquery.web.examiner.reviews import Reviews, StoredQuery

_KEPT_IN_MEMORY = 64


@dataclass(frozen=True)
class StoredFile:
    """A file of the folder."""

    path: Path
    size: int
    """Bytes."""
    used: float
    """When its picture was last searched for, seconds since 1970."""


class UploadStore:
    """A folder of uploaded pictures as they came; names and sizes are in the database.

    A file's time of change says when its picture was last searched for.
    """

    def __init__(self, folder: Path, reviews: Reviews) -> None:
        self.folder = folder
        self.reviews = reviews
        self._changing = threading.Lock()
        self.reading = Gate("pictures", *limits.PICTURES)
        self._images = LruCache[str, Image.Image](
            _KEPT_IN_MEMORY, limits.QUERY_CACHE_BYTES, lambda image: 3 * image.width * image.height
        )

    def add(self, data: bytes, name: str) -> StoredQuery:
        """Take a picture in.

        Args:
            data: the file's bytes, any format of :func:`marquery.load_image`.
            name: of the file, to be shown; nothing else is done with it.

        Raises:
            ImageError: it is no picture that can be read within :data:`marquery.web.limits.UPLOAD`.
            BusyError: too many pictures wait to be read.
            MarqueryError: the disk is full, or cannot be written.
        """
        shown = _tidy(name)
        if len(data) > limits.UPLOAD.max_bytes:
            most = limits.UPLOAD.max_bytes >> 20
            raise ImageError(shown, f"is larger than {most} MiB; make it smaller")
        sha256 = hashlib.sha256(data).hexdigest()
        with self._changing:
            if (known := self.reviews.query(sha256)) is not None and self._touch(sha256):
                return known
            # By the content, whatever the name says: only SVG is text.
            ending = ".svg" if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") else ".img"
            place = self.folder / f"{sha256}{ending}"
            write_atomically(place, lambda path: path.write_bytes(data))
        try:
            image = self._read(place)
            query = StoredQuery(sha256, shown, image.width, image.height, now())
            self.reviews.add_query(query)
        except BaseException as error:
            place.unlink(missing_ok=True)
            if isinstance(error, ImageError):
                raise ImageError(shown, error.reason) from error
            raise
        self._images.put(sha256, image)
        return query

    def get(self, sha256: str) -> StoredQuery:
        """What is known of a picture.

        Raises:
            NotThereError: it was not uploaded here.
        """
        query = self.reviews.query(sha256)
        if query is None:
            raise NotThereError("queries", f"{sha256[:12]}… is not here", "upload it again")
        return query

    def image(self, sha256: str) -> Image.Image:
        """The picture, RGB.

        Raises:
            NotThereError: it was not uploaded here, or its file is gone.
        """
        return self._images.get_or_make(sha256, lambda: self._read(self.path(sha256)))

    def path(self, sha256: str) -> Path:
        """The picture's file as it was uploaded.

        Raises:
            NotThereError: it was not uploaded here, or its file is gone.
        """
        place = self._place(self.get(sha256).sha256)
        if place is None:
            raise NotThereError("queries", f"the file of {sha256[:12]}… is gone", "upload it again")
        return place

    def touch(self, sha256: str) -> None:
        """Note that a picture is searched for now, so that it is kept; unknown ones are ignored."""
        with self._changing:
            self._touch(sha256)

    def files(self) -> list[StoredFile]:
        """What lies in the folder, also what an interrupted upload left there."""
        found = []
        with suppress(FileNotFoundError):  # made by the first upload
            for entry in os.scandir(self.folder):
                with suppress(FileNotFoundError):
                    state = entry.stat(follow_symlinks=False)
                    found.append(StoredFile(Path(entry.path), state.st_size, state.st_mtime))
        return found

    def remove(self, file: StoredFile) -> bool:
        """Delete a file and what is known of its picture.

        Returns:
            False if the picture was searched for since ``file`` was read, or is gone already.
        """
        sha256 = file.path.stem
        with self._changing:
            try:
                if file.path.stat().st_mtime != file.used:
                    return False
                file.path.unlink()
            except FileNotFoundError:
                return False
            self.reviews.forget_query(sha256)
        self._images.remove(sha256)
        return True

    def _read(self, place: Path) -> Image.Image:
        with self.reading:
            return load_image(place, limits.UPLOAD)

    def _touch(self, sha256: str) -> bool:
        place = self._place(sha256)
        if place is None:
            return False
        try:
            os.utime(place)
        except FileNotFoundError:  # another server on the same folder took it away
            return False
        return True

    def _place(self, sha256: str) -> Path | None:
        for ending in (".img", ".svg"):
            if (place := self.folder / f"{sha256}{ending}").is_file():
                return place
        return None


def _tidy(name: str) -> str:
    """A file's name without its folders and without what would steer a terminal."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    printed = "".join(c for c in last if printable(c) == c)
    return printed.strip()[: limits.NAME_LENGTH] or "picture"
