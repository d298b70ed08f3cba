"""Rectangles: from their text, and refused in one sentence that names where they came from."""

import pytest

from marquery.boxes import check_box, parse_box
from marquery.errors import UsageError


def test_four_numbers_are_a_rectangle():
    assert parse_box("1,2, 30,40", "part") == (1, 2, 30, 40)
    assert check_box((0, 0, 20, 10), "part", (20, 10)) == (0, 0, 20, 10)


@pytest.mark.parametrize("text", ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "1;2;3;4", "1.5,2,3,4"])
def test_other_text_is_refused(text):
    with pytest.raises(UsageError, match=r"crop: .*four whole numbers x,y,w,h"):
        parse_box(text, "crop")


@pytest.mark.parametrize("box", [(-1, 0, 5, 5), (0, -1, 5, 5), (0, 0, 0, 5), (0, 0, 5, 10**9)])
def test_rectangles_without_area_or_out_of_all_bounds_are_refused(box):
    with pytest.raises(UsageError, match="w and h from 1"):
        check_box(box, "part")


@pytest.mark.parametrize("box", [(1, 0, 20, 10), (0, 1, 20, 10)])
def test_rectangles_that_reach_beyond_the_picture_are_refused(box):
    with pytest.raises(UsageError, match="beyond the image of 20 x 10 pixels"):
        check_box(box, "part", (20, 10))
