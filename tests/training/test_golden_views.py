"""The views of the demo's recipe, and of the steps that changed logos before there were pictures as
registers have them, stay bit for bit.

Hashes made with version 0.1; those of the second, which segments anew what its own steps have
changed, were made again when the segmenter learnt to cut pictures that are not crisp, and when its
lines there came to lie where the picture has equal shares of both sides, and when small ones of
these pictures were enlarged for it.
"""

import hashlib

import pytest
import torch

from marquery.augment import Subject
from marquery.training.augmentation import Augmentation
from marquery.training.recipe import Recipe, load_recipe

from ..drawings import logo, other_logo

#: Of the recipe by which the first encoder of the package was trained.
WHOLE_LOGOS = [
    {"op": "segment", "color": 4, "remove": 1, "scale": 2, "exchange": 1, "p": 0.6},
    {"op": "wordmark", "p": 0.2},
    {"op": "outline", "p": 0.1},
    {"op": "warp", "p": 0.5},
    {"op": "frame", "scale": [0.6, 1.1], "p": 0.3},
    {"op": "background", "p": 0.25},
    {"op": "invert", "p": 0.25},
    {"op": "badge", "p": 0.15},
    {"op": "photometric", "p": 0.4, "grayscale": 0.2},
    {"op": "shift_scale", "shift": 0.08, "scale": [0.75, 1.1]},
    {"op": "degrade", "p": 0.4},
]
RECIPES = {
    "demo": load_recipe("demo"),
    "whole logos": Recipe(name="whole-logos", steps=1, augment={"positive": WHOLE_LOGOS}),
}
HASHES = [
    ("demo", 0, "d04294dd0a3d99ba"),
    ("demo", 1, "fe2c191dae610465"),
    ("demo", 2, "f9d5e2819c7ea3d2"),
    ("whole logos", 0, "00d2781d19c934bd"),
    ("whole logos", 1, "b129ecf06d6f3a82"),
    ("whole logos", 2, "3a8974190abe0c5b"),
]


@pytest.mark.parametrize(("name", "seed", "digest"), HASHES)
def test_views_of_a_recipe_stay_bit_for_bit(name, seed, digest):
    augmentation = Augmentation(RECIPES[name].augment.positive)
    torch.manual_seed(seed)
    hashed = hashlib.sha256()
    for pixels in (logo(), other_logo()):
        for _ in range(8):
            hashed.update(augmentation(Subject(pixels), 96).tobytes())
    assert hashed.hexdigest()[:16] == digest
