"""A saved encoder computes from its graph what its network computes, without PyTorch."""

import copy
import json
import pickle
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch

from marquery.encoder import LogoEncoder, graph_export, runtimes
from marquery.encoder.graph_model import GRAPH_FILE, GraphModel
from marquery.encoder.precision_record import PrecisionRecord
from marquery.encoder.trials import TOLERANCE
from marquery.errors import MarqueryError, UsageError

pytest.importorskip("onnxruntime")


def create(**options):
    torch.manual_seed(0)
    settings = {"dim": 16, "image_size": 64, "pretrained": False, **options}
    return LogoEncoder.create("test_efficientnet", **settings)


@pytest.fixture(scope="module")
def encoder():
    return create()


@pytest.fixture(scope="module")
def folder(encoder, tmp_path_factory):
    return encoder.save(tmp_path_factory.mktemp("saved") / "encoder")


@pytest.fixture
def logos(make_logo):
    return [make_logo(seed, (80, 50)) for seed in range(5)]


def is_stored(encoder):
    return isinstance(encoder._model, GraphModel)


@pytest.mark.parametrize("engine", ["auto", "onnxruntime", "openvino"])
def test_vectors_are_those_of_the_network(encoder, folder, logos, engine):
    if engine == "openvino":
        pytest.importorskip("openvino")
    loaded = LogoEncoder.load(folder)
    given = loaded.embed(logos, engine=engine)
    assert is_stored(loaded)
    assert np.abs(given - encoder.embed(logos, engine="pytorch")).max() <= TOLERANCE
    assert loaded.dim == encoder.dim == given.shape[1]


def test_fingerprint_is_the_networks_own(encoder, folder):
    assert LogoEncoder.load(folder).fingerprint() == encoder.fingerprint()


def test_half_stored_weights_are_widened(encoder, logos, tmp_path):
    half = LogoEncoder.load(encoder.save(tmp_path, half=True))
    stored, fingerprint = half.embed(logos), half.fingerprint()
    assert is_stored(half)
    assert np.abs(stored - half.embed(logos, engine="pytorch")).max() <= TOLERANCE
    assert half.fingerprint() == fingerprint != encoder.fingerprint()
    assert np.abs(stored - encoder.embed(logos)).max() > TOLERANCE


def test_regions_sum_up_to_the_embedding(encoder, folder, logos):
    loaded = LogoEncoder.load(folder)
    terms = loaded.regions(logos)
    assert is_stored(loaded)
    assert terms.dtype == np.float64
    assert np.abs(terms - encoder.regions(logos)).max() < 1e-6
    assert np.abs(terms.sum(axis=(1, 2)) - loaded.embed(logos)).max() < TOLERANCE


@pytest.mark.parametrize(
    ("options", "words"), [({"pooling": "gem"}, "average pooling"), ({"dim": None}, None)]
)
def test_other_heads(options, words, logos, tmp_path):
    one = create(**options)
    loaded = LogoEncoder.load(one.save(tmp_path))
    assert np.abs(loaded.embed(logos) - one.embed(logos, engine="pytorch")).max() <= TOLERANCE
    assert is_stored(loaded)
    assert loaded.dim == one.dim
    if words is None:
        assert np.abs(loaded.regions(logos) - one.regions(logos)).max() < 1e-6
    else:
        with pytest.raises(UsageError, match=words):
            loaded.regions(logos)


def test_transformers_have_no_regions(logos, tmp_path):
    torch.manual_seed(1)
    one = LogoEncoder.create("test_vit", dim=8, image_size=64, pretrained=False)
    loaded = LogoEncoder.load(one.save(tmp_path))
    assert np.abs(loaded.embed(logos) - one.embed(logos, engine="pytorch")).max() <= TOLERANCE
    with pytest.raises(UsageError, match="tokens"):
        loaded.regions(logos)


def test_the_network_takes_over_when_it_is_asked_for(folder, logos):
    loaded = LogoEncoder.load(folder)
    before, fingerprint = loaded.embed(logos), loaded.fingerprint()
    with torch.no_grad():
        loaded.network.head.weight.mul_(-1)
        loaded.network.head.bias.mul_(-1)
    assert np.abs(loaded.embed(logos) + before).max() <= TOLERANCE
    assert loaded.fingerprint() != fingerprint


def test_a_graph_serves_other_weights_of_the_same_architecture(
    encoder, folder, logos, tmp_path, monkeypatch
):
    def traced(*_):
        pytest.fail("traced again")

    monkeypatch.setattr(graph_export, "_traced", traced)
    other = copy.deepcopy(encoder)
    with torch.no_grad():
        for weight in other.network.parameters():
            weight.mul_(1.25)
    loaded = LogoEncoder.load(other.save(tmp_path))
    assert np.abs(loaded.embed(logos) - other.embed(logos, engine="pytorch")).max() <= TOLERANCE


def test_nothing_that_learns_is_a_constant_of_the_graph(logos, tmp_path):
    """A learnt exponent of pooling is small enough to be folded, and must not be."""
    one = create(pooling="gem")
    one.save(tmp_path / "one")
    with torch.no_grad():
        one.network.pool.p.fill_(1.5)
    loaded = LogoEncoder.load(one.save(tmp_path / "two"))
    assert np.abs(loaded.embed(logos) - one.embed(logos, engine="pytorch")).max() <= TOLERANCE


