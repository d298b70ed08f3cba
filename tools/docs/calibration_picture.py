"""Draw docs/images/calibration.png: how reliable the probabilities of the package's encoder are on
test pairs.

The map is fitted anew in a scratch folder; what lies beside the package's encoder is not touched.

    python tools/docs/calibration_picture.py [data/openlogos]
"""

import sys
import tempfile
from pathlib import Path

from marquery.calibration.diagram import draw_reliability
from marquery.datasets import LogoSet
from marquery.encoder import LogoEncoder
from marquery.training.calibrate import calibrate

TARGET = Path("docs/images/calibration.png")


def main() -> None:
    logos = LogoSet.open(sys.argv[1] if len(sys.argv) > 1 else "data/openlogos")
    with tempfile.TemporaryDirectory() as scratch:
        done = calibrate(LogoEncoder.load("default"), Path(scratch), logos)
    draw_reliability(done.calibration, done.pairs, done.reliability, TARGET)
    print(TARGET)


if __name__ == "__main__":
    main()
