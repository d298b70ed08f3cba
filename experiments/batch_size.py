"""What batch size, cross-batch memory and hard-neighbour batches bring at equal computing time.

Trains EfficientNet-Lite0 at 64 px on openlogos' training brands, each row for the same CPU time
(one thread, validation included), and ranks the validation brands with the last weights. The steps
that fit are found by timing a few first; the time that a run really took stands in the results.
Writes `docs/data/batch-size.json` and `docs/images/batch-size.png`. What is done is kept under
runs/batch-size, so it can be stopped at any time.

    OMP_NUM_THREADS=1 python experiments/batch_size.py [--data data/openlogos] [--minutes 3.5]
    [--seeds 1 2]
"""

import argparse
import json
import shutil
import time
from pathlib import Path

import numpy as np
import torch

from marquery.comparison.methods import baseline_embedders
from marquery.datasets import LogoSet
from marquery.encoder import LogoEncoder
from marquery.evaluation import evaluate
from marquery.files import write_atomically
from marquery.training.loop import train
from marquery.training.recipe import Recipe

SIDE = 64
MICRO = 512
SEARCHES = 2
# Batch size, embeddings remembered, classes in a cluster of neighbours.
ROWS = {
    "64": (64, None, None),
    "512": (512, None, None),
    "2048": (2048, None, None),
    "64 + memory 2048": (64, 2048, None),
    "64 + neighbours": (64, None, 8),
    "512 + memory 4096": (512, 4096, None),
    "512 + neighbours": (512, None, 8),
}
OUT = Path("docs/data/batch-size.json")
PICTURE = Path("docs/images/batch-size.png")
FOLDER = Path("runs/batch-size")


