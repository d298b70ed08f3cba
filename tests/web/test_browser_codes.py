"""Codes in a real browser: a tree that opens in place, found codes, suggestions that filter."""

import re

import pytest

from .conftest import CHROMIUM
from .helpers import png
from .test_browser import ask, settled

pytest.importorskip(
    "pytest_playwright", reason="needs pytest-playwright: pip install 'marquery[dev]'"
)
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="needs a browser: apt-get install chromium (.ci/run does)"
)


@pytest.fixture
def bench(desk, served_office):
    """The page of the register, with the hits of a picture."""
    desk.goto(served_office)
    ask(desk, png())
    desk.wait_for_selector("#suggested-title")
    return desk


def test_a_suggested_code_filters_with_one_click_and_another_takes_it_back(bench):
    first = bench.locator("#suggested-vienna-1 .code").inner_text()
    votes = bench.locator(".votes tr:has(#suggested-vienna-1) td").first.inner_text()
    assert re.fullmatch(r"\d+.%", votes)
    settled(bench, lambda: bench.click("#suggested-vienna-1"))
    assert f"f.vienna={first}" in bench.url
    assert first in bench.inner_text(".chips")
    bench.wait_for_selector("#suggested-vienna-1[aria-current]")
    bench.wait_for_function("document.activeElement !== document.body")
    settled(bench, lambda: bench.click("#suggested-vienna-1"))
    assert "f.vienna" not in bench.url


def test_the_page_says_that_it_searches_for_a_suggested_code_and_not_for_what_is_aside(bench):
    bench.evaluate("""() => {
      window.searched = [];
      document.addEventListener("htmx:beforeSend", (event) => {
        if (event.target.id) searched.push([event.target.id, document.body.matches(".searching")]);
      });
    }""")
    settled(bench, lambda: bench.click("#suggested-vienna-1"))
    bench.wait_for_selector("#suggested-vienna-1[aria-current]")
    bench.click("#at-below-vienna-01")
    bench.wait_for_selector("#below-vienna-01 li")
    searched = dict(bench.evaluate("searched"))
    assert searched == {"suggested-vienna-1": True, "at-below-vienna-01": False}


def test_branches_open_in_place_and_stay_open(bench):
    assert bench.get_attribute("#at-below-vienna-01", "aria-expanded") == "false"
    bench.focus("#at-below-vienna-01")
    bench.keyboard.press("Enter")
    bench.wait_for_selector("#below-vienna-01 li")
    assert bench.evaluate("document.activeElement.id") == "at-below-vienna-01"
    settled(bench, lambda: bench.check('[name="f.vienna"][value="05.*"]'))
    bench.wait_for_selector("#below-vienna-01 li")  # though nothing of it is chosen
    settled(bench, lambda: bench.check('[name="f.vienna"][value="01.15.*"]'))
    assert set(re.findall(r"f\.vienna=([\d.]+)", bench.url)) == {"01.15.", "05."}
    assert "Fire, smoke and clouds" in bench.inner_text(".chips")
    bench.click("#at-below-vienna-01")  # closed, and what is chosen in it stays so
    assert not bench.is_visible("#below-vienna-01 li")
    settled(bench, lambda: bench.uncheck('[name="f.vienna"][value="05.*"]'))
    assert set(re.findall(r"f\.vienna=([\d.]+)", bench.url)) == {"01.15."}


def test_codes_are_found_by_name_and_earlier_choices_stay(bench):
    settled(bench, lambda: bench.check('[name="f.vienna"][value="05.*"]'))
    settled(bench, lambda: bench.locator("#find-vienna").press_sequentially("circ"))
    bench.wait_for_selector('[name="f.vienna"][value="26.01.*"]')
    before = bench.url
    bench.press("#find-vienna", "Tab")  # what was typed changes no search
    assert bench.url == before
    settled(bench, lambda: bench.check('[name="f.vienna"][value="26.01.*"]'))
    assert set(re.findall(r"f\.vienna=([\d.]+)", bench.url)) == {"05.", "26.01."}
    settled(bench, lambda: bench.get_by_label(re.compile("^5 Medicines")).check())
    assert "f.nice=5" in bench.url


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_codes_are_accessible_also_on_a_phone(bench, served_office, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-core")
    bench.emulate_media(color_scheme=scheme)
    bench.click("#at-below-vienna-01")
    bench.wait_for_selector("#below-vienna-01 li")
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    for address in (None, "/codes/vienna?of=01", "/codes/nice?find=food", "/suggestions?like=3"):
        if address is not None:
            bench.goto(served_office + address)
        found = axe.Axe().run(bench, options=rules).response["violations"]
        serious = [
            (v["id"], [n["html"][:120] for n in v["nodes"]])
            for v in found
            if v["impact"] in ("serious", "critical")
        ]
        assert serious == [], address
        bench.set_viewport_size({"width": 390, "height": 844})
        assert bench.evaluate("document.documentElement.scrollWidth") <= 390, address
        bench.set_viewport_size({"width": 1280, "height": 900})
