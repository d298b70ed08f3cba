"""Depth on a flat logo: embossing, a shadow, a gradient, gloss."""

import cv2
import numpy as np

from marquery.arrays import Float32Array, UInt8Array
from marquery.augment.functional._paint import Color
from marquery.augment.functional._shading import inked, lifted, toward

__all__ = ["emboss", "gloss", "ink_share", "shaded", "shadow"]

# Levels from the background at which a pixel is fully ink.
_INK_LEVELS = 40
# Factor and base by which levels make room for light and shade.
_MIDDLE = 0.86, 18.0


def ink_share(image: UInt8Array, background: Color) -> Float32Array:
    """float32 (H, W) in 0..1: how much each pixel differs from the background."""
    share: Float32Array = inked(image, *background, _INK_LEVELS)
    return share


def emboss(
    image: UInt8Array,
    background: Color,
    height: float,
    angle: float = 225.0,
    strength: float = 0.5,
    *,
    blind: bool = False,
) -> UInt8Array:
    """The logo raised above the page, lit from one side.

    Args:
        image: uint8 (H, W, 3).
        background: RGB.
        height: how far the slope at edges reaches, in pixels.
        angle: where the light comes from, in degrees: 0 right, 90 above.
        strength: of light and shade, 0..1.
        blind: without ink: all of it in the background's colour, told by its relief alone.
    """
    # Inner edges are raised too: their lightness is a height of its own.
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32) / np.float32(255)
    relief = ink_share(image, background) + np.float32(0.5) * grey
    soft = cv2.GaussianBlur(relief, (0, 0), max(height, 0.5))
    right = cv2.Sobel(soft, cv2.CV_32F, 1, 0, ksize=3)
    down = cv2.Sobel(soft, cv2.CV_32F, 0, 1, ksize=3)
    turn = np.deg2rad(angle)
    lit = np.float32(-np.cos(turn)) * right + np.float32(np.sin(turn)) * down
    # Without colours the relief alone must be seen.
    lit = lit * np.float32((160 if blind else 110) * strength * max(height, 0.5) / 2)
    base = np.full_like(image, background) if blind else image
    # A page that is all white could not be lit, one that is all black not be shaded.
    out: UInt8Array = lifted(base, lit, *_MIDDLE)
    return out


def shadow(
    image: UInt8Array,
    background: Color,
    offset: tuple[float, float],
    blur: float,
    strength: float = 0.5,
) -> UInt8Array:
    """A shadow that the logo throws on its background.

    Args:
        image: uint8 (H, W, 3).
        background: RGB; a shadow is thrown on it alone.
        offset: to the right and down, in pixels.
        blur: standard deviation in pixels.
        strength: how dark, 0..1; on a dark background it is a glow.
    """
    ink = ink_share(image, background)
    moved = np.array([[1, 0, offset[0]], [0, 1, offset[1]]], np.float64)
    thrown = cv2.warpAffine(ink, moved, (ink.shape[1], ink.shape[0]))
    if blur > 0:
        thrown = cv2.GaussianBlur(thrown, (0, 0), blur)
    end = 0 if sum(background) > 240 else 255
    out: UInt8Array = toward(image, thrown * (1 - ink) * np.float32(strength), end, end, end)
    return out


def shaded(
    image: UInt8Array, background: Color, direction: tuple[float, float], tint: Color
) -> UInt8Array:
    """Ink that passes into another colour from one side to the other.

    Args:
        image: uint8 (H, W, 3).
        background: RGB; it stays.
        direction: to the right and down; its length is the share of the other colour at the far
            end, 0..1.
        tint: RGB of the far end.
    """
    height, width = image.shape[:2]
    right, down = direction
    x = np.linspace(0, 1, width, dtype=np.float32) * np.float32(abs(right))
    y = np.linspace(0, 1, height, dtype=np.float32) * np.float32(abs(down))
    x, y = x[:: 1 if right >= 0 else -1], y[:: 1 if down >= 0 else -1]
    share = (x[None, :] + y[:, None]) * ink_share(image, background)
    out: UInt8Array = toward(image, share, *tint)
    return out


def gloss(image: UInt8Array, background: Color, level: float, strength: float) -> UInt8Array:
    """Ink with a light upper part, as buttons of web pages had it.

    Args:
        image: uint8 (H, W, 3).
        background: RGB; it stays.
        level: height at which the light part ends in the middle, as a share from the top.
        strength: of the light, 0..1.
    """
    height, width = image.shape[:2]
    x = np.linspace(-1, 1, width, dtype=np.float32)
    edge = (np.float32(level) - np.float32(0.15) * x * x) * height
    rows = np.arange(height, dtype=np.float32)[:, None]
    lit = np.clip(edge[None, :] - rows, 0, 1) * (np.float32(1) - rows / height * np.float32(0.6))
    share = lit * np.float32(strength) * ink_share(image, background)
    out: UInt8Array = toward(image, share.astype(np.float32), 255, 255, 255)
    return out
