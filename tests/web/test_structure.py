"""Routes stand above the examiner's part, each limit is written once, an element of the page is two
files.
"""

import ast
import re
import sys
from pathlib import Path

import pytest
from jinja2 import ChoiceLoader, DictLoader
from starlette.testclient import TestClient

import marquery.web
from marquery.web import limits, routes

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


def written(kind):
    """The content of the file that docs/web.md shows for a new element."""
    text = (Path(__file__).parents[2] / "docs/web.md").read_text()
    return re.search(rf"```{kind}\n(?:#|{{#) marquery/web/.+?\n(.+?)```", text, re.DOTALL)[1]


def test_an_element_of_the_page_is_a_route_and_a_template(index, tmp_path):
    """The example of the docs, as if its two files lay in the package."""
    module = {}
    exec(written("python"), module)
    template = written("html")
    app = make_app(index, tmp_path / "review")
    app.include_router(module["page"])
    templates = app.state.templates
    added = DictLoader({"compare/proportions.html": template})
    templates.loader = ChoiceLoader([added, templates.loader])
    visitor = TestClient(app, base_url="http://127.0.0.1", headers={"accept": "text/html"})
    first = visitor.post("/queries", files={"picture": ("new.png", png())})
    shown = visitor.get(f"{first.url}&hit=4").text
    panel = shown[shown.index('id="compare"') : shown.index('id="grid"')]
    assert '<p hx-get="/proportions/4"' in panel
    assert visitor.get("/proportions/4").text.strip() == "<p>1.33 : 1</p>"


def test_a_file_among_the_routes_is_found_by_itself(tmp_path, monkeypatch):
    (tmp_path / "proportions.py").write_text(written("python"))
    before = len(routes.all_routers())
    monkeypatch.setattr(routes, "__path__", [*routes.__path__, str(tmp_path)])
    try:
        added = routes.all_routers()
    finally:
        sys.modules.pop("marquery.web.routes.proportions", None)
    assert len(added) == before + 1
    assert any(r.path == "/proportions/{logo}" for router in added for r in router.routes)
