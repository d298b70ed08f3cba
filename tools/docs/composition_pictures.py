"""Draw docs/images/compositions.png: training logos in pairs, and what compositions of the two look
like.

python tools/docs/composition_pictures.py [data/openlogos]
"""

import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from marquery.augment import Subject
from marquery.datasets import LogoSet
from marquery.encoder.preprocess import to_square
from marquery.training.compositions import composition
from marquery.visualization.canvas import PAPER, save_small, tile

TARGET = Path("docs/images/compositions.png")
COLUMNS, ROWS, SIDE, GAP = 4, 5, 84, 20


def main() -> None:
    folder = sys.argv[1] if len(sys.argv) > 1 else "data/openlogos"
    files = LogoSet.open(folder).split("train").files()
    rng = np.random.default_rng(0)
    torch.manual_seed(0)
    step = 3 * SIDE + GAP
    size = (COLUMNS * step - GAP, ROWS * (SIDE + GAP // 2) - GAP // 2)
    sheet = Image.new("RGB", size, PAPER)
    shown = tried = 0
    while shown < COLUMNS * ROWS:
        pair = [Subject(to_square(files[i], 160, True)) for i in rng.integers(len(files), size=2)]
        made = composition(pair[0], [pair[1].pixels])
        tried += 1
        if made is None:
            continue
        row, column = divmod(shown, COLUMNS)
        for place, pixels in enumerate((pair[0].pixels, pair[1].pixels, made)):
            picture = tile(Image.fromarray(pixels), SIDE)
            sheet.paste(picture, (column * step + place * SIDE, row * (SIDE + GAP // 2)))
        shown += 1
    print(f"{shown} of {tried} pairs have a composition")
    save_small(sheet, TARGET)
    print(TARGET)


if __name__ == "__main__":
    main()
