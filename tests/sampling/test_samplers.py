"""Samplers: what a batch holds, and that it is a function of seed and step alone."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marquery.errors import UsageError
from marquery.sampling import (
    NEGATIVE,
    POSITIVE,
    UNLABELLED,
    GroupSampler,
    PaperSampler,
    StepBatches,
    ViewSampler,
)

GROUPS = ["a"] * 5 + ["b"] * 4 + ["c"] + [""] * 20 + ["d"] * 2


def test_views_show_every_logo_once_an_epoch_and_views_side_by_side():
    sampler = ViewSampler(count=10, logos=3, views=4, seed=1)
    assert sampler.steps_per_epoch == 3
    batches = [sampler.draw(step) for step in range(3)]
    assert all(len(batch) == 12 for batch in batches)
    seen = Counter(d.logo for batch in batches for d in batch)
    assert set(seen.values()) == {4}
    assert len(seen) == 9
    assert all(d.label == d.logo and d.role == POSITIVE for b in batches for d in b)
    assert [d.logo for d in batches[0]][0:4] == [batches[0][0].logo] * 4


def test_group_batches_hold_k_of_each_and_repeat_small_groups_evenly():
    sampler = GroupSampler(GROUPS, groups_per_batch=3, per_group=4, seed=2)
    batch = sampler.draw(0)
    assert sorted(Counter(d.label for d in batch).values()) == [4, 4, 4]
    for label in {d.label for d in batch}:
        indices = [d.logo for d in batch if d.label == label]
        assert len({GROUPS[i] for i in indices}) == 1
        # group d has two logos: each comes twice; a and b have enough for four different ones
        assert max(Counter(indices).values()) == (2 if GROUPS[indices[0]] == "d" else 1)
    assert not {GROUPS[d.logo] for d in batch} & {"", "c"}


def test_groups_of_one_take_part_when_asked():
    sampler = GroupSampler(GROUPS, groups_per_batch=4, per_group=2, least=1)
    drawn = {GROUPS[d.logo] for d in sampler.draw(0)}
    assert drawn == {"a", "b", "c", "d"}


def test_paper_batch_is_one_group_then_unlabelled_negatives():
    sampler = PaperSampler(GROUPS, size=16, positives=4, seed=3)
    for step in range(20):
        batch = sampler.draw(step)
        positives, negatives = batch[:4], batch[4:]
        assert len(batch) == 16
        assert len({GROUPS[d.logo] for d in positives}) == 1
        assert len({d.logo for d in positives}) == 4
        assert {d.role for d in positives} == {POSITIVE}
        assert {d.label for d in negatives} == {UNLABELLED}
        assert {d.role for d in negatives} == {NEGATIVE}
        assert {GROUPS[d.logo] for d in negatives} == {""}
        assert len({d.logo for d in negatives}) == 12


def test_paper_negatives_avoid_the_chosen_group_where_all_are_labelled():
    groups = ["a"] * 6 + ["b"] * 6 + [f"s{i}" for i in range(8)]
    sampler = PaperSampler(groups, size=12, positives=4)
    for step in range(50):
        batch = sampler.draw(step)
        assert groups[batch[0].logo] not in {groups[d.logo] for d in batch[4:]}
        assert len(batch) == 12


@given(st.integers(0, 10_000), st.integers(0, 2**32))
def test_a_batch_depends_on_seed_and_step_alone(step, seed):
    for make in (
        lambda: ViewSampler(50, 5, 2, seed),
        lambda: GroupSampler(GROUPS, 2, 3, seed),
        lambda: PaperSampler(GROUPS, 12, 4, seed),
    ):
        fresh, used = make(), make()
        used.draw(step + 1)
        assert fresh.draw(step) == used.draw(step)
        assert make().draw(step) != make().draw(step + 1)
        assert len({d.seed for d in fresh.draw(step)}) == len(fresh.draw(step))


def test_step_batches_start_where_they_are_told():
    sampler = ViewSampler(50, 5, 2, seed=7)
    assert list(StepBatches(sampler, 3, 6)) == [sampler.draw(s) for s in (3, 4, 5)]
    assert len(StepBatches(sampler, 3, 6)) == 3


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: ViewSampler(4, 5, 2), "batch.size"),
        (lambda: ViewSampler(9, 5, 1), "batch.per_class"),
        (lambda: GroupSampler(GROUPS, 4, 4), "3 groups of 2"),
        (lambda: GroupSampler(GROUPS, 1, 1), "batch.per_class"),
        (lambda: PaperSampler(GROUPS, 12, 6), "no group"),
        (lambda: PaperSampler(GROUPS, 64, 4), "batch.size"),
        (lambda: PaperSampler(GROUPS, 4, 4), "batch.per_class"),
    ],
)
def test_impossible_batches_are_refused_with_the_option_named(make, words):
    with pytest.raises(UsageError, match=words):
        make()
