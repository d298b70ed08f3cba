"""SVG to an array of pixels: the same text gives the same pixels on every machine.

No fonts of the system are used: text is drawn in the font of the package.
"""

import io
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image

from marquery.arrays import UInt8Array
from marquery.svg.limits import DEFAULT_LIMITS, SvgLimits
from marquery.svg.pool import drawing_pool

ShapeRendering = Literal["optimize_speed", "crisp_edges", "geometric_precision"]
_UTF8_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Drawing:
    """A drawing as pixels."""

    pixels: UInt8Array
    """uint8 (H, W, 4): RGBA, alpha not premultiplied."""
    missing: tuple[str, ...] = ()
    """What is not drawn of it, such as letters that no font of the package has; each with what to
    do, to stand behind "is drawn without".
    """


def render_svg(
    svg: str | bytes,
    side: int,
    shape_rendering: ShapeRendering = "geometric_precision",
    limits: SvgLimits = DEFAULT_LIMITS,
) -> UInt8Array:
    """Render SVG with the longest side ``side`` pixels.

    It is drawn in another process, which is ended when the drawing costs more than ``limits``
    allow. References to files and addresses are taken out. It may be called from many threads.

    Args:
        svg: the drawing: its text, or the content of a file in any encoding or packed by gzip.
        side: pixels of the longest side, 1 or more.
        shape_rendering: how edges are drawn; ``"crisp_edges"`` is without anti-aliasing.
        limits: of the file and of what drawing it may cost.

    Returns:
        uint8 array of shape (H, W, 4): RGBA, alpha not premultiplied.

    Raises:
        SvgError: a ValueError: it is no SVG that can be drawn within the limits.
        ImportError: a package that reads or draws SVG is not installed.
    """
    return draw_svg(svg, side, shape_rendering, limits).pixels


def draw_svg(
    svg: str | bytes,
    side: int,
    shape_rendering: ShapeRendering = "geometric_precision",
    limits: SvgLimits = DEFAULT_LIMITS,
) -> Drawing:
    """:func:`render_svg` that also tells what is missing.

    Args:
        svg: the drawing.
        side: pixels of the longest side, 1 or more.
        shape_rendering: how edges are drawn.
        limits: of the file and of what drawing it may cost.

    Returns:
        Pixels, and what could not be drawn.

    Raises:
        SvgError, ImportError: as for :func:`render_svg`.
    """
    png, missing = drawing_pool().draw(_content(svg), side, shape_rendering, limits)
    pixels = np.asarray(Image.open(io.BytesIO(png), formats=["PNG"]).convert("RGBA"))
    return Drawing(pixels, missing)


def svg_size(svg: str | bytes) -> tuple[float, float]:
    """Width and height of an SVG in its own units: its viewBox, or its width and height.

    The text is read in this process: it should come from a known place.

    Raises:
        SvgError: a ValueError: it is no SVG, or its size is zero.
    """
    from marquery.svg.document import read_document
    from marquery.svg.root import settle_root_size
    from marquery.svg.size import settle_size

    root = read_document(_content(svg), DEFAULT_LIMITS)
    settle_root_size(root)
    size = settle_size(root)
    return (100.0, 100.0) if size is None else (size.width, size.height)


def _content(svg: str | bytes) -> bytes:
    # The mark outweighs what the text declares about the encoding that it once had.
    return svg if isinstance(svg, bytes) else _UTF8_MARK + svg.encode("utf-8", "replace")
