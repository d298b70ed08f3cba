"""SupAP, ROADMAP and Recall@k against their definitions, and what all losses over ranks promise."""

import copy
import pickle
import warnings

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from marquery.errors import MarqueryError, UsageError
from marquery.losses import (
    PairLosses,
    RankLoss,
    RankSurrogate,
    RecallAtKLoss,
    SmoothAPLoss,
    SupAPLoss,
    smooth_ap,
)

from .batches import LABELS, units, value_and_gradients
from .oracles import exact_ap, recall_at_k_by_loops, smooth_ap_by_loops, sup_ap_by_loops

# Name: our loss, its loops, and both sides' options; the second of each kind has no default value left.
FAMILY = {
    "Smooth-AP": (SmoothAPLoss, smooth_ap_by_loops, {}, {}),
    "SupAP": (SupAPLoss, sup_ap_by_loops, {}, {}),
    "SupAP, wide": (
        SupAPLoss,
        sup_ap_by_loops,
        {"temperature": 0.1, "slope": 3.0, "linear_from": 0.2},
        {"tau": 0.1, "rho": 3.0, "delta": 0.2},
    ),
    "ROADMAP": (SupAPLoss, sup_ap_by_loops, {"calibration": 0.5}, {"calibration": 0.5}),
    "ROADMAP, other": (
        SupAPLoss,
        sup_ap_by_loops,
        {"calibration": 0.3, "positive_margin": 0.4, "negative_margin": -0.2},
        {"calibration": 0.3, "alpha": 0.4, "beta": -0.2},
    ),
    "Recall@k": (RecallAtKLoss, recall_at_k_by_loops, {}, {}),
    "Recall@k, other": (
        RecallAtKLoss,
        recall_at_k_by_loops,
        {"k": [1, 3], "temperature": 0.1, "k_temperature": 0.4},
        {"ks": (1, 3), "tau": 0.1, "k_tau": 0.4},
    ),
}
PLAIN = ["Smooth-AP", "SupAP", "ROADMAP", "Recall@k"]


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
    # Positives at 0.9 and 0.3, negatives at 0.5 and 0.1. For 0.9 nothing is near: rank⁻ = 0. For 0.3: rank⁺ = 2, the
    # negative at 0.5 is 0.2 ahead, 100 · (0.2 − 0.05) + σ(5) + 0.5 = 16.4933, that at 0.1 counts σ(−20) = 0.
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
    # All at one point: each of 3 positives sees 8 negatives level with it, which count in full: 1 − 1/9.
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


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("tau", [1e-9, 1e9])
def test_extreme_temperatures_stay_finite_and_backends_agree(name, tau):
    make, _, options, _ = FAMILY[name]
    labels = torch.tensor(LABELS["unequal"])
    x = units(len(labels), dtype=torch.float32)
    found = []
    for backend in ("eager", "compiled"):
        loss = make(temperature=tau, backend=backend, **options)
        value, (gradient,) = value_and_gradients(lambda e: loss(e, labels), x)  # noqa: B023
        assert torch.isfinite(value)
        assert torch.isfinite(gradient).all()
        found.append((value, gradient))
    torch.testing.assert_close(*found, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("name", FAMILY)
def test_gradcheck(name):
    make, _, options, _ = FAMILY[name]
    labels = torch.tensor(LABELS["unlabelled"])
    x = units(len(labels)).requires_grad_()
    loss = make(**{"temperature": 0.2, **options}, unlabelled=-1)
    assert torch.autograd.gradcheck(lambda e: loss(e, labels), x)
    refs, ref_labels = units(6, seed=2).requires_grad_(), labels[[0, 1, 2, 5, 6, -1]]
    assert torch.autograd.gradcheck(lambda e, r: loss(e, labels, r, ref_labels), (x, refs))


@given(st.integers(0, 10**6), st.sampled_from(["auto", "eager"]), st.sampled_from(PLAIN))
@settings(max_examples=40, deadline=None)
def test_order_of_items_does_not_matter(seed, backend, name):
    make, _, options, _ = FAMILY[name]
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(-1, 6, (30,), generator=generator)
    labels[0] = labels[1] = 3
    x, shuffle = units(30, 4, seed), torch.randperm(30, generator=generator)
    loss = make(unlabelled=-1 if seed % 2 else None, backend=backend, **options)
    value, (gradient,) = value_and_gradients(lambda e: loss(e, labels), x)
    other, (shuffled,) = value_and_gradients(lambda e: loss(e, labels[shuffle]), x[shuffle])
    torch.testing.assert_close(other, value, atol=1e-10, rtol=1e-10)
    torch.testing.assert_close(shuffled, gradient[shuffle], atol=1e-8, rtol=1e-8)


@pytest.mark.parametrize("name", PLAIN)
def test_chunks_do_not_change_the_values(name):
    make, _, options, _ = FAMILY[name]
    labels = torch.tensor(LABELS["unequal"])
    x = units(len(labels))
    found = []
    for chunk_mib in (1e-6, 0.01, 8):
        loss = make(chunk_mib=chunk_mib, backend="eager", **options)
        found.append(value_and_gradients(lambda e: loss(e, labels), x))  # noqa: B023
    for other in found[1:]:
        torch.testing.assert_close(other, found[0])


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_ranked_in_float32(name, dtype):
    make, _, options, _ = FAMILY[name]
    labels = torch.arange(16).repeat_interleave(4)
    x = units(64, 32, dtype=dtype)
    loss = make(**options)
    expected, (slope,) = value_and_gradients(lambda e: loss(e, labels), x.float())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        value, (gradient,) = value_and_gradients(lambda e: loss(e, labels), x)
    assert value.dtype == torch.float32
    assert gradient.dtype == dtype
    torch.testing.assert_close(value, expected, atol=1e-6, rtol=1e-6)
    torch.testing.assert_close(gradient, slope.to(dtype), atol=2e-3, rtol=0.02)


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("backend", ["auto", "eager"])
@pytest.mark.parametrize("labels", [[], [5], [-1], [1, 2, 3], [-1, -1, -1]])
def test_without_positives_the_loss_is_zero_and_warns_once(name, backend, labels):
    make, _, options, _ = FAMILY[name]
    loss = make(unlabelled=-1, backend=backend, **options)
    x = units(len(labels), dtype=torch.float32).requires_grad_()
    with pytest.warns(UserWarning, match="no item has another of its label"):
        value = loss(x, torch.tensor(labels, dtype=torch.long))
    value.backward()
    assert float(value.detach()) == 0
    assert torch.equal(x.grad, torch.zeros_like(x))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        none = torch.zeros(0, dtype=torch.long)
        assert loss(x, torch.tensor(labels, dtype=torch.long), x[:0], none) == 0


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("backend", ["auto", "eager"])
@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_embeddings_that_are_not_finite_are_one_clear_error(name, backend, bad):
    make, _, options, _ = FAMILY[name]
    loss = make(unlabelled=-1, backend=backend, **options)
    labels = torch.tensor([1, 1, -1, 2, 2])
    x = units(5, dtype=torch.float32)
    broken = x.clone()
    broken[2, 1] = bad
    with pytest.raises(
        MarqueryError, match=r"^embeddings hold NaN or infinity in 1 of 5 rows.* 2;"
    ):
        loss(broken, labels)
    with pytest.raises(MarqueryError, match="ref_embeddings hold NaN"):
        loss(x, labels, broken, labels)
    with pytest.raises(MarqueryError, match="normalise"):
        loss(x * 1e20, labels)


@pytest.mark.parametrize("name", PLAIN)
def test_no_tensor_is_made_on_another_device(name):
    # What forgets its input's device lands on "meta" here, and cannot meet a number of the CPU: what a GPU runs.
    make, _, options, _ = FAMILY[name]
    labels, refs = torch.tensor(LABELS["unlabelled"]), units(4, seed=3, dtype=torch.float32)
    ref_labels = torch.tensor([4, 9, -1, 4])
    x = units(len(labels), dtype=torch.float32)
    loss = make(unlabelled=-1, backend="eager", **options)
    expected = value_and_gradients(lambda e: loss(e, labels), x)
    with torch.device("meta"):
        found = value_and_gradients(lambda e: loss(e, labels), x)
        by_refs = value_and_gradients(lambda e, r: loss(e, labels, r, ref_labels), x, refs)
    torch.testing.assert_close(found, expected)
    assert torch.isfinite(by_refs[0])


@pytest.mark.parametrize("name", PLAIN)
def test_module_can_be_copied_pickled_shown_and_changed(name):
    make, _, options, _ = FAMILY[name]
    loss = make(unlabelled=-1, reduction="sum", **options)
    labels = torch.tensor(LABELS["unlabelled"])
    value = loss(units(len(labels)), labels)
    for other in (copy.deepcopy(loss), pickle.loads(pickle.dumps(loss))):
        assert other(units(len(labels)), labels) == value
    assert "temperature=0.01" in repr(loss)
    assert "reduction='sum'" in repr(loss)
    assert loss.state_dict() == {}
    loss.temperature = 0.5
    assert loss(units(len(labels)), labels) != value
    loss.temperature = -1
    with pytest.raises(UsageError, match="temperature"):
        loss(units(len(labels)), labels)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SupAPLoss(temperature=0), "temperature"),
        (lambda: SmoothAPLoss(temperature=float("inf")), "temperature"),
        (lambda: SmoothAPLoss(temperature=float("nan")), "temperature"),
        (lambda: SupAPLoss(slope=-1), "slope"),
        (lambda: SupAPLoss(linear_from=float("nan")), "linear_from"),
        (lambda: SupAPLoss(calibration=1.5), "calibration"),
        (lambda: RecallAtKLoss(k=[]), "k is"),
        (lambda: RecallAtKLoss(k=[0]), "k is"),
        (lambda: RecallAtKLoss(k=[1.5]), "k is"),
        (lambda: RecallAtKLoss(k_temperature=0), "k_temperature"),
        (lambda: RecallAtKLoss(reduction="max"), "reduction"),
    ],
)
def test_wrong_options_are_one_sentence(make, message):
    with pytest.raises(UsageError, match=message):
        make()


