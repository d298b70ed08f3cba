"""SVG to pixels with resvg: no system fonts and no outside files, so that the same text gives the
same pixels.
"""

import base64
import io
import re
from typing import Literal

import numpy as np
import resvg_py
from PIL import Image

from marquery.arrays import UInt8Array

ShapeRendering = Literal["optimize_speed", "crisp_edges", "geometric_precision"]

# href="..." of anything that is neither a fragment (#id) nor an inline raster: a file, an address,
# an SVG with references of its own.
_OUTSIDE_HREF = re.compile(
    r"""(\b(?:\w+:)?href\s*=\s*)(?:"(?!\s*(?:\#|data:image/(?!svg)))[^"]*"|'(?!\s*(?:\#|data:image/(?!svg)))[^']*')""",
    re.I,
)
_DATA_IMAGE = re.compile(r"""data:image/(?!svg)[\w.+-]+;base64,([A-Za-z0-9+/=\s]+)""", re.I)
_OUTSIDE_URL = re.compile(r"""url\(\s*(["']?)(?!\s*["']?\s*#)[^)]*\)""", re.I)
_ROOT = re.compile(r"<svg\b[^>]*>", re.I | re.S)
_VIEW_BOX = re.compile(r"""\bviewBox\s*=\s*["']([^"']+)["']""", re.I)
_LENGTH = r"""\b{}\s*=\s*["']\s*([\d.]+)"""


def render_svg(
    svg: str, side: int, shape_rendering: ShapeRendering = "geometric_precision"
) -> UInt8Array:
    """Render SVG text with the longest side ``side`` pixels.

    References to files and addresses are cut out first; text needs fonts and is therefore not
    drawn.

    Args:
        svg: the drawing.
        side: pixels of the longest side.
        shape_rendering: how edges are drawn; ``"crisp_edges"`` is without anti-aliasing.

    Returns:
        uint8 array of shape (H, W, 4): RGBA, alpha not premultiplied.

    Raises:
        ValueError: the text is not SVG that resvg can draw, or declares entities (which could hide
            an address).
    """
    if re.search(r"<!ENTITY", svg, re.I):
        raise ValueError("it declares entities, which are not read")
    svg = _OUTSIDE_URL.sub("none", _OUTSIDE_HREF.sub(r'\1""', svg))
    width, height = svg_size(svg)
    across = width >= height
    png = resvg_py.svg_to_bytes(
        svg_string=svg,
        width=side if across else max(1, round(side * width / height)),
        height=max(1, round(side * height / width)) if across else side,
        skip_system_fonts=True,
        shape_rendering=shape_rendering,
    )
    return np.asarray(Image.open(io.BytesIO(bytes(png))).convert("RGBA"))


def embedded_images(svg: str) -> list[bytes]:
    """The raster files that an SVG carries inside itself as base64."""
    return [base64.b64decode(found) for found in _DATA_IMAGE.findall(svg)]


def svg_size(svg: str) -> tuple[float, float]:
    """Width and height of an SVG in its own units: its viewBox, or its width and height.

    Raises:
        ValueError: there is no ``<svg>`` element, or its size is zero.
    """
    root = _ROOT.search(svg)
    if root is None:
        raise ValueError("no <svg> element")
    tag = root.group(0)
    box = _VIEW_BOX.search(tag)
    numbers = [float(v) for v in re.split(r"[\s,]+", box.group(1).strip())] if box else []
    if len(numbers) == 4:
        width, height = numbers[2], numbers[3]
    else:
        found = [re.search(_LENGTH.format(name), tag, re.I) for name in ("width", "height")]
        width, height = (float(m.group(1)) if m else 100.0 for m in found)
    if not (width > 0 and height > 0):
        raise ValueError("the drawing has no size")
    return width, height
