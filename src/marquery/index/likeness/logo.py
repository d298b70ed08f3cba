"""The facts of one logo that pairs are compared by, each measured when it is first asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from marquery.arrays import BoolArray, Float32Array
from marquery.index.likeness.arrangement import (
    Backing,
    Order,
    Placing,
    find_backing,
    is_enclosed,
    order_of,
    placing,
)
from marquery.index.likeness.colors import color_name
from marquery.index.likeness.outline import Silhouette
from marquery.index.strategies.analysis import LogoAnalysis
from marquery.index.strategies.ocr import ReadLine, text_of
from marquery.index.strategies.palette import dominant_colors, lab_of
from marquery.index.strategies.reading import read_lines
from marquery.index.strategies.wording import plain
from marquery.segments import Segmentation

What = Literal["whole", "contour", "figure", "words", "part", "content"]

# Lines that were read with less confidence are not told of.
_CONFIDENT = 0.95
# A segment is of a line if so much of it lies in the line's box.
_INSIDE = 0.7
# Parts of less of the ink are details: their outlines agree by chance.
_LEAST = 0.08
# A background of a smaller share of the picture may be a frame.
_GROUND, _BORDER = 0.4, 0.7
# Parts of more of it are the whole.
_ALL = 0.93
# Segments of less of a logo have no colour that a person would name.
_DETAIL = 0.005
# CIE Lab distance under which what lies on a badge is the badge seen through it.
_BADGE_COLOR = 12.0


@dataclass(frozen=True, eq=False)
class OutlinePart:
    """Something of a logo whose outline is compared."""

    what: What
    """``"contour"``: the whole with all that it encloses; ``"content"``: all that lies on a
    badge.
    """
    labels: tuple[int, ...]
    share: float
    """Of the logo's ink that it covers or encloses, up to 1."""
    silhouette: Silhouette


