"""Reading logos from files that come from strangers: any format in, 8-bit RGB out, or one clear error.

Limits are checked before anything is decoded. Transparency is laid on white, or on a dark backdrop
where the logo would vanish on white (a white logo on a transparent ground).
"""

import contextlib
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from marquery.arrays import UInt8Array
from marquery.errors import ImageError

ImageLike = Image.Image | UInt8Array
ImageSource = ImageLike | str | os.PathLike[str]

#: File name endings that a folder scan takes for images.
EXTENSIONS = frozenset(
    {".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".bmp", ".webp", ".avif"}
    | {".tif", ".tiff", ".jp2", ".ppm", ".pgm", ".pbm", ".tga", ".ico", ".svg"}
)
# Formats by content, whatever the name: none that needs another program (EPS) or is only a stub.
_FORMATS = ["PNG", "JPEG", "GIF", "BMP", "DIB", "WEBP", "AVIF", "TIFF", "JPEG2000", "PPM"]
_FORMATS += ["TGA", "ICO"]
#: Text chunk of the contact sheets that a search writes, so that the next search does not find them.
SHEET_KEY = "marquery-sheet"
WHITE = (255, 255, 255)
#: Laid under logos that would vanish on white.
DARK = (32, 34, 37)
# Levels of 255 by which ink must differ from its ground to be seen; more than black differs from DARK.
_VISIBLE_LEVELS = 40
# Share of the ink that may melt into white before a dark ground is preferred.
_HIDDEN_SHARE = 0.25
# A piece with this share of visible ink within its outline is a ground for that ink.
_SURROUNDED_SHARE = 0.08
_JUDGED_SIDE = 256
# Corners this close to each other are one ground, JPEG noise included.
_CORNER_LEVELS = 12


@dataclass(frozen=True)
class Limits:
    """What a file may cost before it is refused; checked before decoding."""

    max_bytes: int = 64 * 2**20
    max_pixels: int = 50_000_000
    max_side: int = 20_000


DEFAULT_LIMITS = Limits()


def load_image(source: ImageSource, limits: Limits = DEFAULT_LIMITS) -> Image.Image:
    """Read one logo as 8-bit RGB.

    Args:
        source: a path, a ``PIL.Image`` of any mode, or a uint8 array of shape (H, W), (H, W, 3) or
            (H, W, 4). SVG files need the ``data`` extra.
        limits: size limits, applied before decoding.

    Returns:
        ``PIL.Image`` of mode RGB. EXIF rotation is applied, of animations the first frame is taken,
        16-bit is scaled to 8, transparency is laid on white, or on dark where white would hide the logo.

    Raises:
        ImageError: the file is missing, empty, too large, truncated or not an image.
    """
    if isinstance(source, Image.Image):
        return flatten(source)
    if isinstance(source, np.ndarray):
        return flatten(_from_array(source))
    path = Path(source)
    data = _read_bytes(path, limits)
    if path.suffix.lower() == ".svg":
        return _decode_svg(path, data, limits)
    return _decode_raster(path, data, limits)


def to_array(image: ImageLike) -> UInt8Array:
    """RGB pixels of an image as a uint8 array of shape (H, W, 3)."""
    if isinstance(image, np.ndarray) and image.dtype == np.uint8 and image.shape[2:] == (3,):
        return image
    return np.asarray(load_image(image))


def find_images(folder: str | os.PathLike[str]) -> list[Path]:
    """All image files below a folder, recursively, sorted by path; hidden files are left out.

    Raises:
        ImageError: the folder does not exist.
    """
    root = Path(folder)
    if not root.is_dir():
        raise ImageError(root, "no such folder; name an existing folder of images")

    def walk() -> Iterator[Path]:
        for directory, names, files in os.walk(root):
            names[:] = [n for n in names if not n.startswith(".")]
            for file in files:
                if not file.startswith(".") and Path(file).suffix.lower() in EXTENSIONS:
                    yield Path(directory) / file

    return sorted(walk())


def flatten(image: Image.Image) -> Image.Image:
    """Any Pillow mode to RGB; transparency goes on white, or on :data:`DARK` if white would hide the logo."""
    with contextlib.suppress(Exception):  # a broken EXIF block says nothing about the pixels
        image = ImageOps.exif_transpose(image) or image
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.mode.startswith("I") or image.mode == "F":
        return _sixteen_bit(image).convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB")
    rgba = image.convert("RGBA")
    if rgba.getchannel("A").getextrema() == (255, 255):
        return rgba.convert("RGB")
    backdrop = DARK if vanishes_on_white(np.asarray(rgba)) else WHITE
    ground = Image.new("RGBA", rgba.size, (*backdrop, 255))
    return Image.alpha_composite(ground, rgba).convert("RGB")


def vanishes_on_white(rgba: UInt8Array) -> bool:
    """Whether an (H, W, 4) uint8 image had better be laid on a dark ground than on white.

    True where a good part of it, a white wordmark beside a coloured figure for instance, would melt into
    white, and clearly less into :data:`DARK`. White inside a badge does not count: the badge shows it.
    """
    hidden = hidden_share(rgba, WHITE)
    return hidden >= _HIDDEN_SHARE and hidden_share(rgba, DARK) < hidden / 2


def hidden_share(rgba: UInt8Array, ground: tuple[int, int, int]) -> float:
    """Share of the ink of an (H, W, 4) image, 0 to 1, that could not be told from a flat ground.

    That is the ink of the ground's colour in pieces that border on transparency, but for those that
    surround visible ink: an app icon's white tile or a sticker's white rim is itself a ground. Judged at
    256 px at the most, and pieces under a thousandth of the canvas are passed over, so that the cost is
    bounded whatever the picture.
    """
    step = -(-max(rgba.shape[:2]) // _JUDGED_SIDE)
    rgba = rgba[::step, ::step]
    solid = rgba[..., 3] >= 128
    if not solid.any():
        return 0.0
    away = np.abs(rgba[..., :3].astype(np.int16) - np.array(ground, dtype=np.int16)).max(axis=2)
    alike = solid & (away < _VISIBLE_LEVELS)
    open_ground = np.pad(~solid, 1, constant_values=True).astype(np.uint8)
    beside = cv2.dilate(open_ground, np.ones((3, 3), np.uint8))[1:-1, 1:-1] > 0
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(alike.astype(np.uint8), connectivity=8)
    hidden = 0
    for piece in np.unique(pieces[alike & beside]):
        left, top, width, height, area = (int(v) for v in stats[piece])
        if area < alike.size / 1000:
            continue
        box = (slice(top, top + height), slice(left, left + width))
        own = (pieces[box] == piece).astype(np.uint8)
        outlines, _ = cv2.findContours(own, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        inside = cv2.drawContours(np.zeros_like(own), outlines, -1, 1, cv2.FILLED) > 0
        if (inside & solid[box] & ~alike[box]).sum() < _SURROUNDED_SHARE * inside.sum():
            hidden += area
    return hidden / int(solid.sum())


def border_color(pixels: UInt8Array) -> tuple[int, int, int]:
    """Ground colour of an (H, W, 3) uint8 image: that of its corners, else of most of its border.

    Corners come first: a rounded badge drawn to the edges covers most of the border, but not them. Colours
    are counted in cells of 8 levels, so that noise does not split the ground; the result is the median
    of the pixels in the fullest cell.
    """
    corners = pixels[[0, 0, -1, -1], [0, -1, 0, -1]]
    centre = np.median(corners.astype(np.int32), axis=0)
    agreeing = (np.abs(corners - centre).max(axis=1) <= _CORNER_LEVELS).sum()
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    if agreeing >= 3:
        edge = edge[np.abs(edge - centre).max(axis=1) <= _CORNER_LEVELS]
    cells = (edge >> 3).astype(np.int32) @ np.array([1024, 32, 1], dtype=np.int32)
    values, counts = np.unique(cells, return_counts=True)
    median = np.median(edge[cells == values[counts.argmax()]], axis=0)
    r, g, b = (int(v) for v in median)
    return r, g, b


def pad_to_square(image: Image.Image) -> Image.Image:
    """Centre an RGB image on a square of its own ground colour, so that wide logos are not squashed."""
    width, height = image.size
    if width == height:
        return image
    side = max(width, height)
    square = Image.new("RGB", (side, side), border_color(np.asarray(image)))
    square.paste(image, ((side - width) // 2, (side - height) // 2))
    return square


def _from_array(array: UInt8Array) -> Image.Image:
    if array.dtype != np.uint8 or not (array.ndim == 2 or array.shape[2:] in {(3,), (4,)}):
        raise ImageError(
            "array",
            f"shape {array.shape} of {array.dtype} is not an image; "
            "give uint8 of shape (H, W), (H, W, 3) or (H, W, 4)",
        )
    if array.size == 0:
        raise ImageError("array", "has no pixels")
    return Image.fromarray(array)


def _read_bytes(path: Path, limits: Limits) -> bytes:
    name = str(path)
    if not name.isprintable() or name != name.encode("utf-8", "replace").decode("utf-8"):
        # It could be neither printed nor written to a table.
        shown = name.encode("utf-8", "backslashreplace").decode("utf-8")
        raise ImageError(shown, "the file's name is not readable text; rename it")
    try:
        if not path.is_file():
            raise ImageError(path, "no such file" if not path.exists() else "is not a file")
        size = path.stat().st_size
        if size == 0:
            raise ImageError(path, "the file is empty")
        if size > limits.max_bytes:
            raise ImageError(path, f"{size:,} bytes are over the limit of {limits.max_bytes:,}")
        return path.read_bytes()
    except OSError as error:
        raise ImageError(path, f"cannot be read ({error.strerror or error})") from error


def _decode_raster(path: Path, data: bytes, limits: Limits) -> Image.Image:
    try:
        image = _open_raster(data, limits)
        if SHEET_KEY in image.info:
            raise ValueError("a contact sheet of marquery, not a logo")
        image.seek(0)
        image.load()
        return flatten(image)
    except UnidentifiedImageError as error:
        raise ImageError(path, "is not a readable image (no known format)") from error
    except Image.DecompressionBombError as error:
        raise ImageError(path, "has too many pixels; make it smaller") from error
    except _TooLarge as error:
        raise ImageError(path, str(error)) from error
    except Exception as error:  # Pillow's plugins raise nearly anything on broken files
        raise ImageError(path, f"is not a readable image ({_one_line(error)})") from error


class _TooLarge(Exception):
    """The header tells of more pixels than the limits allow."""


def _open_raster(data: bytes, limits: Limits) -> Image.Image:
    """Read an image's header, in one of the formats that are decoded within this process."""
    image = Image.open(io.BytesIO(data), formats=_FORMATS)
    width, height = image.size
    if width * height > limits.max_pixels or max(width, height) > limits.max_side:
        raise _TooLarge(
            f"{width} x {height} pixels are over the limit of {limits.max_pixels:,} pixels "
            f"and {limits.max_side:,} a side; make it smaller"
        )
    return image


def _decode_svg(path: Path, data: bytes, limits: Limits, side: int = 512) -> Image.Image:
    try:
        from marquery.svg import embedded_images, render_svg
    except ImportError as error:
        raise ImageError(path, "SVG needs the extra: pip install 'marquery[data]'") from error
    try:
        text = data.decode("utf-8", "replace")
        for raster in embedded_images(text):
            _open_raster(raster, limits)
        return flatten(Image.fromarray(render_svg(text, side), "RGBA"))
    except Exception as error:  # numbers out of all range overflow in as many ways as there are
        raise ImageError(path, f"is not a readable SVG ({_one_line(error)})") from error


def _sixteen_bit(image: Image.Image) -> Image.Image:
    values = np.asarray(image).astype(np.float64)
    # 16-bit files use the full range; 32-bit and float ones may hold anything, so they are stretched.
    top = 65535.0 if image.mode.startswith("I;16") or values.max(initial=0) > 255 else 255.0
    top = max(top, float(values.max(initial=0)))
    return Image.fromarray((np.clip(values, 0, None) * (255.0 / top)).round().astype(np.uint8))


def _one_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0] or type(error).__name__
