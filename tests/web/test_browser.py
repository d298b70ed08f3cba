"""The page in a real browser."""

import base64
import json
import re

import pytest

from .conftest import CHROMIUM
from .helpers import COUNT, owner_of, png, wide_png

pytest.importorskip(
    "pytest_playwright", reason="needs pytest-playwright: pip install 'marquery[dev]'"
)
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="needs a browser: apt-get install chromium (.ci/run does)"
)

# A file among what a mouse or the clipboard carries.
CARRY = """([data, kind]) => {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], "carried.png", { type: "image/png" }));
  const names = { drop: "dataTransfer", paste: "clipboardData" };
  const make = kind === "drop" ? DragEvent : ClipboardEvent;
  const event = new make(kind, { [names[kind]]: carried, bubbles: true, cancelable: true });
  document.body.dispatchEvent(event);
}"""


def ask(desk, data=None):
    """Search for a picture by choosing its file."""
    file = {"name": "new.png", "mimeType": "image/png", "buffer": data or png()}
    desk.set_input_files("#picture", file)
    desk.wait_for_selector("#results")
    desk.wait_for_selector(".crop-area.ready")


def ranks(desk):
    return [int(t) for t in desk.locator("#grid .rank").all_inner_texts()]


def settled(desk, change):
    """Do something and wait until the hits were exchanged."""

    def answers(response):
        # Suggested codes come by themselves after each search.
        asked = response.request
        return asked.headers.get("hx-request") == "true" and "/suggestions" not in asked.url

    with desk.expect_response(answers):
        change()
    desk.wait_for_selector("body:not(.searching)")


@pytest.mark.parametrize("kind", ["drop", "paste"])
def test_a_picture_dropped_or_pasted_is_searched_for(desk, kind):
    desk.evaluate(CARRY, [base64.b64encode(png()).decode(), kind])
    desk.wait_for_selector("#results")
    assert desk.locator(".card .title").first.inner_text() == "1 mark 3"
    assert desk.locator("#query-picture").get_attribute("alt") == "Query: carried.png"


def test_a_rectangle_is_drawn_and_stays_after_a_reload(desk):
    ask(desk, wide_png())
    box = desk.locator(".cropper-canvas").bounding_box()
    scale = box["width"] / 140

    def draw():
        desk.mouse.move(box["x"] + 4 * scale, box["y"] + 6 * scale)
        desk.mouse.down()
        desk.mouse.move(box["x"] + 68 * scale, box["y"] + 54 * scale, steps=60)
        desk.mouse.up()

    settled(desk, draw)
    drawn = [int(v) for v in desk.input_value("#crop").split(",")]
    assert drawn == pytest.approx([4, 6, 64, 48], abs=2)
    assert desk.is_checked("#s-part")
    assert "crop=" in desk.url
    assert desk.locator(".card .title").first.inner_text() == "1 mark 5"
    desk.reload()
    desk.wait_for_selector(".crop-area.ready")
    assert [int(v) for v in desk.input_value("#crop").split(",")] == drawn
    assert desk.locator(".cropper-crop-box").bounding_box()["width"] == pytest.approx(
        drawn[2] * scale, abs=2
    )
    settled(desk, lambda: desk.click("#uncrop"))
    assert "crop=" not in desk.url
    assert desk.is_checked("#s-auto")


def test_filters_narrow_counts_follow_and_the_back_button_undoes(desk):
    ask(desk)
    before = desk.url
    settled(desk, lambda: desk.get_by_label(re.compile("^Ada")).check())
    assert "f.owner=Ada" in desk.url
    hers = [n for n in range(COUNT) if owner_of(n) == "Ada"]
    assert desk.locator("h1").inner_text() == f"1–{len(hers)} of {len(hers)} logos"
    assert desk.evaluate("document.activeElement.id") == "f-owner-Ada"
    desk.fill("#where", "filed < 2010")
    settled(desk, lambda: desk.press("#where", "Enter"))
    assert f"of {sum(n < 10 for n in hers)} logos" in desk.locator("h1").inner_text()
    desk.go_back()
    desk.wait_for_selector(f"h1:has-text('of {len(hers)} logos')")
    assert desk.is_checked("#f-owner-Ada")
    assert desk.input_value("#where") == ""
    desk.go_back()
    desk.wait_for_selector(f"h1:has-text('of {COUNT} logos')")
    assert desk.url == before


