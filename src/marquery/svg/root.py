"""What the outermost element says of itself as a box of CSS, which the renderer does not read."""

import re

from lxml import etree

from marquery.svg.css_variables import declarations
from marquery.svg.document import SVG_NAMESPACE, Element
from marquery.svg.size import length, view_box

_CANDIDATE = re.compile(r"\b(?:width|height)\s*:", re.I)
# Turns and scales that move nothing, as sites write them for old browsers.
_STILL = re.compile(
    r"(?:(?:rotate|skewX|skewY)\(\s*-?(?:360|0)(?:\.0+)?\s*\)|translate\(\s*0(?:[\s,]+0)?\s*\)|"
    r"scale\(\s*1(?:[\s,]+1)?\s*\)|none|\s)*\Z"
)


def settle_root_size(root: Element) -> None:
    """Make attributes of the ``width`` and ``height`` in a drawing's ``style``."""
    style = root.get("style") or ""
    if _CANDIDATE.search(style) is None:
        return
    for name, value in declarations(style):
        text = value.partition("!")[0].strip()
        if name.lower() in ("width", "height") and length(text) is not None:
            root.set(name.lower(), text)


def settle_root(root: Element, page: tuple[float | None, float | None]) -> None:
    """Have the whole drawing moved as its ``transform`` says: around its middle.

    A drawing that is not displayed within a page is so as a picture.

    Args:
        root: the outermost element, whose ``style`` is in the spellings of the renderer.
        page: width and height at which it is shown by itself.
    """
    style = list(declarations(root.get("style") or ""))
    given = [value.partition("!")[0].strip() for name, value in style if name == "transform"]
    origin = any(name == "transform-origin" for name, _ in style) or root.get("transform-origin")
    move = given[-1] if given else (root.get("transform") or "")
    rest = [(name, value) for name, value in style if name not in ("transform", "display")]
    if len(rest) < len(style):
        root.set("style", ";".join(f"{name}:{value}" for name, value in rest))
    root.attrib.pop("display", None)
    root.attrib.pop("transform", None)
    box = view_box(root)
    if _STILL.match(move):
        return
    group = etree.Element(f"{{{SVG_NAMESPACE}}}g" if "}" in root.tag else "g")
    around, back = "", ""
    left, top, width, height = box or (0.0, 0.0, *page)
    if width is not None and height is not None and not origin:
        scale = max(width / (page[0] or width), height / (page[1] or height))
        x, y = left + width / 2, top + height / 2
        around = f"translate({x:.10g} {y:.10g}) scale({scale:.10g})"
        back = f"scale({1 / scale:.10g}) translate({-x:.10g} {-y:.10g})"
    group.set("transform", f"{around} {move} {back}".strip())
    group.extend(list(root))
    root.append(group)
