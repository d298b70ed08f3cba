"""Training curves from a run's log."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from marquery.files import write_atomically


def draw_curves(records: Sequence[Mapping[str, Any]], out: Path, title: str = "") -> None:
    """Loss, and NAR and mAP on the validation split, over the steps of a run, as a PNG.

    Args:
        records: a run's log as :func:`marquery.training.logs.read_log` gives it.
        out: picture to write.
        title: words above the curves.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    train = [r for r in records if r["kind"] == "train"]
    val = [r for r in records if r["kind"] == "val"]
    figure = Figure(figsize=(11, 3.4), layout="constrained")
    FigureCanvasAgg(figure)
    loss, quality, chance = figure.subplots(1, 3)
    loss.plot([r["step"] + 1 for r in train], [r["loss"] for r in train], color="#1f6feb", lw=1.4)
    loss.set_title("training loss")
    loss.set_ylim(bottom=0)
    steps = [r["step"] + 1 for r in val]
    quality.plot(steps, [r["map"] for r in val], "o-", color="#1a7f37", label="mAP")
    quality.plot(steps, [r["recall_at_1"] for r in val], "s--", color="#8250df", label="Recall@1")
    quality.set_title("validation, higher is better")
    quality.legend(frameon=False)
    chance.plot(steps, [r["nar"] for r in val], "o-", color="#cf222e")
    chance.set_title("validation NAR, lower is better")
    chance.set_ylim(bottom=0)
    for axes in (loss, quality, chance):
        axes.set_xlabel("step")
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
    if title:
        figure.suptitle(title)
    write_atomically(out, lambda path: figure.savefig(path, dpi=110))
