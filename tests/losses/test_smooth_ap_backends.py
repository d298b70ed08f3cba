"""The compiled float32 loop gives what plain PyTorch gives, and both what the definition gives."""

import pytest
import torch

from marquery.errors import UsageError
from marquery.losses import smooth_ap

from .oracles import smooth_ap_by_loops

LABELS = [4, -1, 4, 7, 7, 4, -1, 9, 7, 4, 2, 2, 8, -1]


def embeddings(count=14, scale=1.0, seed=0):
    generator = torch.Generator().manual_seed(seed)
    rows = torch.randn(count, 6, generator=generator)
    return scale * torch.nn.functional.normalize(rows, dim=1)


def value_and_gradient(x, labels, **options):
    leaf = x.clone().requires_grad_()
    value = smooth_ap(leaf, labels, **options)
    value.backward()
    return value.detach(), leaf.grad


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("tau", [0.01, 0.1, 1])
@pytest.mark.parametrize("backend", ["compiled", "eager"])
def test_float32_equals_double_loop(backend, tau, own):
    x, labels = embeddings(), torch.tensor(LABELS)
    leaf = x.double().requires_grad_()
    found = smooth_ap_by_loops(leaf, LABELS, tau=tau, unlabelled=-1, own=own)
    expected = torch.stack(list(found.values())).mean()
    expected.backward()
    value, gradient = value_and_gradient(
        x, labels, temperature=tau, unlabelled=-1, query_is_positive=own, backend=backend
    )
    assert float(value) == pytest.approx(float(expected.detach()), abs=2e-5)
    # A score's rounding, 1e-7, counts 1/tau-fold in the sigmoid and again in its slope.
    torch.testing.assert_close(gradient.double(), leaf.grad, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 3.0, 40.0, 1e4])
def test_backends_agree_at_any_size_of_the_scores(scale):
    # From 3 on, exp(score / 0.01) leaves float32, from 20 on float64 too.
    x, labels = embeddings(scale=scale), torch.tensor(LABELS)
    options = {"temperature": 0.01, "unlabelled": -1}
    value, gradient = value_and_gradient(x, labels, backend="compiled", **options)
    expected, slope = value_and_gradient(x, labels, backend="eager", **options)
    torch.testing.assert_close(value, expected, atol=1e-5, rtol=1e-4)
    size = max(1e-3, float(slope.abs().max()))
    torch.testing.assert_close(gradient, slope, atol=1e-3 * size, rtol=1e-3)


def test_threads_agree_with_one(monkeypatch):
    monkeypatch.setattr("marquery.losses.compiled._CELLS_PER_THREAD", 10)
    labels = torch.cat([torch.zeros(60, dtype=torch.long), torch.arange(1, 31).repeat(2)])
    x = embeddings(len(labels))
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(4)
        several = value_and_gradient(x, labels, backend="compiled")
        torch.set_num_threads(1)
        one = value_and_gradient(x, labels, backend="compiled")
    finally:
        torch.set_num_threads(threads)
    torch.testing.assert_close(several, one)
    torch.testing.assert_close(
        one, value_and_gradient(x, labels, backend="eager"), atol=1e-5, rtol=1e-4
    )


def test_missing_numba_falls_back(monkeypatch):
    x, labels = embeddings(), torch.tensor(LABELS)
    expected = value_and_gradient(x, labels, backend="eager")
    monkeypatch.setitem(__import__("sys").modules, "marquery.losses.compiled", None)
    torch.testing.assert_close(value_and_gradient(x, labels), expected, atol=0, rtol=0)
    with pytest.raises(ImportError):
        smooth_ap(x, labels, backend="compiled")


def test_compiled_refuses_what_it_cannot_do():
    with pytest.raises(UsageError, match="float32 on the CPU"):
        smooth_ap(embeddings().double(), torch.tensor(LABELS), backend="compiled")


def test_values_alone_leave_no_gradient():
    with torch.no_grad():
        value = smooth_ap(embeddings(), torch.tensor(LABELS))
    assert not value.requires_grad
    assert float(value) == float(value_and_gradient(embeddings(), torch.tensor(LABELS))[0])
