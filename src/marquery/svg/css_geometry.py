"""Properties of CSS that the renderer knows as attributes only, or not at all: sizes and places of
shapes, the ground of the whole drawing, and moves that stand for themselves.
"""

import re

from lxml import etree

from marquery.svg.css_spelling import usual_value
from marquery.svg.css_variables import declarations
from marquery.svg.document import SVG_NAMESPACE, Element
from marquery.svg.size import view_box

_BOX = frozenset({"x", "y", "width", "height"})
#: Properties of shapes that are attributes in SVG 1.1, by the name of the element.
GEOMETRY: dict[str, frozenset[str]] = {
    "rect": _BOX | {"rx", "ry"},
    "image": _BOX,
    "use": _BOX,
    "foreignObject": _BOX,
    "circle": frozenset({"cx", "cy", "r"}),
    "ellipse": frozenset({"cx", "cy", "rx", "ry"}),
    "path": frozenset({"d"}),
}
_PATH = re.compile(r"""path\(\s*(?:(?:nonzero|evenodd)\s*,\s*)?(["'])(.*)\1\s*\)\Z""", re.I | re.S)
_MOVES = ("translate", "rotate", "scale")
# Before these, nothing has to be looked at.
_CANDIDATE = re.compile(
    r"(?:\A|;)\s*(?:x|y|r|d|cx|cy|rx|ry|width|height|translate|rotate|scale)\s*:", re.I
)
#: What the renderer does not know: property, value, and what is missing without it.
_UNKNOWN = (
    ("clip-path", r"(?!url\(|none|inherit|initial|unset)", "what a shape of CSS cuts away"),
    ("transform", r".*%", "a move by a share of its size"),
    ("transform", r".*(?:3d\(|rotate[xy]\(|perspective\()", "a turn in space"),
    ("transform", r".*\d(?:r?em|r?ch|ex|[sld]?v(?:w|h|min|max))\b", "a move in units of a font"),
    ("transform-box", r"(?:fill|stroke|content|border)-box", "a turn around a part of it"),
    ("offset-path", r"(?!none)", "a move along a path"),
    ("mask-image", r"(?!none)", "a mask that is no <mask>"),
    ("mask", r"(?!none|url\()", "a mask that is no <mask>"),
    ("text-transform", r"(?:upper|lower|capital)", "capitals in place of its small letters"),
    ("font-variant", r".*small-caps", "small capitals"),
    ("mix-blend-mode", r"plus-", "a mix of colours by adding them"),
)
_SUM = re.compile(r":[^:;]*\b(?:calc|min|max|clamp)\(", re.I)
_STRANGE = re.compile(
    r"(?:width|height|stroke-dashoffset|font-size|[xyr])\s*:\s*[\d.]+(?:[sld]?v(?:w|h|min|max|i|b)|"
    r"r?ch|r?lh|cap|ic)\b",
    re.I,
)
_SHARE = re.compile(r"(\d{1,9}(?:\.\d{0,9})?)%\Z")
_TOLD = tuple((name, re.compile(value, re.I | re.S), what) for name, value, what in _UNKNOWN)
_REMEDY = "save the drawing with plain SVG in place of CSS"


def settle_geometry(element: Element, tag: str, style: str) -> str:
    """Move what a ``style`` says about size and place to attributes; gives the rest of it.

    Args:
        element: it is changed.
        tag: its name without a namespace.
        style: its ``style`` attribute.
    """
    if _CANDIDATE.search(style) is None:
        return style
    names = GEOMETRY.get(tag, frozenset())
    kept: list[tuple[str, str]] = []
    moves: dict[str, str] = {}
    for name, value in declarations(style):
        lower = name.lower()
        plain = value.partition("!")[0].strip()
        if lower in names:
            _set_attribute(element, lower, plain)
        elif lower in _MOVES:
            moves[lower] = plain
        else:
            kept.append((name, value))
    steps = [_step(name, moves[name]) for name in _MOVES if moves.get(name, "none") != "none"]
    if steps:
        given = [value for name, value in kept if name.lower() == "transform"]
        rest = given[-1] if given else element.get("transform") or ""
        rest = "" if rest.strip().lower() == "none" else rest
        kept = [one for one in kept if one[0].lower() != "transform"]
        kept.append(("transform", " ".join([*steps, rest]).strip()))
    return ";".join(f"{name}:{value}" for name, value in kept)


