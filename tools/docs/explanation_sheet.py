"""Contact sheets of drawn pairs of openlogos' test split with what an explanation says of each, to
be looked at: half of the pairs are of one brand, half are a logo and its nearest of other brands.

The figures of docs/explain.md come from sheets that this drew.
"""

import argparse
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

import marquery as mq
from marquery.datasets import LogoSet
from marquery.images import load_logo
from marquery.index.likeness.logo import LogoFacts
from marquery.index.likeness.pair import PairFacts
from marquery.index.likeness.sentences import pair_sentences
from marquery.index.strategies.analysis import LogoAnalysis
from marquery.visualization.canvas import LINE, MUTED, font, save_small, tile
from marquery.visualization.evidence import draw_sentences

ROWS, SIDE, WIDTH, HEIGHT = 10, 150, 760, 210


def draw_pairs(logos: LogoSet, count: int, seed: int) -> list[tuple[int, int]]:
    """Rows of pairs, of one brand and of others in turn."""
    rng = np.random.default_rng(seed)
    vectors = mq.LogoEncoder.load("default").embed(logos.files())
    _, codes, sizes = np.unique(logos.groups, return_inverse=True, return_counts=True)
    shared = rng.permutation(np.flatnonzero(sizes > 1))
    pairs = []
    for number, query in enumerate(rng.permutation(len(logos))[:count]):
        if number % 2 == 0:
            first, second = rng.choice(np.flatnonzero(codes == shared[number]), 2, replace=False)
        else:
            scores = vectors @ vectors[query]
            scores[codes == codes[query]] = -1
            first, second = query, scores.argmax()
        pairs.append((int(first), int(second)))
    return pairs


def row(number: int, images: list[Image.Image], sentences: list[str]) -> Image.Image:
    sheet = Image.new("RGB", (WIDTH, HEIGHT), "white")
    pen = ImageDraw.Draw(sheet)
    pen.text((8, 8), str(number), MUTED, font(15))
    for place, image in enumerate(images):
        sheet.paste(tile(image, SIDE), (8 + place * (SIDE + 8), 32))
    sheet.paste(draw_sentences(sentences, WIDTH - 2 * SIDE - 24), (2 * SIDE + 24, 28))
    pen.line((0, HEIGHT - 1, WIDTH, HEIGHT - 1), LINE)
    return sheet


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--pairs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    logos = LogoSet.open(given.data).split("test")
    logos = logos.subset(logos.namespaces == "brand")
    files = logos.files()
    given.out.mkdir(parents=True, exist_ok=True)
    rows, took = [], []
    for number, pair in enumerate(draw_pairs(logos, given.pairs, given.seed)):
        images = [load_logo(files[i]) for i in pair]
        start = time.process_time()
        told = pair_sentences(PairFacts(*(LogoFacts(LogoAnalysis(image)) for image in images)))
        took.append(time.process_time() - start)
        rows.append(row(number, images, told))
    for start in range(0, len(rows), 2 * ROWS):
        some = rows[start : start + 2 * ROWS]
        sheet = Image.new("RGB", (2 * WIDTH, HEIGHT * ((len(some) + 1) // 2)), "white")
        for place, picture in enumerate(some):
            sheet.paste(picture, (place % 2 * WIDTH, place // 2 * HEIGHT))
        save_small(sheet, given.out / f"pairs-{start:03}.png")
    print(f"CPU seconds a pair: median {np.median(took[1:]):.3f}, most {max(took[1:]):.2f}")


if __name__ == "__main__":
    main()
