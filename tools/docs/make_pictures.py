"""Draw every picture of the docs anew: ``make pictures``.

Each picture has one source, a command with what it reads. A source whose inputs are not here is
left as it is and named at the end, with the command that makes the inputs. Pictures of long
experiments are drawn from the figures that these left in docs/data, not from new runs.

    python tools/docs/make_pictures.py [NAME ...]      only these sources; --list prints them
"""

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

DATA = Path("data/openlogos")
IMAGES = Path("docs/images")
TOOLS = Path("tools/docs")
BUILD_DATA = "marquery data openlogos data/openlogos --edits"
SCORES = "runs/segmentation.jsonl"


@dataclass(frozen=True)
class Source:
    """A command and the pictures that it draws."""

    pictures: tuple[str, ...]
    """Names in docs/images, without the ending."""
    command: tuple[str, ...]
    """Arguments of this Python."""
    needs: tuple[Path, ...] = ()
    """Files or folders that it reads."""
    how: str = ""
    """What makes them."""


def _tool(
    script: str, *pictures: str, arguments: tuple[str, ...] = (), edits: bool = False
) -> Source:
    needs = (DATA / "manifest.parquet", *((DATA / "edits",) if edits else ()))
    return Source(pictures, (str(TOOLS / script), *arguments), needs, BUILD_DATA)


def _worst(measure: str) -> Source:
    name = f"segmentation-{measure}"
    command = ("benchmarks/segmentation.py", "--reuse", SCORES, "--by", measure)
    draw = ("--worst", "12", str(IMAGES / f"{name}.png"))
    how = f"python benchmarks/segmentation.py --logos 300 --forms png --no-edits --records {SCORES}"
    return Source((name,), (*command, *draw), (DATA / "manifest.parquet", Path(SCORES)), how)


def _marquery(picture: str, *arguments: str, needs: tuple[Path, ...], how: str) -> Source:
    return Source((picture,), ("-m", "marquery", *arguments), needs, how)


SOURCES: dict[str, Source] = {
    "demo": Source(
        (
            *("segments", "rotation", "augmentations", "groups"),
            *("retrievals", "failures", "curves", "search"),
        ),
        (str(TOOLS / "demo_pictures.py"),),
        (Path("runs/demo/pictures"),),
        "make demo",
    ),
    "gallery": _tool(
        "gallery_pictures.py",
        *("gallery-badges", "gallery-dark-ground", "gallery-full-bleed", "gallery-gradients"),
        *("gallery-multi-colour", "gallery-one-colour", "gallery-thin-lines"),
        *("gallery-wordmarks", "augmentations-operations", "augmentations-words"),
    ),
    "logo-level": _tool("logo_level_pictures.py", "logo-level"),
    "register": _tool("register_pictures.py", "register"),
    "compositions": _tool("composition_pictures.py", "compositions"),
    "lockups": _tool("lockup_pictures.py", "lockups"),
    "round-words": _tool("round_words_picture.py", "round-words"),
    "segmentation-arrivals": _tool("arrival_pictures.py", "segmentation-arrivals"),
    "segmentation-small": _tool("small_pictures.py", "segmentation-small"),
    "parts": _tool("parts_pictures.py", "parts"),
    "strata": _tool("strata_pictures.py", "strata"),
    "explanation": _tool("explain_pictures.py", "explanation", arguments=(str(DATA),)),
    "model-card": _tool("model_card_pictures.py", "default-retrievals", "default-failures"),
    "dropped": _tool("dropped_pictures.py", "default-dropped", edits=True),
    "calibration": _tool("calibration_picture.py", "calibration"),
    "screenshots": _tool(
        "screenshots.py",
        *("serve-light", "serve-dark", "serve-phone"),
        *("serve-light-compare", "serve-dark-compare", "serve-phone-compare"),
    ),
    "smooth-ap": Source(
        ("smooth-ap-surrogate", "smooth-ap-kin", "smooth-ap-measured"),
        (str(TOOLS / "smooth_ap_pictures.py"),),
        (Path("docs/data/smooth-ap.json"),),
        f"python {TOOLS / 'smooth_ap_measurements.py'}",
    ),
    "protocols": Source(("protocols",), (str(TOOLS / "protocol_picture.py"),)),
    "scale": Source(
        ("scale",),
        (str(TOOLS / "scale_picture.py"),),
        (Path("docs/data/scale.json"),),
        f"python {TOOLS / 'scale_picture.py'} with logs of benchmarks/scale.py",
    ),
    "levels": Source(
        ("augmentation-levels",),
        ("experiments/augmentation_levels.py", "--draw"),
        (Path("docs/data/augmentation-levels.json"),),
        "python experiments/augmentation_levels.py",
    ),
    "batch-size": Source(
        ("batch-size",),
        ("experiments/batch_size.py", "--draw"),
        (Path("docs/data/batch-size.json"),),
        "python experiments/batch_size.py",
    ),
    "results": Source(
        ("results", "results-differences"),
        (str(TOOLS / "results_pictures.py"),),
        (Path("runs/reproduce-small"),),
        "marquery reproduce --seeds 3",
    ),
    "strata-curve": _marquery(
        "strata-curve",
        *("evaluate", "runs/demo/train", "--data", str(DATA), "--strata"),
        *("--curve", str(IMAGES / "strata-curve.png")),
        needs=(DATA / "manifest.parquet", Path("runs/demo/train")),
        how="make demo",
    ),
    "compare": _marquery(
        "compare",
        *("compare", "runs/levels/level-brands-none-1", "runs/levels/level-brands-segment-1"),
        *("--data", str(DATA), "--split", "val", "--picture", str(IMAGES / "compare.png")),
        needs=(DATA / "manifest.parquet", Path("runs/levels/level-brands-segment-1")),
        how="python experiments/augmentation_levels.py",
    ),
    **{
        f"segmentation-{m}": _worst(m)
        for m in ("chance", "foreground", "visible", "holes", "ghost")
    },
}


def main() -> int:
    """Draw what can be drawn; the exit code is 1 where a command failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all")
    parser.add_argument("--list", action="store_true", help="print the sources and leave")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in SOURCES]
    if unknown:
        parser.error(f"no source {unknown[0]!r}; there are {', '.join(SOURCES)}")
    if options.list:
        for name, source in SOURCES.items():
            print(f"{name:24} {', '.join(source.pictures)}")
        return 0
    return _draw({name: SOURCES[name] for name in options.names or SOURCES})


def _draw(sources: dict[str, Source]) -> int:
    failed, left = [], []
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(["tools/docs", "src"])}
    for number, (name, source) in enumerate(sources.items(), start=1):
        missing = [str(path) for path in source.needs if not path.exists()]
        if missing:
            left.append(f"{name}: needs {', '.join(missing)}; make it with: {source.how}")
            continue
        print(f"[{number}/{len(sources)}] {name} …", file=sys.stderr, flush=True)
        start = time.perf_counter()
        done = subprocess.run([sys.executable, *source.command], env=environment, check=False)
        absent = [p for p in source.pictures if not (IMAGES / f"{p}.png").is_file()]
        if done.returncode or absent:
            failed.append(name)
            continue
        print(f"    {len(source.pictures)} in {time.perf_counter() - start:.0f} s", file=sys.stderr)
    for line in left:
        print(f"left as it is: {line}", file=sys.stderr)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
