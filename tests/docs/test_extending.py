"""The examples of docs/extending.md do what the page says."""

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Annotated, get_args

import cv2
import numpy as np
import pytest
import torch
from pydantic import Field, ValidationError

import marquery as mq
from marquery.augment.registry import SEGMENT_OPERATIONS
from marquery.cli.app import run as cli
from marquery.comparison import MethodResult
from marquery.datasets import LogoSet
from marquery.evaluation.registry import temporary_metrics
from marquery.index.storage import table as table_module
from marquery.losses.parts import LossPart
from marquery.reporting.printing import print_table
from marquery.training import loop
from marquery.training.augment_steps import AugmentPart, step_models
from marquery.training.recipe import Recipe

from ..drawings import draw, fill
from ..encoders import tiny_encoder

PAGE = (Path(__file__).parents[2] / "docs" / "extending.md").read_text(encoding="utf-8")


def blocks(title: str) -> list[str]:
    """The Python blocks of a section, in order."""
    section = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)[1]
    return re.findall(r"```python\n(.*?)```", section, re.DOTALL)


def run(*sources: str, **names):
    """What blocks define, run one after the other as one module."""
    module = {"__name__": "example", "mq": mq, **names}
    for source in sources:
        exec(compile(source, "docs/extending.md", "exec"), module)
    return module


@pytest.fixture
def place(tmp_path):
    fill(tmp_path / "logos", range(6))
    return {
        "folder": tmp_path,
        "logos": tmp_path / "logos",
        "encoder": tiny_encoder(),
        "query": draw(2),
    }


def test_each_row_of_the_table_has_a_section():
    rows = re.findall(r"^\| \[([^]]+)\]\(#([\w-]+)\)", PAGE, re.MULTILINE)
    titles = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    assert [anchor for _, anchor in rows] == [t.lower().replace(" ", "-") for t in titles]
    assert len(rows) == 6


@pytest.fixture
def grey(monkeypatch):
    """The example of an operation, as if it lay in the package and had its line."""
    module = ModuleType("marquery.augment.grey")
    exec(compile(blocks("A segment operation")[0], "docs/extending.md", "exec"), module.__dict__)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    homes = SEGMENT_OPERATIONS._homes | {"grey": "grey:SegmentGrey"}
    monkeypatch.setattr(SEGMENT_OPERATIONS, "_homes", homes)
    step_models.cache_clear()
    yield module.SegmentGrey
    step_models.cache_clear()


def test_a_segment_operation(grey, tmp_path, capsys):
    logo = draw(3)
    out = np.asarray(grey(share=(1, 1))(logo)).astype(int)
    found = mq.segment(logo)
    for label in range(1, found.count + 1):
        inside = cv2.erode((found.labels == label).astype(np.uint8), np.ones((5, 5))) > 0
        assert np.ptp(out[inside], axis=1).max(initial=0) == 0
        assert np.ptp(np.asarray(logo).astype(int)[inside], axis=1).max(initial=1) > 0
    step = {"op": "segment", "grey": {"weight": 2, "share": [0.5, 1]}}
    part = AugmentPart.model_validate({"positive": [step]}).positive[0]
    assert part.weights["grey"] == 2
    assert part.build().ops[0].share == (0.5, 1)
    with pytest.raises(ValidationError, match="share"):
        AugmentPart.model_validate({"positive": [{"op": "segment", "grey": {"share": [0, 2]}}]})
    logo.save(tmp_path / "logo.png")
    sheet = tmp_path / "sheet.png"
    asked = ["augment", str(tmp_path / "logo.png"), "--op", "grey", "--out", str(sheet)]
    assert cli(asked) == 0, capsys.readouterr().err
    assert sheet.is_file()


