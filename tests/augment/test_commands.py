"""``marquery segment`` and ``marquery augment``: options, and what is drawn."""

import pytest
from PIL import Image

from marquery.cli.app import run

from ..drawings import logo, other_logo


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(logo()).save("a.png")
    Image.fromarray(other_logo()).save("b.png")
    return tmp_path


def height(path):
    with Image.open(path) as picture:
        return picture.height


def test_one_row_for_each_operation(folder, capsys):
    assert run(["augment", "a.png", "--op", "mirror", "--draws", "2", "--out", "one.png"]) == 0
    assert (
        run(
            [
                "augment",
                "a.png",
                "--op",
                "mirror",
                "--op",
                "swap",
                "--donor",
                "b.png",
                "--draws",
                "2",
                "--out",
                "two.png",
            ]
        )
        == 0
    )
    assert run(["augment", "a.png", "--draws", "2", "--out", "all.png"]) == 0
    row = height("two.png") - height("one.png")
    assert height("all.png") == height("one.png") + 8 * row  # without swap, for want of a donor
    assert run(["augment", "a.png", "b.png", "--draws", "2", "--out", "both.png"]) == 0
    assert height("both.png") > 19 * row


def test_swap_needs_another_logo(folder, capsys):
    assert run(["augment", "a.png", "--op", "swap"]) == 2
    assert "--donor" in capsys.readouterr().err
    assert run(["augment", "a.png", "--op", "bend"]) == 2


def test_segment_modes_and_groups(folder, capsys):
    assert run(["segment", "a.png", "--out", "plain.png"]) == 0
    assert run(["segment", "a.png", "--mode", "foreground", "--out", "front.png"]) == 0
    assert run(["segment", "a.png", "--group", "proximity", "--out", "near.png"]) == 0
    drawn = [Image.open(f"{name}.png").tobytes() for name in ("plain", "front", "near")]
    assert len(set(drawn)) == 3
    assert run(["segment", "a.png", "--mode", "colour"]) == 2


def test_an_unknown_operation_is_answered_with_those_there_are(folder, capsys):
    assert run(["augment", "a.png", "--op", "bend"]) == 2
    said = capsys.readouterr().err
    assert "--op" in said
    assert "shade" in said
    assert "badge" in said
    assert run(["augment", "a.png", "--op", "badge", "--op", "color", "--draws", "2"]) == 0
