"""The encoder: what it gives, what it keeps on disk, what it refuses."""

import json

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from marquery.backbones import timm_name
from marquery.encoder import EmbeddingNetwork, LogoEncoder, PerceptualHash, PixelBaseline
from marquery.encoder.network import GeMPooling
from marquery.encoder.preprocess import to_square
from marquery.encoder.trials import TOLERANCE
from marquery.encoder.weights import create_backbone
from marquery.errors import ImageError, MarqueryError

SMALL = "mobilenetv3_small_050"


@pytest.fixture(scope="module")
def encoder():
    torch.manual_seed(0)
    return LogoEncoder.create(SMALL, dim=16, image_size=64, pretrained=False)


@pytest.fixture
def logos():
    rng = np.random.default_rng(1)
    return [rng.integers(0, 255, (40, 60, 3), dtype=np.uint8) for _ in range(7)]


def test_embeddings_are_unit_rows_whatever_the_batch(encoder, logos):
    together = encoder.embed(logos, batch_size=3)
    assert together.shape == (7, 16)
    assert together.dtype == np.float32
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)
    alone = np.concatenate([encoder.embed(logo) for logo in logos])
    assert np.allclose(together, alone, atol=1e-5)
    assert encoder.embed([]).shape == (0, 16)


def test_embedding_is_the_formula(encoder, logos):
    """Backbone, mean over positions, linear, divided by its length: written out once more."""
    pixels = to_square(logos[0], 64).astype(np.float32) / 255
    batch = (pixels - encoder.spec.mean) / encoder.spec.std
    with torch.no_grad():
        maps = encoder.network.backbone(
            torch.tensor(batch, dtype=torch.float32).permute(2, 0, 1)[None]
        )
        head = encoder.network.head
        vector = head.weight @ maps[0].flatten(1).mean(1) + head.bias
    assert np.allclose(encoder.embed(logos[0])[0], F.normalize(vector, dim=0), atol=1e-5)


def test_paths_images_and_arrays_agree(encoder, logos, tmp_path):
    file = tmp_path / "logo.png"
    Image.fromarray(logos[0]).save(file)
    one = encoder.embed([file, str(file), Image.open(file), logos[0]])
    assert np.allclose(one, one[:1], atol=1e-6)
    assert np.allclose(encoder.embed(file), one[:1], atol=1e-5)


def test_progress_counts_every_image(encoder, logos):
    seen = []
    encoder.embed(logos, 4, progress=seen.append)
    assert sum(seen) == 7


def test_a_bad_file_is_named(encoder, tmp_path):
    (tmp_path / "bad.png").write_text("no")
    with pytest.raises(ImageError, match=r"bad\.png"):
        encoder.embed([tmp_path / "bad.png"])


def test_saved_and_loaded_it_is_the_same(encoder, logos, tmp_path):
    folder = encoder.save(tmp_path / "run" / "encoder")
    names = ["encoder.json", "graph.onnx", "model.safetensors"]
    assert sorted(f.name for f in folder.iterdir()) == names
    for place in (folder, tmp_path / "run"):
        again = LogoEncoder.load(place)
        assert again.fingerprint() == encoder.fingerprint()
        assert np.abs(again.embed(logos) - encoder.embed(logos)).max() <= TOLERANCE
        assert np.array_equal(again.embed(logos, engine="pytorch"), encoder.embed(logos))


def test_gem_and_headless_encoders_survive_saving(logos, tmp_path):
    other = LogoEncoder.create(SMALL, dim=None, pooling="gem", image_size=64, pretrained=False)
    assert other.dim == 1024
    again = LogoEncoder.load(other.save(tmp_path))
    assert np.abs(again.embed(logos) - other.embed(logos)).max() <= TOLERANCE
    assert np.array_equal(again.embed(logos, engine="pytorch"), other.embed(logos))


