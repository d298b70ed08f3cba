"""Words added to logos, and lock-ups set otherwise."""

import itertools

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageFont

from marquery.augment import LogoLettering, LogoPhotograph, LogoRearrange, Subject
from marquery.augment.lettering.together import line_up
from marquery.augment.logo_photograph import TRAINING_SURFACES
from marquery.augment.logo_rearrange import find_pieces
from marquery.errors import MarqueryError, UsageError
from marquery.svg.letters import FONTS

from ..drawings import canvas, smooth

RED, WHITE = (200, 30, 40), (255, 255, 255)


def disc(side=96):
    return smooth(lambda d, f: d.ellipse([8 * f, 8 * f, 88 * f, 88 * f], fill=RED), side=side)


def red(image):
    return np.abs(image.astype(int) - RED).max(axis=2) < 10


def box(mask):
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return rows[0], columns[0], rows[-1] + 1, columns[-1] + 1


@pytest.mark.parametrize("where", ["below", "above", "left", "right"])
def test_words_stand_where_they_should_and_the_logo_keeps_its_shape(where):
    torch.manual_seed(4)
    op = LogoLettering(arrangements=(where,), scripts=("latin",), contrast=100)
    for _ in range(12):
        logo = Subject(disc())
        params = op.make_params([logo])
        if red(np.array([[params["color"]]])).any():
            continue  # words of the disc's colour could not be told from it here
        out = op.transform(logo, params)
        inked = np.abs(out.astype(int) - 255).max(axis=2) > 60
        top, left, bottom, right = box(red(out))
        assert abs((bottom - top) / (right - left) - 1) < 0.15
        assert {"below": bottom, "above": 96 - top, "right": right, "left": 96 - left}[where] < 96
        beyond = {
            "below": inked[bottom + 1 :],
            "above": inked[: top - 1],
            "right": inked[:, right + 1 :],
            "left": inked[:, : left - 1],
        }[where]
        assert beyond.sum() >= 8


@pytest.mark.parametrize("arrangement", ["badge", "around"])
def test_words_go_around_a_logo_that_stays_in_the_middle(arrangement):
    torch.manual_seed(1)
    op = LogoLettering(arrangements=(arrangement,), scripts=("latin",), fill=(0.95, 0.95))
    for _ in range(6):
        out = op(disc())
        y, x = np.mgrid[:96, :96] - 47.5
        far = np.hypot(x, y)
        assert (out[far > 50] == 255).all()
        assert red(out)[44:52, 44:52].all()
        band = (far > 34) & (far < 46)
        assert (out[band] != 255).any(axis=1).sum() > 20


def test_a_long_logo_has_no_words_around_it():
    image = canvas(96, 96)
    image[40:56, 4:92] = RED
    torch.manual_seed(0)
    params = [
        LogoLettering(arrangements=("badge", "around")).make_params([Subject(image)])
        for _ in range(10)
    ]
    assert {p["arrangement"] for p in params} == {"below"}


def test_a_sign_leaves_the_logo_nearly_as_large():
    torch.manual_seed(0)
    op = LogoLettering(arrangements=("sign",), fill=(0.95, 0.95))
    shares = [red(op(disc())).sum() / red(disc()).sum() for _ in range(8)]
    assert min(shares) > 0.5


def test_words_show_on_the_background():
    image = disc()
    image = np.where((image == 255).all(axis=2, keepdims=True), np.uint8(20), image)
    torch.manual_seed(3)
    for _ in range(6):
        params = LogoLettering(contrast=80).make_params([Subject(image)])
        light = np.array(params["color"]) @ [0.299, 0.587, 0.114]
        assert params["arrangement"] == "badge" or light > 60


def test_options_of_lettering(tmp_path):
    with pytest.raises(UsageError, match="arrangements"):
        LogoLettering(arrangements=("inside",))
    with pytest.raises(UsageError, match="scripts"):
        LogoLettering(scripts=("runes",))
    with pytest.raises(MarqueryError, match="no table of typefaces"):
        LogoLettering(fonts=str(tmp_path))


def test_pieces_are_set_in_a_line_as_large_as_fits():
    first = np.ones((10, 20, 4), np.float32) * (255, 0, 0, 1)
    second = np.ones((10, 20, 4), np.float32) * (0, 0, 255, 1)
    page = canvas(100, 100)
    line_up(
        *(page, [first.astype(np.float32), second.astype(np.float32)], [1.0, 2.0]),
        downwards=True,
        gap=1.0,
        fill=0.8,
    )
    # 10 + 10 + 20 high and 40 wide, twice as large, in the middle.
    assert box((page == (255, 0, 0)).all(axis=2)) == (10, 30, 30, 70)
    assert box((page == (0, 0, 255)).all(axis=2)) == (50, 10, 90, 90)


