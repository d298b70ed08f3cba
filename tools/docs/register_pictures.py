"""Draw images/register.png anew, or with --times measure: data/openlogos -> docs/images.

A sheet of 100 logos as registers have them, by the steps of docs/augmentation.md. Words are in the
typefaces of ``marquery data fonts``.
"""

import re
import sys
from pathlib import Path

import numpy as np
import torch
import yaml
from logo_level_pictures import SOURCE, squares, times
from PIL import Image

from marquery.augment import (
    LogoLettering,
    LogoPhotograph,
    LogoPrint,
    LogoRearrange,
    LogoRelief,
    Subject,
)
from marquery.augment.lettering.typefaces import FACES, fonts_folder
from marquery.training.augment_steps import AugmentPart
from marquery.training.augmentation import Augmentation

DOCS = Path("docs")
TARGET = DOCS / "images" / "register.png"
SIDE, CELL, GAP, ACROSS, COUNT, SEED = 256, 92, 4, 10, 100, 3
# Every so many logos, from this one, so that all collections are seen.
FIRST, STEP = 29, 183
TRANSFORMS = (LogoLettering, LogoRearrange, LogoRelief, LogoPrint, LogoPhotograph)


def steps() -> AugmentPart:
    """The steps that docs/augmentation.md shows below the picture."""
    text = (DOCS / "augmentation.md").read_text(encoding="utf-8")
    found = re.search(r"register\.png\).*?```yaml\n(.*?)```", text, re.DOTALL)
    if found is None:
        sys.exit("docs/augmentation.md shows no steps below register.png")
    return AugmentPart.model_validate(yaml.safe_load(found[1])["augment"])


def sheet() -> Image.Image:
    augmentation = Augmentation(steps().positive)
    files = sorted(SOURCE.glob("*/*.png"))[FIRST::STEP][:COUNT]
    torch.manual_seed(SEED)
    pitch = CELL + GAP
    page = Image.new("RGB", (ACROSS * pitch - GAP, -(-len(files) // ACROSS) * pitch - GAP), "white")
    for k, logo in enumerate(squares(files, SIDE)):
        view = Image.fromarray(augmentation(Subject(np.ascontiguousarray(logo)), SIDE))
        small = view.resize((CELL, CELL), Image.Resampling.LANCZOS)
        page.paste(small, (k % ACROSS * pitch, k // ACROSS * pitch))
    return page


def main() -> None:
    if not any(SOURCE.glob("*/*.png")):
        sys.exit(f"{SOURCE} missing; build it first: marquery data openlogos data/openlogos")
    if not (fonts_folder() / FACES).is_file():
        sys.exit(f"{fonts_folder()} holds no typefaces; fetch them first: marquery data fonts")
    if "--times" in sys.argv[1:]:
        times(256, tuple(kind() for kind in TRANSFORMS))
        return
    page = sheet()
    few = page.quantize(palette=page.quantize(256), dither=Image.Dither.FLOYDSTEINBERG)
    few.save(TARGET, optimize=True)
    print(TARGET)


if __name__ == "__main__":
    main()
