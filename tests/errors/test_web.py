"""Refusals name an option as each front end calls it, and always have the same form."""

from html import unescape

import pytest
from starlette.testclient import TestClient

from ..web.helpers import make_app, png
from .web_cases import WEB_CASES

PICTURE = {"picture": ("new.png", png())}

# Labels that stand on the page only where something has gone that far.
ELSEWHERE = {"Picture", "More like", "Less like", "Index version", "Compared with every logo"}


@pytest.mark.parametrize("case", WEB_CASES, ids=lambda case: case.id[:80])
def test_a_wrong_request_is_told_what_is_wrong_and_what_to_do(web_outcome, case):
    answer = web_outcome(case)
    assert answer.status == case.status, answer.text
    said = unescape(answer.text)
    if case.is_api:
        assert answer.option == case.option
    else:
        assert said.startswith("<p>"), said
        said = said.removeprefix("<p>").removesuffix("</p>")
    if case.option is not None:
        option, _, said = said.partition(": ")
        assert option == case.option, answer.text
    assert case.problem
    assert case.remedy
    _, found, tail = said.partition(case.problem)
    assert found, answer.text
    assert case.remedy in tail.partition("; ")[2], answer.text
    for word in ("--", "marquery ", "lambda"):
        assert word not in answer.text


@pytest.mark.parametrize("label", sorted({c.option for c in WEB_CASES if c.asked == "GET /"}))
def test_the_page_names_what_stands_on_it(client, query, label):
    shown = client.get(f"/?q={query}").text
    assert label in ELSEWHERE | {"owner", "paint"} or f">{label}<" in shown


def test_a_missing_field_is_named(client):
    detail = client.post("/api/searches", json={"name": "x"}).json()["detail"]
    assert detail == {"message": "query: is missing; give it", "option": "query"}
    assert client.post("/api/queries").json()["detail"]["option"] == "picture"


def test_every_refusal_has_a_message_and_an_option(client, app, index, tmp_path):
    def fail(*_):
        raise RuntimeError("broken")

    def check(answer, status):
        assert answer.status_code == status
        detail = answer.json()["detail"]
        assert set(detail) == {"message", "option"}
        assert isinstance(detail["message"], str)
        assert detail["option"] is None

    guarded = TestClient(
        make_app(index, tmp_path / "guarded", "a long enough token", "0.0.0.0"),
        base_url="http://register.example",
    )
    check(client.get("/api/status", headers={"content-length": "x"}), 400)
    check(guarded.get("/api/status"), 401)
    check(client.post("/api/searches", headers={"origin": "http://evil.example"}), 403)
    check(client.get("/api/logos/4000"), 404)
    check(client.get("/api/nothing"), 404)
    check(client.delete("/api/search"), 405)
    check(client.post("/api/searches", headers={"content-length": str(2**30)}), 413)
    check(client.get("/api/status", headers={"host": "evil.example"}), 421)
    app.state.service.at = fail
    check(client.get("/api/logos/1"), 500)


def test_the_description_documents_refusals(client):
    schema = client.get("/api/openapi.json").json()
    for path, item in schema["paths"].items():
        for operation in item.values():
            for status in ("400", "401", "403", "404", "413", "421", "422", "500", "503"):
                content = operation["responses"][status]["content"]["application/json"]
                assert content["schema"]["$ref"].endswith("/ErrorOut"), path
    error = schema["components"]["schemas"]["ErrorOut"]
    detail = schema["components"]["schemas"]["ErrorDetail"]
    assert error["properties"]["detail"]["$ref"].endswith("/ErrorDetail")
    assert set(detail["required"]) == {"message", "option"}


def test_search_parameters_are_described_once_for_all_that_take_them(client):
    paths = client.get("/api/openapi.json").json()["paths"]
    names = ["q", "crop", "strategy", "words", "where", "like", "unlike", "exact", "at"]
    for path in ("/api/search", "/api/report", "/api/explain/{logo}"):
        told = {p["name"]: p for p in paths[path]["get"]["parameters"]}
        assert [name for name in told if name in names] == names
        assert all(told[name]["description"] for name in names), path


def test_a_form_takes_every_parameter_of_a_search(client, index):
    data = {"k": 3, "offset": 1, "f.owner": ["Ada", ""], "where": "filed < 2020", "exact": "1"}
    told = client.post("/api/search", files=PICTURE, data=data).json()
    query = told["case"]
    same = client.get("/api/search", params={"q": query, **data}).json()
    assert [h["id"] for h in told["hits"]] == [h["id"] for h in same["hits"]]
    assert told["query"] == same["query"]
    assert told["hits"][0]["rank"] == 2
    assert len(told["hits"]) == 3