class LogoFacts:
    """One logo.

    Args:
        logo: the logo.
        words: what is known to be written in it; None: it is read.
    """

    def __init__(self, logo: LogoAnalysis, words: str | None = None) -> None:
        self.logo = logo
        self._given = words

    @property
    def found(self) -> Segmentation:
        """Its segments, not grouped."""
        return self.logo.segmentation

    @cached_property
    def _read(self) -> Sequence[ReadLine]:
        return read_lines(self.logo.pixels, self.found) or ()

    @cached_property
    def lines(self) -> Sequence[ReadLine]:
        """Lines of writing that were read for sure, in pixels of the segmented picture."""
        return [
            line for line in self._read if line.confidence >= _CONFIDENT and _is_word(line.text)
        ]

    @cached_property
    def text(self) -> str:
        """What is written, as given, or as a search reads and compares it; ``""`` where nothing
        is.
        """
        if self._given is not None:
            return self._given
        return text_of([line.text for line in self._read])

    @cached_property
    def sure_text(self) -> str:
        """Plain words of it that were given, or read for sure."""
        sure = (line.text for line in self.lines)
        return plain(" ".join(sure) if self._given is None else self._given)

    def is_sure_of(self, words: str) -> bool:
        """Whether some plain words of :attr:`text` were given, or read for sure."""
        return set(words.split()) <= set(self.sure_text.split())

    @cached_property
    def colors(self) -> Float32Array:
        """(5, 4), see :func:`marquery.index.strategies.palette.dominant_colors`."""
        return dominant_colors(self.found)

    @cached_property
    def background(self) -> tuple[float, float, float]:
        """CIE Lab."""
        lightness, a, b = (float(v) for v in lab_of(self.found.background[None])[0])
        return lightness, a, b

    @property
    def shows_background(self) -> bool:
        """Much of the picture is background, so that a person calls it that."""
        return self.ground_is_sure and float((self.found.labels == 0).mean()) >= _GROUND

    @cached_property
    def ground_is_sure(self) -> bool:
        """The background holds the border: in a picture cropped to its ink it may be taken for
        it.
        """
        labels = self.found.labels
        border = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
        return float((border == 0).mean()) >= _BORDER

    @cached_property
    def backing(self) -> Backing | None:
        """The badge that it stands on."""
        return find_backing(self.found)

    @property
    def shows_badge(self) -> bool:
        """It stands on a badge as far as a person sees: not on a white field within a dark frame,
        which in a picture that is cropped to its ink is the background.
        """
        if self.backing is None:
            return False
        paint = lab_of(self.found.colors[self.backing.label - 1][None])[0]
        return color_name((float(paint[0]), float(paint[1]), float(paint[2]))) != "white"

    @cached_property
    def seen_colors(self) -> frozenset[str]:
        """Names of all colours that are seen in it, its background's and those of details too."""
        found = self.found
        seen = found.area >= _DETAIL * float(found.area.sum())
        paints = np.concatenate([lab_of(found.colors[seen]), lab_of(found.background[None])])
        return frozenset(color_name((float(p[0]), float(p[1]), float(p[2]))) for p in paints)

    @cached_property
    def has_no_backing(self) -> bool:
        """For sure: its contour is that of no badge."""
        return self.backing is None and not is_enclosed(self.found)

    @cached_property
    def ink(self) -> tuple[int, ...]:
        """Labels that are no holes; on a badge, those that are neither badge nor see-through."""
        found = self.found
        if self.backing is None:
            return tuple(k for k in range(1, found.count + 1) if not found.is_hole[k - 1])
        label = self.backing.label
        return _not_of(found, [k for k in found.enclosed(label) if k != label], label)

    @cached_property
    def writing(self) -> tuple[int, ...]:
        """Labels of the letters of :attr:`lines`."""
        found = self.found
        held = np.zeros(found.count + 1, np.int64)
        for line in self.lines:
            x, y, width, height = line.box
            window = found.labels[max(y, 0) : y + height, max(x, 0) : x + width]
            held = np.maximum(held, np.bincount(window.reshape(-1), minlength=found.count + 1))
        return tuple(k for k in self.ink if held[k] >= _INSIDE * found.area[k - 1])

    @cached_property
    def figure(self) -> tuple[int, ...]:
        """Labels of what is no writing and no badge."""
        writing = set(self.writing)
        return tuple(k for k in self.ink if k not in writing)

    @cached_property
    def figure_is_known(self) -> bool:
        """All that looks like writing was read, so that the rest is a figure."""
        kinds = [part.kind for part in self.logo.parts if not self._is_written(part.labels)]
        return "words" not in kinds

    @cached_property
    def order(self) -> tuple[Order, int] | None:
        """A ring, row or column of like shapes."""
        return order_of(self.found, self.figure) if self.figure_is_known else None

    @cached_property
    def placing(self) -> Placing | None:
        """Where the figure stands as seen from the words."""
        figure, words = (self.mask(k) for k in (self.figure, self.writing))
        known = self.figure_is_known and bool(self.lines)
        return placing(figure, words) if known and figure.any() and words.any() else None

    @cached_property
    def parts(self) -> list[OutlinePart]:
        """What is compared by its outline: the whole first, no writing but where nothing else is.

        Each set of segments once.
        """
        found = self.found
        whole = tuple(k for k in range(1, found.count + 1) if not found.is_hole[k - 1])
        if not whole:
            return []
        total = float(found.area[np.array(whole) - 1].sum())
        chosen: dict[tuple[int, ...], What] = {whole: "whole"}
        chosen.setdefault(tuple(range(1, found.count + 1)), "contour")
        if self.backing is not None and self.ink:
            chosen.setdefault(self.ink, "content")
        if self.writing and self.figure:
            chosen.setdefault(self.figure, "figure")
        for part in self.logo.parts:
            labels = self._without_see_through(part.labels)
            on_it = self.backing is not None and self.backing.label in labels
            if labels and not on_it and not self._is_written(labels):
                chosen.setdefault(labels, "part")
        if self.writing:
            chosen.setdefault(self.writing, "words")
        out = []
        for labels, what in chosen.items():
            share = float(found.area[np.array(labels) - 1].sum()) / total
            if what == "part" and share > _ALL:
                continue
            if share >= _LEAST or what not in ("part", "words"):
                out.append(
                    OutlinePart(what, labels, min(share, 1.0), Silhouette(self.mask(labels)))
                )
        return out

    def mask(self, labels: Sequence[int]) -> BoolArray:
        """bool (H, W): where some segments lie."""
        return np.isin(self.found.labels, labels)

    def _is_written(self, labels: Sequence[int]) -> bool:
        writing = set(self.writing)
        own = [k for k in labels if not self.found.is_hole[k - 1]] or list(labels)
        return bool(writing) and sum(k in writing for k in own) >= _INSIDE * len(own)

    def _without_see_through(self, labels: tuple[int, ...]) -> tuple[int, ...]:
        """Labels of a part less holes in it, and less what is the paint that it lies on."""
        found = self.found
        inside = set(labels)
        under = [int(found.parent[k - 1]) for k in labels]
        outer = [k for k, p in zip(labels, under, strict=True) if p not in inside]
        ground = next((int(found.parent[k - 1]) for k in outer), 0)
        if ground == 0:
            return tuple(k for k in labels if not found.is_hole[k - 1]) or labels
        return _not_of(found, labels, ground)


def _not_of(found: Segmentation, labels: Sequence[int], ground: int) -> tuple[int, ...]:
    """Those of some segments that have another paint than one that they lie on."""
    paints = lab_of(found.colors[np.array([ground, *labels]) - 1])
    away = np.linalg.norm(paints[1:] - paints[0], axis=1)
    return tuple(k for k, far in zip(labels, away, strict=True) if far > _BADGE_COLOR)


def _is_word(text: str) -> bool:
    return sum(c.isalnum() for c in text) > 1
