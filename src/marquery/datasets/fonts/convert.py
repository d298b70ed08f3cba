"""From the packages' web fonts to small font files: the letters of one script, in one weight."""

import io
import json
import logging
import re
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from marquery.augment.lettering.letters import LETTERS, PARTIAL, SCRIPTS, Script
from marquery.augment.lettering.typefaces import Face
from marquery.datasets.fonts.families import Family
from marquery.errors import MarqueryError
from marquery.files import write_atomically

#: Changed whenever the same package gives other files.
CONVERT_VERSION = 1

_WEB_FONT = re.compile(r"package/files/(?P<stem>.+)-(?P<weight>\d+)-(?P<style>normal|italic)\.woff")
# How the packages call the letters of each script.
_SUBSETS: dict[Script, str] = {
    **{script: str(script) for script in SCRIPTS},
    "chinese": "chinese-simplified",
}
_ITALIC_SCRIPTS = frozenset({"latin", "cyrillic"})
# So many of the letters of a script of PARTIAL are enough.
_ENOUGH = 40
_REGULAR, _BOLD = 400, 700


def convert_families(families: Sequence[Family], root: Path, tarballs: Path) -> list[Face]:
    """Convert packages, or read what was converted before.

    Args:
        families: what to convert.
        root: folder of typefaces.
        tarballs: folder of the checked packages.

    Raises:
        MarqueryError: a package does not hold what it should.
    """
    return [face for family in families for face in convert_family(family, root, tarballs)]


def convert_family(family: Family, root: Path, tarballs: Path) -> list[Face]:
    """The faces of one package.

    Args:
        family: the package.
        root: folder of typefaces; files go below ``faces/NAME``.
        tarballs: folder of the checked packages.

    Raises:
        MarqueryError: the package cannot be read.
    """
    kept = converted(family, root)
    if kept is not None:
        return kept
    home = _done(family, root).parent
    home.mkdir(parents=True, exist_ok=True)
    try:
        with tarfile.open(tarballs / family.tarball) as package:
            faces = list(_converted(family, package, home))
    except (OSError, tarfile.TarError, KeyError) as error:
        raise MarqueryError(
            f"{tarballs / family.tarball} cannot be read as a package of fonts ({error}); "
            "remove it and fetch it again"
        ) from error
    text = json.dumps({"stamp": _stamp(family), "faces": [asdict(face) for face in faces]})
    write_atomically(_done(family, root), lambda path: path.write_text(text, encoding="utf-8"))
    return faces


def converted(family: Family, root: Path) -> list[Face] | None:
    """The faces of a package that was converted before, as it would be now; None: it was not."""
    done = _done(family, root)
    if not done.is_file():
        return None
    kept = json.loads(done.read_text(encoding="utf-8"))
    return [Face(**face) for face in kept["faces"]] if kept["stamp"] == _stamp(family) else None


def _done(family: Family, root: Path) -> Path:
    """What is written when all faces of a package are there."""
    return root / "faces" / family.name / "faces.json"


def _stamp(family: Family) -> str:
    return f"{family.integrity} {CONVERT_VERSION} {family.evaluation}"


def _converted(family: Family, package: tarfile.TarFile, home: Path) -> Iterator[Face]:
    (home / "LICENSE").write_bytes(_content(package, "package/LICENSE"))
    found: dict[str, dict[tuple[int, str], str]] = {}
    for name in package.getnames():
        match = _WEB_FONT.fullmatch(name)
        if match:
            subset = match["stem"].removeprefix(f"{family.name}-")
            found.setdefault(subset, {})[int(match["weight"]), match["style"]] = name
    for script in SCRIPTS:
        kinds = found.get(_SUBSETS[script], {})
        for weight, style in _chosen(sorted(kinds), script):
            name = f"{script}-{weight}{'i' if style == 'italic' else ''}.ttf"
            letters = _reduced(_content(package, kinds[weight, style]), script, home / name)
            if letters is None:
                continue
            yield Face(
                file=f"faces/{family.name}/{name}",
                script=script,
                weight=weight,
                italic=style == "italic",
                evaluation=family.evaluation,
                letters=letters if script in PARTIAL else "",
            )


def _chosen(kinds: list[tuple[int, str]], script: Script) -> list[tuple[int, str]]:
    """Regular and bold, or what comes nearest; regular italic too."""
    chosen = []
    for style, weights in (("normal", (_REGULAR, _BOLD)), ("italic", (_REGULAR,))):
        at_hand = [weight for weight, kind in kinds if kind == style]
        if at_hand and (style == "normal" or script in _ITALIC_SCRIPTS):
            nearest = {min((abs(w - wanted), w) for w in at_hand)[1] for wanted in weights}
            chosen += [(weight, style) for weight in sorted(nearest)]
    return chosen


def _content(package: tarfile.TarFile, name: str) -> bytes:
    member = package.extractfile(name)
    if member is None:
        raise KeyError(f"{name} is missing")
    return member.read()


def _reduced(data: bytes, script: Script, path: Path) -> str | None:
    """Write the letters of a script; those that the font has, or None if it lacks too many."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    logging.getLogger("fontTools").setLevel(logging.ERROR)
    with TTFont(io.BytesIO(data)) as font:
        known = set(map(chr, font.getBestCmap() or {}))
        letters = "".join(c for c in LETTERS[script] if c in known)
        enough = len(letters) >= _ENOUGH if script in PARTIAL else letters == LETTERS[script]
        if not enough:
            return None
        options = subset.Options(hinting=False, notdef_outline=True, name_IDs=[1, 2, 13, 14])
        maker = subset.Subsetter(options)
        maker.populate(text=letters + " ")
        maker.subset(font)
        font.flavor = None
        write_atomically(path, font.save, lasting=False)
    return letters
