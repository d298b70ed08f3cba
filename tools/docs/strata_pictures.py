"""Draw docs/images/strata.png: test pairs of each stratum, drawn at random, one a brand."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from marquery.datasets import LogoSet
from marquery.datasets.strata import STRATA, pair_strata
from marquery.images import load_image
from marquery.visualization.canvas import INK, MUTED, PAPER, font, save_small, tile

TARGET = Path("docs/images/strata.png")
PAIRS, SIDE, GAP, TITLE = 6, 72, 10, 118


def main() -> None:
    logos = LogoSet.open("data/openlogos").split("test")
    pairs = pair_strata(logos)
    files = logos.files()
    brand = logos.namespaces[pairs.first] == "brand"
    cell = 2 * SIDE + 2 + 2 * GAP
    sheet = Image.new("RGB", (TITLE + PAIRS * cell, GAP + len(STRATA) * (SIDE + GAP)), PAPER)
    pen = ImageDraw.Draw(sheet)
    rng = np.random.default_rng(0)
    for line, stratum in enumerate(STRATA):
        top = GAP + line * (SIDE + GAP)
        rows = np.flatnonzero(brand & (pairs.stratum == stratum))
        pen.text((GAP, top + SIDE // 2 - 18), stratum, INK, font(16))
        pen.text((GAP, top + SIDE // 2 + 4), f"{len(rows):,} pairs", MUTED, font(13))
        rng.shuffle(rows)
        _, first = np.unique(logos.groups[pairs.first[rows]], return_index=True)
        for place, row in enumerate(rows[np.sort(first)][:PAIRS]):
            left = TITLE + place * cell
            for side, logo in enumerate((pairs.first[row], pairs.second[row])):
                picture = tile(load_image(files[logo]), SIDE)
                sheet.paste(picture, (left + side * (SIDE + 2), top))
    save_small(sheet, TARGET)
    print(TARGET)


if __name__ == "__main__":
    main()
