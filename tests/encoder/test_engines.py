"""Every engine gives PyTorch's vectors, and a choice that cannot be had is refused."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from marquery.encoder import (
    LogoEncoder,
    deploy,
    engine_choice,
    engines,
    network_engines,
    runtimes,
)
from marquery.encoder.deploy import TorchEngine
from marquery.encoder.network_engines import MIN_IMAGES
from marquery.encoder.precision_record import PrecisionRecord
from marquery.encoder.trials import TOLERANCE, largest_difference, trial_pixels
from marquery.errors import MarqueryError, UsageError

pytest.importorskip("onnxruntime")
pytest.importorskip("openvino")
COMPILED = ["openvino", "onnxruntime"]


@pytest.fixture(scope="module")
def encoder():
    torch.manual_seed(0)
    return LogoEncoder.create(
        "test_efficientnet", dim=16, pooling="gem", image_size=64, pretrained=False
    )


@pytest.fixture(scope="module")
def graph(encoder):
    return deploy.onnx_bytes(encoder._model.module(), 64)


@pytest.fixture
def exported_once(graph, monkeypatch):
    """The exporter's answer for ``encoder``, which takes seconds, from the first time it was
    asked.
    """
    for module in (deploy, network_engines):
        monkeypatch.setattr(module, "onnx_bytes", lambda module, side: graph)


@pytest.fixture
def logos(make_logo):
    return [make_logo(seed, (80, 50)) for seed in range(11)]


@pytest.mark.parametrize("engine", COMPILED)
@pytest.mark.usefixtures("exported_once")
def test_vectors_are_those_of_pytorch_whatever_the_batch(encoder, logos, engine):
    expected = encoder.embed(logos, engine="pytorch")
    assert np.abs(expected[0] - expected[1]).max() > 100 * TOLERANCE  # logos that can be told apart
    for size in (None, 1, 4):
        given = encoder.embed(logos, engine=engine, batch_size=size)
        assert given.dtype == np.float32
        assert np.abs(given - expected).max() <= TOLERANCE
        assert np.allclose(np.linalg.norm(given, axis=1), 1, atol=1e-6)


def test_threads_that_embed_at_once_get_their_own_vectors(encoder, logos):
    alone = encoder.embed(logos, engine="openvino")
    with ThreadPoolExecutor(6) as pool:
        several = [pool.submit(encoder.embed, logos[k:], engine="openvino") for k in (0, 1, 2) * 6]
        for k, found in zip((0, 1, 2) * 6, several, strict=True):
            assert np.allclose(found.result(), alone[k:], atol=1e-6)


def test_a_piece_that_cannot_be_computed_leaves_the_others_whole():
    class Request:
        def __init__(self, number):
            self.number, self.is_computing = number, False

        def start_async(self, inputs, share_inputs):
            if inputs[0].sum() < 0:
                raise RuntimeError("no")
            self.is_computing, self.pixels = True, inputs[0]

        def wait(self):
            self.is_computing = False

        def get_output_tensor(self, _):
            return SimpleNamespace(data=self.pixels * 2)

    made = []

    class Compiled:
        def get_property(self, _):
            return 3

        def create_infer_request(self):
            made.append(Request(len(made)))
            return made[-1]

    run = runtimes.openvino_runner(Compiled())
    pixels = np.arange(1, 8)
    assert (run(pixels) == 2 * pixels).all()
    assert (run(pixels[:1]) == 2).all()
    with pytest.raises(RuntimeError, match="no"):
        run(np.array([1, 2, -9]))
    assert not any(request.is_computing for request in made)
    assert (run(pixels) == 2 * pixels).all()


def test_transformers_too(logos):
    torch.manual_seed(1)
    one = LogoEncoder.create("test_vit", dim=8, image_size=64, pretrained=False)
    difference = one.embed(logos, engine="openvino") - one.embed(logos, engine="pytorch")
    assert np.abs(difference).max() <= TOLERANCE


@pytest.mark.usefixtures("exported_once")
def test_onnx_file_gives_the_same_vectors_and_needs_nothing_else(encoder, logos, tmp_path):
    import onnx
    import onnxruntime as ort

    from marquery.encoder.preprocess import to_square

    file = tmp_path / "deep" / "encoder.onnx"
    assert encoder.export_onnx(file) <= TOLERANCE
    onnx.checker.check_model(onnx.load(file), full_check=True)
    session = ort.InferenceSession(file, providers=["CPUExecutionProvider"])
    (given,) = session.get_inputs()
    assert (given.name, given.type, given.shape[1:]) == ("pixels", "tensor(uint8)", [64, 64, 3])
    pixels = np.stack([to_square(logo, 64) for logo in logos])
    vectors = session.run(["embedding"], {"pixels": pixels})[0]
    assert np.abs(vectors - encoder.embed(logos, engine="pytorch")).max() <= TOLERANCE


@pytest.mark.usefixtures("exported_once")
def test_an_onnx_file_that_differs_is_not_written(encoder, tmp_path, monkeypatch):
    monkeypatch.setattr(
        deploy, "onnx_runner", lambda content: lambda pixels: np.ones((len(pixels), 16)) / 4
    )
    with pytest.raises(MarqueryError, match="not written"):
        encoder.export_onnx(tmp_path / "encoder.onnx")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("wrong", "difference"),
    [
        (lambda v: v, 0),
        (lambda v: v + np.float32(1e-3), pytest.approx(1e-3, rel=1e-2)),
        (lambda v: v[:1], np.inf),
        (lambda v: v * np.nan, np.inf),
    ],
)
def test_the_difference_that_decides(encoder, wrong, difference):
    reference = TorchEngine(encoder._model.module())
    assert largest_difference(lambda p: wrong(reference(p)), reference, 64) == difference


def test_an_engine_that_differs_is_refused_and_auto_goes_on(encoder, logos, monkeypatch):
    encoder = copy.deepcopy(encoder)
    calls = []

    def graph(module, side):
        calls.append(side)
        return "graph"

    def runner(compiled):
        return lambda pixels: np.full((len(pixels), 16), 0.25, np.float32)

    monkeypatch.setattr(network_engines, "_openvino_graph", graph)
    monkeypatch.setattr(network_engines, "_compiled", lambda graph, precision: graph)
    monkeypatch.setattr(network_engines, "openvino_runner", runner)
    with pytest.raises(MarqueryError, match="engine openvino: its vectors differ"):
        encoder.embed(logos, engine="openvino")
    monkeypatch.setitem(MIN_IMAGES, "openvino", 5)
    with pytest.warns(UserWarning, match="going on with PyTorch"):
        first = encoder.embed(logos)
    assert np.array_equal(encoder.embed(logos), first)
    assert calls == [64, 64]  # not tried for every batch
    assert np.allclose(first, encoder.embed(logos, engine="pytorch"), atol=1e-6)
    with pytest.raises(MarqueryError, match="differ"):  # PyTorch is no answer to this
        encoder.embed(logos, engine="openvino")


def test_auto_builds_for_many_images_and_keeps_the_engine_until_weights_change(
    encoder, logos, monkeypatch
):
    encoder = copy.deepcopy(encoder)
    monkeypatch.setitem(MIN_IMAGES, "openvino", 5)
    built = []

    def build(name, module, side, precision):
        built.append(name)
        return TorchEngine(copy.deepcopy(module), precision)

    monkeypatch.setattr("marquery.encoder.engine_cache.build", build)
    encoder.embed(logos[:4])
    assert built == []
    before = encoder.embed(logos)
    encoder.embed(logos[:1])
    encoder.embed(logos)
    assert built == ["openvino"]
    with torch.no_grad():
        encoder.network.head.weight.mul_(-1)
    encoder.embed(logos[:1])
    assert built == ["openvino"]
    after = encoder.embed(logos)
    assert built == ["openvino"] * 2
    assert np.abs(after - before).max() > 0.1

    encoder.network.train()
    encoder.network.head.weight.data.mul_(2)
    encoder.embed(logos)
    assert built == ["openvino"] * 2  # each step of training would cost a build
    assert encoder.network.training


def test_an_engine_for_each_precision_is_kept_and_pays_for_single_images_only_by_itself(
    encoder, logos, monkeypatch
):
    encoder = copy.deepcopy(encoder)
    built = []

    def build(name, module, side, precision):
        built.append((name, precision))
        engine = TorchEngine(module)
        engine.name = name
        return engine

    monkeypatch.setattr("marquery.encoder.engine_cache.build", build)
    for _ in range(2):
        for precision in ("float32", "bfloat16"):
            encoder.embed(logos, engine="openvino", precision=precision)
    assert built == [("openvino", "float32"), ("openvino", "bfloat16")]
    one = copy.deepcopy(encoder)
    one.embed(logos, engine="onnxruntime")
    assert one.engine(1).name == "pytorch"  # not OpenVINO, which is not there yet
    assert one.engine(128).name == "openvino"
    assert one.engine(1).name == "openvino"
    assert built[2:] == [("onnxruntime", "float32"), ("openvino", "float32")]


def test_encoders_can_be_copied_with_an_engine(encoder, logos):
    one = copy.deepcopy(encoder)
    one.embed(logos, engine="openvino")
    for again in (copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        assert np.allclose(again.embed(logos), encoder.embed(logos, engine="pytorch"), atol=1e-6)
        with torch.no_grad():
            again.network.head.weight.mul_(-1)
        assert again.fingerprint() != one.fingerprint() == encoder.fingerprint()


def choose(engine="auto", precision="auto", images=10**6, **options):
    defaults = {"on_cpu": True, "training": False, "allows_bfloat16": lambda: True}
    defaults["min_images"] = MIN_IMAGES
    return engine_choice.choose_engine(engine, precision, images=images, **(defaults | options))


def test_what_auto_takes(monkeypatch):
    monkeypatch.setattr(engine_choice, "bfloat16_by_hardware", lambda: True)
    assert choose() == ("openvino", "bfloat16")
    assert choose(allows_bfloat16=lambda: False) == ("openvino", "float32")
    assert choose(precision="float32") == ("openvino", "float32")
    assert choose(images=127) == ("pytorch", "float32")
    assert choose(on_cpu=False) == ("pytorch", "float32")
    assert choose(training=True) == ("pytorch", "float32")
    assert choose(engine="onnxruntime", images=1) == ("onnxruntime", "float32")
    monkeypatch.setattr(engine_choice, "bfloat16_by_hardware", lambda: False)
    assert choose() == ("openvino", "float32")
    monkeypatch.setattr(engine_choice, "installed", lambda name: name != "openvino")
    assert choose() == ("onnxruntime", "float32")
    assert choose(images=511) == ("pytorch", "float32")
    monkeypatch.setattr(engine_choice, "installed", lambda name: name == "pytorch")
    assert choose() == ("pytorch", "float32")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"engine": "tensorrt"}, "tensorrt"),
        ({"precision": "int4"}, "int4"),
        ({"engine": "openvino", "on_cpu": False}, "CPU"),
    ],
)
def test_wrong_choices(options, words):
    with pytest.raises(UsageError, match=words):
        choose(**options)


def test_what_cannot_be_had_is_refused(encoder, logos, monkeypatch):
    with pytest.raises(UsageError, match="precision: 'bfloat16' is not supported by onnxruntime"):
        encoder.embed(logos, engine="onnxruntime", precision="bfloat16")
    with pytest.raises(UsageError, match="batch_size: 0 is less"):
        encoder.embed(logos, batch_size=0)
    monkeypatch.setattr(engines, "bfloat16_by_hardware", lambda: False)
    with pytest.raises(UsageError, match="avx512_bf16"):
        encoder.embed(logos, engine="openvino", precision="bfloat16")
    monkeypatch.setattr(engines, "is_installed", lambda name: False)
    with pytest.raises(MarqueryError, match="pip install"):
        copy.deepcopy(encoder).embed(logos, engine="openvino")


@pytest.mark.skipif(not runtimes.bfloat16_by_hardware(), reason="no bfloat16 on this CPU")
def test_bfloat16_is_near_and_is_taken_only_with_a_record_of_these_weights(encoder, logos):
    encoder = copy.deepcopy(encoder)
    exact = encoder.embed(logos, engine="pytorch")
    low = encoder.embed(logos, engine="openvino", precision="bfloat16")
    assert np.abs(exact - low).max() > TOLERANCE
    assert (exact * low).sum(1).min() > 0.99
    assert not encoder._allows_bfloat16(encoder.fingerprint())
    encoder.precision_record = PrecisionRecord.measure(
        encoder.fingerprint(), "bfloat16", "logos", (exact, exact), ({"map": 0.9}, {"map": 0.9})
    )
    assert np.array_equal(encoder.embed(logos, engine="openvino", precision="auto"), low)
    with torch.no_grad():
        encoder.network.head.weight.mul_(-1)
    assert not encoder._allows_bfloat16(encoder.fingerprint())


def test_trial_pictures_would_show_a_swapped_channel(encoder):
    reference = TorchEngine(encoder._model.module())

    def swapped(pixels):
        return reference(pixels[..., ::-1].copy())

    assert largest_difference(swapped, reference, 64) > 100 * TOLERANCE
    assert np.array_equal(trial_pixels(3, 64), trial_pixels(3, 64))
    assert trial_pixels(2, 50).shape == (2, 50, 50, 3)
