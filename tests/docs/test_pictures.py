"""Each picture of the docs has one source, and each is shown."""

import importlib.util
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "docs" / "images"
TEXTS = [ROOT / "README.md", ROOT / "MODELCARD.md", *sorted((ROOT / "docs").rglob("*.md"))]


def sources():
    place = ROOT / "tools" / "docs" / "make_pictures.py"
    spec = importlib.util.spec_from_file_location("make_pictures", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.SOURCES


def shown(text: Path) -> set[Path]:
    linked = re.findall(r"!\[[^\]]*\]\(([^)]+\.png)\)", text.read_text(encoding="utf-8"))
    return {(text.parent / name).resolve() for name in linked}


def test_every_picture_is_drawn_by_one_source():
    drawn = [name for source in sources().values() for name in source.pictures]
    assert sorted(drawn) == sorted(path.stem for path in IMAGES.glob("*.png"))


def test_every_picture_is_shown_and_every_one_shown_is_there():
    everywhere = set().union(*map(shown, TEXTS))
    assert everywhere == {path.resolve() for path in IMAGES.glob("*.png")}


def test_scripts_of_the_sources_are_there():
    for name, source in sources().items():
        script = source.command[0]
        assert script == "-m" or (ROOT / script).is_file(), name
