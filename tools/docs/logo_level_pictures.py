"""Draw images/logo-level.png anew, or with --times measure: data/openlogos -> docs/images."""

import re
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

import marquery as mq
from marquery.augment import (
    Degrade,
    LogoBackground,
    LogoBadge,
    LogoFrame,
    LogoInvert,
    LogoOutline,
    LogoTransform,
    LogoWarp,
    LogoWordmark,
)
from marquery.images import pad_to_square
from marquery.visualization.canvas import INK, PAPER, tile

SOURCE = Path("data/openlogos/logos")
TARGET = Path("docs/images/logo-level.png")
LOGOS = (
    "logos/slack-icon",
    "simple-icons/burgerking",
    "logos/khan-academy-icon",
    "devicon/apachespark-wordmark",
    "skill-icons/instagram",
    "logos/mesos",
)
DRAWS, CELL, GAP, MARGIN, SEED = 2, 72, 4, 76, 7
TRANSFORMS = (
    LogoBadge(),
    LogoBackground(),
    LogoInvert(),
    LogoOutline(),
    LogoWordmark(),
    LogoWarp(),
    Degrade(),
    LogoFrame(),
)


def title(op: object) -> str:
    return re.sub("^Logo", "", type(op).__name__).lower()


def squares(files: list[Path], side: int) -> list[np.ndarray]:
    out = []
    for file in files:
        with Image.open(file) as image:
            square = pad_to_square(image.convert("RGB"))
        out.append(np.asarray(square.resize((side, side), Image.Resampling.LANCZOS)))
    return out


def draw(logos: list[np.ndarray]) -> Image.Image:
    pitch = CELL + GAP
    group = DRAWS * pitch + 2 * GAP
    size = (MARGIN + len(logos) * group, (len(TRANSFORMS) + 1) * pitch + GAP)
    sheet = Image.new("RGB", size, PAPER)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    torch.manual_seed(SEED)
    for column, logo in enumerate(logos):
        left = MARGIN + column * group
        sheet.paste(tile(Image.fromarray(logo), CELL), (left + (DRAWS - 1) * pitch // 2, GAP))
        found = mq.segment(logo)
        for row, op in enumerate(TRANSFORMS, start=1):
            for k in range(DRAWS):
                result = op.transform_segmented(logo, found)
                place = (left + k * pitch, GAP + row * pitch)
                sheet.paste(tile(Image.fromarray(result), CELL), place)
    for row, name in enumerate(["logo", *map(title, TRANSFORMS)]):
        middle = (GAP, GAP + row * pitch + CELL / 2)
        pen.text(middle, name, fill=INK, font=font, anchor="lm")
    return sheet


def times(side: int, transforms: Sequence[LogoTransform] = TRANSFORMS) -> None:
    """CPU time of each on 400 logos, the segmentation at hand: what that costs is told first."""
    logos = squares(sorted(SOURCE.glob("*/*.png"))[7::48][:400], side)
    taken: dict[str, list[float]] = {}
    torch.manual_seed(SEED)
    for logo in logos:
        start = time.thread_time()
        found = mq.segment(logo)
        taken.setdefault("segment", []).append(time.thread_time() - start)
        for op in transforms:
            start = time.thread_time()
            op.transform_segmented(logo, found)
            taken.setdefault(title(op), []).append(time.thread_time() - start)
    for name, seconds in taken.items():
        kept = [1000 * s for s in seconds[20:]]  # the first ones wait for compiled code
        tail = statistics.quantiles(kept, n=10)[-1]
        print(f"{name}: median {statistics.median(kept):.2f} ms, 90 % below {tail:.2f} ms")


def main() -> None:
    files = [SOURCE / f"{name}.png" for name in LOGOS]
    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        sys.exit(f"{missing[0]} missing; build it first: marquery data openlogos data/openlogos")
    if "--times" in sys.argv[1:]:
        times(128)
        return
    draw(squares(files, 256)).save(TARGET, optimize=True)
    print(TARGET)


if __name__ == "__main__":
    main()
