"""Draw docs/images/round-words.png: logos with made-up words around them, the bands in which these
run straight, and what is read.

python tools/docs/round_words_picture.py [data/openlogos]
"""

import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw

from marquery.augment.logo_lettering import LogoLettering
from marquery.augment.subject import Subject
from marquery.datasets import LogoSet
from marquery.images import load_image
from marquery.index.strategies.reading import read_words
from marquery.index.strategies.rings import find_rings
from marquery.index.strategies.round_writing import unroll
from marquery.segments import segment
from marquery.visualization.canvas import PAPER, font, save_small

TARGET = Path("docs/images/round-words.png")
SIDE, BAND, GAP, ROWS, TEXT = 240, 480, 20, 4, 44
ARRANGEMENTS = ("badge", "badge", "around", "around")


def main() -> None:
    val = LogoSet.open(sys.argv[1] if len(sys.argv) > 1 else "data/openlogos").split("val")
    files = np.random.default_rng(0).permutation(np.array(val.files()))
    rows, taken = [], 0
    while len(rows) < ROWS:
        row = drawn(files[taken], ARRANGEMENTS[len(rows)], taken)
        rows += [row] if row else []
        taken += 1
    width = 3 * GAP + SIDE + BAND
    sheet = Image.new("RGB", (width, GAP + ROWS * (SIDE + GAP)), PAPER)
    draw = ImageDraw.Draw(sheet)
    for place, (logo, band, words) in enumerate(rows):
        top = GAP + place * (SIDE + GAP)
        sheet.paste(logo, (GAP, top))
        high = round(BAND * band.height / band.width)
        start = top + (SIDE - high - TEXT) // 2
        sheet.paste(band.resize((BAND, high), Image.Resampling.LANCZOS), (2 * GAP + SIDE, start))
        draw.text((2 * GAP + SIDE, start + high + 12), words, (30, 30, 30), font(18))
    save_small(sheet, TARGET)
    print(TARGET)


def drawn(file: Path, arrangement: str, seed: int) -> tuple[Image.Image, Image.Image, str] | None:
    """A logo with words around it, its bands and the words that are read; None where it has no
    room for words around it.
    """
    torch.manual_seed(seed)
    image = np.asarray(load_image(file))
    subject = Subject(image, segment(image))
    letters = LogoLettering((arrangement,), slogan=1.0, registered=0.0, scripts=("latin",))
    params = letters.make_params([subject])
    if params["arrangement"] != arrangement or not subject.segmentation.count:
        return None
    logo = Image.fromarray(letters.transform(subject, params))
    logo = logo.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    pixels = np.asarray(logo)
    found = segment(pixels)
    (ring, *_) = find_rings(found) or (None,)
    if ring is None:
        return None
    band = Image.fromarray(unroll(pixels, ring, found.background).pixels)
    return logo, band, read_words(pixels, found) or ""


if __name__ == "__main__":
    main()
