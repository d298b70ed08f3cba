"""The pages without scripts, and the pieces that htmx fetches."""

import html
import re

import pytest

from .helpers import COUNT, png

HX = {"hx-request": "true"}


def hits(text):
    return [int(n) for n in re.findall(r'id="hit-(\d+)"', text)]


def test_an_upload_leads_to_its_hits_and_keeps_pinned_filters(visitor):
    filters = "strategy=color&where=filed > 2003&f.owner=Ada"
    data = {"state": f"/?{filters}&page=3&pin=1"}
    answer = visitor.post("/queries", files={"picture": ("new.png", png())}, data=data)
    kept = "strategy=color&where=filed+%3E+2003&f.owner=Ada&pin=1"
    assert str(answer.url).partition("&")[2] == kept
    data = {"state": f"/?{filters}&page=3"}  # a new picture starts clean otherwise
    clean = visitor.post("/queries", files={"picture": ("new.png", png())}, data=data)
    assert "&" not in str(clean.url)
    assert hits(answer.text)
    assert "new.png" in visitor.get("/").text


def test_what_a_form_sends_is_sent_on_to_its_address(visitor, query):
    answer = visitor.get(f"/?q={query}&crop=&where=&strategy=mix&w.overall=1&w.color=0.5")
    assert answer.history[0].status_code == 303
    assert str(answer.url).endswith(f"/?q={query}&strategy=overall=1,color=0.5")


def test_a_piece_is_the_hits_and_the_counts_with_the_address_to_show(visitor, query):
    whole = visitor.get(f"/?q={query}&f.owner=Ada")
    piece = visitor.get(f"/?q={query}&f.owner=Ada&where=", headers=HX)
    assert piece.headers["hx-push-url"] == f"/?q={query}&f.owner=Ada"
    assert piece.headers["vary"] == "HX-Request"
    assert piece.text.lstrip().startswith('<section id="results"')
    assert '<div id="facets" hx-swap-oob="true">' in piece.text
    assert hits(piece.text) == hits(whole.text)
    back = visitor.get(
        f"/?q={query}&f.owner=Ada", headers={**HX, "hx-history-restore-request": "true"}
    )
    assert back.text.startswith("<!doctype html>")


def test_errors_are_a_page_or_a_line_of_it(visitor, query):
    whole = visitor.get(f"/?q={query}&where=)")
    assert whole.status_code == 422
    assert "<h1>" in whole.text
    line = visitor.get(f"/?q={query}&where=)", headers={**HX, "accept": "*/*"})
    assert line.status_code == 422
    assert line.text.startswith("<p>Where: ")
    assert visitor.get("/nothing").status_code == 404


def test_pages_turn_at_one_version(visitor, query):
    first = visitor.get(f"/?q={query}").text
    second = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    assert "&at=" in second
    turned = visitor.get(second).text
    assert sorted(hits(first) + hits(turned)) == list(range(COUNT))
    assert "25–30 of 30" in turned


def test_decisions_by_a_form_and_in_place(visitor, query):
    state = f"/?q={query}&hit=4"
    shown = visitor.post("/decisions", data={"state": state, "logo": 4, "verdict": "keep"})
    assert 'class="card keep open" id="hit-4"' in shown.text
    assert "1 kept" in shown.text
    piece = visitor.post(
        "/decisions", data={"state": state, "logo": 4, "note": "<b>near</b>"}, headers=HX
    ).text
    assert piece.count('hx-swap-oob="true"') == 3
    assert "&lt;b&gt;near" in piece
    assert 'aria-pressed="true"' in piece
    assert "1 kept" in visitor.get(f"/?q={query}").text
    assert "<td>1</td><td>0</td><td>1</td>" in visitor.get("/review").text
    emptied = visitor.post(
        "/decisions", data={"state": state, "logo": 4, "note": ""}, headers=HX
    ).text
    assert "near" not in emptied
    assert 'aria-pressed="true"' in emptied
    undone = visitor.post(
        "/decisions", data={"state": state, "logo": 4, "verdict": ""}, headers=HX
    ).text
    assert 'aria-pressed="true"' not in undone


def test_side_by_side_shows_both_and_leads_on(visitor, query):
    ranking = hits(visitor.get(f"/?q={query}").text)
    shown = visitor.get(f"/?q={query}&hit={ranking[1]}").text
    panel = shown[shown.index('id="compare"') :]
    assert f'src="/logos/{ranking[1]}/picture' in panel
    assert f"hit={ranking[0]}" in panel
    assert f"hit={ranking[2]}" in panel
    assert visitor.get(f"/?q={query}&hit=4000").status_code == 404


