"""Colours and transforms of CSS are drawn as those of SVG 1.1 that they equal, worked out by
hand.
"""

import numpy as np
import pytest

from marquery.svg import render_svg

from .drawings import svg

SQUARE = '<rect width="6" height="4" {}/>'


def same(one, other):
    return np.array_equal(render_svg(svg(one), 100), render_svg(svg(other), 100))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("hsl(120deg 100% 25%)", "#008000"),
        ("hsl(.5turn, 100%, 50%)", "#0ff"),
        ("HSL(240 100% 50% / 100%)", "#00f"),
        ("rgb(0 0 255)", "#00f"),
        ("rgb(0 255 0 / 1)", "#0f0"),
        ("rgb(none 255 0)", "#0f0"),
        ("hwb(0 0% 0%)", "#f00"),
        ("rebeccapurple", "#663399"),
        ("currentcolor", "#b0b"),
        ("CurrentColor", "#b0b"),
        ("#0000ff icc-color(Some-Profile, 1, .5)", "#00f"),  # as Inkscape writes
        ("unset", "#080"),
        ("revert", "#080"),
        ("initial", "#000"),
    ],
)
def test_a_colour_is_read_in_every_spelling(written, meant):
    around = '<g color="#b0b" fill="#080">{}</g>'
    expected = around.format(SQUARE.format(f'fill="{meant}"'))
    assert same(around.format(SQUARE.format(f'fill="{written}"')), expected)
    assert same(around.format(SQUARE.format(f'style="fill:{written}"')), expected)
    assert same(around.format(SQUARE.format(f'style="fill : {written} !important"')), expected)
    sheet = f"<style>rect {{ fill: {written}; stroke: none }}</style>"
    assert same(sheet + around.format(SQUARE.format("")), expected)


def test_an_opacity_within_a_colour_counts():
    half = SQUARE.format('fill="#f00" fill-opacity=".5"')
    assert same(SQUARE.format('fill="rgb(255 0 0 / 50%)"'), half)
    assert same(SQUARE.format('style="fill:hsl(0deg 100% 50% / .5)"'), half)


@pytest.mark.parametrize(
    "style",
    [
        "fill:#d9d9d9;fill:color(display-p3 0.851 0.851 0.851);fill-opacity:1;",  # as Figma writes
        "fill:#d9d9d9;fill:lab(87% 0 0)",
        "fill:#d9d9d9;fill:rgb(what)",
    ],
)
def test_a_colour_that_is_not_known_leaves_the_one_before_it(style):
    assert same(SQUARE.format(f'style="{style}"'), SQUARE.format('fill="#d9d9d9"'))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("translate(2px, 1px)", "translate(2 1)"),
        ("translate(2px)", "translate(2)"),
        ("translateX(2px) translateY(1px)", "translate(2 1)"),
        ("translate3d(2px, 1px, 0)", "translate(2 1)"),
        ("rotate(30deg)", "rotate(30)"),
        ("rotate(.25turn) scale(50%)", "rotate(90) scale(.5)"),
        ("rotate(100grad)", "rotate(90)"),
        ("rotate(3.14159265rad)", "rotate(180)"),
        ("scaleX(.5) scaleY(.25)", "scale(.5 .25)"),
        ("skewX(45deg)", "matrix(1 0 1 1 0 0)"),
        ("skew(0deg, 45deg)", "matrix(1 1 0 1 0 0)"),
        ("matrix(1,0,0,1,2,1)", "translate(2 1)"),
        ("none", ""),
    ],
)
def test_a_transform_is_read_with_the_units_of_css(written, meant):
    around = '<g transform="translate(3 3)">{}</g>'
    expected = around.format(SQUARE.format(f'transform="{meant}"'))
    assert same(around.format(SQUARE.format(f'style="transform:{written}"')), expected)
    sheet = f"<style>/* a: {{ */ .a {{ transform: {written} }}</style>"
    assert same(sheet + around.format(SQUARE.format('class="a"')), expected)


@pytest.mark.parametrize(
    "style", ["no declaration; fill:#f00", "fill:blue;; : ;fill:#f00", "/* x */fill:#f00;a"]
)
def test_what_is_no_declaration_hides_nothing(style):
    assert same(SQUARE.format(f'style="{style}"'), SQUARE.format('fill="#f00"'))


@pytest.mark.parametrize("piece", ["rgb(", "hsl(1 ", "a", " ", "!", "transform:", "9", ";", "/*"])
def test_the_time_is_linear(piece):
    for text in (piece * 60_000, f"fill:{piece * 60_000}", f"transform:x({piece * 60_000})"):
        # The limit on time would refuse them.
        render_svg(svg(SQUARE.format(f'style="{text}"')), 16)
        render_svg(svg(f"<style>rect {{ {text} }}</style>" + SQUARE.format("")), 16)


def test_spaces_before_a_profile_take_no_time():
    # The time is that of one look at each; a look back from each space takes more than is allowed.
    body = SQUARE.format(f'style="fill:icc-color({" " * 40_000}x"')
    assert render_svg(svg(body), 10).any()
