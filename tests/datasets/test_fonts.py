"""Typefaces from packages: fetched, converted, kept; damaged ones are told."""

import io
import shutil
import tarfile

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import Glyph
from PIL import ImageFont

from marquery.augment.lettering.letters import LETTERS
from marquery.augment.lettering.typefaces import faces_at_hand, read_faces
from marquery.cli.app import run
from marquery.datasets.fonts import Family, build_fonts, fonts_from, load_families
from marquery.datasets.openlogos.fetch import integrity_of
from marquery.errors import MarqueryError
from marquery.svg.letters import FONTS


def web_font(letters=None):
    """Noto Sans as WOFF, whole; or a font of empty letters."""
    data = io.BytesIO()
    if letters is None:
        font = TTFont(FONTS[0])
    else:
        names = [".notdef", *(f"u{ord(c):x}" for c in letters)]
        builder = FontBuilder(1000)
        builder.setupGlyphOrder(names)
        builder.setupCharacterMap({ord(c): f"u{ord(c):x}" for c in letters})
        builder.setupGlyf({name: Glyph() for name in names})
        builder.setupHorizontalMetrics(dict.fromkeys(names, (500, 0)))
        builder.setupHorizontalHeader(ascent=800, descent=-200)
        builder.setupOS2()
        builder.setupNameTable({"familyName": "Empty", "styleName": "Regular"})
        builder.setupPost()
        font = builder.font
    font.flavor = "woff"
    font.save(data)
    return data.getvalue()


