"""Deletes uploads that nothing refers to any more: old ones, and the oldest of too many."""

import logging
import sqlite3
import threading
import time
from dataclasses import dataclass

from marquery.errors import MarqueryError
from marquery.web.examiner.uploads import UploadStore

_LOG = logging.getLogger("marquery.web")
_DAY = 24 * 3600.0
_MIB = 2**20
#: Seconds between two rounds of a running server.
PAUSE = 3600.0
# A picture searched for so lately may be open in somebody's page, however full the folder is.
_OPEN = _DAY


@dataclass(frozen=True)
class Retention:
    """How long uploads stay that no decision and no saved search refers to."""

    days: float = 30
    """Since they were last searched for."""
    mib: float = 1024
    """Of all uploads together. Beyond it the least recently used go, but none of the last day."""


class UploadCleaner:
    """Cleans a folder of uploads.

    Reports need no upload: each holds the pictures that it is about.
    """

    def __init__(self, uploads: UploadStore, retention: Retention | None = None) -> None:
        self.uploads = uploads
        self.retention = retention or Retention()

    def clean(self, now: float | None = None) -> int:
        """Delete what may go.

        Args:
            now: seconds since 1970; default: the clock.

        Returns:
            How many files were deleted.

        Raises:
            MarqueryError: the reviews cannot be read.
        """
        now = time.time() if now is None else now
        kept = self.uploads.reviews.referred()
        files = sorted(self.uploads.files(), key=lambda file: (file.used, file.path.name))
        total = sum(file.size for file in files)
        gone = 0
        for file in files:
            if file.path.stem in kept:
                continue
            is_old = file.used <= now - self.retention.days * _DAY
            is_much = total > self.retention.mib * _MIB and file.used <= now - _OPEN
            if (is_old or is_much) and self.uploads.remove(file):
                total -= file.size
                gone += 1
        return gone

    def run(self, stop: threading.Event, pause: float = PAUSE) -> None:
        """Clean now and after each pause until told to stop; a round that fails is tried again.

        Args:
            stop: ends it when set.
            pause: seconds.
        """
        while True:
            try:
                if gone := self.clean():
                    _LOG.info("%d uploads that nothing refers to were deleted", gone)
            except (MarqueryError, OSError, sqlite3.Error) as error:
                _LOG.warning("uploads were not cleaned: %s", error)
            if stop.wait(pause):
                return
