"""The command itself: check what can be checked, then train, evaluate and write the results."""

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from marquery.console import complain, complain_at_length, tell
from marquery.errors import MarqueryError, NotBuiltError, UsageError
from marquery.extras import install_command
from marquery.paper.standard_training.options import PROGRAM, make_parser

if TYPE_CHECKING:
    from marquery.datasets import LogoSet
    from marquery.encoder import LogoEncoder


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns 0 (done), 1 (the job failed) or 2 (wrong use)."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in arguments
    parser = make_parser()
    try:
        options = parser.parse_args([a for a in arguments if a != "--debug"])
    except SystemExit as end:  # how argparse ends, after the help or its own message
        return end.code if isinstance(end.code, int) else 2
    try:
        _run(options)
    except UsageError as error:
        from marquery.paper.standard_training.plan import flag_naming

        return _fail(error.sentence(flag_naming(parser)), 2, debug)
    except NotBuiltError as error:
        return _fail(f"{error}: marquery data openlogos {error.place}", 1, debug)
    except MarqueryError as error:
        return _fail(str(error), 1, debug)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("marquery"):
            raise
        return _fail(
            f"{error.name} is not installed; run: {install_command(error.name)}",
            1,
            debug,
        )
    return 0


def _run(options: argparse.Namespace) -> None:
    from marquery.paper.standard_training.plan import make_recipe, refuse_unsupported, run_folder

    refuse_unsupported(options)
    make_recipe(options, 1)  # values out of range are told before any work
    data, run = Path(options.source_path) / options.dataset, run_folder(options)
    if not data.is_dir():
        raise MarqueryError(
            f"{data}: no such folder; METU is given to university researchers by its authors "
            "(docs/metu.md "
            "says how to ask); without it train on the open benchmark: marquery data openlogos "
            "data/openlogos, "
            "then add --source_path data --dataset openlogos"
        )
    _choose_gpu(options.gpu)

    from marquery.console import say, say_skipped
    from marquery.datasets import LogoSet
    from marquery.datasets.readable import readable
    from marquery.encoder import LogoEncoder

    if options.eval_only:
        encoder = LogoEncoder.load(options.init_pth or run)
    elif not options.not_pretrained:
        _check_weights(options)
    found = LogoSet.open(data)
    if found.has_splits:
        found.split("test")  # told before the training that there is nothing to report on
    logos, skipped = readable(found)
    say_skipped(skipped)
    if not options.eval_only:
        if options.lr == 1e-7:
            say("--lr 1e-07: next to nothing is learnt at the default rate; the paper's is 0.001")
        encoder = _train(options, logos, run)
    _evaluate(options, encoder, logos, run)


def _train(options: argparse.Namespace, logos: "LogoSet", run: Path) -> "LogoEncoder":
    """Train, or go on from the run's checkpoint; returns the encoder that did best on
    validation.
    """
    from marquery.console import say
    from marquery.encoder import LogoEncoder
    from marquery.paper.standard_training.plan import make_recipe
    from marquery.paper.standard_training.tables import write_log_tables
    from marquery.training.assembly import make_sampler
    from marquery.training.loop import train
    from marquery.training.split import training_and_validation

    training, validation = training_and_validation(logos, options.seed)
    per_epoch = options.steps_per_epoch
    if per_epoch is None:
        per_epoch = make_sampler(make_recipe(options, 1), training).steps_per_epoch
    recipe = make_recipe(options, per_epoch)
    say(
        f"{len(training):,} logos to learn from, {len(validation):,} to choose by; "
        f"{options.n_epochs} epochs of {per_epoch:,} steps into {run}"
    )
    try:
        summary = train(recipe, training, validation, run, resume=True)
    finally:
        write_log_tables(run, per_epoch)
    say(summary.bottleneck)
    say(f"kept: the weights after epoch {summary.best_step // per_epoch + 1} of {options.n_epochs}")
    return LogoEncoder.load(run)


def _evaluate(
    options: argparse.Namespace, encoder: "LogoEncoder", logos: "LogoSet", run: Path
) -> None:
    """Rank the test queries, print the figures of every protocol, write them and the picture."""

    from marquery.console import say
    from marquery.datasets.trained_groups import say_trained_groups
    from marquery.encoder.gpu import move_to_gpu
    from marquery.paper.standard_training.report import report_test
    from marquery.training.split import unseen_by

    if logos.has_splits:
        test = logos.split("test")
        say_trained_groups(test)
    else:
        unseen = unseen_by(Path(options.init_pth or run), logos)
        if unseen is not None:
            say("the folder has no test split: the groups set aside for validation are ranked")
        test = logos if unseen is None else unseen
    move_to_gpu(encoder)
    for line in report_test(encoder, test, options.k_vals, run).splitlines():
        tell(line)


def _choose_gpu(number: int) -> None:
    """Leave one GPU visible, before torch looks; of those that a scheduler allows, if it says.

    Raises:
        UsageError: there is no GPU of that number.
    """
    if number < 0:
        raise UsageError("gpu", f"{number} is less than 0", "give a number from 0")
    if number == 0:  # the first one is taken in any case, the CPU where there is none
        return
    allowed = os.environ.get("CUDA_VISIBLE_DEVICES")
    names = [str(number)] * (number + 1) if allowed is None else allowed.split(",")
    os.environ["CUDA_VISIBLE_DEVICES"] = names[number].strip() if number < len(names) else ""

    import torch

    if not torch.cuda.is_available():
        raise UsageError("gpu", f"there is no GPU of number {number}", "leave the flag out")


def _check_weights(options: argparse.Namespace) -> None:
    """Find out, before hours of reading, whether ImageNet's weights can be had.

    Raises:
        MarqueryError: they cannot; or timm knows no such network.
    """
    from marquery.backbones import timm_name
    from marquery.encoder.weights import OFFLINE_BACKBONE, WeightsUnavailable, create_backbone

    name = timm_name(options.arch)
    try:
        create_backbone(name, True, options.image_size)
    except WeightsUnavailable as error:
        raise MarqueryError(
            f"--arch {options.arch}: ImageNet weights of {name} cannot be had (the model hub "
            "cannot be reached "
            "or has none, and nothing is cached); connect once, or add --not_pretrained to start "
            "from random "
            f"weights, or --arch {OFFLINE_BACKBONE}, whose weights come with the package"
        ) from error


def _fail(message: str, code: int, debug: bool) -> int:
    if debug:
        complain_at_length(traceback.format_exc().rstrip())
    complain(f"{PROGRAM}: {message}")
    return code
