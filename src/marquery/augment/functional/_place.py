"""Placing a whole logo on a canvas: fitted, framed, warped; badges to put it on."""

from functools import lru_cache
from typing import Any, Literal

import cv2
import numpy as np
from numba import njit

from marquery.arrays import Float32Array, Float64Array, UInt8Array
from marquery.augment.functional._paint import Color

__all__ = [
    "BADGE_SHAPES",
    "BadgeShape",
    "badge_mask",
    "fitted",
    "frame",
    "ink_box",
    "plain_border",
    "warp",
]

BadgeShape = Literal["disc", "rounded", "square", "ring", "shield"]
BADGE_SHAPES: tuple[BadgeShape, ...] = ("disc", "rounded", "square", "ring", "shield")
Box = tuple[int, int, int, int]

# Right half of a shield, from the middle of its top to its point, in units of its half height.
_SHIELD = ((0, -1), (0.45, -0.9), (0.88, -0.78), (0.88, 0), (0.8, 0.35), (0.55, 0.68), (0, 1))


def fitted(part: Float32Array, height: int, width: int) -> Float32Array:
    """A cut-out (float32 (h, w, 4), RGB times alpha, and alpha) in another size.

    Args:
        part: float32 (h, w, 4).
        height, width: pixels.
    """
    smaller = height < part.shape[0] or width < part.shape[1]
    how = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    sized = cv2.resize(part, (max(width, 1), max(height, 1)), interpolation=how)
    return sized.astype(np.float32, copy=False)


def badge_mask(shape: BadgeShape, canvas: tuple[int, int], side: float) -> Float32Array:
    """Coverage of a badge in the middle of a canvas.

    Args:
        shape: ``"ring"`` is the rim of a disc.
        canvas: height and width in pixels.
        side: height of the badge in pixels.

    Returns:
        float32 (H, W) in 0..1, with soft edges.
    """
    height, width = canvas
    if shape == "shield":
        half = side / 2
        right = np.array(_SHIELD)
        outline = np.concatenate([right, right[-2:0:-1] * (-1, 1)]) * half
        points = outline + np.array([width - 1, height - 1]) / 2
        filled = np.zeros(canvas, np.uint8)
        cv2.fillPoly(filled, [np.rint(points * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
        return filled.astype(np.float32) / np.float32(255)
    mask: Float32Array = _round_mask(height, width, side / 2, BADGE_SHAPES.index(shape))
    return mask


@njit(cache=True, nogil=True)
def _round_mask(height: int, width: int, half: float, kind: int) -> Any:
    mask = np.empty((height, width), dtype=np.float32)
    middle_y, middle_x = (height - 1) / 2, (width - 1) / 2
    corner = 0.42 * half if kind == 1 else 0.0
    rim = max(1.0, 0.1 * half)
    for row in range(height):
        y = abs(row - middle_y)
        for column in range(width):
            x = abs(column - middle_x)
            if kind == 0 or kind == 3:
                far = np.sqrt(x * x + y * y) - half
                if kind == 3:
                    far = abs(far + rim / 2) - rim / 2
            else:
                dx, dy = x - half + corner, y - half + corner
                outside = np.sqrt(max(dx, 0.0) ** 2 + max(dy, 0.0) ** 2)
                far = outside + min(max(dx, dy), 0.0) - corner
            mask[row, column] = min(max(0.5 - far, 0.0), 1.0)
    return mask


@njit(cache=True, nogil=True)
def stamp(out: Any, mask: Any, color: Any, top: int, left: int) -> None:
    """Lay a colour on ``out`` (uint8 (H, W, 3)) as far as ``mask`` (float32 (h, w)) covers; it may
    stick out.

    Args:
        out: uint8 (H, W, 3); changed in place.
        mask: float32 (h, w), 0 to 1.
        color: RGB.
        top, left: row and column of the mask's first pixel.
    """
    height, width = out.shape[:2]
    for y in range(max(0, -top), min(mask.shape[0], height - top)):
        for x in range(max(0, -left), min(mask.shape[1], width - left)):
            a = mask[y, x]
            if a <= 0:
                continue
            for c in range(3):
                below = np.float32(out[y + top, x + left, c])
                out[y + top, x + left, c] = int(below + a * (color[c] - below) + np.float32(0.5))


def ink_box(image: UInt8Array, background: Color, levels: int = 24) -> Box:
    """Top, left, bottom, right of all that differs from the background; the whole image if nothing
    does.

    Args:
        image: uint8 (H, W, 3).
        background: RGB.
        levels: difference in a channel up to which a pixel is background.
    """
    top, left, bottom, right = _box(image, background[0], background[1], background[2], levels)
    if bottom <= top:
        return 0, 0, image.shape[0], image.shape[1]
    return top, left, bottom, right


@njit(cache=True, nogil=True)
def _box(image: Any, red: int, green: int, blue: int, levels: int) -> tuple[int, int, int, int]:
    height, width = image.shape[:2]
    top, left, bottom, right = height, width, 0, 0
    for y in range(height):
        for x in range(width):
            apart = max(abs(image[y, x, 0] - red), abs(image[y, x, 1] - green))
            if max(apart, abs(image[y, x, 2] - blue)) > levels:
                top, bottom = min(top, y), max(bottom, y + 1)
                left, right = min(left, x), max(right, x + 1)
    return top, left, bottom, right


def frame(image: UInt8Array, box: Box, target: Box, background: Color | None) -> UInt8Array:
    """Bring a part of an image to another place and size; the background fills the rest.

    Args:
        image: uint8 (H, W, 3).
        box: top, left, bottom, right of the part.
        target: the same of its new place; it may stick out of the image and is cut off there.
        background: RGB in 0..255; None: the edges of the part are continued.
    """
    top, left, bottom, right = target
    part = np.ascontiguousarray(image[box[0] : box[2], box[1] : box[3]])
    height, width = max(bottom - top, 1), max(right - left, 1)
    smaller = height < part.shape[0] or width < part.shape[1]
    how = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    sized = cv2.resize(part, (width, height), interpolation=how)
    rows, columns = np.arange(image.shape[0]) - top, np.arange(image.shape[1]) - left
    out = sized[np.clip(rows, 0, height - 1)[:, None], np.clip(columns, 0, width - 1)]
    if background is not None:
        out[(rows < 0) | (rows >= height)] = background
        out[:, (columns < 0) | (columns >= width)] = background
    return np.asarray(out, np.uint8)


def plain_border(image: UInt8Array, background: Color, levels: int = 24) -> bool:
    """Whether three corners, or half of an image's border, are background: not so on a gradient or
    a photo.

    Args:
        image: uint8 (H, W, 3).
        background: RGB.
        levels: difference in a channel up to which a pixel is background.
    """
    edge = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]]).astype(np.int16)
    plain = np.abs(edge - np.array(background)).max(axis=1) <= levels
    width = image.shape[1]
    corners = plain[[0, width - 1, width, 2 * width - 1]]
    return bool(corners.sum() >= 3 or plain.mean() >= 0.5)