def test_a_filter_that_cannot_be_read_is_told_and_the_hits_stay(desk):
    ask(desk)
    desk.fill("#where", "colour = red")
    settled(desk, lambda: desk.press("#where", "Enter"))
    assert "no column 'colour'" in desk.locator("#message").inner_text()
    assert len(ranks(desk)) == 24


def test_a_refusal_told_as_json_is_shown_as_its_sentence(desk):
    ask(desk)
    detail = {"message": "the request is over 21 MiB; <b>send less</b>", "option": None}
    desk.route("**/?q=*", lambda route: route.fulfill(status=422, json={"detail": detail}))
    settled(desk, lambda: desk.click("#s-color"))
    assert desk.locator("#message").inner_text() == detail["message"]
    assert len(ranks(desk)) == 24


def test_pages_turn_in_place_and_with_a_mix(desk):
    ask(desk)
    settled(desk, lambda: desk.click("#s-mix"))
    settled(desk, lambda: desk.locator("#w-color").press("ArrowRight"))
    assert re.search(r"strategy=auto=[\d.]+,color=0\.1", desk.url)
    settled(desk, lambda: desk.click("a[rel=next]"))
    assert ranks(desk) == list(range(25, COUNT + 1))
    assert "page=2" in desk.url


def test_hits_are_kept_dismissed_and_noted_with_the_mouse(desk):
    ask(desk)
    settled(desk, lambda: desk.locator(".card .keep").first.click())
    assert "1 kept" in desk.locator("#tally").inner_text()
    settled(desk, lambda: desk.locator(".card .dismiss").nth(1).click())
    desk.locator(".card .menu summary").first.click()
    desk.locator(".card textarea").first.fill("the same disc")
    settled(desk, lambda: desk.locator(".card .note button").first.click())
    desk.reload()
    assert desk.locator(".card.keep .said").inner_text() == "the same disc"
    assert desk.locator(".card.dismiss .rank").inner_text() == "2"
    settled(desk, lambda: desk.locator(".card .keep").first.click())
    assert "0 kept" in desk.locator("#tally").inner_text()


def test_hits_are_reviewed_with_the_keyboard_alone(desk):
    ask(desk, png(11))
    desk.locator(".card .look").first.focus()
    desk.keyboard.press("ArrowRight")
    settled(desk, lambda: desk.keyboard.press("k"))
    assert desk.locator(".card.keep .rank").inner_text() == "2"
    desk.keyboard.press("ArrowRight")
    settled(desk, lambda: desk.keyboard.press("d"))
    assert desk.locator(".card.dismiss .rank").inner_text() == "3"
    settled(desk, lambda: desk.keyboard.press("Enter"))
    desk.wait_for_selector("#compare:focus")
    settled(desk, lambda: desk.keyboard.press("ArrowLeft"))
    assert desk.locator("#compare .rank").inner_text() == "2"
    desk.keyboard.press("n")
    desk.keyboard.type("kept")
    desk.keyboard.press("Tab")
    settled(desk, lambda: desk.keyboard.press("Enter"))
    assert desk.locator(".card.keep .said").inner_text() == "kept"
    settled(desk, lambda: desk.keyboard.press("Escape"))
    desk.wait_for_selector(".look:focus")
    assert "hit=" not in desk.url


def test_both_pictures_grow_together_and_the_explanation_comes(desk):
    ask(desk)
    settled(desk, lambda: desk.locator(".look").nth(1).click())
    desk.wait_for_selector(".explained img")
    desk.click("[data-zoom=in]")
    grown = desk.eval_on_selector_all(".pane > img", "all => all.map((e) => e.style.transform)")
    assert len(grown) == 2
    assert set(grown) == {"translate(0%, 0%) scale(1.5)"}


def test_why_there_is_no_explanation_stands_where_it_would(desk):
    ask(desk)
    beyond = "&crop=0,0,4000,4000"
    desk.route("**/explain/*", lambda route: route.continue_(url=route.request.url + beyond))
    settled(desk, lambda: desk.locator(".look").nth(1).click())
    desk.wait_for_selector("#explanation:has-text('No explanation: Rectangle')")
    assert desk.locator("#message").inner_text() == ""
    assert len(ranks(desk)) == 24


