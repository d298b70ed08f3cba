"""The segmenter on pictures as they arrive: resampled, blurred, compressed, dithered, scanned.

Logos of the open benchmark, whose SVG tells the true segments, and drawn scenes are made into
pictures of 224 px in each condition of ``marquery.datasets.openlogos.arrivals``. Printed are,
for each condition and method: the adjusted Rand index over the true foreground, segments too many
(median, mean), holes found, the ghost that a removed shape leaves (share of its footprint grown by
2 px that differs by more than 24 levels from the picture that never had it) and the error of
recolouring.

    python benchmarks/segmentation_conditions.py --sample val --logos 50     # to work with
    python benchmarks/segmentation_conditions.py               # drawn scenes alone
    python benchmarks/segmentation_conditions.py --sample report --logos 1000 --methods all
        --json docs/data/segmentation-conditions.json

Each rival has the settings that were the best of a grid in each condition:

    python benchmarks/segmentation_conditions.py --sample val --logos 8 --scenes 4 --tune

Needs the open benchmark (marquery data openlogos data/openlogos) unless only scenes are asked for.
"""

import argparse
import json
from pathlib import Path

from segmentation.arrivals import Arrivals, condition_rows, print_conditions, score_arrivals
from segmentation.methods import OURS, rival_names
from segmentation.sample import SAMPLES, choose
from segmentation.scenes import scenes
from segmentation.tuning import tune_conditions

from marquery.datasets.openlogos.arrivals import CONDITIONS
from marquery.datasets.openlogos.draw import in_parallel

CACHE = Path("runs/segmentation-truth")


def main() -> None:
    options = _parse()
    logos = scenes(options.scenes)
    if options.logos:
        if not options.manifest.is_file():
            print(f"{options.manifest} is missing; build it with: marquery data openlogos FOLDER")
            return
        logos += choose(options.manifest, options.sample, options.logos).logos
    if options.tune:
        tune_conditions(logos, options.jobs, options.cache)
        return
    methods = (OURS, *rival_names()) if "all" in options.methods else tuple(options.methods)
    plan = Arrivals(options.side, options.conditions, methods, not options.no_edits, options.cache)
    records = in_parallel("logos", score_arrivals, logos, options.jobs, None, plan)
    failed = [r for r in records if "failed" in r]
    for record in failed:
        print(f"left out: {record['path']}: {record['failed']}")
    rows = condition_rows(records)
    print_conditions(rows)
    if options.json:
        options.json.write_text(json.dumps({"sample": options.sample, "rows": rows}) + "\n")
    if options.records:
        options.records.write_text("".join(json.dumps(r) + "\n" for r in records))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sample", choices=tuple(SAMPLES), default="val")
    parser.add_argument("--logos", type=int, default=0, help="of each kind")
    parser.add_argument("--scenes", type=int, default=40, help="drawn scenes")
    parser.add_argument("--manifest", type=Path, default=Path("data/openlogos/manifest.parquet"))
    parser.add_argument("--side", type=int, default=224, help="pixels of the longest side")
    parser.add_argument(
        "--conditions", type=_conditions, default=tuple(CONDITIONS), help="separated by commas"
    )
    parser.add_argument("--methods", nargs="*", default=[OURS], help="names, or all")
    parser.add_argument(
        "--tune", action="store_true", help="find settings of the rivals in each condition"
    )
    parser.add_argument("--no-edits", action="store_true", help="leave out removing, recolouring")
    parser.add_argument("--jobs", type=int, default=2, help="parallel processes")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where truths are kept")
    parser.add_argument("--json", type=Path, help="write the table")
    parser.add_argument("--records", type=Path, help="write the scores of every logo, JSON lines")
    return parser.parse_args()


def _conditions(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    unknown = set(names) - set(CONDITIONS)
    if unknown:
        raise argparse.ArgumentTypeError(f"conditions are {', '.join(CONDITIONS)}")
    return names


if __name__ == "__main__":
    main()
