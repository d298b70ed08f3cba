"""``marquery search --explain``."""

import json

import pytest
from PIL import Image

from marquery.cli.app import run
from marquery.cli.explaining import as_png, explain_hits
from marquery.explanation import explain

from ..drawings import bar_disc, disc_bar
from ..encoders import tiny_encoder_for_parts as tiny_encoder


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tiny_encoder().save(tmp_path / "model")
    (tmp_path / "logos").mkdir()
    for number in range(3):
        disc_bar().save(tmp_path / "logos" / f"same{number}.png")
        bar_disc().save(tmp_path / "logos" / f"other{number}.png")
    disc_bar().save(tmp_path / "query.png")
    return tmp_path


def search(capsys, *options):
    command = ["search", "query.png", "--in", "logos", "--model", "model", "-k", "6", *options]
    code = run(command)
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_picture_and_json_of_the_first_five(capsys, folder):
    code, out, err = search(capsys, "--explain", "why.png", "--json")
    assert code == 0
    assert "explanation: why.png" in err
    hits = json.loads(out)
    assert ["explanation" in hit for hit in hits] == [True] * 5 + [False]
    for hit in hits[:5]:
        facts = hit["explanation"]
        assert facts["score"] == pytest.approx(hit["score"], abs=1e-5)
        total = sum(p["share"] for p in facts["query"]["parts"]) + facts["query"]["background"]
        assert total == pytest.approx(facts["score"], abs=1e-6)
    with Image.open("why.png") as picture:
        assert picture.height > 5 * 360


def test_without_the_option_nothing_is_explained(capsys, folder):
    code, out, _ = search(capsys, "--json")
    assert code == 0
    assert not any("explanation" in hit for hit in json.loads(out))


def test_a_wrong_ending_is_told_before_the_search(capsys, folder):
    code, out, err = search(capsys, "--explain", "why.docx")
    assert (code, out) == (2, "")
    assert "why.docx" in err


def test_several_images_are_refused(capsys, folder):
    code = run(["search", "query.png", "query.png", "--index", "none", "--explain", "why.png"])
    assert code == 2
    assert "--explain" in capsys.readouterr().err


def test_a_hit_that_is_gone_is_left_out(capsys, folder):
    found = explain_hits(tiny_encoder(), disc_bar(), ["gone.png", "logos/same0.png"])
    assert list(found) == ["logos/same0.png"]
    assert "gone.png: no such file" in capsys.readouterr().err


def test_png():
    picture = as_png(explain(tiny_encoder(), disc_bar(), bar_disc()))
    assert picture.startswith(b"\x89PNG")
