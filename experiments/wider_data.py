"""What wider data and pictures as registers have them bring, whether segment operations still help
on top of both, and whether a batch of 512 is worth more than one of 96 at equal images.

Each row trains 24,000 images at 80 px from ImageNet weights, as `encoder_ablations.py` does (about
five minutes of one core), with three seeds. Judged on the validation brands of edition 1, on the
same made unlike the training icons (wild), and on edited logos. With --auto also by all evidence
on 1,500 logos of brands of the test split (edition 1): the encoder is calibrated, and
`all_evidence.py` searches an index of it. Differences are paired by query; intervals are by
bootstrap over brands, the seeds of a brand together. Finished parts are kept under runs/wider-data,
so it can be stopped at any time and shared between processes. The tables hold what is done: the mAP
of each seed of a row, and of two rows the difference, its interval and the number of seeds.

    python experiments/wider_data.py [--data data/openlogos-2] [--rows both ...] [--seeds 1 2 3]
        [--auto]

The data are a build of edition 2 with edited logos (--edits).
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch
import yaml
from encoder_ablations import FULL, PAIRS, SIZE, wild_pictures

from marquery.datasets import LogoSet
from marquery.datasets.edit_set import EditSet
from marquery.datasets.selection import brands_of, of_edition, some_groups
from marquery.encoder import LogoEncoder
from marquery.evaluation import evaluate, evaluate_edited
from marquery.evaluation.paired import paired_differences
from marquery.files import write_atomically
from marquery.index.calibrating import fit_evidence
from marquery.training.calibrate import calibrate
from marquery.training.loop import train
from marquery.training.recipe import Recipe, load_recipe

IMAGES = 24_000
#: Logos of test that a search by all evidence ranks.
LOGOS = 1_500
RUNS = Path("runs/wider-data")
OUT = Path("docs/data/wider-data.json")

Step = dict[str, object]
Columns = dict[str, np.ndarray]

#: The full augmentation with pictures as registers have them.
REGISTER: list[Step] = [
    FULL[0],
    {"op": "rearrange", "p": 0.3},
    {"op": "lettering", "p": 0.2},
    *(step for step in FULL[1:] if step["op"] in ("wordmark", "outline", "background")),
    *(step for step in FULL[1:] if step["op"] in ("invert", "badge", "warp")),
    {"op": "relief", "p": 0.06},
    *(step for step in FULL if step["op"] in ("photometric", "shift_scale")),
    {"op": "photograph", "p": 0.12},
    {"op": "print", "p": 0.12},
    {"op": "degrade", "p": 0.3},
]
NO_SEGMENT = [step for step in REGISTER if step["op"] != "segment"]
TRIPLET = ["loss.kind=triplet"]

#: Row -> what it is, edition of openlogos, augmentation, size of a batch, changes of the recipe.
ROWS: dict[str, tuple[str, int, list[Step], int, list[str]]] = {
    "edition-1": ("edition 1", 1, FULL, 96, []),
    "edition-2": ("edition 2", 2, FULL, 96, []),
    "register": ("edition 1, pictures as registers have them", 1, REGISTER, 96, []),
    "both": ("edition 2, pictures as registers have them", 2, REGISTER, 96, []),
    "both-no-segment": ("… no segment operations", 2, NO_SEGMENT, 96, []),
    "both-512": ("… batches of 512", 2, REGISTER, 512, []),
    "both-triplet": ("… triplet loss", 2, REGISTER, 96, TRIPLET),
    "both-triplet-512": ("… triplet loss, batches of 512", 2, REGISTER, 512, TRIPLET),
}
#: Pairs of rows of which the second differs from the first in one thing.
PAIRED = [
    ("edition-1", "edition-2"),
    ("edition-1", "register"),
    ("edition-2", "both"),
    ("register", "both"),
    ("edition-1", "both"),
    ("both-no-segment", "both"),
    ("both", "both-512"),
    ("both-triplet", "both-triplet-512"),
    ("both-triplet", "both"),
]


def recipe_of(row: str, seed: int, images: int = IMAGES) -> Recipe:
    """The recipe of a row: as many images whatever the batch, which is embedded in parts where it
    is large (gradient caching).
    """
    _, _, steps, size, changes = ROWS[row]
    count = max(1, round(images / size))
    text = {
        "name": f"{row}-{seed}",
        "seed": seed,
        "steps": count,
        "workers": 0,
        "model": {"dim": 512, "image_size": SIZE},
        "batch": {"kind": "groups", "size": size, "per_class": 4, "micro": "auto"},
        "augment": {"positive": steps},
        "loss": {"kind": "smoothap", "temperature": 0.01},
        "optimizer": {"lr": 3e-4, "head_lr_factor": 5, "warmup": max(1, count * 2 // 25)},
        "validation": {"every": count},
    }
    file = RUNS / f"{row}-{seed}.yaml"
    write_atomically(file, lambda path: path.write_text(yaml.safe_dump(text)))
    return load_recipe(file, [*PAIRS, *changes])


def judge(encoder: LogoEncoder, validation: LogoSet, wild: list[np.ndarray]) -> dict[str, Columns]:
    """Each query's figures, on the three sets."""
    gallery = encoder.embed(validation.files())
    brand = np.flatnonzero(validation.namespaces == "brand")
    found = {}
    for name, vectors in (("val", gallery), ("wild", encoder.embed(wild))):
        columns = evaluate(vectors, validation.groups, bootstrap=0).per_query
        kept = np.isin(columns["query"], brand)
        found[name] = {key: column[kept] for key, column in columns.items()}
    edits = EditSet.open(validation, "val")
    vectors = encoder.embed(edits.files)
    places = (validation.paths, edits.sources, edits.excluded)
    columns = evaluate_edited(vectors, gallery, *places, bootstrap=0).per_query
    half = np.array([name.endswith("3") for name in edits.strata])[columns["query"]]
    brands = validation.groups[np.array(edits.sources)[columns["query"]]]
    columns = {**columns, "group": brands}
    found["half changed"] = {key: column[half] for key, column in columns.items()}
    return found


