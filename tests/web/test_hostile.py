"""What a stranger sends is refused with a sentence: no request ends in a failure of the server."""

import json
import threading

import pytest
from starlette.testclient import TestClient

from marquery.index import LogoIndex
from marquery.web import limits

from ..drawings import fill
from ..encoders import tiny_encoder
from .helpers import make_app, png

JSON = {"content-type": "application/json"}
UNKNOWN = ["4000", "-1", str(2**31), str(2**63 - 1), str(2**63), "9" * 30, "9" * 400]
ILL_TYPED = ["x", "1.5", "%00", "1e3"]
OF_A_LOGO = (
    "/api/logos/{}",
    "/logos/{}/thumbnail",
    "/logos/{}/picture",
    "/api/explain/{}?q=QUERY",
    "/explain/{}/picture?q=QUERY",
)
OF_A_VERSION = (
    "/api/logos/1?at={}",
    "/logos/1/thumbnail?at={}",
    "/logos/1/picture?at={}",
)


def check(answer, *statuses):
    assert answer.status_code in statuses, answer.text
    detail = answer.json()["detail"]
    assert set(detail) == {"message", "option"}
    assert len(detail["message"]) < 3000


@pytest.mark.parametrize("place", [*OF_A_LOGO, *OF_A_VERSION])
def test_what_is_not_there_is_not_found_and_what_is_no_number_is_refused(client, query, place):
    for number in UNKNOWN:
        check(client.get(place.format(number).replace("QUERY", query)), 404)
    for text in ILL_TYPED:
        check(client.get(place.format(text).replace("QUERY", query)), 422)


@pytest.mark.parametrize("number", UNKNOWN)
def test_changes_of_what_is_not_there_are_not_found(client, query, number):
    check(client.put(f"/api/cases/{query}/decisions/{number}", json={"verdict": "keep"}), 404)
    check(client.delete(f"/api/searches/{number}"), 404)
    check(client.post(f"/logos/{number}/query", data={"state": "/"}), 404)
    state = {"logo": number, "state": f"/?q={query}", "verdict": "keep"}
    check(client.post("/decisions", data=state), 404)


def test_a_picture_that_is_not_here_is_not_found_and_what_is_no_hash_is_refused(client):
    for place in ("/queries/{}/picture", "/queries/{}/thumbnail"):
        check(client.get(place.format("ab" * 32)), 404)
        for text in ("zz", "ab", "..%2f..", "%00", "AB" * 32):
            check(client.get(place.format(text)), 404, 422)


