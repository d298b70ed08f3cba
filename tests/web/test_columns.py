"""Metadata on the cards: labelled, never shifted by a gap, each text in its own direction, and
chosen.
"""

import re

import pytest

from marquery.web.columns import default_columns, fields_of, title_of

from ..register import OWNERS, mark_of
from .helpers import png

HTML = {"accept": "text/html"}


@pytest.fixture
def address(office):
    sha256 = office.post("/api/queries", files={"picture": ("new.png", png())}).json()["sha256"]
    return f"/?q={sha256}"


def cards(text):
    """Id -> title and fields of each card."""
    found = {}
    for card in re.findall(r'<article class="card.*?</article>', text, re.DOTALL):
        title = re.search(r'class="title".*?<bdi>(.*?)</bdi>', card, re.DOTALL)[1]
        names = re.findall(r"<dt>(.*?)</dt>", card)
        values = re.findall(r"<dd>(?:<bdi>(.*?)</bdi>|<span.*?>–</span>)</dd>", card)
        found[int(re.search(r'id="hit-(\d+)"', card)[1])] = (
            title,
            dict(zip(names, values, strict=True)),
        )
    return found


def test_every_card_has_the_same_fields_and_gaps_are_gaps(office, address):
    shown = cards(office.get(address, headers=HTML).text)
    assert len(shown) == 24
    for logo, (title, fields) in shown.items():
        mark = mark_of(logo)
        assert list(fields) == ["office", "number", "owner", "nice", "status", "filed"]
        assert fields == {
            "office": mark.office,
            "number": mark.number,
            "owner": mark.owner.replace("&", "&amp;"),
            "nice": mark.nice.replace(";", ", "),
            "status": mark.status,
            "filed": mark.filed,
        }
        assert title == (mark.mark or mark.path.removesuffix(".png"))


def test_an_owner_is_no_title():
    assert title_of({"owner": "Ada", "nice": ["25"]}, "logos/a.png") == "a"
    assert title_of({"owner": "Ada", "mark": "ROBOT"}, "a.png") == "ROBOT"


@pytest.mark.parametrize(
    ("columns", "shown"),
    [
        (
            ["application_number", "holder", "nice_classes", "filing_date", "colour", "office"],
            ("office", "application_number", "holder", "nice_classes", "filing_date"),
        ),
        (["colour", "shop", "name"], ("colour", "shop")),
        ([], ()),
    ],
)
def test_what_stands_on_a_card_where_nobody_chose(columns, shown):
    assert default_columns(columns) == shown


def test_the_choice_of_columns_is_kept_by_the_browser(office, address):
    chosen = {"state": address, "column": ["vienna", "owner", "no such"]}
    answer = office.post("/columns", data=chosen)
    assert answer.headers["location"] == address
    fields = next(iter(cards(office.get(address, headers=HTML).text).values()))[1]
    assert list(fields) == ["owner", "vienna"]
    assert 'id="column-vienna" name="column" value="vienna" checked' in office.get(address).text
    office.post("/columns", data={"state": address})  # none at all: the file's name
    assert "<dt>file</dt>" in office.get(address, headers=HTML).text
    office.post("/columns", data={"state": address, "reset": "1"})
    assert len(next(iter(cards(office.get(address, headers=HTML).text).values()))[1]) == 6


def test_columns_that_are_gone_are_left_out():
    assert fields_of({"a": 1, "b": None}, ("gone", "b", "a")) == [("b", ""), ("a", "1")]


def test_texts_of_strangers_stand_in_their_own_direction(office, address):
    case = address.partition("=")[2]
    note = "ملاحظة (01.15.03)"
    office.put(f"/api/cases/{case}/decisions/3", json={"note": note, "reviewer": "עדה"})
    text = office.get(f"{address}&hit=3", headers=HTML).text
    visible = re.sub(r"<textarea.*?</textarea>|<[^>]*>", "", text)
    for stranger in (*OWNERS[:2], note):
        assert stranger in visible
        bare = re.sub(r"<bdi[^>]*>[^<]*</bdi>", "", re.sub(r"<textarea.*?</textarea>", "", text))
        assert stranger not in re.sub(r"<[^>]*>", "", bare)
