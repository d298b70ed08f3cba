"""Which icons of a collection show a brand, and what their names say of it: the rules of edition 2.

A general icon set holds a few brands among thousands of pictograms. They are told by the form of
the name, by the set's own categories, or by a list of names that were looked at.
"""

import re
from collections.abc import Collection as Sized
from collections.abc import Mapping

from marquery.datasets.openlogos.sources import Source, read_pairs


def brand_parts(
    source: Source, names: Sized[str], categories: Mapping[str, Sized[str]]
) -> dict[str, str]:
    """What says the brand, of each icon that is taken, by icon name.

    Args:
        source: the collection and its rules.
        names: of all its icons.
        categories: names by the set's own categories.

    Returns:
        For ``brand-android-filled`` under the pattern ``brand-(?P<brand>.+)``: ``android-filled``.
    """
    wanted = set(names)
    if source.categories:
        wanted &= {name for label in source.categories for name in categories.get(label, ())}
    if source.picked:
        wanted &= {name for label, name in read_pairs("picks.tsv") if label == source.picked}
    found = ((name, re.fullmatch(source.pattern, name)) for name in sorted(wanted))
    return {name: match["brand"] for name, match in found if match}


def shorter_names(part: str, variants: str) -> list[str]:
    """A name and what is left of it as one ending after the other is taken off: ``android-2``,
    ``android``.
    """
    names = [part]
    while variants and (shorter := re.sub(variants, "", names[-1])) not in ("", names[-1]):
        names.append(shorter)
    return names
