"""What the pages hold that runs, and a small sample of all that it names."""

import re
import shlex
import shutil
from importlib import resources
from pathlib import Path

from ..drawings import draw, draw_logo
from ..paper.benchmark import TINY, write_benchmark, write_metu

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
#: Settings with which a recipe of the package trains in seconds.
SMALL = tuple(word for key in (*TINY, "workers=0") for word in ("--set", key))


def blocks_of(page, language):
    """The fenced blocks of a page in a language ("" for none), in order."""
    text = page.read_text(encoding="utf-8")
    found = re.findall(r"^```(\w*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [block for name, block in found if name == language]


def commands_of(page):
    """What a page has the program do: (words after its name, lines that shall be printed or None).

    Commands stand in blocks, fenced or indented. A line that begins with ``$`` is a command, and
    the lines below it, up to the next, are what it prints.
    """
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    shown, commands = None, []
    for line in text.splitlines():
        found = re.match(r"(?: {4})?(\$ )?marquery (.*)$", line)
        if found:
            words = shlex.split(found[2], comments=True)
            ends = [i for i, word in enumerate(words) if word in ("&&", "||", ">", "|", ";")]
            shown = [] if found[1] else None
            commands.append((words[: min(ends, default=None)], shown))
        elif line.startswith("```"):
            shown = None
        elif shown is not None:
            shown.append(line)
    return commands


def write_stage(folder):
    """Logos, metadata, filings, an encoder, and small data in the shape of openlogos and METU."""
    rows = ["path,owner,office,nice,filed,mark"]
    for name in ("logos", "new", "my-marks", "filings/week-47", "inbox", "Datasets"):
        (folder / name).mkdir(parents=True)
    for seed in range(8):
        draw(seed).save(folder / "logos" / f"{seed}.png")
        draw(seed).save(folder / "my-marks" / f"{seed}.png")
        owner, office = ("Ada", "EM") if seed % 2 else ("Bo", "DE")
        rows.append(f"{seed}.png,{owner},{office},25;{seed + 1},2016-0{seed + 1}-01,Kestrel {seed}")
    for name in ("meta.csv", "marks.csv"):
        (folder / name).write_text("\n".join(rows) + "\n")
    for number, place in enumerate(("new", "filings", "filings/week-47", "inbox")):
        draw(number).resize((150, 110)).save(folder / place / f"filing-{number}.png")
    pictures = ("new", "found", "a", "b", "logo", "mastercard", "slack-icon", "chrome", "opera")
    for name, seed in zip(
        (*pictures, "apachespark-wordmark"), (3, 4, 0, 1, *range(2, 8)), strict=True
    ):
        draw(seed).resize((160, 120)).save(folder / f"{name}.png")
    package = Path(str(resources.files("marquery"))) / "models" / "default"
    shutil.copytree(package, folder / "runs" / "demo" / "train" / "encoder")
    write_benchmark(folder / "data" / "openlogos", draw_logo)
    write_metu(folder / "Datasets" / "METU-Trademark", draw_logo)
    base = ["base: demo", "name: mine"]
    for name in ("my-recipe.yaml", "mine.yaml"):
        (folder / name).write_text("\n".join(base) + "\n")
    return folder
