"""Recipes: every one in the package loads; mistakes are named."""

import pytest
import yaml

from marquery.errors import UsageError
from marquery.training.recipe import OptimizerPart, load_recipe, recipe_names
from marquery.training.schedule import rate_factor


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_in_the_package_is_valid_and_named_as_its_file(name):
    assert load_recipe(name).name == name
    assert load_recipe(f"recipes/{name}.yaml") == load_recipe(name)


def test_overrides_reach_nested_keys_and_numbers_in_any_notation(recipe_file):
    recipe = load_recipe(
        recipe_file, ["optimizer.lr=1e-3", "steps=5", "batch.kind=views", "loss.margin=.5"]
    )
    assert recipe.optimizer.lr == 0.001
    assert recipe.steps == 5
    assert recipe.batch.kind == "views"
    assert recipe.loss.margin == 0.5


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (["optimiser.lr=1"], "unknown key 'optimiser'; did you mean 'optimizer'"),
        (["lr=1"], "unknown key 'lr'; did you mean 'optimizer.lr'"),
        (["optimizer.learning=1"], "unknown key 'optimizer.learning'"),
        (["augment.positive=[{op: segment, colour: 1}]"], "did you mean 'color'"),
        (["augment.positive=[{op: segment}]"], "weight above 0"),
        (["augment.positive=[{op: blur}]"], "augment.positive"),
        (["steps=0"], "steps"),
        (["steps"], "write key=value"),
        (["steps.more=1"], "no keys below"),
        (["loss.kind=arcface"], "loss.kind"),
        (["loss.calibration=0.5"], "calibration belongs to kind supap"),
        (["loss.k=[1, 5]"], "k belongs to kind recall"),
        (["loss.kind=recall", "loss.k=[]"], "loss.k"),
        (["size=8"], "did you mean 'batch.size'"),
        (["batch.micro=0"], "batch.micro"),
        (["batch.micro=some"], "batch.micro"),
        (["batch.micro=4", "model.freeze_batchnorm=false"], "freeze_batchnorm: true"),
        (["batch.kind=paper", "batch.neighbours={}"], "use kind groups or views"),
        (["batch.neighbours={cluster: 9, pool: 5}"], "5 nearest logos cannot give 8"),
        (["batch.neighbours={clusters: 9}"], "did you mean 'batch.neighbours.cluster'"),
        (["memory={}"], "memory.size"),
        (["memory.size=7"], "memory.size: 7 does not hold one batch of 8"),
        (["memory.size=11", "batch.compositions=4"], "11 does not hold one batch of 12"),
        (["batch.micro=8", "batch.compositions=1", "model.freeze_batchnorm=false"], "freeze_batch"),
        (["batch.compositions=-1"], "batch.compositions"),
        (["teacher={}"], "teacher.encoder"),
        (["teacher={encoder: x, weight: 0}"], "teacher.weight"),
        (["teacher={encoder: x, weigth: 1}"], "did you mean 'teacher.weight'"),
        (["memory={size: 9, after: 8}"], "comes after the last of 8 steps"),
        (["memory={size: 9, max_age: 0}"], "memory.max_age"),
    ],
)
def test_mistakes_name_the_key(recipe_file, settings, words):
    with pytest.raises(UsageError) as caught:
        load_recipe(recipe_file, settings)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_are_no_recipes(tmp_path):
    with pytest.raises(UsageError, match=r"no such recipe.*demo"):
        load_recipe("nothing")
    for text, words in (("- a\n- b", "mapping"), ("a: [", "not YAML")):
        path = tmp_path / "x.yaml"
        path.write_text(text)
        with pytest.raises(UsageError, match=words):
            load_recipe(path)


def test_a_resolved_recipe_reads_back_as_itself(recipe, tmp_path):
    path = tmp_path / "again.yaml"
    path.write_text(yaml.safe_dump(recipe.model_dump(mode="json")))
    assert load_recipe(path) == recipe


def test_schedules_by_hand():
    cosine = OptimizerPart(schedule="cosine", warmup=2)
    assert [rate_factor(s, 10, cosine) for s in (0, 1, 2, 6)] == pytest.approx(
        [1 / 3, 2 / 3, 1, 0.5]
    )
    assert rate_factor(9, 10, cosine) < 0.05
    steps = OptimizerPart(schedule="step", warmup=0, milestones=(3, 5), gamma=0.1)
    assert [rate_factor(s, 10, steps) for s in (2, 3, 5)] == pytest.approx([1, 0.1, 0.01])
    assert rate_factor(7, 10, OptimizerPart(schedule="constant", warmup=0)) == 1