def test_a_loss(logo_folder, tmp_path):
    made = run(*blocks("A loss"))
    x = torch.nn.functional.normalize(torch.randn(8, 4, dtype=torch.float64), dim=1)
    labels = torch.arange(4).repeat(2)
    value = made["LogRankLoss"](temperature=0.5)(x, labels)
    by_hand = []
    for i in range(8):
        scores = x @ x[i]
        mate = (i + 4) % 8
        above = sum(
            torch.sigmoid((scores[j] - scores[mate]) / 0.5) for j in range(8) if j not in (i, mate)
        )
        by_hand.append(torch.log(1 + above))
    assert float(value) == pytest.approx(float(torch.stack(by_hand).mean()))
    assert torch.autograd.gradcheck(
        lambda e: made["LogRankLoss"](temperature=0.5)(e, labels), x.clone().requires_grad_()
    )
    part = made["LogRankPart"]
    union = Annotated[get_args(LossPart)[0] | part, Field(discriminator="kind")]

    class ExtendedRecipe(Recipe):
        loss: union

    plain = {
        "name": "mine",
        "steps": 2,
        "workers": 0,
        "model": {
            "backbone": "mobilenetv3_small_050",
            "dim": 8,
            "image_size": 32,
            "pretrained": False,
        },
        "batch": {"kind": "groups", "size": 8, "per_class": 2},
        "validation": {"every": 2},
    }
    recipe = ExtendedRecipe.model_validate({**plain, "loss": {"kind": "logrank"}})
    logos = LogoSet.open(logo_folder)
    with pytest.warns(UserWarning, match="LogRank has no compiled kernel"):
        summary = loop.train(recipe, logos, logos, tmp_path / "run")
    assert summary.steps == 2
    with pytest.raises(ValidationError, match="margin"):
        ExtendedRecipe.model_validate({**plain, "loss": {"kind": "logrank", "margin": 1}})


def test_a_vector_store(place):
    naming, using = blocks("A vector store")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(table_module.STORES, "memory", "")
        home = run(naming)["STORES"]["memory"]
        package = __package__.removesuffix(".docs")
        patch.setitem(table_module.STORES, "memory", home.replace("tests", package, 1))
        best = run(using, **place)["best"]
    assert Path(best.path).name == "002.png"
    assert not list(place["folder"].rglob("*.lance"))


def test_a_search_strategy(place):
    defined, used = blocks("A search strategy")
    hits = run(defined, used, **place)["hits"]
    assert Path(hits[0].path).name == "002.png"
    assert hits[0].scores.keys() == {"overall", "proportion"}
    assert hits[0].scores["proportion"] == 1.0
    mixed = (2 * hits[1].scores["overall"] + hits[1].scores["proportion"]) / 3
    assert hits[1].score == pytest.approx(mixed, abs=1e-5)


def test_a_metric(capsys):
    vectors = np.eye(4, dtype=np.float32)[[0, 0, 1, 2]] + 0.01
    with temporary_metrics():
        made = run(*blocks("A metric"), vectors=vectors, groups=["a", "a", "b", "b"])
        assert made["each"].tolist() == pytest.approx([1, 1, 0.5, 0.5])  # "b" after ties with "a"
        assert made["value"] == pytest.approx(0.75)
        assert made["interval"][0] <= 0.75 <= made["interval"][1]
        print_table([MethodResult("mine", made["result"], vectors)])
        assert "MRR ↑" in capsys.readouterr().out
    assert "mrr" not in mq.evaluate(vectors, ["a", "a", "b", "b"]).means


def test_the_element_of_the_page_is_shown_where_the_page_says():
    text = (Path(__file__).parents[2] / "docs" / "web.md").read_text(encoding="utf-8")
    assert "## How it is built" in text
    assert "test_structure" in PAGE
    assert (Path(__file__).parents[1] / "web" / "test_structure.py").is_file()


def test_the_page_counts_no_more_files_than_promised():
    counts = dict(re.findall(r"^\| \[([^]]+)\][^|]*\| ([\d–]+) \|", PAGE, re.MULTILINE))
    most = {name: max(int(n) for n in re.findall(r"\d+", text)) for name, text in counts.items()}
    promised = {
        "a segment operation": 3,
        "a loss": 3,
        "a vector store": 2,
        "a search strategy": 2,
        "a metric": 2,
        "an element of the page": 3,
    }
    assert most.keys() == promised.keys()
    assert all(most[name] <= promised[name] for name in promised)
    assert np.isfinite(list(most.values())).all()
