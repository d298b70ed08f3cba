"""Draw docs/images/default-dropped.png: test logos of which half of the shapes or more are gone,
and where the logo itself is found.

Of 120 that were drawn at random and looked at beside their logo, ``UNKNOWABLE`` leave nothing by
which an eye would know it: a disc, a bar, a letter's stroke, the bare ground. Those stand last in
the picture.

    python tools/docs/dropped_pictures.py [data/openlogos]
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from marquery.datasets import LogoSet
from marquery.datasets.edit_set import EditSet
from marquery.encoder import LogoEncoder
from marquery.evaluation import evaluate_edited
from marquery.images import load_image
from marquery.visualization.canvas import INK, MUTED, PAPER, font, save_small, tile

TARGET = Path("docs/images/default-dropped.png")
DRAWN = 120
UNKNOWABLE = (0, 1, 9, 14, 15, 16, 21, 32, 33, 34, 36, 46, 54, 56)
UNKNOWABLE += (57, 58, 62, 68, 69, 72, 74, 75, 77, 79, 89, 103, 114, 118)
COLUMNS, ROWS, SIDE, GAP, LINE_HEIGHT = 6, 3, 76, 20, 22


def main() -> None:
    test = LogoSet.open(sys.argv[1] if len(sys.argv) > 1 else "data/openlogos").split("test")
    edits = EditSet.open(test, "test")
    hard = np.flatnonzero(np.array(edits.strata) == "drop 3")
    drawn = np.random.default_rng(0).choice(hard, DRAWN, replace=False)
    encoder = LogoEncoder.load("default")
    found = evaluate_edited(
        encoder.embed([edits.files[i] for i in drawn]),
        encoder.embed(test.files()),
        test.paths,
        [edits.sources[i] for i in drawn],
        [edits.excluded[i] for i in drawn],
        bootstrap=0,
    )
    ap = found.per_query["ap"]  # one logo is relevant: 1 for its rank
    known = ~np.isin(np.arange(DRAWN), UNKNOWABLE)
    print(
        f"mAP of all {ap.mean():.3f}; of {known.sum()} that an eye may know {ap[known].mean():.3f}"
    )
    shown = [*np.flatnonzero(known)[: COLUMNS * (ROWS - 1)], *UNKNOWABLE[:COLUMNS]]
    width, height = 2 * SIDE + GAP, SIDE + LINE_HEIGHT + GAP // 2
    sheet = Image.new("RGB", (COLUMNS * width - GAP, ROWS * height - GAP // 2), PAPER)
    pen = ImageDraw.Draw(sheet)
    for place, number in enumerate(shown):
        row, column = divmod(place, COLUMNS)
        left, top = column * width, row * height
        files = (edits.files[drawn[number]], test.files()[edits.sources[drawn[number]]])
        for side, file in enumerate(files):
            sheet.paste(tile(load_image(file), SIDE), (left + side * SIDE, top))
        rank = round(1 / ap[number])
        color = INK if rank == 1 else MUTED
        pen.text((left, top + SIDE + 3), f"found at place {rank:,}", color, font(13))
    save_small(sheet, TARGET)
    print(TARGET)


if __name__ == "__main__":
    main()
