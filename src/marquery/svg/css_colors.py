"""Colours of CSS in the spelling of SVG 1.1, which is the only one that the renderer knows."""

import re
from collections.abc import Callable
from typing import Any

#: The computed ``color`` where a colour stands, which ``currentcolor`` means.
Current = Callable[[], str]

_FUNCTION = re.compile(
    r"(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color|color-mix|light-dark|contrast-color)\(.*\)",
    re.I | re.S,
)
_PLAIN_HSL = re.compile(r"hsla?\(\s*[\d.]+\s*(?:,\s*[\d.]+%\s*){2}(?:,\s*[\d.]+\s*)?\)", re.I)
_ALPHA_SHARE = re.compile(r"\((?:[^,()]*,){3}[^,()]*%")
# Functions of CSS that browsers know and that are told: colours made from others by sums.
_BEYOND = re.compile(r"\(\s*from\b|\b(?:calc|min|max|clamp|device-cmyk)\(", re.I)
# Behind a colour of SVG 1.1 it says the same in a colour profile.
PROFILED = re.compile(r"\bicc-color\([^()]*\)\s*", re.I)
_CHROMATIC = frozenset({"lch", "oklch"})
_HUE_SPACES = frozenset({"hsl", "hwb", "lch", "oklch"})
_SPACES = _HUE_SPACES | {
    *("srgb", "srgb-linear", "display-p3", "display-p3-linear", "a98-rgb", "prophoto-rgb"),
    *("rec2020", "lab", "oklab", "xyz", "xyz-d50", "xyz-d65"),
}
_HUES = frozenset({"shorter", "longer", "increasing", "decreasing"})
#: Names that stand for the colours of a desktop with a light ground.
NAMED = {
    "rebeccapurple": "#663399",
    "canvas": "#ffffff",
    "canvastext": "#000000",
    "field": "#ffffff",
    "fieldtext": "#000000",
    "buttonface": "#efefef",
    "buttontext": "#000000",
    "buttonborder": "#000000",
    "graytext": "#808080",
    "linktext": "#0000ee",
    "visitedtext": "#551a8b",
    "activetext": "#ff0000",
    "mark": "#ffff00",
    "marktext": "#000000",
}


class _NoColorError(ValueError):
    """A text is no colour."""


def is_function(word: str) -> bool:
    """Whether a value is a function of CSS that gives a colour, other than as SVG 1.1 has it."""
    is_rgb = word.startswith("rgb") and "," in word and "/" not in word and "none" not in word
    is_rgb = is_rgb and _ALPHA_SHARE.search(word) is None
    if (is_rgb and _BEYOND.search(word) is None) or _PLAIN_HSL.fullmatch(word):
        return False
    return _FUNCTION.fullmatch(word) is not None or is_beyond(word)


def is_beyond(word: str) -> bool:
    """Whether browsers know a colour that is not read here."""
    return _BEYOND.search(word) is not None


def srgb(word: str, current: Current) -> str | None:
    """A colour as ``rgba(...)``; what is out of the gamut of a screen (sRGB) is clipped.

    >>> srgb("oklch(0.628 0.2577 29.23)", str), srgb("color-mix(in srgb, red, blue 25%)", str)
    ('rgba(255,0,0,1)', 'rgba(191,0,64,1)')

    Args:
        word: a name or function of CSS.
        current: gives what ``currentcolor`` stands for.

    Returns:
        ``None`` if it is no colour.
    """
    import tinycss2

    token = tinycss2.parse_one_component_value(word, skip_comments=True)
    try:
        color = _color(token, current).convert("srgb")
    except (ValueError, ArithmeticError, RecursionError):
        return None
    channels = [int(255 * min(max(c, 0.0), 1.0) + 0.5) for c in color.coords(nans=False)]
    return "rgba({},{},{},{:.6g})".format(*channels, min(max(color.alpha(nans=False), 0.0), 1.0))


def _color(token: Any, current: Current) -> Any:
    """A colour of coloraide, which has no types of its own that could be told before it loads."""
    from coloraide import Color  # few drawings need it, and it takes longer to load than to draw

    if token.type == "function" and token.lower_name == "light-dark":
        light, _ = _arguments(token, 2)
        return _color(_only(light), current)
    if token.type == "function" and token.lower_name == "color-mix":
        return _mixed(token, current)
    if token.type == "function" and token.lower_name == "contrast-color":
        ground = _color(_only(_arguments(token, 1)[0]), current)
        return max(Color("white"), Color("black"), key=ground.contrast)
    text = str(token.serialize()).lower()
    if text == "currentcolor":
        text = current().lower()
    color = Color(NAMED.get(text, text))
    if color.space() in _CHROMATIC:
        color["chroma"] = max(color["chroma"], 0.0)
    return color


def _mixed(token: Any, current: Current) -> Any:
    """``color-mix([in SPACE [HUE hue]], COLOR [SHARE], COLOR [SHARE])``."""
    how, first, second = _arguments(token, 3, 2)
    space, hue = _method([part.serialize().lower() for part in how])
    (one, share), (other, rest) = (_weighed(part, current) for part in (first, second))
    if share is None:
        share = 50.0 if rest is None else 100.0 - rest
    if rest is None:
        rest = 100.0 - share
    whole = share + rest
    if min(share, rest) < 0 or max(share, rest) > 100:
        raise _NoColorError(token.serialize())
    if whole == 0:
        return one.new("srgb", (0, 0, 0), 0)
    mixed = one.mix(other, rest / whole, space=space, hue=hue, premultiplied=True, powerless=True)
    if whole < 100:
        mixed["alpha"] = mixed.alpha(nans=False) * whole / 100
    return mixed


def _method(words: list[str]) -> tuple[str, str]:
    words = words or ["in", "oklab"]
    space = words[1] if len(words) > 1 else ""
    hue = words[2] if len(words) == 4 and words[3] == "hue" else "shorter"
    is_whole = len(words) == 2 or (len(words) == 4 and words[3] == "hue" and space in _HUE_SPACES)
    if words[:1] != ["in"] or space not in _SPACES or hue not in _HUES or not is_whole:
        raise _NoColorError(" ".join(words))
    return ("xyz-d65" if space == "xyz" else space), hue


def _weighed(tokens: list[Any], current: Current) -> tuple[Any, float | None]:
    shares = [part for part in tokens if part.type == "percentage"]
    colors = [part for part in tokens if part.type != "percentage"]
    if len(shares) > 1:
        raise _NoColorError("two shares")
    return _color(_only(colors), current), float(shares[0].value) if shares else None


def _arguments(token: Any, count: int, least: int | None = None) -> list[list[Any]]:
    """What stands between the commas; up to ``least``, empty parts stand in for the first ones."""
    parts: list[list[Any]] = [[]]
    for part in token.arguments:
        if part == ",":
            parts.append([])
        elif part.type not in ("whitespace", "comment"):
            parts[-1].append(part)
    if (least or count) <= len(parts) < count:
        parts[:0] = [[]] * (count - len(parts))
    if len(parts) != count:
        raise _NoColorError(token.serialize())
    return parts


def _only(tokens: list[Any]) -> Any:
    if len(tokens) != 1:
        raise _NoColorError("not one colour")
    return tokens[0]
