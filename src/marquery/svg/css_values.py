"""Values of CSS that the renderer does not know, written in those that it does.

It knows the colours and transforms of SVG 1.1. Drawing programs and browsers also write those of
CSS: ``hsl(120deg 100% 25%)``, ``rgb(0 0 255 / 50%)``, ``translate(4px) rotate(.1turn)``.
"""

import math
import re
from collections.abc import Callable
from functools import lru_cache, partial

from marquery.svg.css_colors import NAMED, PROFILED, is_beyond, is_function, srgb
from marquery.svg.css_sums import UNITS
from marquery.svg.css_variables import declarations, without_comments

#: Properties and attributes that hold a colour, with what they are at first.
COLORS = {
    "fill": "black",
    "stroke": "none",
    "color": "black",
    "stop-color": "black",
    "flood-color": "black",
    "lighting-color": "white",
}
#: Others that drawings set to ``initial`` or ``unset``.
_OTHERS = {
    **dict.fromkeys(("opacity", "fill-opacity", "stroke-opacity", "stop-opacity"), "1"),
    **dict.fromkeys(("clip-path", "filter", "mask", "transform", "stroke-dasharray"), "none"),
    "stroke-width": "1",
    "stroke-linecap": "butt",
    "stroke-linejoin": "miter",
    "stroke-miterlimit": "4",
    "stroke-dashoffset": "0",
    "fill-rule": "nonzero",
    "clip-rule": "nonzero",
    "display": "inline",
    "visibility": "visible",
    "mix-blend-mode": "normal",
    "isolation": "auto",
}
_INHERITED = frozenset(
    {"fill", "stroke", "color", "fill-opacity", "stroke-opacity", "stroke-dasharray"}
    | {"stroke-width", "stroke-linecap", "stroke-linejoin", "stroke-miterlimit"}
    | {"stroke-dashoffset", "fill-rule", "clip-rule", "visibility"}
)
#: The property's name -> what ``currentcolor`` means in it.
Current = Callable[[str], str]
_KEYWORDS = frozenset({"initial", "revert", "revert-layer", "unset"})
#: What may have to be written anew; most drawings have none of it.
_SPECIAL = re.compile(
    r"icc-color\(|hsla?\(|hwb\(|lab\(|lch\(|color\(|color-mix\(|light-dark\(|-color\(|-cmyk\(|"
    r"rgba?\([^()]{0,200}%\s{0,20}\)|rgba?\([^,)]{0,200}\)|rgba?\([^)]{0,200}\(|/|\bnone[ ,]|"
    r"currentcolor|rebeccapurple|"
    r"\binitial\b|\bunset\b|\brevert|transform|canvas|\bfield|\bbutton|text\b|\bmark\b",
    re.I,
)
_COLOR_VALUES = re.compile(rf"(?:\A|;)\s*({'|'.join(COLORS)})\s*:\s*([^;]*)", re.I)
_USUAL_COLOR = re.compile(
    r"#(?:[0-9a-f]{3}|[0-9a-f]{6})\Z|none\Z|black\Z|white\Z|red\Z|url\(", re.I
)
# Paints that are no colours.
_PAINT = re.compile(r"url\(|(?:none|inherit|currentcolor|context-fill|context-stroke)\b", re.I)
# What is no declaration; the renderer reads nothing behind it.
_JUNK = re.compile(r"(?:\A|;)\s*(?:[^:;\s][^:;]*|:[^;]*)(?=;|\Z)")
# Everything is bounded: the time stays linear in the length of the text.
_STEP = re.compile(r"\b([A-Za-z][A-Za-z0-9]{0,20})\(([^()]{0,200})\)")
_NUMBER = re.compile(
    r"([+-]?(?:\d{1,20}\.?\d{0,20}|\.\d{1,20})(?:e[+-]?\d{1,3})?)([a-z%]{0,5})\Z", re.I
)
_DEGREES = {"": 1.0, "deg": 1.0, "grad": 0.9, "rad": 180 / math.pi, "turn": 360.0}


def is_special(text: str) -> bool:
    """Whether a text may hold a value that the renderer does not know."""
    return _SPECIAL.search(text) is not None


def is_special_block(text: str) -> bool:
    """The same of a ``style`` attribute, which may also hold what is no declaration."""
    colors = _COLOR_VALUES.findall(text)
    return (
        is_special(text)
        or _JUNK.search(text) is not None
        or len({name.lower() for name, _ in colors}) < len(colors)
        or not all(is_paint(value) for _, value in colors)
    )


def plain_block(text: str, current: Current, lost: list[str]) -> str:
    """A ``style`` attribute. Colours that are not known are left out, so that what stands before
    them counts, as in browsers.

    Args:
        text: declarations.
        current: gives what ``currentcolor`` stands for in a property.
        lost: gets the colours that browsers know and this does not.
    """
    kept: dict[str, str] = {}
    for name, value in declarations(without_comments(text)):
        found: str | None = value
        if name.lower() in COLORS:
            found = plain_color(name.lower(), value, current, lost)
            if found is not None and not is_paint(found):
                found = None
        elif value.lower() in _KEYWORDS:
            found = _keyword(name.lower(), value.lower())
        elif name.lower() == "transform":
            found = plain_transform(value)
        if found is not None:
            kept.pop(name.lower(), None)
            kept[name.lower()] = found
    return ";".join(f"{name}:{value}" for name, value in kept.items())


