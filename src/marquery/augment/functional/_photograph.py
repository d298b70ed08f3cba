"""A photograph of a logo on a wall, on cloth, on a sign board."""

from typing import Literal, get_args

import cv2
import numpy as np

from marquery.arrays import Float32Array, Float64Array, UInt8Array
from marquery.augment.functional._paint import Color
from marquery.augment.functional._relief import ink_share
from marquery.augment.functional._shading import composed, lifted

__all__ = ["MOUNTS", "Mount", "corner_map", "photograph"]

Mount = Literal["painted", "board", "letters"]
MOUNTS: tuple[Mount, ...] = get_args(Mount)
# Share of the surface's roughness that shows in each.
_THROUGH: dict[Mount, float] = {"painted": 0.7, "board": 0.15, "letters": 0.2}
_SHADOW = np.float32(0.45)


def corner_map(corners: Float64Array, canvas: tuple[int, int]) -> Float64Array:
    """The homography that moves the corners of a canvas.

    Args:
        corners: (4, 2), x and y in pixels of the new upper left, upper right, lower right and lower
            left corner.
        canvas: height and width in pixels.

    Returns:
        (3, 3), from places of the canvas to new places.
    """
    height, width = canvas
    old = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    old -= np.float32(0.5)
    moved = np.asarray(corners, np.float32) - np.float32(0.5)
    return np.asarray(cv2.getPerspectiveTransform(old, moved), np.float64)


def photograph(
    image: UInt8Array,
    background: Color,
    matrix: Float64Array,
    texture: Float32Array,
    color: Color,
    *,
    mount: Mount = "painted",
    light: tuple[float, float, float] = (0.0, 0.0, 0.0),
    warmth: float = 0.0,
    blur: float = 0.0,
    grain: float = 0.0,
    seed: int = 0,
) -> UInt8Array:
    """Lay a logo on a surface, seen from aside, in uneven light.

    Args:
        image: uint8 (H, W, 3).
        background: RGB of the logo's background.
        matrix: (3, 3), from places of the logo to places of the photograph.
        texture: float32 (H, W), lightness of the surface, about 1.
        color: RGB of the surface.
        mount: ``"painted"``: the ink alone, with the surface's texture; ``"board"``: the picture as
            a board before the surface; ``"letters"``: the ink stands off and throws a shadow.
        light: brightness at the left and at the top against the other end, and what is lost towards
            the corners, as shares.
        warmth: above 0 redder, below 0 bluer, as a share.
        blur: standard deviation in pixels.
        grain: standard deviation of the noise in levels.
        seed: decides the noise.
    """
    height, width = image.shape[:2]
    size = (width, height)
    seen = cv2.warpPerspective(
        image, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    whole = np.ones((height, width), np.float32)
    drawn = whole if mount == "board" else ink_share(image, background)
    cover = cv2.warpPerspective(drawn, matrix, size)
    thrown = np.zeros_like(cover)
    if mount != "painted":
        step = max(round(0.012 * min(height, width)), 1)
        moved = np.array([[1, 0, step], [0, 1, step]], np.float64)
        thrown = cv2.GaussianBlur(cv2.warpAffine(cover, moved, size), (0, 0), step) * _SHADOW
    left, top, corners = light
    out = composed(
        *(seen, cover, thrown, texture, np.array(color, np.float32), _THROUGH[mount]),
        *(_ramp(width) * np.float32(left), _ramp(height) * np.float32(top), corners),
        np.array([1 + warmth, 1, 1 - warmth], np.float32),
    )
    if blur > 0:
        out = cv2.GaussianBlur(out, (0, 0), blur)
    if grain > 0:
        noise = np.random.default_rng(seed).standard_normal((height, width), np.float32)
        out = lifted(out, noise * np.float32(grain), 1.0, 0.0)
    return np.asarray(out, np.uint8)


def _ramp(count: int) -> Float32Array:
    return np.linspace(-1, 1, count, dtype=np.float32) if count > 1 else np.zeros(1, np.float32)
