"""The segmenter against the true segments of logos drawn from SVG, beside three rivals.

By default 100 + 100 logos at 224 px as PNG and JPEG 50. The tables of docs/segmentation.md take
hours the first time (truths are then kept in runs/segmentation-truth) and are made by:

    python benchmarks/segmentation.py --logos 1000 --sides 64,224,512 --forms png,jpeg90,jpeg50
        --json docs/data/segmentation.json --docs docs/segmentation.md --records
        runs/segmentation.jsonl

While working on the segmenter, use the other sample, which shares no brand with the reported one,
and look at the worst:

    python benchmarks/segmentation.py --sample dev --methods marquery --forms png --worst 12
    worst.png --by gradients

Needs the open benchmark (marquery data openlogos data/openlogos); without it the script says so and
ends.
"""

import argparse
import json
from pathlib import Path

from segmentation.document import write_tables
from segmentation.methods import OURS, SLOW, all_methods
from segmentation.sample import SAMPLES, Logo, Sample, choose, split
from segmentation.table import beneath, left_out, missed_gradients, print_tables, summarise
from segmentation.truths import FORMS
from segmentation.tuning import tune
from segmentation.work import Plan, score_logos
from segmentation.worst import RANKINGS, draw_worst

from marquery.datasets.openlogos.draw import in_parallel

MANIFEST = Path("data/openlogos/manifest.parquet")
CACHE = Path("runs/segmentation-truth")
#: Above this size only a part of the logos is edited, and given to the slow rival.
LARGE = 256


def main() -> None:
    options = _parse()
    if not MANIFEST.is_file():
        print(f"{MANIFEST} is missing; build it with: marquery data openlogos data/openlogos")
        return
    sample = choose(MANIFEST, options.sample, options.logos)
    if options.tune:
        tune(sample.logos, options.jobs, CACHE)
        return
    if options.reuse:
        records = [json.loads(line) for line in options.reuse.read_text().splitlines()]
    else:
        records = score(sample, options)
    print(f"sample {options.sample}: the first {options.logos} of each kind")
    for kind, number in sample.passed_over.items():
        print(f"  {kind}: {number} more passed over, their SVG does not tell the segments")
    for line in left_out(records):
        print(f"  {line}")
    for line in (*beneath(records), *missed_gradients(records, OURS)):
        print(f"  {line}")
    rows = summarise(records)
    print_tables(rows)
    if options.worst:
        number, out = int(options.worst[0]), Path(options.worst[1])
        form = options.forms[0]
        draw_worst(records, sample.logos, number, options.by, form, CACHE, out)
    if options.json:
        text = json.dumps({"sample": options.sample, "logos": options.logos, "rows": rows})
        options.json.write_text(text + "\n")
    if options.docs:
        write_tables(rows, options.docs)
    if options.records:
        options.records.write_text("".join(json.dumps(r) + "\n" for r in records))


def score(sample: Sample, options: argparse.Namespace) -> list[dict]:
    """Score the sample at every size asked for."""
    methods = tuple(all_methods())
    if SLOW not in methods:
        print(f"{SLOW} is left out: it needs scikit-image, pip install 'marquery[bench]'")
    if options.methods:
        methods = tuple(m for m in methods if any(m.startswith(w) for w in options.methods))
    records: list[dict] = []
    for side in options.sides:
        rest: list[Logo] = []
        logos = sample.logos
        if side > LARGE:
            logos, rest = split(sample, options.part)
        forms = tuple(options.forms)
        plan = Plan(side, forms, methods, not options.no_edits, CACHE)
        records += in_parallel(f"{side} px", score_logos, logos, options.jobs, True, plan)
        cheap = Plan(side, forms, tuple(m for m in methods if m != SLOW), False, CACHE)
        if rest:
            records += in_parallel(f"{side} px", score_logos, rest, options.jobs, True, cheap)
    return records


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sample", choices=tuple(SAMPLES), default="report")
    parser.add_argument("--logos", type=int, default=100, help="of each kind")
    parser.add_argument("--sides", type=_sides, default=(224,), help="such as 64,224,512")
    parser.add_argument(
        "--forms", type=_forms, default=("png", "jpeg50"), help="of png,jpeg90,jpeg50"
    )
    parser.add_argument("--methods", nargs="*", help=f"beginnings of names, such as {OURS}; all")
    parser.add_argument("--no-edits", action="store_true", help="leave out removing, recolouring")
    parser.add_argument("--tune", action="store_true", help="only try settings of the rivals")
    parser.add_argument(
        "--part",
        type=int,
        default=200,
        help=f"logos of each kind that are edited, and given to {SLOW}, above {LARGE} px",
    )
    parser.add_argument("--jobs", type=int, default=2, help="parallel processes")
    parser.add_argument("--json", type=Path, help="write the table")
    parser.add_argument("--docs", type=Path, help="renew the tables of docs/segmentation.md")
    parser.add_argument("--records", type=Path, help="write the scores of every logo, JSON lines")
    parser.add_argument("--reuse", type=Path, help="take what --records wrote, score nothing")
    parser.add_argument(
        "--worst",
        nargs=2,
        metavar=("K", "OUT.png"),
        help="draw the K logos that marquery does worst on, of the first size and form (see --by)",
    )
    parser.add_argument(
        "--by",
        choices=tuple(RANKINGS),
        default="foreground",
        help="worst in what; chance: the first of the sample",
    )
    return parser.parse_args()


def _sides(text: str) -> tuple[int, ...]:
    return tuple(int(v) for v in text.split(","))


def _forms(text: str) -> tuple[str, ...]:
    forms = tuple(text.split(","))
    if set(forms) - set(FORMS):
        raise argparse.ArgumentTypeError(f"forms are {', '.join(FORMS)}")
    return forms


if __name__ == "__main__":
    main()
