"""The words of a logo: lines of writing, straight ones and those around a circle."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from marquery.arrays import UInt8Array
from marquery.index.strategies.ocr import ReadLine, WordReader, signs, text_of, word_reader
from marquery.index.strategies.parts import lines_of_writing
from marquery.index.strategies.rings import Ring, find_rings
from marquery.index.strategies.round_writing import Arc, Unrolled, unroll
from marquery.index.strategies.wording import plain
from marquery.segments import Segmentation

# A joined or slanted word may be one segment: so many times as wide as high, so much of the ink,
# and not a bar.
_WIDE, _SHARE, _FULL = 2.0, 0.1, 0.7
# Of a ring both halves are read both ways up. Upside down the reader is less sure, and what it
# makes of ornaments is short.
_SURE, _SIGNS = 0.8, 3
# Two lines, of which at least one is around a circle, are one piece of writing that was read twice
# where so much of either lies on the other.
_COMMON, _POINTS = 0.7, 9


@dataclass(frozen=True)
class _Bent:
    """A line around a circle."""

    line: ReadLine
    arc: Arc
    is_above: bool


def may_hold_words(found: Segmentation) -> bool:
    """Whether anything like writing is among the segments: a line of letters, one wide, open
    shape, or letters around a circle.
    """
    return _may_hold_lines(found) or bool(find_rings(found))


def read_words(pixels: UInt8Array, found: Segmentation) -> str | None:
    """The words of a logo, lines from top to bottom, parted by spaces; ``""`` where there are none,
    None where there is no reader.

    Logos without anything like writing among their segments are not read: they have none.

    Args:
        pixels: uint8 (H, W, 3), RGB, the image that was segmented.
        found: its segments, not grouped.
    """
    lines = read_lines(pixels, found)
    return None if lines is None else text_of([line.text for line in lines])


def read_lines(
    pixels: UInt8Array, found: Segmentation, rings: Sequence[Ring] | None = None
) -> Sequence[ReadLine] | None:
    """The lines of writing of a logo, from top to bottom; None where there is no reader.

    Args:
        pixels, found: as for :func:`read_words`.
        rings: along which writing is looked for; None:
            :func:`~marquery.index.strategies.rings.find_rings`.
    """
    rings = find_rings(found) if rings is None else rings
    has_lines = _may_hold_lines(found)
    if not has_lines and not rings:
        return ()
    reader = word_reader()
    if isinstance(reader, str):
        return None
    straight = reader.lines(pixels, found.background) if has_lines else ()
    bent = [
        line
        for ring in rings
        for line in _read_band(reader, unroll(pixels, ring, found.background), found.background)
    ]
    return _together(straight, bent)


def _may_hold_lines(found: Segmentation) -> bool:
    if lines_of_writing(found):
        return True
    ink = ~found.is_hole
    boxes, area = found.boxes[ink], found.area[ink].astype(np.float64)
    height, width = (boxes[:, i + 2] - boxes[:, i] for i in (0, 1))
    wide = (width >= _WIDE * height) & (area >= _SHARE * area.sum())
    return bool((wide & (area < _FULL * width * height)).any())


def _read_band(reader: WordReader, band: Unrolled, background: UInt8Array) -> list[_Bent]:
    return [
        _Bent(ReadLine(line.text, line.confidence, arc.box), arc, band.is_above(line.box))
        for line in reader.lines(band.pixels, background)
        if line.confidence >= _SURE and signs(line.text) >= _SIGNS
        for arc in [band.arc(line.box)]
    ]


def _together(straight: Sequence[ReadLine], bent: Sequence[_Bent]) -> Sequence[ReadLine]:
    """Each piece of writing once: of several readings of it the one with most letters that are
    sure, the straight one of two that are alike.
    """
    readings: list[ReadLine | _Bent] = [*straight, *bent]
    kept: list[ReadLine | _Bent] = []
    for reading in sorted(readings, key=_letters, reverse=True):
        others = [o for o in kept if isinstance(o, _Bent) or isinstance(reading, _Bent)]
        if not any(_share_common(reading, other) for other in others):
            kept.append(reading)
    above, below = (
        [b.line for b in bent if b in kept and b.is_above is way] for way in (True, False)
    )
    return [*above, *(line for line in straight if line in kept), *below]


def _line(reading: ReadLine | _Bent) -> ReadLine:
    return reading.line if isinstance(reading, _Bent) else reading


def _letters(reading: ReadLine | _Bent) -> float:
    line = _line(reading)
    return signs(line.text) * line.confidence


def _share_common(one: ReadLine | _Bent, other: ReadLine | _Bent) -> bool:
    """Whether two readings are of one piece of writing: much of one is on the other, or the other
    has all of its letters.
    """
    if _spelled(one) in _spelled(other):
        return True
    return bool(max(_on(one, other), _on(other, one)) >= _COMMON)


def _spelled(reading: ReadLine | _Bent) -> str:
    return plain(_line(reading).text).replace(" ", "")


def _on(one: ReadLine | _Bent, other: ReadLine | _Bent) -> float:
    """Share of one line, along its middle, that is on another."""
    if isinstance(one, _Bent):
        x, y = one.arc.along(_POINTS)
    else:
        left, top, width, height = one.box
        ends = one.ends or (left, top + height / 2, left + width, top + height / 2)
        x, y = (np.linspace(ends[k], ends[k + 2], _POINTS) for k in (0, 1))
    if isinstance(other, _Bent):
        return float(other.arc.holds(x, y).mean())
    left, top, width, height = other.box
    inside = (x >= left) & (x <= left + width) & (y >= top) & (y <= top + height)
    return float(inside.mean())
