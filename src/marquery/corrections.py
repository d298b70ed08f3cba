"""What Pillow says of a raster file, put right where the file means something else."""

import numpy as np
from PIL import Image

from marquery.deep_tiff import decode_deep_tiff
from marquery.tones import is_deep

# Tags of TIFF.
_BITS, _SAMPLE_FORMAT = 258, 339
_SIGNED = 2
# What 14 bits leave in the upper 8 of 16.
_UPPER_OF_14 = 63
# Pictures of an animation that are looked at for the first with anything on it.
_MOST_BLANK = 16
_ANIMATED = frozenset(("AVIF", "GIF", "PNG", "WEBP"))


def correct_transparency(image: Image.Image, data: bytes) -> None:
    """Pillow keeps a PNG's transparent colour in the file's depth, and its pixels in 8 bits."""
    color = image.info.get("transparency")
    if image.format != "PNG" or color is None or is_deep(image):
        return
    depth = data[24]
    if isinstance(color, tuple) and depth == 16:
        image.info["transparency"] = tuple(level >> 8 for level in color)
    elif isinstance(color, int) and image.mode in ("1", "L") and depth < 8:
        image.info["transparency"] = color * 255 // (2**depth - 1)


def in_all_bits(image: Image.Image, data: bytes) -> Image.Image:
    """A TIFF of several channels again in all its bits, if its upper bits say too little.

    Pillow keeps the upper 8 bits of 16, of which files of 10 to 14 bits use the lowest two to six,
    and of grey with alpha as much; colours that are multiplied by alpha it divides by what it kept.
    """
    if image.mode not in ("RGB", "RGBA", "LA"):
        return image
    bits = max(getattr(image, "tag_v2", {}).get(_BITS, (8,)))
    greatest = [high for _, high in image.getextrema()]  # type: ignore[misc]
    alpha = greatest.pop() if image.mode in ("RGBA", "LA") else 255
    if bits != 16 or min(max(greatest), alpha) > _UPPER_OF_14:
        return image
    return decode_deep_tiff(data) or image


def unsigned(image: Image.Image) -> Image.Image:
    """A TIFF of 8 bits whose numbers are signed, which Pillow takes for what they are not."""
    tags = getattr(image, "tag_v2", {})
    is_signed = max(tags.get(_BITS, (8,))) == 8 and _SIGNED in tags.get(_SAMPLE_FORMAT, ())
    if image.mode not in ("L", "RGB") or not is_signed:
        return image
    has_negative = max(np.ravel(image.getextrema())) > 127
    found = image.point(
        [(v + 128) % 256 if has_negative else 2 * v for v in range(256)] * len(image.getbands())
    )
    found.info = image.info
    return found


def skip_blank(image: Image.Image) -> None:
    """Go to the first picture of an animation that is not of one colour; stay if there is none."""
    if image.format not in _ANIMATED or not getattr(image, "is_animated", False):
        return
    try:
        for number in range(_MOST_BLANK):
            image.seek(number)
            if not _is_flat(image):
                return
    except (EOFError, OSError, SyntaxError, ValueError):  # it ends, or is broken further on
        pass
    image.seek(0)
    image.load()


def _is_flat(image: Image.Image) -> bool:
    colors = image.convert("RGBA").getextrema()
    return colors[3] == (0, 0) or all(low == high for low, high in colors)  # type: ignore[misc]
