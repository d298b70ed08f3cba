"""Which words are like the query's is said where the index takes words from a column."""

from starlette.testclient import TestClient

from marquery.index import LogoIndex

from .helpers import make_app

LOCAL = "http://127.0.0.1"


def test_page_and_api_say_which_words_are_like_the_query(index, tmp_path):
    opened = LogoIndex.open(index.path, words_from="name")
    app = make_app(opened, tmp_path / "review")
    asked = {"words": "mark 17", "strategy": "words", "k": 1}
    (hit,) = TestClient(app, base_url=LOCAL).get("/api/search", params=asked).json()["hits"]
    assert (hit["register_words"], hit["words_by"]) == ("mark 17", "register")
    page = TestClient(app, base_url=LOCAL, headers={"accept": "text/html"})
    shown = page.get("/", params={"words": "mark 17", "strategy": "words", "hit": hit["id"]}).text
    assert "words of the name: <bdi>mark 17</bdi>" in shown
    assert "Like the query’s words" in shown
    # Without such a column nobody is told.
    plainly = TestClient(make_app(index, tmp_path / "plain"), base_url=LOCAL)
    assert "Like the query’s words" not in plainly.get("/", params={"hit": hit["id"]}).text
