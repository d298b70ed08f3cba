"""``marquery calibrate``: what a model's cosine means, and whether it may compute in bfloat16."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from marquery.cli.options import Seed
from marquery.console import say, say_skipped, tell

if TYPE_CHECKING:
    from marquery.index.calibrating import FittedEvidence


def calibrate(
    model: Annotated[
        str, typer.Argument(help="A training run or a saved encoder.", show_default=False)
    ],
    data: Annotated[Path, typer.Option("--data", help="A data set with the splits val and test.")],
    diagram: Annotated[
        Path | None, typer.Option("--diagram", help="PNG for the reliability diagram.")
    ] = None,
    seed: Seed = 0,
) -> None:
    """Fit the probability of the same mark on val, test it on test, store it beside the model."""
    from marquery.encoder.spec import SPEC_FILE, encoder_folder
    from marquery.errors import MarqueryError, UsageError

    folder = encoder_folder(model)
    if not (folder / SPEC_FILE).is_file():
        raise MarqueryError(
            f"{model}: no encoder there ({SPEC_FILE} is missing); name a folder that it can be "
            "stored in"
        )
    if diagram is not None and diagram.suffix.lower() != ".png":
        raise UsageError("diagram", f"{diagram} is no PNG file", "name one that ends in .png")

    from marquery.calibration.diagram import draw_reliability
    from marquery.datasets import LogoSet
    from marquery.datasets.readable import readable
    from marquery.encoder import LogoEncoder
    from marquery.index.calibrating import fit_evidence
    from marquery.training.calibrate import calibrate as run

    logos, skipped = readable(LogoSet.open(data))
    say_skipped(skipped)
    encoder = LogoEncoder.load(model)
    done = run(encoder, folder, logos, seed)
    tested = done.test
    say(f"prior: {done.calibration.prior}")
    say(f"fitted on {done.calibration.pairs:,} pairs of {done.calibration.logos:,} logos (val)")
    say(
        f"tested on {tested.pairs:,} pairs of {tested.logos:,} logos (test): "
        f"expected calibration error {tested.error:.3f}, Brier score {tested.brier:.3f}"
    )
    if done.precision is None:
        say("bfloat16: this CPU has none, or OpenVINO is not installed; not measured")
    else:
        say(
            f"bfloat16: {'accepted' if done.precision.accepted else 'not accepted'} (lowest cosine "
            f"{done.precision.lowest_cosine:.5f}, worst metric loses "
            f"{done.precision.worst_loss:.4f})"
        )
    _say_evidence(fit_evidence(encoder, folder, logos, seed))
    if diagram is not None:
        draw_reliability(done.calibration, done.pairs, done.reliability, diagram)
        say(f"diagram: {diagram}")
    for name in ("calibration.json", "evidence.json", "projection.npz"):
        tell(folder / name)


def _say_evidence(fitted: "FittedEvidence") -> None:
    model = fitted.model
    say(f"all evidence: fitted on {model.pairs:,} pairs of {model.logos:,} logos (val)")
    for tested, prior in ((model.test, model.prior), (model.rare_test, model.rare.prior)):
        if tested is not None:
            say(
                f"tested on {tested.pairs:,} pairs of {tested.logos:,} logos (test): expected "
                f"calibration error {tested.error:.3f}, Brier score {tested.brier:.3g}; {prior}"
            )
