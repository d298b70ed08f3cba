"""Draw docs/images/scale.png: how long a search takes as a register grows.

python benchmarks/scale.py search REGISTER OTHER --strategies overall part auto words | tee A
python tools/docs/scale_picture.py A B C
"""

import json
import sys
from pathlib import Path

import matplotlib.pyplot as plt
from PIL import Image

TARGET, DATA = Path("docs/images/scale.png"), Path("docs/data/scale.json")
NAMES = {
    "auto": ("all evidence (auto)", "#1f4e79"),
    "part": ("parts", "#c8671b"),
    "words": ("words", "#4a8a3f"),
    "overall": ("wholes", "#7a5195"),
}
PANELS = {"all": "no filter", "half (.5)": "half of the marks"}


def main() -> None:
    if sys.argv[1:]:
        lines = [line for name in sys.argv[1:] for line in Path(name).read_text().splitlines()]
        records = [line for line in lines if line.startswith("{")]
        DATA.write_text("[\n  " + ",\n  ".join(records) + "\n]\n")
    found = json.loads(DATA.read_text())
    figure, panels = plt.subplots(1, 2, figsize=(9.6, 3.9), sharey=True, layout="constrained")
    for panel, (asked, title) in zip(panels, PANELS.items(), strict=True):
        for strategy, (name, color) in NAMES.items():
            some = [f for f in found if (f["strategy"], f["filter"]) == (strategy, asked)]
            some.sort(key=lambda f: f["rows"])
            rows = [f["rows"] for f in some]
            low, high = [f["p50_ms"] for f in some], [f["p95_ms"] for f in some]
            panel.plot(rows, low, "o-", color=color, label=name, lw=1.8, ms=5)
            panel.fill_between(rows, low, high, color=color, alpha=0.15, lw=0)
        panel.axhline(100, color="#888888", lw=0.8, ls=":")
        panel.set(xscale="log", yscale="log", xlabel="marks in the register", title=title)
        panel.set_xticks([10_000, 100_000, 1_000_000], ["10,000", "100,000", "1 million"])
        panel.minorticks_off()
        panel.set_yticks([3, 10, 30, 100, 300], ["3", "10", "30", "100", "300"])
        panel.grid(alpha=0.25)
        panel.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel("ms, median to 95th percentile")
    panels[0].legend(frameon=False)
    figure.savefig(TARGET, dpi=110)
    with Image.open(TARGET) as picture:
        small = picture.convert("RGB").quantize(64, dither=Image.Dither.NONE)
    small.save(TARGET, optimize=True)
    print(TARGET)


if __name__ == "__main__":
    main()
