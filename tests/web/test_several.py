"""Several hits at once: decided, taken back, reported; folded into one; several pictures of a mark;
filters to be taken away.
"""

import re

import pytest

from marquery.searchreport import rerun
from marquery.searchreport.record import SearchRecord
from marquery.web.examiner.search_request import PageRequest

from ..register import picture_of
from .helpers import png

HTML = {"accept": "text/html"}
HX = {"hx-request": "true"}


@pytest.fixture
def case(office):
    return office.post("/api/queries", files={"picture": ("new.png", png())}).json()["sha256"]


def verdicts(office, case):
    told = office.get(f"/api/cases/{case}/decisions").json()
    return {decision["logo"]: decision["verdict"] for decision in told}


def bulk(office, case, action, logos=(), **more):
    data = {"state": f"/?q={case}", "action": action, "logo": list(logos), **more}
    return office.post("/decisions/bulk", data=data, headers=HX)


def test_ticked_hits_are_decided_at_once_and_taken_back_at_once(office, case):
    office.put(f"/api/cases/{case}/decisions/5", json={"verdict": "keep", "note": "mine"})
    shown = bulk(office, case, "dismiss", [3, 5, 9], seen=1).text
    assert verdicts(office, case) == {3: "dismiss", 5: "dismiss", 9: "dismiss"}
    assert "3 logos dismissed" in shown
    told = re.search(r'name="since" value="(\d+)".*?name="until" value="(\d+)"', shown)
    since, until = told.groups()
    back = {"state": f"/?q={case}", "since": since, "until": until}
    assert "3 taken back" in office.post("/decisions/undo", data=back, headers=HX).text
    assert verdicts(office, case) == {5: "keep"}
    (kept,) = office.get(f"/api/cases/{case}/decisions").json()
    assert kept["note"] == "mine"
    # It cannot be taken back twice, nor over what was decided since.
    assert office.post("/decisions/undo", data=back, headers=HX).status_code == 409
    back = {"state": f"/?q={case}", "since": 900, "until": 901}
    assert office.post("/decisions/undo", data=back, headers=HX).status_code == 404


def test_the_rest_of_a_page_is_dismissed_and_the_next_stays(office, case):
    hits = office.get("/api/search", params={"q": case, "k": 30}).json()["hits"]
    first = [hit["id"] for hit in hits[:24]]
    office.put(f"/api/cases/{case}/decisions/{first[2]}", json={"verdict": "keep"})
    assert bulk(office, case, "rest", seen=1).status_code == 200
    told = verdicts(office, case)
    assert told == {**dict.fromkeys(first, "dismiss"), first[2]: "keep"}
    assert bulk(office, case, "rest", seen=99).status_code == 422  # nothing is left


def test_a_selection_over_another_s_decision_is_refused_whole(office, case):
    office.put(f"/api/cases/{case}/decisions/9", json={"verdict": "keep", "reviewer": "Bo"})
    answer = bulk(office, case, "dismiss", [3, 9], seen=0)
    assert answer.status_code == 409
    assert "Bo kept it" in answer.text
    assert verdicts(office, case) == {9: "keep"}
    assert bulk(office, case, "keep").status_code == 422


def test_a_report_of_a_selection_holds_it_at_its_places_and_can_be_repeated(office, case):
    hits = office.get("/api/search", params={"q": case, "k": 120}).json()["hits"]
    chosen = {hits[0]["id"]: 1, hits[60]["id"]: 61}
    data = {"state": f"/?q={case}", "form": "json", "logo": list(chosen)}
    record = SearchRecord.model_validate_json(office.post("/report", data=data).content)
    assert {hit.id: hit.rank for hit in record.hits} == chosen
    assert record.selected
    assert rerun(record).same
    data = {**data, "form": "html"}
    assert "2 of 120 marks chosen and shown" in office.post("/report", data=data).text


def test_identical_pictures_fold_into_one_hit(office, case):
    text = office.get(f"/?q={case}", headers=HTML).text
    cards = re.findall(
        r'<article class="card([^"]*)" id="hit-(\d+)"[^>]*?(?:data-of="(\d+)")?>', text
    )
    assert len(cards) == 24
    drawn = {}
    for state, logo, head in cards:
        first = drawn.setdefault(picture_of(int(logo)), logo)
        assert ("folded" in state) == (first != logo), logo
        if first != logo:
            assert head == first
    assert len(drawn) < 24
    assert "1 more: the same picture" in text
    flat = office.get(f"/?q={case}&all=1", headers=HTML).text
    assert "data-of=" not in flat


def test_pictures_are_added_and_removed_and_hits_say_which_they_are_near(office, case):
    data = {"state": f"/?q={case}&where=office = DE", "add": "1"}
    answer = office.post("/queries", files={"picture": ("b.png", png(20))}, data=data)
    search = PageRequest.from_address(answer.headers["location"])
    assert search.queries[0] == case
    assert (len(search.queries), search.where) == (2, "office = DE")
    both = {"q": list(search.queries)}
    hits = office.get("/api/search", params=both).json()["hits"]
    near = {hit["id"]: hit["near"] for hit in hits}
    assert (near[3], near[20]) == (0, 1)
    single = [office.get("/api/search", params={"q": q, "k": 120}).json() for q in both["q"]]
    for hit in hits:
        scores = [next(h["score"] for h in told["hits"] if h["id"] == hit["id"]) for told in single]
        assert scores[hit["near"]] == max(scores)
    text = office.get("/", params=both, headers=HTML).text
    assert "near picture 2" in text
    assert f'href="/?q={case}" aria-label="Without picture 2, b.png"' in text
    many = [("picture", (f"{n}.png", png(40 + n))) for n in range(8)]
    answer = office.post("/queries", files=many, data={"state": f"/?q={case}", "add": "1"})
    assert answer.status_code == 422


def test_filters_stand_above_the_hits_each_to_be_taken_away(office, case):
    address = f"/?q={case}&where=nice = 5&f.office=DE&f.office=EM&f.status=filed"
    text = office.get(address, headers=HTML, follow_redirects=True).text
    chips = re.search(r'<ul class="chips".*?</ul>', text, re.DOTALL)[0]
    left = [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+)"', chips)]
    assert left == [
        f"/?q={case}&f.office=DE&f.office=EM&f.status=filed",
        f"/?q={case}&where=nice+=+5&f.office=EM&f.status=filed",
        f"/?q={case}&where=nice+=+5&f.office=DE&f.status=filed",
        f"/?q={case}&where=nice+=+5&f.office=DE&f.office=EM",
        f"/?q={case}",
    ]
    assert 'class="chips"' not in office.get(f"/?q={case}", headers=HTML).text
