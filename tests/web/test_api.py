"""The JSON API gives what the index gives, and keeps what is decided."""

import io
import json

import pytest
from PIL import Image

from marquery.searchreport import read_record, rerun

from .helpers import COUNT, owner_of, png, wide_png


def get(client, path, **parameters):
    answer = client.get(f"/api/{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("asked", "options"),
    [
        ({}, {}),
        ({"strategy": "part"}, {"strategy": "part"}),
        ({"strategy": "overall=1,color=0.5"}, {"strategy": "overall=1,color=0.5"}),
        ({"crop": "5,5,30,30"}, {"part": (5, 5, 30, 30)}),
        ({"where": "filed >= 2010", "f.owner": "Ada"}, {"where": "filed >= 2010 and owner = Ada"}),
        ({"f.nice": ["1", "2"], "offset": 3}, {"where": "nice in (1, 2)", "offset": 3}),
        ({"like": 4, "unlike": [9, 11]}, {"like": [4], "unlike": [9, 11]}),
    ],
)
def test_a_search_gives_what_the_index_gives(client, index, query, asked, options):
    told = get(client, "search", q=query, k=5, **asked)
    image = Image.open(io.BytesIO(png()))
    matches = index.search(image, 5, **options)
    assert [(h["id"], h["rank"], h["score"], h["scores"]) for h in told["hits"]] == [
        (m.id, m.rank, m.score, m.scores) for m in matches
    ]
    assert [h["part"] for h in told["hits"]] == [list(m.part) if m.part else None for m in matches]
    assert [h["metadata"] for h in told["hits"]] == [m.metadata for m in matches]
    assert (told["size"], told["version"]) == (COUNT, index.version)


def test_a_cut_out_that_no_strategy_takes_as_a_part_is_a_logo_of_its_own(client, index):
    answer = client.post(
        "/api/search",
        files={"picture": ("sheet.png", wide_png())},
        data={"crop": "4,6,64,48", "strategy": "overall", "k": 3},
    )
    hits = answer.json()["hits"]
    cut = Image.open(io.BytesIO(wide_png())).crop((4, 6, 68, 54))
    assert [h["id"] for h in hits] == [m.id for m in index.search(cut, 3, strategy="overall")]
    assert hits[0]["name"] == "005.png"
    assert hits[0]["score"] == pytest.approx(1, abs=1e-5)


def test_totals_and_counts_follow_the_filter(client, query):
    told = get(client, "search", q=query, **{"f.owner": ["Ada", ""]})
    assert told["total"] == sum(owner_of(n) in ("Ada", "") for n in range(COUNT))
    owners = {c["value"]: c for c in told["facets"][0]["values"]}
    assert owners["Ada"]["chosen"]
    assert sum(c["count"] for c in owners.values()) == COUNT


def test_pages_at_one_version_make_up_the_ranking(client, query):
    whole = get(client, "search", q=query, k=COUNT)
    pages = [
        get(client, "search", q=query, k=7, offset=o, at=whole["version"]) for o in range(0, 35, 7)
    ]
    assert [h["id"] for p in pages for h in p["hits"]] == [h["id"] for h in whole["hits"]]


def test_several_pictures_are_of_one_mark(client, index):
    shas = [
        client.post("/api/queries", files={"picture": ("a.png", png(n))}).json()["sha256"]
        for n in (3, 20)
    ]
    hits = get(client, "search", q=shas, k=2)["hits"]
    assert {h["id"] for h in hits} == {
        m.id for n in (3, 20) for m in index.search(Image.open(io.BytesIO(png(n))), 1)
    }


def test_a_logo_its_picture_and_its_thumbnail(client, index):
    told = get(client, "logos/7")
    entry = index.entry(7)
    assert told["sha256"] == entry["sha256"]
    assert told["metadata"] == entry["metadata"]
    assert not told["name"].startswith("/")
    picture = client.get("/logos/7/picture")
    assert Image.open(io.BytesIO(picture.content)).size == (64, 48)
    thumbnail = client.get("/logos/7/thumbnail?v=1")
    assert thumbnail.content == index.thumbnail(7)
    assert "immutable" in thumbnail.headers["cache-control"]
    assert "immutable" not in client.get("/logos/7/thumbnail").headers["cache-control"]


def test_a_file_that_has_changed_is_not_shown_for_what_was_compared(client, index):
    from pathlib import Path

    place = Path(index.entry(9)["path"])
    before = place.read_bytes()
    try:
        place.write_bytes(png(55))
        assert client.get("/logos/9/picture").content == index.thumbnail(9)
        place.unlink()
        assert client.get("/logos/9/picture").content == index.thumbnail(9)
    finally:
        place.write_bytes(before)


