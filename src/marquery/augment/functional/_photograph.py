"""A photograph of a logo on a wall, on cloth, on a sign board."""

from typing import Any, Literal, get_args

import cv2
import numpy as np

from marquery.arrays import Float32Array, Float64Array, UInt8Array
from marquery.augment.functional._paint import Color
from marquery.augment.functional._relief import ink_share

__all__ = ["MOUNTS", "Mount", "corner_map", "photograph"]

Mount = Literal["painted", "board", "letters"]
MOUNTS: tuple[Mount, ...] = get_args(Mount)
# Least share of the surface's roughness that shows through paint.
_THROUGH = 0.7


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
    ).astype(np.float32)
    if mount == "board":
        cover = cv2.warpPerspective(np.ones((height, width), np.float32), matrix, size)
        rough: Any = 1 + (texture - 1) * np.float32(0.15)
    else:
        cover = cv2.warpPerspective(ink_share(image, background), matrix, size)
        through = _THROUGH if mount == "painted" else 0.2
        rough = 1 + (texture - 1) * np.float32(through)
    ground = texture[..., None] * np.array(color, np.float32)
    if mount != "painted":
        step = max(round(0.012 * min(height, width)), 1)
        thrown = cv2.GaussianBlur(np.roll(cover, (step, step), (0, 1)), (0, 0), step)
        ground *= (1 - np.float32(0.45) * thrown)[..., None]
    share = cover[..., None]
    out = ground + (seen * rough[..., None] - ground) * share
    out *= _lit(height, width, light, warmth)
    if blur > 0:
        out = cv2.GaussianBlur(out, (0, 0), blur)
    if grain > 0:
        noise = np.random.default_rng(seed).standard_normal((height, width), np.float32)
        out += (noise * np.float32(grain))[..., None]
    return np.asarray(np.clip(out, 0, 255), np.uint8)


def _lit(height: int, width: int, light: tuple[float, float, float], warmth: float) -> Any:
    """float32 (H, W, 3): how much light comes to each place, in each colour."""
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    level = 1 - np.float32(light[0]) * x - np.float32(light[1]) * y
    level = level * (1 - np.float32(light[2] / 2) * (x * x + y * y))
    return level[..., None] * np.array([1 + warmth, 1, 1 - warmth], np.float32)
