"""One icon to one PNG: resvg, the right backdrop, and a file that is written whole or not at
all.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, PngImagePlugin

from marquery.arrays import UInt8Array
from marquery.datasets.openlogos.iconify import Icon
from marquery.files import written_whole
from marquery.images import border_color
from marquery.svg import render_svg
from marquery.visibility import DARK, WHITE, vanishes_on_white

#: Goes into every file's stamp; raise it when the pixels would come out otherwise.
RENDER_VERSION = 5
# A pixel can be seen where its weakest or strongest channel is this far from the background; a logo
# where it shows on enough of the canvas and, for the choice of white, on enough of its ink.
_VISIBLE_LEVELS = 32
_MIN_CANVAS_SHARE = 0.003
_MIN_INK_SHARE = 0.15
_AMPLE_CANVAS_SHARE = 0.04
_STAMP = "marquery"


@dataclass(frozen=True)
class Rendered:
    """What the manifest says of a PNG: sha256 of its pixels, and the backdrop under it."""

    sha256: str
    backdrop: str


def render_icon(icon: Icon, root: Path, size: int) -> Rendered | None:
    """Draw ``icon`` with the longest side ``size`` into ``root / icon.path``.

    Args:
        icon: what to draw.
        root: folder that ``icon.path`` is relative to.
        size: pixels of the longest side.

    Returns:
        What was drawn, or ``None``, with no file, where nothing could be seen of it on any
        backdrop.

    Raises:
        OSError: the file cannot be written; no partial file is left.
    """
    composed = compose(icon.svg, size)
    path = root / icon.path
    if composed is None:
        path.unlink(missing_ok=True)
        return None
    pixels, backdrop = composed
    rendered = Rendered(pixel_digest(pixels), backdrop)
    info = PngImagePlugin.PngInfo()
    info.add_text(_STAMP, f"{stamp(icon, size)} {rendered.sha256} {backdrop}")
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path, lasting=False) as scratch:
        Image.fromarray(pixels).save(scratch, "PNG", pnginfo=info)
    return rendered


def already_rendered(icon: Icon, root: Path, size: int) -> Rendered | None:
    """What an earlier run left for this very drawing at this size, if anything; pixels are not
    decoded.

    Args:
        icon: the drawing.
        root: folder that ``icon.path`` is relative to.
        size: pixels of the longest side.
    """
    try:
        with Image.open(root / icon.path) as image:
            text = image.info.get(_STAMP, "")
    except (OSError, SyntaxError, ValueError):
        return None
    parts = text.split(" ") if isinstance(text, str) else []
    if len(parts) != 3 or parts[0] != stamp(icon, size):
        return None
    return Rendered(parts[1], parts[2])


def compose(svg: str, size: int) -> tuple[UInt8Array, str] | None:
    """Pixels (H, W, 3) uint8 of a drawing and the backdrop's name, or ``None`` if nothing can be
    seen.

    White is the rule; dark is taken where most of the drawing, or a good part such as a white
    wordmark, would vanish on white.
    """
    try:
        rgba = render_svg(svg, size)
    except ValueError:
        return None
    on_white = over(rgba, WHITE)
    if _has_own_background(rgba):
        # The backdrop is hidden: the drawing must stand out from the background it brings along.
        return (
            (on_white, "white")
            if _share(on_white, border_color(on_white)) >= _MIN_CANVAS_SHARE
            else None
        )
    share = _share(on_white, WHITE)
    ink = float(rgba[..., 3].mean()) / 255
    enough = share >= _MIN_CANVAS_SHARE and share >= min(_AMPLE_CANVAS_SHARE, _MIN_INK_SHARE * ink)
    if enough and not vanishes_on_white(rgba):
        return on_white, "white"
    on_dark = over(rgba, DARK)
    return (on_dark, "dark") if _share(on_dark, DARK) >= _MIN_CANVAS_SHARE else None


def over(rgba: UInt8Array, background: tuple[int, int, int]) -> UInt8Array:
    """An (H, W, 4) image laid on a flat background: (H, W, 3) uint8."""
    backdrop = Image.new("RGBA", (rgba.shape[1], rgba.shape[0]), (*background, 255))
    return np.asarray(Image.alpha_composite(backdrop, Image.fromarray(rgba)).convert("RGB"))


def pixel_digest(pixels: UInt8Array) -> str:
    """sha256 (hex) of an image's height, width and RGB bytes."""
    head = f"{pixels.shape[0]}x{pixels.shape[1]}\n".encode()
    return hashlib.sha256(head + pixels.tobytes()).hexdigest()


def stamp(icon: Icon, size: int) -> str:
    """Short hash of all that a PNG depends on."""
    text = f"{RENDER_VERSION} {size} {icon.svg}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _has_own_background(rgba: UInt8Array) -> bool:
    """Whether a drawing covers next to all of its canvas, as an app icon with square corners
    does.
    """
    return bool((rgba[..., 3] >= 250).mean() > 0.98)


def _share(pixels: UInt8Array, background: tuple[int, int, int]) -> float:
    """Share of the canvas that stands out from the background."""
    contrast = np.abs(pixels.astype(np.int16) - np.array(background, dtype=np.int16)).max(axis=2)
    return float((contrast >= _VISIBLE_LEVELS).mean())
