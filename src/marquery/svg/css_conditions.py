"""Rules of a style sheet that stand inside others (``@media``, ``@supports``, ``@layer``): those
that count for a picture on a screen with a light ground are taken out of them, the others away.

The renderer reads rules inside others nowhere, and custom properties are looked up rule by rule:
colours for dark screens, as icons of web sites have them, must not be taken for the drawing's.
"""

import re
from collections.abc import Iterator
from typing import Any

_SPACE = re.compile(r"\s*([:()])\s*")
_AND = re.compile(r"\s+and\s+")
#: What a screen with a light ground says to a condition; nothing is known of others.
_KNOWN = {
    "all": True,
    "screen": True,
    "print": False,
    "speech": False,
    "(color)": True,
    "(scripting:none)": True,
    "(prefers-color-scheme:light)": True,
    "(prefers-color-scheme:dark)": False,
    "(prefers-contrast:no-preference)": True,
    "(prefers-contrast:more)": False,
    "(prefers-reduced-motion:no-preference)": True,
    "(prefers-reduced-motion:reduce)": False,
    "(forced-colors:none)": True,
    "(forced-colors:active)": False,
}


def counts_on_screen(condition: str) -> bool:
    """Whether what stands under a condition of ``@media`` counts for a picture on a light ground.

    >>> counts_on_screen("print"), counts_on_screen("only screen and (prefers-color-scheme: light)")
    (False, True)

    What depends on the size of a page, or on what is not known here, does not.
    """
    queries = [_SPACE.sub(r"\1", query).strip().lower() for query in condition.split(",")]
    return queries == [""] or any(map(_is_met, queries))


def _is_met(query: str) -> bool:
    is_negated = query.startswith("not")
    parts = _AND.split(re.sub(r"\A(?:not|only)\s*", "", query))
    # "screen and (...)" is without its spaces around parentheses by now.
    parts = [part for one in parts for part in re.split(r"\band(?=\()|(?<=\))and\b", one)]
    answers = [_KNOWN.get(part.strip()) for part in parts]
    return None not in answers and all(answers) != is_negated


def without_conditions(sheet: str) -> str:
    """A style sheet whose rules all stand by themselves.

    Args:
        sheet: text of CSS; without an ``@`` in it, it comes back as it is.
    """
    if "@" not in sheet:
        return sheet
    import tinycss2  # few drawings need it

    try:
        parsed = tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True)
        # Rules of layers yield to those of none.
        found = sorted(_rules(parsed), key=lambda rule: not rule[0])
        return "".join(text for _, text in found)
    except RecursionError:  # nobody writes so many inside each other to have them drawn
        return ""


def _rules(nodes: list[Any], *, in_layer: bool = False) -> Iterator[tuple[bool, str]]:
    """Whether it stands in a layer, and its text, of each rule that counts."""
    from tinycss2 import parse_rule_list, serialize

    for node in nodes:
        if node.type == "qualified-rule":
            yield in_layer, node.serialize()
        elif node.type == "at-rule" and node.content is not None:
            condition = serialize(node.prelude).strip()
            kind = node.lower_at_keyword
            if (
                (kind == "media" and counts_on_screen(condition))
                or (kind == "supports" and not condition.lower().startswith("not"))
                or kind == "layer"
            ):
                inside = parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
                yield from _rules(inside, in_layer=in_layer or kind == "layer")
