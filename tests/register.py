"""A drawn register with metadata as offices have it: numbers, owners in eight scripts, lists of
Nice and Vienna classes, status, dates, and gaps in all of them.

``python -m tests.register FOLDER [COUNT]`` writes one to be indexed and served.
"""

import csv
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from .drawings import draw

#: One owner of each script; the first of them writes from right to left.
OWNERS = (
    "شركة النور للتجارة (ذ.م.م)",
    "אור חדש בע״מ",
    "Αφοί Παπαδόπουλοι Α.Ε.",
    "ООО «Северный ветер»",
    "北京明月科技有限公司",
    "한빛전자 주식회사",
    "カブシキガイシャ サクラ",
    "Zoë & Söhne GmbH",
    "Acme Ltd",
    "ACME LTD",
)
OFFICES = ("EM", "DE", "FR", "IL", "CN")
STATUSES = ("registered", "filed", "opposed", "expired")
VIENNA = ("01.15.03", "01.15.15", "01.01.02", "26.01.03", "26.11.08", "05.03.11")


@dataclass(frozen=True)
class Mark:
    """One row of the register; empty where the office says nothing."""

    path: str
    number: str
    mark: str
    owner: str
    office: str
    status: str
    filed: str
    nice: str
    vienna: str


def mark_of(at: int) -> Mark:
    """The mark of a number, the same each time. Every fifth repeats the picture of the one before,
    and every seventh, ninth and eleventh lacks owner, filing date and classes.
    """
    nice = sorted({str(1 + at % 45), str(1 + at * 7 % 45)}, key=int)
    return Mark(
        path=f"{at:05d}.png",
        number=f"{18_000_000 + 37 * at:09d}",
        mark=f"MARK {at}" if at % 3 else "",
        owner="" if at % 7 == 6 else OWNERS[at % len(OWNERS)],
        office=OFFICES[at % len(OFFICES)],
        status="" if at % 13 == 12 else STATUSES[at % len(STATUSES)],
        filed="" if at % 9 == 8 else f"{1995 + at % 30}-{1 + at % 12:02d}-{1 + at % 28:02d}",
        nice="" if at % 11 == 10 else ";".join(nice),
        vienna=";".join(sorted({VIENNA[at % 6], VIENNA[at * 5 % 6]})),
    )


def picture_of(at: int) -> int:
    """Seed of the drawing of a mark: every fifth is the one before."""
    return at - 1 if at % 5 == 4 else at


def write_register(root: Path, count: int = 600) -> Path:
    """Write ``logos`` and ``meta.csv``; gives the folder of the logos."""
    logos = root / "logos"
    logos.mkdir(parents=True, exist_ok=True)
    marks = [mark_of(at) for at in range(count)]
    for at, mark in enumerate(marks):
        draw(picture_of(at)).save(logos / mark.path)
    with (root / "meta.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(asdict(marks[0])))
        writer.writeheader()
        writer.writerows(map(asdict, marks))
    return logos


if __name__ == "__main__":
    write_register(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 600)
