"""JPEG dirt, low resolution, blur and noise."""

from typing import Any

import cv2
import numpy as np

from marquery.arrays import UInt8Array

__all__ = ["degrade"]


def degrade(
    image: UInt8Array,
    side: int | None = None,
    blur: float = 0,
    noise: float = 0,
    quality: int | None = None,
    seed: int = 0,
) -> UInt8Array:
    """What happens to a picture on its way through the world; in this order, each left out by
    default.

    Args:
        image: uint8 (H, W, 3).
        side: longest side in pixels to which it is brought down, and up again.
        blur: standard deviation in pixels.
        noise: standard deviation in levels of 255.
        quality: of a JPEG, 1..100.
        seed: decides the noise.
    """
    height, width = image.shape[:2]
    out: Any = image
    if side is not None and side < max(height, width):
        share = side / max(height, width)
        small = (max(round(width * share), 1), max(round(height * share), 1))
        out = cv2.resize(
            cv2.resize(out, small, interpolation=cv2.INTER_AREA),
            (width, height),
            interpolation=cv2.INTER_LINEAR,
        )
    if blur > 0:
        out = cv2.GaussianBlur(out, (0, 0), blur)
    if noise > 0:
        grain = np.random.default_rng(seed).standard_normal(out.shape[:2], np.float32)
        levels = np.rint(grain * np.float32(noise)).astype(np.int16)
        out = np.clip(out + levels[..., None], 0, 255).astype(np.uint8)
    if quality is not None:
        done, data = cv2.imencode(".jpg", out[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
        decoded = cv2.imdecode(data, cv2.IMREAD_COLOR) if done else None
        if decoded is not None:
            out = decoded[..., ::-1]
    return np.array(out, order="C")
