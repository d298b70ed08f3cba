"""Repainting of whole logos: other backgrounds, other paints, gradients, faint noise."""

from collections.abc import Iterable

import cv2
import numpy as np
import numpy.typing as npt

from marquery.arrays import Float32Array, UInt8Array
from marquery.augment.functional._kernels import FLAT, GIVEN
from marquery.augment.functional._paint import Color, _repaint
from marquery.augment.functional._parts import check, chosen_labels
from marquery.segments import Segmentation

__all__ = ["change_background", "gradient", "repaint_all", "speckle"]


def change_background(
    image: UInt8Array,
    segmentation: Segmentation,
    background: Color | UInt8Array,
    holes: Iterable[int] = (),
) -> UInt8Array:
    """Exchange the background; the soft edges of what lies on it are mixed anew.

    Args:
        image: uint8 (H, W, 3).
        segmentation: of this image.
        background: RGB in 0..255, or a uint8 (H, W, 3) picture.
        holes: labels that show the new background too.

    Raises:
        UsageError: the segmentation is of another size, or has no such label.
    """
    names = list(holes)
    check(image, segmentation, names)
    size = segmentation.count + 1
    paint = np.zeros((size, 3), dtype=np.float32)
    action = np.zeros(size, dtype=np.uint8)
    out = np.array(image, order="C")
    shown = chosen_labels(segmentation, [0, *names])
    if isinstance(background, np.ndarray):
        action[shown] = GIVEN
        where = shown[segmentation.labels]
        out[where] = background[where]
    else:
        action[shown] = FLAT
        paint[shown] = background
    whole = (0, 0, *segmentation.shape)
    _repaint(image, out, segmentation, action, paint, paint, whole, False)
    return out


def repaint_all(
    image: UInt8Array, segmentation: Segmentation, paints: npt.NDArray[np.generic]
) -> UInt8Array:
    """Every part and the background in a flat paint.

    Args:
        image: uint8 (H, W, 3).
        segmentation: of this image.
        paints: (count + 1, 3), RGB in 0..255, the background's first.

    Raises:
        UsageError: the segmentation is of another size.
    """
    check(image, segmentation, ())
    out = np.array(image, order="C")
    action = np.full(segmentation.count + 1, FLAT, dtype=np.uint8)
    paint = np.ascontiguousarray(paints, dtype=np.float32)
    whole = (0, 0, *segmentation.shape)
    _repaint(image, out, segmentation, action, paint, paint, whole, False)
    return out


def gradient(
    shape: tuple[int, int], first: Color, second: Color, angle: float, radial: bool = False
) -> UInt8Array:
    """A picture that runs from one colour to another.

    Args:
        shape: height and width.
        first, second: RGB in 0..255; ``second`` is reached at the far corner.
        angle: direction in degrees, clockwise from rightwards; of no account if radial.
        radial: from the centre outwards.
    """
    height, width = shape
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    if radial:
        share = np.sqrt(x * x + y * y) / np.float32(np.sqrt(2))
    else:
        right, down = float(np.cos(np.deg2rad(angle))), float(np.sin(np.deg2rad(angle)))
        share = (right * x + down * y) / (2 * (abs(right) + abs(down))) + np.float32(0.5)
    level = np.clip(share * 255 + np.float32(0.5), 0, 255).astype(np.uint8)
    table = np.linspace(first, second, 256).round().astype(np.uint8)
    picture: UInt8Array = table[level]
    return picture


def speckle(shape: tuple[int, int], color: Color, amplitude: float, seed: int) -> UInt8Array:
    """A plain colour with faint noise, half of it fine and half in soft patches.

    Args:
        shape: height and width.
        color: RGB in 0..255.
        amplitude: standard deviation in levels of 255.
        seed: decides the noise.
    """
    height, width = shape
    random = np.random.default_rng(seed)
    fine = random.standard_normal((height, width), dtype=np.float32)
    coarse = random.standard_normal((6, 6), dtype=np.float32)
    patches = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    levels: Float32Array = (fine + patches) * np.float32(amplitude * 0.7)
    return np.clip(levels[..., None] + np.array(color, np.float32), 0, 255).astype(np.uint8)
