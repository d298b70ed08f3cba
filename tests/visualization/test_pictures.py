"""Pictures: the bars, tiles and captions are where they should be, and long names are not cut
off.
"""

import numpy as np
import pytest
from PIL import Image

from marquery.embedding import Hit
from marquery.errors import UsageError
from marquery.visualization.canvas import (
    IRRELEVANT,
    PAPER,
    QUERY,
    RELEVANT,
    fit_text,
    font,
    save_picture,
    stack,
    tile,
)
from marquery.visualization.curves import draw_curves
from marquery.visualization.groups import draw_groups
from marquery.visualization.retrieval import RetrievalRow, contact_sheet, draw_retrievals


@pytest.fixture
def files(logo_folder):
    return sorted(logo_folder.rglob("*.png"))


def count(picture, color):
    return int((np.asarray(picture) == color).all(axis=2).sum())


def test_bars_tell_query_relevant_and_irrelevant(files):
    row = RetrievalRow(
        "name\nmethod", files[0], [(files[1], True), (files[2], True), (files[5], False)]
    )
    picture = draw_retrievals([row, row], side=60)
    one_bar = 60 * 5
    assert count(picture, QUERY) == pytest.approx(2 * one_bar, abs=130)
    assert count(picture, RELEVANT) == pytest.approx(4 * one_bar, abs=260)
    assert count(picture, IRRELEVANT) == pytest.approx(2 * one_bar, abs=130)


@pytest.mark.parametrize("hits", [1, 4, 13])
def test_contact_sheet_has_a_tile_for_every_hit(files, hits):
    found = [Hit(i + 1, 1 - i / 20, str(files[i])) for i in range(hits)]
    sheet = contact_sheet(files[0], found, columns=5, side=80)
    rows = -(-hits // 5)
    assert sheet.height > (rows + 1) * 80
    # the last row is not empty, and nothing is drawn beyond the paper
    last = np.asarray(sheet)[-(80 + 40) :]
    assert (last != PAPER).any()


def test_groups_show_their_members(files):
    picture = draw_groups(
        [("g00", files[:3]), ("a very long brand name that must fit", files[3:6])]
    )
    assert (np.asarray(picture) != PAPER).any(axis=2).sum() > 1000


def test_long_names_are_shortened_in_the_middle():
    face = font(15)
    assert fit_text("short", 200, face) == "short"
    text = fit_text("a-very-long-file-name-of-a-logo.png", 100, face)
    assert face.getlength(text) <= 100
    assert text.startswith("a-")
    assert text.endswith("png")
    assert "…" in text


def test_tiles_keep_proportions(make_logo):
    wide = tile(Image.new("RGB", (300, 100), (0, 0, 0)), 92)
    ink = np.argwhere((np.asarray(wide) == 0).all(axis=2))
    height, width = np.ptp(ink, axis=0) + 1
    assert wide.size == (92, 92)
    assert (width, height) == (90, 30)


def test_stack_and_save(tmp_path):
    pictures = [Image.new("RGB", (30, 10)), Image.new("RGB", (20, 20))]
    assert stack(pictures, gap=5).size == (30, 35)
    save_picture(pictures[0], tmp_path / "a.png")
    assert Image.open(tmp_path / "a.png").size == (30, 10)
    with pytest.raises(UsageError, match=r"a\.docx"):
        save_picture(pictures[0], tmp_path / "a.docx")
    with pytest.raises(UsageError, match="no ending"):
        save_picture(pictures[0], tmp_path / "a")


def test_curves_are_drawn_from_a_log(tmp_path):
    records = [{"kind": "train", "step": s, "loss": 1 / (s + 1)} for s in range(0, 50, 10)]
    records += [
        {"kind": "val", "step": s, "map": s / 50, "nar": 0.1, "recall_at_1": 0.5} for s in (24, 49)
    ]
    draw_curves(records, tmp_path / "curves.png")
    with Image.open(tmp_path / "curves.png") as picture:
        assert picture.width > 900
        assert np.asarray(picture.convert("L")).std() > 5
