"""Precision over recall, mean over queries, one line a method."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from marquery.arrays import AnyArray
from marquery.files import write_atomically

_COLORS = ("#1f6feb", "#1a7f37", "#cf222e", "#8250df", "#9a6700", "#57606a")
_STYLES = ("-", "--", "-.", ":")


def draw_precision_recall(curves: Mapping[str, AnyArray], out: Path) -> None:
    """Draw interpolated precision at evenly spaced levels of recall from 0 to 1.

    Args:
        curves: name -> (L,) precision, such as ``RetrievalResult.precision``.
        out: picture to write.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    for number, (name, curve) in enumerate(curves.items()):
        color, style = _COLORS[number % len(_COLORS)], _STYLES[number % len(_STYLES)]
        axes.plot(np.linspace(0, 1, len(curve)), curve, lw=1.8, label=name, color=color, ls=style)
    axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="recall", ylabel="interpolated precision")
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    # Below the axes: inside, a curve may pass anywhere.
    figure.legend(frameon=False, loc="outside lower center", ncols=2)
    write_atomically(out, lambda path: figure.savefig(path, dpi=120))