def _set_attribute(element: Element, name: str, value: str) -> None:
    if name == "d":
        found = _PATH.match(value)
        if found is not None or value.lower() == "none":
            element.set("d", found[2] if found is not None else "")
    elif value.lower() == "auto":
        element.attrib.pop(name, None)
    elif value:
        element.set(name, usual_value(name, value) or value)


def _step(name: str, value: str) -> str:
    parts = value.split()
    return f"{name}({', '.join(parts[-1:] if name == 'rotate' else parts[:2])})"


def unknown_properties(style: str) -> list[str]:
    """What will be missing because the renderer does not know a property; each with what to do."""
    text = style.lower()
    names = [one for one in _TOLD if one[0] in text]
    if not names:
        return []
    given = dict(declarations(text))
    if given.get("transform", "none") == "none":
        given.pop("transform-box", None)
    found = [what for name, value, what in names if value.match(given.get(name, "none"))]
    return [f"{what}; {_REMEDY}" for what in found]


def unknown_lengths(text: str) -> list[str]:
    """The same where sizes are sums or in units that are not known here.

    Args:
        text: a ``style`` attribute, or the value of an attribute behind a colon.
    """
    if "(" in text and _SUM.search(text):
        return [f"a size that is a sum; {_REMEDY}"]
    return [f"a size in units of a page or font; {_REMEDY}"] if _STRANGE.search(text) else []


def settle_paint(paint: Element, tag: str) -> None:
    """Make the attribute of the ``transform`` that a gradient or pattern has in its ``style``."""
    style = list(declarations(paint.get("style") or ""))
    given = [value.partition("!")[0].strip() for name, value in style if name == "transform"]
    if given:
        paint.set("patternTransform" if tag == "pattern" else "gradientTransform", given[-1])


def settle_use(use: Element) -> None:
    """Write width and height of a ``use`` that are shares of the drawing as numbers."""
    for name, place in (("width", 2), ("height", 3)):
        value = (use.get(name) or "").strip()
        found = _SHARE.match(value)
        around = next((at for at in use.iterancestors() if at.tag.endswith("svg")), None)
        box = None if found is None or around is None else view_box(around)
        if found is not None and box is not None:
            use.set(name, f"{float(found[1]) * box[place] / 100:.10g}")


def add_ground(root: Element) -> list[str]:
    """Put a rectangle in the colour of the outermost element's ``background`` below everything.

    Returns:
        What of it will be missing, with what to do.
    """
    given = [
        value.partition("!")[0]
        for name, value in declarations(root.get("style") or "")
        if name.lower() in ("background", "background-color", "background-image")
    ]
    if not given:
        return []
    colors = [color for value in given for color in _colors(value)]
    seen = _seen(root)
    if colors and seen is not None:
        ground = etree.Element(f"{{{SVG_NAMESPACE}}}rect" if "}" in root.tag else "rect")
        ground.set("style", f"fill:{colors[-1]};stroke:none")
        for name, value in zip(("x", "y", "width", "height"), seen, strict=True):
            ground.set(name, value)
        root.insert(0, ground)
    is_picture = any("gradient(" in value.lower() for value in given)
    return [f"the picture behind it; {_REMEDY}"] if is_picture else []


def _colors(value: str) -> list[str]:
    """The colours in a value of ``background``."""
    import tinycss2  # few drawings need it
    from tinycss2.color4 import parse_color

    functions = ("color-mix", "light-dark", "color")
    return [
        token.serialize()
        for token in tinycss2.parse_component_value_list(value)
        if parse_color(token) or (token.type == "function" and token.lower_name in functions)
    ]


def _seen(root: Element) -> list[str] | None:
    """What is seen of a drawing: left, top, width and height; ``None`` where nothing says it."""
    box = (root.get("viewBox") or "").replace(",", " ").split()
    if len(box) == 4:
        return box
    return ["0", "0", "100%", "100%"] if root.get("width") and root.get("height") else None
