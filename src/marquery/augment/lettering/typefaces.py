"""Typefaces at hand: those that were fetched into a folder, else those of the package."""

import csv
import importlib.util
import os
from dataclasses import astuple, dataclass, fields
from functools import lru_cache
from pathlib import Path

from marquery.augment.lettering.letters import SCRIPTS, Script
from marquery.caches import cache_folder
from marquery.errors import MarqueryError
from marquery.files import write_atomically
from marquery.svg.letters import FONTS

#: Table of a folder of typefaces.
FACES = "faces.tsv"
#: Names a folder of typefaces, in place of the cache's.
VARIABLE = "MARQUERY_FONTS"
# Fonts that come with matplotlib, by how often they are drawn.
_MATPLOTLIB = (
    *(f"DejaVuSans{s}" for s in ("", "", "-Bold", "-Bold", "-Oblique", "-BoldOblique")),
    *(f"DejaVuSerif{s}" for s in ("", "-Bold", "-Italic", "-BoldItalic")),
    *(f"DejaVuSansMono{s}" for s in ("", "-Bold")),
    *(f"STIXGeneral{s}" for s in ("", "Bol", "Italic", "BolIta")),
    *("cmr10", "cmb10", "cmss10", "cmss10", "cmtt10", "cmti10"),
)
# Of those, the ones with Cyrillic and Greek, and with Arabic.
_WIDE, _ARABIC = ("DejaVuSans", "DejaVuSerif", "DejaVuSansMono"), ("DejaVuSans", "DejaVuSans-Bold")


@dataclass(frozen=True)
class Face:
    """One font file.

    Attributes:
        file: path; in a folder's table it begins at the folder.
        script: whose letters it holds.
        weight: 100 to 900.
        italic: whether it slants.
        evaluation: for evaluation sets alone, never for training.
        letters: those that it has, for scripts of which a typeface may lack some; else empty.
    """

    file: str
    script: Script
    weight: int = 400
    italic: bool = False
    evaluation: bool = False
    letters: str = ""


Faces = dict[Script, tuple[Face, ...]]


def fonts_folder() -> Path:
    """Where fetched typefaces are looked for: ``$MARQUERY_FONTS``, else the cache's folder."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else cache_folder("fonts")


@lru_cache(maxsize=8)
def faces_at_hand(folder: str | None = None, evaluation: bool = False) -> Faces:
    """Typefaces by script; scripts without any are left out.

    Args:
        folder: of fetched typefaces; None: :func:`fonts_folder`, and the package's own if nothing
            was fetched there.
        evaluation: those of evaluation sets, in place of those for training.

    Raises:
        MarqueryError: a folder is named and holds no typefaces.
    """
    root = fonts_folder() if folder is None else Path(folder)
    if folder is None and VARIABLE not in os.environ and not (root / FACES).is_file():
        return _by_script(_own_faces())
    return _by_script([face for face in read_faces(root) if face.evaluation == evaluation])


def read_faces(root: Path) -> list[Face]:
    """All faces of a folder.

    Raises:
        MarqueryError: it holds no table of them, or a damaged one.
    """
    table = root / FACES
    try:
        with table.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines, delimiter="\t"))
        return [
            Face(
                str(root / row["file"]),
                SCRIPTS[SCRIPTS.index(row["script"])],
                int(row["weight"]),
                row["italic"] == "1",
                row["evaluation"] == "1",
                row["letters"],
            )
            for row in rows
        ]
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise MarqueryError(
            f"{table} is no table of typefaces ({type(error).__name__}); fetch them into {root}"
        ) from error


def write_faces(root: Path, faces: list[Face]) -> None:
    """Write a folder's table.

    Raises:
        MarqueryError: it cannot be written.
    """

    def write(path: Path) -> None:
        with path.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.writer(lines, delimiter="\t", lineterminator="\n")
            writer.writerow(field.name for field in fields(Face))
            for face in faces:
                writer.writerow(int(v) if isinstance(v, bool) else v for v in astuple(face))

    write_atomically(root / FACES, write)


def _by_script(faces: list[Face]) -> Faces:
    kept = {script: tuple(f for f in faces if f.script == script) for script in SCRIPTS}
    return {script: found for script, found in kept.items() if found}


def _own_faces() -> list[Face]:
    """Noto Sans of the package, and what comes with matplotlib."""
    noto: tuple[Script, ...] = ("latin", "cyrillic", "greek")
    faces = [Face(file, script) for script in noto for file in FONTS]
    for file in matplotlib_fonts():
        name = Path(file).stem
        faces.append(Face(file, "latin"))
        if name.partition("-")[0] in _WIDE:
            faces += [Face(file, "cyrillic"), Face(file, "greek")]
        if name in _ARABIC:
            faces.append(Face(file, "arabic"))
    return faces


@lru_cache(maxsize=1)
def matplotlib_fonts() -> tuple[str, ...]:
    """Fonts that come with matplotlib, found without importing it; () if not installed."""
    found = importlib.util.find_spec("matplotlib")
    places = (found.submodule_search_locations if found else None) or []
    folders = [Path(place) / "mpl-data" / "fonts" / "ttf" for place in places]
    files = [folder / f"{name}.ttf" for folder in folders for name in _MATPLOTLIB]
    return tuple(str(file) for file in files if file.is_file())
