"""Hard-neighbour batches: a class and those near it, a function of seed, step and table."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marquery.errors import UsageError
from marquery.sampling import GroupSampler, NeighbourSampler, StepBatches, ViewSampler

GROUPS = ["a", "a", "b", "b", "b", "", "c", "c", "d", "d", "e", "e", "f", "f"]


def ring(count, pool=4):
    """Logo i is nearest to i + 1, i + 2, …"""
    return (np.arange(count)[:, None] + np.arange(1, pool + 1)) % count


def test_without_a_table_batches_are_the_inner_samplers():
    inner = ViewSampler(20, 6, 2, seed=1)
    sampler = NeighbourSampler(inner, 3)
    assert [sampler.draw(s) for s in range(5)] == [inner.draw(s) for s in range(5)]


def test_clusters_are_a_class_and_its_neighbours():
    sampler = NeighbourSampler(ViewSampler(60, 6, 2, seed=1), cluster=3)
    sampler.neighbours = ring(60)
    near = 0
    for step in range(10):
        logos = [d.logo for d in sampler.draw(step)][::2]
        assert len(set(logos)) == 6
        for anchor, *mates in (logos[:3], logos[3:]):
            near += all((m - anchor) % 60 in range(1, 5) for m in mates)
    assert near >= 18  # but where two anchors lie side by side


def test_every_class_is_an_anchor_once_an_epoch():
    sampler = NeighbourSampler(ViewSampler(60, 6, 2, seed=1), cluster=3)
    sampler.neighbours = np.full((60, 4), -1)
    sampler.neighbours[:, 0] = 0  # everybody's nearest is logo 0: mates tell nothing
    assert sampler.steps_per_epoch == 30
    anchors = Counter()
    for step in range(30):
        logos = [d.logo for d in sampler.draw(step)][::2]
        second = 1 if logos[1] != 0 else 2
        anchors.update([logos[0], logos[second]])
    assert set(anchors) == set(range(60))


def test_neighbours_of_groups_are_other_groups_that_take_part():
    inner = GroupSampler(GROUPS, groups_per_batch=4, per_group=2, seed=3)
    assert inner.classes.tolist() == [0, 0, 1, 1, 1, -1, 2, 2, 3, 3, 4, 4, 5, 5]
    sampler = NeighbourSampler(inner, cluster=2)
    # Everybody is near to group e, to the unlabelled logo and to its own kind.
    sampler.neighbours = np.tile([5, -1, 10], (len(GROUPS), 1))
    for step in range(8):
        batch = sampler.draw(step)
        assert len(batch) == 8
        assert sorted(Counter(d.label for d in batch).values()) == [2, 2, 2, 2]
        assert 4 in {d.label for d in batch}
        assert all(inner.classes[d.logo] == d.label for d in batch)


@given(st.integers(0, 10_000), st.integers(0, 2**32), st.integers(2, 8), st.integers(0, 99))
def test_a_batch_depends_on_seed_step_and_table_alone(step, seed, cluster, draw):
    table = np.random.default_rng(draw).integers(-1, 40, (40, 5))

    def make():
        sampler = NeighbourSampler(ViewSampler(40, 9, 2, seed), cluster)
        sampler.neighbours = table
        return sampler

    used = make()
    used.draw(step + 1)
    batch = make().draw(step)
    assert used.draw(step) == batch
    assert set(Counter(d.logo for d in batch).values()) == {2}
    assert len(batch) == 18


@pytest.mark.parametrize("cluster", [1, 7])
def test_clusters_that_do_not_fit_are_refused(cluster):
    with pytest.raises(UsageError, match=r"batch\.neighbours\.cluster"):
        NeighbourSampler(ViewSampler(60, 6, 2), cluster)


@given(st.integers(1, 5), st.integers(5, 12))
def test_processes_share_a_batch_without_gaps(processes, logos):
    sampler = ViewSampler(50, logos, 3, seed=7)
    parts = [list(StepBatches(sampler, 2, 4, rank, processes)) for rank in range(processes)]
    for step in (2, 3):
        pieces = [part[step - 2] for part in parts]
        assert [d for piece in pieces for d in piece] == sampler.draw(step)
        sizes = {len(p) for p in pieces}
        assert max(sizes) - min(sizes) <= 1


def test_more_processes_than_images_are_refused():
    with pytest.raises(UsageError, match="4 images cannot be shared by 5 processes"):
        list(StepBatches(ViewSampler(9, 2, 2), 0, 1, 0, 5))
