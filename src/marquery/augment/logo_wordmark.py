"""LogoWordmark: a word added to a logo, or taken from it."""

from typing import Any, Literal

import numpy as np
import torch

from marquery.arrays import UInt8Array
from marquery.augment import functional as F
from marquery.augment._base import LogoTransform, interval, probability
from marquery.augment._palette import BLACK, ink_for, levels, main_ink, one_of, some_of
from marquery.augment._random import Range, uniform
from marquery.augment._words import font_count, made_up_word, word_mask
from marquery.augment.functional import Color
from marquery.augment.functional._kernels import paste
from marquery.augment.functional._place import stamp
from marquery.augment.logo_badge import whole_cut_out
from marquery.augment.subject import Subject
from marquery.segments import Segmentation, group_segments

Place = Literal["below", "beside"]

# A word has so many letters; without all words so much of the ink must be left. More words are a
# pattern.
_LETTERS, _LEFT, _WORDS = 3, 0.45, 3
# A logo of few pixels is not blown up to more than this.
_MOST_GROWTH = 2.0


class LogoWordmark(LogoTransform):
    """Set a made-up word beside or below the logo, which shrinks; or remove its words.

    The canvas stays as it is. Words are set in the fonts that come with matplotlib, without it in
    those of OpenCV.

    Args:
        places: what is drawn from, each as likely: ``"below"``, ``"beside"``.
        size: least and most height of the word beside the logo, as a share of the logo's; below,
            its width as a share of the logo's is twice to three times as much.
        fill: least and most share of the canvas that logo and word take up in length.
        drop: probability that words are taken away, where there are some (``group="glyphs"``).
        contrast: levels of 255 between word and background.
        p: see :class:`LogoTransform`.

    Raises:
        UsageError: an option is out of range.
    """

    def __init__(
        self,
        places: tuple[Place, ...] = ("below", "beside"),
        size: Range = (0.3, 0.7),
        fill: Range = (0.85, 0.97),
        drop: float = 0.5,
        contrast: float = 64,
        p: float = 1.0,
    ) -> None:
        super().__init__(p)
        self.places = some_of("places", places, ("below", "beside"))
        self.size = interval("size", size, 0.1, 1)
        self.fill = interval("fill", fill, 0.2, 1)
        self.drop = probability("drop", drop)
        self.contrast = levels("contrast", contrast)

    def make_params(self, flat_inputs: list[Subject]) -> dict[str, Any]:
        """The labels of the words to drop; or the word to add, where and how."""
        segmentation = flat_inputs[0].segmentation
        words = _words(segmentation) if uniform() < self.drop else []
        if words:
            return {"drop": words}
        r, g, b = (int(v) for v in segmentation.background)
        own = main_ink(segmentation) if uniform() < 0.5 else BLACK
        size = uniform(*self.size)
        return {
            "drop": [],
            "word": made_up_word(),
            "font": int(torch.randint(font_count(), ())),
            "spacing": int(uniform(2, 8)) if uniform() < 0.2 else 0,
            "color": ink_for((r, g, b), self.contrast, own),
            "place": one_of(self.places),
            "size": size,
            "width": size * uniform(2, 3),
            "gap": uniform(0.08, 0.3),
            "fill": uniform(*self.fill),
        }

    def transform(self, inpt: Subject, params: dict[str, Any]) -> UInt8Array:
        """Drop or add words; an empty picture stays one."""
        image, segmentation = inpt.pixels, inpt.segmentation
        if not segmentation.count:
            return image
        if params["drop"]:
            return _without(image, segmentation, params["drop"])
        return _with_word(image, segmentation, params)


def _words(segmentation: Segmentation) -> list[int]:
    """Labels of the letters of all words; none if too little would be left without them."""
    parts = group_segments(segmentation, "glyphs")
    words = [held for held in parts.members if len(held) >= _LETTERS]
    letters = [k for held in words for k in held] if len(words) <= _WORDS else []
    ink = segmentation.ink
    gone = ink[np.array(letters, dtype=np.int64) - 1].sum() if letters else 0
    return letters if gone <= (1 - _LEFT) * ink.sum() else []


def _without(image: UInt8Array, segmentation: Segmentation, letters: list[int]) -> UInt8Array:
    """The logo without its words, larger and in the middle."""
    r, g, b = (int(v) for v in segmentation.background)
    rest = F.remove(image, segmentation, letters)
    box = F.ink_box(rest, (r, g, b))
    height, width = (box[2] - box[0], box[3] - box[1])
    share = min(image.shape[0] / height, image.shape[1] / width, _MOST_GROWTH)
    tall, wide = round(height * share), round(width * share)
    top, left = (image.shape[0] - tall) // 2, (image.shape[1] - wide) // 2
    return F.frame(rest, box, (top, left, top + tall, left + wide), (r, g, b))


def _with_word(image: UInt8Array, segmentation: Segmentation, params: dict[str, Any]) -> UInt8Array:
    color: Color = params["color"]
    canvas_height, canvas_width = image.shape[:2]
    part = whole_cut_out(image, segmentation)
    mask = word_mask(params["word"], params["font"], params["spacing"])
    tall, wide = part.shape[:2]
    beside = params["place"] == "beside"
    share = params["size"] * tall / mask.shape[0]
    if not beside:
        share = min(params["width"] * wide / mask.shape[1], 1.1 * share)
    # However long the word, the logo stays a good part of the whole.
    share = min(share, (1.8 if beside else 2.0) * max(wide, tall) / mask.shape[1])
    word_tall, word_wide = mask.shape[0] * share, mask.shape[1] * share
    gap = params["gap"] * min(tall, wide)
    if beside:
        height, width = max(tall, word_tall), wide + gap + word_wide
    else:
        height, width = tall + gap + word_tall, max(wide, word_wide)
    scale = params["fill"] * min(canvas_height / height, canvas_width / width)
    top, left = (canvas_height - scale * height) / 2, (canvas_width - scale * width) / 2

    out = np.empty_like(image)
    out[:] = segmentation.background
    logo = F.fitted(part, round(scale * tall), round(scale * wide))
    word = F.fitted(mask, round(scale * word_tall), round(scale * word_wide))
    if beside:
        places = (
            (top + scale * (height - tall) / 2, left),
            (top + scale * (height - word_tall) / 2, left + scale * (wide + gap)),
        )
    else:
        places = (
            (top, left + scale * (width - wide) / 2),
            (top + scale * (tall + gap), left + scale * (width - word_wide) / 2),
        )
    (logo_top, logo_left), (word_top, word_left) = ((round(y), round(x)) for y, x in places)
    paste(out, logo, logo_top, logo_left)
    stamp(out, word, np.array(color, np.float32), word_top, word_left)
    return out
