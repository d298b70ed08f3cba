"""What docs/web.md asks of a server, it answers as the page shows."""

import json
import os
import re
import shlex
import subprocess
import sys

import pytest

import marquery as mq

from .stage import ROOT, blocks_of, write_stage

PAGE = ROOT / "docs" / "web.md"
HOME = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The folder of the sample, and the address of a server of its index."""
    folder = write_stage(tmp_path_factory.mktemp("server"))
    index = mq.LogoIndex.create(folder / "idx", encoder="default", words=False)
    index.add(folder / "logos", meta=folder / "meta.csv")
    command = [sys.executable, "-m", "marquery", "serve", "--index", "idx", "--port", "0"]
    variables = {k: v for k, v in os.environ.items() if k != "MARQUERY_TOKEN"}
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        for line in process.stdout:
            found = re.search(r"http://127[\w.]+:\d+", line)
            if found:
                break
        else:
            raise AssertionError("the server ended")
        yield folder, found[0]
    finally:
        process.terminate()
        process.wait(30)


@pytest.mark.slow
def test_python_asks_decides_and_reports(server, monkeypatch):
    folder, address = server
    monkeypatch.chdir(folder)
    (block,) = [b for b in blocks_of(PAGE, "python") if "httpx2" in b]
    made = {}
    exec(compile(block.replace(HOME, address), "docs/web.md", "exec"), made)
    assert made["first"]["hits"]
    assert isinstance(made["why"], list)
    assert [hit["id"] for hit in made["kept"]["hits"]] == [made["best"]]
    assert made["report"][:5] == b"%PDF-"


@pytest.mark.slow
def test_curl_is_given_what_is_shown(server):
    folder, address = server
    command, shown = blocks_of(PAGE, "")[-1], json.loads(blocks_of(PAGE, "json")[0])
    (line,) = [text for text in command.splitlines() if text.startswith("curl")]
    words = shlex.split(line.replace(HOME, address))
    done = subprocess.run([*words, "--silent"], cwd=folder, capture_output=True, check=True)
    given = json.loads(done.stdout)
    assert shown.keys() <= given.keys()
    assert shown["hits"][0].keys() <= given["hits"][0].keys()
    assert shown["facets"][0].keys() <= given["facets"][0].keys()
