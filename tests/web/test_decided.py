"""What was decided stays in sight: beyond the first hits, in views, and when the index is another
one.
"""

import csv
import io
import json
import shutil
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from marquery.index import LogoIndex
from marquery.searchreport import rerun
from marquery.searchreport.record import SearchRecord

from ..drawings import draw, fill
from ..encoders import tiny_encoder
from .helpers import make_app, png

HX = {"hx-request": "true"}


@pytest.fixture
def asked(office):
    """SHA-256 of an uploaded picture, and the ids of the whole ranking, best first."""
    sha256 = office.post("/api/queries", files={"picture": ("new.png", png())}).json()["sha256"]
    hits = office.get("/api/search", params={"q": sha256, "k": 120}).json()["hits"]
    return sha256, [hit["id"] for hit in hits]


def decide(client, case, logo, **body):
    answer = client.put(f"/api/cases/{case}/decisions/{logo}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_report_holds_every_decided_hit_at_its_place(office, asked):
    case, ranking = asked
    for rank, verdict in ((2, "keep"), (31, "keep"), (77, "dismiss"), (90, "")):
        decide(office, case, ranking[rank - 1], verdict=verdict, note=f"at {rank}", reviewer="Ada")
    asked = {"q": case, "k": 24, "form": "json"}
    record = SearchRecord.model_validate_json(office.get("/api/report", params=asked).content)
    assert [hit.rank for hit in record.hits] == list(range(1, 25))
    assert [hit.rank for hit in record.decided] == [31, 77, 90]
    assert [hit.id for hit in record.decided] == [ranking[30], ranking[76], ranking[89]]
    assert record.total == 120
    assert (record.count("keep"), record.count("dismiss")) == (2, 1)
    assert {i: d.note for i, d in record.decisions.items()} == {
        ranking[r - 1]: f"at {r}" for r in (2, 31, 77, 90)
    }
    rows = list(
        csv.DictReader(
            io.StringIO(
                office.get("/api/report", params={**asked, "form": "csv"}).content.decode(
                    "utf-8-sig"
                )
            )
        )
    )
    assert [int(row["rank"]) for row in rows] == [*range(1, 25), 31, 77, 90]
    assert [row["decision"] for row in rows if row["decision"]] == ["keep", "keep", "dismiss"]
    shown = office.get("/api/report", params={**asked, "form": "html"}).text
    assert "24 of 120 marks shown" in shown
    assert "2 kept, 1 dismissed" in shown
    assert "<td>77</td>" in shown
    assert rerun(record).same


def test_decided_logos_that_the_filter_leaves_out_are_told_apart(office, asked):
    case, _ = asked
    decide(office, case, 1, verdict="keep")  # of the office DE
    decide(office, case, 2, verdict="keep")  # of the office FR
    asked = {"q": case, "where": "office = DE"}
    record = SearchRecord.model_validate_json(office.get("/api/report", params=asked).content)
    assert set(record.decisions) == {1}
    assert [(a.why, a.decision.verdict) for a in record.absent] == [("filtered", "keep")]
    assert record.count("keep") == 2
    kept = office.get("/api/search", params={**asked, "show": "kept"}).json()
    assert [hit["id"] for hit in kept["hits"]] == [1]
    assert [(a["why"], a["logo"]) for a in kept["absent"]] == [("filtered", 2)]
    page = office.get("/", params={**asked, "show": "kept"}).text
    assert "the filter or the strategy leaves it out" in page


@pytest.mark.parametrize("strategy", ["overall", "color"])
def test_views_show_what_was_decided_so_at_its_place(office, asked, strategy):
    case, _ = asked
    common = {"q": case, "strategy": strategy}
    whole = office.get("/api/search", params={**common, "k": 120}).json()["hits"]
    ranking = [hit["id"] for hit in whole]
    kept, dismissed = {ranking[0], ranking[40], ranking[41]}, {ranking[5], ranking[100]}
    for logo in kept:
        decide(office, case, logo, verdict="keep")
    for logo in dismissed:
        decide(office, case, logo, verdict="dismiss")
    decide(office, case, ranking[7], note="only noted")

    def shown(view, **more):
        answer = office.get("/api/search", params={**common, "show": view, **more}).json()
        for hit in answer["hits"]:
            assert ranking[hit["rank"] - 1] == hit["id"]
        assert answer["ranked"] == 120
        return answer["total"], [hit["id"] for hit in answer["hits"]]

    assert shown("kept") == (3, [i for i in ranking if i in kept])
    assert shown("dismissed") == (2, [i for i in ranking if i in dismissed])
    assert shown("decided", offset=1, k=2) == (5, [ranking[5], ranking[40]])
    rest = [i for i in ranking if i not in kept | dismissed]
    paged = [shown("undecided", offset=n, k=24) for n in range(0, 115, 24)]
    assert [logo for _, page in paged for logo in page] == rest
    assert {total for total, _ in paged} == {115}


def test_a_page_beyond_the_end_is_the_last_one(office, asked):
    case, _ = asked
    answer = office.get("/", params={"q": case, "page": "999"}, headers={"accept": "text/html"})
    assert answer.headers["location"] == f"/?q={case}&page=5"
    piece = office.get("/", params={"q": case, "page": "999"}, headers=HX)
    assert piece.headers["hx-push-url"] == f"/?q={case}&page=5"
    assert "97–120 of 120 logos" in piece.text


def rebuild(root, seeds):
    """The index at its place, built anew from other logos with the same names."""
    shutil.rmtree(root / "logos", ignore_errors=True)
    shutil.rmtree(root / "idx", ignore_errors=True)
    logos = fill(root / "logos", seeds)
    LogoIndex.create(root / "idx", encoder=tiny_encoder(), words=False).add(logos)


def test_an_index_built_anew_in_its_place_is_noticed_and_decisions_stay(tmp_path):
    rebuild(tmp_path, range(12))
    client = TestClient(
        make_app(LogoIndex.open(tmp_path / "idx"), tmp_path / "review"),
        base_url="http://127.0.0.1",
        raise_server_exceptions=False,
    )
    case = client.post("/api/queries", files={"picture": ("new.png", png(3))}).json()["sha256"]
    before = client.get("/api/search", params={"q": case}).json()
    ids = {hit["name"]: hit["id"] for hit in before["hits"]}
    decide(client, case, ids["003.png"], verdict="keep", note="the same")
    decide(client, case, ids["004.png"], verdict="keep", note="leaves")
    decide(client, case, ids["005.png"], verdict="dismiss", note="is painted over")
    rebuild(tmp_path, [0, 1, 2, 3, *range(6, 12)])
    draw(99).save(tmp_path / "logos" / "005.png")
    shutil.rmtree(tmp_path / "idx")
    LogoIndex.create(tmp_path / "idx", encoder=tiny_encoder(), words=False).add(tmp_path / "logos")
    after = client.get("/api/search", params={"q": case, "k": 50})
    assert after.status_code == 200
    assert {hit["name"] for hit in after.json()["hits"]} == {
        f"{n:03d}.png" for n in (*range(4), *range(5, 12))
    }
    hits = {hit["name"]: hit for hit in after.json()["hits"]}
    assert hits["003.png"]["decision"]["note"] == "the same"
    assert hits["005.png"]["decision"] is None
    picture = client.get(hits["005.png"]["thumbnail"]).content
    assert picture != client.get(hits["003.png"]["thumbnail"]).content
    told = client.get("/api/search", params={"q": case, "show": "decided"}).json()
    assert {(a["name"], a["why"]) for a in told["absent"]} == {
        ("004.png", "left"),
        ("005.png", "changed"),
    }
    page = client.get("/", params={"q": case, "show": "kept"}).text
    assert "has left the index" in page
    assert "leaves" in page
    record = json.loads(client.get("/api/report", params={"q": case}).content)
    assert {a["decision"]["note"] for a in record["absent"]} == {"leaves", "is painted over"}
    assert client.get("/", headers={"accept": "text/html"}).status_code == 200
    # What has left can be decided about no more than by taking it back.
    client.post(
        "/decisions/absent", data={"state": f"/?q={case}&show=kept", "name": "004.png", "seen": 3}
    )
    told = client.get("/api/search", params={"q": case, "show": "kept"}).json()
    assert told["absent"] == []


def test_a_logo_that_was_moved_keeps_its_decision(tmp_path):
    rebuild(tmp_path, range(6))
    client = TestClient(
        make_app(LogoIndex.open(tmp_path / "idx"), tmp_path / "review"),
        base_url="http://127.0.0.1",
    )
    case = client.post("/api/queries", files={"picture": ("new.png", png(3))}).json()["sha256"]
    decide(client, case, 3, verdict="keep", note="first")
    (tmp_path / "logos" / "003.png").rename(tmp_path / "logos" / "moved.png")
    LogoIndex.open(tmp_path / "idx").rescan(tmp_path / "logos")
    hits = client.get("/api/search", params={"q": case}).json()["hits"]
    moved = next(hit for hit in hits if hit["name"] == "moved.png")
    assert moved["decision"]["note"] == "first"
    decide(client, case, moved["id"], verdict="dismiss")
    (decision,) = client.get(f"/api/cases/{case}/decisions").json()
    assert (decision["verdict"], decision["note"]) == ("dismiss", "first")


def among_candidates(monkeypatch):
    """As in a large index: a search compares with candidates only, and the second logo is none."""
    whole = LogoIndex.search

    def search(self, image=None, k=20, *, exact=False, **more):
        hits = whole(self, image, k + 1, exact=exact, **more)
        if not exact:
            hits = [replace(hit, rank=n) for n, hit in enumerate([hits[0], *hits[2:]], 1)]
        return hits[:k]

    def compares_all(self, k=20, *, exact=False, **more):
        return exact

    monkeypatch.setattr(LogoIndex, "search", search)
    monkeypatch.setattr(LogoIndex, "compares_all", compares_all)


def test_a_report_holds_places_of_one_ranking_alone(office, asked, monkeypatch):
    case, ranking = asked
    among_candidates(monkeypatch)

    def report(**more):
        told = office.get("/api/report", params={"q": case, "k": 4, **more})
        return SearchRecord.model_validate_json(told.content)

    few = report()
    assert ([hit.id for hit in few.hits], few.asked.exact) == (ranking[:1] + ranking[2:5], False)
    assert few.index.compared == "candidates"
    decide(office, case, ranking[6], verdict="keep")
    whole = report()
    assert [hit.id for hit in whole.hits] == ranking[:4]
    assert [(hit.rank, hit.id) for hit in whole.decided] == [(7, ranking[6])]
    assert (whole.asked.exact, whole.index.compared) == (True, "all")
    chosen = report(logo=[ranking[1]])
    assert [(hit.rank, hit.id) for hit in chosen.hits] == [(2, ranking[1])]
    assert chosen.index.compared == "all"


def test_undecided_logos_are_those_of_the_whole_ranking(office, asked, monkeypatch):
    """A large index compares with candidates only, which stand at other places."""
    case, ranking = asked
    for rank in (1, 4, 5):
        decide(office, case, ranking[rank - 1], verdict="keep")
    among_candidates(monkeypatch)
    asked = {"q": case, "show": "undecided", "k": 4}
    answer = office.get("/api/search", params=asked).json()
    assert [hit["rank"] for hit in answer["hits"]] == [2, 3, 6, 7]
    assert [hit["id"] for hit in answer["hits"]] == [ranking[n - 1] for n in (2, 3, 6, 7)]


@pytest.fixture
def moved(tmp_path):
    """A kept logo whose file was moved, while another picture lies at its place."""
    rebuild(tmp_path, range(6))
    client = TestClient(
        make_app(LogoIndex.open(tmp_path / "idx"), tmp_path / "review"),
        base_url="http://127.0.0.1",
    )
    case = client.post("/api/queries", files={"picture": ("new.png", png(3))}).json()["sha256"]
    decide(client, case, 3, verdict="keep", note="moved")

    def move():
        (tmp_path / "logos" / "003.png").rename(tmp_path / "logos" / "moved.png")
        draw(99).save(tmp_path / "logos" / "003.png")
        LogoIndex.open(tmp_path / "idx").rescan(tmp_path / "logos")
        hits = client.get("/api/search", params={"q": case}).json()["hits"]
        ids = {hit["name"]: hit["id"] for hit in hits}
        return ids["moved.png"], ids["003.png"]

    return client, case, move


def decisions_of(client, case):
    hits = client.get("/api/search", params={"q": case}).json()["hits"]
    told = {hit["name"]: hit["decision"] for hit in hits if hit["decision"]}
    return {name: (d["verdict"], d["note"]) for name, d in told.items()}


@pytest.mark.parametrize("first", ["the moved one", "the new one"])
def test_another_picture_at_the_place_of_a_moved_logo_is_decided_for_itself(moved, first):
    client, case, move = moved
    logo, new = move()
    if first == "the moved one":
        decide(client, case, logo, verdict="dismiss")
    decide(client, case, new, verdict="dismiss", note="new")
    if first == "the new one":
        assert decisions_of(client, case)["moved.png"] == ("keep", "moved")
        decide(client, case, logo, verdict="dismiss")
    assert decisions_of(client, case) == {
        "moved.png": ("dismiss", "moved"),
        "003.png": ("dismiss", "new"),
    }
    history = client.get(f"/api/cases/{case}/history").json()
    assert sorted(c["logo"] for c in history) == ["003.png", "moved.png", "moved.png"]


def test_what_was_taken_back_of_a_moved_logo_returns_to_it(moved):
    client, case, move = moved
    decide(client, case, 3, verdict="", note="")
    move()
    state = {"state": f"/?q={case}", "since": 1, "until": 2}
    assert client.post("/decisions/undo", data=state).status_code == 200
    assert decisions_of(client, case) == {"moved.png": ("keep", "moved")}
    answer = client.get("/api/search", params={"q": case, "show": "kept"}).json()
    assert answer["absent"] == []


def test_a_picture_that_replaced_a_decided_one_is_decided_for_itself(tmp_path):
    rebuild(tmp_path, range(6))
    place = tmp_path / "logos" / "003.png"
    client = TestClient(
        make_app(LogoIndex.open(tmp_path / "idx"), tmp_path / "review"),
        base_url="http://127.0.0.1",
    )
    case = client.post("/api/queries", files={"picture": ("new.png", png(3))}).json()["sha256"]
    decide(client, case, 3, verdict="keep", note="the old one", reviewer="Ada")

    def lay(seed):
        draw(seed).save(place)
        LogoIndex.open(tmp_path / "idx").rescan(tmp_path / "logos")
        hits = client.get("/api/search", params={"q": case}).json()["hits"]
        return next(hit["id"] for hit in hits if hit["name"] == "003.png")

    def told():
        answer = client.get("/api/search", params={"q": case, "show": "decided"}).json()
        hits = [(hit["decision"]["verdict"], hit["decision"]["note"]) for hit in answer["hits"]]
        absent = [
            (a["why"], a["decision"]["verdict"], a["decision"]["note"]) for a in answer["absent"]
        ]
        return hits, absent

    new = lay(99)
    assert told() == ([], [("changed", "keep", "the old one")])
    seen = decide(client, case, new, verdict="dismiss", note="the new one", reviewer="Bo")
    both = ([("dismiss", "the new one")], [("changed", "keep", "the old one")])
    assert told() == both
    page = client.get("/", params={"q": case}).text
    assert "1 kept" in page
    assert "1 dismissed" in page
    record = SearchRecord.model_validate_json(client.get("/api/report", params={"q": case}).content)
    assert (record.count("keep"), record.count("dismiss")) == (1, 1)
    assert [logo.decision.note for logo in record.absent] == ["the old one"]
    # Taken back and decided again, it never touches the other.
    state = {"state": f"/?q={case}", "since": seen["revision"] - 1, "until": seen["revision"]}
    assert client.post("/decisions/undo", data=state).status_code == 200
    assert told() == ([], both[1])
    decide(client, case, new, verdict="dismiss", note="the new one")
    # The old picture is back: each decision is about its own again.
    old = lay(3)
    assert told() == ([("keep", "the old one")], [("changed", "dismiss", "the new one")])
    decide(client, case, old, verdict="dismiss")
    assert told() == ([("dismiss", "the old one")], [("changed", "dismiss", "the new one")])
    gone = {"state": f"/?q={case}&show=decided", "name": "003.png", "seen": 9}
    client.post("/decisions/absent", data=gone)
    assert told() == ([("dismiss", "the old one")], [])
    history = client.get(f"/api/cases/{case}/history").json()
    assert [change["old_verdict"] for change in history][-2:] == ["", ""]


def test_a_record_repeated_tells_of_no_absent_logo_that_is_back(tmp_path):
    rebuild(tmp_path, range(6))
    client = TestClient(
        make_app(LogoIndex.open(tmp_path / "idx"), tmp_path / "review"),
        base_url="http://127.0.0.1",
    )
    case = client.post("/api/queries", files={"picture": ("new.png", png(3))}).json()["sha256"]
    for logo in (3, 4):
        decide(client, case, logo, verdict="keep", note=f"of {logo}")
    index = LogoIndex.open(tmp_path / "idx")
    index.remove([tmp_path / "logos" / f"00{n}.png" for n in (3, 4)])
    answer = client.get("/api/report", params={"q": case, "k": 2})
    record = SearchRecord.model_validate_json(answer.content)
    assert len(record.absent) == 2
    (tmp_path / "logos" / "004.png").unlink()
    index.add(tmp_path / "logos")
    again = rerun(record, latest=True).now
    assert [logo.path.rsplit("/", 1)[1] for logo in again.absent] == ["004.png"]
    assert {d.note for d in again.decisions.values()} == {"of 3"}
    assert again.count("keep") == 2