def test_decisions_are_kept_with_the_case_and_shown_with_the_hits(client, query):
    place = f"/api/cases/{query}/decisions/3"
    kept = client.put(place, json={"verdict": "keep", "reviewer": "Ada"}).json()
    assert (kept["verdict"], kept["note"], kept["reviewer"]) == ("keep", "", "Ada")
    noted = client.put(place, json={"note": "same disc"}).json()
    assert (noted["verdict"], noted["note"]) == ("keep", "same disc")
    assert [d["logo"] for d in get(client, f"cases/{query}/decisions")] == [3]
    hits = get(client, "search", q=query)["hits"]
    assert {h["id"]: h["decision"] and h["decision"]["verdict"] for h in hits}[3] == "keep"
    client.put(place, json={"verdict": "", "note": ""})
    assert get(client, f"cases/{query}/decisions") == []


@pytest.mark.parametrize(
    ("case", "logo", "body", "status"),
    [
        ("ab" * 32, 3, {"verdict": "keep"}, 404),
        ("anything", 3, {"verdict": "keep"}, 404),
        ("words-" + "x" * 2001, 3, {"verdict": "keep"}, 404),
        (None, 2**63, {"verdict": "keep"}, 404),
        (None, "x", {"verdict": "keep"}, 422),
        (None, 4000, {"verdict": "keep"}, 404),
        (None, 3, {"verdict": "maybe"}, 422),
        (None, 3, {"verdict": "keep", "colour": "red"}, 422),
        (None, 3, {"note": "x" * 4001}, 422),
    ],
)
def test_decisions_that_cannot_be_are_refused(client, query, case, logo, body, status):
    answer = client.put(f"/api/cases/{case or query}/decisions/{logo}", json=body)
    assert answer.status_code == status
    assert get(client, f"cases/{query}/decisions") == []


def test_searches_are_saved_listed_and_taken_away(client, query):
    body = {"name": "robots", "query": f"/?q={query}&where=filed > 2000&page=3&hit=1"}
    saved = client.post("/api/searches", json=body)
    assert saved.status_code == 201
    assert get(client, "searches") == [saved.json()]
    assert "page" not in saved.json()["query"]
    number = saved.json()["id"]
    assert client.delete(f"/api/searches/{number}").status_code == 204
    assert client.delete(f"/api/searches/{number}").status_code == 404
    assert client.post("/api/searches", json={"name": "x", "query": "/"}).status_code == 422
    assert (
        client.post("/api/searches", json={"name": " ", "query": body["query"]}).status_code == 422
    )


def test_an_explanation_adds_up_to_the_score(client, query):
    told = get(client, "explain/3", q=query, strategy="overall")
    shares = [p["share"] for p in told["hit"]["parts"]] + [told["hit"]["background"]]
    assert sum(shares) == pytest.approx(told["score"], abs=1e-6)
    assert told["score"] == pytest.approx(1, abs=1e-5)
    assert client.get("/api/explain/3").status_code == 422


def test_a_report_holds_the_decisions_and_can_be_run_again(client, query, tmp_path):
    client.put(f"/api/cases/{query}/decisions/3", json={"verdict": "keep", "note": "disc"})
    answer = client.get(
        "/api/report",
        params={
            "q": query,
            "crop": "5,5,30,30",
            "where": "filed < 2020",
            "k": 6,
            "examiner": "Ada",
        },
    )
    assert answer.headers["content-disposition"] == 'attachment; filename="new-report.json"'
    (tmp_path / "case.json").write_bytes(answer.content)
    record = read_record(tmp_path / "case.json")
    assert (record.examiner, record.asked.part, len(record.hits)) == ("Ada", (5, 5, 30, 30), 6)
    assert record.decisions[3].note == "disc"
    assert rerun(record).same


@pytest.mark.parametrize(("form", "begins"), [("csv", b"\xef\xbb\xbfrank"), ("html", b"<!doctype")])
def test_reports_come_in_other_forms(client, query, form, begins):
    client.put(f"/api/cases/{query}/decisions/3", json={"verdict": "keep"})
    parameters = {
        "q": query,
        "form": form,
        "k": 2,
        "explained": True,
        "strategy": "color",
        "crop": "1,1,30,30",
    }
    answer = client.get("/api/report", params=parameters)
    assert answer.status_code == 200
    assert answer.content[: len(begins)].lower() == begins


def test_the_description_names_every_operation_and_the_page_shows_it(client):
    schema = client.get("/api/openapi.json").json()
    assert {"/api/search", "/api/queries", "/api/report", "/api/explain/{logo}"} <= set(
        schema["paths"]
    )
    shown = client.get("/api", headers={"accept": "text/html"}).text
    for path, item in schema["paths"].items():
        assert path in shown
        for operation in item.values():
            assert operation.get("description"), path
    assert "f.COLUMN=VALUE" in json.dumps(schema)
