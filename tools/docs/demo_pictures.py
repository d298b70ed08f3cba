"""Draw the pictures of the README anew from the last demo run: runs/demo/pictures ->
docs/images.
"""

import sys
from pathlib import Path

from PIL import Image

from marquery.visualization.canvas import save_small

SOURCE = Path("runs/demo/pictures")
TARGET = Path("docs/images")
NAMES = (
    "segments",
    "rotation",
    "augmentations",
    "groups",
    "retrievals",
    "failures",
    "curves",
    "search",
)


def main() -> None:
    missing = [name for name in NAMES if not (SOURCE / f"{name}.png").is_file()]
    if missing:
        sys.exit(f"{SOURCE}: {', '.join(missing)} missing; run `make demo` first")
    TARGET.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        with Image.open(SOURCE / f"{name}.png") as picture:
            save_small(picture.convert("RGB"), TARGET / f"{name}.png")
        print(TARGET / f"{name}.png")


if __name__ == "__main__":
    main()
