"""Edited logos: only the source is relevant, and what is excluded is not ranked."""

import numpy as np
import pytest

from marquery.evaluation import evaluate_edited

# Four logos on a circle at 0°, 10°, 20° and 90°; the edit stands at 12°.
GALLERY = np.array([[np.cos(np.radians(d)), np.sin(np.radians(d))] for d in (0, 10, 20, 90)])
EDIT = np.array([[np.cos(np.radians(12)), np.sin(np.radians(12))]])
NAMES = ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("source", "excluded", "rank"),
    [(1, [], 1), (2, [], 2), (0, [], 3), (3, [], 4), (0, [1, 2], 1), (3, [0], 3)],
)
def test_rank_of_the_source_by_hand(source, excluded, rank):
    found = evaluate_edited(EDIT, GALLERY, NAMES, [source], [excluded], bootstrap=0)
    assert found.map == pytest.approx(1 / rank)
    assert found.recall[1] == (rank == 1)
    ranked = len(NAMES) - len(excluded)
    assert found.nar == pytest.approx((rank - 1) / ranked)


def test_strata_are_given_apart():
    found = evaluate_edited(
        np.repeat(EDIT, 2, axis=0),
        GALLERY,
        NAMES,
        [1, 2],
        [[], []],
        strata=["drop 1", "drop 2"],
        bootstrap=0,
    )
    assert {name: part.map for name, part in found.by_stratum.items()} == {
        "drop 1": 1.0,
        "drop 2": 0.5,
    }
