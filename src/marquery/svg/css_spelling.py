"""Spellings of CSS that browsers read and the renderer does not: capitals, the names of properties
from before they were settled (``-webkit-``), spaces around values, units, and ``mask`` with more
than a reference in it.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from marquery.svg.css_sums import has_sums, plain_sums
from marquery.svg.css_variables import declarations, without_comments

#: Properties of a few words -> these words. Others do not count.
KEYWORDS = {
    **dict.fromkeys(("fill-rule", "clip-rule"), "nonzero evenodd"),
    "stroke-linecap": "butt round square",
    "stroke-linejoin": "miter miter-clip round bevel arcs",
    "visibility": "visible hidden collapse",
    "text-anchor": "start middle end",
    "spreadMethod": "pad reflect repeat",
    "display": (
        "inline block none contents flex grid inline-block inline-flex inline-grid list-item table "
        "flow-root inline-table table-row table-cell ruby run-in"
    ),
    "mix-blend-mode": (
        "normal multiply screen overlay darken lighten color-dodge color-burn hard-light "
        "soft-light difference exclusion hue saturation color luminosity plus-lighter plus-darker"
    ),
}
_WORDS = {name: frozenset(words.split()) for name, words in KEYWORDS.items()}
_EVERYWHERE = frozenset({"inherit", "initial", "unset", "revert", "revert-layer"})
#: Attributes that are lengths.
LENGTHS = frozenset(
    {"x", "y", "width", "height", "rx", "ry", "cx", "cy", "r", "fx", "fy", "fr", "x1", "y1", "x2"}
    | {"y2", "stroke-width", "stroke-dashoffset", "font-size", "markerWidth", "markerHeight"}
    | {"refX", "refY", "dx", "dy"}
)
_NUMBERS = frozenset(
    {"opacity", "fill-opacity", "stroke-opacity", "stop-opacity", "flood-opacity", "offset"}
    | {"stroke-miterlimit", "stroke-dasharray"}
)
_ALIASES = {
    f"-webkit-{name}": name
    for name in ("transform", "transform-origin", "filter", "mask", "mask-image", "clip-path")
}
# Everything is bounded: the time stays linear in the length of the text.
_UNUSUAL = re.compile(
    r"-webkit-(?:filter|mask|clip-path)|\btransform\s*:|\bmask-image\s*:|drop-shadow\(|"
    r"\bmask\s*:(?!\s*url\([^)]{0,200}\)\s*(?:;|\Z))|"
    r"(?:\A|;)\s*[a-z-]{0,40}[A-Z][A-Za-z-]{0,40}\s*:|"
    r":\s*[A-Za-z-]{0,40}[A-Z][A-Za-z-]{0,40}\s*(?:[;!]|\Z)|"
    r"[\d.](?:[Rr][Ee][Mm]|[Qq]|[A-Z]{2})\b"
)
# Keywords that are seldom said twice, and then one of them is none.
_TWICE = ("display", "visibility")
_REFERENCE = re.compile(r"""url\(\s*(?:"[^"]{0,200}"|'[^']{0,200}'|[^)"']{0,200})\s*\)""", re.I)
_SHADOW = re.compile(r"\bdrop-shadow\(", re.I)
_LENGTH = re.compile(
    r"([+-]?(?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(?:e[+-]?\d{1,3})?)([a-z]{1,5})\Z", re.I
)
_FACTORS = {"rem": 16.0, "q": 96 / 101.6}
_OWN_UNITS = frozenset({"px", "em", "ex", "in", "cm", "mm", "pt", "pc"})
_FUNCTION = re.compile(r"([\w-]{1,40})\(")
_FUNCTIONS = frozenset(
    {"matrix", "matrix3d", "perspective", "rotate", "rotate3d", "rotatex", "rotatey", "rotatez"}
    | {"scale", "scale3d", "scalex", "scaley", "scalez", "skew", "skewx", "skewy", "translate"}
    | {"translate3d", "translatex", "translatey", "translatez", "calc", "min", "max", "clamp"}
)
_UNITLESS = re.compile(
    r"\b(?:translate|rotate|skew)[xyz]?\(\s*(?:[^(),]{1,40},)?"
    r"\s*[+-]?(?=[\d.]{0,20}[1-9])[\d.]{1,20}\s*[,)]",
    re.I,
)
# Values of one thing are no longer.
_LONGEST = 200
_ALPHA = re.compile(r"\balpha\b", re.I)


def is_unusual_block(text: str) -> bool:
    """Whether a ``style`` may hold a spelling that the renderer does not know."""
    return _UNUSUAL.search(text) is not None or any(text.count(word) > 1 for word in _TWICE)


def usual_block(text: str, color: Callable[[str], str | None], notes: list[str]) -> str:
    """A ``style`` attribute in the spellings of the renderer.

    Args:
        text: declarations; of equal ones the last counts, as far as it is one at all.
        color: a colour of CSS as the renderer reads it.
        notes: gets what will be missing, with what to do.
    """
    kept: dict[str, str] = {}
    for given, value in declarations(without_comments(text)):
        name = given if given.startswith("--") else given.lower()
        name = _ALIASES.get(name, name)
        body, mark, behind = value.rpartition("!")
        is_important = bool(mark) and behind.strip().lower() == "important"
        plain = (body if is_important else value).strip()
        found: str | None = plain
        if name in _WORDS:
            found = plain_word(name, plain)
        elif name == "transform":
            found = plain if is_transform(plain) else None
        elif name in ("mask", "mask-image"):
            name, found = _mask(name, plain, notes)
        elif name == "filter" and has_shadows(plain):
            found = usual_shadows(plain, color)
        elif name in LENGTHS:
            found = plain_length(plain)
        elif name in ("fill", "stroke") and plain.lower() == "none":
            found = "none"
        was_important = kept.get(name, "").endswith("!important")
        if found is not None and (is_important or not was_important):
            kept.pop(name, None)
            kept[name] = f"{found} !important" if is_important else found
    return ";".join(f"{name}:{value}" for name, value in kept.items())


def usual_value(name: str, value: str) -> str | None:
    """An attribute in the spelling of the renderer; ``None`` if it is as good as none.

    >>> usual_value("stroke-width", "2rem"), usual_value("fill-rule", "EVENODD")
    ('32', 'evenodd')
    >>> usual_value("opacity", " .5 "), usual_value("width", "5px")
    ('.5', '5px')
    """
    if name not in _USUAL or len(value) > _LONGEST:
        return value
    return _usual_value(name, value)


@lru_cache(4096)
def _usual_value(name: str, value: str) -> str | None:
    value = value.strip()
    if name in _WORDS:
        return plain_word(name, value)
    if name in ("fill", "stroke"):
        return "none" if value.lower() == "none" else value
    if has_sums(value):
        value = plain_sums(value)
    return plain_length(value) if name in LENGTHS else value


_USUAL = LENGTHS | _NUMBERS | frozenset(_WORDS) | {"fill", "stroke"}


def plain_word(name: str, value: str) -> str | None:
    """A keyword in small letters; ``None`` where the property has no such keyword."""
    word = value.lower()
    return word if word in _WORDS[name] or word in _EVERYWHERE else None


def plain_length(value: str) -> str:
    """A length in units that the renderer knows; others stay."""
    found = _LENGTH.match(value)
    if found is None or found[2] in _OWN_UNITS:
        return value
    unit = found[2].lower()
    if unit in _OWN_UNITS:
        return found[1] + unit
    factor = _FACTORS.get(unit)
    return value if factor is None else f"{float(found[1]) * factor:.10g}"


def is_transform(value: str) -> bool:
    """Whether a value is a transform of CSS, where lengths and angles have units."""
    names = _FUNCTION.findall(value)
    if not names:
        return value.lower() in _EVERYWHERE | {"none"}
    return _UNITLESS.search(value) is None and all(name.lower() in _FUNCTIONS for name in names)


def _mask(name: str, value: str, notes: list[str]) -> tuple[str, str | None]:
    """The ``mask`` that a value of ``mask`` or ``mask-image`` stands for."""
    references = _REFERENCE.findall(value)
    if len(references) > 1 or (references and _ALPHA.search(_REFERENCE.sub("", value))):
        notes.append("a mask of several or by its alpha; save the drawing with plain SVG")
    if len(references) == 1:
        return "mask", str(references[0])
    return name, value


def has_shadows(value: str) -> bool:
    """Whether a ``filter`` has shadows, which have colours."""
    return _SHADOW.search(value) is not None


def usual_shadows(value: str, color: Callable[[str], str | None]) -> str:
    """Filters with the colours of their shadows in the spelling of SVG 1.1."""
    import tinycss2  # few drawings need it

    try:
        tokens = tinycss2.parse_component_value_list(value)
        return "".join(_shadow(token, color) for token in tokens)
    except RecursionError:  # nobody writes so many inside each other to have them drawn
        return value


def _shadow(token: Any, color: Callable[[str], str | None]) -> str:
    if token.type != "function" or token.lower_name != "drop-shadow":
        return str(token.serialize())
    return f"drop-shadow({''.join(_shadow_part(part, color) for part in token.arguments)})"


def _shadow_part(token: Any, color: Callable[[str], str | None]) -> str:
    text = str(token.serialize())
    found = color(text) if text.partition("(")[1] else None
    if found is None:
        return text
    *channels, alpha = (float(part) for part in found.partition("(")[2].rstrip(")").split(","))
    return "#" + "".join(f"{round(one):02x}" for one in (*channels, 255 * alpha))
