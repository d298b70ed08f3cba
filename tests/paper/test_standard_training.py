"""The paper's own command: its flags, what it refuses, and what a run leaves behind."""

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from PIL import Image

from marquery.encoder import LogoEncoder
from marquery.errors import UsageError
from marquery.paper.standard_training import command as command_module
from marquery.paper.standard_training import main
from marquery.paper.standard_training.options import make_parser
from marquery.paper.standard_training.plan import make_recipe, refuse_unsupported, run_folder
from marquery.training.schedule import rate_factor

# The table of the paper's public code: flag -> default.
DEFAULTS = {
    "dataset": "METU-Trademark",
    "source_path": "./Datasets",
    "save_path": "./Training_Results",
    "lr": 1e-7,
    "fc_lr_mul": 5,
    "n_epochs": 50,
    "bs": 256,
    "samples_per_class": 4,
    "seed": 1,
    "scheduler": "step",
    "gamma": 0.3,
    "decay": 4e-4,
    "opt": "adam",
    "loss": "smoothap",
    "sampling": "distance",
    "sigmoid_temperature": 0.01,
    "margin": 0.2,
    "k_vals": [1, 2, 4, 8],
    "embed_dim": 512,
    "embed_init": "default",
    "arch": "resnet50",
    "resize256": False,
    "ft_batchnorm": False,
    "not_pretrained": False,
    "init_pth": None,
    "eval_only": False,
    "grad_measure": False,
    "dist_measure": False,
    "gpu": 0,
    "savename": "",
}
TINY = [
    *("--arch", "mobilenetv3_small_050", "--not_pretrained", "--embed_dim", "8"),
    *("--image_size", "32", "--workers", "0", "--bs", "12", "--lr", "0.001", "--n_epochs", "2"),
]


def parsed(*arguments):
    return make_parser().parse_args([str(a) for a in arguments])


def recipe(*arguments, steps_per_epoch=10):
    return make_recipe(parsed(*arguments), steps_per_epoch)


@pytest.fixture
def metu(tmp_path, make_logo):
    """METU as given out: six groups of five among thirty others."""
    root = tmp_path / "Datasets" / "METU-Trademark"
    for folder in ("queries", "pool"):
        (root / folder).mkdir(parents=True)
    for group in range(1, 7):
        for instance in range(1, 6):
            size = 40 + 5 * instance
            make_logo(group).resize((size, size)).save(root / "queries" / f"{instance}-{group}.jpg")
    for number in range(30):
        make_logo(50 + number, (40, 40)).save(root / "pool" / f"{number}.jpg")
    return root


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch, own_cache):
    monkeypatch.chdir(tmp_path)
    # As it was before the command chose a GPU.
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", os.environ.get("CUDA_VISIBLE_DEVICES", ""))


def test_defaults_are_those_of_the_public_code():
    options = vars(parsed())
    assert {name: options[name] for name in DEFAULTS} == DEFAULTS
    assert sorted(options["tau"]) == [120, 200, 220, 250, 280, 300, 300]


def test_the_papers_command_as_a_recipe():
    plan = recipe("--bs", 512, "--lr", 0.001, "--n_epochs", 50, steps_per_epoch=100)
    assert (plan.batch.kind, plan.batch.size, plan.batch.per_class) == ("paper", 512, 4)
    assert (plan.steps, plan.validation.every, plan.seed) == (5000, 100, 1)
    assert (plan.model.backbone, plan.model.dim) == ("resnet50.tv_in1k", 512)
    assert (plan.model.pretrained, plan.model.freeze_batchnorm) == (True, True)
    assert (plan.loss.kind, plan.loss.temperature) == ("smoothap", 0.01)
    optimizer = plan.optimizer
    assert (optimizer.kind, optimizer.lr, optimizer.head_lr_factor) == ("adam", 0.001, 5)
    assert (optimizer.weight_decay, optimizer.warmup) == (4e-4, 0)
    assert [step.op for step in plan.augment.positive] == ["segment"]
    weights = plan.augment.positive[0].weights
    assert {name: weight for name, weight in weights.items() if weight} == {"color": 1}
    assert [step.op for step in plan.augment.negative] == ["image_level"]
    # The steps of the scheduler lie beyond the last epoch.
    assert {rate_factor(step, plan.steps, optimizer) for step in range(plan.steps)} == {1.0}


