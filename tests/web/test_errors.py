"""Refusals name an option as each front end calls it, and always have the same form."""

import pytest
from starlette.testclient import TestClient

from .helpers import make_app, png

HX = {"hx-request": "true", "accept": "*/*"}
PICTURE = {"picture": ("new.png", png())}

# Parameters of a search, what the API calls the one to blame, and what stands on the page beside
# its field.
WRONG = [
    ({"where": "colour = red"}, "where", "Where"),
    ({"crop": "0,0,4000,40"}, "crop", "Rectangle"),
    ({"crop": "0,0,4000,40", "strategy": "part"}, "crop", "Rectangle"),
    ({"crop": "1,2,3"}, "crop", "Rectangle"),
    ({"strategy": "guess"}, "strategy", "Compare"),
    ({"strategy": "overall=-1"}, "strategy", "Compare"),
    ({"q": "ab" * 32}, "q", "Picture"),
    ({"q": "nonsense"}, "q", "Picture"),
    ({"like": "one"}, "like", "More like"),
    ({"like": "4000"}, "like", "More like"),
    ({"unlike": "4000"}, "unlike", "Less like"),
    ({"at": "new"}, "at", "Index version"),
    ({"at": "99"}, "at", "Index version"),
    ({"exact": "perhaps"}, "exact", "Compared with every logo"),
    ({"where": "x" * 2001}, "where", "Where"),
    ({"f.owner": "\"'"}, "f.owner", "owner"),
]


@pytest.mark.parametrize(("parameters", "option", "label"), WRONG)
def test_one_wrong_parameter_is_named_by_the_api_and_by_the_page(
    client, query, parameters, option, label
):
    asked = {"q": query, **parameters}
    told = client.get("/api/search", params=asked)
    assert told.status_code == 422
    detail = told.json()["detail"]
    assert set(detail) == {"message", "option"}
    assert detail["option"] == option
    assert detail["message"].startswith(f"{option}: ")
    line = client.get("/", params=asked, headers=HX)
    assert (line.status_code, line.text.startswith(f"<p>{label}: ")) == (422, True), line.text
    shown = client.get(f"/?q={query}").text
    if label not in (
        "Picture",
        "More like",
        "Less like",
        "Index version",
        "Compared with every logo",
        "owner",
    ):
        assert f">{label}<" in shown
    for text in (detail["message"], line.text):
        assert "--" not in text
        assert "marquery " not in text


@pytest.mark.parametrize(
    ("parameters", "option"), [({"k": 0}, "k"), ({"k": 201}, "k"), ({"offset": -1}, "offset")]
)
def test_what_pydantic_refuses_has_the_same_form_and_says_the_value(
    client, query, parameters, option
):
    answer = client.get("/api/search", params={"q": query, **parameters})
    assert answer.status_code == 422
    detail = answer.json()["detail"]
    assert detail["option"] == option
    assert detail["message"].startswith(f"{option}: '{parameters[option]}' cannot be used; input")


def test_a_missing_field_is_named(client):
    detail = client.post("/api/searches", json={"name": "x"}).json()["detail"]
    assert detail == {"message": "query: is missing; give it", "option": "query"}
    assert client.post("/api/queries").json()["detail"]["option"] == "picture"


def test_a_picture_that_cannot_be_read_is_the_pictures_fault(client):
    bad = {"picture": ("bad.png", b"no picture")}
    for path in ("/api/queries", "/api/search"):
        detail = client.post(path, files=bad).json()["detail"]
        assert detail["option"] == "picture"
        assert detail["message"].startswith("picture: bad.png: ")
    line = client.post("/queries", files=bad, headers=HX)
    assert (line.status_code, line.text.startswith("<p>Picture: bad.png: ")) == (422, True)


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
