"""SVG to pixels: parsed, cleaned of references to the outside, drawn by resvg in another process.

The process that draws imports from here as well and must start quickly: names are imported when
they are first asked for.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from marquery.svg.limits import DEFAULT_LIMITS, SvgLimits
    from marquery.svg.pool import stop_drawing
    from marquery.svg.problem import SvgError
    from marquery.svg.recognition import looks_like_svg
    from marquery.svg.render import Drawing, ShapeRendering, draw_svg, render_svg, svg_size

__all__ = [
    "DEFAULT_LIMITS",
    "Drawing",
    "ShapeRendering",
    "SvgError",
    "SvgLimits",
    "draw_svg",
    "looks_like_svg",
    "render_svg",
    "stop_drawing",
    "svg_size",
]

_HOMES = {
    "DEFAULT_LIMITS": "limits",
    "Drawing": "render",
    "ShapeRendering": "render",
    "SvgError": "problem",
    "SvgLimits": "limits",
    "draw_svg": "render",
    "looks_like_svg": "recognition",
    "render_svg": "render",
    "stop_drawing": "pool",
    "svg_size": "render",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