@pytest.mark.parametrize(
    ("arguments", "path", "value"),
    [
        (["--loss", "tripletloss"], "loss.kind", "triplet"),
        (["--loss", "tripletloss", "--sampling", "semihard"], "loss.mining", "semihard"),
        (["--loss", "tripletloss", "--margin", "0.3"], "loss.margin", 0.3),
        (["--sigmoid_temperature", "0.02"], "loss.temperature", 0.02),
        (["--ft_batchnorm"], "model.freeze_batchnorm", False),
        (["--not_pretrained"], "model.pretrained", False),
        (["--arch", "swinTransformer"], "model.backbone", "swin_tiny_patch4_window7_224.ms_in1k"),
        (["--arch", "tf_efficientnet_lite0"], "model.backbone", "tf_efficientnet_lite0"),
        (["--fc_lr_mul", "0"], "optimizer.head_lr_factor", 1),
        (["--decay", "0"], "optimizer.weight_decay", 0),
        (["--opt", "adamw"], "optimizer.kind", "adamw"),
        (["--scheduler", "none"], "optimizer.schedule", "constant"),
        (["--samples_per_class", "6"], "batch.per_class", 6),
        (["--seed", "7"], "seed", 7),
        (["--savename", "a/b"], "name", "a-b"),
    ],
)
def test_flags_reach_the_recipe(arguments, path, value):
    found = recipe(*arguments)
    for part in path.split("."):
        found = getattr(found, part)
    assert found == value


def test_schedulers_fall_as_torchs_do():
    stepped = recipe("--tau", 3, 1, 3, "--gamma", 0.5, "--n_epochs", 5)
    epochs = [rate_factor(10 * e, stepped.steps, stepped.optimizer) for e in range(5)]
    assert epochs == [1, 0.5, 0.5, 0.125, 0.125]  # MultiStepLR takes a milestone given twice twice
    falling = recipe("--scheduler", "exp", "--gamma", 0.5, "--n_epochs", 4)
    epochs = [rate_factor(10 * e + 9, falling.steps, falling.optimizer) for e in range(4)]
    assert epochs == [1, 0.5, 0.25, 0.125]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--opt", "sgd"], "--opt: 'sgd' "),
        (["--embed_init", "normal"], "--embed_init: 'normal' "),
        (["--grad_measure"], "--grad_measure: "),
        (["--dist_measure"], "--dist_measure: "),
        (["--init_pth", "x"], "--init_pth: "),
        (["--init_pth", "x", "--eval_only"], "--init_pth: x is not a folder"),
        (["--n_epochs", "0"], "--n_epochs: 0 "),
        (["--k_vals", "1", "0"], "--k_vals: 0 "),
        (["--tau", "-3"], "--tau: -3 "),
        (["--bs", "3"], "--bs: 3 cannot be used; "),
        (["--samples_per_class", "1"], "--samples_per_class: 1 cannot be used; "),
        (["--sigmoid_temperature", "0"], "--sigmoid_temperature: 0.0 cannot be used; "),
        (["--seed", "-1"], "--seed: -1 cannot be used; "),
        (["--gpu", "-1"], "--gpu: -1 "),
    ],
    ids=lambda v: "" if isinstance(v, str) else " ".join(v),
)
def test_what_cannot_be_honoured_is_refused_by_name(arguments, words, capsys, metu):
    assert main(arguments) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"Standard_Training.py: {words}")
    assert err.count("\n") == 1
    assert not Path("Training_Results").exists()


def test_wrong_flags_are_code_2(capsys):
    assert main(["--loss", "npair"]) == 2
    assert main(["--frobnicate"]) == 2
    assert main(["--help"]) == 0
    assert "a slip of the public code" in " ".join(capsys.readouterr().out.split())


def test_every_flag_of_the_parser_is_used():
    """A flag that nothing reads would be a promise not kept."""
    folder = Path(command_module.__file__).parent
    code = "".join(f.read_text() for f in folder.glob("*.py") if f.name != "options.py")
    # --resize256 changes nothing, which its help says.
    unused = [n for n in vars(parsed()) if not re.search(rf"\b{n}\b", code) and n != "resize256"]
    assert unused == []


def test_without_data_one_sentence_says_what_is_missing(capsys):
    assert main(["--bs", "512", "--lr", "0.001", "--n_epochs", "50"]) == 1
    err = capsys.readouterr().err
    assert err.startswith(
        "Standard_Training.py: Datasets/METU-Trademark: no such folder; METU is given"
    )
    assert "marquery data openlogos data/openlogos" in err
    assert err.count("\n") == 1


