"""From the flags to a recipe; what cannot be honoured is refused, with the reason."""

import argparse
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from marquery.backbones import timm_name
from marquery.errors import Naming, UsageError, refused_value
from marquery.losses.parts import loss_parts
from marquery.training.recipe import Recipe

#: Keys of a recipe and parameters of the library -> the flags that set them; other options have a
#: flag of their own name.
_FLAGS = {
    "model.backbone": "--arch",
    "model.dim": "--embed_dim",
    "model.image_size": "--image_size",
    "batch.size": "--bs",
    "batch.per_class": "--samples_per_class",
    "loss.temperature": "--sigmoid_temperature",
    "loss.margin": "--margin",
    "loss.mining": "--sampling",
    "optimizer.lr": "--lr",
    "optimizer.head_lr_factor": "--fc_lr_mul",
    "optimizer.weight_decay": "--decay",
    "optimizer.gamma": "--gamma",
    "name": "--savename",
    "out": "--savename",
    "steps": "--n_epochs",
    "data": "--source_path",
}


def flag_naming(parser: argparse.ArgumentParser) -> Naming:
    """What this command calls an option of the library: its flag, or the name as it is where there
    is none.
    """

    own = {action.dest: action.option_strings[-1] for action in parser._actions}

    def name(option: str) -> str:
        return _FLAGS.get(option) or own.get(option, option)

    return name


def refuse_unsupported(options: argparse.Namespace) -> None:
    """Stop at flags that would have no effect here.

    Raises:
        UsageError: such a flag is set; the message says why and what to do.
    """
    if options.opt not in ("adam", "adamw"):
        raise UsageError(
            "opt",
            f"{options.opt!r} is not offered: the paper's results are Adam's, whatever was given "
            "(its code "
            "reads the flag nowhere)",
            "use adam, or adamw",
        )
    if options.embed_init != "default":
        raise UsageError(
            "embed_init",
            f"{options.embed_init!r} has no effect: the embedding layer starts as PyTorch's linear "
            "layers do",
            "leave the flag out",
        )
    if options.grad_measure:
        raise UsageError(
            "grad_measure",
            "gradients of the embedding layer are not stored",
            "leave the flag out; the loss of the steps is in log.jsonl and tensorboard/",
        )
    if options.dist_measure:
        raise UsageError(
            "dist_measure",
            "distance ratios are not stored (the public code writes an empty table)",
            "leave the flag out; every figure of the test is in results.json",
        )
    if options.init_pth is not None and not options.eval_only:
        raise UsageError(
            "init_pth",
            "training starts from ImageNet's weights or, with --not_pretrained, from random ones",
            "add --eval_only to evaluate that encoder, or leave the flag out",
        )
    if options.init_pth is not None and not Path(options.init_pth).is_dir():
        raise UsageError(
            "init_pth",
            f"{options.init_pth} is not a folder",
            "name an encoder that marquery wrote (checkpoints of the public code hold its own "
            "classes "
            "and are not read)",
        )
    for name in ("n_epochs", "steps_per_epoch"):
        value = getattr(options, name)
        if value is not None and value < 1:
            raise UsageError(name, f"{value} is less than 1", "use 1 or more")
    for name in ("k_vals", "tau"):
        wrong = [value for value in getattr(options, name) if value < 1]
        if wrong:
            raise UsageError(name, f"{wrong[0]} is less than 1", "use 1 or more")


def run_folder(options: argparse.Namespace) -> Path:
    """``SAVE_PATH/DATASET/SAVENAME``."""
    return Path(options.save_path, options.dataset, run_name(options))


def run_name(options: argparse.Namespace) -> str:
    """The name given, or one of what matters most."""
    if options.savename:
        return str(options.savename)
    parts = [options.loss, options.arch, f"bs{options.bs}", f"lr{options.lr:g}"]
    return "_".join([*parts, f"seed{options.seed}"])


def make_recipe(options: argparse.Namespace, steps_per_epoch: int) -> Recipe:
    """The recipe that the flags describe.

    Args:
        options: parsed flags.
        steps_per_epoch: batches an epoch; the flags count epochs, recipes count steps.

    Raises:
        UsageError: a value is out of range; the flag is named.
    """
    described: dict[str, Any] = {
        "name": run_name(options).replace("/", "-"),
        "about": "Standard_Training.py: the paper's batches and segment colour change.",
        "seed": options.seed,
        "steps": options.n_epochs * steps_per_epoch,
        "workers": options.workers,
        "model": {
            "backbone": timm_name(options.arch),
            "dim": options.embed_dim,
            "image_size": options.image_size,
            "pretrained": not options.not_pretrained,
            "freeze_batchnorm": not options.ft_batchnorm,
        },
        "batch": {"kind": "paper", "size": options.bs, "per_class": options.samples_per_class},
        "augment": {
            "positive": [{"op": "segment", "color": 1}],
            "negative": [{"op": "image_level"}],
        },
        "loss": _loss(options),
        "optimizer": {
            "kind": options.opt,
            "lr": options.lr,
            "head_lr_factor": options.fc_lr_mul or 1,
            "weight_decay": options.decay,
            "warmup": 0,
            **_schedule(options, steps_per_epoch),
        },
        "validation": {"every": steps_per_epoch},
    }
    try:
        return Recipe.model_validate(described)
    except ValidationError as error:
        first = error.errors()[0]
        kinds = loss_parts()
        key = ".".join(str(part) for part in first["loc"] if part not in kinds)
        raise UsageError(key, *refused_value(first)) from error


def _loss(options: argparse.Namespace) -> dict[str, Any]:
    # The public code takes the options of both losses whichever is chosen; those of the other have
    # no effect.
    if options.loss == "smoothap":
        return {"kind": "smoothap", "temperature": options.sigmoid_temperature}
    return {"kind": "triplet", "margin": options.margin, "mining": options.sampling}


def _schedule(options: argparse.Namespace, steps_per_epoch: int) -> dict[str, Any]:
    if options.scheduler == "none":
        return {"schedule": "constant"}
    # An exponential fall after each epoch is a step at each.
    epochs = options.tau if options.scheduler == "step" else range(1, options.n_epochs)
    milestones = [epoch * steps_per_epoch for epoch in sorted(epochs)]
    return {"schedule": "step", "milestones": milestones, "gamma": options.gamma}
