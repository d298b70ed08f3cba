"""Training: it learns, it resumes to the same weights after a kill, it refuses what does not
fit.
"""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
import torch
import yaml

from marquery.cli.app import run as run_command
from marquery.datasets import LogoSet
from marquery.encoder import LogoEncoder
from marquery.errors import ImageError, MarqueryError, UsageError
from marquery.evaluation import evaluate
from marquery.training import loop
from marquery.training.assembly import make_criterion, make_encoder, make_optimizer, make_sampler
from marquery.training.checkpoint import CHECKPOINT_FILE, load_checkpoint, save_checkpoint
from marquery.training.logs import read_log
from marquery.training.loop import train
from marquery.training.recipe import load_recipe
from marquery.training.split import training_and_validation, unseen_by
from marquery.training.validation import with_views


@pytest.fixture
def halves(logos):
    aside = np.char.startswith(logos.groups, "g1")
    return logos.subset(~aside), logos.subset(aside)


def test_training_learns_and_leaves_a_whole_run(recipe_file, halves, tmp_path):
    recipe = load_recipe(recipe_file, ["steps=40", "validation.every=20", "optimizer.lr=3e-3"])
    training, validation = halves
    summary = train(recipe, training, validation, tmp_path / "run")
    run = tmp_path / "run"
    names = {p.name for p in run.iterdir()}
    assert names == {
        "recipe.yaml",
        "environment.json",
        "log.jsonl",
        "tensorboard",
        "checkpoint.pt",
        "encoder",
    }
    assert load_recipe(run / "recipe.yaml") == recipe
    facts = json.loads((run / "environment.json").read_text())
    assert facts["data"]["training"]["fingerprint"] == training.fingerprint()
    assert facts["packages"]["torch"] == torch.__version__.split("+")[0]
    records = read_log(run)
    losses = [r["loss"] for r in records if r["kind"] == "train"]
    assert losses[-1] < losses[0]
    checks = [r for r in records if r["kind"] == "val"]
    assert [r["step"] for r in checks] == [19, 39]
    kept = max(checks, key=lambda r: r["map"])
    assert summary.best_step == kept["step"]
    vectors = LogoEncoder.load(run).embed(validation.files())
    assert evaluate(vectors, validation.groups).map == pytest.approx(kept["map"], abs=1e-6)
    assert "waiting for images" in summary.bottleneck


def test_the_wait_for_the_first_images_holds_no_run_up(recipe_file, halves, tmp_path, monkeypatch):
    """Workers start in it, and the segmenter may be compiled."""
    batches = loop.batches_of_run

    def slow_start(*arguments):
        for number, (step, batch, waited) in enumerate(batches(*arguments)):
            yield step, batch, waited if number else 1000.0

    monkeypatch.setattr(loop, "batches_of_run", slow_start)
    recipe = load_recipe(recipe_file, ["steps=3", "validation.every=3"])
    summary = train(recipe, *halves, tmp_path / "run")
    assert summary.seconds > 1000
    assert summary.waiting_share < 1
    assert summary.images_per_second > 1


