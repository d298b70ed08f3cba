"""Wide lock-ups: what is taken for a figure beside words, and what the encoder then sees."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

import marquery as mq
from marquery.embedding import embed_folder
from marquery.encoder import LogoEncoder
from marquery.encoder.lockup import find_lockup
from marquery.encoder.preprocess import arranged, to_square
from marquery.explanation.partition import partition
from marquery.explanation.regions import piece_shares
from marquery.explanation.views import whole_view

RED, BLUE, WHITE = (200, 30, 30), (20, 60, 200), (255, 255, 255)


def lockup(letters=6, side="left", ground=WHITE, gap=24, margin=10, figure=60, letter=(20, 36)):
    """A red disc and blue bars for letters beside it, 6 px apart; the boxes of both."""
    wide, tall = letter
    long = letters * wide + (letters - 1) * 6
    width, height = 2 * margin + figure + gap + long, 2 * margin + figure
    image = Image.new("RGB", (width, height), ground)
    pen = ImageDraw.Draw(image)
    disc, word = (
        (margin, margin + figure + gap) if side == "left" else (margin + long + gap, margin)
    )
    pen.ellipse((disc, margin, disc + figure - 1, margin + figure - 1), RED)
    top = margin + (figure - tall) // 2
    for k in range(letters):
        x = word + k * (wide + 6)
        pen.rectangle((x, top, x + wide - 1, top + tall - 1), BLUE)
    return (
        image,
        (disc, margin, disc + figure, margin + figure),
        (word, top, word + long, top + tall),
    )


def in_pixels(shares, image):
    return [round(v * n) for v, n in zip(shares, 2 * image.size, strict=True)]


def colored(square, color):
    """Box of a colour: left, top, right, bottom."""
    there = np.abs(square.astype(int) - color).max(axis=2) < 60
    rows, columns = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize(
    ("ground", "margin"), [(WHITE, 10), ((32, 34, 37), 40), ((250, 220, 40), 0)]
)
def test_figure_and_words_are_told_apart_on_either_side_and_any_ground(side, ground, margin):
    image, figure, words = lockup(side=side, ground=ground, margin=margin)
    found = find_lockup(image)
    assert in_pixels(found.figure, image) == list(figure)
    assert in_pixels(found.words, image) == list(words)


def test_the_figure_comes_to_stand_above_the_words_in_proportion():
    image, _, _ = lockup()
    square = to_square(image, 200, stack_lockups=True)
    assert square.shape == (200, 200, 3)
    disc, word = colored(square, RED), colored(square, BLUE)
    assert disc[3] <= word[1]
    assert disc[3] - disc[1] == pytest.approx(140, abs=3) == disc[2] - disc[0]  # 0.7 of the side
    assert (word[2] - word[0]) / (word[3] - word[1]) == pytest.approx(150 / 36, rel=0.08)
    assert (square[0] == 255).all()
    assert (square[:, 0] == 255).all()


def test_only_encoders_that_ask_for_it_see_it_so():
    image, _, _ = lockup()
    padded = to_square(image, 64)
    assert not np.array_equal(padded, to_square(image, 64, stack_lockups=True))
    disc = colored(padded, RED)
    assert disc[2] - disc[0] < 20  # beside its words as before


@given(st.floats(0.5, 6), st.sampled_from(["left", "right"]), st.integers(3, 9))
def test_the_same_lockup_is_found_at_any_size(scale, side, letters):
    image, figure, _ = lockup(letters, side)
    size = tuple(round(n * scale) for n in image.size)
    found = find_lockup(image.resize(size, Image.Resampling.BICUBIC))
    whole = np.array(2 * image.size)
    assert np.allclose(found.figure, figure / whole, atol=1.5 / (min(image.size) * min(scale, 1)))


def letters_alone():
    return lockup(figure=36, gap=6, letter=(36, 36))[0]


def two_discs():
    image = Image.new("RGB", (150, 70), WHITE)
    pen = ImageDraw.Draw(image)
    pen.ellipse((5, 5, 64, 64), RED)
    pen.rectangle((74, 5, 133, 64), BLUE)
    return image


def on_noise():
    image = np.asarray(lockup()[0]).copy()
    ground = (image == 255).all(axis=2)
    image[ground] = np.random.default_rng(0).integers(0, 256, (ground.sum(), 3), np.uint8)
    return Image.fromarray(image)


def tall():
    return lockup()[0].transpose(Image.Transpose.ROTATE_90)


def blank():
    return Image.new("RGB", (200, 50), WHITE)


def thread():
    return Image.fromarray(np.tile(np.uint8([255, 0, 255, 0, 0, 255]), (3, 100))).convert("RGB")


@pytest.mark.parametrize("make", [letters_alone, two_discs, on_noise, tall, blank, thread])
def test_what_is_no_lockup_is_padded_as_ever(make):
    image = make()
    assert find_lockup(image) is None
    assert np.array_equal(to_square(image, 64, stack_lockups=True), to_square(image, 64))


@given(
    st.integers(1, 300),
    st.integers(1, 300),
    st.integers(0, 2**31),
    st.floats(0, 1),
    st.integers(1, 9),
)
def test_any_picture_gives_a_square(width, height, seed, share, cell):
    rng = np.random.default_rng(seed)
    cells = rng.random((-(-height // cell), -(-width // cell))) < share
    ink = np.kron(cells, np.ones((cell, cell), bool))[:height, :width]
    pixels = np.where(ink[..., None], 0, 255).astype(np.uint8).repeat(3, axis=2)
    assert to_square(pixels, 48, stack_lockups=True).shape == (48, 48, 3)


@pytest.fixture(scope="module")
def encoder():
    torch.manual_seed(0)
    return LogoEncoder.create(
        "test_efficientnet", dim=8, image_size=64, stack_lockups=True, pretrained=False
    )


def test_all_ways_to_embed_see_the_same_square(encoder, tmp_path):
    image, _, _ = lockup()
    (tmp_path / "logos").mkdir()
    file = tmp_path / "logos" / "logo.png"
    image.save(file)
    plain = encoder.resized(64, stack_lockups=False)
    expected = plain.embed(to_square(image, 64, stack_lockups=True))
    assert not np.allclose(plain.embed(image), expected, atol=1e-3)
    assert np.allclose(encoder.embed(file), expected, atol=1e-6)
    assert np.allclose(encoder.embed_squares([encoder.square(file)]), expected, atol=1e-6)
    assert np.allclose(encoder.regions([file]).sum(axis=(1, 2)), expected, atol=1e-5)
    found = embed_folder(encoder, file.parent, cache=tmp_path / "cache")
    assert np.allclose(found.vectors, expected, atol=1e-6)
    saved = LogoEncoder.load(encoder.save(tmp_path / "encoder"))
    assert saved.spec.stack_lockups
    assert np.allclose(saved.embed(file), expected, atol=1e-6)


def test_a_logo_without_a_part_is_arranged_as_the_whole_was(encoder):
    image, disc, _ = lockup()
    without = image.copy()
    ImageDraw.Draw(without).rectangle(disc, WHITE)
    square = arranged(without, encoder.image_size, encoder.lockup(image))
    assert not (np.abs(square.astype(int) - RED).max(axis=2) < 60).any()
    assert colored(square, BLUE) == colored(encoder.square(image), BLUE)
    assert colored(square, BLUE) != colored(encoder.square(without), BLUE)


def test_an_explanation_keeps_the_words_where_they_are(encoder, monkeypatch):
    """Also in the pictures that the figure is painted out of."""
    image, _, _ = lockup()
    seen = []
    embed = LogoEncoder.embed_squares
    monkeypatch.setattr(
        LogoEncoder, "embed_squares", lambda self, s: seen.extend(s) or embed(self, s)
    )
    mq.explain(encoder, image, image.crop((0, 0, 80, 80)), method="removal")
    whole = colored(encoder.square(image), BLUE)
    words = [s for s in seen if (np.abs(s.astype(int) - BLUE).max(axis=2) < 60).any()]
    assert len(words) >= 2
    assert any(not (np.abs(s.astype(int) - RED).max(axis=2) < 60).any() for s in words)
    for square in words:
        assert colored(square, BLUE)[1::2] == whole[1::2]  # as high up, whichever letters are left


def test_shares_of_an_explanation_add_up_for_a_lockup(encoder):
    image, _, _ = lockup()
    disc = image.crop((0, 0, 80, 80))
    for method in ("removal", "regions"):
        why = mq.explain(encoder, image, disc, method=method)
        assert abs(why.residual) < 1e-6
        assert why.score == pytest.approx(
            float(encoder.embed(image)[0] @ encoder.embed(disc)[0]), abs=1e-6
        )


def test_an_encoder_that_sees_otherwise_has_another_fingerprint(encoder):
    assert encoder.fingerprint() != encoder.resized(64, stack_lockups=False).fingerprint()


def test_shares_of_regions_follow_the_figure_to_its_place():
    image, _, _ = lockup()
    view = whole_view(image)
    pieces = partition(view.found)
    (disc,) = (n for n, piece in enumerate(pieces) if len(piece.labels) == 1)
    beside = piece_shares(view, pieces, 4, 4)[disc]
    above = piece_shares(view, pieces, 4, 4, find_lockup(image))[disc]
    assert above.sum() > 4 * beside.sum()
    assert above[:2].sum() > 4 * above[3].sum()
    assert np.allclose(piece_shares(view, pieces, 4, 4, find_lockup(image)).sum(axis=0), 1)