def test_half_weights_take_half_the_place_and_give_nearly_the_same(encoder, logos, tmp_path):
    whole, half = encoder.save(tmp_path / "whole"), encoder.save(tmp_path / "half", half=True)
    sizes = [(f / "model.safetensors").stat().st_size for f in (whole, half)]
    assert sizes[1] < 0.6 * sizes[0]
    again = LogoEncoder.load(half)
    assert all(p.dtype == torch.float32 for p in again.network.parameters())
    cosines = (again.embed(logos) * encoder.embed(logos)).sum(axis=1)
    assert cosines.min() > 0.999


def test_resized_it_takes_other_images_with_the_same_weights(encoder, logos):
    larger = encoder.resized(2 * encoder.image_size)
    assert larger.image_size == 2 * encoder.image_size
    assert larger.dim == encoder.dim
    pairs = zip(larger.network.parameters(), encoder.network.parameters(), strict=True)
    assert all(mine is other for mine, other in pairs)
    assert larger.embed(logos).shape == encoder.embed(logos).shape


def damage_json(folder, **changes):
    spec = json.loads((folder / "encoder.json").read_text())
    spec.update(changes)
    (folder / "encoder.json").write_text(json.dumps(spec))


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda f: damage_json(f, format=2), "format 2"),
        (lambda f: damage_json(f, dim=17), "do not fit"),
        (lambda f: damage_json(f, backbone="resnet18"), "do not fit"),
        (lambda f: damage_json(f, backbone="no_such_net"), "no_such_net"),
        (lambda f: damage_json(f, extra=1), "extra"),
        (lambda f: damage_json(f, image_size=4), "image_size"),
        (lambda f: (f / "encoder.json").write_text("{"), "JSON"),
        (lambda f: (f / "encoder.json").unlink(), "no encoder there"),
        (lambda f: (f / "model.safetensors").unlink(), "missing"),
        (lambda f: (f / "model.safetensors").write_bytes(b"\x80\x04pickle"), "safetensors"),
        (lambda f: (f / "model.safetensors").write_bytes(b""), "safetensors"),
    ],
)
def test_what_does_not_fit_is_refused(encoder, tmp_path, damage, words):
    folder = encoder.save(tmp_path)
    damage(folder)
    with pytest.raises(MarqueryError, match=words):
        LogoEncoder.load(folder)


def test_missing_folder_and_unknown_backbone():
    with pytest.raises(MarqueryError, match="nowhere"):
        LogoEncoder.load("nowhere")
    with pytest.raises(MarqueryError, match="resnet5O"):
        LogoEncoder.create("resnet5O")
    with pytest.raises(MarqueryError, match="did you mean swinTransformer"):
        LogoEncoder.create("swintransformer")


def test_packaged_lite0_weights_are_the_pretrained_ones():
    """Weights of ImageNet classes see structure: two pictures of one thing are nearer than
    noise.
    """
    encoder = LogoEncoder.load("timm:tf_efficientnet_lite0")
    assert encoder.dim == 1280
    disc = np.full((128, 128, 3), 255, np.uint8)
    y, x = np.mgrid[:128, :128]
    disc[(x - 64) ** 2 + (y - 64) ** 2 < 1600] = (200, 0, 0)
    moved = np.roll(disc, 9, axis=0)
    noise = np.random.default_rng(0).integers(0, 255, disc.shape, dtype=np.uint8)
    a, b, c = encoder.embed([disc, moved, noise])
    assert a @ b > 0.8 > a @ c


def test_weights_that_cannot_be_had_are_refused(monkeypatch):
    monkeypatch.setattr("marquery.encoder.weights._hub_reachable", lambda: False)
    monkeypatch.setattr("marquery.encoder.weights._cached_file", lambda name: None)
    with pytest.raises(MarqueryError, match="tf_efficientnet_lite0"):
        create_backbone(SMALL, pretrained=True)
    for name in ("resnet50", "convnext", SMALL):  # never a random network that was not asked for
        with pytest.raises(MarqueryError, match=r"no ImageNet weights .*pretrained=False"):
            LogoEncoder.create(name)