def recipe_of(row: str, steps: int, seed: int) -> Recipe:
    """The recipe of a row; the rate grows with the root of the batch size, as is usual with
    Adam.
    """
    size, memory, cluster = ROWS[row]
    warmup = max(1, steps // 20)
    return Recipe.model_validate(
        {
            "name": "batch-size",
            "seed": seed,
            "steps": steps,
            "workers": 0,
            "model": {"image_size": SIDE},
            "batch": {
                "kind": "groups",
                "size": size,
                "per_class": 4,
                "micro": MICRO,
                "neighbours": cluster
                and {"cluster": cluster, "pool": 32, "every": max(1, -(-steps // SEARCHES))},
            },
            "augment": {
                "positive": [
                    {"op": "segment", "color": 4, "remove": 1, "rotate": 1, "scale": 1, "p": 0.8},
                    {"op": "shift_scale", "shift": 0.08, "scale": [0.75, 1.1]},
                ]
            },
            "memory": memory and {"size": memory, "after": min(warmup, steps - 1)},
            "optimizer": {"lr": 3e-4 * (size / 96) ** 0.5, "warmup": warmup},
            "validation": {"every": steps},
        }
    )


def seconds_of(row: str, steps: int, training: LogoSet, validation: LogoSet) -> float:
    """CPU seconds of a run of so many steps, its validation included."""
    run = FOLDER / "timing"
    shutil.rmtree(run, ignore_errors=True)
    start = time.process_time()
    train(recipe_of(row, steps, 0), training, validation, run)
    return time.process_time() - start


def fitting_steps(
    row: str, budget: float, costs: dict, training: LogoSet, validation: LogoSet
) -> int:
    """How many steps take ``budget`` CPU seconds, by the difference of a longer and a shorter
    run.
    """
    size, _, cluster = ROWS[row]
    plain = str(size)
    if plain not in costs:
        more = max(1, 2048 // size)
        seconds_of(plain, 1, training, validation)  # compiles, and gets its memory from the system
        short = seconds_of(plain, 1, training, validation)
        step = (seconds_of(plain, 1 + more, training, validation) - short) / more
        costs[plain] = {"step": step, "rest": short - step}
    step, rest = costs[plain]["step"], costs[plain]["rest"]
    if cluster and "search" not in costs:
        costs["search"] = seconds_of(row, 1, training, validation) - step - rest
    searches = SEARCHES * costs["search"] if cluster else 0.0
    return max(2, round((budget - rest - searches) / step))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("data/openlogos"))
    parser.add_argument("--minutes", type=float, default=3.5)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--draw", action="store_true", help=f"only the picture, from {OUT}")
    options = parser.parse_args()
    if options.draw:
        draw(json.loads(OUT.read_text()))
        return
    torch.set_num_threads(1)
    logos = LogoSet.open(options.data)
    training, validation = logos.split("train"), logos.split("val")
    FOLDER.mkdir(parents=True, exist_ok=True)
    done_file = FOLDER / f"results-{options.minutes:g}.json"
    done = json.loads(done_file.read_text()) if done_file.exists() else {}
    done = {"costs": {}, "steps": {}, "runs": [], **done}

    def keep() -> None:
        text = json.dumps(done, indent=1) + "\n"
        write_atomically(done_file, lambda path: path.write_text(text))

    if "reference" not in done:
        pretrained = dict(baseline_embedders(SIDE))
        done["reference"] = {
            name: figures(embedder.embed(validation.files()), validation)
            for name, embedder in pretrained.items()
        }
        keep()
    for seed in options.seeds:
        for row in ROWS:
            if any(r["row"] == row and r["seed"] == seed for r in done["runs"]):
                continue
            if row not in done["steps"]:
                budget = 60 * options.minutes
                done["steps"][row] = fitting_steps(row, budget, done["costs"], training, validation)
                keep()
            steps = done["steps"][row]
            run = FOLDER / "run"
            shutil.rmtree(run, ignore_errors=True)
            start = time.process_time()
            train(recipe_of(row, steps, seed), training, validation, run)
            seconds = time.process_time() - start
            vectors = LogoEncoder.load(run).embed(validation.files())
            found = {"row": row, "seed": seed, "steps": steps, "cpu_seconds": seconds}
            done["runs"].append({**found, **figures(vectors, validation)})
            keep()
            write(done, options.minutes, len(training), validation)
            print(json.dumps(done["runs"][-1]), flush=True)


def figures(vectors, validation: LogoSet) -> dict[str, float]:
    """Of the brands' stratum, as in the headline of the benchmark."""
    result = evaluate(vectors, validation.groups, strata=validation.namespaces, bootstrap=0)
    brand = result.by_stratum["brand"]
    return {"map": brand.map, "nar": brand.nar, "recall@1": brand.recall[1], "all_map": result.map}


def write(done: dict, minutes: float, count: int, validation: LogoSet) -> None:
    body = {
        "minutes": minutes,
        "training logos": count,
        "validation": {"logos": len(validation), "fingerprint": validation.fingerprint()},
        **done,
    }
    text = json.dumps(body, indent=1) + "\n"
    OUT.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(OUT, lambda path: path.write_text(text))
    draw(done)


def draw(done: dict) -> None:
    """Validation mAP of each row, a dot a seed; with several seeds a bar at their mean."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = [row for row in ROWS if any(r["row"] == row for r in done["runs"])]
    figure = Figure(figsize=(7.5, 0.5 + 0.42 * len(rows) + 0.5), layout="constrained")
    FigureCanvasAgg(figure)
    ax = figure.subplots()
    seeds = len({r["seed"] for r in done["runs"]})
    for y, row in enumerate(reversed(rows)):
        values = [r["map"] for r in done["runs"] if r["row"] == row]
        steps = done["steps"][row]
        ax.plot(values, [y] * len(values), "o", color="#22577a", alpha=0.7, markersize=6)
        if seeds > 1:
            ax.plot([np.mean(values)] * 2, [y - 0.3, y + 0.3], color="#22577a", linewidth=2)
        ax.annotate(
            f"{steps:,} steps",
            (max(values), y),
            (8, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
            color="#555",
        )
    ax.set_yticks(range(len(rows)), list(reversed(rows)))
    legend = "one seed" if seeds == 1 else "dot: a seed, bar: mean of the seeds"
    ax.set_xlabel(f"validation mAP (brands); {legend}")
    ax.margins(x=0.15, y=0.1)
    ax.grid(axis="x", color="#ddd")
    ax.set_axisbelow(True)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(PICTURE, dpi=150)


if __name__ == "__main__":
    main()
