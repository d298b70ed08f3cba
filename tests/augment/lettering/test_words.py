"""Made-up words, and the typefaces and lines that they are drawn with."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageFont

from marquery.augment.lettering import words
from marquery.augment.lettering.letters import LETTERS, PARTIAL, SCRIPTS
from marquery.augment.lettering.lines import around, line_mask, stacked
from marquery.augment.lettering.typefaces import (
    FACES,
    VARIABLE,
    Face,
    faces_at_hand,
    read_faces,
    write_faces,
)
from marquery.errors import MarqueryError
from marquery.svg.letters import FONTS


@pytest.fixture(autouse=True)
def _nothing_fetched(monkeypatch, tmp_path):
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    faces_at_hand.cache_clear()
    yield
    faces_at_hand.cache_clear()


@pytest.mark.parametrize("script", SCRIPTS)
def test_words_are_of_the_letters_that_typefaces_are_reduced_to(script):
    torch.manual_seed(0)
    known = {*LETTERS[script], " "}
    for _ in range(300):
        for text in (words.name(script), words.slogan(script), words.made_up_word(script)):
            assert text.strip()
            assert {*text} <= known, text
    assert len({words.name(script) for _ in range(60)}) > 20


@pytest.mark.parametrize("script", sorted(PARTIAL))
def test_words_keep_to_the_letters_of_a_typeface_that_lacks_some(script):
    torch.manual_seed(1)
    few = LETTERS[script][5:45]
    for _ in range(100):
        for text in (words.name(script, few), words.slogan(script, few)):
            assert {*text} <= {*few}
        assert {*words.legal_form(script, few)} <= {*few}


def test_legal_forms_of_latin_and_cyrillic_are_of_the_letters():
    torch.manual_seed(2)
    for script in ("latin", "cyrillic"):
        for _ in range(200):
            assert {*words.legal_form(script)} <= {*LETTERS[script], " "}


def test_without_fetched_typefaces_those_of_the_package_serve():
    found = faces_at_hand()
    assert {"latin", "cyrillic", "greek"} <= set(found)
    assert set(FONTS) <= {face.file for face in found["latin"]}


def test_a_folder_gives_faces_for_training_and_others_for_evaluation(tmp_path):
    faces = [
        Face("faces/a/latin-400.ttf", "latin", 400, False, False),
        Face("faces/b/latin-400i.ttf", "latin", 700, True, True),
        Face("faces/c/korean-400.ttf", "korean", 400, False, False, "가나다"),
    ]
    write_faces(tmp_path, faces)
    assert read_faces(tmp_path)[1] == Face(
        str(tmp_path / "faces/b/latin-400i.ttf"), "latin", 700, True, True
    )
    training, evaluation = faces_at_hand(str(tmp_path)), faces_at_hand(str(tmp_path), True)
    assert [face.file.split("/")[-2] for face in training["latin"]] == ["a"]
    assert training["korean"][0].letters == "가나다"
    assert [face.file.split("/")[-2] for face in evaluation["latin"]] == ["b"]
    assert "korean" not in evaluation


def test_the_variable_names_the_folder(tmp_path, monkeypatch):
    write_faces(tmp_path, [Face("faces/a/latin-400.ttf", "latin")])
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert [face.file for face in faces_at_hand()["latin"]] == [
        str(tmp_path / "faces/a/latin-400.ttf")
    ]


@pytest.mark.parametrize("text", [None, "", "file\tscript\nx\ty\n", "file\tscript\tweight\nx\n"])
def test_a_folder_without_a_table_is_told(tmp_path, text):
    if text:
        (tmp_path / FACES).write_text(text, encoding="utf-8")
    if text == "":
        (tmp_path / FACES).mkdir()
    with pytest.raises(MarqueryError, match=r"faces\.tsv is no table of typefaces"):
        faces_at_hand(str(tmp_path))


def test_a_line_is_what_pillow_draws_cut_to_its_ink():
    font = ImageFont.truetype(FONTS[0], 56, layout_engine=ImageFont.Layout.BASIC)
    page = Image.new("L", (600, 200))
    ImageDraw.Draw(page).text((100, 120), "Mark", 255, font, anchor="ls")
    expected = np.asarray(page.crop(page.getbbox())) / 255
    assert np.allclose(line_mask("Mark", FONTS[0]), expected, atol=1e-6)


def test_spacing_and_spaces_make_lines_longer():
    plain, wide = line_mask("Mark", FONTS[0]), line_mask("Mark", FONTS[0], 0.5)
    assert wide.shape[0] == plain.shape[0]
    assert abs(wide.shape[1] - plain.shape[1] - 3 * 0.5 * 56) <= 2
    assert line_mask("Ma rk", FONTS[0]).shape[1] > plain.shape[1] + 10
    assert line_mask("", FONTS[0]).shape == (1, 1)


def test_signs_are_drawn_in_any_typeface():
    assert line_mask("®", "no such file").sum() > 50


def test_lines_are_stacked_below_each_other():
    first, second = np.ones((20, 100), np.float32), np.ones((10, 100), np.float32)
    block = stacked([first, second], [1.0, 0.5], 0.5, 1.0)
    assert block.shape == (20 + 10 + 6, 100)  # 5 high would be unreadable: 0.28 of 20, rounded
    assert block[:20].all()
    assert not block[20:30].any()
    assert block[30:, -56:].all()
    assert not block[30:, :44].any()


@pytest.mark.parametrize("below", [False, True])
def test_round_text_lies_on_its_circle_and_reads_from_left_to_right(below):
    # A line whose first third is full and whose rest is half: left and right can be told.
    line = np.full((20, 90), 0.5, np.float32)
    line[:, :30] = 1
    out = around(line, (201, 201), 70, 20, below=below)
    y, x = np.mgrid[:201, :201] - 100.0
    far = np.hypot(x, y)
    assert not out[(far < 68) | (far > 92)].any()
    half = out[101:] if below else out[:100]
    assert half.sum() > 0.99 * out.sum()
    assert out[:, :80].max() > 0.9  # the beginning is on the left
    assert out[:, 130:].max() < 0.6
    length = 90 / 80  # radians along the middle of the letters
    covered = np.abs(np.arctan2(x, y if below else -y))[(far > 75) & (far < 85) & (out > 0.2)]
    assert covered.max() == pytest.approx(length / 2, abs=0.05)


def test_round_text_that_is_too_long_is_set_narrower():
    line = np.ones((10, 900), np.float32)
    out = around(line, (201, 201), 70, 20, below=False, most=2.0)
    y, x = np.mgrid[:201, :201] - 100.0
    assert np.abs(np.arctan2(x, -y))[out > 0.5].max() == pytest.approx(1.0, abs=0.05)
