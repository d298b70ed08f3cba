"""What each choice of the default encoder's recipe brings: short runs that differ in one thing, judged on validation logos.

Every row trains 24,000 images at 80 px (about four minutes of one core) and embeds the validation brands twice: as they are, and
made unlike the training icons (``WILD``: a word added, other grounds, badges, margins, JPEG dirt and low resolution, one fixed
draw a logo). Finished runs are kept under runs/encoder-ablations, so it can be stopped at any time and shared between
processes; the table holds what is done.

    python experiments/encoder_ablations.py [--rows full-lg2 ...] [--data data/openlogos]
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
import yaml

from marquery.datasets import LogoSet
from marquery.encoder import LogoEncoder
from marquery.encoder.preprocess import to_square
from marquery.evaluation import RetrievalResult, evaluate
from marquery.files import write_atomically
from marquery.training.augmentation import Augmentation, Subject
from marquery.training.loop import train
from marquery.training.recipe import Recipe, load_recipe

SIZE, STEPS = 80, 250
RUNS = Path("runs/encoder-ablations")
OUT = Path("docs/encoder-ablations.json")

SEGMENT_AND_SHIFT = [
    {"op": "segment", "color": 4, "remove": 1, "scale": 2, "p": 0.8},
    {"op": "shift_scale", "shift": 0.08, "scale": [0.75, 1.1]},
]
FULL = [
    {"op": "segment", "color": 4, "remove": 1, "scale": 2, "exchange": 1, "p": 0.6},
    {"op": "wordmark", "p": 0.2},
    {"op": "outline", "p": 0.1},
    {"op": "ground", "p": 0.25},
    {"op": "invert", "p": 0.25},
    {"op": "badge", "p": 0.15},
    {"op": "warp", "p": 0.5},
    {"op": "photometric", "p": 0.4, "invert": 0.1, "grayscale": 0.2},
    {"op": "shift_scale", "shift": 0.08, "scale": [0.75, 1.1]},
    {"op": "degrade", "p": 0.4},
]
WILD = [
    {"op": "wordmark", "p": 0.35},
    {"op": "ground", "p": 0.4},
    {"op": "invert", "p": 0.15},
    {"op": "badge", "p": 0.2},
    {"op": "frame", "p": 0.5},
    {"op": "degrade", "p": 0.9, "each": 0.5},
]
PAIRS = ["batch.least_group=2"]


def without(*names: str) -> list[dict]:
    """The full augmentation but for some steps."""
    return [step for step in FULL if step["op"] not in names]


ROWS: dict[str, tuple[str, list[dict], list[str]]] = {
    "base": ("segment colour, removal, scaling; shift", SEGMENT_AND_SHIFT, []),
    "full": ("all augmentation", FULL, []),
    "full-supap01": ("SupAP, temperature 0.1", FULL, ["loss.kind=supap", "loss.temperature=0.1"]),
    "full-b192": ("batches of 192, half the steps", FULL, ["batch.size=192", "steps=125"]),
    "full-lr1e3": ("rate 1e-3", FULL, ["optimizer.lr=1e-3"]),
    "full-lg2": ("only brands with two logos or more", FULL, PAIRS),
    "lg2-lr1e4": (
        "… rate 1e-4",
        FULL,
        [*PAIRS, "optimizer.lr=1e-4", "optimizer.head_lr_factor=15"],
    ),
    "lg2-neighbours": (
        "… brands that are confused together",
        FULL,
        [*PAIRS, "batch.neighbours={every: 100, cluster: 4}"],
    ),
    "lg2-two": ("… two logos a brand", FULL, [*PAIRS, "batch.per_class=2"]),
    "lg2-gem": ("… GeM pooling", FULL, [*PAIRS, "model.pooling=gem"]),
    "lg2-no-segment": ("… no segment operations", without("segment"), PAIRS),
    "lg2-no-photometric": ("… no colour jitter", without("photometric"), PAIRS),
    "lg2-no-grounds": (
        "… no grounds, badges, inversion",
        without("ground", "badge", "invert"),
        PAIRS,
    ),
    "lg2-no-words": ("… no words added or dropped", without("wordmark"), PAIRS),
    "lg2-no-redrawing": ("… no warps, outlines", without("warp", "outline"), PAIRS),
    "lg2-no-dirt": ("… no JPEG, blur, low resolution", without("degrade"), PAIRS),
}


def recipe_of(row: str) -> Recipe:
    """The recipe of a row."""
    _, steps, changes = ROWS[row]
    text = {
        "name": row,
        "steps": STEPS,
        "workers": 0,
        "model": {"dim": 512, "image_size": SIZE},
        "batch": {"kind": "groups", "size": 96, "per_class": 4, "least_group": 1},
        "augment": {"positive": steps},
        "loss": {"kind": "smoothap", "temperature": 0.01},
        "optimizer": {"kind": "adamw", "lr": 3e-4, "head_lr_factor": 5, "warmup": 20},
    }
    file = RUNS / f"{row}.yaml"
    write_atomically(file, lambda path: path.write_text(yaml.safe_dump(text)))
    recipe = load_recipe(file, changes)
    return recipe.model_copy(
        update={"validation": recipe.validation.model_copy(update={"every": recipe.steps})}
    )


def wild_pictures(files: list[Path], side: int = 128) -> list[np.ndarray]:
    """The validation logos, each changed once, the same at every call."""
    augmentation = Augmentation(
        Recipe(name="wild", steps=1, augment={"positive": WILD}).augment.positive
    )
    pictures = []
    for index, file in enumerate(files):
        torch.manual_seed(1000 + index)
        pictures.append(augmentation(Subject(to_square(file, side)), side))
    return pictures


def figures(result: RetrievalResult) -> dict[str, float]:
    """Of the brands that are no tokens."""
    brands = result.by_stratum["brand"]
    return {"map": brands.map, "nar": brands.nar, "recall_at_1": brands.recall[1]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("data/openlogos"))
    parser.add_argument("--rows", nargs="*", choices=ROWS, default=list(ROWS))
    options = parser.parse_args()
    torch.set_num_threads(1)
    logos = LogoSet.open(options.data)
    training, validation = logos.split("train"), logos.split("val")
    for row in options.rows:
        if not (RUNS / row / "encoder").exists():
            train(recipe_of(row), training, validation, RUNS / row, resume=True)
    wild = wild_pictures(validation.files())
    results = {}
    encoders = {"untrained": LogoEncoder.create(dim=None, image_size=SIZE, pretrained=True)}
    encoders |= {
        row: LogoEncoder.load(RUNS / row) for row in ROWS if (RUNS / row / "encoder").exists()
    }
    for name, encoder in encoders.items():
        both = {}
        for which, images in (("val", validation.files()), ("wild", wild)):
            vectors = encoder.embed(images)
            both[which] = figures(
                evaluate(vectors, validation.groups, strata=validation.namespaces, bootstrap=0)
            )
        results[name] = both
        about = ROWS[name][0] if name in ROWS else "ImageNet features"
        cells = " | ".join(f"{both[w][k]:.3f}" for w in both for k in ("nar", "map", "recall_at_1"))
        print(f"| {about} | {cells} |", flush=True)
    text = json.dumps({"size": SIZE, "steps": STEPS, "rows": results}, indent=1) + "\n"
    write_atomically(OUT, lambda path: path.write_text(text))


if __name__ == "__main__":
    main()
