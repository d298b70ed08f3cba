"""Raster files of strangers to pixels, in bounded memory.

What a file announces is checked before anything of it is decoded, and a picture that is larger than
the networks can use is decoded at reduced size where its format can, else reduced piece by piece.
"""

import contextlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace

from PIL import Image, ImageOps, UnidentifiedImageError

from marquery.allocator import return_freed_memory
from marquery.announced import announced_sizes, icon_sizes
from marquery.corrections import correct_transparency, in_all_bits, skip_blank, unsigned
from marquery.deep_tiff import announced_tiff, decode_deep_tiff, is_tiff
from marquery.memory import MemoryBudget
from marquery.profiles import in_screen_colors
from marquery.tones import bands, is_deep, tones_of

# Formats are told by content, not by name. Left out: formats for which Pillow runs another program
# (EPS), and those that it only identifies.
_FORMATS = ["PNG", "JPEG", "GIF", "BMP", "DIB", "WEBP", "AVIF", "TIFF", "JPEG2000", "PPM"]
_FORMATS += ["TGA", "ICO"]
#: Pictures of more pixels are reduced when they are read.
WORKING_PIXELS = 2**24
#: Key in a picture's ``info``: by what its sides were divided when its file was read.
REDUCED = "marquery-reduced"
# Bytes a pixel that decoding takes at most, measured and rounded up; 4 where nothing is said.
_BYTES_A_PIXEL = {"WEBP": 17, "AVIF": 22}
# Pictures in an icon, which Pillow decodes as soon as it opens the file; they are 256 px or less.
_ICON_PIXELS = 2**22
# From decoded pixels to RGB on a background: for each pixel of what is left after the reduction.
_FLATTENING = 13
_ORIENTATION = 0x0112
_TILE = (322, 323)
# Bytes from which memory is given back at once; less is soon used again.
_MUCH = 64 * 2**20
# What all threads of the process may decode at a time.
_BUDGET = MemoryBudget(400 * 2**20)


@dataclass(frozen=True)
class Limits:
    """Limits of a file's size, checked before decoding.

    Attributes:
        max_bytes: size of the file in bytes.
        max_pixels: width times height.
        max_side: width or height in pixels.
        max_memory: bytes of memory that reading the file may take, by what its header says.
    """

    max_bytes: int = 64 * 2**20
    max_pixels: int = 50_000_000
    max_side: int = 20_000
    max_memory: int = 400 * 2**20


DEFAULT_LIMITS = Limits()


class TooLargeError(Exception):
    """The header announces more than the limits allow; the message says what."""


