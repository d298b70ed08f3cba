"""The segmenter against the true segments of logos drawn from SVG: adjusted Rand index.

Over the foreground the index can say nothing of logos with one segment (one wrong pixel makes it 0), so those count only in
the index over all pixels.

Rivals: connected components of what differs from the background, and four levels a channel + components. Needs the open
benchmark (``marquery data openlogos data/openlogos``): without it the script says so and ends.

    python benchmarks/segmentation.py [--logos 300] [--side 224]
"""

import argparse
import io
from pathlib import Path

import cc3d
import numpy as np
from PIL import Image

import marquery as mq
from marquery.datasets.openlogos.render import over
from marquery.datasets.openlogos.truth import segment_truth
from marquery.images import DARK, WHITE, border_color
from marquery.svg import render_svg

DATA = Path("data/openlogos/manifest.parquet")
COLORED = {
    "logos",
    "devicon",
    "skill-icons",
    "vscode-icons",
    "cryptocurrency-color",
    "token-branded",
}


def adjusted_rand(truth: np.ndarray, found: np.ndarray) -> float:
    """Adjusted Rand index of two labelings (Hubert & Arabie 1985); 1 where both are one cluster."""
    table = np.zeros((truth.max() + 1, found.max() + 1))
    np.add.at(table, (truth, found), 1)
    pairs = (table * (table - 1)).sum()
    rows = table.sum(axis=1)
    columns = table.sum(axis=0)
    row_pairs, column_pairs = (rows * (rows - 1)).sum(), (columns * (columns - 1)).sum()
    chance = row_pairs * column_pairs / max(1.0, len(truth) * (len(truth) - 1))
    best = (row_pairs + column_pairs) / 2
    return 1.0 if best == chance else float((pairs - chance) / (best - chance))


def ours(pixels: np.ndarray) -> np.ndarray:
    return mq.segment(pixels).labels


def binary_components(pixels: np.ndarray) -> np.ndarray:
    ground = np.array(border_color(pixels), dtype=np.int16)
    ink = np.abs(pixels.astype(np.int16) - ground).max(axis=2) > 24
    return cc3d.connected_components(ink.astype(np.uint8), connectivity=8).astype(np.int32)


def quantised_components(pixels: np.ndarray) -> np.ndarray:
    codes = (pixels >> 6).astype(np.uint32) @ np.array([16, 4, 1], dtype=np.uint32) + 1
    labels = cc3d.connected_components(codes, connectivity=8).astype(np.int32)
    return np.where(labels == labels[0, 0], 0, labels)


def as_jpeg(pixels: np.ndarray, quality: int) -> np.ndarray:
    packed = io.BytesIO()
    Image.fromarray(pixels).save(packed, "JPEG", quality=quality)
    return np.asarray(Image.open(packed).convert("RGB"))


def found_share(truth_labels: np.ndarray, found: np.ndarray, wanted: np.ndarray) -> tuple[int, int]:
    """Of the wanted true segments, how many have a found one with IoU of at least 0.5."""
    hits = 0
    for label in np.flatnonzero(wanted) + 1:
        mask = truth_labels == label
        names, overlap = np.unique(found[mask], return_counts=True)
        best = names[overlap.argmax()]
        union = mask.sum() + (found == best).sum() - overlap.max()
        hits += bool(best > 0 and overlap.max() / union >= 0.5)
    return hits, int(wanted.sum())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--logos", type=int, default=300)
    parser.add_argument("--side", type=int, default=224)
    options = parser.parse_args()
    if not DATA.is_file():
        print(f"{DATA} is missing; build it with: marquery data openlogos data/openlogos")
        return
    import pyarrow.parquet as pq

    rows = pq.read_table(DATA, columns=["path", "collection", "svg", "backdrop"]).to_pylist()
    rng = np.random.default_rng(7)
    methods = {
        "ours": ours,
        "binary components": binary_components,
        "4 levels + components": quantised_components,
    }
    for kind in ("multi-colour", "monochrome"):
        pool = [r for r in rows if (r["collection"] in COLORED) == (kind == "multi-colour")]
        chosen = [pool[i] for i in rng.permutation(len(pool))]
        scores: dict[tuple[str, str], list[float]] = {}
        gradients: dict[str, list[int]] = {}
        holes: dict[str, list[int]] = {}
        used = unfit = 0
        for row in chosen:
            if used == options.logos:
                break
            backdrop = WHITE if row["backdrop"] == "white" else DARK
            truth = segment_truth(row["svg"], options.side, backdrop)
            if truth is None:
                unfit += 1
                continue
            pixels = over(render_svg(row["svg"], options.side), backdrop)
            foreground = truth.labels > 0 if truth.labels.shape == pixels.shape[:2] else None
            if foreground is None or not foreground.any():
                unfit += 1
                continue
            used += 1
            inputs = {"PNG": pixels, "JPEG 90": as_jpeg(pixels, 90), "JPEG 50": as_jpeg(pixels, 50)}
            known = truth.labels >= 0
            for name, method in methods.items():
                for form, image in inputs.items():
                    found = method(image)
                    everywhere = adjusted_rand(truth.labels[known], found[known])
                    scores.setdefault((name, f"{form} all"), []).append(everywhere)
                    if truth.count > 1:
                        parts = adjusted_rand(truth.labels[foreground], found[foreground])
                        scores.setdefault((name, form), []).append(parts)
                    if form == "PNG":
                        for store, wanted in (
                            (gradients, truth.is_gradient),
                            (holes, truth.is_hole),
                        ):
                            hits, total = found_share(truth.labels, found, wanted)
                            counts = store.setdefault(name, [0, 0])
                            counts[0] += hits
                            counts[1] += total
        print(f"{kind}: {used} logos, {options.side} px ({unfit} left out: no truth to be had)")
        forms = ("PNG", "JPEG 90", "JPEG 50")
        columns = [*forms, *(f"{form} all" for form in forms)]
        print(
            f"  {'ARI: foreground, all pixels':28s}",
            *(f"{c:>12s}" for c in columns),
            "   gradients  holes",
        )
        for name in methods:
            cells = [f"{np.mean(scores[name, c]):12.3f}" for c in columns]
            for hits, total in (gradients[name], holes[name]):
                cells.append(f"{hits / total:8.3f}" if total else "       -")
            print(f"  {name:28s}", *cells)


if __name__ == "__main__":
    main()
