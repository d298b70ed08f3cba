"""The blocks of README and docs: Python runs, commands are known with their options, and on a small
sample some of them run too.

A block that cannot run here is named in ELSEWHERE with what tries it.
"""

import re
import shlex
import shutil
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
import torch
import typer

import marquery as mq
from marquery.cli.app import app
from marquery.cli.app import run as cli

from ..drawings import draw

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
#: Page, and a word of a block -> why it does not run here.
ELSEWHERE = {
    ("extending.md", ""): "tests/docs/test_extending.py runs each section",
    ("web.md", "httpx2"): "asks a server that runs: tests/web/test_api.py",
    ("web.md", "proportions"): "a file of the package: tests/docs/test_extending.py",
    ("openlogos.md", "LogoSet"): "needs the open benchmark: tests/datasets/test_logoset.py",
    ("strata.md", "pair_strata"): "needs the open benchmark: tests/datasets/test_strata.py",
    ("training.md", "mq.train"): "trains for minutes: tests/training/test_loop.py",
}
#: What a block takes hours with, and what stands for it.
SMALLER = {
    'found = mq.evaluate_model("default", "data/openlogos")': "",
    'run = mq.train("demo", "data/openlogos", "runs/mine")': "",
}


def blocks(language):
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for number, block in enumerate(
            re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        ):
            # Those that search or explain take seconds.
            marks = [pytest.mark.slow] if re.search(r"idx|explain\(", block) else []
            yield pytest.param(page.name, block, id=f"{page.stem}-{number}", marks=marks)


def commands():
    """Lines that call the program, in blocks that are fenced or indented, put together."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8").replace("\\\n", " ")
        for line in re.findall(r"^(?: {4})?(marquery .*)$", text, re.MULTILINE):
            words = shlex.split(line, comments=True)
            ends = [i for i, word in enumerate(words) if word in ("&&", "||", ">", "|", ";")]
            yield page.name, words[1 : min(ends, default=None)]


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """A folder with all that the blocks name: logos, metadata, an index, an encoder."""
    folder = tmp_path_factory.mktemp("stage")
    (folder / "logos").mkdir()
    rows = ["path,owner,nice,filed"]
    for seed in range(8):
        draw(seed).save(folder / "logos" / f"{seed}.png")
        rows.append(f"{seed}.png,{'Ada' if seed % 2 else 'Bo'},25;{seed + 1},2016-0{seed + 1}-01")
    (folder / "meta.csv").write_text("\n".join(rows) + "\n")
    for name, seed in (("new", 3), ("found", 4), ("a", 0), ("b", 1), ("logo", 2)):
        draw(seed).resize((160, 120)).save(folder / f"{name}.png")
    package = Path(str(resources.files("marquery"))) / "models" / "default"
    shutil.copytree(package, folder / "runs" / "demo" / "train" / "encoder")
    return folder


@pytest.fixture(scope="module")
def ready(stage):
    """An index of the logos."""
    index = mq.LogoIndex.create(stage / "ready", encoder="default")
    index.add(stage / "logos", meta=stage / "meta.csv")
    return stage / "ready"


@pytest.fixture
def place(stage, tmp_path, monkeypatch):
    """A copy of the stage, as the working folder."""
    shutil.copytree(stage, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def given(folder):
    """The names that blocks use without making them."""
    generator = np.random.default_rng(0)
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 8))
    return {
        "image": draw(5),
        "images": torch.randn(8, 3, 2, 2),
        "network": network,
        "optimizer": torch.optim.SGD(network.parameters(), lr=0.1),
        "embeddings": torch.nn.functional.normalize(torch.randn(8, 4), dim=1),
        "labels": torch.arange(4).repeat(2),
        "groups": ["one", "one"],
        "query_embeddings": generator.normal(size=(6, 4)),
        "query_groups": [0, 0, 1, 1, 2, 2],
        "gallery_embeddings": generator.normal(size=(6, 4)),
        "gallery_groups": [0, 1, 2, 0, 1, 2],
    }


def elsewhere(page, block):
    return any(page == name and word in block for name, word in ELSEWHERE)


@pytest.mark.parametrize(("source", "block"), blocks("python"))
def test_a_block_of_python_runs(source, block, place, request):
    if elsewhere(source, block):
        pytest.skip("tried elsewhere, see ELSEWHERE")
    if '"idx"' in block and "create" not in block.split('"idx"')[0][-9:]:  # it makes one itself
        shutil.copytree(request.getfixturevalue("ready"), place / "idx")
    for long, short in SMALLER.items():
        block = block.replace(long, short)
    from marquery.evaluation.registry import temporary_metrics

    with temporary_metrics():
        exec(compile(block, source, "exec"), {"__name__": "block", **given(place)})


def test_what_is_tried_elsewhere_is_there():
    found = {(p.values[0], p.values[1]) for p in blocks("python")}
    for name, word in ELSEWHERE:
        assert any(page == name and word in block for page, block in found), (name, word)


def test_each_command_is_known_with_its_options():
    """Words in capitals and in brackets stand for what a reader fills in."""
    asked = list(commands())
    assert len(asked) > 50
    root = typer.main.get_command(app)
    for page, words in asked:
        command, rest = root, list(words)
        while rest and rest[0] in getattr(command, "commands", {}):
            command = command.commands[rest.pop(0)]
        assert not hasattr(command, "commands"), f"{page}: {' '.join(words)}"
        known = {name for p in command.params for name in (*p.opts, *p.secondary_opts)}
        for word in rest:
            option = re.match(r"\[?(--?[a-z][\w-]*)", word)
            if option:
                assert option[1] in known, f"{page}: {' '.join(words)}"


@pytest.mark.slow
def test_commands_of_the_pages_on_search_run(place, ready, capsys):
    ran, before = 0, ""
    for page, words in commands():
        if page not in ("index.md", "report.md", "explain.md") or words[0] not in (
            *("index", "search", "rerun"),
        ):
            continue
        if page != before:  # each page begins anew
            shutil.rmtree(place / "idx", ignore_errors=True)
            before = page
        if not (place / "idx").exists() and words[:2] != ["index", "build"]:
            shutil.copytree(ready, place / "idx")
        code = cli(words)
        assert code == 0, f"{page}: {' '.join(words)}: {capsys.readouterr().err}"
        ran += 1
    assert ran >= 6
