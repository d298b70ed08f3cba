"""Several threads embed with one encoder at the same time."""

import copy
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from marquery.encoder import LogoEncoder, engines
from marquery.encoder.deploy import TorchEngine
from marquery.encoder.trials import TOLERANCE

THREADS, ROUNDS = 4, 6


@pytest.fixture(scope="module")
def encoder():
    torch.manual_seed(0)
    return LogoEncoder.create("test_efficientnet", dim=16, image_size=64, pretrained=False)


@pytest.fixture(scope="module")
def logos():
    """For each thread other logos, in other numbers."""
    rng = np.random.default_rng(0)
    return [
        list(rng.integers(0, 256, (5 + 4 * t, 64, 64, 3), dtype=np.uint8)) for t in range(THREADS)
    ]


def together(work):
    """Run ``work(t)`` in as many threads, all starting at once; the first error is raised."""
    start = threading.Barrier(THREADS)

    def one(thread):
        start.wait()
        return work(thread)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, range(THREADS)))


@pytest.mark.parametrize("engine", ["pytorch", "openvino", "onnxruntime"])
def test_each_thread_gets_the_vectors_of_its_own_logos(encoder, logos, engine):
    if not engines.installed(engine):
        pytest.skip(f"{engine} is not installed")
    encoder = copy.deepcopy(encoder)
    expected = [encoder.embed(own, engine="pytorch") for own in logos]

    def work(thread):
        return [encoder.embed(logos[thread], engine=engine) for _ in range(ROUNDS)]

    for given, wanted in zip(together(work), expected, strict=True):
        for vectors in given:
            assert np.abs(vectors - wanted).max() <= TOLERANCE


def test_an_engine_is_built_once_for_all_threads(encoder, logos, monkeypatch):
    encoder = copy.deepcopy(encoder)
    built = []

    def build(name, module, side, precision):
        built.append(name)
        engine = TorchEngine(module)
        engine.name = name
        return engine

    monkeypatch.setattr("marquery.encoder.engine_cache.build", build)
    together(lambda thread: encoder.embed(logos[thread], engine="openvino"))
    assert built == ["openvino"]


def test_a_network_in_training_is_in_evaluation_until_the_last_is_done(encoder):
    encoder = copy.deepcopy(encoder)
    encoder.network.train()
    image = np.zeros((64, 64, 3), np.uint8)
    modes = []
    inside, outside = threading.Event(), threading.Event()

    def slow(done):
        inside.set()
        assert outside.wait(30)
        modes.append(encoder.network.training)

    with ThreadPoolExecutor(1) as pool:
        job = pool.submit(encoder.embed, [image], progress=slow)
        assert inside.wait(30)
        encoder.embed(image)
        modes.append(encoder.network.training)
        outside.set()
        job.result()
    assert modes == [False, False]
    assert encoder.network.training


def test_training_goes_on_after_an_error(encoder):
    encoder = copy.deepcopy(encoder)
    encoder.network.train()
    with pytest.raises(ValueError, match="stop"):
        encoder.embed(
            [np.zeros((64, 64, 3), np.uint8)],
            progress=lambda done: (_ for _ in ()).throw(ValueError("stop")),
        )
    assert encoder.network.training
