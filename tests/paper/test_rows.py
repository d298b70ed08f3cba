"""Rows and scales: what rows share and in what they differ, and the steps that only they use."""

import numpy as np
import pytest
import torch
from pydantic import TypeAdapter

from marquery.augment import Subject
from marquery.errors import UsageError
from marquery.images import to_array
from marquery.paper.reproduce.rows import all_rows, choose_rows, load_scale, recipe_of
from marquery.training.augment_steps import AugmentStep
from marquery.training.augmentation import Augmentation


def test_the_papers_rows_are_there_with_its_figures():
    paper = {row.key: row.paper_nar for row in all_rows() if row.part == "paper"}
    assert paper == {
        "untrained": 0.102,
        "triplet-none": 0.053,
        "triplet-image": 0.051,
        "triplet-color-remove": 0.046,
        "smoothap-none": 0.046,
        "smoothap-image": 0.044,
        "smoothap-color": 0.040,
    }


@pytest.mark.parametrize("scale", ["small", "full"])
def test_rows_differ_in_loss_and_augmentation_alone(scale):
    rows = all_rows()
    assert len({row.order for row in rows}) == len(rows)
    recipes = [recipe_of(row, load_scale(scale), 3, 9000) for row in rows]
    own = {"name", "about", "loss", "augment"}
    assert len({r.model_dump_json(exclude=own) for r in recipes}) == 1
    trained = [r for r, row in zip(recipes, rows, strict=True) if row.loss]
    assert len({r.model_dump_json(include={"loss", "augment"}) for r in trained}) == len(trained)
    assert all(r.seed == 3 for r in recipes)


def test_epochs_are_counted_in_images():
    recipe = recipe_of(choose_rows(["smoothap-color"])[0], load_scale("full"), 1, 5200)
    assert (recipe.steps, recipe.validation.every) == (50 * 10, 10)
    assert (recipe.batch.kind, recipe.batch.size) == ("paper", 512)


def test_a_run_counted_in_steps_keeps_its_last_weights():
    recipe = recipe_of(
        choose_rows(["smoothap-color"])[0], load_scale("small"), 1, 5200, ["steps=7"]
    )
    assert (recipe.steps, recipe.validation.every) == (7, 7)


def test_rows_come_in_the_tables_order_whatever_was_named_first():
    assert [r.key for r in choose_rows(["smoothap-color", "hash"])] == ["hash", "smoothap-color"]


@pytest.mark.parametrize(
    ("ask", "word"),
    [
        (lambda: choose_rows(["smoothap-colour"]), "smoothap-colour"),
        (lambda: load_scale("medium"), "full or small"),
        (lambda: _recipe("batch.sizes=4"), "batch.sizes"),
        (lambda: _recipe("steps=0"), "steps"),
        (lambda: _recipe("steps"), "key=value"),
    ],
)
def test_wrong_words_are_named(ask, word):
    with pytest.raises(UsageError, match=word):
        ask()


def _recipe(override):
    return recipe_of(all_rows()[-1], load_scale("small"), 1, 100, [override])


def view(step, pixels, seed=0):
    torch.manual_seed(seed)
    plan = TypeAdapter(tuple[AugmentStep, ...]).validate_python([step])
    return Augmentation(plan)(Subject(pixels), len(pixels)).astype(int)


def only(**kept):
    return {"op": "photometric", "strength": 0, "shuffle": 0, "grayscale": 0, "invert": 0, **kept}


def test_each_part_of_the_photometric_step_can_be_had_alone(make_logo):
    pixels = to_array(make_logo(2, (64, 64)))
    assert np.array_equal(view(only(), pixels), pixels)
    assert np.array_equal(view(only(invert=1), pixels), 255 - pixels.astype(int))
    grey = view(only(grayscale=1), pixels)
    assert np.array_equal(grey[..., 0], grey[..., 1])
    assert np.array_equal(grey[..., 0], grey[..., 2])
    shuffled = [view(only(shuffle=1), pixels, seed) for seed in range(6)]
    assert any(not np.array_equal(s, pixels) for s in shuffled)
    assert all(np.array_equal(np.sort(s, axis=2), np.sort(pixels, axis=2)) for s in shuffled)


def test_randaugment_fills_with_the_logos_ground_and_can_be_left_out():
    pixels = np.full((64, 64, 3), (20, 40, 60), np.uint8)
    moving = {"op": "randaugment", "magnitude": 0}
    assert all(np.array_equal(view(moving, pixels, seed), pixels) for seed in range(8))
    strong = {"op": "randaugment", "operations": 1, "magnitude": 30}
    views = [view(strong, pixels, seed) for seed in range(12)]
    assert any(not np.array_equal(v, pixels) for v in views), "colours change"
    assert all(len(np.unique(v.reshape(-1, 3), axis=0)) == 1 for v in views), "a foreign ground"
    assert np.array_equal(view({**strong, "p": 0}, pixels, 5), pixels)
