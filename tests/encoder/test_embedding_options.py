"""What ``LogoEncoder.embed`` and ``resized`` leave as it was, and how they tell their progress."""

import copy

import numpy as np
import pytest
import torch

from marquery.encoder import LogoEncoder
from marquery.errors import ImageError, UsageError


@pytest.fixture(scope="module")
def encoder():
    torch.manual_seed(0)
    return LogoEncoder.create("test_efficientnet", dim=8, image_size=32, pretrained=False)


@pytest.fixture
def pictures():
    return [np.full((32, 32, 3), n * 20, np.uint8) for n in range(5)]


def device_of(encoder):
    return next(encoder.network.parameters()).device.type


@pytest.fixture
def moves(monkeypatch):
    """Networks that were moved, by identity; the move to "meta" stays on the CPU, so that it can
    compute.
    """
    seen = []
    real = torch.nn.Module.to

    def to(module, *args, **kwargs):
        if args and str(args[0]) == "meta":
            seen.append(id(module))
            return module
        return real(module, *args, **kwargs)

    monkeypatch.setattr(torch.nn.Module, "to", to)
    return seen


def test_another_device_computes_with_a_copy(encoder, pictures, moves):
    before = encoder.embed(pictures)
    assert np.array_equal(encoder.embed(pictures, device="meta"), before)
    assert len(moves) == 1
    assert moves[0] != id(encoder.network)
    assert device_of(encoder) == "cpu"


def test_the_device_it_is_on_needs_no_copy(encoder, pictures, monkeypatch):
    monkeypatch.setattr(copy, "deepcopy", lambda _: pytest.fail("copied"))
    assert encoder.embed(pictures, device="cpu").shape == (5, 8)


def test_after_an_error_on_another_device_the_encoder_is_as_before(encoder, tmp_path):
    bad = tmp_path / "bad.png"
    bad.write_text("no image")
    with pytest.raises(ImageError):
        encoder.embed([bad], device="meta")
    assert device_of(encoder) == "cpu"
    assert not encoder.network.training


def test_a_copy_that_is_trained_stays_in_training(encoder, pictures, moves):
    trained = copy.deepcopy(encoder)
    trained.network.train()
    trained.embed(pictures, device="meta")
    assert trained.network.training


def test_batch_size_and_the_bar_stand_where_sentence_transformers_has_them(
    encoder, pictures, capsys
):
    steps = []
    shown = encoder.embed(pictures, 2, True, progress=steps.append)
    assert np.allclose(shown, encoder.embed(pictures), atol=1e-6)
    assert steps == [2, 2, 1]
    assert "5/5" in capsys.readouterr().err
    encoder.embed(pictures, 2)
    assert capsys.readouterr().err == ""


def test_errors_name_the_parameter(encoder, pictures):
    for option, wrong in (("batch_size", 0), ("engine", "abacus"), ("precision", "int3")):
        with pytest.raises(UsageError) as error:
            encoder.embed(pictures, **{option: wrong})
        assert error.value.option == option
        assert str(wrong) in error.value.problem


def test_resized_leaves_its_source_as_it_was(encoder):
    assert encoder.network.freeze_batchnorm
    thawed = encoder.resized(64, freeze_batchnorm=False)
    assert encoder.network.freeze_batchnorm
    assert not thawed.network.freeze_batchnorm
    norms = [m for m in thawed.network.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    thawed.network.train()
    assert all(m.training for m in norms)
    encoder.network.train()  # the layers are shared, the rule is not
    assert not any(m.training for m in norms)
    encoder.network.eval()
