"""The content of an image file to 8-bit RGB, whatever its format, or one clear error."""

import contextlib
import warnings
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import PIL
from PIL import Image, UnidentifiedImageError, features

from marquery._version import __version__
from marquery.announced import what_it_is
from marquery.errors import ImageError, UsageError
from marquery.names import printable
from marquery.rasters import REDUCED, Limits, TooLargeError, decoded, to_eight_bit
from marquery.svg import SvgError, SvgLimits, draw_svg, looks_like_svg
from marquery.tones import bands
from marquery.visibility import DARK, WHITE, vanishes_on_white

#: PNG text chunk that marks the contact sheets written by a search, so that no search finds them.
SHEET_KEY = "marquery-sheet"


def decode(path: Path | str, data: bytes, limits: Limits) -> Image.Image:
    """Decode the content of a file as RGB; what format it is, the content says.

    Names lie, such as ``logo.png`` that holds SVG.

    Args:
        path: what errors call the file.
        data: its content.
        limits: checked before decoding.

    Raises:
        ImageError: it cannot be read.
    """
    read = _decode_svg if looks_like_svg(data) else _decode_raster
    return read(path, data, limits)


def flatten(image: Image.Image) -> Image.Image:
    """Convert any Pillow mode to RGB.

    Transparency is composited on white, or on :data:`DARK` if :func:`vanishes_on_white`. Grey of
    more than 8 bits becomes 8 as :mod:`marquery.tones` says.
    """
    image = to_eight_bit(image)
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if not image.has_transparency_data:
        return image.convert("RGB")
    rgba = image.convert("RGBA")
    if rgba.getchannel("A").getextrema() == (255, 255):
        return rgba.convert("RGB")
    color = DARK if vanishes_on_white(np.asarray(rgba)) else WHITE
    flat, top = Image.new("RGB", rgba.size), 0
    for band in bands(rgba):
        background = Image.new("RGBA", band.size, (*color, 255))
        flat.paste(Image.alpha_composite(background, band).convert("RGB"), (0, top))
        top += band.height
    return flat


def check_whole_size(image: Image.Image, source: object, option: str) -> None:
    """Refuse a rectangle in pixels of a file that was reduced when it was read.

    Args:
        image: as :func:`load_image` gave it.
        source: the file.
        option: the rectangle's parameter.

    Raises:
        UsageError: the file is so large that its pixels are not those of the picture.
    """
    factor = image.info.get(REDUCED, 1)
    if factor > 1:
        raise UsageError(
            option,
            f"{source} is so large that it is read at 1/{factor} of its size",
            "make a smaller copy and give the rectangle in that",
        )


@cache
def decoder_versions() -> str:
    """What files are decoded with here: a file that it refused may be read by another."""
    found = [f"marquery {__version__}", f"Pillow {PIL.__version__}", *features.get_supported()]
    with contextlib.suppress(PackageNotFoundError):
        found.append(f"resvg {version('resvg-py')}")
    return ", ".join(found)


@contextlib.contextmanager
def memory_told(path: Path | str) -> Iterator[None]:
    """Have it told as an error of a file that there is not enough memory to read it.

    Raises:
        ImageError: so it is.
    """
    try:
        yield
    except MemoryError as error:
        raise ImageError(
            path,
            "takes more memory to read than there is just now; try again, or make it smaller",
            passing=True,
        ) from error


def _decode_raster(path: Path | str, data: bytes, limits: Limits) -> Image.Image:
    try:
        with decoded(data, limits) as image:
            if SHEET_KEY in image.info:
                raise ImageError(
                    path, "is a contact sheet that marquery wrote; name the logo itself"
                )
            flat = flatten(image)
            flat.info[REDUCED] = image.info.get(REDUCED, 1)
            return flat
    except (ImageError, MemoryError):
        raise
    except UnidentifiedImageError as error:
        found = what_it_is(data) or "no known format"
        again = "again" if "damaged" in found else "as PNG"
        what = f"is not a readable image ({found}); save it {again}"
        raise ImageError(path, what) from error
    except Image.DecompressionBombError as error:
        raise ImageError(path, "has too many pixels; make it smaller") from error
    except TooLargeError as error:
        raise ImageError(path, str(error)) from error
    except Exception as error:  # Pillow's plugins raise nearly anything on broken files
        # What lacks in a file is told by its number alone.
        reason = what_it_is(data) if isinstance(error, LookupError) else None
        what = f"is not a readable image ({reason or _one_line(error)}); save it again"
        raise ImageError(path, what) from error


def _decode_svg(path: Path | str, data: bytes, limits: Limits, side: int = 512) -> Image.Image:
    allowed = SvgLimits(limits.max_bytes, max_pixels=limits.max_pixels, max_side=limits.max_side)
    try:
        drawing = draw_svg(data, side, limits=allowed)
    except ImportError as error:
        what = f"SVG needs {error.name}, which is not installed; run: pip install marquery"
        raise ImageError(path, what, passing=True) from error
    except SvgError as error:
        raise ImageError(path, str(error), passing=error.passing) from error
    for what in drawing.missing:
        warnings.warn(f"{printable(path)}: is drawn without {printable(what)}", stacklevel=4)
    return flatten(Image.fromarray(drawing.pixels, "RGBA"))


def _one_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0] or type(error).__name__
