"""The pages that the site's reference is written from the code."""

import importlib.util
import re
from pathlib import Path

import pytest
import typer

from marquery.cli.app import app
from marquery.training import Recipe

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def reference():
    spec = importlib.util.spec_from_file_location("reference", ROOT / "tools/site/reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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


def test_every_key_of_a_recipe_is_told(reference):
    found = sections(reference.recipes())
    for name in Recipe.model_fields:
        assert f"| `{name}` |" in found["The recipe"]
    assert "Images a batch." in found["batch: Batch"]
    assert "| `temperature` |" in found["loss: smoothap"]
    assert {"loss: smoothap", "loss: triplet"} <= set(found)


def test_every_address_of_the_api_is_told(reference):
    found = sections(reference.json_api())
    assert any(title.startswith("POST /api/search") for title in found)
    assert all(re.match(r"[A-Z]+ /api/", title) for title in found)
    assert all("Answers 2" in text for text in found.values())


def test_no_page_of_the_docs_is_missing_in_the_navigation():
    shown = set(re.findall(r"[\w/-]+\.md", (ROOT / "mkdocs.yml").read_text(encoding="utf-8")))
    assert {page.name for page in (ROOT / "docs").glob("*.md")} <= shown