def test_without_weights_the_way_out_is_named(capsys, metu, monkeypatch):
    from marquery.encoder import weights

    monkeypatch.setattr(weights, "_hub_reachable", lambda: False)
    monkeypatch.setattr(weights, "_cached_file", lambda name: None)
    assert main(["--lr", "0.001"]) == 1
    err = capsys.readouterr().err
    assert "--not_pretrained" in err
    assert "--arch tf_efficientnet_lite0" in err


def test_too_large_a_batch_is_told_in_flags(capsys, metu):
    assert main([*TINY, "--bs", "500"]) == 2
    assert "--bs: 500 needs 496 negatives" in capsys.readouterr().err


def test_a_run_on_metu_leaves_what_its_users_look_for(capsys, metu):
    assert main(TINY) == 0
    printed = capsys.readouterr()
    run = run_folder(parsed(*TINY))
    assert run == Path(
        "Training_Results/METU-Trademark/smoothap_mobilenetv3_small_050_bs12_lr0.001_seed1"
    )
    assert "15 of 30 queries are of groups that training on this folder learns from" in printed.err
    for name in ("checkpoint.pt", "log.jsonl", "recipe.yaml", "encoder/model.safetensors"):
        assert (run / name).is_file(), name
    with (run / "log_val_Base.csv").open() as table:
        rows = list(csv.DictReader(table))
    assert [row["Epochs"] for row in rows] == ["0", "1"]
    assert all(0 <= float(row["NAR"]) <= 1 for row in rows)
    with (run / "log_train_Base.csv").open() as table:
        assert next(csv.reader(table)) == ["Epochs", "Time", "Train Loss"]
    with Image.open(run / "sample_recoveries.png") as picture:
        assert min(picture.size) > 500
    results = json.loads((run / "results.json").read_text())["protocols"]
    assert set(results) == {"standard", "metu", "upstream"}
    assert results["metu"]["counts"] == {"queries": 30, "left_out": 30, "groups": 6, "ranked": 60}
    for name, result in results.items():
        line = next(line for line in printed.out.splitlines() if line.startswith(f"{name} "))
        assert f"{result['means']['nar']:.4f}" in line
        assert result["protocol"] == name
        assert set(result["by_stratum"]) == {"training groups", "unseen groups"}
    # The epochs are those of the training logos: 30 unlabelled, less those to choose by, and two
    # groups.
    plan = yaml.safe_load((run / "recipe.yaml").read_text())
    assert plan["steps"] == 2 * ((29 + 10) // 12)

    assert main([*TINY, "--eval_only", "--k_vals", "1", "5"]) == 0
    again = capsys.readouterr().out
    assert "R@5" in again
    assert f"{results['metu']['means']['nar']:.4f}" in again
    other = [*TINY, "--eval_only", "--init_pth", str(run), "--savename", "other"]
    assert main(other) == 0
    assert f"{results['metu']['means']['nar']:.4f}" in capsys.readouterr().out
    assert (run.parent / "other" / "results.json").is_file()
    assert main([*TINY, "--savename", run.name, "--lr", "0.002"]) == 2
    err = capsys.readouterr().err
    assert "--savename: " in err
    assert "holds a run whose recipe is not the one given now" in err


def test_a_run_on_a_plain_folder_ranks_the_groups_set_aside(capsys, tmp_path, make_logo):
    for group in range(24):
        folder = tmp_path / "mine" / "logos" / f"g{group:02d}"
        folder.mkdir(parents=True)
        for instance in range(4):
            make_logo(group).resize((30 + instance, 30)).save(folder / f"{instance}.png")
    flags = [*TINY, "--source_path", "mine", "--dataset", "logos", "--n_epochs", "1"]
    flags += ["--steps_per_epoch", "1", "--loss", "tripletloss", "--savename", "mine"]
    assert main(flags) == 0
    printed = capsys.readouterr()
    assert "the groups set aside for validation are ranked" in printed.err
    encoder = LogoEncoder.load("Training_Results/logos/mine")
    assert encoder.dim == 8


def test_a_list_of_visible_gpus_is_obeyed(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4, 5,6")
    command_module._choose_gpu(1)
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "5"
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    command_module._choose_gpu(2)
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "2"
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(UsageError, match="gpu: there is no GPU of number 1"):
        command_module._choose_gpu(1)


def test_the_script_at_the_root_starts_the_command(tmp_path):
    script = Path(__file__).parents[2] / "Standard_Training.py"
    done = subprocess.run(
        [sys.executable, str(script), "--bs", "512"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Standard_Training.py: Datasets/METU-Trademark: no such folder")


def test_flags_that_are_fine_are_not_refused():
    refuse_unsupported(parsed("--bs", 512, "--lr", 0.001, "--n_epochs", 50, "--resize256"))
