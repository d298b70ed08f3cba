"""Gradient caching: the batch's own gradient, with the graph of a micro-batch at a time."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from timm.layers import DropPath
from torch import nn

from marquery.encoder import LogoEncoder
from marquery.errors import UsageError
from marquery.losses import SmoothAPLoss
from marquery.training.grad_cache import GradientCache, automatic_micro


class Residual(nn.Module):
    """Drop-path as networks use it: around a branch."""

    def __init__(self, width, p):
        super().__init__()
        self.branch = nn.Sequential(nn.Conv2d(width, width, 3, padding=1), nn.ReLU())
        self.drop = DropPath(p)

    def forward(self, x):
        return x + self.drop(self.branch(x))


def network(dropout=0.0, drop_path=0.0):
    torch.manual_seed(7)
    layers = (
        nn.Conv2d(3, 6, 3),
        Residual(6, drop_path),
        nn.Dropout(dropout),
        nn.Flatten(),
        nn.Linear(6 * 36, 5),
    )
    return nn.Sequential(*layers).double()


def batch(size):
    generator = torch.Generator().manual_seed(size)
    images = torch.randn(size, 3, 8, 8, generator=generator, dtype=torch.float64)
    return images, torch.arange(size) // 3


def loss_of(labels):
    loss = SmoothAPLoss(temperature=0.5)
    return lambda x: loss(nn.functional.normalize(x, dim=1), labels)


def gradient(net):
    found = torch.cat([p.grad.flatten() for p in net.parameters()])
    net.zero_grad()
    return found


@pytest.mark.parametrize(("size", "micro"), [(12, 4), (13, 5), (9, 1), (6, 6), (6, 50)])
def test_with_nothing_random_it_is_the_plain_batchs_gradient(size, micro):
    net = network()
    images, labels = batch(size)
    plain = loss_of(labels)(net(images))
    plain.backward()
    expected = gradient(net)
    assert expected.abs().max() > 1e-4
    cached = GradientCache(net, micro)(images, loss_of(labels))
    assert not cached.requires_grad
    torch.testing.assert_close(cached, plain.detach(), rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(gradient(net), expected, rtol=1e-9, atol=1e-12)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 7), st.floats(0, 0.7), st.floats(0, 0.7))
def test_dropout_and_drop_path_are_replayed(seed, micro, dropout, drop_path):
    """The same micro-batches with their graphs kept, from the same random state."""
    net = network(dropout, drop_path).train()
    images, labels = batch(12)
    torch.manual_seed(seed)
    embeddings = torch.cat([net(part) for part in images.split(micro)])
    kept = loss_of(labels)(embeddings)
    kept.backward()
    expected = gradient(net)

    torch.manual_seed(seed)
    cached = GradientCache(net, micro)(images, loss_of(labels))
    torch.testing.assert_close(cached, kept.detach())
    torch.testing.assert_close(gradient(net), expected, rtol=1e-9, atol=1e-12)


def test_a_loss_that_draws_does_not_disturb_the_replay():
    net = network(dropout=0.5).train()
    images, labels = batch(12)

    def noisy(x):
        return loss_of(labels)(x + torch.rand_like(x))

    torch.manual_seed(3)
    noisy(torch.cat([net(part) for part in images.split(5)])).backward()
    expected, after = gradient(net), torch.rand(1)
    torch.manual_seed(3)
    GradientCache(net, 5)(images, noisy)
    # What comes later draws as if there were no second pass.
    assert torch.equal(torch.rand(1), after)
    torch.testing.assert_close(gradient(net), expected, rtol=1e-9, atol=1e-12)


def test_gradients_add_up_as_with_backward_and_a_constant_loss_has_none():
    net = network()
    images, labels = batch(9)
    cache = GradientCache(net, 4)
    cache(images, loss_of(labels))
    cache(images, loss_of(labels))
    twice = gradient(net)
    cache(images, loss_of(labels))
    torch.testing.assert_close(twice, 2 * gradient(net))
    cache(images, lambda x: torch.zeros((), dtype=x.dtype, requires_grad=True))
    assert not gradient(net).any()


def test_images_are_prepared_a_micro_batch_at_a_time():
    net, seen = network(), []
    images, labels = batch(10)

    def prepare(part):
        seen.append(len(part))
        return part.double() / 255

    raw = (images * 50).byte()
    GradientCache(net, 4, prepare=prepare)(raw, loss_of(labels))
    assert seen == [4, 4, 2] * 2
    found = gradient(net)
    loss_of(labels)(net(raw.double() / 255)).backward()
    torch.testing.assert_close(gradient(net), found)


class Kept:
    """A tensor that a graph keeps, counted as long as the graph does."""

    now = most = 0

    def __init__(self, tensor):
        self.tensor, self.size = tensor, tensor.numel()
        Kept.now += self.size
        Kept.most = max(Kept.most, Kept.now)

    def __del__(self):
        Kept.now -= self.size


def test_no_more_is_kept_at_a_time_than_for_one_micro_batch():
    net = network(dropout=0.3).train()

    def most_kept(step):
        Kept.now = Kept.most = 0
        with torch.autograd.graph.saved_tensors_hooks(Kept, lambda kept: kept.tensor):
            step()
        return Kept.most

    images, labels = batch(24)
    alone = most_kept(lambda: net(images[:4]).sum().backward())
    plain = most_kept(lambda: loss_of(labels)(net(images)).backward())
    cached = most_kept(lambda: GradientCache(net, 4)(images, loss_of(labels)))
    assert plain > 4 * alone
    assert cached <= alone


def test_a_real_network_with_frozen_batchnorm_also_under_autocast():
    torch.manual_seed(0)
    encoder = LogoEncoder.create("mobilenetv3_small_050", 8, image_size=32, pretrained=False)
    net = encoder.network.train()
    images = torch.randint(0, 256, (10, 3, 32, 32), dtype=torch.uint8)
    labels = torch.arange(10) // 2
    for half, tolerance in ((False, 1e-4), (True, 0.1)):
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            SmoothAPLoss(0.1)(net(encoder.normalize(images)), labels).backward()
            expected = gradient(net)
            cache = GradientCache(net, 4, prepare=encoder.normalize)
            cache(images, lambda x: SmoothAPLoss(0.1)(x, labels))
        error = (gradient(net) - expected).norm() / expected.norm()
        assert error < tolerance


@pytest.mark.parametrize("stats", [True, False])
def test_batchnorm_on_the_batchs_statistics_is_refused(stats):
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4, track_running_stats=stats))
    cache = GradientCache(net, 2)
    with pytest.raises(UsageError, match=r"BatchNorm layer '1'.*freeze"):
        cache(torch.randn(4, 3, 5, 5), torch.sum)
    net.eval()
    if stats:
        cache(torch.randn(4, 3, 5, 5), torch.sum)
    else:
        with pytest.raises(UsageError, match="statistics"):
            cache(torch.randn(4, 3, 5, 5), torch.sum)


def test_micro_batches_of_nothing_are_refused_and_the_automatic_size_follows_the_area():
    with pytest.raises(UsageError, match="micro: is 0"):
        GradientCache(nn.Identity(), 0)
    assert [automatic_micro(s) for s in (224, 112, 448, 4096)] == [32, 128, 8, 1]
