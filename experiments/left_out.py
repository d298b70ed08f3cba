"""How the encoder does on a collection that it has never seen a logo of, and what adapting to it
brings.

For each collection: the short training of experiments/encoder_ablations.py (row ``full-lg2``,
24,000 images at 80 px) on the other collections alone; its logos in the test split are the queries,
all logos of the split are ranked. Then that encoder is adapted (recipe ``adapt``, 80 px) to all
logos of the collection without their labels, as somebody adapts it to a folder of their own. The
brands of the test split are in no training set. Finished runs are kept under runs/left-out.

    python experiments/left_out.py [--collections devicon ...] [--data data/openlogos]
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from encoder_ablations import RUNS as ABLATIONS
from encoder_ablations import SIZE, recipe_of

from marquery.datasets import LogoSet
from marquery.datasets.selection import of_collection
from marquery.encoder import LogoEncoder
from marquery.evaluation import evaluate
from marquery.files import write_atomically
from marquery.training.loop import train
from marquery.training.recipe import load_recipe
from marquery.training.split import training_and_validation

RUNS = Path("runs/left-out")
OUT = Path("docs/data/left-out.json")
FULL = "full-lg2"
# The collections that have a hundred queries or more in the test split, brands alone.
COLLECTIONS = ("logos", "simple-icons", "vscode-icons", "devicon", "cib", "file-icons")


def trained_without(name: str, logos: LogoSet) -> Path:
    """The run on all other collections."""
    run = RUNS / f"without-{name}"
    if not (run / "encoder").exists():
        rest = logos.subset(~of_collection(logos, name))
        train(recipe_of(FULL), rest.split("train"), rest.split("val"), run, resume=True)
    return run


def adapted_to(name: str, logos: LogoSet, start: Path) -> Path:
    """That run gone on with the collection's own logos, whose labels it is not shown."""
    run = RUNS / f"adapted-{name}"
    if not (run / "encoder").exists():
        own = logos.subset(of_collection(logos, name))
        nothing = np.full(len(own), "", dtype=np.str_)
        bare = replace(own, groups=nothing, splits=nothing)
        settings = [f"model.start={start}", f"model.image_size={SIZE}", "workers=0"]
        plan = load_recipe("adapt", settings)
        train(plan, *training_and_validation(bare, plan.seed, views=True), run, resume=True)
    return run


def figures(run: Path, test: LogoSet, name: str) -> dict[str, float]:
    """Of the collection's brand logos as queries among the whole split."""
    encoder = LogoEncoder.load(run)
    vectors = encoder.embed(test.files())
    asked = of_collection(test, name) & (test.namespaces == "brand")
    result = evaluate(
        vectors[asked], test.groups[asked], vectors[~asked], test.groups[~asked], bootstrap=0
    )
    return {
        "queries": result.counts["queries"],
        "map": result.map,
        "nar": result.nar,
        "recall_at_1": result.recall[1],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("data/openlogos"))
    parser.add_argument("--collections", nargs="*", choices=COLLECTIONS, default=COLLECTIONS)
    options = parser.parse_args()
    torch.set_num_threads(1)
    logos = LogoSet.open(options.data)
    test = logos.split("test")
    full = ABLATIONS / FULL
    if not (full / "encoder").exists():
        train(recipe_of(FULL), logos.split("train"), logos.split("val"), full, resume=True)
    for name in options.collections:
        file = RUNS / f"{name}.json"
        if file.exists():
            continue
        without = trained_without(name, logos)
        adapted = adapted_to(name, logos, without)
        runs = {"full": full, "without": without, "adapted": adapted}
        text = json.dumps({kind: figures(run, test, name) for kind, run in runs.items()})
        write_atomically(file, lambda path, text=text: path.write_text(text))
    files = {name: RUNS / f"{name}.json" for name in COLLECTIONS}
    rows = {name: json.loads(file.read_text()) for name, file in files.items() if file.exists()}
    print(
        "| collection left out | queries | seen: mAP | left out | … adapted "
        "|\n|---|---|---|---|---|"
    )
    for name, row in rows.items():
        cells = " | ".join(f"{row[kind]['map']:.3f}" for kind in ("full", "without", "adapted"))
        print(f"| {name} | {row['full']['queries']} | {cells} |")
    means = {
        kind: float(np.mean([row[kind]["map"] for row in rows.values()]))
        for kind in ("full", "without", "adapted")
    }
    print("| mean |  | " + " | ".join(f"{value:.3f}" for value in means.values()) + " |")
    text = json.dumps({"size": SIZE, "rows": rows, "mean map": means}, indent=1) + "\n"
    write_atomically(OUT, lambda path: path.write_text(text))


if __name__ == "__main__":
    main()
