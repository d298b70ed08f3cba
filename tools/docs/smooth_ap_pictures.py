"""Draw the pictures of docs/smooth-ap.md: python tools/docs/smooth_ap_pictures.py ->
docs/images/smooth-ap*.png.

The first two need nothing; the third shows docs/data/smooth-ap.json, which
tools/docs/smooth_ap_measurements.py writes.
"""

import json
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import torch
from PIL import Image
from torch.nn.functional import normalize

from marquery.losses import RankLoss, RecallAtKLoss, SmoothAPLoss, SupAPLoss

TARGET = Path("docs/images")
TEMPERATURES = {0.1: "#9ecae1", 0.03: "#4292c6", 0.01: "#084594", 0.003: "#d94801"}
KIN = {"Smooth-AP": "#084594", "SupAP": "#d94801", "Recall@k": "#238b45"}
STYLE = {
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e5e5e5",
    "axes.axisbelow": True,
    "legend.frameon": False,
}


def save(figure: plt.Figure, name: str) -> None:
    path = TARGET / f"{name}.png"
    figure.savefig(path, dpi=110)
    plt.close(figure)
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(64, dither=Image.Dither.NONE)
    small.save(path, optimize=True)
    print(path)


def average_precision(scores: torch.Tensor, relevant: torch.Tensor) -> float:
    hits = relevant[scores.argsort(descending=True)].nonzero().flatten() + 1
    return float((torch.arange(1, len(hits) + 1) / hits).mean())


def true_and_smooth() -> tuple[np.ndarray, dict[float, np.ndarray]]:
    """Exact and smoothed AP of each query of batches from hopeless to solved: 512 items, 128
    classes of 4.
    """
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(128).repeat_interleave(4)
    others = ~torch.eye(512, dtype=torch.bool)
    true: list[float] = []
    smooth: dict[float, list[float]] = {tau: [] for tau in TEMPERATURES}
    for noise in np.geomspace(0.05, 1.5, 12):
        centres = torch.randn(128, 128, generator=generator) / 128**0.5
        x = centres[labels] + noise * torch.randn(512, 128, generator=generator) / 128**0.5 * 2
        x = normalize(x)
        scores = x @ x.T
        for q in range(512):
            true.append(average_precision(scores[q][others[q]], (labels == labels[q])[others[q]]))
        for tau in TEMPERATURES:
            smooth[tau] += (1 - SmoothAPLoss(tau, reduction="none")(x, labels)).tolist()
    return np.array(true), {tau: np.array(v) for tau, v in smooth.items()}


def draw_surrogate() -> None:
    figure, (step, slope, truth) = plt.subplots(1, 3, figsize=(11, 3.6), layout="constrained")
    d = np.linspace(-0.25, 0.25, 2001)
    step.plot(d, d > 0, color="black", lw=1, ls="--", label="step: the true rank")
    for tau, color in TEMPERATURES.items():
        sigmoid = 1 / (1 + np.exp(-d / tau))
        step.plot(d, sigmoid, color=color, label=f"τ = {tau}")
        slope.semilogy(d, np.maximum(sigmoid * (1 - sigmoid) / tau, 1e-12), color=color)
    step.set(
        title="What item j adds to the rank of i", xlabel="$s_j − s_i$", ylabel="$σ((s_j − s_i)/τ)$"
    )
    step.legend(fontsize=8)
    slope.set(
        title="Its slope: how far the gradient reaches", xlabel="$s_j − s_i$", ylim=(1e-4, 200)
    )
    true, smooth = true_and_smooth()
    edges = np.linspace(0, 1, 13)
    truth.plot([0, 1], [0, 1], color="black", lw=1, ls="--")
    for tau, color in TEMPERATURES.items():
        bins = np.clip(np.digitize(true, edges) - 1, 0, 11)
        used = [b for b in range(12) if (bins == b).sum() >= 20]
        x = [true[bins == b].mean() for b in used]
        low, mean, high = (
            [f(smooth[tau][bins == b]) for b in used]
            for f in (lambda v: np.quantile(v, 0.1), np.mean, lambda v: np.quantile(v, 0.9))
        )
        truth.fill_between(x, low, high, color=color, alpha=0.18, lw=0)
        truth.plot(x, mean, color=color, label=f"τ = {tau}")
    truth.set(
        title="Smoothed beside true AP", xlabel="true AP of a query", ylabel="1 − Smooth-AP loss"
    )
    truth.set(xlim=(0, 1), ylim=(0, 1.02))
    save(figure, "smooth-ap-surrogate")


