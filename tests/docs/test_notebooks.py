"""The notebooks run from the first cell to the last, on a small sample."""

import json

import nbformat
import pytest
from nbclient import NotebookClient

from .stage import ROOT, SMALL, write_stage

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.slow
@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_a_notebook_runs(file, tmp_path, own_cache):
    write_stage(tmp_path)
    text = file.read_text(encoding="utf-8").replace(
        "SETTINGS = []", f"SETTINGS = {list(SMALL[1:-2:2])}".replace('"', "'")
    )
    notebook = nbformat.reads(text, as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    printed = "".join(o.get("text", "") for c in notebook.cells for o in c.get("outputs", ()))
    if file.stem == "search-page":
        assert "8 logos" in printed
        assert "5 hits" in printed
    else:
        assert printed.count("smoothap-color") >= 2


def test_notebooks_are_kept_without_what_they_printed():
    assert len(NOTEBOOKS) == 2
    for file in NOTEBOOKS:
        for cell in json.loads(file.read_text(encoding="utf-8"))["cells"]:
            assert not cell.get("outputs"), file.name