def test_a_killed_run_resumes_to_the_weights_of_an_unbroken_one(recipe_file, logo_folder, tmp_path):
    """A real SIGKILL, after a checkpoint and in the middle of later steps."""

    def command(out, *more):
        return ["train", str(recipe_file), "--data", str(logo_folder), "--out", str(out), *more]

    settings = ["--set", "steps=30", "--set", "validation.every=5"]
    unbroken, broken = tmp_path / "unbroken", tmp_path / "broken"
    assert run_command(command(unbroken, *settings)) == 0

    process = subprocess.Popen(
        [sys.executable, "-m", "marquery", *command(broken, *settings)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not (broken / CHECKPOINT_FILE).exists():
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    state = load_checkpoint(broken)
    assert state is not None
    assert state["step"] < 30, "killed too late to test anything"

    assert run_command(command(broken, *settings, "--resume")) == 0
    ends = [load_checkpoint(run)["network"] for run in (unbroken, broken)]
    assert all(torch.equal(ends[0][k], ends[1][k]) for k in ends[0])
    assert LogoEncoder.load(broken).fingerprint() == LogoEncoder.load(unbroken).fingerprint()

    def figures(run):
        return [{k: r.get(k) for k in ("kind", "step", "loss", "map")} for r in read_log(run)]

    assert figures(unbroken) == figures(broken)


class Killed(Exception):
    """Stands for a kill in the middle of a step."""


def killed_at(monkeypatch, step):
    """Have the run end when the random state of a step is set; gives back how to undo it."""
    seed_step = loop.seed_step

    def kill(seed, now, rank):
        if now == step:
            raise Killed
        seed_step(seed, now, rank)

    monkeypatch.setattr(loop, "seed_step", kill)
    return lambda: monkeypatch.setattr(loop, "seed_step", seed_step)


TRIPLET = ["loss.kind=triplet", "batch.per_class=4"]
NEIGHBOURS = "batch.neighbours={every: 3, cluster: 2, pool: 4}"


@pytest.mark.parametrize(
    "settings",
    [
        [*TRIPLET, "loss.mining=random", "batch.micro=3"],
        [*TRIPLET, "loss.mining=semihard"],
        [*TRIPLET, "loss.mining=distance", "memory.size=20"],
        ["memory={size: 20, after: 1, max_age: 3}", NEIGHBOURS, "workers=1"],
        [NEIGHBOURS, "batch.kind=views", "batch.micro=5"],
        [NEIGHBOURS, "batch.compositions=3", "batch.micro=4"],
        ["batch.compositions=3", "model.freeze_batchnorm=false"],
    ],
    ids=lambda s: ",".join(s[-2:]),
)
def test_resuming_is_exact_whatever_past_steps_left(
    recipe_file, halves, tmp_path, monkeypatch, settings
):
    recipe = load_recipe(recipe_file, ["steps=6", *settings])
    train(recipe, *halves, tmp_path / "unbroken")
    revive = killed_at(monkeypatch, 5)
    with pytest.raises(Killed):
        train(recipe, *halves, tmp_path / "broken")
    revive()
    torch.rand(7)  # whatever else the process draws must not matter
    train(recipe, *halves, tmp_path / "broken", resume=True)
    ends = [load_checkpoint(tmp_path / run)["network"] for run in ("unbroken", "broken")]
    assert all(torch.equal(ends[0][k], ends[1][k]) for k in ends[0])


def losses_of(run):
    return [r["loss"] for r in read_log(run) if r["kind"] == "train"]


def test_caching_changes_the_memory_and_not_the_run(recipe_file, halves, tmp_path, monkeypatch):
    """Without a random network: mobilenetv3 has no dropout but its own rate, 0 here."""
    monkeypatch.setattr(loop, "LOG_EVERY", 1)
    runs = []
    for micro in ("auto", "3", "8"):
        run = tmp_path / micro
        # Adam's first steps are the signs of the gradients: rounding would grow at a great rate.
        recipe = load_recipe(recipe_file, [f"batch.micro={micro}", "steps=3", "optimizer.lr=1e-5"])
        train(recipe, *halves, run)
        runs.append(losses_of(run))
    assert runs[0] == runs[2]
    assert runs[1] == pytest.approx(runs[0], abs=1e-4)


def test_a_run_from_before_a_key_came_is_continued(recipe, halves, tmp_path):
    train(recipe, *halves, tmp_path)
    state = load_checkpoint(tmp_path)
    old = json.loads(state["recipe"])
    del old["memory"], old["batch"]["micro"], old["batch"]["neighbours"]
    save_checkpoint(tmp_path, {**state, "recipe": json.dumps(old)})
    train(recipe, *halves, tmp_path, resume=True)


def test_neighbours_are_searched_on_time_and_change_the_batches(recipe_file, halves, tmp_path):
    settings = ["steps=7", "batch.neighbours={every: 3, cluster: 4, pool: 9}", "batch.kind=views"]
    recipe = load_recipe(recipe_file, settings)
    train(recipe, *halves, tmp_path)
    assert [r["step"] for r in read_log(tmp_path) if r["kind"] == "neighbours"] == [0, 3, 6]
    table = load_checkpoint(tmp_path)["neighbours"]
    assert table.shape == (len(halves[0]), 9)
    assert ((table >= 0) & (table != torch.arange(len(table))[:, None])).all()


def test_the_number_of_workers_may_change_on_resume(recipe, recipe_file, halves, tmp_path):
    train(recipe, *halves, tmp_path)
    train(load_recipe(recipe_file, ["workers=1"]), *halves, tmp_path, resume=True)


def test_a_picture_lost_during_training_is_named(recipe_file, halves, tmp_path):
    training = replace(halves[0], digests=np.full(len(halves[0]), "0"))  # as in a built benchmark
    lost = training.files()[::2]
    for file in lost:
        file.unlink()
    with pytest.raises(ImageError, match="no such file") as caught:
        train(load_recipe(recipe_file, ["workers=1"]), training, halves[1], tmp_path)
    assert caught.value.path in map(str, lost)


def test_resuming_a_finished_run_changes_nothing(recipe, halves, tmp_path):
    first = train(recipe, *halves, tmp_path)
    before = LogoEncoder.load(tmp_path).fingerprint()
    again = train(recipe, *halves, tmp_path, resume=True)
    assert LogoEncoder.load(tmp_path).fingerprint() == before
    assert (again.best_step, again.best) == (first.best_step, first.best)


def test_a_folder_with_another_run_is_left_alone(recipe, recipe_file, halves, tmp_path):
    train(recipe, *halves, tmp_path)
    with pytest.raises(UsageError, match="set resume to continue it"):
        train(recipe, *halves, tmp_path)
    other = load_recipe(recipe_file, ["seed=4"])
    with pytest.raises(UsageError, match="whose recipe is not the one"):
        train(other, *halves, tmp_path, resume=True)
    fewer = halves[0].subset(np.arange(len(halves[0]) - 3))
    with pytest.raises(UsageError, match="training data is not the one"):
        train(recipe, fewer, halves[1], tmp_path, resume=True)
    (tmp_path / CHECKPOINT_FILE).write_bytes(b"half a checkpoint")
    with pytest.raises(MarqueryError, match="damaged"):
        train(recipe, *halves, tmp_path, resume=True)


def test_a_loss_that_is_not_finite_stops_the_run(recipe, halves, tmp_path, monkeypatch):
    class Bad(torch.nn.Module):
        def forward(self, embeddings, labels):
            return embeddings.sum() * float("nan")

    monkeypatch.setattr(loop, "make_criterion", lambda recipe: Bad())
    with pytest.raises(MarqueryError, match="not finite at step 0"):
        train(recipe, *halves, tmp_path)


@pytest.mark.parametrize(
    "settings",
    [
        ["batch.kind=views"],
        ["loss.kind=supap", "loss.calibration=0.5", "memory.size=8"],
        ["loss.kind=recall", "loss.k=[1, 4]", "batch.micro=3"],
        ["batch.kind=paper", "batch.per_class=3", "batch.size=12", "memory.size=30"],
        ["batch.kind=paper", "batch.per_class=3", "batch.size=12"],
        ["loss.kind=triplet", "loss.mining=semihard"],
        ["batch.kind=paper", "batch.per_class=3", "loss.kind=triplet", "loss.mining=random"],
        ["model.pooling=gem", "optimizer.kind=adam", "optimizer.schedule=step"],
        ["model.freeze_batchnorm=false", "workers=1", "precision=bf16-mixed"],
    ],
    ids=lambda s: ",".join(s),
)
def test_every_kind_of_batch_and_loss_trains(recipe_file, halves, tmp_path, settings):
    recipe = load_recipe(recipe_file, ["steps=3", "validation.metric=nar", *settings])
    summary = train(recipe, *halves, tmp_path)
    assert 0 <= summary.best["nar"] <= 1
    start = LogoEncoder.create("mobilenetv3_small_050", 16, image_size=32, pretrained=False)
    assert LogoEncoder.load(tmp_path).fingerprint() != start.fingerprint()


def test_a_run_starts_from_another_encoder(recipe_file, halves, tmp_path):
    first = make_encoder(load_recipe(recipe_file))
    first.save(tmp_path / "first")
    text = yaml.safe_load(recipe_file.read_text())
    text["model"] = {"start": str(tmp_path / "first"), "image_size": 48}
    recipe_file.write_text(yaml.safe_dump(text))
    plan = load_recipe(recipe_file, ["steps=2", "optimizer.lr=1e-9"])
    train(plan, *halves, tmp_path / "run")
    found = LogoEncoder.load(tmp_path / "run")
    assert (found.image_size, found.dim) == (48, first.dim)
    assert torch.allclose(found.network.head.weight, first.network.head.weight, atol=1e-6)
    with pytest.raises(UsageError, match="dim does not go with start"):
        load_recipe(recipe_file, ["model.dim=8"])


def test_a_run_starts_from_the_mean_of_encoders(recipe_file, tmp_path):
    plans = [load_recipe(recipe_file, [f"seed={seed}"]) for seed in (0, 1)]
    parts = []
    for seed, plan in enumerate(plans):
        torch.manual_seed(seed)
        parts.append(make_encoder(plan))
        parts[-1].save(tmp_path / str(seed))
    text = yaml.safe_load(recipe_file.read_text())
    text["model"] = {"start": [str(tmp_path / "0"), str(tmp_path / "1")], "image_size": 48}
    recipe_file.write_text(yaml.safe_dump(text))
    start = make_encoder(load_recipe(recipe_file))
    one, two = (part.network.head.weight for part in parts)
    assert not torch.allclose(one, two)
    assert torch.allclose(start.network.head.weight, (one + two) / 2, atol=1e-6)
    assert start.image_size == 48


def test_only_groups_of_the_named_namespaces_make_batches(recipe_file, logos):
    spaces = np.where(np.arange(len(logos)) < len(logos) // 2, "brand", "crypto")
    for group in set(logos.groups.tolist()):  # a group is of one namespace
        spaces[logos.groups == group] = spaces[np.argmax(logos.groups == group)]
    mixed = replace(logos, namespaces=spaces)
    sampler = make_sampler(load_recipe(recipe_file, ["batch.size=4"]), mixed)
    seen = {spaces[draw.logo] for step in range(20) for draw in sampler.draw(step)}
    assert seen == {"brand", "crypto"}
    plan = load_recipe(recipe_file, ["batch.size=4", "batch.namespaces=[brand]"])
    sampler = make_sampler(plan, mixed)
    assert {spaces[draw.logo] for step in range(20) for draw in sampler.draw(step)} == {"brand"}


def test_a_folder_without_labels_is_learnt_and_validated_by_views(
    recipe_file, logo_folder, tmp_path
):
    settings = [
        "labels=file",
        "batch.unlabelled=views",
        "batch.least_group=1",
        "validation.views=2",
    ]
    plan = load_recipe(recipe_file, [*settings, "steps=2"])
    logos = LogoSet.open(logo_folder, subfolders=False)
    training, validation = training_and_validation(logos, plan.seed, views=True)
    assert not set(training.paths) & set(validation.paths)
    assert make_sampler(plan, training).class_count == len(training)
    images, groups = with_views(plan, validation)
    assert len(images) == len(groups) == 3 * len(validation)
    assert set(np.unique(groups, return_counts=True)[1]) == {3}
    again, _ = with_views(plan, validation)
    assert all(np.array_equal(a, b) for a, b in zip(images, again, strict=True))
    summary = train(plan, training, validation, tmp_path / "run")
    assert 0 < summary.best["map"] <= 1
    # figures on the same folder are those of what was set aside, whatever its sub-folders are
    # called
    assert unseen_by(tmp_path / "run", LogoSet.open(logo_folder)).paths == validation.paths


def test_the_head_learns_at_its_own_rate(recipe):
    encoder = LogoEncoder.create("mobilenetv3_small_050", 16, image_size=32, pretrained=False)
    body, head = make_optimizer(encoder, recipe.optimizer).param_groups
    assert head["lr"] == pytest.approx(5 * body["lr"])
    assert {p.shape for p in head["params"]} == {(16, 1024), (16,)}
    assert len(body["params"]) == len(list(encoder.network.backbone.parameters()))


def test_batches_that_cannot_be_filled_are_refused(recipe_file, halves):
    for settings, words in (
        (["batch.size=9"], "multiple"),
        (["batch.size=400"], "groups a batch"),
        (["batch.kind=paper", "batch.per_class=7"], "no group"),
    ):
        with pytest.raises(UsageError, match=words):
            make_sampler(load_recipe(recipe_file, settings), halves[0])


@pytest.mark.parametrize("kind", ["smoothap", "supap", "recall"])
def test_unlabelled_items_are_only_negatives_in_every_loss(recipe_file, kind):
    criterion = make_criterion(load_recipe(recipe_file, [f"loss.kind={kind}"]))
    torch.manual_seed(0)
    x = torch.nn.functional.normalize(torch.randn(8, 4), dim=1)
    labels = torch.tensor([0, 0, -1, -1, -1, -1, -1, -1])
    # The pair alone is ranked perfectly, which recall with its soft cut-off does not give a loss of
    # 0.
    alone = float(criterion(x[:2], labels[:2]))
    assert alone == pytest.approx(0.1635 if kind == "recall" else 0, abs=1e-3)
    assert float(criterion(x, labels)) > alone + 0.01


def test_a_folder_without_splits_is_split_by_group(logos, tmp_path):
    training, validation = training_and_validation(logos, seed=0)
    assert set(training.groups) & set(validation.groups) == set()
    assert len(training) + len(validation) == len(logos)
    few = logos.subset(np.arange(6))
    with pytest.raises(UsageError, match="too few groups"):
        training_and_validation(few, seed=0)


def test_a_teacher_is_listened_to_and_belongs_to_the_run(
    recipe_file, halves, tmp_path, monkeypatch
):
    monkeypatch.setattr(loop, "LOG_EVERY", 1)

    def save_teacher(seed):
        torch.manual_seed(seed)
        encoder = LogoEncoder.create("test_efficientnet", dim=8, image_size=32, pretrained=False)
        encoder.save(tmp_path / "teacher")

    save_teacher(0)
    settings = [f"teacher={{encoder: {tmp_path / 'teacher'}, weight: 1000}}", "steps=3"]
    train(load_recipe(recipe_file, settings[1:]), *halves, tmp_path / "alone")
    taught = load_recipe(recipe_file, settings)
    train(taught, *halves, tmp_path / "taught")
    first = [losses_of(tmp_path / run)[0] for run in ("alone", "taught")]
    assert first[1] > first[0] + 1e-3
    facts = json.loads((tmp_path / "taught" / "environment.json").read_text())
    assert facts["data"]["teacher"] == LogoEncoder.load(tmp_path / "teacher").fingerprint()
    save_teacher(1)
    with pytest.raises(UsageError, match="whose teacher is not the one given now"):
        train(taught, *halves, tmp_path / "taught", resume=True)
    gone = load_recipe(recipe_file, ["teacher.encoder=nothing-there"])
    with pytest.raises(MarqueryError, match="nothing-there"):
        train(gone, *halves, tmp_path / "gone")
    assert not (tmp_path / "gone").exists()


def test_compositions_are_in_the_batch(recipe_file, halves, tmp_path):
    settings = ["steps=1", "memory.size=200", "batch.compositions=30"]
    recipe = load_recipe(recipe_file, settings)
    train(recipe, *halves, tmp_path)
    labels = load_checkpoint(tmp_path)["memory"]["labels"]
    assert len(labels) == recipe.batch.size + 30
    assert 1 <= (labels == -1).sum() <= 30