def pull(loss: RankLoss, behind: np.ndarray) -> np.ndarray:
    """Gradient on the score of the one positive, with one negative ahead of it by so much."""
    found = []
    for d in behind:
        # One query along an axis, so that the first coordinate of an item is its score.
        items = torch.tensor([[0.5, 0.0], [0.5 + d, 0.0]], dtype=torch.float64, requires_grad=True)
        query = torch.tensor([[1.0, 0.0]], dtype=torch.float64)
        value = loss(query, torch.tensor([1]), items, torch.tensor([1, 2]))
        found.append(-float(torch.autograd.grad(value, items)[0][0, 0]))
    return np.array(found)


def draw_kin() -> None:
    figure, (step, cost, gradient) = plt.subplots(1, 3, figsize=(11, 3.6), layout="constrained")
    d = np.linspace(-0.1, 0.1, 1001)
    sigmoid = 1 / (1 + np.exp(-d / 0.01))
    bound = np.where(d > 0.05, 100 * (d - 0.05) + 1.4933, sigmoid + 0.5 * (d >= 0))
    bound[np.searchsorted(d, 0.0)] = np.nan  # the jump is not drawn as a line
    step.plot(d, d > 0, color="black", lw=1, ls="--", label="step")
    step.plot(d, sigmoid, color=KIN["Smooth-AP"], label="Smooth-AP, Recall@k")
    step.plot(d, bound, color=KIN["SupAP"], label="SupAP, for negatives")
    step.set(title="In place of the step", xlabel="$s_j − s_i$", ylim=(-0.1, 4))
    step.legend(fontsize=8, loc="upper left")
    rank = np.linspace(1, 32, 400)
    recall = np.mean([1 / (1 + np.exp(-(rank - k))) for k in (1, 2, 4, 8, 16)], axis=0)
    cost.plot(rank, 1 - 1 / rank, color=KIN["Smooth-AP"], label="Smooth-AP, SupAP")
    cost.plot(rank, recall, color=KIN["Recall@k"], label="Recall@k, k = 1, 2, 4, 8, 16")
    cost.set(title="Cost of a query's only positive", xlabel="its rank", ylim=(0, 1.02))
    cost.legend(fontsize=8, loc="lower right")
    behind = np.linspace(-0.06, 0.2, 261)
    for name, loss in (
        ("Smooth-AP", SmoothAPLoss()),
        ("SupAP", SupAPLoss()),
        ("Recall@k", RecallAtKLoss()),
    ):
        values = np.maximum(pull(loss, behind), 1e-6)
        gradient.semilogy(behind, values, color=KIN[name], label=name)
    gradient.set(
        title="Pull on a positive behind one negative",
        xlabel="how far behind, $s_j − s_i$",
        ylim=(1e-5, 100),
    )
    gradient.legend(fontsize=8, loc="lower left")
    save(figure, "smooth-ap-kin")


def draw_measured() -> None:
    result = json.loads(Path("docs/data/smooth-ap.json").read_text())
    figure, (tau, size, seen) = plt.subplots(1, 3, figsize=(11, 3.6), layout="constrained")
    floor = result["mAP of features"]
    for axes, table, label in ((tau, "temperature", "τ"), (size, "size", "batch size")):
        found = result["trained"][table]
        x = np.array([float(name) for name in found])
        values = np.array(list(found.values()))
        axes.plot(x, values.mean(1), color=KIN["Smooth-AP"], marker="o", ms=4)
        axes.vlines(x, values.min(1), values.max(1), color=KIN["Smooth-AP"], lw=1)
        axes.axhline(floor, color="black", lw=1, ls="--")
        axes.set(xscale="log", xlabel=label, ylim=(0.46, 0.61))
    tau.set_ylabel("mAP on brands not trained on")
    tau.annotate("the features themselves", (0.001, floor), (0, 4), textcoords="offset points")
    ticks = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3]
    tau.set_xticks(ticks, [str(v) for v in ticks])
    tau.set(title="Temperature (512 a batch)")
    size.set(title="Batch size (τ = 0.01)")
    size.set_xscale("log", base=2)
    rows = result["batch size"]
    x = [row["size"] for row in rows]
    for key, color, label in (
        ("solved", "#d94801", "queries already perfect in the batch"),
        ("cosine", "#084594", "cosine of its gradient with that of all"),
    ):
        seen.plot(x, [row[key] for row in rows], color=color, marker="o", ms=4, label=label)
    seen.set_xscale("log", base=2)
    seen.set(title="What a batch sees, before training", xlabel="batch size", ylim=(0, 1.04))
    seen.legend(fontsize=8, loc="upper left")
    for axes in (size, seen):
        axes.set_xticks(x[::2], [str(v) for v in x[::2]])
    for axes in (tau, size, seen):
        axes.minorticks_off()
    save(figure, "smooth-ap-measured")


def main() -> None:
    plt.rcParams.update(STYLE)
    TARGET.mkdir(parents=True, exist_ok=True)
    draw_surrogate()
    draw_kin()
    if Path("docs/data/smooth-ap.json").is_file():
        draw_measured()


if __name__ == "__main__":
    main()
