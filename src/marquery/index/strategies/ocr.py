"""A reader of words: RapidOCR, whose models come with its package."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np

from marquery.arrays import Float64Array, UInt8Array
from marquery.boxes import Box
from marquery.extras import install_command

#: Longest side in pixels of the picture in which lines are looked for; they are read from the
#: picture as given.
DETECTION_SIDE = 320
#: Longer texts are cut: what is read in a picture made of letters is no name.
LONGEST = 200
# Height in pixels at which lines are read.
_LINE = 48
# Lines of writing that touch the border are found with some background around them only.
_MARGIN = 16
_LOADING = threading.Lock()


@dataclass(frozen=True)
class ReadLine:
    """A line of writing that was read."""

    text: str
    confidence: float
    """Of the reader, 0 to 1."""
    box: Box
    """x, y, width, height in pixels of the picture."""
    ends: tuple[float, float, float, float] | None = None
    """x and y of the middle of its left edge and of its right edge, where it is slanted."""


class WordReader:
    """A reader of words; one is enough for all threads of a process."""

    def __init__(self) -> None:
        from rapidocr import RapidOCR

        # One thread a picture, since pictures are read in several threads.
        self._engine: Any = RapidOCR(
            params={
                "Global.log_level": "critical",
                "Global.use_cls": False,
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                "Det.limit_type": "max",
                "Det.limit_side_len": DETECTION_SIDE,
                # Each line at its own width, down to twice its height: short words, which most
                # lines of logos are, are not padded to the width of a sentence.
                "Rec.rec_img_shape": [3, _LINE, 2 * _LINE],
                "Rec.rec_batch_num": 1,
            }
        )
        # Models are loaded by the first picture that needs them: here, where it may fail.
        self._engine(np.full((64, 64, 3), 255, np.uint8))

    def lines(self, pixels: UInt8Array, background: UInt8Array) -> Sequence[ReadLine]:
        """The lines of writing in a logo, from top to bottom.

        Args:
            pixels: uint8 (H, W, 3), RGB.
            background: uint8 (3,), of the logo.
        """
        read = self._ask(pixels, background)
        if read is None or not read.txts:
            return ()
        boxes = np.asarray(read.boxes, np.float64).reshape(len(read.txts), -1, 2) - _MARGIN
        return [
            ReadLine(text, float(score), _around(corners), _ends(corners))
            for text, score, corners in zip(read.txts, read.scores, boxes, strict=True)
        ]

    def _ask(self, pixels: UInt8Array, background: UInt8Array) -> Any:
        """What the engine finds; None where it fails."""
        border = [int(v) for v in background[::-1]]
        framed = cv2.copyMakeBorder(
            np.ascontiguousarray(pixels[..., ::-1]),
            *(_MARGIN,) * 4,
            cv2.BORDER_CONSTANT,
            value=border,
        )
        try:
            return self._engine(framed)
        except Exception:  # whatever a stranger's picture does to it, it ends no job
            return None


def text_of(lines: Sequence[str]) -> str:
    """The words of some lines of writing, as they are stored and compared."""
    # A single sign is a figure more often than a letter.
    told = [text for text in lines if signs(text) > 1]
    return " ".join(" ".join(told).split())[:LONGEST].rstrip()


def _around(corners: Float64Array) -> Box:
    left, top = (int(v) for v in np.floor(corners.min(axis=0)))
    right, bottom = (int(v) for v in np.ceil(corners.max(axis=0)))
    return left, top, right - left, bottom - top


def _ends(corners: Float64Array) -> tuple[float, float, float, float]:
    """Of corners that begin at the upper left and go round clockwise."""
    left, right = corners[[0, 3]].mean(axis=0), corners[[1, 2]].mean(axis=0)
    return float(left[0]), float(left[1]), float(right[0]), float(right[1])


def signs(text: str) -> int:
    """How many letters and digits a text has."""
    return sum(c.isalnum() for c in text)


def word_reader() -> WordReader | str:
    """The reader of this process, or a sentence that says why there is none."""
    with _LOADING:
        return _load()


@cache
def _load() -> WordReader | str:
    try:
        return WordReader()
    except ImportError as error:
        name = error.name or "rapidocr"
        return f"{name} is not installed; run: {install_command(name)}"
    except Exception as error:  # its models are damaged, or the runtime does not run here
        return f"rapidocr does not start here ({_one_line(error)}); install it again"


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}"[:LONGEST]
