"""Lines of text as coverage: straight, set in blocks, bent around a circle."""

from functools import lru_cache

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont, features

from marquery.arrays import Float32Array
from marquery.svg.letters import FONTS

# Pixels of the em at which text is drawn before it is fitted.
_EM = 56
_SPACE = 0.3
# Least height of a further line as a share of the first.
_LOWEST = 0.28
_SYMBOLS = frozenset("®™©")


@lru_cache(maxsize=1024)
def _font(file: str, joined: bool) -> ImageFont.FreeTypeFont:
    engine = ImageFont.Layout.RAQM if joined else ImageFont.Layout.BASIC
    return ImageFont.truetype(file, _EM, layout_engine=engine)


@lru_cache(maxsize=1)
def can_join() -> bool:
    """Whether letters that join, as those of Arabic, can be drawn here."""
    return bool(features.check_feature("raqm"))


def line_mask(text: str, file: str, spacing: float = 0.0, joined: bool = False) -> Float32Array:
    """Draw a line of text.

    Args:
        text: to be drawn; ®, ™ and © are drawn with a font of the package.
        file: font file.
        spacing: further space between letters, as a share of the em.
        joined: letters join, and run from right to left, as in Arabic; no spacing.

    Returns:
        float32 (h, w) coverage in 0..1, cut to the ink; (1, 1) of 0 if there is none.
    """
    if text and set(text) <= _SYMBOLS:
        file = FONTS[-1]
    font = _font(file, joined)
    # A font of one script may lack the space.
    words = text.split(" ") if not joined else [text]
    widths = [_width(word, font, spacing) for word in words]
    gap = (_SPACE + spacing) * _EM
    room = _EM
    width = int(sum(widths) + gap * (len(words) - 1)) + 2 * room
    image = Image.new("L", (min(width, 6000), 3 * _EM))
    pen, x = ImageDraw.Draw(image), float(room)
    for word, wide in zip(words, widths, strict=True):
        if not spacing or joined:
            pen.text((x, 2 * _EM), word, 255, font, anchor="ls")
        else:
            at = x
            for letter in word:
                pen.text((at, 2 * _EM), letter, 255, font, anchor="ls")
                at += font.getlength(letter) + spacing * _EM
        x += wide + gap
    drawn = np.asarray(image)
    left, top, wide_ink, tall_ink = cv2.boundingRect(drawn)
    if not wide_ink:
        return np.zeros((1, 1), np.float32)
    cut: Float32Array = drawn[top : top + tall_ink, left : left + wide_ink].astype(np.float32)
    return cut / np.float32(255)


def _width(word: str, font: ImageFont.FreeTypeFont, spacing: float) -> float:
    if not spacing:
        return float(font.getlength(word))
    return float(sum(font.getlength(letter) + spacing * _EM for letter in word))


def sized(mask: Float32Array, height: float, width: float) -> Float32Array:
    """A mask in another size.

    Args:
        mask: float32 (h, w).
        height, width: pixels, rounded, at least 1.
    """
    tall, wide = max(round(height), 1), max(round(width), 1)
    smaller = tall < mask.shape[0] or wide < mask.shape[1]
    how = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    out: Float32Array = cv2.resize(mask, (wide, tall), interpolation=how).astype(np.float32)
    return out


def stacked(
    lines: list[Float32Array], shares: list[float], gap: float, align: float
) -> Float32Array:
    """Lines below each other.

    Args:
        lines: masks, float32 (h, w).
        shares: width of each line as a share of the first one's; no line becomes higher than the
            first, or so low that it could not be read.
        gap: between lines, as a share of the first line's height.
        align: where lines that are shorter lie: 0 left, 0.5 in the middle, 1 right.

    Returns:
        float32 (h, w).
    """
    first = lines[0]
    fitted = [first]
    for line, share in zip(lines[1:], shares[1:], strict=True):
        scale = min(share * first.shape[1] / line.shape[1], first.shape[0] / line.shape[0])
        scale = max(scale, _LOWEST * first.shape[0] / line.shape[0])
        fitted.append(sized(line, line.shape[0] * scale, line.shape[1] * scale))
    width = max(line.shape[1] for line in fitted)
    space = max(round(gap * first.shape[0]), 1)
    height = sum(line.shape[0] for line in fitted) + space * (len(fitted) - 1)
    out, top = np.zeros((height, width), np.float32), 0
    for line in fitted:
        left = round((width - line.shape[1]) * align)
        out[top : top + line.shape[0], left : left + line.shape[1]] = line
        top += line.shape[0] + space
    return out


def around(
    line: Float32Array,
    canvas: tuple[int, int],
    radius: float,
    height: float,
    *,
    below: bool,
    most: float = 2.6,
) -> Float32Array:
    """A line of text bent around the middle of a canvas.

    Args:
        line: float32 (h, w).
        canvas: height and width in pixels.
        radius: of the inner edge of the letters, in pixels.
        height: of the letters, in pixels.
        below: along the lower half, read from left to right; else along the upper half.
        most: most angle that the line covers, in radians; a longer line is set narrower.

    Returns:
        float32 (H, W) coverage.
    """
    rows, columns = canvas
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    far, angle = cv2.cartToPolar(x - (columns - 1) / 2, y - (rows - 1) / 2)
    middle = np.float32(np.pi / 2 if below else 3 * np.pi / 2)
    # Turned so that the middle of the line is at pi, far from where angles begin anew.
    turned = np.mod(angle - middle + np.float32(np.pi), np.float32(2 * np.pi)) - np.float32(np.pi)
    scale = line.shape[0] / height
    along = scale * (radius + height / 2)
    along = max(along, line.shape[1] / most)
    side = np.float32(-along if below else along)
    u = turned * side + np.float32(line.shape[1] / 2)
    v = (far - np.float32(radius)) * np.float32(scale)
    if not below:
        v = np.float32(line.shape[0]) - v
    smaller = cv2.GaussianBlur(line, (0, 0), scale / 2.5) if scale > 1.5 else line
    bent = cv2.remap(smaller, u - 0.5, v - 0.5, cv2.INTER_LINEAR)
    return np.asarray(bent, np.float32)
