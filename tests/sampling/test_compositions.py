"""Compositions beside a batch: a logo and a donor of another class, a function of seed and step."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marquery.errors import UsageError
from marquery.sampling import (
    NEGATIVE,
    UNLABELLED,
    CompositionSampler,
    GroupSampler,
    PaperSampler,
    ViewSampler,
)

GROUPS = ["a", "a", "b", "b", "b", "", "c", "c", "d", "d", "e", "e", "f", "f"]


@given(st.integers(1, 12), st.integers(0, 5), st.integers(0, 30))
def test_they_follow_the_batch_and_mix_two_classes(count, seed, step):
    inner = GroupSampler(GROUPS, groups_per_batch=3, per_group=2, seed=1)
    sampler = CompositionSampler(inner, count, seed)
    batch = sampler.draw(step)
    plain, added = batch[:-count], batch[-count:]
    assert plain == inner.draw(step)
    assert batch == sampler.draw(step)
    assert len({draw.seed for draw in batch}) == len(batch)
    logos = {draw.logo for draw in plain}
    for draw in added:
        assert {draw.logo, *draw.donors} <= logos
        assert draw.label == inner.classes[draw.logo]
        assert 1 <= len(set(draw.donors)) == len(draw.donors)
        assert GROUPS[draw.logo] not in {GROUPS[donor] for donor in draw.donors}
    assert not any(draw.donors for draw in plain)


def test_other_steps_and_seeds_give_others():
    inner = ViewSampler(20, 6, 2, seed=1)
    drawn = {
        tuple((d.logo, d.donors) for d in CompositionSampler(inner, 8, seed).draw(step)[-8:])
        for seed in (0, 1)
        for step in range(4)
    }
    assert len(drawn) == 8


def test_of_the_papers_batches_only_positives_get_a_part():
    inner = PaperSampler([*GROUPS, "", "", ""], 6, 2, seed=1)
    for step in range(6):
        batch = CompositionSampler(inner, 4).draw(step)
        group = {draw.logo for draw in batch[:-4] if draw.label != UNLABELLED}
        for draw in batch[-4:]:
            assert draw.role != NEGATIVE
            assert draw.logo in group
            assert not group & set(draw.donors)


def test_a_batch_of_one_class_stays_as_it_is():
    inner = GroupSampler(GROUPS, groups_per_batch=1, per_group=4)
    assert CompositionSampler(inner, 5).draw(0) == inner.draw(0)


def test_none_is_an_error():
    with pytest.raises(UsageError, match=r"batch\.compositions: 0"):
        CompositionSampler(ViewSampler(4, 2, 2), 0)
