"""Reports: what they hold, that text of strangers stays text, and that they are written whole."""

import base64
import csv
import io
import re
from html.parser import HTMLParser

import pytest
from PIL import Image

from marquery.errors import MarqueryError, UsageError
from marquery.searchreport import report_bytes, write_report
from marquery.searchreport.pictures import pictures_of
from marquery.searchreport.query_image import png
from marquery.searchreport.view import _percent, view_of
from marquery.spreadsheet import safe_cell

from ..drawings import draw

NOTE = '=HYPERLINK("http://x")</td><script>alert(1)</script> #panic() $x$ \u202e漢'


@pytest.fixture
def record(search, index):
    ids = [match.id for match in index.search(draw(2))]
    return search(
        draw(2),
        k=7,
        part=(30, 4, 20, 10),
        strategy="part=1,color=1",
        reference="R <1> *2*",
        decisions={ids[0]: {"verdict": "keep", "note": NOTE, "who": "@A"}},
        explanations={
            ids[0]: {"facts": {"words": ["same shape"], "score": 1.0}, "picture": png(draw(5))}
        },
    )


class _Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.addresses, self.text = [], [], ""

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.addresses += [v for k, v in attributes if k in ("src", "href")]

    def handle_data(self, data):
        self.text += data


def test_html_holds_all_and_fetches_nothing(record, index):
    page = _Page()
    html = report_bytes(record, index, ".html").decode()
    page.feed(html)
    assert "script" not in page.tags
    assert "b" not in page.tags, "a file name is no markup"
    assert "<b>#[x]\\ 漢.png" in page.text
    assert "\\u202e" in page.text, "what turns the text about is shown as its number"
    assert "\u202e" not in html
    assert all(address.startswith("data:") for address in page.addresses)
    pictures = [a for a in page.addresses if a.startswith("data:image/png;base64,")]
    assert len(pictures) == 2 + len(record.hits) + 1
    for address in pictures:
        Image.open(io.BytesIO(base64.b64decode(address.split(",")[1]))).verify()
    (kept,) = (a for a in page.addresses if a.startswith("data:application/json;base64,"))
    assert base64.b64decode(kept.split(",")[1]).decode() == record.to_json()
    for text in ("R <1> *2*", "1 kept, 0 dismissed, 6 undecided", "same shape", record.digest()):
        assert text in page.text
    assert not re.search(r"https?://(?!x)", html)


def test_csv_has_a_line_a_hit_and_no_formula(record, index):
    data = report_bytes(record, index, ".csv")
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert [int(row["rank"]) for row in rows] == [hit.rank for hit in record.hits]
    assert [float(row["score"]) for row in rows] == [hit.score for hit in record.hits]
    first = next(row for row in rows if row["decision"])
    assert (first["decision"], first["note"], first["decided_by"]) == ("keep", "'" + NOTE, "'@A")
    by_name = {row["path"].rsplit("/", 1)[1]: row for row in rows}
    assert by_name["001.png"]["meta_owner"] == "'=1+1"
    assert by_name["001.png"]["meta_nice"] == "25;9"
    assert {"score_part", "score_color"} <= set(rows[0])


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1", "＝1", ["=1", "2"]]
)
def test_no_cell_begins_a_formula(text):
    assert safe_cell(text)[0] == "'"


@pytest.mark.parametrize("value", ["a=1", "1-2", "", -0.25, 3, None, "'a"])
def test_other_cells_stay(value):
    assert safe_cell(value) == value


def test_pdf_is_set_whatever_stands_in_it(record, index):
    pytest.importorskip("typst")
    pdf = report_bytes(record, index, ".pdf")
    assert pdf.startswith(b"%PDF-")
    assert b"record.json" in pdf
    assert b"pdfaid" in pdf
    assert pdf == report_bytes(record, index, ".pdf"), "equal records give equal files"
    assert len(report_bytes(record, None, ".pdf")) < len(pdf), "no index, no thumbnails"


def test_pdf_of_a_search_without_hits_or_image(search, index):
    pytest.importorskip("typst")
    none = search(draw(2), where="owner = nobody")
    assert none.hits == []
    assert report_bytes(none, index, ".pdf").startswith(b"%PDF-")
    led = search(None, like=[index.search(draw(2), k=1)[0].id])
    assert len(led.hits) > 0
    assert report_bytes(led, index, ".pdf").startswith(b"%PDF-")
    assert b"No image was given" in report_bytes(led, index, ".html")
    two = search([draw(2), draw(3)])
    assert report_bytes(two, index, ".pdf").startswith(b"%PDF-")


