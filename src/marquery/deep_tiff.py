"""TIFF files of depths that Pillow does not read, or not in full, by OpenCV: 10 and 14 bits packed,
64-bit floats, colour of 16 bits or floats.
"""

import io
import struct
from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
from PIL import Image, TiffImagePlugin

from marquery.arrays import AnyArray, UInt8Array
from marquery.tones import Tones, white_of_floats, white_of_integers

_WIDTH, _HEIGHT, _BITS, _PHOTOMETRIC, _SAMPLES, _EXTRA = 256, 257, 258, 262, 277, 338
_PLANES, _PREDICTOR, _TILE_WIDTH = 284, 317, 322
_PREMULTIPLIED = 1
_SAMPLE_FORMAT = 339
# Kinds of numbers of a tag: how they are packed, and the greatest one.
_FIELDS = {3: ("H", 2**16 - 1), 4: ("I", 2**32 - 1)}
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
    tags = _tags(data)
    has_grey_and_alpha = _is_grey_with_alpha(tags)
    if has_grey_and_alpha:
        data = _side_by_side(data)
    quiet = cv2.utils.logging
    level = quiet.getLogLevel()
    quiet.setLogLevel(quiet.LOG_LEVEL_SILENT)
    try:
        pixels: AnyArray | None = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None
    finally:
        quiet.setLogLevel(level)
    if pixels is None:
        return None
    if has_grey_and_alpha:
        grey, alpha = pixels[:, ::2], pixels[:, 1::2]
        pixels = np.stack([grey, grey, grey, alpha], axis=2)
    return _to_image(pixels, tags)


def _is_grey_with_alpha(tags: Mapping[int, Any]) -> bool:
    """Whether each pixel is a grey and, behind it, its alpha, which OpenCV leaves out."""
    plain = tags.get(_PLANES, 1) == 1 and tags.get(_PREDICTOR, 1) == 1
    return plain and tags.get(_SAMPLES) == 2 and tuple(tags.get(_EXTRA, ())) in ((1,), (2,))


def _side_by_side(data: bytes) -> bytes:
    """A file of grey and alpha as one of grey alone that is twice as wide."""
    order = "<" if data[:2] == b"II" else ">"
    (at,) = struct.unpack_from(order + "I", data, 4)
    (count,) = struct.unpack_from(order + "H", data, at)
    content = bytearray(data)
    for entry in range(at + 2, at + 2 + 12 * count, 12):
        tag, kind = struct.unpack_from(order + "HH", data, entry)
        if kind not in _FIELDS:
            continue
        code, most = _FIELDS[kind]
        (value,) = struct.unpack_from(order + code, data, entry + 8)
        if tag in (_WIDTH, _TILE_WIDTH):
            struct.pack_into(order + code, content, entry + 8, min(2 * value, most))
        elif tag == _SAMPLES:
            struct.pack_into(order + code, content, entry + 8, 1)
        elif tag in (_BITS, _SAMPLE_FORMAT):  # one value in place of two, which may stand elsewhere
            (inside,) = struct.unpack_from(order + "I", data, entry + 4)
            place = struct.unpack_from(order + "I", data, entry + 8)[0]
            first = entry + 8 if inside * struct.calcsize(code) <= 4 else place
            struct.pack_into(order + "I", content, entry + 4, 1)
            content[entry + 8 : entry + 12] = data[first : first + 2] + b"\0\0"
    return bytes(content)


def _to_image(pixels: AnyArray, tags: Mapping[int, Any]) -> Image.Image:
    """An array of OpenCV, (H, W) or (H, W, channels) in its order, as L, LA, RGB or RGBA."""
    height, width = pixels.shape[:2]
    layers = pixels.reshape(height, width, -1)
    colors = layers[..., 2::-1] if layers.shape[2] >= 3 else layers[..., :1]
    low, high = _range(colors)
    alpha_high = _range(layers[..., 3:])[1] if layers.shape[2] == 4 else 0.0
    if tags.get(_BITS, (0,))[0] in _SCALED_BITS:
        white = 65535.0
    elif pixels.dtype.kind == "f":
        white = white_of_floats(high)
    else:
        white = white_of_integers(max(high, alpha_high), tags)
    tones = Tones(min(low, 0), white, tags.get(_PHOTOMETRIC) == 0)
    levels = np.empty((height, width, colors.shape[2] + 1), np.uint8)
    for row in range(0, height, _ROWS):
        part = slice(row, row + _ROWS)
        levels[part, :, :-1], missing = tones.to_levels(colors[part].astype(np.float64))
        levels[part, :, -1] = np.where(missing.any(axis=2), 0, 255)
    if layers.shape[2] == 4:
        opaque = white_of_floats(alpha_high) if pixels.dtype.kind == "f" else white
        levels[..., -1] = np.clip(layers[..., 3] * (255 / opaque), 0, levels[..., -1])
        if _PREMULTIPLIED in tags.get(_EXTRA, ()):
            _divide_by_alpha(levels)
    image = (
        Image.fromarray(levels)
        if levels.shape[2] == 4
        else Image.merge("LA", [Image.fromarray(levels[..., channel].copy()) for channel in (0, 1)])
    )
    return image if levels[..., -1].min() < 255 else image.convert(image.mode.removesuffix("A"))


def _divide_by_alpha(levels: UInt8Array) -> None:
    """Colours that were multiplied by their alpha as they were before, in place."""
    for row in range(0, len(levels), _ROWS):
        part = levels[row : row + _ROWS].astype(np.float32)
        alpha = np.maximum(part[..., -1:], 1)
        colors = np.minimum(part[..., :-1] * 255 / alpha, 255)
        levels[row : row + _ROWS, :, :-1] = colors.round().astype(np.uint8)


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
