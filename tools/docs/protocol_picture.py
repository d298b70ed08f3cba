"""Draw the picture of docs/protocols.md: python tools/docs/protocol_picture.py ->
docs/images/protocols.png. It needs nothing.

Left, the example of the page. Right, the same embeddings by the three protocols: 600 unit vectors
with groups of equal size, whose members are near their group's centre.
"""

from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

import marquery as mq

TARGET = Path("docs/images/protocols.png")
COLORS = {"standard": "#238b45", "metu": "#084594", "upstream": "#d94801"}
RELEVANT, RANKED = (1, 4), 10
COUNT, DIM, SEED = 600, 32, 0
SIZES = (2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30)


def example(axes: plt.Axes) -> None:
    """Ten ranked items, two of them relevant: where they are, and where they could be at best."""
    best = range(1, len(RELEVANT) + 1)
    for height, places, said in ((1, RELEVANT, "as ranked"), (0, best, "at best")):
        for place in range(1, RANKED + 1):
            hit = place in places
            axes.text(
                place,
                height,
                str(place),
                ha="center",
                va="center",
                color="white" if hit else "#555555",
                bbox={
                    "boxstyle": "square,pad=.45",
                    "facecolor": COLORS["standard"] if hit else "#eeeeee",
                    "edgecolor": "none",
                },
            )
        axes.text(0.2, height, said, ha="right", va="center")
        axes.text(RANKED + 0.8, height, f"sum of ranks {sum(places)}", va="center")
    nar = (sum(RELEVANT) - sum(best)) / (RANKED * len(RELEVANT))
    axes.set_title(f"NAR = (5 − 3) / (10 · 2) = {nar:g}")
    axes.set(xlim=(-2.2, RANKED + 4.6), ylim=(-0.8, 1.8))
    axes.axis("off")


def measured() -> dict[str, list[float]]:
    """NAR by protocol, for each size of the groups."""
    found: dict[str, list[float]] = {name: [] for name in COLORS}
    for size in SIZES:
        generator = np.random.default_rng(SEED)
        groups = np.repeat(np.arange(COUNT // size), size)
        centres = generator.normal(size=(COUNT // size, DIM))
        vectors = centres[groups] + 1.5 * generator.normal(size=(len(groups), DIM))
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        for name in COLORS:
            result = mq.evaluate(vectors.astype(np.float32), groups, protocol=name, bootstrap=0)
            found[name].append(result.nar)
    return found


def main() -> None:
    """Write the picture."""
    style = {"font.size": 9, "axes.titlesize": 10, "axes.spines.top": False}
    with plt.rc_context({**style, "axes.spines.right": False, "legend.frameon": False}):
        figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.2), width_ratios=(1.25, 1))
        example(left)
        for name, values in measured().items():
            dashed = {"linestyle": "--", "marker": "o", "markerfacecolor": "none", "zorder": 3}
            drawn = dashed if name == "upstream" else {"linestyle": "-", "marker": "."}
            right.plot(SIZES, values, color=COLORS[name], label=name, **drawn)
        right.set(xlabel="logos of a group", ylabel="NAR", ylim=(0, None))
        right.set_title("The same embeddings by three protocols")
        right.grid(color="#e5e5e5")
        right.legend()
        figure.tight_layout()
        figure.savefig(TARGET, dpi=110)
    with Image.open(TARGET) as picture:
        small = picture.convert("RGB").quantize(64, dither=Image.Dither.NONE)
    small.save(TARGET, optimize=True)


if __name__ == "__main__":
    main()
