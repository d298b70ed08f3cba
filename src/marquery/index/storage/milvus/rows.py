"""Reading and writing the rows of one collection of Milvus, in pieces that it can answer."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

from marquery.index.storage.milvus.client import MilvusPlace, connect, told
from marquery.index.storage.milvus.encoding import ALIVE, BORN, DIED, KEY

#: Rows that Milvus gives at once, at most.
MOST = 16_384
_LARGE, _SMALL = 1_000, 10_000
_WRITTEN_AT_ONCE = 500
# Seconds after which a server that is asked for its state of a few seconds ago knows what was there
# when a version was opened.
_SETTLED = 15.0


class Rows:
    """One collection whose rows carry versions: ``born`` and ``died``.

    Args:
        place: of the index.
        collection: its name.
        key: the primary key.
    """

    def __init__(self, place: MilvusPlace, collection: str, key: str = KEY) -> None:
        self.place = place
        self.collection = collection
        self._key = key
        self._changed = time.monotonic()

    @property
    def client(self) -> Any:
        """The connection."""
        return connect(self.place)

    @property
    def consistency(self) -> str:
        """How fresh an answer has to be: of what was opened or written here a while ago every
        server knows all, and need not wait.
        """
        return "Strong" if time.monotonic() - self._changed < _SETTLED else "Bounded"

    def visible(self, version: int) -> str:
        """The filter for the rows of a version."""
        return f"{BORN} <= {version} and {DIED} > {version}"

    def count(self, expression: str) -> int:
        """How many rows a filter lets through."""
        with told(self.place.address):
            found = self.client.query(
                self.collection,
                filter=expression,
                output_fields=["count(*)"],
                consistency_level=self.consistency,
            )
        return int(found[0]["count(*)"])

    def pages(
        self, expression: str, fields: Sequence[str], last: int, large: bool
    ) -> Iterator[list[dict[str, Any]]]:
        """Rows that a filter lets through, in pieces.

        Args:
            expression: the filter.
            fields: what is wanted; ``*`` for all.
            last: the highest key.
            large: rows of kilobytes.
        """
        step = _LARGE if large else _SMALL
        first = self._some(expression, fields, step)
        if len(first) < step:
            if first:
                yield first
            return
        # Ranges of keys need no order of the answers, and no row is in two.
        for start in range(0, last + 1, step):
            within = f"({expression}) and {self._key} >= {start} and {self._key} < {start + step}"
            rows = self._some(within, fields, step)
            if rows:
                yield rows

    def by_key(self, keys: Sequence[int], fields: Sequence[str]) -> Iterator[list[dict[str, Any]]]:
        """Some rows by their keys."""
        for start in range(0, len(keys), _LARGE):
            some = [int(key) for key in keys[start : start + _LARGE]]
            yield self._some(f"{self._key} in {some}", fields, _LARGE)

    def insert(self, rows: Sequence[dict[str, Any]]) -> None:
        """Add rows."""
        with told(self.place.address):
            for start in range(0, len(rows), _WRITTEN_AT_ONCE):
                self.client.insert(self.collection, rows[start : start + _WRITTEN_AT_ONCE])
        self._changed = time.monotonic()

    def end(self, rows: Sequence[dict[str, Any]], version: int) -> None:
        """Let stored rows, all of their fields given, be seen before a version only."""
        ended = [{**row, DIED: version} for row in rows]
        with told(self.place.address):
            for start in range(0, len(ended), _WRITTEN_AT_ONCE):
                self.client.upsert(self.collection, ended[start : start + _WRITTEN_AT_ONCE])
        self._changed = time.monotonic()

    def undo(self, version: int, last: int) -> None:
        """Take back what a writer that was killed had begun after a version."""
        with told(self.place.address):
            self.client.delete(self.collection, filter=f"{BORN} > {version}")
        self._changed = time.monotonic()
        ended = f"{DIED} > {version} and {DIED} < {ALIVE}"
        for rows in list(self.pages(ended, ["*"], last, large=True)):
            self.end(rows, ALIVE)

    def forget(self, version: int) -> None:
        """Drop rows that no version from this one on sees."""
        with told(self.place.address):
            self.client.delete(self.collection, filter=f"{DIED} <= {version}")

    def _some(self, expression: str, fields: Sequence[str], most: int) -> list[dict[str, Any]]:
        with told(self.place.address):
            found = self.client.query(
                self.collection,
                filter=expression,
                output_fields=list(fields),
                limit=most,
                consistency_level=self.consistency,
            )
        return [dict(row) for row in found]
