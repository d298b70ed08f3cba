"""A sample of what ``benchmarks/fuzz.py`` tries."""

from collections import Counter

import pytest

from .mutation import KINDS, rasters, svg_file
from .reading import outcome

# File 29 is drawn, and takes seconds.
FIRST, COUNT = 30, 90


@pytest.mark.parametrize("kind", KINDS)
def test_a_broken_file_gives_a_picture_or_one_sentence(kind):
    found = Counter(outcome(KINDS[kind](number)) for number in range(FIRST, FIRST + COUNT))
    # A sample of what is all read or all refused would try little.
    assert COUNT / 20 < found["read"] < COUNT * 19 / 20


def test_files_can_be_had_again_and_differ():
    assert svg_file(7) == svg_file(7)
    assert len({svg_file(number) for number in range(50)}) > 40
    assert len(rasters()) > 40
