"""To add an operation: a class and one line in the registry; recipes and the command line
follow.
"""

import sys
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image

from marquery import augment as A
from marquery.cli.app import run
from marquery.training.augment_steps import AugmentPart, step_models
from marquery.training.augmentation import Augmentation

from ..drawings import logo


class SegmentBlacken(A.SegmentTransform):
    """Paint parts black.

    Args:
        parts: how many of the segments.
        p, group: see :class:`SegmentTransform`.
    """

    def __init__(self, parts: int = 1, p: float = 1.0, group: str | None = None) -> None:
        super().__init__(p, group)
        self.parts = parts

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        count = flat_inputs[0].parts(self.group).count
        return {"labels": list(range(1, min(self.parts, count) + 1))}

    def transform(self, inpt: Any, params: dict[str, Any]) -> np.ndarray:
        out = inpt.pixels.copy()
        out[np.isin(inpt.parts(self.group).labels, params["labels"])] = 0
        return out


@pytest.fixture
def blacken(monkeypatch):
    module = ModuleType("marquery.augment.blacken")
    module.SegmentBlacken = SegmentBlacken
    monkeypatch.setitem(sys.modules, module.__name__, module)
    # The one line, as it would stand in the registry.
    monkeypatch.setitem(A.SEGMENT_OPERATIONS._homes, "blacken", "blacken:SegmentBlacken")
    step_models.cache_clear()
    yield
    step_models.cache_clear()


def test_a_recipe_weighs_a_new_operation_and_sets_its_options(blacken):
    step = {"op": "segment", "blacken": {"weight": 2, "parts": 9}}
    part = AugmentPart.model_validate({"positive": [step]})
    out = Augmentation(part.positive)(A.Subject(logo()), 96)
    found = A.Subject(logo()).segmentation
    assert found.count > 1
    assert (out[found.labels > 0] == 0).all()
    assert (out[found.labels == 0] == logo()[found.labels == 0]).all()


def test_the_command_line_draws_a_new_operation(blacken, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(logo()).save("a.png")
    assert run(["augment", "a.png", "--op", "blacken", "--draws", "1", "--out", "out.png"]) == 0
    assert run(["augment", "a.png", "--op", "bleach"]) == 2
    assert "blacken" in capsys.readouterr().err


def test_every_name_of_the_package_is_there():
    for name in A.__all__:
        assert getattr(A, name) is not None
    assert set(A.__all__) <= set(dir(A))
    with pytest.raises(AttributeError, match="SegmentBlur"):
        A.SegmentBlur  # noqa: B018
