"""Units and sizes of drawings. Expected places follow from the drawings by hand."""

import pytest

from marquery.svg import SvgError, render_svg, svg_size

from .drawings import RED, svg
from .pixels import COLORS, inked


@pytest.mark.parametrize(
    ("unit", "pixels"),
    [
        ("", 1),
        ("px", 1),
        ("mm", 96 / 25.4),
        ("cm", 96 / 2.54),
        ("in", 96),
        ("pt", 4 / 3),
        ("pc", 16),
    ],
)
def test_units_are_those_of_css(unit, pixels):
    # One unit wide, in a drawing of 200 by 100 of the drawing's own units.
    drawing = svg(f'<rect width="1{unit}" height="100"/>', 'viewBox="0 0 200 100"')
    across, down, width, height = inked(drawing, side=1000)
    assert (down, width, height) == (500, 1000, 500)
    assert across == pytest.approx(pixels * 5, abs=1)
    # Without a viewBox, a drawing of 4 by 2 units has a square of 1 unit in its corner.
    alone = svg(f'<rect width="1{unit}" height="1{unit}"/>', f'width="4{unit}" height="2{unit}"')
    assert inked(alone) == (25, 25, 100, 50)


@pytest.mark.parametrize(
    "attributes",
    [
        'width="210mm" height="105mm" viewBox="0 0 20 10"',
        'viewBox="0 0 20 10" height="1in" width="2in"',
        'viewBox="0,0,20,10"',
        'viewBox=" 0 , 0  20 10 "',
        'width="100%" height="100%" viewBox="0 0 20 10"',
        'width="7" height="900" viewBox="0 0 20 10"',
        'width="auto" height="0" viewBox="0 0 20 10"',
        'width="50%" height="3" viewBox="0 0 20 10"',
        'stroke-width="3" width="20" height="10"',
        'data-height="3" stroke-width="3" height="10" width="20"',
        'data-viewBox="0 0 3 3" width="20px" height="10px"',
        'viewBox="none" width="20" height="10"',
        'viewBox="0 0 0 0" width="20" height="10"',
        'width=" 20 " height="10.0"',
        'width="+20" height="1e1"',
        'width="20PX" height="\n10px"',
    ],
)
def test_the_size_is_that_of_the_drawing_whatever_the_attributes_say(attributes):
    body = '<rect width="20" height="10" fill="red"/>'
    for prefix in ("", "s:"):
        text = svg(body, attributes)
        if prefix:
            text = f'<s:svg xmlns:s="http://www.w3.org/2000/svg" {attributes}>{body}</s:svg>'
            text = text.replace("<rect", "<s:rect")
        drawn = render_svg(text, 40)
        assert drawn.shape == (20, 40, 4)
        assert (drawn == COLORS["red"]).all()
        assert svg_size(text) == (20, 10)


def test_a_drawing_of_no_stated_size_is_as_large_as_what_is_drawn():
    drawn = render_svg(svg('<rect width="300" height="150" fill="red"/>', ""), 40)
    assert drawn.shape == (20, 40, 4)
    assert (drawn == COLORS["red"]).all()


def test_a_drawing_that_is_stretched_on_purpose_stays_so():
    attributes = 'width="40" height="10" viewBox="0 0 10 10" preserveAspectRatio="none"'
    assert render_svg(svg(RED, attributes), 40).shape == (10, 40, 4)


@pytest.mark.parametrize("attributes", ['viewBox="0 0 0 10"', 'width="0" height="9"', 'width="-1"'])
def test_a_drawing_without_size_is_refused(attributes):
    with pytest.raises(SvgError):
        render_svg(svg(RED, attributes), 10)
    with pytest.raises(ValueError):
        svg_size(svg(RED, attributes))


@pytest.mark.parametrize(
    "attributes",
    [
        'width="2.6458mm" height="1.3229mm" viewBox="0 0 2.6458 1.3229"',
        'width="2.6458mm" height="1.3229mm"',
        'viewBox="0 0 2.6458 1.3229"',
        'width="2.6458" height="1.3229"',
        'width="2.6458" height="1.3229" viewBox="0 0 2.6458 1.3229"',
    ],
)
def test_a_drawing_of_few_units_is_not_rounded_to_whole_ones(attributes):
    unit = "mm" if "viewBox" not in attributes and "mm" in attributes else ""
    body = f'<rect width="1.3229{unit}" height="1.3229{unit}"/>'
    across, down, width, height = inked(svg(body, attributes), side=200)
    assert (width, height) == (200, 100)
    assert (across, down) == (100, 100)
