"""Routes stand above the examiner's part, each limit is written once, an element of the page is two files."""

import ast
import re
from pathlib import Path

import pytest
from fastapi import APIRouter, Request
from jinja2 import ChoiceLoader, DictLoader
from starlette.testclient import TestClient

import marquery.web
from marquery.web import limits
from marquery.web.dependencies import TheService
from marquery.web.rendering import render

from .helpers import make_app, png

WEB = Path(marquery.web.__file__).parent


def imports(file):
    tree = ast.parse(file.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("file", sorted((WEB / "routes").glob("*.py")), ids=lambda f: f.stem)
def test_no_route_imports_a_route(file):
    assert [name for name in imports(file) if name.startswith("marquery.web.routes")] == []


@pytest.mark.parametrize("file", sorted((WEB / "examiner").glob("*.py")), ids=lambda f: f.stem)
def test_the_examiners_part_knows_nothing_of_http(file):
    own = ("marquery.web.examiner", "marquery.web.limits")
    for name in imports(file):
        assert name.split(".")[0] not in ("fastapi", "starlette", "jinja2")
        assert not name.startswith("marquery.web.") or name.startswith(own), name


def test_limits_are_written_once():
    for file in WEB.rglob("*.html"):
        assert not re.search(r'(?:maxlength="|max=")\d{2,}', file.read_text()), file
    numbers = {
        limits.MOST_HITS,
        limits.NAME_LENGTH,
        limits.NOTE_LENGTH,
        limits.PARAMETER_LENGTH,
    }
    for file in WEB.rglob("*.py"):
        if file.name != "limits.py":
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.keyword) and node.arg in ("le", "max_length"):
                    assert not isinstance(node.value, ast.Constant), (file, node.lineno)
                if isinstance(node, ast.Compare):
                    found = {c.value for c in node.comparators if isinstance(c, ast.Constant)}
                    assert not numbers & {n for n in found if isinstance(n, int)}, file


def test_the_page_says_the_limits(visitor, query):
    shown = visitor.get(f"/?q={query}").text
    assert f'maxlength="{limits.NOTE_LENGTH}"' in shown
    assert f'max="{limits.MOST_HITS}"' in shown
    assert f'maxlength="{limits.REFERENCE_LENGTH}"' in shown


def test_an_element_of_the_page_is_a_route_and_a_template(index, tmp_path):
    page = APIRouter(include_in_schema=False)

    @page.get("/proportions/{logo}")
    def proportions(request: Request, logo: int, service: TheService):
        details = service.at().listing.one(logo)
        return render(request, "proportions.html", ratio=details.width / details.height)

    app = make_app(index, tmp_path / "review")
    app.include_router(page)
    templates = app.state.templates
    added = {
        "compare/proportions.html": '<p hx-get="/proportions/{{ entry.id }}" hx-trigger="load"></p>',
        "proportions.html": "<p>{{ '%.2f'|format(ratio) }} : 1</p>",
    }
    templates.loader = ChoiceLoader([DictLoader(added), templates.loader])
    visitor = TestClient(app, base_url="http://127.0.0.1", headers={"accept": "text/html"})
    first = visitor.post("/queries", files={"picture": ("new.png", png())})
    shown = visitor.get(f"{first.url}&hit=4").text
    panel = shown[shown.index('id="compare"') : shown.index('id="grid"')]
    assert '<p hx-get="/proportions/4"' in panel
    assert visitor.get("/proportions/4").text == "<p>1.33 : 1</p>"