class LogRank(RankSurrogate):
    """log of the smoothed rank: a loss of one's own."""

    def steps(self, differences, positive, slopes):
        above = torch.sigmoid(differences / 0.1)
        return above, above * (1 - above) / 0.1 if slopes else None

    def pair_losses(self, above_positive, above_negative):
        rank = 1 + above_positive + above_negative
        return PairLosses(rank.log(), 1 / rank, 1 / rank)


class LogRankLoss(RankLoss):
    def surrogate(self):
        return LogRank()


def test_a_loss_of_ones_own_needs_steps_and_a_cost():
    labels = torch.tensor(LABELS["shuffled"])
    x = units(len(labels)).requires_grad_()
    assert torch.autograd.gradcheck(lambda e: LogRankLoss()(e, labels), x)
    scores, total = x @ x.T, []
    for q in range(len(labels)):
        positives = [j for j in range(len(labels)) if j != q and labels[j] == labels[q]]
        ranks = [
            1
            + sum(torch.sigmoid((scores[q, j] - scores[q, i]) / 0.1) for j in range(10))
            # The query itself and i do not count.
            - torch.sigmoid((scores[q, q] - scores[q, i]) / 0.1)
            - 0.5
            for i in positives
        ]
        total.append(torch.stack(ranks).log().mean())
    torch.testing.assert_close(LogRankLoss()(x, labels), torch.stack(total).mean())
    # In float32 it takes the eager way by itself, and says so if told otherwise.
    assert torch.isfinite(LogRankLoss()(x.float(), labels))
    with pytest.raises(UsageError, match="LogRank"):
        LogRankLoss(backend="compiled")(x.float(), labels)
