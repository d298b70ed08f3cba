"""The oldest releases that pyproject.toml allows: what people do, they can do with these.

Slow (an environment is installed): ``make slow``, or ``pytest -m slow tests/packaging``.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ..drawings import draw_logo

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def lowest(tmp_path_factory):
    """An environment with base, index, serve and report, and logos beside it."""
    folder = tmp_path_factory.mktemp("lowest")
    uv = [sys.executable, "-m", "uv", "--quiet"]
    subprocess.run([*uv, "venv", "--python", sys.executable, str(folder / "venv")], check=True)
    python = str(folder / "venv" / "bin" / "python")
    asked = f"{ROOT}[index,serve,report]"
    install = ["pip", "install", "--python", python, "--resolution", "lowest-direct", asked]
    subprocess.run([*uv, *install], check=True)
    (folder / "logos").mkdir()
    for seed in range(8):
        draw_logo(seed, (96, 96)).save(folder / "logos" / f"{seed}.png")
    return folder


def test_a_register_is_built_searched_explained_and_reported(lowest):
    # Not the tree of the tests, nor what it has cached.
    variables = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    variables["XDG_CACHE_HOME"] = str(lowest / "cache")

    def marquery(line):
        command = [str(lowest / "venv" / "bin" / "marquery"), *line.split()]
        done = subprocess.run(command, cwd=lowest, env=variables, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    marquery("segment logos/3.png")
    marquery("index build logos --out idx")
    reports = "--report r.pdf --report r.html --report r.json --report r.csv"
    found = marquery(f"search logos/3.png --index idx --json --explain why.png {reports}")
    assert json.loads(found)[0]["path"].endswith("3.png")
    assert "same" in marquery("rerun r.json")
    program = (
        "from marquery.web.app import create_app; from marquery.web.security import Access;"
        "import marquery as mq;"
        "app = create_app(mq.LogoIndex.open('idx'), Access('127.0.0.1'));"
        "print(len(app.openapi()['paths']))"
    )
    python = str(lowest / "venv" / "bin" / "python")
    done = subprocess.run(
        [python, "-c", program], cwd=lowest, env=variables, capture_output=True, text=True
    )
    assert int(done.stdout or 0) > 10, done.stderr
