"""TIFF files of depths that Pillow does not read, or not in full, by OpenCV: 10 and 14 bits packed,
64-bit floats, colour of 16 bits or floats.
"""

import io
from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
from PIL import Image, TiffImagePlugin

from marquery.arrays import AnyArray
from marquery.tones import Tones, white_of_floats, white_of_integers

_WIDTH, _HEIGHT, _BITS, _PHOTOMETRIC = 256, 257, 258, 262
# Depths that OpenCV scales to 16 bits.
_SCALED_BITS = (10, 14)
_ROWS = 256


def is_tiff(data: bytes) -> bool:
    """Whether a file says that it is TIFF."""
    return data[:4] in (b"II*\0", b"MM\0*")


def announced_tiff(data: bytes) -> tuple[int, int, int]:
    """Width and height in pixels and bytes a pixel that a TIFF announces.

    Raises:
        Exception: the header is broken.
    """
    tags = _tags(data)
    bits = tags.get(_BITS, (1,))
    return int(tags[_WIDTH]), int(tags[_HEIGHT]), 1 + sum(map(int, bits)) // 8


def decode_deep_tiff(data: bytes) -> Image.Image | None:
    """A TIFF in 8 bits a channel; its tones are those of the deepest channel. None if OpenCV does
    not read it.
    """
    quiet = cv2.utils.logging
    level = quiet.getLogLevel()
    quiet.setLogLevel(quiet.LOG_LEVEL_SILENT)
    try:
        pixels: AnyArray | None = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None
    finally:
        quiet.setLogLevel(level)
    return None if pixels is None else _to_image(pixels, _tags(data))


def _to_image(pixels: AnyArray, tags: Mapping[int, Any]) -> Image.Image:
    """An array of OpenCV, (H, W) or (H, W, channels) in its order, as L, LA, RGB or RGBA."""
    height, width = pixels.shape[:2]
    layers = pixels.reshape(height, width, -1)
    colors = layers[..., 2::-1] if layers.shape[2] >= 3 else layers[..., :1]
    low, high = _range(colors)
    if tags.get(_BITS, (0,))[0] in _SCALED_BITS:
        white = 65535.0
    elif pixels.dtype.kind == "f":
        white = white_of_floats(high)
    else:
        white = white_of_integers(high, tags)
    tones = Tones(min(low, 0), white, tags.get(_PHOTOMETRIC) == 0)
    levels = np.empty((height, width, colors.shape[2] + 1), np.uint8)
    for row in range(0, height, _ROWS):
        part = slice(row, row + _ROWS)
        levels[part, :, :-1], missing = tones.to_levels(colors[part].astype(np.float64))
        levels[part, :, -1] = np.where(missing.any(axis=2), 0, 255)
    if layers.shape[2] == 4:
        opaque = _range(layers[..., 3:])[1] or 1.0
        levels[..., -1] = np.clip(layers[..., 3] * (255 / opaque), 0, levels[..., -1])
    image = (
        Image.fromarray(levels)
        if levels.shape[2] == 4
        else Image.merge("LA", [Image.fromarray(levels[..., channel].copy()) for channel in (0, 1)])
    )
    return image if levels[..., -1].min() < 255 else image.convert(image.mode.removesuffix("A"))


def _range(values: AnyArray) -> tuple[float, float]:
    """Least and greatest value that are finite; 0 and 0 if none is."""
    low, high = np.inf, -np.inf
    for row in range(0, len(values), _ROWS):
        part = values[row : row + _ROWS]
        finite = part[np.isfinite(part)]
        if finite.size:
            low, high = min(low, float(finite.min())), max(high, float(finite.max()))
    return (low, high) if low <= high else (0.0, 0.0)


def _tags(data: bytes) -> Mapping[int, Any]:
    directory = TiffImagePlugin.ImageFileDirectory_v2(data[:8])
    stream = io.BytesIO(data)
    stream.seek(directory.next)
    directory.load(stream)
    return directory
