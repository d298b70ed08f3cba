"""Two processes under torchrun step as one with the whole batch would."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml

from marquery.encoder import LogoEncoder
from marquery.errors import UsageError
from marquery.training import devices, loop
from marquery.training.checkpoint import load_checkpoint
from marquery.training.gather import gather
from marquery.training.logs import read_log
from marquery.training.recipe import load_recipe
from marquery.training.split import training_and_validation

SCRIPT = Path(__file__).with_name("two_processes.py")


def in_two_processes(*arguments):
    command = [
        *(sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"),
        *(str(SCRIPT), *map(str, arguments)),
    ]
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr


def test_two_processes_train_as_one(recipe_file, logos, tmp_path, monkeypatch):
    """19 images are 10 and 9; with micro-batches of 3, a teacher, memory and neighbours (all there
    are: ties), at once.
    """
    plan = yaml.safe_load(recipe_file.read_text())
    plan["batch"] |= {
        "size": 15,
        "per_class": 3,
        "micro": 3,
        "compositions": 4,
        "neighbours": {"every": 2, "cluster": 2, "pool": 40},
    }
    torch.manual_seed(0)
    teacher = LogoEncoder.create("test_efficientnet", dim=8, image_size=32, pretrained=False)
    plan["teacher"] = {"encoder": str(teacher.save(tmp_path / "teacher")), "weight": 1}
    plan |= {"steps": 3, "memory": {"size": 40, "after": 1}}
    # Adam's first steps are the signs of the gradients, which would blow up rounding.
    plan["optimizer"] |= {"lr": 1e-5, "warmup": 0}
    recipe_file.write_text(yaml.safe_dump(plan))
    together = tmp_path / "together"
    together.mkdir()
    in_two_processes(recipe_file, logos.root, together)
    reports = [json.loads((together / f"rank{r}.json").read_text()) for r in (0, 1)]
    for report in reports:
        assert set(report["errors"]) == {"plain 9", "cached 9", "plain 3", "cached 3"}
        assert max(report["errors"].values()) < 1e-12
    assert reports[0]["best"] == reports[1]["best"]

    monkeypatch.setattr(loop, "LOG_EVERY", 1)
    recipe = load_recipe(recipe_file)
    alone = tmp_path / "alone"
    loop.train(recipe, *training_and_validation(logos, recipe.seed), alone)
    records = [
        [r["loss"] for r in read_log(run) if r["kind"] == "train"]
        for run in (together / "run", alone)
    ]
    assert len(records[0]) == 3
    assert records[0] == pytest.approx(records[1], abs=1e-4)
    states = [load_checkpoint(run) for run in (together / "run", alone)]
    assert torch.equal(states[0]["memory"]["labels"], states[1]["memory"]["labels"])
    assert torch.equal(*(s["neighbours"].sort().values for s in states))
    for name, weight in states[1]["network"].items():
        torch.testing.assert_close(states[0]["network"][name], weight, rtol=0, atol=1e-4)


@pytest.mark.slow
def test_another_number_of_processes_continues_a_run(recipe_file, logos, tmp_path):
    """Two steps in two processes and two in one are the four of one process."""
    plan = yaml.safe_load(recipe_file.read_text())
    plan["batch"] |= {"size": 15, "per_class": 3, "micro": 4}
    plan |= {"steps": 4, "memory": {"size": 40, "after": 1}}
    plan["validation"] = {**plan.get("validation", {}), "every": 2}
    plan["optimizer"] |= {"lr": 1e-5, "warmup": 0}
    recipe_file.write_text(yaml.safe_dump(plan))
    together, alone = tmp_path / "together", tmp_path / "alone"
    together.mkdir()
    in_two_processes(recipe_file, logos.root, together, 3)
    assert load_checkpoint(together / "run")["step"] == 2
    recipe = load_recipe(recipe_file)
    sets = training_and_validation(logos, recipe.seed)
    loop.train(recipe, *sets, together / "run", resume=True)
    loop.train(recipe, *sets, alone)
    states = [load_checkpoint(run) for run in (together / "run", alone)]
    assert [state["step"] for state in states] == [4, 4]
    assert torch.equal(states[0]["memory"]["labels"], states[1]["memory"]["labels"])
    for name, weight in states[1]["network"].items():
        torch.testing.assert_close(states[0]["network"][name], weight, rtol=0, atol=1e-4)


def test_one_process_gathers_what_it_has():
    x = torch.ones(3, 2)
    assert gather(x) is x


def test_what_several_processes_cannot_do_is_refused(recipe_file, monkeypatch):
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "x")
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    monkeypatch.setenv("WORLD_SIZE", "4")
    with pytest.raises(UsageError, match=r"freeze_batchnorm.*4 processes"):
        devices.make_fabric(load_recipe(recipe_file, ["model.freeze_batchnorm=false"]))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(
        UsageError, match="2 processes were started here, and this machine has 1 GPUs"
    ):
        devices.make_fabric(load_recipe(recipe_file))
