"""How large a drawing is: lengths with units, and the size of the outermost element."""

import re
from dataclasses import dataclass

from marquery.svg.document import Element
from marquery.svg.problem import unreadable

# Units in which proportions come out the same whatever the renderer makes of them.
_PLAIN = frozenset({"", "px", "em", "ex"})
#: Pixels an inch, by CSS.
DPI = 96
_UNITS = {
    "": 1.0,
    "px": 1.0,
    "in": 96.0,
    "pt": 96 / 72,
    "pc": 16.0,
    "mm": 96 / 25.4,
    "cm": 96 / 2.54,
    "q": 96 / 101.6,
    "em": 16.0,
    "ex": 8.0,
}
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_LENGTH = re.compile(rf"\s*({_NUMBER})\s*([A-Za-z]*)\s*\Z", re.ASCII)
# A length as every renderer reads it.
_USUAL = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:px|em|ex)?\Z", re.ASCII)
_BETWEEN = re.compile(r"\s*,\s*|\s+")
# What the renderer's numbers (float32) can be multiplied by without getting lost.
_ENDLESS = 1e12
# Sides of one proportion differ by so much, as a share, where a program rounded one of them.
_ROUNDING = 0.01
# From this share on, rounding to whole pixels is undone: below it, drawings stay what they were.
_COARSE = 0.05


def length(text: str | None) -> float | None:
    """Pixels of a length; ``None`` for a share, a keyword or what is no length above 0."""
    found = _LENGTH.match(text or "")
    if found is None or found.group(2).lower() not in _UNITS:
        return None
    value = float(found.group(1)) * _UNITS[found.group(2).lower()]
    return value if 0 < value < _ENDLESS else None


def view_box(root: Element) -> tuple[float, float, float, float] | None:
    """The ``viewBox``: left, top, width and height; ``None`` if there is none that can be used."""
    parts = _BETWEEN.split((root.get("viewBox") or "").strip())
    try:
        left, top, width, height = (float(part) for part in parts)
    except ValueError:
        return None
    finite = all(abs(number) < _ENDLESS for number in (left, top, width, height))
    usable = finite and width > 0 and height > 0
    return (left, top, width, height) if usable else None


@dataclass(frozen=True)
class Size:
    """How large a drawing is, in its own units, and whether its attributes say otherwise.

    Attributes:
        width, height: above 0.
        is_replaced: ``width`` and ``height`` of the root have to be replaced by what is drawn.
    """

    width: float
    height: float
    is_replaced: bool


def settle_size(root: Element) -> Size | None:
    """Width and height of a drawing; what contradicts its ``viewBox`` does not count.

    The ``viewBox`` says what there is to see; ``width`` and ``height`` say how large a page shows
    it, and are often left over from another page. They count where they stretch or crop the drawing
    on purpose (``preserveAspectRatio``), and where there is no ``viewBox``.

    Args:
        root: the outermost element; attributes that cannot be read are taken out, and a drawing
            without a ``viewBox`` may get one.

    Returns:
        ``None`` where nothing says how large it is: the renderer takes what is drawn.

    Raises:
        SvgError: the size is zero.
    """
    box = view_box(root)
    width, height = length(root.get("width")), length(root.get("height"))
    if box is None:
        if root.get("viewBox") is not None:
            if width is None or height is None:
                raise unreadable("its viewBox has no size that can be drawn")
            del root.attrib["viewBox"]
        return _without_box(root, width, height)
    left, top, across, down = box
    if width is not None and root.get("height") is None:
        height = width * down / across
    elif height is not None and root.get("width") is None:
        width = height * across / down
    if width is not None and height is not None:
        alike = abs(width * down - height * across) <= _ROUNDING * width * down
        if alike:
            return Size(across, down, _has_units(root) or _is_coarse(width, height))
        fitted = (root.get("preserveAspectRatio") or "").split()
        if "none" in fitted or "slice" in fitted:
            return Size(width, height, _has_units(root) or _is_coarse(width, height))
    given = [root.get(name) for name in ("width", "height")]
    contradicts = any(text is not None and text.strip() != "100%" for text in given)
    if contradicts:
        # It may have been written in another way than the renderer reads.
        root.set("viewBox", f"{left:.9g} {top:.9g} {across:.9g} {down:.9g}")
    return Size(across, down, contradicts or _is_coarse(across, down))


def _without_box(root: Element, width: float | None, height: float | None) -> Size | None:
    for name, value in (("width", width), ("height", height)):
        text = root.get(name)
        found = _LENGTH.match(text or "")
        if found is not None and float(found.group(1)) <= 0:
            raise unreadable(f"its {name} is {(text or '').strip()[:20]}")
        if text is not None and value is None:
            del root.attrib[name]
    if width is None or height is None:
        return None
    replaced = _has_units(root) or _is_coarse(width, height)
    if replaced:
        root.set("viewBox", f"0 0 {width:.9g} {height:.9g}")
    return Size(width, height, replaced)


def _has_units(root: Element) -> bool:
    """Whether width or height are in millimetres or the like, or spelled in an unusual way."""
    for name in ("width", "height"):
        text = root.get(name) or ""
        found = _LENGTH.match(text)
        if found is not None and (
            found.group(2).lower() not in _PLAIN or _USUAL.match(text) is None
        ):
            return True
    return False


def _is_coarse(width: float, height: float) -> bool:
    """Whether a size in whole pixels has clearly other proportions."""
    return any(abs(max(1, round(v)) - v) > _COARSE * v for v in (width, height))
