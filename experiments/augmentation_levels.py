"""Segment level against image level: the same training over and over, only the augmentation
differs.

Trains each recipe of experiments/recipes on openlogos, ranks the test brands, writes
`docs/data/augmentation-levels.json` and `docs/images/augmentation-levels.png`. Some four minutes a
recipe and seed on two cores; what is done is kept under runs/levels, so it can be stopped at any
time.

    python experiments/augmentation_levels.py [--data data/openlogos] [--seeds 1]
"""

import argparse
import json
from pathlib import Path

import numpy as np

from marquery.comparison.methods import baseline_embedders
from marquery.datasets import LogoSet
from marquery.encoder import LogoEncoder
from marquery.evaluation import bootstrap_intervals, evaluate
from marquery.files import write_atomically
from marquery.training.loop import train
from marquery.training.recipe import load_recipe
from marquery.training.split import training_and_validation

ROWS = {
    "level-brands-none": "brands: no augmentation",
    "level-brands-image": "brands: image level (crops, flips)",
    "level-brands-segment": "brands: segment level + shift",
    "level-brands-shift": "brands: shift and scale alone",
    "level-brands-color": "brands: colour jitter + shift",
    "level-views-image": "views: image level (crops, flips)",
    "level-views-segment": "views: segment level + shift",
    "level-views-shift": "views: shift and scale alone",
    "level-views-color": "views: colour jitter + shift",
}


def rivals(name: str) -> list[str]:
    """The rows that a segment-level row is compared with, query by query: the others of its
    kind.
    """
    kind = name.removesuffix("segment")
    return [other for other in ROWS if other.startswith(kind) and other != name]


RECIPES = Path(__file__).parent / "recipes"
OUT = Path("docs/data/augmentation-levels.json")
PICTURE = Path("docs/images/augmentation-levels.png")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("data/openlogos"))
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--draw", action="store_true", help=f"only the picture, from {OUT}")
    options = parser.parse_args()
    if options.draw:
        draw(json.loads(OUT.read_text())["rows"])
        return
    logos = LogoSet.open(options.data)
    test = logos.split("test")
    embedders = dict(baseline_embedders(128))
    results = {name: [embedders[name].embed(test.files())] for name in embedders}
    for name in ROWS:
        results[name] = []
        for seed in range(1, options.seeds + 1):
            recipe = load_recipe(RECIPES / f"{name}.yaml", [f"seed={seed}"])
            run = Path("runs/levels") / f"{name}-{seed}"
            training, validation = training_and_validation(logos, seed)
            train(recipe, training, validation, run, resume=True)
            results[name].append(LogoEncoder.load(run).embed(test.files()))
    scored = {
        name: [evaluate(v, test.groups, strata=test.namespaces) for v in vectors]
        for name, vectors in results.items()
    }
    brand = {name: [r.by_stratum["brand"] for r in runs] for name, runs in scored.items()}
    table = {
        ROWS.get(name, name): {
            "seeds": len(runs),
            "counts": runs[0].counts,
            "nar": [r.nar for r in runs],
            "map": [r.map for r in runs],
            "recall@1": [r.recall[1] for r in runs],
            "intervals": {m: runs[0].intervals[m] for m in ("nar", "map", "recall@1")},
            "crypto_map": [r.by_stratum["crypto"].map for r in scored[name]],
        }
        for name, runs in brand.items()
    }
    differences = {
        f"{ROWS[ours]} minus {ROWS[other]}": difference(brand[ours][0], brand[other][0])
        for ours in ROWS
        if ours.endswith("segment")
        for other in rivals(ours)
    }
    body = {"data": test.fingerprint(), "rows": table, "paired differences": differences}
    text = json.dumps(body, indent=1) + "\n"
    write_atomically(OUT, lambda path: path.write_text(text))
    draw(table)
    for name, row in table.items():
        print(f"{name:38} NAR {np.mean(row['nar']):.3f}  mAP {np.mean(row['map']):.3f}")
    for name, pair in differences.items():
        print(f"{name}: mAP {pair['map']:+.3f} [{pair['low']:+.3f}, {pair['high']:+.3f}]")


def difference(ours, other) -> dict[str, float]:
    """Paired difference of mAP with its 95 % bootstrap interval over brands."""
    gap = ours.per_query["ap"] - other.per_query["ap"]
    low, high = bootstrap_intervals({"map": gap}, ours.per_query["group"])["map"]
    return {"map": float(gap.mean()), "low": low, "high": high}


def draw(table) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, 2, sharey=True)
    names = list(table)[::-1]
    for ax, metric, words in zip(
        axes, ("map", "nar"), ("mAP, higher is better", "NAR, lower is better"), strict=True
    ):
        for y, name in enumerate(names):
            row = table[name]
            low, high = row["intervals"][metric]
            color = "#1a7f37" if "segment" in name else "#57606a"
            ax.plot([low, high], [y, y], color=color, lw=2.5, solid_capstyle="round")
            ax.plot(row[metric], [y] * len(row[metric]), "o", color=color, ms=7)
        ax.set_title(words, loc="left")
        ax.grid(axis="x", alpha=0.3)
        ax.spines[["top", "right"]].set_visible(False)
    axes[0].set_yticks(range(len(names)), names)
    write_atomically(PICTURE, lambda path: figure.savefig(path, dpi=120))


if __name__ == "__main__":
    main()
