"""Made-up words in the fonts that are at hand."""

from functools import lru_cache

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from marquery.arrays import Float32Array
from marquery.augment._random import uniform
from marquery.augment.lettering.typefaces import matplotlib_fonts
from marquery.augment.lettering.words import syllables

# Height in pixels at which words are drawn before they are fitted.
_SIZE = 32
_HERSHEY = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
    cv2.FONT_HERSHEY_SCRIPT_SIMPLEX,
)


def made_up_word() -> str:
    """A word of one to four syllables in lower, upper or title case, now and then with digits."""
    word = syllables()
    if uniform() < 0.08:
        word += str(int(uniform(1, 1000)))
    case = uniform()
    if case < 0.35:
        return word
    return word.upper() if case < 0.6 else word.title()


def font_count() -> int:
    """Number of fonts that :func:`word_mask` chooses from."""
    return len(matplotlib_fonts()) or len(_HERSHEY)


@lru_cache(maxsize=2048)
def word_mask(word: str, font: int, spacing: int = 0) -> Float32Array:
    """Draw a word.

    Args:
        word: to be drawn; letters that a font lacks leave nothing.
        font: 0..:func:`font_count` - 1.
        spacing: further pixels between letters.

    Returns:
        float32 (h, w) coverage in 0..1, cut to the ink; (1, 1) of 0 if there is none.
    """
    files = matplotlib_fonts()
    drawn = _with_file(word, files[font], spacing) if files else _with_strokes(word, font, spacing)
    left, top, width, height = cv2.boundingRect(drawn)
    if not width:
        return np.zeros((1, 1), np.float32)
    cut: Float32Array = drawn[top : top + height, left : left + width].astype(np.float32)
    return cut / np.float32(255)


@lru_cache(maxsize=64)
def _font(file: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(file, _SIZE, layout_engine=ImageFont.Layout.BASIC)


def _with_file(
    word: str, file: str, spacing: int
) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    font = _font(file)
    room = _SIZE // 2
    width = round(font.getlength(word)) + spacing * len(word) + 2 * room
    image = Image.new("L", (width, 2 * _SIZE))
    pen = ImageDraw.Draw(image)
    if spacing:
        x = float(room)
        for letter in word:
            pen.text((x, room // 2), letter, 255, font)
            x += font.getlength(letter) + spacing
    else:
        pen.text((room, room // 2), word, 255, font)
    return np.asarray(image)


def _with_strokes(
    word: str, font: int, spacing: int
) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    face, weight, room = _HERSHEY[font], 2, _SIZE // 2
    widths = [cv2.getTextSize(letter, face, 1, weight)[0][0] + spacing for letter in word]
    image = np.zeros((2 * _SIZE, sum(widths) + 2 * room), np.uint8)
    x = room
    for letter, width in zip(word, widths, strict=True):
        cv2.putText(image, letter, (x, _SIZE + room // 2), face, 1, 255, weight, cv2.LINE_AA)
        x += width
    return image
