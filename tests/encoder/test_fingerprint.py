"""A kept fingerprint is the one of the weights as they are, however they were changed."""

import copy
import hashlib
import weakref

import numpy as np
import pytest
import torch

from marquery.encoder import LogoEncoder, fingerprint


@pytest.fixture(scope="module")
def original():
    torch.manual_seed(0)
    return LogoEncoder.create("test_efficientnet", dim=16, image_size=32, pretrained=False)


@pytest.fixture
def encoder(original):
    return copy.deepcopy(original)


@pytest.fixture
def digests(monkeypatch):
    """How often all weights were digested."""
    made, digest = [], fingerprint.digest

    def counted(state, spec):
        made.append(1)
        return digest(state, spec)

    monkeypatch.setattr(fingerprint, "digest", counted)
    return made


def oracle(encoder):
    made = hashlib.sha256(encoder.spec.model_dump_json(exclude={"version"}).encode())
    for name, tensor in encoder.network.state_dict().items():
        made.update(name.encode() + tensor.numpy().tobytes())
    return made.hexdigest()


def test_weights_are_digested_once(encoder, digests):
    first = encoder.fingerprint()
    assert first == oracle(encoder)
    image = np.zeros((32, 32, 3), np.uint8)
    for _ in range(3):
        encoder.embed(image)
        assert encoder.fingerprint() == first
    encoder.network.train()
    encoder.network.eval()
    assert len(digests) == 1


def optimizer_step(network):
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3)
    network(torch.rand(2, 3, 32, 32)).sum().backward()
    optimizer.step()


def load_weights(network):
    network.load_state_dict({k: v + 1 for k, v in network.state_dict().items()})


def one_value(network):
    with torch.no_grad():
        network.head.weight[3, 5] += 1


def statistics(network):
    network.freeze_batchnorm = False
    network.train()
    network(torch.rand(2, 3, 32, 32))
    network.eval()


def parameter(network):
    network.head.weight = torch.nn.Parameter(network.head.weight.detach().clone() * 2)


def data(network):
    network.head.weight.data = network.head.weight.data * 2


def data_in_place(network):
    network.head.weight.data.mul_(2)


def data_sign(network):
    network.head.weight.data.neg_()


def through_numpy(network):
    network.head.weight.detach().numpy()[:] *= 2


def kernel(network):
    kernels = [p for p in network.parameters() if p.ndim == 4]
    assert not kernels[1].is_contiguous()  # channels last
    kernels[1].data.mul_(1.001)


def averaged(network):
    """As exponential averages of weights are often written."""
    for parameter in network.parameters():
        parameter.data.mul_(0.999).add_(torch.randn_like(parameter), alpha=0.001)


def module(network):
    network.head = torch.nn.Linear(network.features, 16)


CHANGES = [optimizer_step, load_weights, one_value, statistics, parameter, data]
CHANGES += [data_in_place, data_sign, through_numpy, kernel, averaged, module]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_changed_weights_are_noticed(encoder, change):
    before = encoder.fingerprint()
    torch.manual_seed(1)
    change(encoder.network)
    assert encoder.fingerprint() == oracle(encoder) != before


def test_memory_that_was_given_back_and_taken_again_is_not_mistaken(encoder):
    weight = encoder.network.head.weight
    for turn in range(20):  # the allocator gives the same block again sooner or later
        assert encoder.fingerprint() == oracle(encoder), turn
        weight.data = weight.data.clone()
        weight.data[0, 0] += 1  # seen by no counter, and not among the bytes that are looked at
        weight.data = weight.data.clone()


def test_it_is_kept_in_inference_mode(encoder, digests):
    first = encoder.fingerprint()
    with torch.inference_mode():
        assert encoder.fingerprint() == first
    assert len(digests) == 1


def test_another_specification_is_another_encoder(encoder):
    before = encoder.fingerprint()
    encoder.spec = encoder.spec.model_copy(update={"image_size": 64})
    assert encoder.fingerprint() == oracle(encoder) != before


def test_weights_that_count_no_changes_are_digested_each_time(encoder, digests):
    with torch.inference_mode():
        encoder.network.head.weight = torch.nn.Parameter(torch.ones(16, 256), requires_grad=False)
    assert encoder.fingerprint() == encoder.fingerprint() == oracle(encoder)
    assert len(digests) == 2


def test_old_weights_are_not_held_in_memory(encoder):
    encoder.fingerprint()
    old = weakref.ref(encoder._model._fingerprint._kept.looks[-1])
    encoder.network.head = torch.nn.Linear(encoder.network.features, 16)
    encoder.fingerprint()
    assert old() is None


def test_a_copy_watches_its_own_weights(encoder):
    before = encoder.fingerprint()
    other = copy.deepcopy(encoder)
    with torch.no_grad():
        other.network.head.weight.mul_(2)
    assert other.fingerprint() == oracle(other) != before == encoder.fingerprint()
