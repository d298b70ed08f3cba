"""The cache that drops what was not used for longest."""

import pickle
import threading

import pytest

from marquery.lru import LruCache


def test_what_is_dropped_for_room_is_handed_over():
    out: list[int] = []
    cache = LruCache[str, int](2, dropped=out.append)
    for key, value in (("a", 1), ("b", 2), ("a", 3), ("c", 4)):
        cache.put(key, value)
    cache.remove("c")
    assert out == [2]
    assert cache.get("a") == 3


def test_least_recently_used_is_dropped() -> None:
    cache = LruCache[str, int](max_items=2)
    cache.put("a", 1)
    cache.put("b", 2)
    assert cache.get("a") == 1  # now "b" is the oldest
    cache.put("c", 3)
    assert cache.get("b") is None
    assert (cache.get("a"), cache.get("c"), len(cache)) == (1, 3, 2)


def test_put_again_replaces_and_counts_as_use() -> None:
    cache = LruCache[str, int](max_items=2)
    for key, value in (("a", 1), ("b", 2), ("a", 10), ("c", 3)):
        cache.put(key, value)
    assert "b" not in cache
    assert cache.get("a") == 10


def test_bytes_limit() -> None:
    cache = LruCache[str, bytes](max_items=10, max_bytes=8, size_of=len)
    cache.put("a", b"123")
    cache.put("b", b"1234")
    cache.put("a", b"1")  # 5 bytes in all: the former 3 no longer count
    cache.put("c", b"123")
    assert {key for key in "abc" if key in cache} == {"a", "b", "c"}
    cache.put("d", b"1")  # 9 bytes: "b", the oldest, goes
    assert {key for key in "abcd" if key in cache} == {"a", "c", "d"}
    cache.put("e", b"x" * 100)
    assert {key for key in "acde" if key in cache} == {"e"}
    cache.remove("e")
    cache.put("f", b"12345678")
    assert "f" in cache
    assert "e" not in cache


def test_get_or_make_calls_once() -> None:
    cache = LruCache[int, int](max_items=2)
    made: list[int] = []

    def make() -> int:
        made.append(1)
        return 7

    assert [cache.get_or_make(1, make), cache.get_or_make(1, make)] == [7, 7]
    assert len(made) == 1


def test_pickled_arrives_empty() -> None:
    cache = LruCache[str, bytes](max_items=3, max_bytes=8, size_of=len)
    cache.put("a", b"1")
    copy = pickle.loads(pickle.dumps(cache))
    assert (len(copy), copy.max_items, copy.max_bytes) == (0, 3, 8)
    copy.put("b", b"12")
    assert copy.get("b") == b"12"


def test_threads_share_one_cache() -> None:
    cache = LruCache[int, int](max_items=50)

    def work(start: int) -> None:
        for i in range(2000):
            key = (start + i) % 100
            cache.put(key, key)
            assert cache.get(key) in (key, None)

    threads = [threading.Thread(target=work, args=(n * 13,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(cache) == 50


def test_wrong_limits() -> None:
    with pytest.raises(ValueError, match="max_items"):
        LruCache[str, int](max_items=0)
    with pytest.raises(ValueError, match="size_of"):
        LruCache[str, int](max_items=1, max_bytes=8)
