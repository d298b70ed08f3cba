"""What all losses over ranks promise: order, bounds of memory, precision, errors, a loss of one's
own.
"""

import copy
import pickle
import warnings

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import normalize
from torch.utils._python_dispatch import TorchDispatchMode

from marquery.errors import MarqueryError, UsageError
from marquery.losses import (
    PairLosses,
    RankLoss,
    RankSurrogate,
    RecallAtKLoss,
    SmoothAPLoss,
    SupAPLoss,
)
from marquery.losses.compiled import find_kernel
from marquery.losses.surrogates import KernelOptions, SmoothAP

from .batches import LABELS, units, value_and_gradients
from .family import FAMILY, PLAIN


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


class Largest(TorchDispatchMode):
    """Notes the size of the largest tensor that any operation makes."""

    bytes = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        if isinstance(out, torch.Tensor):
            self.bytes = max(self.bytes, out.numel() * out.element_size())
        return out


@pytest.mark.parametrize("name", PLAIN)
def test_no_tensor_outgrows_scores_and_chunk(name):
    make, _, options, _ = FAMILY[name]
    labels = torch.zeros(64, dtype=torch.long)  # 64 * 63 pairs of 64 numbers would be 1 MB
    x = units(64, dtype=torch.float32)
    with Largest() as free:
        value_and_gradients(lambda e: make(backend="eager", **options)(e, labels), x)
    with Largest() as bound:
        loss = make(backend="eager", chunk_mib=0.05, **options)
        value_and_gradients(lambda e: loss(e, labels), x)
    assert free.bytes > 500_000
    assert bound.bytes <= 4 * 64 * 64  # the scores themselves


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
    # What forgets its input's device lands on "meta" here, and cannot meet a number of the CPU:
    # what a GPU runs.
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
        (lambda: RecallAtKLoss(k=[]), "k: is"),
        (lambda: RecallAtKLoss(k=[0]), "k: is"),
        (lambda: RecallAtKLoss(k=[1.5]), "k: is"),
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


class _Halved(SmoothAP):
    """A surrogate of one's own: other steps, so that no kernel fits."""

    def steps(self, differences, positive, slopes):
        above, rise = super().steps(differences, positive, slopes)
        return above * 0.5, None if rise is None else rise * 0.5


class _OwnLoss(RankLoss):
    def surrogate(self):
        return _Halved(0.05)


def test_a_surrogate_without_a_kernel_says_once_that_it_is_slow():
    x, labels = normalize(torch.randn(6, 4), dim=1), torch.tensor([0, 0, 1, 1, 2, 2])
    with pytest.warns(UserWarning, match="_Halved has no compiled kernel"):
        value = _OwnLoss()(x, labels)
    assert float(value) == pytest.approx(float(_OwnLoss(backend="eager")(x, labels)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _OwnLoss()(x, labels)  # told once
    with pytest.raises(UsageError, match="'compiled' has no kernel for _Halved"):
        _OwnLoss(backend="compiled")(x, labels)


class _WithKernel(_Halved):
    """Says itself which numbers the kernel takes: then the kernel is taken."""

    def steps(self, differences, positive, slopes):
        return SmoothAP.steps(self, differences, positive, slopes)

    def pair_losses(self, above_positive, above_negative):
        return SmoothAP.pair_losses(self, above_positive, above_negative)

    def kernel(self):
        return KernelOptions(self.temperature), ()


def test_a_surrogate_of_ones_own_may_bring_its_kernel():
    assert find_kernel(_WithKernel(0.05)) == (KernelOptions(0.05), ())
    assert find_kernel(_Halved(0.05)) is None
    assert find_kernel(SmoothAP(0.05)) is not None