def test_leaning_towards_logos_and_back(visitor, query):
    shown = visitor.get(f"/?q={query}&like=3&unlike=5").text
    assert "More like" in shown
    assert f'href="/?q={query}&amp;unlike=5"' in shown
    alone = visitor.get("/?like=3").text
    assert hits(alone)[0] == 3
    visitor.post("/decisions", data={"state": "/?like=3", "logo": 5, "verdict": "dismiss"})
    assert 'href="/?like=3"' in visitor.get("/review").text


def test_an_indexed_logo_is_searched_for_as_if_uploaded(visitor):
    shown = visitor.post("/logos/6/query", data={"state": "/?f.owner=Ada"})
    assert "f.owner=Ada" in str(shown.url)
    assert "006.png" in shown.text


def test_searches_are_saved_and_the_reviewer_is_remembered(visitor, query):
    visitor.post("/searches", data={"state": f"/?q={query}", "name": "<robots>"})
    shown = visitor.get("/review").text
    assert "&lt;robots&gt;" in shown
    number = re.search(r"/searches/(\d+)/delete", shown)[1]
    visitor.post(f"/searches/{number}/delete")
    assert "robots" not in visitor.get("/review").text
    visitor.post("/reviewer", data={"name": "Zoë; Ada"})
    assert 'value="Zoë; Ada"' in visitor.get("/review").text
    visitor.post("/decisions", data={"state": f"/?q={query}", "logo": 4, "verdict": "keep"})
    told = visitor.get(f"/api/cases/{query}/decisions").json()
    assert told[0]["reviewer"] == "Zoë; Ada"


def test_each_case_leads_back_to_its_search(visitor, query):
    for state in (f"/?q={query}", "/?like=5", "/?strategy=words&words=Café+%26+co"):
        visitor.post("/decisions", data={"state": state, "logo": 4, "verdict": "keep"})
    shown = visitor.get("/review").text
    table = shown[shown.index("<tbody>") : shown.index("</tbody>")]
    places = [html.unescape(place) for place in re.findall(r'href="([^"]+)"', table)]
    assert set(places) == {
        f"/?q={query}",
        "/?like=5",
        "/?strategy=words&words=caf%C3%A9%20%26%20co",
    }
    assert "words “café &amp; co”" in table
    for place in places[:1]:
        assert visitor.get(place).status_code == 200


def test_a_report_is_a_file(visitor, query):
    answer = visitor.post("/report", data={"state": f"/?q={query}", "form": "csv", "hits": 3})
    assert answer.headers["content-disposition"].endswith('filename="new-report.csv"')
    assert answer.text.count("\n") == 4
    visitor.post("/reviewer", data={"name": "Zoë; Ada"})
    shown = visitor.get(f"/?q={query}").text
    assert re.search(r'name="examiner"[^>]*value="Zoë; Ada"', shown), (
        "the remembered name is offered"
    )
    sent = {"state": f"/?q={query}", "form": "json", "reference": " 018 442 ", "examiner": "B. "}
    record = visitor.post("/report", data=sent).json()
    assert (record["reference"], record["examiner"]) == ("018 442", "B.")
    too_long = visitor.post("/report", data={**sent, "examiner": "x" * 121})
    assert too_long.status_code == 422
    assert visitor.post("/report", data={"state": "/", "form": "csv"}).status_code == 422


def test_an_explanation_comes_as_a_piece_with_its_picture(visitor, query):
    piece = visitor.get(f"/explain/3?q={query}").text
    picture = re.search(r'src="([^"]+)"', piece)[1].replace("&amp;", "&")
    assert visitor.get(picture).headers["content-type"] == "image/webp"
    refused = visitor.get("/explain/3?like=4")
    assert "No explanation: Picture: there is no picture" in refused.text
    assert (refused.status_code, refused.headers["hx-retarget"]) == (422, "this")
    assert visitor.get(f"/explain/4000?q={query}").status_code == 404


@pytest.mark.parametrize("path", ["/", "/review", "/status", "/api"])
def test_pages_without_a_search(visitor, path):
    answer = visitor.get(path)
    assert answer.status_code == 200
    assert "30 logos" in answer.text


def test_assets_are_here_whole_and_may_be_kept(visitor):
    for asset in set(re.findall(r'"(/static/[^"]+)"', visitor.get("/").text)):
        answer = visitor.get(asset)
        assert answer.status_code == 200
        assert len(answer.content) > 100
        assert "immutable" in answer.headers["cache-control"]