def test_batchnorm_stays_frozen_in_training_unless_told():
    for frozen in (True, False):
        encoder = LogoEncoder.create(
            SMALL, dim=8, image_size=64, pretrained=False, freeze_batchnorm=frozen
        )
        before = {k: v.clone() for k, v in encoder.network.state_dict().items() if "running" in k}
        encoder.network.train()
        encoder.network(torch.randn(4, 3, 64, 64))
        after = encoder.network.state_dict()
        assert all(torch.equal(after[k], v) for k, v in before.items()) == frozen


def test_transformer_tokens_are_pooled():
    body = torch.nn.Sequential(torch.nn.Flatten(2), torch.nn.Linear(64, 5))  # (B, 3 tokens, 5)
    network = EmbeddingNetwork(body, 5, dim=None)
    x = torch.randn(2, 3, 8, 8)
    assert torch.allclose(network(x), F.normalize(body(x).mean(1), dim=1))


@pytest.mark.parametrize(
    "name", ["swin_tiny_patch4_window7_224", "vit_tiny_patch16_224", "resnet18"]
)
def test_backbones_of_all_layouts_give_one_vector_an_image(name):
    encoder = LogoEncoder.create(name, dim=None, image_size=64, pretrained=False)
    image = np.random.default_rng(2).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    with torch.no_grad():
        maps = encoder.network.backbone(
            encoder.normalize(torch.tensor(image).permute(2, 0, 1)[None])
        )
    flat = {"swin": lambda m: m.flatten(1, 2).mean(1), "vit_": lambda m: m.mean(1)}
    mean = flat.get(name[:4], lambda m: m.flatten(2).mean(2))(maps)
    assert np.allclose(encoder.embed(image), F.normalize(mean, dim=1), atol=1e-5)


def test_gem_is_the_mean_at_p_1_and_near_the_maximum_at_large_p():
    x = torch.rand(2, 3, 4, 5) + 0.1
    assert torch.allclose(GeMPooling(1.0)(x), x.mean((2, 3)), atol=1e-6)
    assert torch.allclose(GeMPooling(200.0)(x), x.amax((2, 3)), rtol=0.02)


def test_wide_logos_are_padded_not_squashed():
    pixels = np.full((10, 100, 3), 255, np.uint8)
    pixels[:, 40:60] = 0
    square = to_square(pixels, 50)
    dark = np.argwhere(square[..., 0] < 128)
    height, width = np.ptp(dark, axis=0) + 1
    assert (height, width) == (5, 10)


def test_baselines_rank_a_copy_first(logos):
    shapes = [np.full((60, 60, 3), 255, np.uint8) for _ in range(3)]
    shapes[0][10:30, 10:50] = 0
    shapes[1][10:32, 10:50] = 0
    shapes[2][35:55, 5:15] = 0
    for baseline in (PixelBaseline(), PerceptualHash()):
        v = baseline.embed(shapes)
        assert v.shape == (3, baseline.dim)
        assert np.allclose(np.linalg.norm(v, axis=1), 1, atol=1e-6)
        assert v[0] @ v[1] > v[0] @ v[2]
    white = np.full((20, 20, 3), 255, np.uint8)
    assert np.isfinite(PixelBaseline().embed([white])).all()


def test_the_folder_of_a_demo_is_its_run(encoder, tmp_path):
    encoder.save(tmp_path / "demo" / "train" / "encoder")
    loaded = LogoEncoder.load(tmp_path / "demo")
    assert loaded.fingerprint() == encoder.fingerprint()
    # A run of its own comes before one below it.
    other = LogoEncoder.create(SMALL, dim=8, image_size=64, pretrained=False)
    other.save(tmp_path / "demo" / "encoder")
    assert LogoEncoder.load(tmp_path / "demo").dim == 8


@pytest.mark.parametrize("name", ["resnet50", "resnext50", "convnext", "swinTransformer"])
def test_the_paper_s_names_make_its_networks(name, monkeypatch):
    """Which network is asked of timm; making it would take seconds."""
    asked = []
    monkeypatch.setattr(
        "marquery.encoder.weights._create", lambda name, size, **_: asked.append(name) or 1 / 0
    )
    with pytest.raises(ZeroDivisionError):
        LogoEncoder.create(name, pretrained=False)
    assert asked == [timm_name(name)]
    assert asked != [name]
