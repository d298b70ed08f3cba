"""Marks without a picture: looked up by their metadata, sorted, as a list, page by page."""

import re

import pytest

from marquery.web.examiner.search_request import PageRequest

from ..register import mark_of
from .helpers import png

HTML = {"accept": "text/html"}
ALL = range(120)


def ids(text):
    return [int(n) for n in re.findall(r'id="hit-(\d+)"', text)]


def listed(office, **asked):
    answer = office.get("/api/search", params={"k": 200, **asked})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("where", "fits"),
    [
        ("owner ~ acme", lambda m: "acme" in m.owner.lower()),
        ("owner = 'ACME ltd'", lambda m: m.owner.lower() == "acme ltd"),
        ("number ^= 01800", lambda m: m.number.startswith("01800")),
        ("nice = 5 or nice = 7", lambda m: {"5", "7"} & set(m.nice.split(";"))),
        ("vienna ^= 1.15", lambda m: "01.15." in m.vienna),
        ("filed = 2001..2003", lambda m: "2001" <= m.filed[:4] <= "2003" if m.filed else False),
        ("status is missing", lambda m: not m.status),
    ],
)
def test_a_filter_alone_is_a_listing(office, where, fits):
    told = listed(office, where=where)
    expected = [n for n in ALL if fits(mark_of(n))]
    assert expected
    assert [hit["id"] for hit in told["hits"]] == expected
    assert told["total"] == len(expected)
    assert [hit["rank"] for hit in told["hits"]] == list(range(1, len(expected) + 1))
    assert {hit["score"] for hit in told["hits"]} == {None}


@pytest.mark.parametrize("sort", ["filed", "-filed", "owner", "-number", "mark"])
def test_a_listing_is_sorted_with_gaps_at_the_end(office, sort):
    column = sort.removeprefix("-")
    hits = listed(office, sort=sort)["hits"]
    values = [hit["metadata"][column] for hit in hits]
    said = [value.lower() for value in values if value is not None]
    assert said == sorted(said, reverse=sort.startswith("-"))
    assert all(value is None for value in values[len(said) :])
    assert sorted(hit["id"] for hit in hits) == list(ALL)
    paged = [listed(office, sort=sort, k=50, offset=n)["hits"] for n in (0, 50, 100)]
    assert [h["id"] for page in paged for h in page] == [h["id"] for h in hits]


def test_what_cannot_be_sorted_by_is_told(office):
    for sort, says in (("colour", "no column 'colour' to sort by"), ("nice", "no column 'nice'")):
        answer = office.get("/api/search", params={"sort": sort})
        assert answer.status_code == 422
        assert says in answer.json()["detail"]["message"]
        assert answer.json()["detail"]["option"] == "sort"


def test_the_fields_of_the_start_page_become_a_filter(office):
    start = office.get("/", headers=HTML).text
    names = re.findall(r'name="by\.(\w+)"', start)
    assert names == ["mark", "office", "number", "owner", "nice", "status", "filed", "vienna"]
    typed = {"by.owner": "acme", "by.nice": "5, 8", "by.filed": "1995..2024", "by.vienna": "1.15"}
    place = office.get("/lookup", params=typed).headers["location"]
    search = PageRequest.from_address(place)
    assert search.where == (
        'owner ~ "acme" and (nice = "5" or nice = "8") and filed = "1995..2024" '
        'and vienna ^= "1.15"'
    )
    shown = office.get(place, headers=HTML).text
    assert ids(shown) == [
        n
        for n in ALL
        if (m := mark_of(n)).filed
        and "acme" in m.owner.lower()
        and {"5", "8"} & set(m.nice.split(";"))
        and "01.15." in m.vienna
    ]
    assert "By metadata alone" in shown
    assert 'name="verdict"' not in shown  # there is no case to decide in
    everything = office.get("/lookup").headers["location"]
    assert "1–24 of 120 logos" in office.get(everything, headers=HTML).text


def test_a_listing_is_opened_saved_and_turned(office):
    address = "/?where=owner+~+acme&sort=-filed&size=48&rows=1"
    text = office.get(address, headers=HTML, follow_redirects=True).text
    assert 'class="grid rows"' in text
    order = ids(text)
    opened = office.get(f"{address}&hit={order[1]}", headers=HTML, follow_redirects=True).text
    panel = opened[opened.index('id="compare"') : opened.index('id="grid"')]
    assert f"hit={order[0]}" in panel
    assert f"hit={order[2]}" in panel
    body = {"name": "acme", "query": address}
    assert office.post("/api/searches", json=body).status_code == 201


@pytest.mark.parametrize(("asked", "size"), [("24", 24), ("96", 96), ("50", 48), ("9999", 96)])
def test_pages_are_of_the_size_that_is_asked_for(office, asked, size):
    text = office.get(f"/?sort=number&size={asked}", headers=HTML, follow_redirects=True).text
    assert len(ids(text)) == size
    last = -(-120 // size)
    text = office.get(
        f"/?sort=number&size={size}&page=99", headers=HTML, follow_redirects=True
    ).text
    assert ids(text) == list(range(size * (last - 1), 120))
    assert 'id="jump" name="page" type="number" min="1" max="' + str(last) in text


def test_side_by_side_leads_across_pages(office):
    sha256 = office.post("/api/queries", files={"picture": ("a.png", png())}).json()["sha256"]
    hits = [hit["id"] for hit in listed(office, q=sha256)["hits"]]
    text = office.get(f"/?q={sha256}&hit={hits[23]}", headers=HTML).text
    following = re.search(r'rel="next" href="([^"]+)"', text[text.index('id="compare"') :])[1]
    search = PageRequest.from_address(following.replace("&amp;", "&"))
    assert (search.page, search.hit) == (2, hits[24])
    text = office.get(search.address(), headers=HTML).text
    previous = re.search(r'rel="prev" href="([^"]+)"', text[text.index('id="compare"') :])[1]
    search = PageRequest.from_address(previous.replace("&amp;", "&"))
    assert (search.page, search.hit) == (1, hits[23])


def test_the_best_hits_of_a_picture_are_sorted_and_keep_their_places(office):
    sha256 = office.post("/api/queries", files={"picture": ("a.png", png())}).json()["sha256"]
    ranks = {hit["id"]: hit["rank"] for hit in listed(office, q=sha256)["hits"]}
    told = listed(office, q=sha256, sort="filed", k=24)
    days = [hit["metadata"]["filed"] for hit in told["hits"]]
    assert days == sorted(days)
    assert all(ranks[hit["id"]] == hit["rank"] for hit in told["hits"])