def test_more_like_a_hit(desk):
    ask(desk)
    desk.locator(".card .look").nth(2).focus()
    with desk.expect_navigation():
        desk.keyboard.press("m")
    assert "like=" in desk.url
    assert "More like" in desk.locator(".leaning").inner_text()


def test_hits_are_ticked_dismissed_and_the_undo_takes_it_back(desk):
    ask(desk, png(12))
    desk.locator(".card .look").first.focus()
    desk.keyboard.press("x")
    desk.locator(".card .tick").nth(2).check()
    assert desk.inner_text("#ticked") == "2 ticked"
    settled(desk, lambda: desk.click("#bulk-dismiss"))
    assert desk.locator(".card.dismiss").count() == 2
    assert "2 logos dismissed" in desk.inner_text(".toast")
    assert desk.evaluate("document.activeElement.tagName") != "BODY"
    settled(desk, lambda: desk.click("#undo"))
    assert desk.locator(".card.dismiss").count() == 0
    assert desk.is_disabled("#bulk-dismiss")


def test_the_focus_is_never_lost(desk):
    ask(desk, png(13))
    desk.locator(".card .menu summary").nth(1).click()
    desk.locator(".card textarea").nth(1).fill("near")
    settled(desk, lambda: desk.locator(".card .note button").nth(1).click())
    desk.wait_for_function("document.activeElement.closest('.card')")
    logo = desk.evaluate("document.activeElement.closest('.card').id")
    assert desk.locator(f"#{logo} .said").inner_text() == "near"
    settled(desk, lambda: desk.locator(".card .keep").first.click())
    desk.wait_for_function("document.activeElement.matches('.keep')")
    settled(desk, lambda: desk.click("a[rel=next]"))
    desk.wait_for_function("document.activeElement !== document.body")
    desk.keyboard.press("Tab")


def test_another_examiner_s_decision_is_not_overwritten(desk, served):
    ask(desk, png(14))
    card = desk.locator(".card").nth(1)
    logo = card.get_attribute("id").removeprefix("hit-")
    case = re.search(r"q=(\w+)", desk.url)[1]
    body = {"verdict": "dismiss", "reviewer": "Bo"}
    desk.request.put(f"{served}/api/cases/{case}/decisions/{logo}", data=body)
    settled(desk, lambda: card.locator("button.keep").click())
    assert "Bo dismissed it" in desk.inner_text("#message")
    assert "dismiss" in desk.locator(".card").nth(1).get_attribute("class")
    settled(desk, lambda: desk.locator(".card").nth(1).locator("button.keep").click())
    assert "keep" in desk.locator(".card").nth(1).get_attribute("class")


def test_the_report_is_downloaded(desk):
    ask(desk)
    settled(desk, lambda: desk.locator(".card .keep").nth(3).click())
    desk.click("#menu-report summary")
    desk.select_option("#report-form", "json")
    with desk.expect_download() as download:
        desk.click("#menu-report button")
    record = json.loads(download.value.path().read_text())
    assert len(record["hits"]) == 24
    assert [d["verdict"] for d in record["decisions"].values()].count("keep") >= 1


def test_a_search_is_saved_and_opened_again(desk):
    ask(desk)
    settled(desk, lambda: desk.click("#s-color"))
    asked = desk.url
    desk.click("#menu-save summary")
    desk.fill("#save-name", "by colours")
    with desk.expect_navigation():
        desk.click("#menu-save button")
    desk.click("nav >> text=Reviews")
    desk.click("text=by colours")
    assert desk.url == asked


