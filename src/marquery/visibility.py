"""Whether a logo with transparency can be seen on a background of one colour."""

import cv2
import numpy as np

from marquery.arrays import UInt8Array

WHITE = (255, 255, 255)
#: RGB background for logos that would be invisible on white.
DARK = (32, 34, 37)
# Difference from the background, in levels of 0 to 255 in any channel, from which ink is visible.
# More than black differs from DARK.
_VISIBLE_LEVELS = 40
# Share of the ink, 0 to 1, that is invisible on white from which a dark background is considered.
_HIDDEN_SHARE = 0.25
# A piece is itself a background if this share of the area within its outline, 0 to 1, is visible
# ink.
_SURROUNDED_SHARE = 0.08
# Longest side in pixels at which visibility is judged.
_JUDGED_SIDE = 256


def is_blank(pixels: UInt8Array) -> bool:
    """Whether an (H, W, 3) uint8 image has one colour only: nothing can be seen on it."""
    first = pixels[0, 0]
    # A few rows and columns tell most pictures from blank ones.
    if (pixels[::16, ::16] != first).any():
        return False
    return bool((pixels == first).all())


def vanishes_on_white(rgba: UInt8Array) -> bool:
    """Whether an (H, W, 4) uint8 image needs a dark background instead of white.

    True if a good part of it would be invisible on white, a white wordmark beside a coloured figure
    for instance, and clearly less on :data:`DARK`. White inside a badge does not count: the badge
    shows it.
    """
    hidden = hidden_share(rgba, WHITE)
    return hidden >= _HIDDEN_SHARE and hidden_share(rgba, DARK) < hidden / 2


def hidden_share(rgba: UInt8Array, background: tuple[int, int, int]) -> float:
    """Share of an image's ink, 0 to 1, that is invisible on a background of one colour.

    Counted is ink of the background's colour in pieces that touch transparency, except those that
    surround visible ink: an app icon's white tile or a sticker's white rim is itself a background.
    The image is judged at 256 px at most and pieces under a thousandth of it are ignored, so that
    the cost is bounded.

    Args:
        rgba: uint8 (H, W, 4); ink is where alpha is 128 or more.
        background: RGB, 0 to 255.
    """
    step = -(-max(rgba.shape[:2]) // _JUDGED_SIDE)
    rgba = rgba[::step, ::step]
    solid = rgba[..., 3] >= 128
    if not solid.any():
        return 0.0
    away = np.abs(rgba[..., :3].astype(np.int16) - np.array(background, dtype=np.int16)).max(axis=2)
    alike = solid & (away < _VISIBLE_LEVELS)
    transparent = np.pad(~solid, 1, constant_values=True).astype(np.uint8)
    beside = cv2.dilate(transparent, np.ones((3, 3), np.uint8))[1:-1, 1:-1] > 0
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(alike.astype(np.uint8), connectivity=8)
    hidden = 0
    for piece in np.unique(pieces[alike & beside]):
        left, top, width, height, area = (int(v) for v in stats[piece])
        if area < alike.size / 1000:
            continue
        box = (slice(top, top + height), slice(left, left + width))
        own = (pieces[box] == piece).astype(np.uint8)
        outlines, _ = cv2.findContours(own, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        inside = cv2.drawContours(np.zeros_like(own), outlines, -1, 1, cv2.FILLED) > 0
        if (inside & solid[box] & ~alike[box]).sum() < _SURROUNDED_SHARE * inside.sum():
            hidden += area
    return hidden / int(solid.sum())
