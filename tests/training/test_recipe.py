"""Recipes: every one in the package loads; mistakes are named."""

import pytest
import yaml

from marquery.errors import UsageError
from marquery.training.recipe import load_recipe
from marquery.training.recipe_files import merge, recipe_names
from marquery.training.recipe_parts import OptimizerPart
from marquery.training.schedule import rate_factor


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_in_the_package_is_valid_and_named_as_its_file(name):
    assert load_recipe(name).name == name
    assert load_recipe(f"recipes/{name}.yaml") == load_recipe(name)


def test_overrides_reach_nested_keys_and_numbers_in_any_notation(recipe_file):
    recipe = load_recipe(
        recipe_file,
        ["optimizer.lr=1e-3", "steps=5", "batch.kind=views", "loss.margin=.5", "loss.kind=triplet"],
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
        (["loss.margin=0.5"], "loss.margin: a loss of kind smoothap has no such option; it has"),
        (["loss.calibration=0.5"], "loss.calibration: a loss of kind smoothap has no such option"),
        (["loss.temprature=0.5"], "no such option; did you mean 'temperature'"),
        (["loss.kind=supap", "loss.slop=1"], "did you mean 'slope'"),
        (["loss.kind=triplet", "loss.temperature=.1"], "a loss of kind triplet has no such option"),
        (["loss.kind=smoothap", "loss.reduction=none"], "loss.reduction"),
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
    for text, words in (("- a\n- b", "mapping"), ("a: [", "not YAML"), ("[" * 5000, "not YAML")):
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


def test_a_recipe_begins_from_another_one(tmp_path):
    (tmp_path / "one.yaml").write_text(
        "about: the first\nsteps: 7\nbatch: {kind: groups, size: 8}\n"
        "augment: {positive: [{op: segment, color: 1}, {op: photometric}]}\n"
        "loss: {kind: triplet, margin: 0.4}\n"
    )
    (tmp_path / "two.yaml").write_text("base: one.yaml\nsteps: 9\nbatch: {per_class: 2}\n")
    (tmp_path / "three.yaml").write_text(
        "base: two.yaml\naugment: {positive: [{op: segment, remove: 1}]}\nloss: {kind: smoothap}\n"
    )
    one, two, three = (load_recipe(tmp_path / f"{n}.yaml") for n in ("one", "two", "three"))
    assert (two.name, two.about, two.steps) == ("two", "", 9)
    assert (two.batch.kind, two.batch.size, two.batch.per_class) == ("groups", 8, 2)
    assert (two.augment, two.loss) == (one.augment, one.loss)
    assert (three.steps, three.batch) == (9, two.batch)
    assert [step.op for step in three.augment.positive] == ["segment"]  # lists are replaced
    assert three.loss.kind == "smoothap"  # and nothing of the triplet loss is left


def test_a_base_is_looked_for_beside_the_recipe_that_names_it(tmp_path, monkeypatch):
    (tmp_path / "d").mkdir()
    (tmp_path / "parent.yaml").write_text("steps: 999\n")
    (tmp_path / "d" / "parent.yaml").write_text("steps: 5\n")
    (tmp_path / "d" / "child.yaml").write_text("base: parent.yaml\n")
    monkeypatch.chdir(tmp_path)
    assert load_recipe("d/child.yaml").steps == 5


def test_a_file_may_be_called_as_its_base_in_the_package(tmp_path):
    (tmp_path / "demo.yaml").write_text("base: demo\nsteps: 3\n")
    assert load_recipe(tmp_path / "demo.yaml").batch == load_recipe("demo").batch


def test_a_circle_is_seen_whatever_the_way_round(tmp_path, monkeypatch):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "b.yaml").write_text("base: ../d/b.yaml\nsteps: 1\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="its bases lead back to"):
        load_recipe("d/b.yaml")


def test_bases_of_the_package_are_named_without_a_file(tmp_path):
    (tmp_path / "mine.yaml").write_text("base: demo\nsteps: 3\n")
    mine, demo = load_recipe(tmp_path / "mine.yaml"), load_recipe("demo")
    assert mine == demo.changed(["steps=3", "name=mine", "about=''"])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("base: nothing\nsteps: 1\n", "base: nothing: no such recipe"),
        ("base: a.yaml\n", "its bases lead back to"),
        ("base: b.yaml\n", "its bases lead back to"),
        ("base: [demo]\n", "name one recipe"),
        ("base: demo\nbatch: {sizes: 3}\n", "unknown key 'batch.sizes'; did you mean 'batch.size'"),
    ],
)
def test_a_base_that_cannot_be_is_named(tmp_path, text, says):
    (tmp_path / "a.yaml").write_text(text)
    (tmp_path / "b.yaml").write_text("base: a.yaml\n")
    with pytest.raises(UsageError) as error:
        load_recipe(tmp_path / "a.yaml")
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_merging_changes_neither_mapping():
    base, over = {"a": {"x": 1, "y": [1]}, "b": 2}, {"a": {"y": [2]}, "b": None}
    assert merge(base, over) == {"a": {"x": 1, "y": [2]}, "b": None}
    assert (base, over) == ({"a": {"x": 1, "y": [1]}, "b": 2}, {"a": {"y": [2]}, "b": None})


#: The runs of `make encoder`: (steps, seed, size of images, start, groups from, steps between
#: searches, learning rate, the head's factor, validated every, weights of the segment step).
DEFAULTS = {
    "default-first": (4000, 1, 112, None, 2, 500, 2e-4, 8, 250, (4, 2, 1)),
    "default-pairs": (1500, 21, 144, "runs/default-first", 2, 750, 2e-4, 2, 250, (4, 2, 1)),
    "default-shapes": (1500, 22, 144, "runs/default-first", 1, 750, 2e-4, 2, 250, (3, 4, 2)),
}


@pytest.mark.parametrize("name", DEFAULTS)
def test_the_runs_of_the_encoder_are_what_they_say(name):
    recipe, expected = load_recipe(name), DEFAULTS[name]
    step = recipe.augment.positive[0]
    assert (
        *(recipe.steps, recipe.seed, recipe.model.image_size, recipe.model.start),
        *(recipe.batch.least_group, recipe.batch.neighbours.every),
        *(recipe.optimizer.lr, recipe.optimizer.head_lr_factor, recipe.validation.every),
        tuple(int(step.weights[op]) for op in ("color", "remove", "rotate")),
    ) == expected
    assert recipe.model.stack_lockups is True
    assert (recipe.batch.size, recipe.batch.per_class, recipe.batch.neighbours.cluster) == (
        96,
        4,
        4,
    )
    assert recipe.batch.namespaces == (("brand",) if name == "default-shapes" else None)
    ops = [step.op for step in recipe.augment.positive]
    as_registers = {"rearrange", "lettering", "relief", "photograph", "print"}
    assert as_registers & set(ops) == (set() if name == "default-first" else as_registers)
