"""Outline drawings, and heavier or lighter strokes."""

from typing import Any

import cv2
import numpy as np
from numba import njit

from marquery.arrays import Float32Array, UInt8Array
from marquery.augment.functional._kernels import paste
from marquery.augment.functional._paint import Color
from marquery.augment.functional._parts import cut_out
from marquery.segments import Segmentation

__all__ = ["contour", "thicken", "thin"]

# Steps of fewer levels are shading and noise, not edges that a pen would follow.
_EDGE_LEVELS = 40


def contour(image: UInt8Array, radius: float, ink: Color, background: Color) -> UInt8Array:
    """Draw the edges between paints with a pen, and nothing else.

    Args:
        image: uint8 (H, W, 3).
        radius: half the width of the pen in pixels, above 0.
        ink, background: RGB in 0..255.
    """
    pen = _round(max(radius, 0.5))
    # A part that the frame cuts off is closed along it.
    rim = pen.shape[0] // 2 + 1
    image = cv2.copyMakeBorder(
        image, rim, rim, rim, rim, cv2.BORDER_CONSTANT, value=(*map(float, background),)
    ).astype(np.uint8, copy=False)
    reach = np.maximum.reduce(
        cv2.subtract(cv2.dilate(image, pen), cv2.erode(image, pen)).transpose(2, 0, 1)
    )
    # Weak and strong edges get one ink: each is measured by the strongest step nearby.
    nearby = cv2.dilate(reach, cv2.getStructuringElement(cv2.MORPH_RECT, (3, 3)))
    alpha = reach / np.maximum(nearby, _EDGE_LEVELS).astype(np.float32)
    alpha[nearby < _EDGE_LEVELS] = 0
    alpha = alpha[rim:-rim, rim:-rim]
    low, high = np.array(background, np.float32), np.array(ink, np.float32)
    drawn: UInt8Array = (low + alpha[..., None] * (high - low) + np.float32(0.5)).astype(np.uint8)
    return drawn


def thicken(image: UInt8Array, segmentation: Segmentation, radius: float) -> UInt8Array:
    """Heavier strokes: the ink grows by ``radius`` pixels, each new pixel in the paint next to it.

    Args:
        image: uint8 (H, W, 3).
        segmentation: of this image.
        radius: above 0; parts of a pixel count by a partly inked rim.
    """
    ink = _ink(image, segmentation)
    out = np.array(image, order="C")
    paste(out, _grown(ink, *_disc(radius)), 0, 0)
    return out


def thin(
    image: UInt8Array, segmentation: Segmentation, radius: float, keep: float = 0.6
) -> UInt8Array:
    """Lighter strokes: the ink shrinks by ``radius`` pixels.

    Args:
        image: uint8 (H, W, 3).
        segmentation: of this image.
        radius: above 0; it is halved until the share ``keep`` of the ink stays.
        keep: 0..1.
    """
    ink = _ink(image, segmentation)
    alpha = np.ascontiguousarray(ink[..., 3])
    total = float(alpha.sum())
    for _ in range(3):
        less = _shrunk(alpha, *_disc(radius))
        if float(less.sum()) >= keep * total:
            break
        radius /= 2
    else:
        return image.copy()
    out = np.array(image, order="C")
    out[alpha > 0] = segmentation.background
    paste(out, ink * (less / np.maximum(alpha, np.float32(1e-6)))[..., None], 0, 0)
    return out


def _ink(image: UInt8Array, segmentation: Segmentation) -> Float32Array:
    """Everything but background and holes on a canvas of its own: RGB times alpha, and alpha."""
    names = (np.flatnonzero(~segmentation.is_hole) + 1).tolist()
    whole = np.zeros((*segmentation.shape, 4), np.float32)
    if names:
        part, top, left = cut_out(image, segmentation, names)
        whole[top : top + part.shape[0], left : left + part.shape[1]] = part
    return whole


def _round(radius: float) -> UInt8Array:
    reach = int(np.ceil(radius))
    steps = np.arange(-reach, reach + 1)
    disc: UInt8Array = (steps[:, None] ** 2 + steps**2 <= radius**2 + 0.25).astype(np.uint8)
    return disc


def _disc(radius: float) -> tuple[Any, Any, Any]:
    """Steps (down, right) of a round pen, nearest first, and how much each counts."""
    reach = int(np.ceil(radius))
    down, right = np.mgrid[-reach : reach + 1, -reach : reach + 1].reshape(2, -1)
    far = np.hypot(down, right)
    weight = np.clip(radius - far + 1, 0, 1).astype(np.float32)
    order = np.argsort(far, kind="stable")[1:]
    order = order[weight[order] > 0]
    return down[order].astype(np.int32), right[order].astype(np.int32), weight[order]


@njit(cache=True, nogil=True)
def _grown(ink: Any, down: Any, right: Any, weight: Any) -> Any:
    height, width = ink.shape[:2]
    out = ink.copy()
    for y in range(height):
        for x in range(width):
            best = ink[y, x, 3]
            if best >= 1:
                continue
            for k in range(down.shape[0]):
                v, u = y + down[k], x + right[k]
                if not (0 <= v < height and 0 <= u < width):
                    continue
                a = ink[v, u, 3]
                if a * weight[k] > best:
                    best = a * weight[k]
                    for c in range(3):
                        out[y, x, c] = ink[v, u, c] * weight[k]
                    out[y, x, 3] = best
                    if best >= 1:
                        break
    return out


@njit(cache=True, nogil=True)
def _shrunk(alpha: Any, down: Any, right: Any, weight: Any) -> Any:
    height, width = alpha.shape
    out = alpha.copy()
    for y in range(height):
        for x in range(width):
            least = alpha[y, x]
            if least <= 0:
                continue
            for k in range(down.shape[0]):
                v, u = y + down[k], x + right[k]
                if not (0 <= v < height and 0 <= u < width):
                    continue
                a = 1 - (1 - alpha[v, u]) * weight[k]
                if a < least:
                    least = a
                    if least <= 0:
                        break
            out[y, x] = least
    return out
