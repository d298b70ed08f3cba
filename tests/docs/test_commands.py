"""Each command of README and docs runs on a small sample, and prints what the page shows.

A command that cannot run here is named in ELSEWHERE with the file of tests that tries it.
"""

import re
import shutil

import pytest
import typer

import marquery as mq
from marquery.cli.app import app
from marquery.cli.app import run as cli

from .stage import PAGES, ROOT, SMALL, commands_of, write_stage

#: Beginning of a command -> where it is tried.
ELSEWHERE = {
    "serve": "tests/web/test_serve.py",
    "data openlogos": "tests/datasets/test_build.py",
    "index build logos/ --store": "tests/index/test_distant_stores.py",
    "index add new/ --store": "tests/index/test_distant_stores.py",
    "search logo.png --store": "tests/index/test_distant_stores.py",
    "watch --store": "tests/index/test_distant_stores.py",
    "index build /share": "tests/distributed",
    "index build s3://": "tests/test_elsewhere.py",
    "embed s3://": "tests/test_elsewhere.py",
    "embed /share": "tests/distributed",
    "train recipes/demo.yaml": "tests/test_backbones.py",
    "train demo --without": "tests/comparison",
    "evaluate runs/without-devicon": "tests/comparison",
    "evaluate vectors.parquet": "tests/comparison",
    "evaluate default --data data/openlogos --conditions": "tests/datasets/test_conditions.py",
    "evaluate default --data data/openlogos --ideas": "tests/datasets/test_ideas.py",
    "evaluate default --data data/openlogos-2": "tests/datasets/test_wider.py",
    "evaluate timm:": "tests/comparison",
    "evaluate default --data held-out": "tests/comparison",
    "evaluate runs/ours --data held-out": "tests/comparison",
    "compare": "tests/reporting/test_compare_command.py",
    "calibrate": "tests/calibration",
    "train mine.yaml": "tests/training/test_loop.py",
    "train demo": "tests/packaging/test_wheel.py",  # in an environment without PyTorch
    "reproduce --scale full": "tests/paper/test_sweep.py",
    "reproduce --table": "tests/paper/test_sweep.py",
}
#: What is added, so that it takes seconds.
SHORTER = {
    "train adapt": tuple(
        word
        for key in ("steps=2", "batch.size=8", "validation.every=2", "workers=0")
        for word in ("--set", key)
    ),
    "train": SMALL,
    "train my-recipe.yaml": (*SMALL, "--set", "batch.size=4"),
    "reproduce --seeds": ("--rows", "pixels,smoothap-none", *SMALL[:-2]),
    "reproduce --rows": SMALL[:-2],
}
#: 3: there are conflicts, or something differs; `data check` says 1 of the sample's small groups.
CODES = {"watch": (0, 3), "data": (0, 1)}


def named(words, table):
    line = " ".join(words)
    return max((key for key in table if f"{line} ".startswith(key)), key=len, default=None)


def is_elsewhere(words):
    key = named(words, ELSEWHERE)
    return key is not None and (key != "train demo" or len(words) == 2)


def everything():
    return [(page, *found) for page in PAGES for found in commands_of(page)]


def test_each_command_is_known_with_its_options():
    """Words in capitals and in brackets stand for what a reader fills in."""
    asked = everything()
    assert len(asked) > 50
    root = typer.main.get_command(app)
    for page, words, _ in asked:
        command, rest = root, list(words)
        while rest and rest[0] in getattr(command, "commands", {}):
            command = command.commands[rest.pop(0)]
        assert not hasattr(command, "commands"), f"{page.name}: {' '.join(words)}"
        known = {name for p in command.params for name in (*p.opts, *p.secondary_opts)}
        for word in rest:
            option = re.match(r"\[?(--?[a-z][\w-]*)", word)
            if option:
                assert option[1] in known, f"{page.name}: {' '.join(words)}"


def test_what_is_tried_elsewhere_is_there():
    asked = [words for _, words, _ in everything()]
    for beginning, place in ELSEWHERE.items():
        assert (ROOT / place).exists(), place
        assert any(named(words, ELSEWHERE) == beginning for words in asked), beginning


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    folder = write_stage(tmp_path_factory.mktemp("stage"))
    index = mq.LogoIndex.create(folder / "ready", encoder="default")
    index.add(folder / "logos", meta=folder / "meta.csv")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    "source",
    [p for p in PAGES if not all(is_elsewhere(words) for words, _ in commands_of(p))],
    ids=lambda source: source.stem,
)
def test_the_commands_of_a_page_run_and_print_what_it_shows(
    source, stage, tmp_path, monkeypatch, capfd, own_cache
):
    shutil.copytree(stage, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    done = []
    for words, shown in commands_of(source):
        if is_elsewhere(words) or words in done:
            continue
        done.append(words)
        if "idx" in words and not (tmp_path / "idx").exists() and words[:2] != ["index", "build"]:
            shutil.copytree(tmp_path / "ready", tmp_path / "idx")
        if source.name == "reliability.md":
            (tmp_path / "logos" / "bad.png").write_text("no picture")
        capfd.readouterr()
        more = SHORTER.get(named(words, SHORTER), ())
        code = cli([*words, *more])
        printed = "".join(capfd.readouterr())
        allowed = CODES.get(words[0], (0,))
        assert code in allowed, f"{' '.join(words)}: {printed}"
        for line in shown or ():
            pattern = ".*".join(map(re.escape, line.rstrip().split("…")))
            assert re.search(rf"^{pattern}$", printed, re.MULTILINE), f"{line!r} not in {printed}"