def test_marks_are_looked_up_sorted_and_laid_out_without_a_picture(desk):
    desk.fill("#by-owner", "ada")
    with desk.expect_navigation():
        desk.click(".lookup button")
    hers = [n for n in range(COUNT) if owner_of(n) == "Ada"]
    assert desk.locator("h1").inner_text() == f"1–{len(hers)} of {len(hers)} logos"
    settled(desk, lambda: desk.select_option("#view-sort", "-filed"))
    years = [2000 + n for n in reversed(hers)]
    shown = desk.locator(".card .fields div:has-text('filed') dd").all_inner_texts()
    assert [int(year) for year in shown] == years
    settled(desk, lambda: desk.select_option("#view-rows", "1"))
    assert "rows=1" in desk.url
    assert "sort=-filed" in desk.url
    boxes = [card.bounding_box() for card in desk.locator(".card").all()[:3]]
    assert len({box["x"] for box in boxes}) == 1
    settled(desk, lambda: desk.click("#chip-where"))
    assert f"of {COUNT} logos" in desk.locator("h1").inner_text()
    assert desk.input_value("#where") == ""
    desk.set_viewport_size({"width": 390, "height": 844})
    assert desk.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_link_skips_to_the_hits_and_print_holds_them_alone(desk):
    ask(desk)
    desk.reload()
    desk.keyboard.press("Tab")
    assert desk.evaluate("document.activeElement.textContent") == "To the hits"
    desk.keyboard.press("Enter")
    desk.wait_for_function("document.activeElement.id === 'results-title'")
    desk.emulate_media(media="print")
    shown = {name: desk.locator(name).first.is_visible() for name in (".card", ".fields")}
    assert shown == {".card": True, ".fields": True}
    for name in (".tools", ".bulk", ".actions", "#upload", ".pager", ".bar nav"):
        assert not desk.locator(name).first.is_visible(), name


def test_moments_are_told_in_the_reader_s_own_time(page, served):
    context = page.context.browser.new_context(timezone_id="Asia/Tokyo", locale="de-DE")
    here = context.new_page()
    here.goto(served)
    ask(here, png(17))
    settled(here, lambda: here.locator(".card .keep").first.click())
    here.goto(f"{served}/review")
    moment = here.locator("table time").first
    utc = moment.get_attribute("datetime")
    hour = (int(utc[11:13]) + 9) % 24
    assert f"{hour:02d}:{utc[14:16]}" in moment.inner_text()
    context.close()


def test_a_queue_is_uploaded_with_progress_and_begun(desk, served):
    desk.goto(f"{served}/review")
    desk.fill("#queue-name", "week 47")
    files = [{"name": f"{n}.png", "mimeType": "image/png", "buffer": png(30 + n)} for n in range(3)]
    desk.set_input_files("#queue-pictures", files)
    desk.click("#queue-form button")
    desk.wait_for_url("**/queues/*")
    assert "0 of 3 cases are done" in desk.inner_text("main")
    desk.click("a.button")
    desk.wait_for_selector(".queue-bar")
    with desk.expect_navigation():
        desk.click(".queue-bar form button")
    assert "case 2 of 3, 1 done" in desk.inner_text(".queue-bar")


def test_the_chosen_theme_stays(desk):
    desk.select_option("#theme", "dark")
    desk.reload()
    assert desk.input_value("#theme") == "dark"
    assert desk.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 23, 26)"


def test_a_phone_shows_everything_without_scrolling_sideways(desk):
    desk.set_viewport_size({"width": 390, "height": 844})
    ask(desk)
    settled(desk, lambda: desk.locator(".look").first.click())
    for path in ("", "/review", "/status", "/api"):
        if path:
            desk.goto(desk.url.split("/?")[0].split("/review")[0].split("/status")[0] + path)
        assert desk.evaluate("document.documentElement.scrollWidth") <= 390, path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(desk, served, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-core")
    desk.emulate_media(color_scheme=scheme)
    ask(desk)
    settled(desk, lambda: desk.locator(".look").first.click())
    desk.wait_for_selector(".explained img")
    searched = desk.url
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    case = searched.replace("/?", "/case?")
    pages = ("/review", "/status", "/login", "/?sort=filed&rows=1&size=48")
    for address in (searched, served, case, *(served + page for page in pages)):
        if address != searched:
            desk.goto(address)
        found = axe.Axe().run(desk, options=rules).response["violations"]
        serious = [
            (v["id"], [n["html"][:120] for n in v["nodes"]])
            for v in found
            if v["impact"] in ("serious", "critical")
        ]
        assert serious == [], address
