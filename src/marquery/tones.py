"""Grey pictures of more than 8 bits: which of their values is black and which is white.

Files of 16 bits often hold 10 or 12, as cameras and scanners give them, and files of floats hold 0
to 1, 0 to 255 or anything. A picture that is read by its container alone comes out nearly black.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from marquery.arrays import AnyArray, BoolArray, UInt8Array

# Formats that scale values to the whole range of 16 bits, by their definition or in Pillow.
_FULL_RANGE = frozenset(("PNG", "PPM", "JPEG2000"))
# Greatest values of the depths that are met in containers of 16 bits. A dark picture of 16 bits is
# taken for one of 14 or less, which scales its tones; the other way round it would be nearly black.
_DEPTHS = (1, 255, 1023, 4095, 16383, 65535)
_SIGNED_16 = 32767.0
# Floats from here on stand for "no value", as programs for maps write them.
_NO_VALUE = 1e30
# Floats up to here are of the range 0 to 1, with the overshoot of resampling.
_OVERSHOOT = 1.5
# Floats up to here have a range of their own; from here on to 255, 65535 or beyond.
_SMALL_FLOATS = 16.0
# Tags of TIFF.
_BITS, _PHOTOMETRIC, _MAXIMUM, _SAMPLE_FORMAT = 258, 262, 281, 339
_WHITE_IS_ZERO, _UNSIGNED, _SIGNED = 0, 1, 2
# Pixels that are looked at at once.
_BAND_PIXELS = 2**20


@dataclass(frozen=True)
class Tones:
    """How values become levels from 0 to 255."""

    low: float
    """Is black; white if ``is_inverted``."""
    high: float
    is_inverted: bool = False
    is_unsigned: bool = False
    """Pillow reads whole numbers of 32 bits as signed; they are not."""
    transparent: float | None = None
    """Value of transparent pixels, beside NaN, infinity and what is far beyond all others."""

    def to_eight_bit(self, image: Image.Image) -> Image.Image:
        """A picture, or a piece of the one that the tones are of, as L, or LA if some of its pixels
        are transparent.
        """
        levels, missing = self.to_levels(_values(image, self.is_unsigned))
        grey = Image.fromarray(levels)
        if not missing.any():
            return grey
        alpha = np.where(missing, 0, 255).astype(np.uint8)
        return Image.merge("LA", (grey, Image.fromarray(alpha)))

    def to_levels(self, values: AnyArray) -> tuple[UInt8Array, BoolArray]:
        """Levels of values, and which of them are transparent; any shape."""
        missing = self.missing(values)
        scaled = (np.where(missing, self.low, values) - self.low) * (255 / (self.high - self.low))
        levels = np.clip(scaled.round(), 0, 255).astype(np.uint8)
        return 255 - levels if self.is_inverted else levels, missing

    def missing(self, values: AnyArray) -> BoolArray:
        """Which values are transparent."""
        missing: BoolArray = ~(np.abs(values) < _NO_VALUE)
        return missing if self.transparent is None else missing | (values == self.transparent)


def is_deep(image: Image.Image) -> bool:
    """Whether a picture has one channel of more than 8 bits."""
    return image.mode.startswith("I") or image.mode == "F"


def tones_of(image: Image.Image) -> Tones:
    """The tones of a picture for which :func:`is_deep` holds.

    Args:
        image: as it was opened, so that its tags are there.
    """
    tags: Mapping[int, Any] = getattr(image, "tag_v2", {})
    transparent = image.info.get("transparency")
    known = Tones(
        low=0,
        high=1,
        is_inverted=tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO,
        is_unsigned=bool(tags)
        and image.mode == "I"
        and _UNSIGNED in tags.get(_SAMPLE_FORMAT, (_UNSIGNED,)),
        transparent=transparent if isinstance(transparent, int | float) else None,
    )
    low, high = 0.0, 0.0
    for band in bands(image):
        values = _values(band, known.is_unsigned)
        values = values[~known.missing(values)]
        if len(values):
            low, high = min(low, float(values.min())), max(high, float(values.max()))
    if image.format in _FULL_RANGE and image.mode != "F":
        top = max(65535.0, high)
    elif image.mode == "F":
        top = white_of_floats(high)
    else:
        top = white_of_integers(high, tags)
    top = max(high, low + 1) if low < 0 else top
    return Tones(low, top, known.is_inverted, known.is_unsigned, known.transparent)


def bands(image: Image.Image, multiple: int = 1) -> Iterator[Image.Image]:
    """A picture from top to bottom in pieces of full width, none of which takes much memory.

    Args:
        image: the picture.
        multiple: the pieces' height is one of this, but for the last.
    """
    height = max(1, _BAND_PIXELS // (image.width * multiple)) * multiple
    for top in range(0, image.height, height):
        yield image.crop((0, top, image.width, min(top + height, image.height)))


def white_of_integers(highest: float, tags: Mapping[int, Any]) -> float:
    """Which whole number is white.

    Args:
        highest: of the picture, from 0.
        tags: of a TIFF file; empty for other formats.
    """
    bits = int(max(tags.get(_BITS, (16,))))
    if bits < 16:
        return max(2.0**bits - 1, highest)
    declared = max(tags.get(_MAXIMUM, (0,)))
    if bits == 16 and 0 < declared < 65535 and highest <= declared:
        return float(declared)
    white = next((float(top) for top in _DEPTHS if highest <= top), highest)
    is_signed = _SIGNED in tags.get(_SAMPLE_FORMAT, ())
    return _SIGNED_16 if is_signed and bits == 16 and white == 65535 else white


def white_of_floats(highest: float) -> float:
    """Which float is white.

    Args:
        highest: of the picture, from 0.
    """
    if highest <= _OVERSHOOT:
        return 1.0
    if highest < _SMALL_FLOATS:
        return highest
    return next((top for top in (255.0, 65535.0) if highest <= top), highest)


def _values(image: Image.Image, is_unsigned: bool) -> AnyArray:
    values = np.asarray(image)
    values = values.view(np.uint32) if is_unsigned else values
    floats: AnyArray = values.astype(np.float64)
    return floats
