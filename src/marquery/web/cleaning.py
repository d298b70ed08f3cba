"""Uploads that nothing refers to any more are taken away: the old ones, and the oldest of too many."""

import logging
import sqlite3
import threading
import time
from dataclasses import dataclass

from marquery.errors import MarqueryError
from marquery.web.queries import QueryStore

_LOG = logging.getLogger("marquery.web")
_DAY = 24 * 3600.0
_MIB = 2**20
#: Seconds between two rounds of a running server.
PAUSE = 3600.0
# What was asked with so lately is taken as open in somebody's page, however full the folder is.
_OPEN = _DAY


@dataclass(frozen=True)
class Keeping:
    """How long uploads stay that no decision and no saved search refers to."""

    days: float = 30
    """Since they were last asked with."""
    mib: float = 1024
    """Of all uploads together. Beyond, those go that were not asked with for longest, but none of the last day."""


class Cleaner:
    """Cleans a folder of uploads.

    Reports need no upload: each holds the pictures that it is about.
    """

    def __init__(self, queries: QueryStore, keeping: Keeping | None = None) -> None:
        self.queries = queries
        self.keeping = keeping or Keeping()

    def clean(self, now: float | None = None) -> int:
        """Take away what may go.

        Args:
            now: seconds since 1970; default: the clock.

        Returns:
            How many files went.

        Raises:
            MarqueryError: the reviews cannot be read.
        """
        now = time.time() if now is None else now
        kept = self.queries.reviews.referred()
        files = sorted(self.queries.files(), key=lambda file: (file.used, file.path.name))
        total = sum(file.size for file in files)
        gone = 0
        for file in files:
            if file.path.stem in kept:
                continue
            is_old = file.used <= now - self.keeping.days * _DAY
            is_much = total > self.keeping.mib * _MIB and file.used <= now - _OPEN
            if (is_old or is_much) and self.queries.remove(file):
                total -= file.size
                gone += 1
        return gone

    def run(self, stop: threading.Event, pause: float = PAUSE) -> None:
        """Clean now and after each pause, in seconds, until told to stop; what fails is tried again."""
        while True:
            try:
                if gone := self.clean():
                    _LOG.info("%d uploads that nothing refers to were taken away", gone)
            except (MarqueryError, OSError, sqlite3.Error) as error:
                _LOG.warning("uploads were not cleaned: %s", error)
            if stop.wait(pause):
                return
