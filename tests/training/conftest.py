"""A recipe and data small enough to train on in seconds."""

import pytest
import yaml

from marquery.datasets import LogoSet
from marquery.training.recipe import load_recipe

TINY = {
    "name": "tiny",
    "steps": 8,
    "seed": 3,
    "workers": 0,
    "model": {
        "backbone": "mobilenetv3_small_050",
        "dim": 16,
        "image_size": 32,
        "pretrained": False,
    },
    "batch": {"kind": "groups", "size": 8, "per_class": 2},
    "augment": {
        "positive": [
            {"op": "segment", "color": 2, "remove": 1, "rotate": 1, "scale": 1, "p": 0.8},
            {"op": "shift_scale"},
        ]
    },
    "optimizer": {"lr": 0.001, "warmup": 2},
    "validation": {"every": 2},
}


@pytest.fixture
def recipe_file(tmp_path):
    path = tmp_path / "tiny.yaml"
    path.write_text(yaml.safe_dump(TINY))
    return path


@pytest.fixture
def recipe(recipe_file):
    return load_recipe(recipe_file)


@pytest.fixture
def logos(logo_folder):
    return LogoSet.open(logo_folder)