def lock_up(arrangement, ground=WHITE, words=("Marquery",)):
    """A red disc and black words, drawn large and reduced."""
    font = ImageFont.truetype(FONTS[0], 120)
    lines = []
    for text in words:
        left, top, right, bottom = font.getbbox(text)
        line = Image.new("RGB", (right - left, bottom - top), ground)
        ImageDraw.Draw(line).text((-left, -top), text, (0, 0, 0), font)
        lines.append(line)
    figure = Image.new("RGB", (180, 180), ground)
    ImageDraw.Draw(figure).ellipse([0, 0, 179, 179], fill=RED)
    pieces = [figure, *lines] if arrangement in ("above", "left") else [*lines, figure]
    pieces = [p for p in pieces if arrangement != "none" or p is not figure]
    down = arrangement in ("above", "below", "none")
    page = Image.new("RGB", (900, 900), ground)
    place = 60
    for piece in pieces:
        middle = (900 - piece.width) // 2 if down else (900 - piece.height) // 2
        page.paste(piece, (middle, place) if down else (place, middle))
        place += (piece.height if down else piece.width) + 60
    return np.asarray(page.resize((225, 225), Image.Resampling.LANCZOS))


@pytest.mark.parametrize("ground", [WHITE, (250, 230, 120)])
@pytest.mark.parametrize("arrangement", ["above", "below", "left", "right"])
def test_figure_and_words_are_found(arrangement, ground):
    image = lock_up(arrangement, ground)
    found = find_pieces(image, ground)
    assert found is not None
    figure, words, present = found
    assert present == arrangement
    assert np.abs(np.array(figure) - box(red(image))).max() <= 3
    black = (image < 100).all(axis=2)
    assert np.abs(np.array(words) - box(black)).max() <= 3


def test_two_lines_of_words_are_found():
    image = lock_up("none", words=("Marquery", "Logos"))
    found = find_pieces(image, WHITE)
    assert found is not None
    assert found[0][2] <= found[1][0] or found[1][2] <= found[0][0]


@pytest.mark.parametrize(
    ("now", "wanted"), itertools.permutations(["above", "below", "left", "right"], 2)
)
def test_lock_ups_are_set_otherwise(now, wanted):
    torch.manual_seed(0)
    out = LogoRearrange(arrangements=(wanted,), gap=(0.2, 0.2))(lock_up(now))
    figure, words = box(red(out)), box((out < 100).all(axis=2))
    assert abs((figure[3] - figure[1]) / (figure[2] - figure[0]) - 1) < 0.15
    assert (words[3] - words[1]) / (words[2] - words[0]) > 3  # as drawn, neither cut nor squeezed
    holds = {
        "above": figure[2] <= words[0],
        "below": words[2] <= figure[0],
        "left": figure[3] <= words[1],
        "right": words[3] <= figure[1],
    }
    assert holds[wanted]


def dots(count):
    image = canvas(60, 200)
    for k in range(count):
        image[20:40, 10 + 40 * k : 30 + 40 * k] = RED
    return image


@pytest.mark.parametrize(
    "image",
    [
        disc(),
        dots(3),
        np.concatenate([canvas(40, 96, RED), canvas(16, 96), canvas(40, 96, RED)]),
        lock_up("none", words=("Marquery",)),
    ],
    ids=["figure", "three-dots", "two-bars", "one-word"],
)
def test_what_is_no_lock_up_stays(image):
    torch.manual_seed(0)
    for _ in range(4):
        assert (LogoRearrange()(image) == image).all()


def test_a_letter_apart_from_its_word_is_no_figure():
    """Four equal letters and a slender one, wide apart: in another colour it could be a figure."""
    image = canvas(60, 220)
    image[8:52, 6:28] = 0
    for k in range(4):
        image[16:46, 70 + 36 * k : 92 + 36 * k] = 0
    assert find_pieces(image, WHITE) is None
    image[8:52, 6:28] = RED
    assert find_pieces(image, WHITE) is not None


def test_an_arrangement_that_there_is_already_is_not_made():
    image = lock_up("left")
    assert (LogoRearrange(arrangements=("left",))(image) == image).all()


def test_photographs_show_the_ink_or_are_boards():
    white_on_dark = disc()
    white_on_dark = np.where(red(white_on_dark)[..., None], np.uint8(250), np.uint8(15)).repeat(
        3, axis=2
    )
    torch.manual_seed(0)
    op = LogoPhotograph(surfaces=("plaster",), mounts=("painted",))
    for _ in range(10):
        params = op.make_params([Subject(white_on_dark)])
        light = np.array(params["color"]) @ [0.299, 0.587, 0.114]
        assert params["mount"] == "board" or light < 250 - 50


def test_bricks_and_streets_are_left_to_evaluation():
    assert set(TRAINING_SURFACES) == {"plaster", "cloth", "wood", "metal"}
    assert LogoPhotograph().surfaces == TRAINING_SURFACES
    torch.manual_seed(0)
    street = LogoPhotograph(surfaces=("street",)).make_params([Subject(disc())])
    assert street["mount"] == "board"