def warp(
    image: UInt8Array,
    matrix: Float64Array,
    bends: Float32Array,
    background: Color | None,
) -> UInt8Array:
    """Redraw an image along a smooth displacement, as another hand would.

    Args:
        image: uint8 (H, W, 3).
        matrix: (3, 3), perspective map from places of the result to places of the image; both run
            from -1 to 1 in x and y.
        bends: float32 (k, k, 2), further displacement (right, down) at a grid of k × k places from
            corner to corner, in pixels; smooth between them.
        background: RGB in 0..255, shown where the map leaves the image; None: the image's edges are
            continued.
    """
    height, width = image.shape[:2]
    rows, columns = _weights(bends.shape[0], height), _weights(bends.shape[0], width)
    shift = np.stack([rows @ bends[..., c] @ columns.T for c in range(2)], axis=2)
    where = _source_places(height, width, np.ascontiguousarray(matrix, np.float64), shift)
    no_second_map: Any = None  # cv2's stubs know nothing of maps that hold both coordinates
    edge = cv2.BORDER_REPLICATE if background is None else cv2.BORDER_CONSTANT
    moved = cv2.remap(
        image,
        where,
        no_second_map,
        cv2.INTER_LINEAR,
        borderMode=edge,
        borderValue=(0, 0, 0) if background is None else background,
    )
    return np.asarray(moved, np.uint8)


@lru_cache(maxsize=16)
def _weights(knots: int, size: int) -> Float32Array:
    """float32 (size, knots): how much each of evenly spaced knots counts at each pixel (cubic
    B-spline).
    """
    place = np.linspace(0, knots - 1, size)[:, None] - np.arange(knots)
    far = np.abs(place)
    weight = np.where(
        far < 1, 2 / 3 - far**2 + far**3 / 2, np.where(far < 2, (2 - far) ** 3 / 6, 0)
    )
    scaled: Float32Array = (weight / weight.sum(axis=1, keepdims=True)).astype(np.float32)
    return scaled


@njit(cache=True, nogil=True)
def _source_places(height: int, width: int, matrix: Any, shift: Any) -> Any:
    where = np.empty((height, width, 2), dtype=np.float32)
    half_x, half_y = max(width - 1, 1) / 2, max(height - 1, 1) / 2
    for row in range(height):
        y = row / half_y - 1
        for column in range(width):
            x = column / half_x - 1
            w = matrix[2, 0] * x + matrix[2, 1] * y + matrix[2, 2]
            u = (matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]) / w
            v = (matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]) / w
            where[row, column, 0] = (u + 1) * half_x + shift[row, column, 0]
            where[row, column, 1] = (v + 1) * half_y + shift[row, column, 1]
    return where
