"""Are words around a circle read, and what does it cost?

Made-up names and slogans are set around logos of openlogos, in a badge or without one, in
typefaces that are kept for evaluation, and drawn 128, 192 or 288 pixels high. A word counts as read
where the same letters were, by straight lines alone or by lines around circles, too. Then the
logos as they are: how many have a ring that is read, and how many get other words by it. One
thread; CPU time.

    python experiments/round_words.py --data data/openlogos --split val --out runs/round-words
"""

import argparse
import json
import os
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from PIL import Image

from marquery.arrays import UInt8Array
from marquery.augment.logo_lettering import LogoLettering
from marquery.augment.subject import Subject
from marquery.datasets import LogoSet
from marquery.images import load_image
from marquery.index.strategies import reading
from marquery.index.strategies.ocr import text_of
from marquery.index.strategies.parts import shrink
from marquery.index.strategies.rings import find_rings
from marquery.index.strategies.wording import plain
from marquery.segments import segment

SIDES = (128, 192, 288)
LETTERS = 3


def main() -> None:
    arguments = parse()
    logos = LogoSet.open(arguments.data).split(arguments.split)
    order = np.random.default_rng(0).permutation(len(logos))[: arguments.logos]
    files = [logos.files()[int(i)] for i in order]
    made = {f"{kind}, {side} px": [] for kind in ("badge", "around") for side in SIDES}
    for number, file in enumerate(files):
        kind = ("badge", "around")[number % 2]
        side = SIDES[number // 2 % len(SIDES)]
        drawn = lettered(np.asarray(load_image(file)), kind, number, arguments.fonts)
        if drawn is None:
            continue
        pixels, words = drawn
        small = np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.LANCZOS))
        straight, both, _ = read(small)
        made[f"{kind}, {side} px"].append(
            (len(words), len(words & straight), len(words & both), len(both - words))
        )
    told: dict[str, object] = {"written": {}}
    for kind, counts in made.items():
        of, before, after, others = np.array(counts).sum(axis=0)
        told["written"][kind] = {
            "logos": len(counts),
            "words": int(of),
            "straight lines": round(before / of, 3),
            "and round ones": round(after / of, 3),
            "other words a logo": round(others / len(counts), 2),
        }
    spent, changed, rings = [], [], 0
    for file in files:
        straight, both, seconds = read(shrink(np.asarray(load_image(file)))[0])
        spent.append(seconds)
        rings += seconds[1] > 0
        if straight != both:
            changed.append(f"{file}: {sorted(straight)} -> {sorted(both)}")
    told["as they are"] = {
        "logos": len(files),
        "with a ring that is read": rings,
        "with other words by it": len(changed),
        "CPU ms a logo: looking for rings, reading them, reading straight lines": [
            round(1e3 * float(v), 2) for v in np.mean(spent, axis=0)
        ],
    }
    out = Path(arguments.out)
    out.mkdir(parents=True, exist_ok=True)
    (out / "round-words.json").write_text(json.dumps(told, indent=2) + "\n")
    (out / "changed.txt").write_text("\n".join(changed) + "\n")
    print(json.dumps(told, indent=2))


def lettered(
    image: UInt8Array, kind: str, seed: int, fonts: str | None
) -> tuple[UInt8Array, set[str]] | None:
    """A logo with words around it and the words; None where it is too long for that."""
    torch.manual_seed(seed)
    letters = LogoLettering(
        arrangements=(kind,), slogan=1.0, scripts=("latin",), fonts=fonts, evaluation=True
    )
    subject = Subject(image, segment(image))
    params = letters.make_params([subject])
    if params["arrangement"] != kind or not subject.segmentation.count:
        return None
    set_lines = params["lines"][:2]
    words = {word for text, _ in set_lines for word in plain(text).split()}
    return letters.transform(subject, params), {word for word in words if len(word) >= LETTERS}


def read(pixels: UInt8Array) -> tuple[set[str], set[str], tuple[float, float, float]]:
    """The words by straight lines, those by lines around circles, too, and seconds of looking for
    rings, reading them and reading straight lines.
    """
    found = segment(pixels)
    start = time.thread_time()
    rings = find_rings(found)
    looked = time.thread_time()
    both = words_of(reading.read_lines(pixels, found, rings))
    read_all = time.thread_time()
    straight = words_of(reading.read_lines(pixels, found, ()))
    read_straight = time.thread_time() - read_all
    ringing = read_all - looked - read_straight if rings else 0.0
    return straight, both, (looked - start, ringing, read_straight)


def words_of(lines: object) -> set[str]:
    text = plain(text_of([line.text for line in lines]))
    return {word for word in text.split() if len(word) >= LETTERS}


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="data/openlogos")
    parser.add_argument("--split", default="val", choices=("val", "test"))
    parser.add_argument("--logos", type=int, default=600)
    parser.add_argument("--fonts", help="folder of typefaces; default those at hand")
    parser.add_argument("--out", default="runs/round-words")
    return parser.parse_args()


if __name__ == "__main__":
    main()
