"""The compiled loops of prints, reliefs and photographs: one pass over the pixels for each."""

from typing import Any

import numpy as np
from numba import njit

from marquery.augment.functional._kernels import _to_level


@njit(cache=True, nogil=True)
def inked(image: Any, red: int, green: int, blue: int, levels: float) -> Any:
    """How much each pixel differs from a colour.

    Args:
        image: uint8 (H, W, 3).
        red, green, blue: the colour.
        levels: difference in a channel that counts as 1.

    Returns:
        float32 (H, W) in 0..1.
    """
    out = np.empty(image.shape[:2], dtype=np.float32)
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            away = max(abs(np.int32(image[y, x, 0]) - red), abs(np.int32(image[y, x, 1]) - green))
            away = max(away, abs(np.int32(image[y, x, 2]) - blue))
            out[y, x] = min(np.float32(away) / np.float32(levels), np.float32(1))
    return out


@njit(cache=True, nogil=True)
def toward(image: Any, share: Any, red: float, green: float, blue: float) -> Any:
    """Every pixel moved towards a colour.

    Args:
        image: uint8 (H, W, 3).
        share: float32 (H, W), 0 (as it is) to 1 (the colour).
        red, green, blue: the colour.

    Returns:
        uint8 (H, W, 3).
    """
    out = np.empty_like(image)
    color = np.array([red, green, blue], dtype=np.float32)
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            a = share[y, x]
            for c in range(3):
                level = np.float32(image[y, x, c])
                out[y, x, c] = _to_level(level + (color[c] - level) * a)
    return out


@njit(cache=True, nogil=True)
def lifted(image: Any, lit: Any, factor: float, base: float) -> Any:
    """``factor * level + base + lit`` of every pixel.

    Args:
        image: uint8 (H, W, 3).
        lit: float32 (H, W), levels.
        factor: of the levels.
        base: added to all.

    Returns:
        uint8 (H, W, 3).
    """
    out = np.empty_like(image)
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            more = np.float32(base) + lit[y, x]
            for c in range(3):
                out[y, x, c] = _to_level(np.float32(factor) * np.float32(image[y, x, c]) + more)
    return out


@njit(cache=True, nogil=True)
def toned(image: Any, shade: Any, tone: Any) -> Any:
    """Every pixel times the light at its place and a colour.

    Args:
        image: uint8 (H, W, 3).
        shade: float32 (H, W), factor.
        tone: float32 (3,), factor of each channel.

    Returns:
        uint8 (H, W, 3).
    """
    out = np.empty_like(image)
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            for c in range(3):
                out[y, x, c] = _to_level(np.float32(image[y, x, c]) * shade[y, x] * tone[c])
    return out


@njit(cache=True, nogil=True)
def composed(
    seen: Any,
    cover: Any,
    thrown: Any,
    texture: Any,
    color: Any,
    through: float,
    across: Any,
    down: Any,
    corners: float,
    tint: Any,
) -> Any:
    """A picture on a lit surface.

    Args:
        seen: uint8 (H, W, 3), the picture in its place.
        cover: float32 (H, W), its share of each pixel.
        thrown: float32 (H, W), darkness of its shadow on the surface.
        texture: float32 (H, W), lightness of the surface.
        color: float32 (3,), RGB of the surface.
        through: share of the texture that shows in the picture.
        across, down: float32 (W,) and (H,), from -1 to 1 times the change of light.
        corners: share of the light that is lost towards the corners.
        tint: float32 (3,), factor of each channel.

    Returns:
        uint8 (H, W, 3).
    """
    out = np.empty_like(seen)
    height, width = cover.shape
    for y in range(height):
        v = np.float32(2 * y) / np.float32(max(height - 1, 1)) - np.float32(1)
        for x in range(width):
            u = np.float32(2 * x) / np.float32(max(width - 1, 1)) - np.float32(1)
            light = np.float32(1) - across[x] - down[y]
            light *= np.float32(1) - np.float32(corners / 2) * (u * u + v * v)
            ground = texture[y, x] * (np.float32(1) - thrown[y, x])
            rough = np.float32(1) + (texture[y, x] - np.float32(1)) * np.float32(through)
            a = cover[y, x]
            for c in range(3):
                below = ground * color[c]
                level = below + (np.float32(seen[y, x, c]) * rough - below) * a
                out[y, x, c] = _to_level(level * light * tint[c])
    return out


@njit(cache=True, nogil=True)
def hatched(
    image: Any,
    grey: Any,
    ground: float,
    background: Any,
    lines: Any,
    pitch: float,
    solid: float,
) -> Any:
    """Tones as lines.

    Args:
        image: uint8 (H, W, 3).
        grey: uint8 (H, W), its lightness.
        ground: lightness of the background, 0..255.
        background: uint8 (3,), RGB.
        lines: float32 (H, W) in 0..1, a screen of lines.
        pitch: of the screen, in pixels.
        solid: darkness from which ink is solid.

    Returns:
        float32 (H, W): ink, 0 to 1.
    """
    out = np.empty(grey.shape, dtype=np.float32)
    reach = np.float32(max(ground, 255 - ground))
    share = inked(image, int(background[0]), int(background[1]), int(background[2]), 48.0)
    for y in range(grey.shape[0]):
        for x in range(grey.shape[1]):
            dark = abs(np.float32(grey[y, x]) - np.float32(ground)) / reach
            dark = max(dark, np.float32(0.18) * share[y, x])
            line = (dark * np.float32(0.75) - lines[y, x]) * np.float32(pitch)
            line = min(max(line, np.float32(0)), np.float32(1)) * share[y, x]
            full = (dark - np.float32(solid)) * np.float32(16)
            out[y, x] = max(line, min(max(full, np.float32(0)), np.float32(1)))
    return out
