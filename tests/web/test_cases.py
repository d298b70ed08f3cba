"""Cases with several examiners: nothing is overwritten in silence, everything is remembered, a
week's filings are gone through one by one.
"""

import re
import sqlite3

import pytest
from starlette.testclient import TestClient

from marquery.web import limits
from marquery.web.examiner.database import Database
from marquery.web.examiner.reviews import Reviews

from .helpers import make_app, png

HX = {"hx-request": "true"}


def put(client, case, logo, status=200, **body):
    answer = client.put(f"/api/cases/{case}/decisions/{logo}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_a_decision_that_another_changed_meanwhile_is_not_overwritten(client, query):
    seen = client.get("/api/search", params={"q": query}).json()["revision"]
    put(client, query, 3, verdict="keep", note="mine", reviewer="Ada", seen=seen)
    told = put(client, query, 3, 409, verdict="dismiss", reviewer="Bo", seen=seen)
    assert "Ada kept it (mine) at " in told["detail"]["message"]
    hits = client.get("/api/search", params={"q": query}).json()
    decision = next(h["decision"] for h in hits["hits"] if h["id"] == 3)
    assert (decision["verdict"], decision["reviewer"]) == ("keep", "Ada")
    put(client, query, 5, verdict="keep", reviewer="Bo", seen=seen)  # of that logo nothing changed
    put(client, query, 3, verdict="dismiss", reviewer="Bo", seen=hits["revision"])
    # One that was taken back since is a change, too.
    put(client, query, 3, verdict="", note="", reviewer="Ada")
    put(client, query, 3, 409, verdict="keep", reviewer="Bo", seen=hits["revision"] + 2)


def test_the_page_tells_of_it_and_gives_the_unsaved_note_back(visitor, query):
    state = f"/?q={query}"
    shown = visitor.get(state).text
    seen = re.search(r'name="seen" value="(\d+)"', shown)[1]
    visitor.cookies.set("reviewer", "Bo")
    data = {"state": state, "logo": 4, "seen": seen}
    visitor.post("/decisions", data={**data, "verdict": "dismiss"}, headers=HX)
    visitor.cookies.set("reviewer", "Ada")
    lost = visitor.post("/decisions", data={**data, "note": "long <b>thought"}, headers=HX)
    assert lost.status_code == 409
    assert "Bo dismissed it at " in lost.text
    assert "<q><bdi>long &lt;b&gt;thought</bdi></q>" in lost.text
    assert 'class="card dismiss" id="hit-4"' in lost.text
    fresh = re.search(r'id="hit-4".*?name="seen" value="(\d+)"', lost.text, re.DOTALL)[1]
    again = visitor.post(
        "/decisions", data={**data, "seen": fresh, "note": "long thought"}, headers=HX
    )
    assert again.status_code == 200
    whole = visitor.post("/decisions", data={**data, "verdict": "keep"})
    assert whole.status_code == 409
    assert "<h1>" in whole.text


def test_news_of_others_are_told(visitor, query):
    address = f"/case/news?q={query}&seen=0"
    visitor.cookies.set("reviewer", "Ada")
    visitor.post("/decisions", data={"state": f"/?q={query}", "logo": 1, "verdict": "keep"})
    assert "decided about" not in visitor.get(address, headers=HX).text
    visitor.cookies.set("reviewer", "Bo")
    visitor.post("/decisions", data={"state": f"/?q={query}", "logo": 2, "verdict": "keep"})
    visitor.post("/decisions", data={"state": f"/?q={query}", "logo": 2, "note": "again"})
    visitor.cookies.set("reviewer", "Ada")
    assert "<bdi>Bo</bdi> decided about 1 logo of this case" in visitor.get(address).text
    later = f"/case/news?q={query}&seen=3"
    assert "decided about" not in visitor.get(later).text
    assert f'hx-get="/case/news?q={query}&amp;seen=3"' in visitor.get(later).text


def test_the_history_says_who_when_and_what_before(client, query):
    put(client, query, 3, verdict="keep", note="disc", reviewer="Ada")
    put(client, query, 3, verdict="dismiss", reviewer="Bo")
    put(client, query, 3, verdict="", note="", reviewer="Bo")
    told = client.get(f"/api/cases/{query}/history").json()
    assert [(c["reviewer"], c["old_verdict"], c["old_note"], c["verdict"]) for c in told] == [
        ("Bo", "dismiss", "disc", ""),
        ("Bo", "keep", "disc", "dismiss"),
        ("Ada", "", "", "keep"),
    ]
    assert [c["revision"] for c in told] == [3, 2, 1]
    assert {c["logo"] for c in told} == {"003.png"}
    page = client.get(f"/case?q={query}").text
    assert page.count("<bdi>Bo</bdi>") == 2


def test_a_case_is_named_commented_closed_and_its_reference_stands_in_the_report(client, query):
    place = f"/api/cases/{query}"
    body = {"name": "Robot", "reference": "018 442", "owner": "שירה", "reviewer": "Ada", "seen": 0}
    told = client.put(place, json=body).json()
    assert (told["name"], told["owner"], told["described"]) == ("Robot", "שירה", 1)
    assert client.put(place, json={"owner": "Bo", "seen": 0}).status_code == 409
    assert client.put(place, json={"closed": True}).json()["name"] == "Robot"
    assert client.get("/api/cases").json()[0]["closed"]
    answer = client.post(f"{place}/comments", json={"text": "see <b>2</b>", "author": "Ada"})
    assert answer.status_code == 201
    assert [c["text"] for c in client.get(f"{place}/comments").json()] == ["see <b>2</b>"]
    page = client.get(f"/case?q={query}").text
    for text in ("018 442", "שירה", "see &lt;b&gt;2&lt;/b&gt;", "done"):
        assert text in page
    assert client.get("/api/report", params={"q": query}).json()["reference"] == "018 442"
    for wrong in ({"text": " "}, {"text": ""}):
        assert client.post(f"{place}/comments", json=wrong).status_code == 422
    assert client.put("/api/cases/nothing", json={"name": "x"}).status_code == 404


def test_a_queue_is_uploaded_gone_through_and_closed(visitor):
    pictures = [("picture", (f"filing {n}.png", png(n))) for n in (1, 2, 2, 3)]
    bad = ("picture", ("bad.png", b"no picture"))
    made = visitor.post("/queues", data={"name": "week <47>"}, files=[*pictures, bad])
    assert "1 could not be read" in made.text
    assert "bad.png" in made.text
    assert "0 of 3 cases are done" in made.text
    first = re.search(r'class="button" href="([^"]+)"', made.text)[1].replace("&amp;", "&")
    shown = visitor.get(first).text
    assert "case 1 of 3, 0 done" in shown
    assert 'rel="next" href="/?q=' in shown
    for place in (2, 3):
        seen = re.search(r'class="queue-bar".*?name="seen" value="(\d+)"', shown, re.DOTALL)[1]
        answer = visitor.post("/case", data={"state": first, "seen": seen, "closed": "true"})
        assert f"case {place} of 3, {place - 1} done" in answer.text
        first = str(answer.url).removeprefix("http://127.0.0.1")
        shown = answer.text
    # Filters and pages of a case stay in the queue.
    assert "queue=" in visitor.get(f"{first}&where=filed > 2000").url.query.decode()
    answer = visitor.post("/case", data={"state": first, "closed": "true"})
    assert "3 of 3 cases are done" in answer.text
    assert "week &lt;47&gt;" in visitor.get("/review").text
    visitor.post(f"{answer.url.path}/delete")
    assert "week &lt;" not in visitor.get("/review").text
    assert visitor.get(answer.url.path).status_code == 404


def test_no_queue_is_made_of_what_cannot_be_taken_in_whole(visitor, monkeypatch):
    bad = ("picture", ("bad.png", b"no picture", "image/png"))
    answer = visitor.post("/queues", data={"name": "none"}, files=[bad])
    assert answer.status_code == 422
    assert "bad.png" in answer.text
    monkeypatch.setattr(limits, "QUEUED_AT_ONCE", 2)
    pictures = [("picture", (f"{n}.png", png(n), "image/png")) for n in (1, 2, 3)]
    answer = visitor.post("/queues", data={"name": "many"}, files=pictures)
    assert answer.status_code == 422
    assert "3 pictures are more than 2 at once" in answer.text
    assert visitor.get("/api/queues").json() == []


def test_a_queue_is_filled_by_a_program(client):
    queue = client.post("/api/queues", data={"name": "week"}).json()
    place = f"/api/queues/{queue['id']}/pictures"
    for seed in (1, 2, 1):
        assert client.post(place, files={"picture": ("a.png", png(seed))}).status_code == 201
    assert client.post(place, files={"picture": ("a.png", b"x")}).status_code == 422
    assert client.post("/api/queues", data={"name": " "}).status_code == 422
    assert [(q["cases"], q["closed"]) for q in client.get("/api/queues").json()] == [(2, 0)]


def test_the_name_is_asked_for_once(visitor):
    assert "Who is examining?" in visitor.get("/").text
    answer = visitor.post("/reviewer", data={"name": "עדה", "back": "/status?"})
    assert answer.url.path == "/status"
    assert "Who is examining?" not in answer.text
    assert "<bdi>עדה</bdi>" in answer.text
    visitor.cookies.delete("reviewer")
    visitor.post("/reviewer", data={"name": "", "later": "1", "back": "//elsewhere.example"})
    assert "Who is examining?" not in visitor.get("/").text


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil", "x"])
def test_naming_oneself_leads_nowhere_else(client, back):
    answer = client.post("/reviewer", data={"name": "Ada", "back": back})
    assert answer.headers["location"] == "/review"


def test_decisions_of_a_file_of_before_stay(index, tmp_path):
    """A database of the first version is brought up to date, once, with all that it holds."""
    file = tmp_path / "review" / "review.sqlite3"
    file.parent.mkdir()
    with sqlite3.connect(file) as db:
        db.executescript(
            "CREATE TABLE queries (sha256 TEXT PRIMARY KEY, name TEXT, width INTEGER, "
            'height INTEGER, added TEXT); CREATE TABLE decisions ("case" TEXT, path TEXT, '
            "logo INTEGER, verdict TEXT, note TEXT, reviewer TEXT, changed TEXT, "
            'PRIMARY KEY ("case", path)); CREATE TABLE searches (id INTEGER PRIMARY KEY, '
            "name TEXT, address TEXT, saved TEXT); PRAGMA user_version = 1;"
        )
        path = index.entry(3)["path"]
        values = ("logo-5", path, 3, "keep", "of before", "Ada", "2026-01-02T03:04:05+00:00")
        db.execute("INSERT INTO decisions VALUES (?, ?, ?, ?, ?, ?, ?)", values)
    app = make_app(index, tmp_path / "review")
    client = TestClient(app, base_url="http://127.0.0.1")
    (told,) = client.get("/api/cases/logo-5/decisions").json()
    assert (told["logo"], told["note"]) == (3, "of before")
    put(client, "logo-5", 3, verdict="dismiss", seen=0)
    assert Reviews(file).decisions("logo-5")[path].verdict == "dismiss"
    Database(file).close()
