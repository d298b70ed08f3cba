"""From an icon's name to its brand in edition 2, which adds logos and never moves a brand of
edition 1.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from marquery.datasets.openlogos.choose import shorter_names
from marquery.datasets.openlogos.iconify import Collection
from marquery.datasets.openlogos.sources import read_pairs
from marquery.datasets.openlogos.spelling import squeeze


def group_wider(collections: Iterable[Collection], known: Mapping[str, str]) -> dict[str, str]:
    """Brand of every icon that an edition adds, by icon id.

    An icon joins a brand of edition 1 by its name, or by a pair of keys in ``joins-2.tsv``;
    ``clashes-2.tsv`` gives icons another key. No table makes two brands of edition 1 one.

    Args:
        collections: those that were added.
        known: brand of edition 1 by each of its keys.
    """
    own_key = dict(read_pairs("clashes-2.tsv"))
    keys = {
        icon.id: own_key.get(icon.id) or wider_key(icon.name, collection, known)
        for collection in collections
        for icon in collection.icons
    }
    return join_to_known(keys, read_pairs("joins-2.tsv"), known)


def without_left_out(collection: Collection) -> Collection:
    """A collection less the icons of ``left-out-2.tsv``: nearly the same drawings as a logo of
    another brand.
    """
    if collection.source.edition == 1:
        return collection
    left_out = {icon for icon, _ in read_pairs("left-out-2.tsv")}
    icons = tuple(icon for icon in collection.icons if icon.id not in left_out)
    return Collection(collection.source, icons, collection.aliases)


def wider_key(name: str, collection: Collection, known: Mapping[str, str]) -> str:
    """Key of an icon: of what its name says, less endings that say how it is drawn, as few of them
    as lead to a brand of edition 1.

    Args:
        name: of the icon.
        collection: whose rules hold.
        known: brand of edition 1 by each of its keys.
    """
    match = re.fullmatch(collection.source.pattern, name)
    part = match["brand"] if match else name
    candidates = [
        f"{collection.source.namespace}:{squeeze(shorter)}"
        for shorter in shorter_names(part, collection.source.variants)
    ]
    return next((key for key in candidates if key in known), candidates[-1])


def join_to_known(
    keys: Mapping[str, str], joins: Iterable[tuple[str, str]], known: Mapping[str, str]
) -> dict[str, str]:
    """Brand of each icon after pairs of keys have been joined in order.

    A pair that would make two brands of edition 1 one is passed over. Keys that reach none of them
    are named after the key that most of their logos carry (of equals the first in the alphabet).

    Args:
        keys: by icon id.
        joins: pairs of keys.
        known: brand of edition 1 by each of its keys.
    """
    fixed = set(known.values())
    label = {key: known.get(key, key) for key in keys.values()}

    def of(key: str) -> str:
        return label.setdefault(key, known.get(key, key))

    for first, second in joins:
        one, two = of(first), of(second)
        if one == two or (one in fixed and two in fixed):
            continue
        kept, gone = (one, two) if one in fixed else (two, one)
        label.update({key: kept for key, value in label.items() if value == gone})
    uses = Counter(keys.values())
    name: dict[str, str] = {}
    for key in sorted(uses, key=lambda key: (-uses[key], key)):
        name.setdefault(label[key], key)
    return {
        icon: label[key] if label[key] in fixed else name[label[key]] for icon, key in keys.items()
    }
