"""The reliability diagram: stated against observed probability, and the map behind it."""

from pathlib import Path

import numpy as np

from marquery.arrays import Float64Array, Int64Array
from marquery.calibration.calibration import Calibration
from marquery.calibration.pairs import Pairs
from marquery.calibration.reliability import Reliability
from marquery.files import write_atomically


def draw_reliability(
    calibration: Calibration, pairs: Pairs, found: Reliability, out: Path, title: str = ""
) -> None:
    """Two panels as a PNG: the bins with 95 % intervals against the diagonal; the test cosines and
    the map.

    Args:
        calibration: the map.
        pairs: test pairs, for the histograms.
        found: their reliability.
        out: picture to write.
        title: words above.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    bins, cosines = figure.subplots(1, 2)
    low, high = wilson(found.observed, found.counts)
    bins.plot([0, 1], [0, 1], color="#6e7781", lw=1, ls="--", label="stated = observed")
    bins.errorbar(
        found.stated,
        found.observed,
        yerr=[np.maximum(found.observed - low, 0), np.maximum(high - found.observed, 0)],
        fmt="o",
        ms=5,
        lw=1.2,
        color="#1f6feb",
        label=f"{len(found.counts)} bins of {int(np.median(found.counts)):,} pairs, 95 %",
    )
    bins.set(xlabel="stated probability", ylabel="share of the same mark", aspect="equal")
    bins.set_title(
        f"test pairs: calibration error {found.error:.3f}, Brier {found.brier:.3f}", fontsize=10
    )
    edges = np.linspace(np.floor(pairs.cosines.min() * 10) / 10, 1, 41)
    for same, color, name in ((True, "#1a7f37", "same mark"), (False, "#cf222e", "another")):
        cosines.hist(pairs.cosines[pairs.same == same], edges, color=color, alpha=0.45, label=name)
    cosines.set(xlabel="cosine", ylabel="test pairs", xlim=(edges[0], 1))
    cosines.set_title("cosine of the test pairs, and the map fitted on val", fontsize=10)
    scale = cosines.twinx()
    x = np.linspace(edges[0], 1, 400)
    scale.plot(x, calibration.probability(x), color="#1f2328", lw=1.6, label="probability (right)")
    scale.set_ylim(0, 1.02)
    scale.spines["top"].set_visible(False)
    handles = [*cosines.get_legend_handles_labels()[0], *scale.get_legend_handles_labels()[0]]
    cosines.legend(handles=handles, frameon=False, loc="upper left", fontsize=9)
    bins.legend(frameon=False, loc="lower right", fontsize=8)
    for axes in (bins, cosines):
        axes.grid(alpha=0.25)
        axes.spines["top"].set_visible(False)
    bins.spines["right"].set_visible(False)
    if title:
        figure.suptitle(title)
    write_atomically(out, lambda path: figure.savefig(path, dpi=110))


def wilson(shares: Float64Array, counts: Int64Array) -> tuple[Float64Array, Float64Array]:
    """95 % intervals of binomial shares (Wilson 1927): two arrays like ``shares``."""
    z = 1.959964
    n = np.asarray(counts, float)
    centre = (shares + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(shares * (1 - shares) / n + z * z / (4 * n * n))
    return centre - half, centre + half
