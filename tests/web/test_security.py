"""Who may ask, how much, and what a browser may do with the answer."""

import pytest
from starlette.testclient import TestClient

from marquery.web import limits
from marquery.web.addresses import is_loopback

from .helpers import COUNT, HOSTILE, make_app, png

TOKEN = "correct horse battery"


@pytest.fixture
def guarded(index, tmp_path):
    app = make_app(index, tmp_path / "review", TOKEN, "0.0.0.0")
    return TestClient(app, base_url="http://register.example", follow_redirects=False)


@pytest.mark.parametrize("path", ["/", "/status", "/api/status", "/logos/1/thumbnail", "/api"])
def test_with_a_token_nothing_is_told_without_it(guarded, path):
    assert guarded.get(path).status_code == 401
    assert guarded.get(path, headers={"authorization": "Bearer wrong"}).status_code == 401
    assert guarded.get(path, headers={"cookie": "marquery=x"}).status_code == 401
    sent = guarded.get(path, headers={"accept": "text/html"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/login")
    assert guarded.get(path, headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_the_token_is_shown_once_and_the_browser_is_known_until_it_signs_out(guarded):
    page = guarded.get("/login", headers={"accept": "text/html"})
    assert page.status_code == 200
    assert "30 logos" not in page.text
    assert guarded.post("/login", data={"token": "wrong"}).status_code == 403
    answer = guarded.post("/login", data={"token": TOKEN})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert TOKEN not in cookie
    assert guarded.get("/").status_code == 200
    guarded.post("/logout")
    assert guarded.get("/").status_code == 401


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[::1", "]", "["])
def test_without_a_token_only_names_of_this_machine_are_answered(client, host):
    assert client.get("/", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:9", "127.8.8.8:1"])
def test_names_of_this_machine_are(client, host):
    assert client.get("/", headers={"host": host}).status_code == 200


def test_what_is_a_loopback():
    assert is_loopback("::1")
    assert not is_loopback("0.0.0.0")
    assert not is_loopback("localhost.evil.example")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "http://127.0.0.1:8080"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://[::1"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site", "origin": "http://127.0.0.1"}, 403),
        ({"origin": "http://127.0.0.1"}, 303),
        ({"sec-fetch-site": "same-origin"}, 303),
        ({}, 303),
    ],
)
def test_writes_come_from_the_own_pages_or_from_no_page(client, headers, status):
    assert client.post("/reviewer", data={"name": "A"}, headers=headers).status_code == status


def test_too_large_a_request_is_refused_whether_or_not_it_says_so(client, monkeypatch):
    monkeypatch.setattr(limits, "BODY_BYTES", 2**16)
    told = client.post("/api/queries", headers={"content-length": str(2**16 + 1)}, content=b"")
    assert told.status_code == 413

    def pieces():
        yield b'--b\r\ncontent-disposition: form-data; name="picture"; filename="a"\r\n\r\n'
        for _ in range(20):
            yield bytes(2**12)

    sent = client.post(
        "/api/queries",
        content=pieces(),
        headers={"content-type": "multipart/form-data; boundary=b"},
    )
    assert sent.status_code == 413
    assert sent.json()["detail"]["message"].endswith("send less at once")


def test_every_answer_tells_the_browser_to_load_nothing_from_elsewhere(client, query):
    for path in ("/", f"/?q={query}", "/nothing", "/api/status", f"/queries/{query}/picture"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
    page = client.get(f"/?q={query}").text
    assert " style=" not in page
    assert "<script>" not in page
    assert "http" not in page.replace("http-equiv", "").replace('"http://www.w3.org', "")


def test_names_that_would_like_to_be_markup_are_text(visitor, index):
    answer = visitor.post("/queries", files={"picture": ("<b>x.png", png(7))})
    first = answer.text
    assert "<b>x" not in first
    assert "&lt;b&gt;x" in first
    assert "<i>Co</i>" not in first
    logo = next(n for n in range(COUNT) if index.entry(n)["path"].endswith(HOSTILE))
    found = visitor.get(f"/?q={str(answer.url).split('q=')[1]}&hit={logo}").text
    assert HOSTILE not in found
    assert "&lt;img src=x" in found


def test_errors_tell_no_place_on_the_disk(client, index, query):
    root = str(index.path.parent)
    for path in (
        "/api/search?where=)",
        f"/api/search?q={query}&where=)",
        f"/api/search?q={query}&at=99",
        f"/api/search?q={query}&like=4000",
        f"/api/search?q={'ab' * 32}",
        f"/api/search?q={query}&crop=0,0,4000,4000",
        "/api/logos/4000",
        "/logos/4000/picture",
        "/api/logos/x",
    ):
        answer = client.get(path)
        assert 400 <= answer.status_code < 600
        sentence = answer.json()["detail"]["message"]
        assert isinstance(sentence, str)
        assert root not in sentence
        assert "--" not in sentence
    status = client.get("/api/status").text
    assert root not in status


def test_a_failure_inside_is_told_without_its_reason(app, client, monkeypatch):
    def fail(*_):
        raise RuntimeError("/secret/place")

    monkeypatch.setattr(app.state.service, "at", fail)
    answer = client.get("/api/logos/1")
    assert answer.status_code == 500
    assert "secret" not in answer.text
