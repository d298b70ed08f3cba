"""Codes on the page and in the API: by name, as a tree, suggested; each is a filter."""

import re

import pytest
from starlette.testclient import TestClient

from marquery.index import LogoIndex
from marquery.index.browsing.code_names import read_code_names
from marquery.index.browsing.nice_classes import NICE_CLASSES
from marquery.index.browsing.suggesting import suggest_codes
from marquery.web.codes import left_out
from marquery.web.examiner.search_request import PageRequest

from ..drawings import draw
from ..register import mark_of
from .helpers import make_app, png

HTML = {"accept": "text/html"}
HX = {"hx-request": "true"}
VIENNA = [mark_of(n).vienna.split(";") for n in range(120)]
NICE = [mark_of(n).nice.split(";") for n in range(120)]


@pytest.fixture
def case(office):
    return office.post("/api/queries", files={"picture": ("new.png", png())}).json()["sha256"]


def get(office, path, **asked):
    answer = office.get(f"/api/{path}", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids(office, **asked):
    return {hit["id"] for hit in get(office, "search", k=200, **asked)["hits"]}


def having(codes, *begins):
    return {
        n for n, own in enumerate(codes) if any(f"{c}.".startswith(b) for c in own for b in begins)
    }


@pytest.mark.parametrize("chosen", [("01.15.*",), ("1.*",), ("26.01.03", "01.01.*"), ("26.1.*",)])
def test_a_branch_is_chosen_as_its_codes_are(office, case, chosen):
    expected = set()
    for value in chosen:
        whole = [f"{int(part):02d}" for part in value.removesuffix(".*").split(".")]
        expected |= having(VIENNA, ".".join(whole) + ".")
    assert expected
    assert ids(office, **{"f.vienna": chosen, "sort": "number"}) == expected
    told = get(office, "search", q=case, **{"f.vienna": chosen})
    assert (told["total"], told["ranked"]) == (len(expected), len(expected))
    facet = next(f for f in told["facets"] if f["column"] == "office")
    assert sum(c["count"] for c in facet["values"]) == len(expected)


def test_codes_are_told_level_by_level_with_names_and_counts(office):
    told = get(office, "codes/vienna")
    assert [(c["code"], c["name"], c["value"], c["count"]) for c in told] == [
        ("01", "Sky and weather", "01.*", len(having(VIENNA, "01."))),
        ("05", "", "05.*", len(having(VIENNA, "05."))),
        ("26", "", "26.*", len(having(VIENNA, "26."))),
    ]
    below = get(office, "codes/vienna", of="1.15", where="office = DE")
    german = {n for n in range(120) if mark_of(n).office == "DE"}
    assert {c["code"]: c["count"] for c in below} == {
        code: len(having(VIENNA, f"{code}.") & german)
        for code in ("01.15.03", "01.15.15")
        if having(VIENNA, f"{code}.") & german
    }
    assert [c["code"] for c in get(office, "codes/vienna", find="SMOKE")] == ["01.15"]
    assert [c["code"] for c in get(office, "codes/vienna", find="26.1")] == ["26.01", "26.01.03"]
    classes = get(office, "codes/nice")
    assert [c["code"] for c in classes] == sorted({c["code"] for c in classes}, key=int)
    assert {c["code"]: c["name"] for c in classes} == {
        str(n): name for n, name in NICE_CLASSES.items() if str(n) in {c for m in NICE for c in m}
    }
    assert [c["code"] for c in get(office, "codes/nice", find="foot CLOTH")] == ["25"]
    assert [c["code"] for c in get(office, "codes/nice", find="5")] == ["5"]


def test_facets_name_their_codes(office, case):
    facets = {f["column"]: f for f in get(office, "search", q=case)["facets"]}
    assert (facets["nice"]["kind"], facets["vienna"]["kind"], facets["office"]["kind"]) == (
        "nice",
        "tree",
        "",
    )
    names = {c["value"]: c["name"] for c in facets["nice"]["values"] if c["value"]}
    assert names == {value: NICE_CLASSES[int(value)] for value in names}
    assert {c["name"] for c in facets["office"]["values"]} == {""}


def test_the_page_shows_classes_by_number_chips_with_names_and_the_chosen_branch_opened(
    office, case
):
    address = f"/?q={case}&f.nice=25&f.vienna=01.15.03&f.vienna=26.*"
    shown = office.get(address, headers=HTML, follow_redirects=True).text
    numbers = re.findall(r'id="f-nice-\d+" name="f.nice" value="(\d+)"', shown)
    assert numbers == sorted(numbers, key=int)
    chips = re.search(r'<ul class="chips".*?</ul>', shown, re.DOTALL)[0]
    assert "Clothing, footwear, headwear" in chips
    assert "Fire, smoke and clouds" in chips  # of the branch around 01.15.03
    shown = office.get(address.replace("&f.nice=25", ""), headers=HTML).text
    ticked = re.findall(r'name="f.vienna" value="([^"]+)" checked', shown)
    assert ticked == ["01.15.03", "26.*"]
    assert 'name="f.vienna" value="05.*"' in shown
    assert 'name="f.vienna" value="26.01.*"' not in shown  # its branch is not opened
    compared = office.get(f"/?q={case}&hit=3", headers=HTML).text
    assert all(NICE_CLASSES[int(n)] in compared for n in NICE[3])


def test_a_list_of_found_codes_sends_on_what_is_chosen_elsewhere(office):
    asked = {"find": "circles", "f.vienna": ["01.15.*", "26.01.*"]}
    shown = office.get("/codes/vienna", params=asked, headers=HX).text
    assert re.findall(r'type="hidden" name="f.vienna" value="([^"]+)"', shown) == ["01.15.*"]
    assert 'value="26.01.*" checked' in shown
    # A branch that is opened within the list does not: the list around it has them.
    shown = office.get("/codes/vienna", params={**asked, "find": "", "of": "5"}, headers=HX).text
    assert 'type="hidden"' not in shown
    assert left_out([], ["1.15.*", "", "1.15"]) == ["1.15.*", "1.15"]


def test_without_scripts_codes_are_a_page(office, case):
    start = office.get("/", headers=HTML).text
    assert '<a href="/codes/vienna">' in start
    shown = office.get(f"/codes/vienna?q={case}&of=01&f.nice=5", headers=HTML).text
    assert "Sky and weather" in shown
    assert re.findall(r'type="hidden" name="([^"]+)"', shown).count("f.nice") == 2
    assert f'href="/codes/vienna?q={case}&amp;f.nice=5&amp;of=01.15"' in shown
    shown = office.get(f"/suggestions?q={case}", headers=HTML).text
    assert "Suggested codes</h1>" in shown
    assert f'href="/?q={case}"' in shown
    missing = office.get("/codes/owner", headers=HTML)
    assert missing.status_code == 404


def test_suggestions_are_those_of_the_library_and_one_click_filters(office, case, register):
    told = get(office, "suggestions", q=case, where="office = DE", strategy="color")
    own = suggest_codes(register, draw(3))
    assert told["neighbours"] == own.neighbours == 30
    assert [(c["column"], c["voters"]) for c in told["columns"]] == [
        (c.column, c.voters) for c in own.columns
    ]
    for column, expected in zip(told["columns"], own.columns, strict=True):
        assert [(c["code"], c["voters"]) for c in column["codes"]] == [
            (c.code, c.voters) for c in expected.codes
        ]
        assert [c["votes"] for c in column["codes"]] == pytest.approx(
            [c.votes for c in expected.codes], abs=1e-4
        )
    first = told["columns"][1]["codes"][0]["code"]
    state = {"q": case, "where": "office = DE"}
    shown = office.get("/suggestions", params=state, headers=HX).text
    link = re.search(r'id="suggested-vienna-1" href="([^"]+)"', shown)[1].replace("&amp;", "&")
    search = PageRequest.from_address(link)
    assert (search.where, search.facets) == ("office = DE", {"vienna": (first,)})
    again = office.get("/suggestions", params={**state, "f.vienna": first}, headers=HX).text
    back = re.search(r'id="suggested-vienna-1" href="([^"]+)"', again)[1].replace("&amp;", "&")
    assert PageRequest.from_address(back).facets == {}
    assert office.get("/api/suggestions", params={"where": "office = DE"}).status_code == 422
    liked = get(office, "suggestions", like=3)
    assert liked["columns"]


def test_an_index_without_codes_suggests_none(client, index, query):
    told = client.get("/api/suggestions", params={"q": query}).json()
    assert [c["column"] for c in told["columns"]] == ["nice"]


def test_a_page_full_of_codes_looks_at_the_index_a_few_times(office, case, monkeypatch):
    looks = []
    seen = LogoIndex.snapshot
    monkeypatch.setattr(LogoIndex, "snapshot", lambda self: looks.append(0) or seen(self))
    shown = office.get(f"/?q={case}", headers=HTML).text
    assert shown.count('name="f.nice"') > 20
    assert len(looks) < 40


def test_many_names_or_none_are_served(tmp_path, register):
    file = tmp_path / "names.csv"
    file.write_text("code,name\n" + "".join(f"{n}.1,Name {n}\n" for n in range(1, 900)))
    names = read_code_names(file)
    app = make_app(register, tmp_path / "review", figures=names)
    told = TestClient(app, base_url="http://127.0.0.1").get("/api/codes/vienna?of=26").json()
    assert {c["code"]: c["name"] for c in told}["26.01"] == "Name 26"
