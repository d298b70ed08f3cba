"""Transforms of a whole logo: what holds for all of them, kinds of input, options, steps of a
recipe.
"""

import inspect

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torchvision import tv_tensors

import marquery as mq
from marquery import augment
from marquery.augment import (
    Degrade,
    LogoBackground,
    LogoBadge,
    LogoFrame,
    LogoInvert,
    LogoLettering,
    LogoOutline,
    LogoPhotograph,
    LogoPrint,
    LogoRearrange,
    LogoRelief,
    LogoWarp,
    LogoWordmark,
    Subject,
)
from marquery.augment._palette import apart
from marquery.errors import UsageError
from marquery.training.augment_steps import AugmentPart, step_models
from marquery.training.augmentation import Augmentation

from ..drawings import canvas, disc_and_bar, logo, logos, smooth

ALL = (
    LogoBadge,
    LogoBackground,
    LogoInvert,
    LogoOutline,
    LogoWordmark,
    LogoWarp,
    Degrade,
    LogoFrame,
    LogoLettering,
    LogoRearrange,
    LogoRelief,
    LogoPrint,
    LogoPhotograph,
)
every = pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
STEPS = [{"op": name} for name in augment.LOGO_OPERATIONS]


def lock_up():
    """A red disc, and six black letters to its right."""
    image = canvas(64, 160)
    image[12:52, 4:44] = smooth(
        lambda d, f: d.ellipse([0, 0, 40 * f - 1, 40 * f - 1], fill=(200, 30, 40)), side=40
    )
    for left in range(60, 150, 15):
        image[24:40, left : left + 9] = 0
    return image


def photo(height=48, width=64):
    y, x = np.mgrid[:height, :width]
    grain = np.random.default_rng(5).integers(0, 60, (height, width, 3))
    waves = 90 + 60 * np.sin(x / 9 + np.arange(3)[:, None, None]) * np.cos(y / 7)
    return np.clip(waves.transpose(1, 2, 0) + grain, 0, 255).astype(np.uint8)


@every
@settings(max_examples=8, deadline=None)
@given(logos(), st.integers(0, 2**31))
def test_shape_dtype_seed_and_input(kind, image, seed):
    before = image.copy()
    outs = []
    for _ in range(2):
        torch.manual_seed(seed)
        outs.append(kind()(image))
    assert outs[0].shape == image.shape
    assert outs[0].dtype == np.uint8
    assert (outs[0] == outs[1]).all()
    assert (image == before).all()
    assert kind(p=0)(image) is image
    # What showed something still does.
    if (image != image[0, 0]).any():
        assert (np.abs(outs[0].astype(int) - outs[0][0, 0]).max(axis=2) > 12).sum() >= 12


@every
def test_draws_differ_and_change(kind):
    torch.manual_seed(0)
    image = lock_up() if kind is LogoRearrange else logo()
    outs = {kind()(image).tobytes() for _ in range(12)}
    assert len(outs) >= 6
    assert len(outs - {image.tobytes()}) >= 6


@every
@pytest.mark.parametrize(
    "image",
    [
        canvas(40, 30),
        canvas(1, 1),
        canvas(3, 200, (10, 200, 30)),
        photo(),
        photo(20, 90),
        np.tile(logo(), (1, 4, 1)),
        np.repeat(np.eye(24, dtype=np.uint8)[..., None] * 255, 3, axis=2),
    ],
    ids=["blank", "pixel", "strip", "photo", "wide-photo", "wide", "hairline"],
)
def test_any_picture_gives_one(kind, image):
    torch.manual_seed(1)
    for _ in range(12):
        out = kind()(image)
        assert out.shape == image.shape
        assert out.dtype == np.uint8
        if (image == image[0, 0]).all() and kind is not Degrade:  # which may add noise
            assert (out == image).all()


@every
def test_kinds_of_image(kind):
    image = lock_up() if kind is LogoRearrange else logo()
    chw = torch.from_numpy(image.transpose(2, 0, 1).copy())

    def seeded(given_image):
        torch.manual_seed(3)
        return kind()(given_image)

    expected = seeded(image)
    assert (np.asarray(seeded(Image.fromarray(image))) == expected).all()
    as_tensor = seeded(tv_tensors.Image(chw))
    assert isinstance(as_tensor, tv_tensors.Image)
    assert (as_tensor.numpy().transpose(1, 2, 0) == expected).all()
    batch = seeded(torch.stack([chw] * 5))
    assert (batch[0].numpy().transpose(1, 2, 0) == expected).all()
    assert (batch[0] != batch[1:]).any()


@every
def test_repr_names_every_option(kind):
    for name in inspect.signature(kind).parameters:
        assert f"{name}=" in repr(kind())


