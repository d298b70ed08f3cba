"""SupAP, ROADMAP and Recall@k against their definitions, by loops and by hand."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from marquery.losses import RecallAtKLoss, SupAPLoss, smooth_ap

from .batches import LABELS, units, value_and_gradients
from .family import FAMILY
from .oracles import exact_ap, sup_ap_by_loops


@pytest.mark.parametrize("batch", LABELS)
@pytest.mark.parametrize("name", [n for n in FAMILY if n != "Smooth-AP"])
def test_equals_loops(name, batch):
    make, loops, options, others = FAMILY[name]
    labels = LABELS[batch]
    x = units(len(labels))

    def oracle(e):
        return torch.stack(list(loops(e, labels, unlabelled=-1, **others).values())).mean()

    loss = make(unlabelled=-1, **options)
    expected, (slope,) = value_and_gradients(oracle, x)
    value, (gradient,) = value_and_gradients(lambda e: loss(e, torch.tensor(labels)), x)
    assert float(value) == pytest.approx(float(expected), abs=1e-12)
    torch.testing.assert_close(gradient, slope, atol=1e-10, rtol=1e-12)
    if x.shape[0] > 8:
        rough = make(unlabelled=-1, backend="compiled", **options)
        value, (gradient,) = value_and_gradients(
            lambda e: rough(e, torch.tensor(labels)), x.float()
        )
        assert float(value) == pytest.approx(float(expected), rel=1e-4, abs=1e-4)
        size = float(slope.abs().max())
        torch.testing.assert_close(gradient.double(), slope, atol=2e-3 * size, rtol=2e-3)


@pytest.mark.parametrize("reduction", ["mean", "none"])
@pytest.mark.parametrize("includes", [False, True])
@pytest.mark.parametrize("name", ["SupAP", "ROADMAP", "Recall@k"])
def test_reference_set_equals_loops(name, includes, reduction):
    make, loops, options, others = FAMILY[name]
    labels = [3, 1, 1, -1, 2, 8]
    ref_labels = [*labels, 2, 1, -1, -1, 3, 3, 0] if includes else [2, 2, 0, 1, -1, 3, 1, 1, 5]
    x, refs = units(len(labels)), units(len(ref_labels), seed=1)
    weight = torch.arange(1.0, len(labels) + 1, dtype=torch.float64)

    def oracle(e, r):
        found = loops(e, labels, r, ref_labels, includes=includes, unlabelled=-1, **others)
        if reduction == "none":
            return torch.stack([found[q] * weight[q] for q in found]).sum()
        return torch.stack(list(found.values())).mean()

    loss = make(unlabelled=-1, reduction=reduction, **options)

    def ours(e, r):
        targets = torch.tensor(labels), r, torch.tensor(ref_labels)
        value = loss(e, *targets, ref_includes_query=includes)
        return (value * weight).sum() if reduction == "none" else value

    expected, slopes = value_and_gradients(oracle, x, refs)
    value, gradients = value_and_gradients(ours, x, refs)
    assert float(value) == pytest.approx(float(expected), rel=1e-12)
    for gradient, slope in zip(gradients, slopes, strict=True):
        torch.testing.assert_close(gradient, slope, atol=1e-10, rtol=1e-12)


@pytest.mark.parametrize("own", [False, True])
def test_sup_ap_with_the_query_among_its_positives(own):
    labels = LABELS["shuffled"]
    x = units(len(labels))
    found = sup_ap_by_loops(x, labels, own=own, calibration=0.5)
    for backend, dtype in (("eager", torch.float64), ("compiled", torch.float32)):
        loss = SupAPLoss(calibration=0.5, query_is_positive=own, reduction="none", backend=backend)
        values = loss(x.to(dtype), torch.tensor(labels)).double()
        torch.testing.assert_close(values, torch.stack(list(found.values())), atol=2e-4, rtol=1e-4)


@pytest.mark.parametrize("backend", ["eager", "compiled"])
def test_calibration_leaves_the_query_out_whatever_its_length(backend):
    # Half as long, every score is under both positives' margin, that of the query with itself too.
    labels = LABELS["unlabelled"]
    x = 0.5 * units(len(labels))
    found = sup_ap_by_loops(x, labels, unlabelled=-1, calibration=1.0, beta=0.05)
    loss = SupAPLoss(unlabelled=-1, calibration=1.0, negative_margin=0.05, backend=backend)
    value, (gradient,) = value_and_gradients(lambda e: loss(e, torch.tensor(labels)), x.float())
    assert float(value) == pytest.approx(float(torch.stack(list(found.values())).mean()), abs=1e-6)
    by_eager = SupAPLoss(unlabelled=-1, calibration=1.0, negative_margin=0.05)
    _, (slope,) = value_and_gradients(lambda e: by_eager(e, torch.tensor(labels)), x)
    torch.testing.assert_close(gradient.double(), slope, atol=1e-5, rtol=1e-5)


# One query at score 1 to itself; four others at given cosines.
def cosines(*values):
    tail = torch.tensor(values, dtype=torch.float64)
    others = torch.stack([tail, (1 - tail * tail).sqrt()], dim=1)
    return torch.tensor([[1.0, 0.0]], dtype=torch.float64), others


def by_hand(loss, *values, relevant):
    query, others = cosines(*values)
    labels = torch.tensor([1 if r else 2 for r in relevant])
    return float(loss(query, torch.tensor([1]), others, labels))


def test_sup_ap_by_hand():
    # Positives at 0.9 and 0.3, negatives at 0.5 and 0.1. For 0.9 nothing is near: rank⁻ = 0. For
    # 0.3: rank⁺ = 2, the negative at 0.5 is 0.2 ahead, 100 · (0.2 − 0.05) + σ(5) + 0.5 = 16.4933,
    # that at 0.1 counts σ(−20) = 0.
    h = 100 * 0.15 + 1 / (1 + 2.718281828459045**-5) + 0.5
    expected = 1 - (1 + 2 / (2 + h)) / 2
    relevant = (True, False, True, False)
    assert by_hand(SupAPLoss(), 0.9, 0.5, 0.3, 0.1, relevant=relevant) == pytest.approx(expected)
    # Calibration: positives miss 0.9 by 0 and 0.6, negatives reach 0.4 by 0.1 and not at all.
    loss = SupAPLoss(calibration=0.25, negative_margin=0.4)
    value = by_hand(loss, 0.9, 0.5, 0.3, 0.1, relevant=relevant)
    assert value == pytest.approx(0.75 * expected + 0.25 * (0.6 / 2 + 0.1 / 2))


def test_recall_at_k_by_hand():
    # One positive at rank 3 exactly: σ((1 − 3)/1) at k = 1, σ((5 − 3)/1) at k = 5.
    def sigma(x):
        return 1 / (1 + 2.718281828459045**-x)

    value = by_hand(
        RecallAtKLoss(k=[1, 5]), 0.9, 0.7, 0.5, 0.1, relevant=(False, False, True, False)
    )
    assert value == pytest.approx(1 - (sigma(-2) + sigma(2)) / 2, abs=1e-7)
    # A steep cut-off gives Recall@k itself: two of three positives among the first three.
    loss = RecallAtKLoss(k=[3], k_temperature=1e-3)
    value = by_hand(loss, 0.9, 0.8, 0.7, 0.6, 0.5, relevant=(True, False, True, False, True))
    # Rank 3 itself counts half: 1 − (1 + 1/2 + 0)/3.
    assert value == pytest.approx(1 - 1.5 / 3, abs=1e-6)


@given(st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_sup_ap_bounds_the_true_loss(seed):
    generator = torch.Generator().manual_seed(seed)
    x = units(24, 3, seed, torch.float32)
    labels = torch.randint(0, 5, (24,), generator=generator)
    labels[0] = labels[1]
    tau = float(10 ** (-3 * torch.rand(1, generator=generator)))
    bounds = SupAPLoss(temperature=tau, reduction="none")(x, labels)
    scores = (x @ x.T).fill_diagonal_(-2)
    for q in range(24):
        relevant = (labels == labels[q]) & (torch.arange(24) != q)
        if relevant.any():
            assert float(bounds[q]) >= 1 - exact_ap(scores[q], relevant) - 1e-6


def test_sup_ap_counts_ties_at_their_worst():
    # All at one point: each of 3 positives sees 8 negatives level with it, which count in full: 1 −
    # 1/9.
    labels = torch.arange(3).repeat(4)
    x = torch.eye(2)[:1].repeat(12, 1)
    for backend in ("compiled", "eager"):
        value = SupAPLoss(backend=backend, reduction="none")(x, labels)
        torch.testing.assert_close(value, torch.full((12,), 8 / 9))


@pytest.mark.parametrize("tau", [1e-4, 1e-6, 1e-12])
@pytest.mark.parametrize("backend", ["eager", "auto"])
def test_small_temperatures_give_true_average_precision(tau, backend):
    for seed in range(5):
        x = units(30, 4, seed, torch.float32)
        labels = torch.arange(6).repeat(5)
        value, (gradient,) = value_and_gradients(
            lambda e: smooth_ap(e, labels, temperature=tau, backend=backend),  # noqa: B023
            x,
        )
        scores = (x @ x.T).fill_diagonal_(-2)
        others = ~torch.eye(30, dtype=torch.bool)
        exact = [exact_ap(scores[q], (labels == labels[q]) & others[q]) for q in range(30)]
        # A score closer than 1e-4 to another is still between two ranks.
        assert float(value) == pytest.approx(1 - sum(exact) / 30, abs=0.02 if tau > 1e-5 else 1e-3)
        assert torch.isfinite(gradient).all()


@pytest.mark.parametrize("name", FAMILY)
def test_gradcheck(name):
    make, _, options, _ = FAMILY[name]
    labels = torch.tensor(LABELS["unlabelled"])
    x = units(len(labels)).requires_grad_()
    loss = make(**{"temperature": 0.2, **options}, unlabelled=-1)
    assert torch.autograd.gradcheck(lambda e: loss(e, labels), x)
    refs, ref_labels = units(6, seed=2).requires_grad_(), labels[[0, 1, 2, 5, 6, -1]]
    assert torch.autograd.gradcheck(lambda e, r: loss(e, labels, r, ref_labels), (x, refs))
