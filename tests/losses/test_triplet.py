"""Triplet loss: values by hand, and unlabelled items that are only negatives."""

import itertools
import math

import pytest
import torch

from marquery.errors import MarqueryError, UsageError
from marquery.losses import TripletLoss

pytest.importorskip("pytorch_metric_learning")
MINING = ["distance", "semihard", "random"]


def angles(*degrees):
    radians = torch.deg2rad(torch.tensor(degrees, dtype=torch.float64))
    return torch.stack([torch.cos(radians), torch.sin(radians)], dim=1)


def chord(degrees):
    return 2 * math.sin(math.radians(degrees) / 2)


@pytest.mark.parametrize("mining", MINING)
def test_value_by_hand(mining):
    # Anchors at 0° and 10° (each other's positive), one negative at 20°, unlabelled.
    # Triplet (0, 10, 20): chord(10) − chord(20) + margin; triplet (10, 0, 20): both at 10°, so the
    # margin alone.
    x, labels = angles(0, 10, 20), torch.tensor([5, 5, -1])
    first = chord(10) - chord(20) + 0.5
    torch.manual_seed(0)
    value = float(TripletLoss(margin=0.5, mining=mining)(x, labels))
    # The semi-hard miner wants the negative farther than the positive: up to rounding only the
    # first.
    allowed = [first, (first + 0.5) / 2] if mining == "semihard" else [(first + 0.5) / 2]
    assert any(value == pytest.approx(a, abs=1e-6) for a in allowed)


def test_semihard_equals_loops():
    labels = [3, 3, 3, -1, 0, 0, -1, 8, 0]
    x = torch.randn(9, 3, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    x = torch.nn.functional.normalize(x, dim=1)
    leaves = [x.clone().requires_grad_() for _ in range(2)]
    losses = []
    for a, p, n in itertools.product(range(9), repeat=3):
        if a != p and labels[a] == labels[p] != -1 and (labels[n] != labels[a]):
            near, far = (float((x[a] - x[i]).norm()) for i in (p, n))
            if near < far < near + 0.5:
                e = leaves[0]
                losses.append((e[a] - e[p]).norm() - (e[a] - e[n]).norm() + 0.5)
    expected = torch.stack(losses).mean()
    expected.backward()
    value = TripletLoss(margin=0.5, mining="semihard", unlabelled=-1)(
        leaves[1], torch.tensor(labels)
    )
    value.backward()
    assert len(losses) > 10
    assert float(value.detach()) == pytest.approx(float(expected.detach()), abs=1e-12)
    # The loss scales to unit length, so its gradient has no part along the vector.
    along = (leaves[0].grad * x).sum(1, keepdim=True)
    torch.testing.assert_close(leaves[1].grad, leaves[0].grad - along * x, atol=1e-10, rtol=0)


@pytest.mark.parametrize("mining", MINING)
@pytest.mark.parametrize("labels", [[-1] * 6, [1, 2, 3, 4, 5, 6], [4] * 6, [4, 4, 4, 4, 4, 4]])
def test_without_triplets_the_loss_is_zero_and_backpropagates(mining, labels):
    x = torch.randn(6, 4, requires_grad=True)
    value = TripletLoss(mining=mining)(x, torch.tensor(labels))
    value.backward()
    assert float(value.detach()) == 0
    assert torch.equal(x.grad, torch.zeros_like(x))


@pytest.mark.parametrize("mining", MINING)
def test_unlabelled_are_neither_anchors_nor_positives(mining):
    # Everything unlabelled sits in one heap, far from the class: no triplet breaks the margin.
    torch.manual_seed(0)
    x = angles(0, 1, 170, 171, 172, 173)
    labels = torch.tensor([2, 2, -1, -1, -1, -1])
    assert float(TripletLoss(mining=mining)(x, labels)) == 0
    # Taken for a class, they would still be far; taken apart as positives they are not. Closer,
    # they are negatives.
    near = angles(0, 10, 5, 6, 7, 8)
    assert float(TripletLoss(margin=0.5, mining="random")(near, labels)) > 0.4


@pytest.mark.parametrize("mining", MINING)
def test_training_pulls_a_class_together(mining):
    torch.manual_seed(0)
    x = torch.randn(24, 8).requires_grad_()
    labels = torch.arange(6).repeat(4)
    loss = TripletLoss(mining=mining)
    optimizer = torch.optim.Adam([x], lr=0.05)
    for _ in range(200):
        optimizer.zero_grad()
        loss(x, labels).backward()
        optimizer.step()
    unit = torch.nn.functional.normalize(x.detach(), dim=1)
    scores = unit @ unit.T - 2 * torch.eye(24)
    assert (labels[scores.argmax(dim=1)] == labels).float().mean() > 0.9


@pytest.mark.parametrize("mining", MINING)
def test_reference_set(mining):
    # The anchor at 0° has a positive at 10° and a negative at 20°, unlabelled as the second anchor
    # is.
    x, labels = angles(0, 90), torch.tensor([1, -1])
    by_hand = chord(10) - chord(20) + 0.5
    loss = TripletLoss(margin=0.5, mining=mining, unlabelled=-1)
    value = loss(x, labels, angles(10, 20), torch.tensor([1, -1]))
    assert float(value) == pytest.approx(by_hand, abs=1e-6)
    # With the anchors among the references the first may not be its own positive at distance 0,
    # which would give 0.5 − chord(20); the negative at 90° keeps the margin and is left out of the
    # mean.
    refs, ref_labels = angles(0, 90, 10, 20), torch.tensor([1, -1, 1, -1])
    torch.manual_seed(0)
    found = [float(loss(x, labels, refs, ref_labels, ref_includes_query=True)) for _ in range(20)]
    assert max(found) == pytest.approx(by_hand, abs=1e-6)
    assert all(v == 0 or v == pytest.approx(by_hand, abs=1e-6) for v in found)


def test_half_precision_and_autocast():
    torch.manual_seed(0)
    x, labels = torch.randn(16, 8), torch.arange(4).repeat(4)
    loss = TripletLoss(mining="semihard")
    with torch.autocast("cpu", dtype=torch.bfloat16):
        value = loss(x.bfloat16(), labels)
    assert float(value) == pytest.approx(float(loss(x.bfloat16().float(), labels)))


def test_wrong_use_is_one_sentence():
    with pytest.raises(UsageError, match="margin"):
        TripletLoss(margin=-1)
    with pytest.raises(UsageError, match="mining"):
        TripletLoss(mining="hardest")
    with pytest.raises(UsageError, match="give both, or neither"):
        TripletLoss()(torch.randn(3, 2), torch.tensor([1, 1, 2]), torch.randn(3, 2))
    with pytest.raises(UsageError, match="ref_includes_query"):
        TripletLoss()(torch.randn(3, 2), torch.tensor([1, 1, 2]), ref_includes_query=True)


@pytest.mark.parametrize("mining", MINING)
@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_embeddings_that_are_not_finite_are_one_clear_error(mining, bad):
    x, labels = angles(0, 10, 20, 50), torch.tensor([5, 5, 6, 6])
    broken = x.clone()
    broken[2, 1] = bad
    loss = TripletLoss(mining=mining)
    with pytest.raises(MarqueryError, match=r"^embeddings hold NaN or infinity in 1 of 4 rows"):
        loss(broken, labels)
    with pytest.raises(MarqueryError, match=r"^ref_embeddings hold NaN"):
        loss(x, labels, broken, labels)
