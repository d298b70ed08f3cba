"""A cache that drops what was not used for longest."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class LruCache(Generic[K, V]):
    """At most so many values, or so many bytes of them; the least recently used are dropped first.

    Any number of threads may use one cache. Pickled, as for a data loader's worker, it arrives
    empty.

    >>> cache = LruCache[str, int](max_items=2)
    >>> cache.put("a", 1); cache.put("b", 2); cache.get("a")
    1
    >>> cache.put("c", 3); "b" in cache, len(cache)
    (False, 2)

    Args:
        max_items: most values, at least 1.
        max_bytes: most bytes of all values together, by ``size_of``; ``None``: no limit. The newest
            value stays, however large it is.
        size_of: a value's size in bytes; needed with ``max_bytes``.
        dropped: called with each value that is dropped because there are too many, outside the
            lock; not kept when the cache is pickled.

    Raises:
        ValueError: ``max_items`` is below 1, or ``max_bytes`` is given without ``size_of``.
    """

    def __init__(
        self,
        max_items: int,
        max_bytes: int | None = None,
        size_of: Callable[[V], int] | None = None,
        dropped: Callable[[V], None] | None = None,
    ) -> None:
        if max_items < 1:
            raise ValueError(f"max_items is {max_items}, not at least 1")
        if max_bytes is not None and size_of is None:
            raise ValueError("max_bytes needs size_of")
        self.max_items = max_items
        self.max_bytes = max_bytes
        self._size_of = size_of
        self._dropped = dropped
        self._lock = threading.Lock()
        self._values: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._bytes = 0

    def get(self, key: K) -> V | None:
        """The value of a key, now the most recently used one; ``None`` if it is not there."""
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key][0]

    def put(self, key: K, value: V) -> None:
        """Keep a value in place of the key's former one, and drop what is too much."""
        size = self._size_of(value) if self._size_of is not None else 0
        out = []
        with self._lock:
            self._remove(key)
            self._values[key] = value, size
            self._bytes += size
            while len(self._values) > 1 and self._is_too_much():
                _, (old, its_size) = self._values.popitem(last=False)
                self._bytes -= its_size
                out.append(old)
        if self._dropped is not None:
            for old in out:
                self._dropped(old)

    def get_or_make(self, key: K, make: Callable[[], V]) -> V:
        """The value of a key; where it is not there, ``make()`` is called for it and the value is
        kept.

        ``make`` runs outside the lock: two threads that miss the same key at once both call it, and
        the later value stays.
        """
        value = self.get(key)
        if value is None:
            value = make()
            self.put(key, value)
        return value

    def remove(self, key: K) -> None:
        """Drop a key's value, if it is there."""
        with self._lock:
            self._remove(key)

    def __contains__(self, key: object) -> bool:
        with self._lock:
            return key in self._values

    def __len__(self) -> int:
        with self._lock:
            return len(self._values)

    def __reduce__(
        self,
    ) -> tuple[
        type["LruCache[K, V]"],
        tuple[int, int | None, Callable[[V], int] | None],
    ]:
        return type(self), (self.max_items, self.max_bytes, self._size_of)

    def _remove(self, key: K) -> None:
        if key in self._values:
            self._bytes -= self._values.pop(key)[1]

    def _is_too_much(self) -> bool:
        if len(self._values) > self.max_items:
            return True
        return self.max_bytes is not None and self._bytes > self.max_bytes
