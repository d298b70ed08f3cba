"""The loop that embeds many files."""

import numpy as np
import pytest

from marquery.embedding.loop import embed_each, embed_in_parts
from marquery.errors import ImageError


def picture(value):
    return np.full((2, 2, 3), value, np.uint8)


def first_pixel(pictures):
    """An "embedding" of one number."""
    return np.array([[p[0, 0, 0]] for p in pictures], np.float32)


def test_each_item_gets_the_vectors_of_its_own_pictures():
    calls = []

    def read(item):
        if item == "bad":
            raise ImageError(item, "no image")
        return item.upper(), [picture(int(n)) for n in item]

    def compute(pictures):
        calls.append(len(pictures))
        return first_pixel(pictures)

    found = {
        item: (content, vectors.ravel().tolist())
        for item, content, vectors in embed_each(
            ["12", "bad", "345", "6"], read, compute, batch_size=4
        )
        if not isinstance(content, ImageError)
    }
    assert found == {"12": ("12", [1, 2]), "345": ("345", [3, 4, 5]), "6": ("6", [6])}
    assert calls == [5, 1]  # a batch ends with the item that fills it


def test_parts_are_kept_before_the_next_begins():
    kept, steps = [], []

    def square(path):
        if path == "3":
            raise ImageError(path, "no image")
        return picture(int(path))

    def keep(paths, vectors):
        kept.append((paths, vectors.ravel().tolist()))
        if len(kept) == 2:
            raise KeyboardInterrupt

    def run(paths):
        return embed_in_parts(
            paths, square, first_pixel, keep, part_size=2, batch_size=8, progress=steps.append
        )

    with pytest.raises(KeyboardInterrupt):
        run(["1", "2", "3", "4", "5"])
    assert kept == [(["1", "2"], [1, 2]), (["4"], [4])]
    assert sum(steps) == 4
    assert [e.path for e in run(["3", "5"])] == ["3"]  # what was kept is left out
    assert kept[2:] == [(["5"], [5])]


def test_a_part_without_readable_files_is_not_kept():
    def square(path):
        raise ImageError(path, "no image")

    def keep(paths, vectors):
        raise AssertionError

    skipped = embed_in_parts(["a", "b"], square, first_pixel, keep, part_size=1, batch_size=1)
    assert [e.path for e in skipped] == ["a", "b"]
