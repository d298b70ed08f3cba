"""Smooth-AP against its definition, in the cases where other implementations fail."""

import copy
import pickle
import warnings

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from marquery.errors import UsageError
from marquery.losses import SmoothAPLoss, smooth_ap

from .batches import LABELS, units, value_and_gradients
from .oracles import smooth_ap_by_loops


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("tau", [0.01, 0.3])
@pytest.mark.parametrize("name", LABELS)
def test_equals_double_loop(name, tau, own):
    labels = torch.tensor(LABELS[name])
    x = units(len(labels))
    options = {"temperature": tau, "unlabelled": -1, "query_is_positive": own}

    def oracle(e):
        by_query = smooth_ap_by_loops(e, LABELS[name], tau=tau, unlabelled=-1, own=own)
        return torch.stack(list(by_query.values())).mean()

    expected, (slope,) = value_and_gradients(oracle, x)
    value, (gradient,) = value_and_gradients(lambda e: SmoothAPLoss(**options)(e, labels), x)
    assert float(value) == pytest.approx(float(expected), abs=1e-12)
    torch.testing.assert_close(gradient, slope, atol=1e-10, rtol=0)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("includes", [False, True])
@pytest.mark.parametrize("own", [False, True])
def test_reference_set_equals_double_loop(reduction, includes, own):
    labels = [3, 1, 1, -1, 2, 8]
    ref_labels = [*labels, 2, 1, -1, -1, 3, 3, 0] if includes else [2, 2, 0, 1, -1, 3, 1, 1, 5]
    x, refs = units(len(labels)), units(len(ref_labels), seed=1)
    weight = torch.arange(1.0, len(labels) + 1, dtype=torch.float64)

    def oracle(e, r):
        by_query = smooth_ap_by_loops(
            e,
            labels,
            r,
            ref_labels,
            includes=includes,
            tau=0.1,
            unlabelled=-1,
            own=own and includes,
        )
        if reduction == "none":
            return torch.stack([by_query[q] * weight[q] for q in by_query]).sum()
        values = torch.stack(list(by_query.values()))
        return values.mean() if reduction == "mean" else values.sum()

    loss = SmoothAPLoss(0.1, unlabelled=-1, query_is_positive=own, reduction=reduction)

    def ours(e, r):
        value = loss(
            e, torch.tensor(labels), r, torch.tensor(ref_labels), ref_includes_query=includes
        )
        return (value * weight).sum() if reduction == "none" else value

    expected, slopes = value_and_gradients(oracle, x, refs)
    value, gradients = value_and_gradients(ours, x, refs)
    assert float(value) == pytest.approx(float(expected), abs=1e-12)
    for gradient, slope in zip(gradients, slopes, strict=True):
        torch.testing.assert_close(gradient, slope, atol=1e-10, rtol=0)


def test_either_side_alone_may_need_a_gradient():
    labels, ref_labels = torch.tensor([1, 2, 3]), torch.tensor([1, 2, 2, 1, 9])
    x, refs = units(3), units(5, seed=1)
    loss = SmoothAPLoss(0.1)
    _, (by_x, by_refs) = value_and_gradients(lambda e, r: loss(e, labels, r, ref_labels), x, refs)
    _, (alone,) = value_and_gradients(lambda e: loss(e, labels, refs, ref_labels), x)
    assert torch.equal(alone, by_x)
    _, (alone,) = value_and_gradients(lambda r: loss(x, labels, r, ref_labels), refs)
    assert torch.equal(alone, by_refs)


@pytest.mark.parametrize("name", ["shuffled", "the paper's batch", "singletons"])
def test_values_per_query(name):
    labels = torch.tensor(LABELS[name])
    x = units(len(labels))
    by_query = smooth_ap_by_loops(x, LABELS[name], unlabelled=-1)
    weight = torch.linspace(-1, 2, len(labels), dtype=torch.float64)
    loss = SmoothAPLoss(unlabelled=-1, reduction="none")
    values = loss(x, labels)
    assert values.shape == labels.shape
    for q in range(len(labels)):
        assert float(values[q]) == pytest.approx(float(by_query.get(q, 0)), abs=1e-12)
    _, (gradient,) = value_and_gradients(lambda e: (loss(e, labels) * weight).sum(), x)

    def oracle(e):
        found = smooth_ap_by_loops(e, LABELS[name], unlabelled=-1)
        return torch.stack([found[q] * weight[q] for q in found]).sum()

    _, (slope,) = value_and_gradients(oracle, x)
    torch.testing.assert_close(gradient, slope, atol=1e-10, rtol=0)