def is_paint(value: str) -> bool:
    """Whether the value of a colour's property is one at all."""
    if _USUAL_COLOR.match(value) is not None:
        return True
    # Long ones are not kept.
    known = _is_unusual_paint if len(value) < 100 else _is_unusual_paint.__wrapped__
    return known(value)


@lru_cache(1024)
def _is_unusual_paint(value: str) -> bool:
    from tinycss2.color4 import parse_color  # few drawings need it

    value = value.partition("!")[0].strip()
    try:
        return _PAINT.match(value) is not None or parse_color(value) is not None
    except RecursionError:
        return False


def plain_color(name: str, value: str, current: Current, lost: list[str]) -> str | None:
    """A colour in the spelling of SVG 1.1.

    >>> lost = []
    >>> plain_color("fill", "rgb(0 0 255 / 50%)", str, lost)
    'rgba(0,0,255,0.5)'
    >>> plain_color("stop-color", "unset", str, lost)
    'black'
    >>> plain_color("fill", "CURRENTCOLOR", str, lost)
    'currentColor'

    Args:
        name: of the property.
        value: as it is written.
        current: gives what ``currentcolor`` stands for in a property.
        lost: gets the value if browsers know it and this does not.

    Returns:
        The value itself where it needs no change; ``None`` if it is a function of CSS that gives no
        colour.
    """
    value = PROFILED.sub("", value).rstrip()
    text, mark, behind = value.rpartition("!")
    is_important = mark != "" and behind.strip().lower() == "important"
    end = " !important" if is_important else ""
    word = (text if is_important else value).strip().lower()
    if word == "currentcolor":
        return f"currentColor{end}"
    keyword = NAMED.get(word) or _keyword(name, word)
    if keyword is not None:
        return keyword + end
    reference, bracket, behind = word.partition(")")
    if reference.startswith("url(") and is_special(behind):
        second = plain_color(name, behind.strip(), current, lost)
        return f"{reference}{bracket} {second or ''}{end}"
    if not is_function(word):
        return value
    found = srgb(word, partial(current, name))
    if found is None and is_beyond(word):
        lost.append(word)
    return None if found is None else found + end


def _keyword(name: str, word: str) -> str | None:
    """What a keyword that every property has stands for."""
    if word not in _KEYWORDS:
        return None
    is_kept = word != "initial" and name in _INHERITED
    return "inherit" if is_kept else COLORS.get(name) or _OTHERS.get(name)


def plain_transform(value: str) -> str:
    """A transform in the functions and units of SVG; what it has no counterpart for stays.

    >>> plain_transform("translate(4px, 2px) rotate(.5turn) scaleX(50%)")
    'translate(4 2) rotate(180) scale(0.5 1)'
    """
    return _STEP.sub(_plain_step, value)


def _plain_step(found: re.Match[str]) -> str:
    name = found[1].lower()
    given = [_NUMBER.match(part) for part in re.split(r"[,\s]+", found[2].strip())]
    if name not in _STEPS or not all(given):
        return found[0]
    read, write = _STEPS[name]
    numbers = [read(float(one[1]), one[2].lower()) for one in given if one]
    known = [number for number in numbers if number is not None]
    return write(known) if len(known) == len(numbers) else found[0]


def _length(number: float, unit: str) -> float | None:
    return None if unit not in UNITS and unit else number * UNITS.get(unit, (1.0, ""))[0]


def _degrees(number: float, unit: str) -> float | None:
    factor = _DEGREES.get(unit)
    return None if factor is None else number * factor


def _factor(number: float, unit: str) -> float | None:
    return {"": number, "%": number / 100}.get(unit)


def _call(name: str, *at: int | float) -> Callable[[list[float]], str]:
    """Write a function with its numbers, or, where ``at`` is given, with these: a number of the
    function's own (int) or a constant (float).
    """

    def write(numbers: list[float]) -> str:
        chosen = [numbers[one] if isinstance(one, int) else one for one in at] or numbers
        return f"{name}({' '.join(f'{number:.10g}' for number in chosen)})"

    return write


def _skewed(numbers: list[float]) -> str:
    a, b = (math.tan(math.radians(number)) for number in (*numbers, 0.0)[:2])
    return f"matrix(1 {b:.10g} {a:.10g} 1 0 0)"


_Step = tuple[Callable[[float, str], float | None], Callable[[list[float]], str]]
_STEPS: dict[str, _Step] = {
    "translate": (_length, _call("translate")),
    "translate3d": (_length, _call("translate", 0, 1)),
    "translatex": (_length, _call("translate", 0, 0.0)),
    "translatey": (_length, _call("translate", 0.0, 0)),
    "rotate": (_degrees, _call("rotate")),
    "rotatez": (_degrees, _call("rotate")),
    "scale": (_factor, _call("scale")),
    "scalex": (_factor, _call("scale", 0, 1.0)),
    "scaley": (_factor, _call("scale", 1.0, 0)),
    "skew": (_degrees, _skewed),
    "skewx": (_degrees, _call("skewX")),
    "skewy": (_degrees, _call("skewY")),
}
