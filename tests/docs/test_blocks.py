"""The blocks of README and docs that are Python, recipes or JSON, and the scripts that they name.

A block that cannot run here is named in ELSEWHERE with what tries it. Commands are run by
test_commands.py.
"""

import json
import re
import shutil

import numpy as np
import pytest
import torch
import yaml

import marquery as mq
from marquery.training import load_recipe

from ..drawings import draw
from .stage import PAGES, ROOT, SMALL, blocks_of, write_stage

#: Page, and a word of a block -> why it does not run here.
ELSEWHERE = {
    ("extending.md", ""): "tests/docs/test_extending.py runs each section",
    ("web.md", "httpx2"): "asks a server that runs: tests/docs/test_server.py",
    ("web.md", "proportions"): "a file of the package: tests/docs/test_extending.py",
}
#: What a block takes hours with, and what stands for it.
SMALLER = {
    'found = mq.evaluate_model("default", "data/openlogos")': "",
    'run = mq.train("demo", "data/openlogos", "runs/mine")': "",
    'settings=["optimizer.lr=1e-3"]': f'settings=["optimizer.lr=1e-3", *{SMALL[1::2]!r}]',
}


def blocks(language):
    for page in PAGES:
        for number, block in enumerate(blocks_of(page, language)):
            # Those that search, explain or train take seconds.
            slow = re.search(r"idx|explain\(|mq\.train", block)
            marks = [pytest.mark.slow] if slow else []
            yield pytest.param(page.name, block, id=f"{page.stem}-{number}", marks=marks)


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """A folder with all that the blocks name: logos, metadata, an index, an encoder."""
    return write_stage(tmp_path_factory.mktemp("stage"))


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


@pytest.mark.parametrize(("source", "block"), blocks("yaml"))
def test_a_block_of_yaml_is_a_recipe_or_a_part_of_one(source, block, tmp_path):
    if source == "scale.md":
        assert yaml.safe_load(block)["queryNode"], "values of Milvus' chart"
        return
    if block.lstrip().startswith("- {op:"):
        block = f"augment:\n  positive:\n{block}"
    whole = block if re.search(r"^(name|base):", block, re.MULTILINE) else f"base: demo\n{block}"
    (tmp_path / "mine.yaml").write_text(f"name: mine\n{whole}" if "name:" not in whole else whole)
    written = yaml.safe_load(block)
    recipe = load_recipe(str(tmp_path / "mine.yaml"))
    for key in set(written) - {"base"}:
        assert getattr(recipe, key) is not None


def test_the_demo_s_recipe_is_shown_as_it_is():
    (shown,) = [b for p in PAGES if p.name == "training.md" for b in blocks_of(p, "yaml")[:1]]
    ours = yaml.safe_load((ROOT / "src/marquery/recipes/demo.yaml").read_text())
    for key, value in yaml.safe_load(shown).items():
        if key in ("model", "batch"):
            assert ours[key].items() <= value.items()
        elif key != "precision":  # its default
            assert ours[key] == value, key


@pytest.mark.parametrize(("source", "block"), blocks("json"))
def test_a_block_of_json_is_json(source, block):
    assert json.loads(block)


def test_scripts_that_are_named_are_there_with_their_options():
    named = set()
    for page in [*PAGES, ROOT / "MODELCARD.md", ROOT / "CONTRIBUTING.md"]:
        text = page.read_text(encoding="utf-8").replace("\\\n", " ")
        named |= set(re.findall(r"python ((?:benchmarks|experiments|tools)/[^`\n#)&]*)", text))
    assert len(named) > 15
    for line in named:
        script, *words = line.split()
        assert (ROOT / script).is_file(), line
        folder = (ROOT / script).with_suffix("")
        files = [ROOT / script, *(folder.glob("*.py") if folder.is_dir() else ())]
        text = "".join(file.read_text(encoding="utf-8") for file in files)
        for option in (word for word in words if re.match(r"--[a-z]", word)):
            assert f'"{option}"' in text, line
