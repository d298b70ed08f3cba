"""Letters of all scripts in the printed report: drawn, or shown as numbers and told about."""

import re
import warnings
import zlib

import pytest

from marquery.searchreport import report_bytes
from marquery.searchreport.fonts import bring_to_fonts, lack, lack_and_remedy, undrawn

from ..drawings import draw


def lacking(characters):
    """Fonts without some characters; and without those two that stand in brackets side by side."""

    def can_draw(text):
        return not set(text) & set(characters) and "ab́" not in text

    return can_draw


def test_what_no_font_draws_is_found_by_halving():
    calls = []

    def can_draw(text):
        calls.append(text)
        return not set(text) & set("漢字한")

    assert undrawn(set("äöü漢éß字ñ한я"), can_draw) == set("漢字한")
    assert undrawn(set(), can_draw) == set()
    assert len(calls) < 20


def test_only_what_cannot_be_drawn_becomes_a_number():
    values = {"a": ["é漢", ("я", 3, None)], "字": "字 é"}
    changed, unknown = bring_to_fonts(values, lacking("漢字"))
    assert changed == {"a": ["é\\u6f22", ["я", 3, None]], "字": "\\u5b57 é"}
    assert unknown == {"漢", "字"}
    assert bring_to_fonts(values, lacking(""))[1] == set()


def test_characters_that_cannot_be_drawn_together_are_found():
    text = "ab́ é\nxab́ aé b́"  # each of the characters alone can be drawn
    changed, unknown = bring_to_fonts([text], lacking(""))
    assert changed == ["ab\\u0301 é\nxab\\u0301 aé b́"]
    assert unknown == {"\u0301"}


def test_sentences_name_scripts_characters_and_what_to_do():
    assert lack(set()) == ""
    assert "(Chinese, Japanese, Korean, Thai, symbols)" in lack(set("漢の한ไ😀"))
    assert "\\u0e44" in lack({"ไ"})
    assert lack(set("漢")).isascii()
    said = lack_and_remedy(set("漢ไ"))
    assert "ไ 漢 (Chinese, Thai)" in said
    assert "fonts-noto-cjk" in said
    assert "fonts-noto-core" in lack_and_remedy({"ไ"})
    assert lack_and_remedy({chr(0x4E00 + i) for i in range(30)}).count("…") == 1


ALPHABETS = "Žluťoučký Ελλάς Ёлка Հայ ქარ שלום سلام नमस्ते क्षि ﬁ Ấ Ἀθηνᾶ"


@pytest.fixture
def own_fonts(monkeypatch):
    """What comes with Typst, and no more: the machine may have any."""
    typst = pytest.importorskip("typst")
    monkeypatch.setattr(
        "marquery.searchreport.pdf.report_fonts", lambda: typst.Fonts(include_system_fonts=False)
    )


@pytest.mark.usefixtures("own_fonts")
def test_alphabets_are_drawn_by_typsts_own_fonts(search, index):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        here = search(draw(2), where="id < 0", reference=ALPHABETS)
        pdf = report_bytes(here, index, ".pdf")
    assert pdf.startswith(b"%PDF-")


@pytest.mark.usefixtures("own_fonts")
def test_a_report_tells_what_it_cannot_show(search, index):
    record = search(draw(2), where="id < 0", reference="ไทย 한")
    with pytest.warns(UserWarning, match="Korean, Thai"):
        pdf = report_bytes(record, index, ".pdf")
    assert pdf == report_bytes(record, index, ".pdf")


def test_a_font_that_has_the_letters_is_used(search, index, tmp_path, monkeypatch, recwarn):
    typst = pytest.importorskip("typst")
    builder = pytest.importorskip("fontTools.fontBuilder").FontBuilder(1000)
    pens = pytest.importorskip("fontTools.pens.ttGlyphPen")
    # A private-use letter would be hidden; no font has this rare one of Nüshu by accident.
    pen = pens.TTGlyphPen(None)
    for point, move in zip(
        [(0, 0), (0, 700), (700, 700)], ("moveTo", "lineTo", "lineTo"), strict=True
    ):
        getattr(pen, move)(point)
    pen.closePath()
    glyph = pen.glyph()
    builder.setupGlyphOrder([".notdef", "sign"])
    builder.setupCharacterMap({0x1B170: "sign"})
    builder.setupGlyf({".notdef": glyph, "sign": glyph})
    builder.setupHorizontalMetrics({".notdef": (800, 0), "sign": (800, 0)})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable(
        {"familyName": "Marquery Trial", "styleName": "Regular", "psName": "MarqueryTrial"}
    )
    builder.setupOS2()
    builder.setupPost()
    builder.save(tmp_path / "trial.ttf")
    record = search(draw(2), where="id < 0", reference="\U0001b170")
    assert "MarqueryTrial" not in inflated(report_bytes(record, index, ".pdf"))
    assert "Nushu" in str(recwarn.pop(UserWarning).message)
    with_trial = typst.Fonts(font_paths=[tmp_path], include_system_fonts=False)
    monkeypatch.setattr("marquery.searchreport.pdf.report_fonts", lambda: with_trial)
    assert "MarqueryTrial" in inflated(report_bytes(record, index, ".pdf"))
    assert not recwarn.list


def inflated(pdf):
    """All of a PDF, its compressed streams unpacked."""
    parts = [pdf]
    for start in re.finditer(rb"stream\r?\n", pdf):
        try:
            parts.append(zlib.decompressobj().decompress(pdf[start.end() :]))
        except zlib.error:
            continue
    return b"".join(parts).decode("latin-1")
