"""The picture of explain.md, from a built openlogos and the package's encoder or another:
docs/images/explanation.png.
"""

import sys
from pathlib import Path

from PIL import Image

import marquery as mq
from marquery.visualization.canvas import save_small

PAIRS = (
    ("devicon/clarity", "devicon/clarity-wordmark"),
    ("simple-icons/origin", "logos/origin"),
    ("logos/slack-icon", "fa6-brands/slack"),
    ("fa6-brands/first-order-alt", "fa6-brands/first-order"),
)
SIDE, COLUMNS, GAP = 280, 2, 12


def main(folder: Path, model: str, out: Path) -> None:
    encoder = mq.LogoEncoder.load(model)
    pictures = []
    for names in PAIRS:
        query, hit = (folder / "logos" / f"{name}.png" for name in names)
        explanation = mq.explain(encoder, query, hit)
        print(f"{names[0]}, {names[1]}: {explanation.score:.3f}; {'; '.join(explanation.words)}")
        pictures.append(explanation.picture(SIDE))
    width = max(picture.width for picture in pictures)
    rows = [pictures[i : i + COLUMNS] for i in range(0, len(pictures), COLUMNS)]
    heights = [max(picture.height for picture in row) for row in rows]
    sheet = Image.new("RGB", (COLUMNS * width, sum(heights) + GAP * (len(rows) - 1)), "white")
    top = 0
    for row, height in zip(rows, heights, strict=True):
        for column, picture in enumerate(row):
            sheet.paste(picture, (column * width, top))
        top += height + GAP
    save_small(sheet, out)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: python tools/docs/explain_pictures.py OPENLOGOS [MODEL]")
    model = sys.argv[2] if len(sys.argv) == 3 else "default"
    main(Path(sys.argv[1]), model, Path("docs/images/explanation.png"))