def package(folder, name, files, evaluation=False):
    """A tarball as npm packs it, and the family that pins it."""
    folder.mkdir(exist_ok=True)
    path = folder / f"fontsource-{name}-1.0.0.tgz"
    with tarfile.open(path, "w:gz") as archive:
        for file, data in {"LICENSE": b"free", **files}.items():
            member = tarfile.TarInfo(f"package/{file}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return Family(name, "1.0.0", integrity_of(path.read_bytes()), "OFL-1.1", evaluation)


@pytest.fixture(scope="module")
def noto():
    return web_font()


def test_faces_of_each_script_and_weight(tmp_path, noto):
    kinds = ("latin-400-normal", "latin-500-normal", "latin-700-normal", "latin-400-italic")
    kinds += ("cyrillic-600-normal", "greek-900-italic", "thai-400-normal")
    files = {f"files/noto-{kind}.woff": noto for kind in kinds}
    family = package(tmp_path / "got", "noto", files)
    report = fonts_from([family], tmp_path / "out", tmp_path / "got", 1, False)
    faces = read_faces(tmp_path / "out")
    assert report.faces == len(faces)
    assert {(f.script, f.weight, f.italic) for f in faces} == {
        *(("latin", 400, False), ("latin", 700, False), ("latin", 400, True)),
        ("cyrillic", 600, False),
    }
    latin = faces[[f.script for f in faces].index("latin")].file
    with TTFont(latin) as font:
        assert set(map(chr, font.getBestCmap())) == {*LETTERS["latin"], " "}
    whole = ImageFont.truetype(FONTS[0], 40).getmask("Marquery")
    assert bytes(ImageFont.truetype(latin, 40).getmask("Marquery")) == bytes(whole)
    assert (tmp_path / "out/faces/noto/LICENSE").read_bytes() == b"free"


def test_a_script_is_left_out_where_letters_are_missing(tmp_path):
    some = LETTERS["korean"][:50]
    few = LETTERS["korean"][:10]
    files = {
        "files/empty-latin-400-normal.woff": web_font(LETTERS["latin"][:-1]),
        "files/empty-korean-400-normal.woff": web_font(some),
    }
    one = package(tmp_path / "got", "empty", files)
    other = package(tmp_path / "got", "none", {"files/none-korean-400-normal.woff": web_font(few)})
    fonts_from([one, other], tmp_path / "out", tmp_path / "got", 1, False)
    (face,) = read_faces(tmp_path / "out")
    assert (face.script, face.letters) == ("korean", some)


def test_what_is_converted_is_not_converted_again(tmp_path, noto, monkeypatch):
    files = {"files/noto-latin-400-normal.woff": noto}
    family = package(tmp_path / "got", "noto", files, evaluation=True)
    first = fonts_from([family], tmp_path / "out", tmp_path / "got", 1, False)
    table = (tmp_path / "out/faces.tsv").read_bytes()
    (tmp_path / "out/faces.tsv").unlink()
    monkeypatch.setattr("marquery.datasets.fonts.convert._reduced", None)
    assert fonts_from([family], tmp_path / "out", tmp_path / "got", 1, False).faces == first.faces
    assert (tmp_path / "out/faces.tsv").read_bytes() == table
    assert read_faces(tmp_path / "out")[0].evaluation


def test_fetched_packages_are_removed_and_not_fetched_again(tmp_path, noto, monkeypatch):
    family = package(tmp_path / "got", "noto", {"files/noto-latin-400-normal.woff": noto})
    fetched = []

    def fetch(wanted, cache, source_dir):
        assert source_dir is None
        fetched.append(wanted.name)
        cache.mkdir(parents=True, exist_ok=True)
        shutil.copy(tmp_path / "got" / wanted.tarball, cache)

    monkeypatch.setattr("marquery.datasets.fonts.build.obtain_tarball", fetch)
    for _ in range(2):
        assert fonts_from([family], tmp_path / "out", None, 1, False).faces == 1
        assert not list((tmp_path / "out").rglob("*.tgz"))
    assert fetched == ["noto"]


def test_missing_altered_and_damaged_packages_are_told(tmp_path, noto):
    family = package(tmp_path / "got", "noto", {"files/noto-latin-400-normal.woff": noto})
    with pytest.raises(MarqueryError, match=r"no such folder"):
        build_fonts(tmp_path / "out", source_dir=tmp_path / "nowhere")
    with pytest.raises(MarqueryError, match=r"fontsource-abeezee-.*tgz is missing"):
        build_fonts(tmp_path / "out", source_dir=tmp_path / "got", jobs=1, progress=False)
    tarball = tmp_path / "got" / family.tarball
    tarball.write_bytes(b"no package")
    with pytest.raises(MarqueryError, match=r"not the pinned @fontsource/noto@1\.0\.0"):
        fonts_from([family], tmp_path / "out", tmp_path / "got", 1, False)
    damaged = Family("noto", "1.0.0", integrity_of(b"no package"), "OFL-1.1", False)
    with pytest.raises(MarqueryError, match="cannot be read as a package of fonts"):
        fonts_from([damaged], tmp_path / "out", tmp_path / "got", 1, False)


def test_the_table_of_families():
    families = load_families()
    names = [family.name for family in families]
    assert len(names) == len(set(names)) >= 300
    assert {family.licence for family in families} <= {"OFL-1.1", "Apache-2.0", "CC0-1.0"}
    assert all(family.integrity.startswith("sha512-") for family in families)
    assert 20 <= sum(family.evaluation for family in families) < len(families) / 5


def test_fonts_go_where_augmentation_looks_for_them(tmp_path, noto, monkeypatch, capsys):
    family = package(tmp_path / "got", "noto", {"files/noto-latin-400-normal.woff": noto})
    monkeypatch.setattr("marquery.datasets.fonts.build.load_families", lambda: [family])
    monkeypatch.delenv("MARQUERY_FONTS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    faces_at_hand.cache_clear()
    assert run(["data", "fonts", "--from", str(tmp_path / "got"), "--jobs", "1"]) == 0
    assert "MARQUERY_FONTS" not in capsys.readouterr().out
    (face,) = faces_at_hand()["latin"]
    assert face.file.startswith(str(tmp_path / "cache"))
    faces_at_hand.cache_clear()


def test_fonts_from_the_command_line(tmp_path, noto, monkeypatch, capsys):
    family = package(tmp_path / "got", "noto", {"files/noto-latin-400-normal.woff": noto})
    monkeypatch.setattr("marquery.datasets.fonts.build.load_families", lambda: [family])
    code = run(
        ["data", "fonts", str(tmp_path / "out"), "--from", str(tmp_path / "got"), "--jobs", "1"]
    )
    printed = capsys.readouterr()
    assert code == 0, printed.err
    assert "1 typefaces, 1 font files" in printed.out
    assert f"MARQUERY_FONTS={tmp_path / 'out'}" in printed.out