def test_the_rectangle_is_drawn_round_the_part(record):
    pictures = pictures_of(record, None)
    (query,) = (Image.open(io.BytesIO(data)) for data in pictures.queries)
    part = Image.open(io.BytesIO(pictures.part))
    assert part.width / part.height == pytest.approx(2, rel=0.01)
    red = [
        (x, y)
        for x in range(query.width)
        for y in range(query.height)
        if query.getpixel((x, y)) == (200, 30, 30)
    ]
    scale = query.width / 64
    box = [min(x for x, _ in red), min(y for _, y in red)]
    box += [max(x for x, _ in red), max(y for _, y in red)]
    for found, wanted in zip(box, (30, 4, 50, 14), strict=True):
        assert found / scale == pytest.approx(wanted, abs=2.5)


def test_pictures_are_those_of_the_logos_found(record, index, search):
    assert set(pictures_of(record, index).thumbnails) == {hit.id for hit in record.hits}
    changed = record.model_copy(
        update={"hits": [record.hits[0].model_copy(update={"sha256": "0" * 64})]}
    )
    assert pictures_of(changed, index).thumbnails == {}
    assert b"no longer in the index" in report_bytes(changed, index, ".html")


def test_words_of_a_report(record, search):
    view = view_of(record)
    settings = dict(view.settings)
    assert settings["Compared"] == "parts (50 %), colours (50 %)"
    assert settings["Part of the query"] == "20 × 10 px at 30, 4"
    assert settings["Places asked for"] == "1 to 7"
    assert settings["Search"] == "exact: every logo was compared"
    assert view.block[0] == ("Reference", "R <1> *2*")
    assert dict(view_of(search(draw(2), offset=5, k=5)).settings)["Places asked for"] == "6 to 10"
    assert view_of(search(draw(2))).summary == (
        "7 of 7 marks shown, best first. None was kept or dismissed."
    )
    assert [_percent(p) for p in (0, 0.0005, 0.5, 0.9995, 1)] == [
        "< 0.1 %",
        "< 0.1 %",
        "50.0 %",
        "> 99.9 %",
        "> 99.9 %",
    ]


def test_a_report_is_written_whole_or_not_at_all(record, index, tmp_path, monkeypatch):
    with pytest.raises(UsageError, match=r"r\.docx has no ending .*; give a name that ends in"):
        write_report(record, index, tmp_path / "r.docx")
    (tmp_path / "file").write_text("")
    with pytest.raises(MarqueryError, match="cannot be written"):
        write_report(record, index, tmp_path / "file" / "r.csv")
    monkeypatch.setattr("marquery.searchreport.pdf.find_spec", lambda _: None)
    with pytest.raises(UsageError, match=r"marquery\[report\]"):
        write_report(record, index, tmp_path / "r.pdf")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file"]


def test_members_of_a_list_are_not_broken_and_texts_stand_in_their_own_direction(search):
    found = search(draw(2), decisions={2: {"note": "ملاحظة"}})
    (hit,) = (hit for hit in view_of(found).hits if hit.id == 1)
    assert dict(hit.metadata)["nice"] == ["25", "9"]
    html = report_bytes(found, None, ".html").decode()
    assert '<bdi class="code">25</bdi>, <bdi class="code">9</bdi>' in html
    assert "<bdi>Ada &amp; Söhne</bdi>" not in html  # short enough to be one piece
    assert '<bdi class="code">Ada &amp; Söhne</bdi>' in html
    assert '<span class="note" dir="auto">ملاحظة</span>' in html


def test_an_explanation_stands_with_its_hit(search):
    ids = [hit.id for hit in search(draw(2)).hits]
    why = {"facts": {"words": ["one shape"]}}
    found = search(draw(2), explanations={ids[1]: why})
    html = report_bytes(found, None, ".html").decode()
    rows = html.split("<tbody>")
    (row,) = (row for row in rows if "one shape" in row)
    assert row.startswith("\n  <tr>\n    <td>2</td>")
    assert report_bytes(found, None, ".pdf").startswith(b"%PDF")
