"""Draw docs/images/results*.png from the finished runs of ``marquery reproduce`` in
runs/reproduce-small.
"""

import subprocess
import sys
from pathlib import Path

from PIL import Image

from marquery.visualization.canvas import save_small

SWEEP = Path("runs/reproduce-small")
TARGET = Path("docs/images")


def main() -> None:
    subprocess.run(
        [sys.executable, "-m", "marquery", "reproduce", "--table", "--out", str(SWEEP)], check=True
    )
    for name in ("results", "results-differences"):
        with Image.open(SWEEP / f"{name}.png") as picture:
            save_small(picture.convert("RGB"), TARGET / f"{name}.png")
        print(TARGET / f"{name}.png")


if __name__ == "__main__":
    main()
