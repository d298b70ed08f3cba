"""Cross-batch memory: what is ranked, what is dropped, what gets a gradient."""

import pytest
import torch
from torch.nn.functional import normalize

from marquery.errors import UsageError
from marquery.losses import SmoothAPLoss
from marquery.training.memory import CrossBatchMemory

CRITERION = SmoothAPLoss(temperature=0.1, unlabelled=-1)


def unit(count, seed):
    generator = torch.Generator().manual_seed(seed)
    return normalize(torch.randn(count, 4, generator=generator, dtype=torch.float64), dim=1)


def filled(**options):
    memory = CrossBatchMemory(**options)
    for step in range(4):
        memory.remember(unit(3, step), torch.full((3,), step), step)
    return memory


def test_the_batch_ranks_itself_and_the_memory():
    memory = filled(size=100)
    x = unit(5, 9).requires_grad_()
    labels = torch.tensor([0, 0, 1, 7, -1])
    loss = memory.loss(CRITERION, x, labels, step=4)
    loss.backward()
    y = x.detach().clone().requires_grad_()
    old = torch.cat([unit(3, step) for step in range(4)]).float().double()
    names = torch.arange(4).repeat_interleave(3)
    # Query by query: what is ranked is everything but the query, only labelled ones ask.
    each = []
    for q in range(4):
        rest = [i for i in range(5) if i != q]
        ranked, ranked_names = torch.cat([y[rest], old]), torch.cat([labels[rest], names])
        scores, relevant = ranked @ y[q], ranked_names == labels[q]
        if not relevant.any():
            continue
        above = torch.sigmoid((scores[None] - scores[:, None]) / 0.1)
        above = above - torch.diag(above.diagonal())
        each.append(((1 + above[:, relevant].sum(1)) / (1 + above.sum(1)))[relevant].mean())
    expected = 1 - torch.stack(each).mean()
    assert len(each) == 3  # the label 7 is nowhere else
    expected.backward()
    torch.testing.assert_close(loss, expected)
    torch.testing.assert_close(x.grad, y.grad)
    assert not memory.usable(4)[0].requires_grad


def test_the_oldest_give_way():
    memory = filled(size=7)
    assert len(memory) == 7
    embeddings, labels = memory.usable(4)
    assert labels.tolist() == [1, 2, 2, 2, 3, 3, 3]
    torch.testing.assert_close(embeddings[0], unit(3, 1)[2].float())
    tiny = CrossBatchMemory(size=2)
    tiny.remember(unit(5, 0), torch.arange(5), 0)
    assert tiny.usable(1)[1].tolist() == [3, 4]


def test_stale_ones_are_kept_but_not_used():
    memory = filled(size=100, max_age=2)
    assert memory.usable(4)[1].unique().tolist() == [2, 3]
    assert memory.usable(5)[1].unique().tolist() == [3]
    x, labels = unit(6, 5), torch.arange(6) // 2
    assert torch.equal(memory.loss(CRITERION, x, labels, 6), CRITERION(x, labels))


def test_before_its_time_and_while_empty_it_changes_nothing():
    x, labels = unit(6, 5), torch.arange(6) // 2
    alone = CRITERION(x, labels)
    memory = filled(size=100, after=5)
    assert torch.equal(memory.loss(CRITERION, x, labels, 4), alone)
    assert not torch.equal(memory.loss(CRITERION, x, labels, 5), alone)
    assert torch.equal(CrossBatchMemory(9).loss(CRITERION, x, labels, 3), alone)


def test_its_state_goes_on_exactly():
    memory, again = filled(size=10, max_age=3), CrossBatchMemory(10, max_age=3)
    again.load_state_dict(memory.state_dict())
    for each in (memory, again):
        each.remember(unit(4, 8), torch.arange(4), 4)
    for a, b in zip(memory.usable(5), again.usable(5), strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize(
    "options", [{"size": 0}, {"size": 5, "after": -1}, {"size": 5, "max_age": 0}]
)
def test_numbers_out_of_range_are_refused(options):
    with pytest.raises(UsageError, match="memory of"):
        CrossBatchMemory(**options)