@pytest.mark.parametrize(
    "body",
    [
        b'{"note": "\\ud800"}',
        b'{"note": "a", "reviewer": "\\udfff"}',
        b'{"\\udfff": 1}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        *(b'{"note": ' + b"[" * deep + b"]" * deep + b"}" for deep in range(500, 1000, 25)),
        b'{"note": NaN}',
        b'{"note": ' + b"1" * 5000 + b"}",
        b"\xff\xfe{}",
        b"",
        b"null",
        json.dumps({"note": "x" * (limits.NOTE_LENGTH + 1)}).encode(),
    ],
    ids=lambda body: f"{body[:20]!r}{len(body)}",
)
def test_a_decision_that_is_none_is_refused_and_nothing_is_stored(client, query, body):
    place = f"/api/cases/{query}/decisions"
    check(client.put(f"{place}/1", content=body, headers=JSON), 400, 422)
    assert client.get(place).json() == []


@pytest.mark.parametrize(
    "tail",
    [
        "&where=" + "(" * 400,
        "&where=" + "not " * 400 + "width=1",
        "&where=nothing = 1",
        "&f.nothing=1",
        "&like=4000",
        "&unlike=4000",
        "&crop=0,0,4000,4000",
        "&f.owner=Ada" * 5000,
        "&at=99",
        "&where=%ED%A0%80",
    ],
    ids=lambda tail: tail[:25],
)
def test_a_search_that_could_not_be_made_is_not_saved(client, query, tail):
    saved = {"name": "x", "query": f"/?q={query}{tail}"}
    check(client.post("/api/searches", json=saved), 404, 422)
    form = {"name": "x", "state": saved["query"]}
    check(client.post("/searches", data=form), 404, 422)
    assert client.get("/api/searches").json() == []


def test_a_search_of_a_picture_that_is_not_here_is_not_saved(client):
    saved = {"name": "x", "query": "/?q=" + "ab" * 32}
    check(client.post("/api/searches", json=saved), 404)


def test_no_more_searches_are_saved_than_may_be(client, query, monkeypatch):
    monkeypatch.setattr("marquery.web.examiner.decisions.SAVED_SEARCHES", 2)
    saved = {"name": "x", "query": f"/?q={query}"}
    for _ in range(2):
        assert client.post("/api/searches", json=saved).status_code == 201
    check(client.post("/api/searches", json=saved), 422)


@pytest.mark.parametrize("length", ["9" * 5000, "9" * 30, "-1", "+1", "1_0", "²", "0x1", "1, 1"])
def test_a_length_that_is_none_or_too_large_is_refused(client, length):
    sent = {"content-length": length.encode()}
    check(client.post("/reviewer", headers=sent, content=b""), 400, 413)


@pytest.mark.parametrize("length", [2**40, 2**63, 10**17])
def test_a_body_over_the_limit_is_too_large(client, length):
    sent = {"content-length": str(length)}
    check(client.post("/api/queries", headers=sent, content=b""), 413)


@pytest.mark.parametrize("place", ["/decisions", "/logos/1/query", "/login", "/reviewer"])
@pytest.mark.parametrize("files", [None, {"other": ("a.png", b"x")}])
def test_a_field_of_a_form_that_is_too_large_is_told_in_our_words(client, place, files):
    answer = client.post(place, data={"state": "a" * 1_100_000, "name": "b" * 10}, files=files)
    check(answer, 413)
    assert answer.json()["detail"]["message"].endswith("larger than 1 MiB; make it shorter")


def test_a_form_that_cannot_be_read_is_told_in_our_words(client):
    kind = {"content-type": "multipart/form-data; boundary=x"}
    for headers, body in (
        ({"content-type": "multipart/form-data"}, b"--x"),
        (kind, b"nothing of the kind"),
        (kind, b"--x\r\nContent-Disposition: form-data\r\n\r\nA\r\n--x--"),
        (kind, b"--x\r\n" + b"\xff: " * 200),
    ):
        answer = client.post("/decisions", content=body, headers=headers)
        check(answer, 400, 422)
        assert "form" in answer.text or "field" in answer.text
    deep = client.post("/api/searches", content=b"[" * 100_000, headers=JSON)
    check(deep, 400)
    assert deep.json()["detail"]["message"].startswith("the body cannot be read; send JSON")
    many = {f"a{number}": "b" for number in range(1200)}
    check(client.post("/decisions", data=many, files={"c": b""}), 413)


def test_pictures_too_large_together_are_refused(client, query, monkeypatch):
    other = client.post("/api/queries", files={"picture": ("b.png", png(4))}).json()["sha256"]
    monkeypatch.setattr(limits, "SEARCH_PIXELS", 64 * 48)
    assert client.get(f"/api/search?q={query}").status_code == 200
    answer = client.get(f"/api/search?q={query}&q={other}")
    check(answer, 422)
    assert answer.json()["detail"]["option"] == "q"


def test_control_characters_do_not_keep_a_report_from_being_printed(client, query):
    asked = f"/api/report?q={query}&form=pdf&k=1&reference=a%00b%1b&examiner=%07"
    answer = client.get(asked)
    assert (answer.status_code, answer.content[:4]) == (200, b"%PDF")


def test_a_method_that_an_address_has_not_is_told_those_that_it_has(client):
    for path, allowed in {
        "/api/search": "GET, POST",
        "/api/searches": "GET, POST",
        "/api/status": "GET",
        "/static/x.js": "GET, HEAD",
    }.items():
        answer = client.patch(path)
        check(answer, 405)
        assert answer.headers["allow"] == allowed


class Held:
    """A queue of the service that is full, with its only place taken."""

    def __init__(self, gate):
        self.gate = gate
        self.end = threading.Event()
        self.entered = threading.Event()

    def __enter__(self):
        self.gate._most = 0
        self.gate._free = min(self.gate._free, 1)
        self.thread = threading.Thread(target=self.hold)
        self.thread.start()
        self.entered.wait(10)

    def hold(self):
        with self.gate:
            self.entered.set()
            self.end.wait(30)

    def __exit__(self, *_):
        self.end.set()
        self.thread.join(10)


@pytest.mark.parametrize(
    ("queue", "asked"),
    [
        ("searching", "/api/search?q={}"),
        ("_explaining", "/api/explain/3?q={}"),
        ("reporting", "/api/report?q={}&form=csv"),
        ("reading", "/logos/3/picture"),
    ],
)
def test_a_full_queue_is_told_and_the_other_work_goes_on(app, client, query, queue, asked):
    with Held(getattr(app.state.service, queue)):
        busy = client.get(asked.format(query))
        check(busy, 503)
        assert int(busy.headers["retry-after"]) >= 1
        page = client.get(asked.format(query), headers={"accept": "text/html"})
        assert (page.status_code, "retry-after" in page.headers) == (503, True)
        for kind, other in {
            "searching": "/api/search?q={}&k=5",
            "_explaining": "/api/explain/4?q={}",
            "reading": "/logos/4/picture",
        }.items():
            if kind != queue and (queue, kind) != ("reading", "searching"):
                assert client.get(other.format(query)).status_code == 200, other
        assert client.get("/logos/4/thumbnail").status_code == 200
    assert client.get(asked.format(query)).status_code == 200


def test_a_picture_that_had_to_wait_for_too_long_is_not_kept(app, client):
    with Held(app.state.service.reading):
        check(client.post("/api/queries", files={"picture": ("b.png", png(9))}), 503)
    assert not list(app.state.service.uploads.files())
    sent = client.post("/api/queries", files={"picture": ("b.png", png(9))})
    assert sent.status_code == 201


def test_a_search_that_is_put_off_is_so_before_its_picture_is_read(app, client):
    with Held(app.state.service.searching):
        check(client.post("/api/search", files={"picture": ("b.png", png(9))}), 503)
        check(client.post("/api/search", files={"picture": ("b.png", b"none")}), 503)
    assert not list(app.state.service.uploads.files())
    sent = client.post("/api/search", files={"picture": ("b.png", png(9))})
    assert sent.status_code == 200


def test_more_requests_than_may_be_open_are_put_off(client, monkeypatch):
    monkeypatch.setattr(limits, "OPEN_REQUESTS", 0)
    busy = client.get("/api/status")
    check(busy, 503)
    assert int(busy.headers["retry-after"]) >= 1


def test_an_index_that_is_being_replaced_is_asked_again_later(tmp_path):
    index = LogoIndex.create(tmp_path / "idx", tiny_encoder(), words=False)
    index.add(fill(tmp_path / "logos", range(3)))
    client = TestClient(make_app(index, tmp_path / "review"), base_url="http://127.0.0.1")
    sent = {"files": {"picture": ("a.png", png(1))}}
    assert client.post("/api/search", **sent).status_code == 200
    for content in (b"half", None):
        file = tmp_path / "idx" / "index.json"
        file.unlink() if content is None else file.write_bytes(content)
        answer = client.post("/api/search", files={"picture": ("a.png", png(2))})
        check(answer, 503)
        assert int(answer.headers["retry-after"]) > 0
        assert str(tmp_path) not in answer.text
