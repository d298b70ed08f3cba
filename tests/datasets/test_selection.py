"""Distractors from the rest of a set, and one collection held out."""

from pathlib import Path

import numpy as np
import pytest

from marquery.datasets import LogoSet
from marquery.datasets.selection import of_collection, with_distractors
from marquery.errors import UsageError


def make_set(count=40):
    strings = np.array([f"g{i // 3}" if i % 7 else "" for i in range(count)])
    return LogoSet(
        root=Path("logos"),
        paths=tuple(f"{i}.png" for i in range(count)),
        groups=strings,
        namespaces=np.array(["brand"] * count),
        collections=np.array(["one", "two"] * (count // 2)),
        splits=np.array(["test" if i < 15 else "train" for i in range(count)]),
        digests=np.array([str(i) for i in range(count)]),
    )


def test_distractors_are_unlabelled_logos_of_other_groups():
    whole = make_set()
    test = whole.split("test")
    more = with_distractors(test, whole, 10)
    assert more.paths[:15] == test.paths
    assert more.groups[:15].tolist() == test.groups.tolist()
    added = more.paths[15:]
    assert len(set(added)) == 10
    assert not set(added) & set(test.paths)
    assert set(more.groups[15:]) == {""}
    assert set(more.namespaces[15:]) == {""}
    true_groups = {whole.groups[whole.paths.index(path)] for path in added}
    assert not (true_groups - {""}) & set(test.groups)
    # A larger number adds to a smaller one.
    assert with_distractors(test, whole, 20).paths[:25] == more.paths
    assert with_distractors(test, whole, 0).paths == test.paths
    assert more.fingerprint() != test.fingerprint()


def test_distractors_leave_out_groups_that_are_ranked():
    whole = make_set()
    test = whole.subset([0, 1, 4])  # g0 has 2 as well, g1 3 and 5
    rest = with_distractors(test, whole, 34)
    assert not {"2.png", "3.png", "5.png"} & set(rest.paths)
    with pytest.raises(UsageError, match="distractors: 35: logos has 34 logos beside"):
        with_distractors(test, whole, 35)


def test_a_file_that_stands_in_two_splits_is_added_once():
    whole = make_set()
    twice = whole.subset([*range(40), 30, 31])
    assert len(set(with_distractors(whole.split("test"), twice, 25).paths)) == 40
    with pytest.raises(UsageError):
        with_distractors(whole.split("test"), twice, 26)


def test_collections():
    whole = make_set()
    assert of_collection(whole, "two").tolist() == [False, True] * 20
    for name in ("three", ""):
        with pytest.raises(UsageError, match=r"no collection .*; it has: one, two"):
            of_collection(whole, name)
