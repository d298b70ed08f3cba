"""The pages that the site's reference is written from the code."""

import importlib
import re
from pathlib import Path

import pytest
import typer

from marquery.cli.app import app
from marquery.training import Recipe
from marquery.training.augment_steps import step_models

ROOT = Path(__file__).parents[2]


@pytest.fixture
def tool(monkeypatch):
    """A file of tools/site, which finds those beside it."""
    monkeypatch.syspath_prepend(ROOT / "tools" / "site")
    return importlib.import_module


@pytest.fixture
def reference(tool):
    return tool("reference")


@pytest.fixture
def recipes(tool):
    return tool("recipe_reference").recipes()


def sections(page):
    return dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))


def test_every_command_has_its_section_with_its_options(reference):
    found = sections(reference.command_line())
    commands = typer.main.get_command(app).commands
    names = {
        f"marquery {name} {inner}".rstrip()
        for name, command in commands.items()
        for inner in getattr(command, "commands", {"": None})
    }
    assert set(found) == names
    assert "--where" in found["marquery search"]
    assert "marquery search" in found["marquery search"]
    assert "| `--k" not in found["marquery search"]


def test_every_key_of_a_recipe_is_told(recipes):
    found = sections(recipes)
    for name in Recipe.model_fields:
        assert f"| `{name}` |" in found["The recipe"]
    assert "Images a batch." in found["batch: Batch"]
    assert "| `temperature` |" in found["loss: smoothap"]
    assert {"loss: smoothap", "loss: triplet"} <= set(found)


def test_values_of_a_recipe_are_told_in_words(recipes):
    assert "| `seed` | whole number, ≥ 0 | `1` | Seed" in recipes
    assert "| `labels` | `folders` or `file` | `folders` |" in recipes
    assert "| `start` | text, list of text or `null` | `null` |" in recipes
    assert "| `freeze_batchnorm` | `true` or `false` | `true` |" in recipes
    assert "| `micro` | `auto` or whole number, ≥ 1 | `auto` |" in recipes
    assert not re.search(r"Union|Annotated|FieldInfo|Literal|NoneType|``", recipes)


def test_every_step_of_augmentation_is_told_with_its_options(recipes):
    for name, model in step_models().items():
        told = recipes.partition(f"### op: {name}\n")[2].partition("\n#")[0]
        assert told.count("\n| `") == len(model.model_fields)
        assert "|  |\n" not in told, name


def test_options_with_a_choice_show_no_stroke(reference):
    assert "&lt;color&#124;foreground>" in reference.command_line()
    assert "<list" not in reference.command_line()


def test_an_equation_of_a_docstring_becomes_html_that_markdown_leaves(tool):
    said = "One.\n\n.. math::\n    a < b \\\\\n    c\n\nTwo.\n"
    html = tool("equations")._MATH.sub(tool("equations")._as_html, said)
    assert '<div class="arithmatex">\\[a &lt; b \\\\ c\\]</div>' in html
    assert html.startswith("One.")
    assert html.endswith("Two.\n")


def test_the_page_of_python_begins_with_every_public_name(reference):
    top = reference.python_names().partition("\n:::")[0]
    for name in ("LogoEncoder", "LogoIndex", "segment", "evaluate", "explain"):
        assert f"| [{name}][marquery." in top
    assert ":class:" not in top


def test_every_address_of_the_api_is_told(reference):
    found = sections(reference.json_api())
    assert any(title.startswith("POST /api/search") for title in found)
    assert all(re.match(r"[A-Z]+ /api/", title) for title in found)
    assert all("Answers 2" in text for text in found.values())


def test_no_page_of_the_docs_is_missing_in_the_navigation():
    shown = set(re.findall(r"[\w/-]+\.md", (ROOT / "mkdocs.yml").read_text(encoding="utf-8")))
    assert {page.name for page in (ROOT / "docs").glob("*.md")} <= shown


def test_a_link_to_a_file_that_the_site_lacks_is_found(tool, tmp_path):
    (tmp_path / "there.html").write_text('<h2 id="here">')
    page = tmp_path / "page.html"
    page.write_text(
        '<a href="there.html#here"> <a href="https://example.org/x"> <a href="#top">'
        '<a href="data/lost.csv"> <img src="lost.png"> <a href="there.html#lost">'
    )
    assert tool("links").lost_links(tmp_path) == [
        "page.html: data/lost.csv",
        "page.html: lost.png",
        "page.html: there.html#lost",
    ]
