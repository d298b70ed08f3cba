"""Edition 2 of openlogos: what is added, and what it leaves as it was."""

from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marquery.comparison.model import ranked_logos
from marquery.comparison.options import EvaluationOptions
from marquery.datasets import LogoSet, build_openlogos
from marquery.datasets.openlogos.build import build_from
from marquery.datasets.openlogos.choose import brand_parts, shorter_names
from marquery.datasets.openlogos.copies import NEAR_COPY, ink_map
from marquery.datasets.openlogos.iconify import Collection, read_collection
from marquery.datasets.openlogos.manifest import first_edition, split_of
from marquery.datasets.openlogos.sources import load_sources, read_pairs, read_table
from marquery.datasets.openlogos.svgfiles import read_svg_files
from marquery.datasets.openlogos.wider import join_to_known, wider_key
from marquery.datasets.selection import of_edition
from marquery.errors import MarqueryError, UsageError

from .helpers import BOX, DISC, make_source, make_svg_source

STYLES = r"-(filled|outline|\d)$"
RING = '<circle cx="12" cy="12" r="8" fill="none" stroke="#000" stroke-width="{}"/>'
CROSS = '<path fill="{}" d="M9 2h6v7h7v6h-7v7H9v-7H2V9h7z"/>'


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Both editions of the same small collections: (folder of edition 1, folder of edition 2)."""
    folder = tmp_path_factory.mktemp("wider")
    tarballs = folder / "tarballs"
    first = [
        make_source(
            tarballs, "logos", {"zzacme": BOX.format("#c33"), "zzdot": DISC.format("#33c")}
        ),
        make_source(tarballs, "cib", {"zzacme": BOX.format("#3c3")}),
        make_source(tarballs, "token", {"zzcoin": DISC.format("#3c3")}, namespace="crypto"),
    ]
    second = [
        make_source(
            tarballs,
            "aa-first-in-the-alphabet",
            {
                "brand-zzacme": BOX.format("#c33"),  # the very path that is there
                "brand-zzacme-filled": CROSS.format("#00f"),
                "brand-zzdot": '<path d="M3 12a9 9 0 1 0 18 0 9 9 0 1 0-18 0"/>',  # a near-copy
                "brand-zznew": RING.format(2),
                "brand-zzother": BOX.format("#00f"),  # the path of another brand
                "brand-zzspot": BOX.format("#00f") + '<circle cx="4" cy="4" r="3"/>',  # and more
                "arrow": CROSS.format("#000"),
            },
            edition=2,
            pattern="brand-(?P<brand>.+)",
            variants=STYLES,
        ),
        make_svg_source(tarballs, "zz-files", {"Zz_New": RING.format(7)}),
    ]
    build_from(first, folder / "1", tarballs, 48, 1, False)
    build_from([*first, *second], folder / "2", tarballs, 48, 1, False)
    return folder / "1", folder / "2"


def table(folder):
    return {row["path"]: row for row in pq.read_table(folder / "manifest.parquet").to_pylist()}


def test_edition_1_is_the_same_inside_edition_2(built):
    one, two = (table(folder) for folder in built)
    assert {path: row for path, row in two.items() if row["edition"] == 1} == one
    for path in one:
        assert (built[0] / path).read_bytes() == (built[1] / path).read_bytes()
    alone, inside = LogoSet.open(built[0]), of_edition(LogoSet.open(built[1]), 1)
    assert inside.fingerprint() == alone.fingerprint()
    assert len(of_edition(LogoSet.open(built[1]), 2)) == len(two)


def test_an_evaluation_ranks_edition_1_alone(built):
    split = split_of("brand:zzacme")
    alone = LogoSet.open(built[0]).split(split)
    ranked, _ = ranked_logos(built[1], EvaluationOptions(split=split, edition=1))
    assert ranked.fingerprint() == alone.fingerprint()
    every, _ = ranked_logos(built[1], EvaluationOptions(split=split))
    assert len(every) > len(ranked)


def test_queries_are_made_from_edition_1(built):
    paths = [row["path"] for row in first_edition(built[1] / "manifest.parquet", ["path"])]
    assert paths == sorted(table(built[0]))


def test_what_edition_2_adds(built):
    added = {path: row for path, row in table(built[1]).items() if row["edition"] == 2}
    place = "logos/aa-first-in-the-alphabet/brand-"
    # Not the copied paths, not the near-copy, not the pictogram.
    names = ("zzacme-filled", "zznew", "zzspot")
    assert sorted(added) == [*(f"{place}{name}.png" for name in names), "logos/zz-files/zz-new.png"]
    assert added[place + "zzacme-filled.png"]["brand"] == "zzacme"
    assert added[place + "zznew.png"]["brand"] == "zznew"
    assert added["logos/zz-files/zz-new.png"]["brand"] == "zznew"
    for row in added.values():
        assert row["split"] == split_of(f"brand:{row['brand']}")


def test_the_card_counts_the_editions(built):
    assert "Edition 1 has 4 of the logos. Edition 2 has 4 of the logos." in (
        built[1] / "DATACARD.md"
    ).read_text(encoding="utf-8")
    assert "Edition 2" not in (built[0] / "DATACARD.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("edition", [0, 2, 3])
def test_an_edition_that_is_not_there(built, edition):
    with pytest.raises(UsageError, match="edition 1 alone") as found:
        of_edition(LogoSet.open(built[0]), edition)
    assert found.value.option == "edition"


def test_a_plain_folder_has_no_editions(built):
    with pytest.raises(UsageError, match="no editions"):
        of_edition(LogoSet.from_folder(built[0] / "logos"), 1)


def test_an_old_manifest_is_edition_1(built, tmp_path):
    old = pq.read_table(built[0] / "manifest.parquet").drop_columns(["edition"])
    pq.write_table(old, tmp_path / "manifest.parquet")
    logos = LogoSet.from_manifest(tmp_path)
    assert of_edition(logos, 1).paths == logos.paths


def test_no_such_edition(tmp_path):
    with pytest.raises(UsageError, match="give 1 or 2"):
        build_openlogos(tmp_path / "out", source_dir=tmp_path, edition=3)
    assert not (tmp_path / "out").exists()


def test_icons_are_chosen_by_pattern_category_and_list(tmp_path):
    source = make_source(tmp_path, "mdi", edition=2)
    names = ["github", "git-hub-filled", "arrow", "github-line"]
    assert brand_parts(source, names, {}) == {name: name for name in names}
    by_category = replace(source, categories=("Brand",))
    assert brand_parts(by_category, names, {"Brand": ["github"], "Arrow": ["arrow"]}) == {
        "github": "github"
    }
    by_form = replace(source, pattern="(?P<brand>.+)-(line|filled)")
    assert brand_parts(by_form, names, {}) == {"git-hub-filled": "git-hub", "github-line": "github"}
    listed = replace(source, picked="bi")
    assert brand_parts(listed, names, {}) == {"github": "github"}


def test_categories_come_from_the_package(tmp_path):
    source = make_source(
        tmp_path,
        "mdi",
        {"zza": "<g/>", "zzb": "<g/>"},
        categories={"Brand": ["zzb"]},
        edition=2,
    )
    found = read_collection(tmp_path / source.tarball, replace(source, categories=("Brand",)))
    assert [icon.name for icon in found.icons] == ["zzb"]


def test_endings_are_taken_off_one_by_one():
    assert shorter_names("android-2-filled", STYLES) == ["android-2-filled", "android-2", "android"]
    assert shorter_names("filled", STYLES) == ["filled"]
    assert shorter_names("android-filled", "") == ["android-filled"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("css-3-filled", "brand:css3"),  # the longest name that edition 1 knows
        ("android-2-filled", "brand:android"),
        ("zzz-2-filled", "brand:zzz"),  # known to nobody: without all endings
    ],
)
def test_as_few_endings_as_lead_to_a_known_brand(tmp_path, name, expected):
    source = make_source(tmp_path, "hugeicons", edition=2, variants=STYLES)
    known = {"brand:css3": "brand:css", "brand:css": "brand:css", "brand:android": "brand:android"}
    assert wider_key(name, Collection(source, (), {}), known) == expected


def test_svg_files_are_read_without_their_titles(tmp_path):
    source = make_svg_source(tmp_path, "zz-files", {"Zz_New": RING.format(2), "a.b": "<g/>"})
    found = read_svg_files(tmp_path / source.tarball, source)
    assert [icon.name for icon in found.icons] == ["a-b", "zz-new"]
    assert all("<title>" not in icon.svg for icon in found.icons)
    with pytest.raises(MarqueryError, match="no readable SVG"):
        read_svg_files(tmp_path / source.tarball, replace(source, folder="nowhere"))


KEYS = st.sampled_from([f"brand:{c}" for c in "abcdefg"])


@given(st.dictionaries(st.text("xyz", max_size=2), KEYS), st.lists(st.tuples(KEYS, KEYS)))
def test_joins_never_make_two_known_brands_one(icons, joins):
    known = {"brand:a": "brand:a", "brand:b": "brand:a", "brand:c": "brand:c"}
    found = join_to_known(icons, joins, known)
    assert found.keys() == icons.keys()
    for icon, key in icons.items():
        if key in known:
            assert found[icon] == known[key]
        elif found[icon] not in known.values():
            # Named after one of the keys that it was joined with.
            assert found[icon] in {icons[i] for i in icons if found[i] == found[icon]}
    assert join_to_known(icons, [*joins, *joins], known).keys() == icons.keys()


def test_one_join_brings_two_new_keys_to_a_known_brand():
    icons = {"1": "brand:x", "2": "brand:y", "3": "brand:z"}
    joins = [("brand:x", "brand:y"), ("brand:y", "brand:known")]
    known = {"brand:known": "brand:name"}
    assert join_to_known(icons, joins, known) == {
        "1": "brand:name", "2": "brand:name", "3": "brand:z"
    }  # fmt: skip


def square(size, colour, ground=255, shift=0):
    pixels = np.full((64, 64, 3), ground, np.uint8)
    pixels[10 + shift : 10 + shift + size, 10 : 10 + size] = colour
    return pixels


def test_ink_maps_see_neither_place_size_nor_colour():
    cut = square(40, (200, 0, 0))
    cut[20:30, 20:30] = 255
    moved = np.full((128, 128, 3), 20, np.uint8)
    moved[6:86, 40:120] = (250, 250, 0)
    moved[26:46, 60:80] = 20
    assert float(ink_map(cut) @ ink_map(moved)) > 0.999
    assert float(ink_map(cut) @ ink_map(square(40, (200, 0, 0)))) < NEAR_COPY
    assert not ink_map(square(0, 0)).any()


def test_tables_of_edition_2_are_well_formed():
    sources = load_sources(2)
    assert load_sources() == sources[: len(load_sources())]
    later = {source.name: source for source in sources if source.edition == 2}
    assert len({source.name for source in sources}) == len(sources)
    assert len({source.tarball for source in sources}) == len(sources)
    assert all(source.integrity.startswith("sha512-") for source in later.values())
    free = {"CC0-1.0", "MIT", "Apache-2.0", "CC-BY-4.0", "CC-BY-SA-4.0", "OFL-1.1", "ISC"}
    assert {source.licence for source in later.values()} <= free
    picked = {source.picked for source in later.values()} - {""}
    assert {name for name, _ in read_pairs("picks.tsv")} == picked
    clashes = read_pairs("clashes-2.tsv")
    assert len(clashes) == len({icon for icon, _ in clashes})
    assert {icon.partition(":")[0] for icon, _ in clashes} <= later.keys()
    assert all(a != b for a, b in read_pairs("joins-2.tsv"))
    for name in ("clashes-2.tsv", "joins-2.tsv", "left-out-2.tsv", "picks.tsv"):
        lines = read_table(name).splitlines()
        assert lines[0].startswith("#")
        assert len(set(lines)) == len(lines)