@pytest.mark.parametrize("name", ["shuffled", "unequal", "the paper's batch"])
def test_gradcheck(name):
    labels = torch.tensor(LABELS[name])
    x = units(len(labels)).requires_grad_()
    loss = SmoothAPLoss(temperature=0.2, unlabelled=-1)
    assert torch.autograd.gradcheck(lambda e: loss(e, labels), x)
    refs = units(6, seed=2).requires_grad_()
    ref_labels = labels[[0, 1, 2, 3, 4, -1]]
    assert torch.autograd.gradcheck(lambda e, r: loss(e, labels, r, ref_labels), (x, refs))
    none = SmoothAPLoss(temperature=0.2, unlabelled=-1, reduction="none")
    assert torch.autograd.gradcheck(lambda e: none(e, labels), x)


@given(st.integers(0, 10**6), st.sampled_from(["auto", "eager"]))
@settings(max_examples=40, deadline=None)
def test_order_of_items_does_not_matter(seed, backend):
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(0, 6, (30,), generator=generator)
    labels[0] = labels[1]
    x, shuffle = units(30, 4, seed, torch.float32), torch.randperm(30, generator=generator)
    loss = SmoothAPLoss(0.05, unlabelled=0 if seed % 2 and labels[0] else None, backend=backend)
    value, (gradient,) = value_and_gradients(lambda e: loss(e, labels), x)
    other, (shuffled,) = value_and_gradients(lambda e: loss(e, labels[shuffle]), x[shuffle])
    torch.testing.assert_close(other, value, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(shuffled, gradient[shuffle], atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("backend", ["auto", "eager"])
def test_perfect_clusters_cost_nothing(backend):
    # 24 classes of 4, each at one point, along 24 axes.
    labels = torch.arange(24).repeat_interleave(4)
    x = torch.eye(24)[labels]
    loss = SmoothAPLoss(backend=backend)
    assert float(loss(x, labels)) == pytest.approx(0, abs=1e-6)
    shuffle = torch.randperm(96, generator=torch.Generator().manual_seed(0))
    assert float(loss(x[shuffle], labels[shuffle])) == pytest.approx(0, abs=1e-6)


def test_the_rival_fails_where_ours_is_right():
    losses = pytest.importorskip("pytorch_metric_learning.losses")
    labels = torch.arange(24).repeat_interleave(4)
    # It groups wrongly unless the number of classes equals the samples per class: 0.59, where 0 is
    # right.
    assert float(losses.SmoothAPLoss()(torch.eye(24)[labels], labels)) > 0.5
    unequal, shuffled = torch.tensor([0, 0, 1, 1, 1]), torch.tensor([0, 1, 0, 1])
    with pytest.raises(ValueError, match="same number of elements"):
        losses.SmoothAPLoss()(units(5), unequal)
    assert torch.isfinite(SmoothAPLoss()(units(5), unequal))
    # Classes of equal size, but not in blocks.
    theirs = [
        float(losses.SmoothAPLoss()(units(4)[p], shuffled[p])) for p in ([0, 2, 1, 3], range(4))
    ]
    ours = [float(SmoothAPLoss()(units(4)[p], shuffled[p])) for p in ([0, 2, 1, 3], range(4))]
    assert theirs[0] != pytest.approx(theirs[1], abs=1e-3)
    assert ours[0] == pytest.approx(ours[1], abs=1e-12)
    with pytest.raises(ValueError, match="ref_emb"):
        losses.SmoothAPLoss()(units(4), shuffled, ref_emb=units(4), ref_labels=shuffled)


@pytest.mark.parametrize("backend", ["auto", "eager"])
def test_all_equal_embeddings(backend):
    # All scores tie: every sigmoid is 1/2. With 12 items of 3 classes each query ranks 11, of which
    # 3 are positive: rank = 1 + 10/2 = 6, rank⁺ = 1 + 2/2 = 2, AP = 1/3.
    labels = torch.arange(3).repeat(4)
    x = torch.nn.functional.normalize(torch.ones(12, 6), dim=1)
    value, (gradient,) = value_and_gradients(lambda e: SmoothAPLoss(backend=backend)(e, labels), x)
    assert float(value) == pytest.approx(2 / 3, abs=1e-5)
    assert torch.isfinite(gradient).all()


@pytest.mark.parametrize("labels", [[1, 2, 3, 4], [-1, -1, -1, -1], [-1, -1, 3, -1]])
def test_without_positives_the_loss_is_zero_and_backpropagates(labels):
    loss = SmoothAPLoss(unlabelled=-1)
    x = units(4).requires_grad_()
    message = "no item has another of its label"
    with pytest.warns(UserWarning, match=message):
        loss(x * 1, torch.tensor(labels)).backward()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value = loss(x * 1, torch.tensor(labels))
    value.backward()
    assert float(value.detach()) == 0
    assert torch.equal(x.grad, torch.zeros_like(x))
    with pytest.warns(UserWarning, match=message):
        assert smooth_ap(x[:0], torch.zeros(0, dtype=torch.long)) == 0


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("backend", ["auto", "eager"])
def test_half_precision_is_ranked_in_float32(dtype, backend):
    labels = torch.arange(16).repeat_interleave(4)
    x = units(64, 32, dtype=dtype)
    loss = SmoothAPLoss(backend=backend)
    expected, (slope,) = value_and_gradients(lambda e: loss(e, labels), x.float())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        value, (gradient,) = value_and_gradients(lambda e: loss(e, labels), x)
    assert value.dtype == torch.float32
    assert gradient.dtype == dtype
    assert float(value) == pytest.approx(float(expected), abs=1e-6)
    torch.testing.assert_close(gradient, slope.to(dtype), atol=1e-3, rtol=0.02)


@pytest.mark.parametrize("chunk_mib", [1e-6, 0.01, 8.0])
def test_chunks_do_not_change_the_values(chunk_mib):
    labels = torch.tensor(LABELS["unequal"])
    x = units(len(labels))
    whole, (slope,) = value_and_gradients(lambda e: smooth_ap(e, labels), x)
    value, (gradient,) = value_and_gradients(
        lambda e: smooth_ap(e, labels, chunk_mib=chunk_mib, backend="eager"), x
    )
    torch.testing.assert_close(value, whole)
    torch.testing.assert_close(gradient, slope)


def test_inputs_are_left_alone_and_the_graph_can_be_used_twice():
    labels = torch.tensor(LABELS["shuffled"])
    x = units(len(labels)).requires_grad_()
    before = x.detach().clone()
    value = SmoothAPLoss(0.1)(x, labels)
    value.backward(retain_graph=True)
    once = x.grad.clone()
    (2 * value).backward()
    torch.testing.assert_close(x.grad, 3 * once)
    assert torch.equal(x.detach(), before)
    with torch.no_grad():
        assert float(SmoothAPLoss(0.1)(x, labels)) == pytest.approx(float(value.detach()))


def test_module_can_be_copied_pickled_and_shown():
    loss = SmoothAPLoss(0.05, unlabelled=-1, query_is_positive=True, reduction="sum")
    labels = torch.tensor(LABELS["unlabelled"])
    value = loss(units(len(labels)), labels)
    for other in (copy.deepcopy(loss), pickle.loads(pickle.dumps(loss))):
        assert other(units(len(labels)), labels) == value
    assert "temperature=0.05" in repr(loss)
    assert loss.state_dict() == {}


def test_labels_may_be_lists_of_any_integer_dtype():
    x = units(6)
    expected = smooth_ap(x, torch.tensor([3, 3, 2, 2, 2, 0]))
    assert smooth_ap(x, [3, 3, 2, 2, 2, 0]) == expected
    for dtype in (torch.int8, torch.int32, torch.uint8):
        assert smooth_ap(x, torch.tensor([3, 3, 2, 2, 2, 0], dtype=dtype)) == expected


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x, y: SmoothAPLoss(temperature=0), "temperature"),
        (lambda x, y: SmoothAPLoss(reduction="max"), "reduction"),
        (lambda x, y: SmoothAPLoss(chunk_mib=0), "chunk_mib"),
        (lambda x, y: SmoothAPLoss(backend="gpu"), "backend"),
        (lambda x, y: smooth_ap(x, y[:3]), "labels: have shape"),
        (lambda x, y: smooth_ap(x, y.double()), "integers"),
        (lambda x, y: smooth_ap(x.long(), y), "floating-point"),
        (lambda x, y: smooth_ap(x[0], y), "shape"),
        (lambda x, y: smooth_ap(x, y, x), "give both, or neither"),
        (lambda x, y: smooth_ap(x, y, ref_includes_query=True), "ref_includes_query"),
        (lambda x, y: smooth_ap(x, y, x, y.flip(0), ref_includes_query=True), "labels differ"),
        (lambda x, y: smooth_ap(x, y, x[:2], y[:2], ref_includes_query=True), "labels differ"),
        (lambda x, y: smooth_ap(x, y, x[:, :2], y), "dimensions"),
    ],
)
def test_wrong_use_is_one_sentence(call, message):
    with pytest.raises(UsageError, match=message):
        call(units(4), torch.tensor([0, 1, 1, 2]))


def test_no_warning_when_there_are_positives():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        SmoothAPLoss()(units(4), torch.tensor([1, 1, 2, 3]))
