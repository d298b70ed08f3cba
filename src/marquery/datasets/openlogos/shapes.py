"""The shapes of an SVG drawing: painted elements, with paths cut where their parts do not touch."""

import copy
import re
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from marquery.datasets.openlogos.svgpath import Box, split_path

SVG = "http://www.w3.org/2000/svg"
ET.register_namespace("", SVG)
ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")

_PAINTED = frozenset(("path", "rect", "circle", "ellipse", "polygon", "polyline"))
# What is drawn, or changed, elsewhere: editing one element would change another.
_REFUSED = frozenset(
    ("use", "image", "text", "style", "animate", "animateTransform", "foreignObject", "switch")
)
_APART = frozenset(
    ("defs", "clipPath", "mask", "symbol", "pattern", "linearGradient", "radialGradient", "filter")
)
_NUMBERS = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


@dataclass(frozen=True)
class Shape:
    """One painted element of a tree, the element it lies in, and its box in its own coordinates."""

    element: ET.Element
    parent: ET.Element
    box: Box


def read_shapes(svg: str) -> tuple[ET.Element, list[Shape]] | None:
    """The tree of a drawing, with paths cut, and its shapes in painting order.

    ``None`` where editing an element would not be the edit of one shape: drawings with ``use``,
    ``text``, ``image``, ``style``, masks, filters or what cannot be read.
    """
    try:
        root = ET.fromstring(svg)
    except ET.ParseError:
        return None
    names = {_local(element) for element in root.iter()}
    if names & (_REFUSED | {"mask", "filter"}):
        return None
    shapes: list[Shape] = []
    try:
        _walk(root, {}, shapes)
    except ValueError:
        return None
    return root, shapes


def _walk(parent: ET.Element, inherited: dict[str, str], shapes: list[Shape]) -> None:
    for element in list(parent):
        name = _local(element)
        if name in _APART:
            continue
        paint = {**inherited, **_paint(element)}
        if name in _PAINTED:
            if paint.get("fill") != "none" or paint.get("stroke", "none") != "none":
                shapes += _pieces(element, parent, paint)
        else:
            _walk(element, paint, shapes)


def _pieces(element: ET.Element, parent: ET.Element, paint: dict[str, str]) -> list[Shape]:
    if _local(element) != "path":
        return [Shape(element, parent, _box(element))]
    parts = split_path(element.get("d", ""))
    if not parts:
        return []
    # A gradient is stretched over the whole element: cut, each piece would get its own.
    if len(parts) == 1 or any("url(" in value for value in paint.values()):
        corners = [c for p in parts for c in ((p.box.left, p.box.top), (p.box.right, p.box.bottom))]
        return [Shape(element, parent, Box.around(corners))]
    at = list(parent).index(element)
    parent.remove(element)
    shapes = []
    for i, part in enumerate(parts):
        piece = copy.deepcopy(element)
        piece.set("d", part.data)
        parent.insert(at + i, piece)
        shapes.append(Shape(piece, parent, part.box))
    return shapes


def _paint(element: ET.Element) -> dict[str, str]:
    paint = {key: element.get(key, "") for key in ("fill", "stroke") if element.get(key)}
    for entry in element.get("style", "").split(";"):
        key, _, value = entry.partition(":")
        if key.strip() in ("fill", "stroke"):
            paint[key.strip()] = value.strip()
    return paint


def _box(element: ET.Element) -> Box:
    def number(key: str) -> float:
        found = _NUMBERS.match(element.get(key, "0").strip())
        return float(found.group()) if found else 0.0

    name = _local(element)
    if name == "rect":
        x, y = number("x"), number("y")
        return Box(x, y, x + number("width"), y + number("height"))
    if name in ("circle", "ellipse"):
        rx, ry = (number("r"), number("r")) if name == "circle" else (number("rx"), number("ry"))
        x, y = number("cx"), number("cy")
        return Box(x - rx, y - ry, x + rx, y + ry)
    values = [float(v) for v in _NUMBERS.findall(element.get("points", ""))]
    if len(values) < 4:
        raise ValueError("no points")
    return Box.around(list(zip(values[::2], values[1::2], strict=False)))


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]
