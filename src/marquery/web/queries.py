"""Pictures that are asked with: checked when they come, kept by their hash, so that an address can name them."""

import hashlib
import threading
import unicodedata
from collections import OrderedDict
from pathlib import Path

from PIL import Image

from marquery.errors import ImageError, UsageError
from marquery.files import write_atomically
from marquery.images import Limits, load_image
from marquery.web.reviews import Reviews, StoredQuery, now

#: Of an upload; tighter than for files that the owner of the machine names.
UPLOAD_LIMITS = Limits(max_bytes=20 * 2**20, max_pixels=40_000_000, max_side=20_000)
_KEPT_IN_MEMORY = 8
_LONGEST_NAME = 120


class QueryStore:
    """A folder of uploaded pictures as they came; names and sizes are in the database."""

    def __init__(self, folder: Path, reviews: Reviews) -> None:
        self.folder = folder
        self.reviews = reviews
        self._lock = threading.Lock()
        self._images: OrderedDict[str, Image.Image] = OrderedDict()

    def add(self, data: bytes, name: str) -> StoredQuery:
        """Take a picture in.

        Args:
            data: the file's bytes, any format of :func:`marquery.load_image`.
            name: of the file, to be shown; nothing else is done with it.

        Raises:
            ImageError: it is no picture that can be read within :data:`UPLOAD_LIMITS`.
        """
        shown = _tidy(name)
        if len(data) > UPLOAD_LIMITS.max_bytes:
            raise ImageError(shown, f"is larger than {UPLOAD_LIMITS.max_bytes >> 20} MiB")
        sha256 = hashlib.sha256(data).hexdigest()
        if (known := self.reviews.query(sha256)) is not None and self._place(sha256) is not None:
            return known
        # Told by the content, whatever the name: only SVG is text.
        ending = ".svg" if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") else ".img"
        place = self.folder / f"{sha256}{ending}"
        write_atomically(place, lambda path: path.write_bytes(data))
        try:
            image = load_image(place, UPLOAD_LIMITS)
        except ImageError as error:
            place.unlink(missing_ok=True)
            raise ImageError(shown, error.reason) from error
        query = StoredQuery(sha256, shown, image.width, image.height, now())
        self.reviews.add_query(query)
        self._remember(sha256, image)
        return query

    def get(self, sha256: str) -> StoredQuery:
        """What is known of a picture.

        Raises:
            UsageError: it was not uploaded here.
        """
        query = self.reviews.query(sha256)
        if query is None:
            raise UsageError(f"q={sha256[:12]}…: no such picture here; upload it again")
        return query

    def image(self, sha256: str) -> Image.Image:
        """The picture, RGB.

        Raises:
            UsageError: it was not uploaded here, or its file is gone.
        """
        with self._lock:
            if sha256 in self._images:
                self._images.move_to_end(sha256)
                return self._images[sha256]
        place = self._place(self.get(sha256).sha256)
        if place is None:
            raise UsageError(f"q={sha256[:12]}…: the picture's file is gone; upload it again")
        image = load_image(place, UPLOAD_LIMITS)
        self._remember(sha256, image)
        return image

    def path(self, sha256: str) -> Path:
        """The picture's file as it was uploaded; raises UsageError as :meth:`image`."""
        place = self._place(self.get(sha256).sha256)
        if place is None:
            raise UsageError(f"q={sha256[:12]}…: the picture's file is gone; upload it again")
        return place

    def _place(self, sha256: str) -> Path | None:
        for ending in (".img", ".svg"):
            if (place := self.folder / f"{sha256}{ending}").is_file():
                return place
        return None

    def _remember(self, sha256: str, image: Image.Image) -> None:
        with self._lock:
            self._images[sha256] = image
            while len(self._images) > _KEPT_IN_MEMORY:
                self._images.popitem(last=False)


def _tidy(name: str) -> str:
    """A file's name without its folders and without what would not print."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    printed = "".join(c for c in last if unicodedata.category(c)[0] != "C")
    return printed.strip()[:_LONGEST_NAME] or "picture"
