"""Values of CSS that the renderer does not know, written in those that it does.

It knows the colours and transforms of SVG 1.1. Drawing programs and browsers also write those of
CSS: ``hsl(120deg 100% 25%)``, ``rgb(0 0 255 / 50%)``, ``translate(4px) rotate(.1turn)``.
"""

import math
import re
from collections.abc import Callable

from marquery.svg.css_variables import declarations, rules, without_comments

#: Properties and attributes that hold a colour, with what they are at first.
COLORS = {
    "fill": "black",
    "stroke": "none",
    "color": "black",
    "stop-color": "black",
    "flood-color": "black",
    "lighting-color": "white",
}
_INHERITED = frozenset({"fill", "stroke", "color"})
#: What may have to be written anew; most drawings have none of it.
_SPECIAL = re.compile(
    r"icc-color\(|hsla?\(|hwb\(|lab\(|lch\(|color\(|rgba?\([^,)]{0,200}\)|/|\bnone[ ,]|"
    r"currentcolor|rebeccapurple|\binitial\b|\bunset\b|\brevert|transform",
    re.I,
)
_PLAIN_HSL = re.compile(r"hsla?\(\s*[\d.]+\s*,[\d.%,\s]+\)", re.I)
_FUNCTION = re.compile(r"(?:rgb|hsl|hwb|lab|lch|oklab|oklch|color)a?\(.*\)", re.I | re.S)
# Behind a colour of SVG 1.1 it says the same in a colour profile.
_PROFILED = re.compile(r"\bicc-color\([^()]*\)\s*", re.I)
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
    return is_special(text) or _JUNK.search(text) is not None


def plain_block(text: str) -> str:
    """A ``style`` attribute or a rule's block. Colours that are not known are left out, so that
    what stands before them counts, as in browsers.
    """
    kept = []
    for name, value in declarations(without_comments(text)):
        found: str | None = value
        if name.lower() in COLORS:
            found = plain_color(name.lower(), value)
        elif name.lower() == "transform":
            found = plain_transform(value)
        if found is not None:
            kept.append(f"{name}:{found}")
    return ";".join(kept)


def plain_sheet(text: str) -> str:
    """A style sheet."""
    found = rules(without_comments(text))
    return "".join(
        head if block is None else f"{head}{{{plain_block(block)}}}" for head, block in found
    )


def plain_color(name: str, value: str) -> str | None:
    """A colour in the spelling of SVG 1.1.

    >>> plain_color("fill", "rgb(0 0 255 / 50%)"), plain_color("stroke", "hsl(120deg 100% 25%)")
    ('rgba(0,0,255,0.5)', 'rgba(0,128,0,1)')
    >>> plain_color("stop-color", "unset"), plain_color("fill", "CURRENTCOLOR")
    ('black', 'currentColor')

    Args:
        name: of the property.
        value: as it is written.

    Returns:
        The value itself where it needs no change; ``None`` if it is a function of CSS that gives no
        colour of sRGB.
    """
    value = _PROFILED.sub("", value).rstrip()
    text, mark, behind = value.rpartition("!")
    is_important = mark != "" and behind.strip().lower() == "important"
    end = " !important" if is_important else ""
    word = (text if is_important else value).strip().lower()
    if word == "currentcolor":
        return f"currentColor{end}"
    if word in ("unset", "initial", "revert", "revert-layer"):
        is_kept = word != "initial" and name in _INHERITED
        return ("inherit" if is_kept else COLORS[name]) + end
    if word != "rebeccapurple" and (not _FUNCTION.fullmatch(word) or _is_plain(word)):
        return value
    found = _srgb(word)
    return None if found is None else found + end


def _is_plain(word: str) -> bool:
    is_rgb = word.startswith("rgb") and "," in word and "/" not in word and "none" not in word
    return is_rgb or _PLAIN_HSL.fullmatch(word) is not None


def _srgb(word: str) -> str | None:
    from tinycss2.color4 import parse_color  # few drawings need it

    found = parse_color(word)
    if found is None or isinstance(found, str):
        return None
    try:
        color = found.to("srgb")
    except NotImplementedError:  # spaces that are wider than sRGB
        return None
    channels = [round(255 * min(max(c or 0, 0), 1)) for c in color.coordinates]
    return "rgba({},{},{},{:g})".format(*channels, 1 if color.alpha is None else color.alpha)


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
    return number if unit in ("", "px") else None


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