@pytest.mark.parametrize(
    ("kind", "option"),
    [
        (LogoBadge, {"shapes": ("star",)}),
        (LogoBadge, {"shapes": ()}),
        (LogoBadge, {"size": (0.9, 0.5)}),
        (LogoBadge, {"white": 1.2}),
        (LogoBackground, {"kinds": "plain"}),
        (LogoBackground, {"contrast": 200}),
        (LogoBackground, {"holes": -0.1}),
        (LogoInvert, {"kinds": ("sepia",)}),
        (LogoOutline, {"width": (0.1, 0.5)}),
        (LogoWordmark, {"places": ("above",)}),
        (LogoWordmark, {"drop": 2}),
        (LogoWarp, {"bend": 0.5}),
        (LogoWarp, {"rotate": -1}),
        (LogoWarp, {"scale": (0, 1)}),
        (LogoFrame, {"aspect": 0.5}),
        (LogoFrame, {"scale": (0.5, 2)}),
        (Degrade, {"quality": (0, 50)}),
        (Degrade, {"side": (64, 24)}),
        (Degrade, {"p": 3}),
    ],
)
def test_wrong_options(kind, option):
    with pytest.raises(UsageError, match=next(iter(option))):
        kind(**option)


@settings(max_examples=20, deadline=None)
@given(st.tuples(*[st.integers(0, 255)] * 3), st.integers(0, 2**31))
def test_ink_shows_on_the_new_ground(ink, seed):
    image = disc_and_bar(ink, ink)
    found = mq.segment(image)
    if not found.count:
        return
    torch.manual_seed(seed)
    out = LogoBackground(kinds=("plain",), contrast=48)(image)
    core = found.alpha(*range(1, found.count + 1)) == 1
    assert (out[core] == image[core]).all()
    assert apart(out[core], out[0, 0]).mean() >= 46
    torch.manual_seed(seed)
    out = LogoBadge(shapes=("square",), size=(1, 1), contrast=48)(image)
    on_badge = np.unique(out.reshape(-1, 3), axis=0)
    assert apart(on_badge, out[32, 1]).max() >= 46


def test_inverted_versions():
    image = disc_and_bar((200, 30, 40), (30, 90, 200))
    assert (LogoInvert(kinds=("negative",))(image) == 255 - image).all()
    torch.manual_seed(0)
    for _ in range(8):
        dark = LogoInvert(kinds=("dark",))(image)
        assert (dark[32, 18] == 255).all()
        assert (dark[30, 47] == 255).all()
        assert float(apart(dark[0, 0], dark[32, 18])) >= 100
        mono = LogoInvert(kinds=("mono",), contrast=64)(image)
        assert (mono[32, 18] == mono[30, 47]).all()
        assert float(apart(mono[0, 0], mono[32, 18])) >= 64


def test_word_is_added_in_the_ground_and_the_logo_shrinks():
    def draw(d, f):
        d.ellipse([4 * f, 4 * f, 60 * f, 60 * f], fill=(200, 30, 40))

    image = smooth(draw)
    red = (200, 30, 40)
    torch.manual_seed(2)
    for place in ("below", "beside"):
        out = LogoWordmark(places=(place,), drop=0)(image)
        assert (out[0, 0] == 255).all()
        disc = (np.abs(out.astype(int) - red).max(axis=2) < 8).sum()
        assert 0.05 < disc / (np.pi * 28**2) < 0.8
        halves = (out[40:], out[:40]) if place == "below" else (out[:, 40:], out[:, :24])
        assert (halves[0] < 200).any(axis=2).sum() > 12


def test_words_are_dropped():
    image = canvas(64, 128)
    image[8:56, 4:50] = (200, 30, 40)
    for left in range(58, 120, 12):
        image[28:42, left : left + 7] = 0
    assert mq.segment(image).count == 7
    out = LogoWordmark(drop=1)(image)
    assert not (out.max(axis=2) < 100).any()
    rows, columns = np.nonzero((out != 255).any(axis=2))
    assert rows.max() - rows.min() > 60  # what is left has grown
    assert abs((columns.max() + columns.min()) / 2 - 63.5) < 2


@pytest.mark.parametrize(("name", "kind"), zip(augment.LOGO_OPERATIONS, ALL, strict=True))
def test_steps_have_the_options_and_defaults_of_their_transforms(name, kind):
    step = step_models()[name]
    options = {name: p.default for name, p in inspect.signature(kind).parameters.items()}
    fields = {name: field.default for name, field in step.model_fields.items() if name != "op"}
    assert fields == options


def test_steps_in_a_recipe(monkeypatch):
    part = AugmentPart.model_validate(
        {"positive": STEPS, "negative": [s | {"p": 0} for s in STEPS]}
    )
    image = np.asarray(Image.fromarray(logo()).resize((64, 64)))
    torch.manual_seed(0)
    first = Augmentation(part.positive)(Subject(image), 64)
    assert first.shape == (64, 64, 3)
    assert (first != image).any()
    monkeypatch.setattr(
        "marquery.augment.subject.segment", None
    )  # what is left alone is not segmented
    assert (Augmentation(part.negative)(Subject(image), 64) == image).all()


@pytest.mark.parametrize(
    "step",
    [
        {"op": "badge", "shapes": ["star"]},
        {"op": "badge", "size": [0.9, 0.5]},
        {"op": "degrade", "quality": [0, 50]},
        {"op": "warp", "turn": 3},
        {"op": "frame", "p": 2},
        {"op": "wordmark", "places": []},
    ],
)
def test_wrong_steps(step):
    with pytest.raises(ValueError, match=list(step)[1]):
        AugmentPart.model_validate({"positive": [step]})


def test_all_are_exported():
    assert {kind.__name__ for kind in ALL} <= set(augment.__all__)