def by_all_evidence(run: Path, data: LogoSet) -> Columns:
    """Average precision of each query that a search by `auto` finds, among some brands of test."""
    test = data.split("test")
    searched = some_groups(test.subset(brands_of(test)), LOGOS, seed=0)
    needed = {*data.split("val").paths, *searched.paths}  # calibration reads all that there is
    data = data.subset([path in needed for path in data.paths])
    encoder = LogoEncoder.load(run)
    calibrate(encoder, run / "encoder", data)
    fit_evidence(encoder, run / "encoder", data)
    script = Path(__file__).parent / "all_evidence.py"
    place = ["--data", str(data.root), "--edition", "1", "--logos", str(LOGOS)]
    asked = ["--strategies", "auto", "--model", str(run), "--out", f"{run}/auto"]
    subprocess.run([sys.executable, str(script), *place, *asked], check=True)
    with np.load(run / "auto" / "queries.npz") as kept:
        return {"query": kept["query"], "group": kept["group"], "ap": kept["auto"]}


def seeds_done(row: str, seeds: list[int], kind: str) -> list[int]:
    """Those of the seeds of which a row was judged."""
    return [seed for seed in seeds if (RUNS / f"{row}-{seed}.{kind}.npz").exists()]


def stacked(row: str, seeds: list[int], kind: str) -> Columns:
    """The queries of some seeds of a row one after another."""
    parts = []
    for seed in seeds:
        with np.load(RUNS / f"{row}-{seed}.{kind}.npz") as kept:
            part = {name: kept[name] for name in ("query", "group", "ap")}
        parts.append({**part, "query": part["query"] + seed * 1_000_000})
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def tables(seeds: list[int]) -> dict[str, dict]:
    """Means of the rows and paired differences of mAP, of what is done: of each row over its seeds,
    of two rows over the seeds of both.
    """
    rows: dict[str, dict] = {}
    differences: dict[str, dict] = {}
    for kind in ("val", "wild", "half changed", "auto"):
        done = {row: seeds_done(row, seeds, kind) for row in ROWS}
        for row, own in done.items():
            if own:
                each = [float(stacked(row, [seed], kind)["ap"].mean()) for seed in own]
                rows.setdefault(row, {})[kind] = each
        for one, two in PAIRED:
            both = [seed for seed in done[one] if seed in done[two]]
            if both:
                columns = (stacked(row, both, kind) for row in (one, two))
                gap = paired_differences(*columns)["map"]
                figures = [gap.difference, gap.low, gap.high, len(both)]
                differences.setdefault(f"{one} -> {two}", {})[kind] = figures
    return {"rows": rows, "differences": differences}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("data/openlogos-2"))
    parser.add_argument("--rows", nargs="*", choices=ROWS, default=list(ROWS))
    parser.add_argument("--seeds", nargs="*", type=int, default=[1, 2, 3])
    parser.add_argument("--images", type=int, default=IMAGES, help="fewer, to try the script")
    parser.add_argument("--auto", action="store_true", help="judge by all evidence, too")
    options = parser.parse_args()
    torch.set_num_threads(1)
    whole = LogoSet.open(options.data)
    narrow = of_edition(whole, 1)
    validation = narrow.split("val")
    wild: list[np.ndarray] = []
    for seed in options.seeds:
        for row in options.rows:
            run = RUNS / f"{row}-{seed}"
            judged = {
                kind: run.with_name(f"{run.name}.{kind}.npz")
                for kind in ("val", "wild", "half changed")
            }
            if not all(file.exists() for file in judged.values()):
                training = (narrow if ROWS[row][1] == 1 else whole).split("train")
                train(recipe_of(row, seed, options.images), training, validation, run, resume=True)
                wild = wild or wild_pictures(validation.files())
                for kind, columns in judge(LogoEncoder.load(run), validation, wild).items():
                    keep(judged[kind], columns)
            auto = run.with_name(f"{run.name}.auto.npz")
            if options.auto and not auto.exists():
                keep(auto, by_all_evidence(run, narrow))
    result = {"images": options.images, "size": SIZE, "seeds": options.seeds}
    result |= tables(options.seeds)
    print(json.dumps(result, indent=1))
    write_atomically(OUT, lambda path: path.write_text(json.dumps(result, indent=1) + "\n"))


def keep(file: Path, columns: Columns) -> None:
    """Write each query's figures, whole or not at all."""

    def write(path: Path) -> None:
        with path.open("wb") as stream:
            np.savez_compressed(stream, **columns)

    write_atomically(file, write)


if __name__ == "__main__":
    main()
