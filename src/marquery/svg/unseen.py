"""What browsers show of a drawing and nothing here draws: movement, HTML, rules of other files."""

import re

from lxml import etree

from marquery.svg.document import Element

_MOVED = "its movement; save it as it looks at rest"
_HTML = "HTML inside it; save it as plain SVG"
_RULES = "style rules in an address; put them into a style element"
_DASHES = "dashes that are counted by pathLength; save them as plain lengths"
_LINEAR = "colours that are mixed as light (linearRGB); save it with sRGB"

_MOVES = frozenset({"animate", "animateTransform", "animateMotion", "animateColor", "set"})
_PAINTS = frozenset({"linearGradient", "radialGradient"})
_SHOWN_HTML = etree.XPath(
    "//*[local-name() = 'foreignObject' and not(ancestor::*[local-name()='switch'])"
    " and .//*[not(local-name() = 'style' or local-name() = 'p' or local-name() = 'span')]]"
)
_IS_LINEAR = re.compile(r"color-interpolation\s*:\s*linearRGB", re.I)
_OUTSIDE = etree.XPath(
    "//*[local-name() = 'link' and contains(@rel, 'stylesheet') and starts-with(@href, 'data:')]"
)


def unseen(root: Element) -> list[str]:
    """What will be missing of a drawing, each with what to do.

    Args:
        root: the outermost element, whose style sheets were written to its elements.
    """
    found: list[str] = []
    for element in root.iter(etree.Element):
        tag = element.tag.rpartition("}")[2]
        style = element.get("style") or ""
        if tag in _MOVES or _is_moved(style):
            found.append(_MOVED)
        if "pathLength" in element.attrib and (
            "stroke-dasharray" in element.attrib or "stroke-dasharray" in style
        ):
            found.append(_DASHES)
        if tag in _PAINTS and (
            element.get("color-interpolation") == "linearRGB" or _IS_LINEAR.search(style)
        ):
            found.append(_LINEAR)
    if _SHOWN_HTML(root):
        found.append(_HTML)
    if _OUTSIDE(root) or any(_is_sheet(one) for one in root.itersiblings(preceding=True)):
        found.append(_RULES)
    return list(dict.fromkeys(found))


def _is_sheet(sibling: Element) -> bool:
    return getattr(sibling, "target", "") == "xml-stylesheet" and "data:" in (sibling.text or "")


def _is_moved(style: str) -> bool:
    if "animation" not in style:
        return False
    parts = (part.partition(":") for part in style.split(";"))
    named = (value.strip().lower() for name, _, value in parts if _names_movement(name))
    return any(value not in ("", "none", "inherit", "initial", "unset") for value in named)


def _names_movement(name: str) -> bool:
    plain = name.strip().lower().removeprefix("-webkit-")
    return plain in ("animation", "animation-name")