def test_saving_what_was_loaded_copies_its_files(folder, logos, tmp_path):
    loaded = LogoEncoder.load(folder)
    copied = LogoEncoder.load(loaded.save(tmp_path / "copy"))
    assert is_stored(loaded)
    assert np.array_equal(copied.embed(logos), loaded.embed(logos))
    assert copied.fingerprint() == loaded.fingerprint()
    assert loaded.save(folder) == folder
    assert LogoEncoder.load(folder).fingerprint() == loaded.fingerprint()


def test_copies_and_pickles(folder, logos):
    loaded = LogoEncoder.load(folder)
    vectors = loaded.embed(logos)
    for again in (copy.deepcopy(loaded), pickle.loads(pickle.dumps(loaded))):
        assert np.array_equal(again.embed(logos), vectors)
        assert again.fingerprint() == loaded.fingerprint()


def test_a_graph_of_another_encoder_is_not_used(folder, logos, tmp_path):
    wide = create(dim=24)
    wide.save(tmp_path)
    shutil.copy(folder / GRAPH_FILE, tmp_path / GRAPH_FILE)
    loaded = LogoEncoder.load(tmp_path)
    assert not is_stored(loaded)
    assert np.array_equal(loaded.embed(logos), wide.embed(logos))


@pytest.mark.parametrize("damage", [b"", b"no graph", None])
def test_a_damaged_graph_is_not_used(encoder, folder, logos, tmp_path, damage):
    shutil.copytree(folder, tmp_path / "encoder")
    graph = tmp_path / "encoder" / GRAPH_FILE
    graph.write_bytes(graph.read_bytes()[:5000] if damage is None else damage)
    loaded = LogoEncoder.load(tmp_path / "encoder")
    assert np.abs(loaded.embed(logos) - encoder.embed(logos)).max() <= TOLERANCE


def test_a_network_that_cannot_be_written_as_a_graph_is_saved_without(
    encoder, logos, tmp_path, monkeypatch
):
    def traced(*_):
        raise MarqueryError("this network cannot be written as ONNX (no operator for it)")

    monkeypatch.setattr(graph_export, "_traced", traced)
    odd = create(image_size=96)  # in no cache
    monkeypatch.setattr(graph_export, "cache_folder", lambda _: tmp_path / "empty")
    with pytest.warns(UserWarning, match="no operator for it.*where PyTorch is installed"):
        odd.save(tmp_path / "odd")
    assert not (tmp_path / "odd" / GRAPH_FILE).exists()
    assert np.array_equal(LogoEncoder.load(tmp_path / "odd").embed(logos), odd.embed(logos))


WITHOUT_PYTORCH = """
import json, sys
class Shut:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "torchvision", "timm"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Shut())
import numpy as np
import marquery as mq
def sentence(call):
    try:
        call()
    except mq.MarqueryError as error:
        return str(error)
encoder = mq.LogoEncoder.load(sys.argv[1])
pixels = np.arange(64 * 64 * 3, dtype=np.uint8).reshape(64, 64, 3)
print(json.dumps({
    "vector": encoder.embed(pixels)[0].tolist(),
    "fingerprint": encoder.fingerprint(),
    "segments": mq.segment(pixels).count,
    "errors": [sentence(call) for call in (
        lambda: mq.LogoEncoder.create(),
        lambda: mq.losses.SmoothAPLoss,
        lambda: mq.augment.SegmentColor,
        lambda: mq.augment.RandomSegmentOp,
        lambda: mq.train,
        lambda: mq.LogoEncoder.load("timm:resnet50"),
        lambda: encoder.network,
        lambda: encoder.embed(pixels, engine="pytorch"),
        lambda: encoder.export_onnx("x.onnx"),
    )],
}))
"""


def test_where_pytorch_cannot_be_imported(encoder, folder):
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_PYTORCH, str(folder)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    pixels = np.arange(64 * 64 * 3, dtype=np.uint8).reshape(64, 64, 3)
    vector = encoder.embed(pixels, engine="pytorch")[0]
    assert np.abs(np.array(said["vector"]) - vector).max() <= TOLERANCE
    assert said["fingerprint"] == encoder.fingerprint()
    for sentence in said["errors"]:
        assert sentence is not None
        assert "which is not installed; run: pip install 'marquery[train]'" in sentence
        assert "\n" not in sentence


@pytest.mark.skipif(not runtimes.bfloat16_by_hardware(), reason="no bfloat16 on this CPU")
def test_what_is_compressed_afterwards_is_in_bfloat16_once_that_engine_is_there(folder, logos):
    pytest.importorskip("openvino")
    loaded = LogoEncoder.load(folder)
    squares = [loaded.square(logo) for logo in logos]
    exact = loaded.embed_squares(squares)
    low = loaded.embed(logos, engine="openvino", precision="bfloat16")
    near = (exact, exact * np.float32(0.997))  # a cosine of .997
    measured = [loaded.fingerprint(), "bfloat16", "logos", near, ({"map": 0.9}, {"map": 0.9})]
    again = LogoEncoder.load(folder)
    again.precision_record = PrecisionRecord.measure("of another", *measured[1:])
    again.make_ready(10_000)
    assert np.abs(again.embed_squares(squares, compressed=True) - exact).max() <= TOLERANCE
    again = LogoEncoder.load(folder)
    again.precision_record = PrecisionRecord.measure(*measured)
    assert not again.precision_record.accepted
    assert np.array_equal(again.embed_squares(squares, compressed=True), exact)  # not ready
    again.make_ready(10_000)
    assert np.array_equal(again.embed_squares(squares, compressed=True), low)
    assert np.array_equal(again.embed_squares(squares), exact)  # in float32 as before
    assert np.abs(low - exact).max() > TOLERANCE
