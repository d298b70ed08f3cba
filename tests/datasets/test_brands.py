from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marquery.datasets.openlogos.brands import brand_keys, group_logos, name_groups, read_pairs
from marquery.datasets.openlogos.iconify import read_collection
from marquery.datasets.openlogos.sources import load_sources

from .helpers import make_source


def keys(tmp_path: Path, collection: str, names: list[str], **kw) -> dict[str, str]:
    bodies = dict.fromkeys(names, '<path d="M0 0h9v9H0z"/>')
    source = make_source(tmp_path, collection, bodies, **kw)
    return brand_keys(read_collection(tmp_path / source.tarball, source))


@pytest.mark.parametrize(
    ("collection", "name", "others", "expected"),
    [
        ("logos", "google-drive", ["google"], "googledrive"),
        ("logos", "loom-icon", ["loom"], "loom"),
        ("logos", "github-copilot", ["github"], "githubcopilot"),
        ("logos", "x-ai-icon-dark", [], "xai"),
        ("devicon", "react-wordmark", ["react"], "react"),
        ("simple-icons", "nodedotjs", [], "nodejs"),
        ("simple-icons", "d3", [], "d3"),
        ("skill-icons", "aws-dark", [], "aws"),
        ("fa6-brands", "square-git", ["git"], "git"),
        ("fa6-brands", "facebook-f", ["facebook"], "facebook"),
        ("fa6-brands", "google-plus-g", ["google-plus"], "googleplus"),
        ("fa6-brands", "google-pay", ["google"], "googlepay"),
        ("fa6-brands", "cc-visa", [], "visa"),
        ("fa6-brands", "creative-commons-by", [], "creativecommonsby"),
        ("bxl", "discord-alt", ["discord"], "discord"),
        ("bxl", "salt", ["s"], "salt"),
        ("brandico", "blogger-rect", ["blogger"], "blogger"),
        ("entypo-social", "vk-with-circle", [], "vk"),
        ("fontisto", "google-play", ["google"], "googleplay"),
        ("file-icons", "npm-old", ["npm"], "npm"),
        ("file-icons", "chart-old", [], "chartold"),
    ],
)
def test_what_a_name_says(tmp_path, collection, name, others, expected):
    assert keys(tmp_path, collection, [name, *others])[name] == f"brand:{expected}"


def test_vscode_prefix_theme_number_and_frameworks(tmp_path):
    names = [
        f"file-type-{n}" for n in ("babel", "light-babel2", "ng-pipe-ts", "nest-guard-js", "d3")
    ]
    found = keys(tmp_path, "vscode-icons", [*names, "folder-babel"], prefix="file-type-")
    assert list(found) == sorted(names)
    assert [found[n] for n in names] == [
        f"brand:{b}" for b in ("babel", "babel", "angular", "nestjs", "d3")
    ]


def test_tickers_have_their_own_namespace(tmp_path):
    crypto = make_source(tmp_path, "token", {"x": "<g/>"}, namespace="crypto")
    brand = make_source(tmp_path, "simple-icons", {"x": "<g/>"})
    groups = group_logos([read_collection(tmp_path / s.tarball, s) for s in (crypto, brand)])
    assert groups["token:x"] == "crypto:x"
    assert groups["simple-icons:x"].startswith("brand:")


def test_an_alias_joins_the_keys_of_both_names(tmp_path):
    a = make_source(tmp_path, "cib", {"zzold": "<g/>"}, aliases={"zznew": {"parent": "zzold"}})
    b = make_source(tmp_path, "bxl", {"zznew": "<g/>"})
    groups = group_logos([read_collection(tmp_path / s.tarball, s) for s in (a, b)])
    assert groups["cib:zzold"] == groups["bxl:zznew"]


def test_the_reviewed_tables_are_applied(tmp_path):
    token = make_source(tmp_path, "token", {"eth": "<g/>"}, namespace="crypto")
    brand = make_source(tmp_path, "simple-icons", {"ethereum": "<g/>"})
    fontisto = make_source(tmp_path, "fontisto", {"key": "<g/>"})
    groups = group_logos(
        [read_collection(tmp_path / s.tarball, s) for s in (token, brand, fontisto)]
    )
    assert groups["token:eth"] == groups["simple-icons:ethereum"]
    assert groups["fontisto:key"] == "brand:pictogram-key"


def components(names: set[str], joins: list[tuple[str, str]]) -> set[frozenset[str]]:
    """Connected components by spreading one step at a time."""
    found = set()
    for start in names:
        group = {start}
        while True:
            more = {y for a, b in joins for x, y in ((a, b), (b, a)) if x in group} - group
            if not more:
                break
            group |= more
        found.add(frozenset(group & names))
    return found


NAMES = st.sampled_from([f"brand:{c}" for c in "abcdef"])


@given(
    st.dictionaries(st.text("xyz", min_size=1, max_size=3), NAMES),
    st.lists(st.tuples(NAMES, NAMES), max_size=6),
    st.randoms(),
)
def test_groups_are_the_components_and_the_order_is_no_matter(icons, joins, rng):
    groups = name_groups(icons, joins)
    by_brand: dict[str, set[str]] = {}
    for icon, brand in groups.items():
        by_brand.setdefault(brand, set()).add(icons[icon])
    assert {frozenset(v) for v in by_brand.values()} == components(set(icons.values()), joins)
    assert all(brand in members for brand, members in by_brand.items())
    shuffled = [(b, a) for a, b in joins]
    rng.shuffle(shuffled)
    assert name_groups(dict(reversed(icons.items())), shuffled) == groups


def test_a_group_is_named_after_the_key_of_most_logos():
    icons = {"1": "brand:b", "2": "brand:c", "3": "brand:c", "4": "brand:a"}
    assert set(name_groups(icons, [("brand:a", "brand:b"), ("brand:b", "brand:c")]).values()) == {
        "brand:c"
    }


def test_tables_of_the_package_are_well_formed():
    collections = {source.name for source in load_sources()}
    clashes, joins = read_pairs("clashes.tsv"), read_pairs("joins.tsv")
    assert len(clashes) == len({icon for icon, _ in clashes}) > 0
    assert {icon.partition(":")[0] for icon, _ in clashes} <= collections
    keys = [key for _, key in clashes] + [key for pair in joins for key in pair]
    assert {key.partition(":")[0] for key in keys} == {"brand", "crypto"}
    assert all(a != b for a, b in joins)
