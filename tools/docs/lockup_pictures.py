"""Draw docs/images/lockups.png: wide logos that were found to be a figure beside words, and what
the encoder sees of them.

python tools/docs/lockup_pictures.py [data/openlogos]
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from marquery.datasets import LogoSet
from marquery.encoder.lockup import find_lockup
from marquery.encoder.preprocess import to_square
from marquery.images import load_image
from marquery.visualization.canvas import PAPER, save_small, tile

TARGET = Path("docs/images/lockups.png")
COLUMNS, ROWS, SIDE, GAP = 4, 6, 112, 12


def main() -> None:
    test = LogoSet.open(sys.argv[1] if len(sys.argv) > 1 else "data/openlogos").split("test")
    files = np.array([f for f in test.files() if find_lockup(load_image(f)) is not None])
    print(f"{len(files)} of {len(test)} test logos")
    shown = np.random.default_rng(0).choice(files, COLUMNS * ROWS, replace=False)
    step = 2 * SIDE + GAP
    size = (COLUMNS * (step + 2 * GAP) + GAP, ROWS * (SIDE + GAP) + GAP)
    sheet = Image.new("RGB", size, PAPER)
    for place, file in enumerate(shown):
        row, column = divmod(place, COLUMNS)
        left, top = GAP + column * (step + 2 * GAP), GAP + row * (SIDE + GAP)
        for stacked in (False, True):
            square = Image.fromarray(to_square(file, SIDE, stack_lockups=stacked))
            sheet.paste(tile(square, SIDE + 2), (left + stacked * (SIDE + GAP) - 1, top - 1))
    save_small(sheet, TARGET)
    print(TARGET)


if __name__ == "__main__":
    main()
