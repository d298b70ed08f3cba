"""Surfaces that signs are on, made by procedures: plaster, cloth, wood, bricks, metal, a street."""

from typing import Any, Literal, get_args

import cv2
import numpy as np

from marquery.arrays import Float32Array

__all__ = ["SURFACES", "Surface", "surface"]

Surface = Literal["plaster", "cloth", "wood", "brick", "metal", "street"]
SURFACES: tuple[Surface, ...] = get_args(Surface)


def surface(kind: Surface, canvas: tuple[int, int], seed: int) -> Float32Array:
    """The lightness of a surface.

    Args:
        kind: which.
        canvas: height and width in pixels.
        seed: decides everything that is random.

    Returns:
        float32 (H, W), about 1 in the mean, mostly within 0.5 and 1.3; a factor of the surface's
        colour.
    """
    noise = np.random.default_rng(seed)
    height, width = canvas
    made = {
        "plaster": _plaster,
        "cloth": _cloth,
        "wood": _wood,
        "brick": _brick,
        "metal": _metal,
        "street": _street,
    }[kind](height, width, noise)
    level: Float32Array = np.clip(1 + made, 0.35, 1.5).astype(np.float32)
    return level


def _waves(height: int, width: int, rows: float, columns: float, noise: Any) -> Any:
    """Smooth noise of unit deviation; ``rows`` and ``columns`` knots over the picture."""
    knots = noise.standard_normal((max(int(rows), 2), max(int(columns), 2)), np.float32)
    return cv2.resize(knots, (width, height), interpolation=cv2.INTER_CUBIC)


def _plaster(height: int, width: int, noise: Any) -> Any:
    rough = noise.uniform(0.02, 0.06)
    out = 0.05 * _waves(height, width, 4, 4, noise)
    out += rough * _waves(height, width, height / 8, width / 8, noise)
    return out + rough * 0.7 * noise.standard_normal((height, width), np.float32)


def _cloth(height: int, width: int, noise: Any) -> Any:
    pitch = noise.uniform(2.5, 5)
    x = np.arange(width, dtype=np.float32) * np.float32(2 * np.pi / pitch)
    y = np.arange(height, dtype=np.float32) * np.float32(2 * np.pi / pitch)
    weave = 0.06 * np.sin(y)[:, None] * np.sin(x)[None, :] + 0.03 * np.sin(x)[None, :]
    folds = _waves(height, width, 3, noise.integers(3, 7), noise)
    return weave + 0.11 * folds + 0.02 * noise.standard_normal((height, width), np.float32)


def _wood(height: int, width: int, noise: Any) -> Any:
    rings = _waves(height, width, 5, 2, noise) * 3
    rows = np.linspace(0, noise.uniform(5, 14), height, dtype=np.float32)[:, None]
    grain = 0.09 * np.sin(2 * np.pi * (rows + rings * 0.25))
    fibres = 0.06 * _waves(height, width, height / 2, 4, noise)
    boards = noise.integers(2, 5)
    edges = np.arange(1, boards) * height // boards
    out = grain + fibres
    for edge in edges:
        out[max(edge - 1, 0) : edge + 1] -= 0.3
    return out


def _brick(height: int, width: int, noise: Any) -> Any:
    tall = max(int(height / noise.integers(7, 13)), 4)
    wide = int(2.6 * tall)
    rows, columns = -(-height // tall), width // wide + 2
    tone = 0.1 * noise.standard_normal((rows, columns), np.float32)
    row = np.arange(height) // tall
    shift = (row % 2) * (wide // 2)
    column = (np.arange(width)[None, :] + shift[:, None]) // wide
    out = tone[row[:, None], column]
    joint = max(tall // 8, 1)
    mortar = (np.arange(height) % tall < joint)[:, None]
    upright = (np.arange(width)[None, :] + shift[:, None]) % wide < joint
    out = np.where(mortar | upright, np.float32(0.18), out)
    out = cv2.GaussianBlur(out.astype(np.float32), (0, 0), 0.7)
    return out + 0.05 * noise.standard_normal((height, width), np.float32)


def _metal(height: int, width: int, noise: Any) -> Any:
    brushed = cv2.blur(noise.standard_normal((height, width), np.float32), (max(width // 6, 3), 1))
    sheen = np.sin(np.linspace(0, noise.uniform(2, 6), width, dtype=np.float32))[None, :]
    return 0.3 * brushed + 0.12 * sheen


def _street(height: int, width: int, noise: Any) -> Any:
    """What lies far behind a sign: blurred light and dark shapes."""
    blocks = 0.28 * _waves(height, width, 3, 5, noise) + 0.12 * _waves(height, width, 8, 9, noise)
    return np.clip(blocks, -0.55, 0.45)
