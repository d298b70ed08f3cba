"""What each choice of the default encoder's recipe brings: short runs that differ in one thing,
judged on validation logos.

Every row trains 24,000 images at 80 px (about four minutes of one core) and embeds the validation
brands twice: as they are, and made unlike the training icons (``WILD``: a word added, other
grounds, badges, margins, JPEG dirt and low resolution, one fixed draw a logo). Finished runs are
kept under runs/encoder-ablations, so it can be stopped at any time and shared between processes;
the table holds what is done.

    python experiments/encoder_ablations.py [--rows full-lg2 ...] [--data data/openlogos]
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
import yaml

from marquery.augment import Subject
from marquery.datasets import LogoSet
from marquery.datasets.edit_set import EditSet
from marquery.encoder import LogoEncoder
from marquery.encoder.preprocess import to_square
from marquery.evaluation import RetrievalResult, evaluate, evaluate_edited
from marquery.files import write_atomically
from marquery.training.augmentation import Augmentation
from marquery.training.loop import train
from marquery.training.recipe import Recipe, load_recipe

SIZE, STEPS = 80, 250
RUNS = Path("runs/encoder-ablations")
OUT = Path("docs/data/encoder-ablations.json")

SEGMENT_AND_SHIFT = [
    {"op": "segment", "color": 4, "remove": 1, "scale": 2, "p": 0.8},
    {"op": "shift_scale", "shift": 0.08, "scale": [0.75, 1.1]},
]
FULL = [
    {"op": "segment", "color": 4, "remove": 1, "scale": 2, "exchange": 1, "p": 0.6},
    {"op": "wordmark", "p": 0.2},
    {"op": "outline", "p": 0.1},
    {"op": "background", "p": 0.25},
    {"op": "invert", "p": 0.25},
    {"op": "badge", "p": 0.15},
    {"op": "warp", "p": 0.5},
    {"op": "photometric", "p": 0.4, "invert": 0.1, "grayscale": 0.2},
    {"op": "shift_scale", "shift": 0.08, "scale": [0.75, 1.1]},
    {"op": "degrade", "p": 0.4},
]
WILD = [
    {"op": "wordmark", "p": 0.35},
    {"op": "background", "p": 0.4},
    {"op": "invert", "p": 0.15},
    {"op": "badge", "p": 0.2},
    {"op": "frame", "p": 0.5},
    {"op": "degrade", "p": 0.9, "each": 0.5},
]
PAIRS = ["batch.least_group=2"]


def without(*names: str) -> list[dict]:
    """The full augmentation but for some steps."""
    return [step for step in FULL if step["op"] not in names]


def segments(**options: float) -> list[dict]:
    """The full augmentation with another mix of segment operations."""
    return [{"op": "segment", "p": 0.6, **options}, *without("segment")]


def turned() -> list[dict]:
    """The full augmentation with half of the logos turned, whichever way up."""
    return [*FULL, {"op": "shift_scale", "shift": 0, "scale": [1, 1], "rotate": 180, "p": 0.5}]


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
    "lg2-brands": ("… no crypto tokens", FULL, [*PAIRS, "batch.namespaces=[brand]"]),
    "lg2-shapes": (
        "… shapes turned, and more removed",
        segments(color=4, remove=2, scale=2, exchange=1, rotate=1, kept=0.3),
        PAIRS,
    ),
    "lg2-lite1": (
        "… EfficientNet-Lite1",
        FULL,
        [*PAIRS, "model.backbone=tf_efficientnet_lite1"],
    ),
    "lg2-lite2": (
        "… EfficientNet-Lite2",
        FULL,
        [*PAIRS, "model.backbone=tf_efficientnet_lite2"],
    ),
    "lg2-triplet": ("… triplet loss", FULL, [*PAIRS, "loss.kind=triplet"]),
    "lg2-semihard": (
        "… triplet loss, semi-hard negatives",
        FULL,
        [*PAIRS, "loss.kind=triplet", "loss.mining=semihard"],
    ),
    "lg2-recall": ("… Recall@K loss", FULL, [*PAIRS, "loss.kind=recall"]),
    "lg2-turned": ("… logos turned by any angle", turned(), PAIRS),
    "lg2-compositions": (
        "… 24 pictures more a batch, a third or more of them compositions of two logos",
        FULL,
        [*PAIRS, "batch.compositions=24"],
    ),
    "lg2-kept": (
        "… near to ImageNet's features (teacher)",
        FULL,
        [*PAIRS, "teacher.encoder=timm:tf_efficientnet_lite0"],
    ),
    "lg2-taught": (
        "… taught by the row EfficientNet-Lite2",
        FULL,
        [*PAIRS, f"teacher.encoder={RUNS}/lg2-lite2"],
    ),
    "lg2-two": ("… two logos a brand", FULL, [*PAIRS, "batch.per_class=2"]),
    "lg2-gem": ("… GeM pooling", FULL, [*PAIRS, "model.pooling=gem"]),
    "lg2-no-segment": ("… no segment operations", without("segment"), PAIRS),
    "lg2-no-photometric": ("… no colour jitter", without("photometric"), PAIRS),
    "lg2-no-grounds": (
        "… no grounds, badges, inversion",
        without("background", "badge", "invert"),
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
    """Of one set of queries."""
    return {"map": result.map, "nar": result.nar, "recall_at_1": result.recall[1]}


def judge(encoder: LogoEncoder, validation: LogoSet, wild: list[np.ndarray]) -> dict[str, dict]:
    """On the validation brands that are no tokens, on the same made wild, and on edited logos."""
    gallery = encoder.embed(validation.files())
    judged = {}
    for name, vectors in (("val", gallery), ("wild", encoder.embed(wild))):
        result = evaluate(vectors, validation.groups, strata=validation.namespaces, bootstrap=0)
        judged[name] = figures(result.by_stratum["brand"])
    edits = EditSet.open(validation, "val")
    found = evaluate_edited(
        encoder.embed(edits.files),
        gallery,
        validation.paths,
        edits.sources,
        edits.excluded,
        strata=["half" if name.endswith("3") else "less" for name in edits.strata],
        bootstrap=0,
    )
    judged["edits"] = figures(found)
    judged["edits, half"] = figures(found.by_stratum["half"])
    return judged


def table(results: dict[str, dict]) -> str:
    """The results as Markdown."""
    heads = ["", "val: NAR", "mAP", "R@1", "wild: NAR", "mAP", "R@1", "edits: mAP", "half changed"]
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for name, sets in results.items():
        cells = [sets[w][k] for w in ("val", "wild") for k in ("nar", "map", "recall_at_1")]
        cells += [sets["edits"]["map"], sets["edits, half"]["map"]]
        about = ROWS[name][0] if name in ROWS else "ImageNet features"
        lines.append(f"| {about} | " + " | ".join(f"{cell:.3f}" for cell in cells) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("data/openlogos"))
    parser.add_argument("--rows", nargs="*", choices=ROWS, default=list(ROWS))
    options = parser.parse_args()
    torch.set_num_threads(1)
    logos = LogoSet.open(options.data)
    training, validation = logos.split("train"), logos.split("val")
    wild: list[np.ndarray] = []
    for row in ("untrained", *options.rows):
        file = RUNS / f"{row}.json"
        if file.exists():
            continue
        if row == "untrained":
            encoder = LogoEncoder.create(dim=None, image_size=SIZE, pretrained=True)
        else:
            if not (RUNS / row / "encoder").exists():
                train(recipe_of(row), training, validation, RUNS / row, resume=True)
            encoder = LogoEncoder.load(RUNS / row)
        wild = wild or wild_pictures(validation.files())
        text = json.dumps(judge(encoder, validation, wild))
        write_atomically(file, lambda path, text=text: path.write_text(text))
    done = {row: RUNS / f"{row}.json" for row in ("untrained", *ROWS)}
    results = {row: json.loads(file.read_text()) for row, file in done.items() if file.exists()}
    print(table(results))
    text = json.dumps({"size": SIZE, "steps": STEPS, "rows": results}, indent=1) + "\n"
    write_atomically(OUT, lambda path: path.write_text(text))


if __name__ == "__main__":
    main()