def open_raster(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Image.Image:
    """Read an image's header, in a format that Pillow decodes without another program.

    Raises:
        TooLargeError: it announces more than the limits allow.
        Exception: Pillow's plugins raise nearly anything on broken files.
    """
    # Pillow sets memory aside for some formats as soon as it opens them.
    for size in announced_sizes(data):
        _check_size(size, limits)
    for size in icon_sizes(data):
        _check_size(size, replace(limits, max_pixels=min(_ICON_PIXELS, limits.max_pixels)))
    image = Image.open(io.BytesIO(data), formats=_FORMATS)
    _check_size(image.size, limits)
    return image


@contextlib.contextmanager
def decoded(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Iterator[Image.Image]:
    """Decode the first picture of a file, of an animation the first that is not of one colour; its
    memory is part of the process's budget until the block ends.

    Args:
        data: content of the file.
        limits: checked before decoding.

    Returns:
        ``PIL.Image`` of any mode of at most 8 bits a channel and :data:`WORKING_PIXELS`, upright
        where EXIF says how; ``info`` is the file's.

    Raises:
        TooLargeError: it announces more than the limits allow.
        MemoryError: there is not enough memory just now.
        Exception: Pillow's plugins raise nearly anything on broken files.
    """
    try:
        image = open_raster(data, limits)
    except UnidentifiedImageError:
        if not is_tiff(data):
            raise
        width, height, pixel = announced_tiff(data)
        _check_size((width, height), limits)
        with _holding(len(data) + 3 * pixel * width * height, (width, height), limits):
            image = _small(_known(decode_deep_tiff(data)))
            yield image
        return
    image.seek(0)
    size = image.size
    scale = _ask_for_less(image)
    with _holding(len(data) + _memory(image, scale), size, limits):
        with _decoder_errors(scale):
            image.load()
            skip_blank(image)
        correct_transparency(image, data)
        if image.format == "TIFF":
            image = unsigned(in_all_bits(image, data))
        image = in_screen_colors(_small(image))
        image.info[REDUCED] = round(max(size) / max(image.size))
        yield image


@contextlib.contextmanager
def _holding(need: int, size: tuple[int, int], limits: Limits) -> Iterator[None]:
    if need > limits.max_memory:
        raise TooLargeError(
            f"{size[0]} x {size[1]} pixels of this format take about {need >> 20:,} MB to decode, "
            f"over the limit of {limits.max_memory >> 20:,} MB; make it smaller, or save it as PNG"
        )
    with _BUDGET.hold(need):
        try:
            yield
        finally:
            if need > _MUCH:
                return_freed_memory()


def _known(image: Image.Image | None) -> Image.Image:
    if image is None:
        raise UnidentifiedImageError("no known kind of TIFF")
    return image


def _small(image: Image.Image) -> Image.Image:
    """A picture of 8 bits and at most :data:`WORKING_PIXELS`."""
    factor = _factor(image.size)
    if factor == 1:
        return to_eight_bit(image)
    return _turned(_reduced(image, factor), image)


def to_eight_bit(image: Image.Image) -> Image.Image:
    """A picture of any mode as one of at most 8 bits a channel, upright where EXIF says how."""
    return _turned(tones_of(image).to_eight_bit(image) if is_deep(image) else image, image)


def _turned(pixels: Image.Image, image: Image.Image) -> Image.Image:
    """Pixels made from a picture, with what is known of it, and as its EXIF block says."""
    if pixels is not image:
        known = {key: value for key, value in image.info.items() if key != "transparency"}
        pixels.info.update(known)
    with contextlib.suppress(Exception):  # a broken EXIF block says nothing about the pixels
        turn = image.getexif().get(_ORIENTATION, 1)
        if turn != 1:
            pixels.getexif()[_ORIENTATION] = turn
            return ImageOps.exif_transpose(pixels)
    return pixels


def _reduced(image: Image.Image, factor: int) -> Image.Image:
    """Every ``factor`` x ``factor`` pixels become one; RGB, or RGBA if any may be transparent."""
    tones = tones_of(image) if is_deep(image) else None
    size = (-(-image.width // factor), -(-image.height // factor))
    small, top = Image.new("RGBA", size), 0
    for band in bands(image, factor):
        plain = band if tones is None else tones.to_eight_bit(band)
        part = plain.convert("RGBA").reduce(factor)
        small.paste(part, (0, top))
        top += part.height
    is_opaque = tones is None and not image.has_transparency_data
    return small.convert("RGB") if is_opaque else small


def _factor(size: tuple[int, int]) -> int:
    """Least whole number by which both sides have to be divided."""
    factor = 1
    while -(-size[0] // factor) * -(-size[1] // factor) > WORKING_PIXELS:
        factor += 1
    return factor


def _ask_for_less(image: Image.Image) -> int:
    """Have a large picture decoded at reduced size, where the format can; by what its sides are
    divided.
    """
    factor = _factor(image.size)
    if factor == 1:
        return 1
    if image.format == "JPEG":
        asked = image.width // factor, image.height // factor
        full = image.size
        image.draft(image.mode, asked)
        return max(1, round(full[0] / image.width))
    if image.format == "JPEG2000":
        levels = (factor - 1).bit_length()
        image.reduce = levels  # type: ignore[method-assign, assignment]
        return 1 << levels
    return 1


def _memory(image: Image.Image, scale: int) -> int:
    """Bytes that decoding takes at most, and what follows until the picture is RGB."""
    width, height = image.size
    channels = max(3, len(image.getbands()))
    if image.format == "JPEG":
        # Progressive files are kept as coefficients of 2 bytes; their size is that of the file.
        kept = 2 * channels * scale**2 if "progressive" in image.info else 0
        decoding = (kept + 5) * width * height
    elif image.format == "JPEG2000":
        decoding = (5 * channels + 5) * width * height // scale**2
        width, height = width // scale, height // scale
    else:
        decoding = _BYTES_A_PIXEL.get(image.format or "", 4) * width * height
    tags = getattr(image, "tag_v2", {})
    tile_width, tile_height = (int(tags.get(tag, 1)) for tag in _TILE)
    decoding += 4 * channels * tile_width * tile_height
    whole = width * height
    left = whole // _factor((width, height)) ** 2
    return int(max(decoding, (0 if left == whole else 5 * whole) + _FLATTENING * left))


def _check_size(size: tuple[int, int], limits: Limits) -> None:
    width, height = size
    if width * height > limits.max_pixels or max(width, height) > limits.max_side:
        raise TooLargeError(
            f"{width} x {height} pixels are over the limit of {limits.max_pixels:,} pixels "
            f"and {limits.max_side:,} a side; make it smaller"
        )


@contextlib.contextmanager
def _decoder_errors(scale: int) -> Iterator[None]:
    """What a decoder says, told apart: too little memory, and no reduced size in the file."""
    try:
        yield
    except OSError as error:
        if "memory" in str(error).lower():
            raise MemoryError(str(error)) from error
        if scale > 1:
            raise TooLargeError(
                f"cannot be decoded at 1/{scale} of its size ({error}); make it smaller"
            ) from error
        raise
