"""From an icon's name to the brand it shows.

A name is stripped of what says how it is drawn (``-icon``, ``square-``, ``-dark``), never of what
says what it is (``google-drive`` stays apart from ``google``). The result, without punctuation, is
a key, written ``namespace:key``. Keys of one brand are then joined by the reviewed tables beside
this module.
"""

import re
from collections.abc import Iterable, Mapping

from marquery.datasets.openlogos.iconify import Collection, Icon
from marquery.datasets.openlogos.sources import read_pairs
from marquery.datasets.openlogos.spelling import squeeze
from marquery.datasets.openlogos.wider import group_wider

# Endings that never belong to a brand's name in that collection.
_ALWAYS: dict[str, tuple[str, ...]] = {
    "brandico": ("-rect", "-bird", "-filled", "-text"),
    "devicon": ("-wordmark",),
    "entypo-social": ("-with-circle", "-alternitive"),
    "logos": ("-icon-dark", "-icon-alt", "-icon-light", "-icon", "-wordmark"),
    "skill-icons": ("-dark", "-light"),
    "token-branded": ("-background",),
}
# Endings stripped only where the shorter name is in the same collection, too.
_IF_SHORTER_EXISTS: dict[str, re.Pattern[str]] = {
    "bxl": re.compile(r"-(square|circle|alt|old|logo)$"),
    "cib": re.compile(r"-(alt|c|f|in|w|s)$"),
    "devicon": re.compile(r"-(alt|line|plain|original)$"),
    "fa6-brands": re.compile(
        r"-(alt|reverse|alien|symbol|circle|square|legacy|stroke|simple|browser)$"
    ),
    "file-icons": re.compile(r"-(alt|old|orb|s|bolt)\d?$|-?[12]$"),
    "fontisto": re.compile(r"-(alt|a|l|o|logo)$|-\d$"),
    "logos": re.compile(r"-(dark|light|alt|2020|color|black|white|mark)$"),
    "vscode-icons": re.compile(
        r"-(ignore|version|spec|test|snapshot|official|generated|package|config|format|types|psd|psm"
        r"|intf|skip|bak|toolchain"
        r"|integrity|metadata|insiders|components)\d?$|[23]$|config$|def$"
    ),
}
# A last letter that repeats the first: facebook-f, pinterest-p, google-plus-g.
_INITIAL = re.compile(r"^([a-z]).*-\1$")
_INITIAL_COLLECTIONS = frozenset(("fa6-brands", "fontisto", "cib", "bxl"))
_NEST_OR_NG = re.compile(r"^(nest|ng)-[a-z-]+-(ts|js|dart|css|html|less|sass|scss)\d?$")
_FRAMEWORKS = {"nest": "nestjs", "ng": "angular"}


def brand_keys(collection: Collection) -> dict[str, str]:
    """Key, ``namespace:key``, of every icon of a collection, by icon name; only the name is looked
    at.
    """
    names = {icon.name.removeprefix(collection.source.prefix) for icon in collection.icons}
    return {
        icon.name: f"{collection.source.namespace}:{_key(icon, collection, names)}"
        for icon in collection.icons
    }


def group_logos(collections: Iterable[Collection]) -> dict[str, str]:
    """Brand of every icon, by icon id, after the reviewed tables have been applied.

    A group of joined keys is named after the key that most of its logos carry (of equals the first
    in the alphabet), so that the outcome does not depend on any order. Brands of edition 1 are
    found as if there were no other; see :mod:`marquery.datasets.openlogos.wider` for what is added.
    """
    collections = list(collections)
    keys: dict[str, str] = {}
    own_key = dict(read_pairs("clashes.tsv"))
    joins = read_pairs("joins.tsv")
    for collection in collections:
        if collection.source.edition > 1:
            continue
        by_name = brand_keys(collection)
        for icon in collection.icons:
            keys[icon.id] = own_key.get(icon.id, by_name[icon.name])
        space = collection.source.namespace
        for alias, name in collection.aliases.items():
            if f"{collection.source.name}:{alias}" not in own_key:
                bare = alias.removeprefix(collection.source.prefix)
                joins.append((f"{space}:{squeeze(bare)}", keys[f"{collection.source.name}:{name}"]))
    brands = name_groups(keys, joins)
    later = [collection for collection in collections if collection.source.edition > 1]
    return brands | group_wider(later, _known(keys, joins, brands))


def _known(
    keys: Mapping[str, str], joins: Iterable[tuple[str, str]], brands: Mapping[str, str]
) -> dict[str, str]:
    """Brand by each key that leads to it: those of its logos, and those joined to them."""
    joins = list(joins)
    every = {key: key for key in (*keys.values(), *(key for pair in joins for key in pair))}
    group = name_groups(every, joins)
    brand = {group[key]: brands[icon] for icon, key in keys.items()}
    return {key: brand[group[key]] for key in every if group[key] in brand}


def name_groups(keys: Mapping[str, str], joins: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Join keys (union-find over pairs) and name each group; see :func:`group_logos`."""
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while parent.setdefault(key, key) != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    for a, b in joins:
        parent[root(a)] = root(b)
    uses: dict[str, int] = {}
    for key in keys.values():
        uses[key] = uses.get(key, 0) + 1

    def rank(key: str) -> tuple[int, str]:
        return -uses[key], key

    best: dict[str, str] = {}
    for key in uses:
        best[root(key)] = min(best.get(root(key), key), key, key=rank)
    return {icon: best[root(key)] for icon, key in keys.items()}


def _key(icon: Icon, collection: Collection, names: set[str]) -> str:
    name = icon.name.removeprefix(collection.source.prefix)
    where = collection.source.name
    if where == "vscode-icons":
        name = name.removeprefix("light-")
        framework = _NEST_OR_NG.match(name)
        if framework:
            return _FRAMEWORKS[framework.group(1)]
        if name.startswith(("plsql-", "go-")):
            return name.partition("-")[0]
    if where in ("fa6-brands", "cib"):
        name = name.removeprefix("cc-")
    if where == "fa6-brands":
        name = name.removeprefix("square-")
    for ending in _ALWAYS.get(where, ()):
        if name.endswith(ending) and name != ending[1:]:
            name = name.removesuffix(ending)
            break
    pattern = _IF_SHORTER_EXISTS.get(where)
    while pattern is not None:
        shorter = pattern.sub("", name)
        light = f"light-{shorter}" if where == "vscode-icons" else f"{shorter}-icon"
        if shorter == name or not shorter or not ({shorter, light} & names):
            break
        name = shorter
    if where in _INITIAL_COLLECTIONS and _INITIAL.match(name):
        name = name[:-2]
    return squeeze(name) or squeeze(icon.name)
