"""Colours and transforms of CSS are drawn as those of SVG 1.1 that they equal, worked out by
hand.
"""

import pytest

from marquery.images import decode_image
from marquery.svg import render_svg

from .drawings import svg
from .pixels import same

SQUARE = '<rect width="6" height="4" {}/>'


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
        ("hsla(120, 100%, 25%, 100%)", "#008000"),
        ("rebeccapurple", "#663399"),
        ("CanvasText", "#000"),
        ("lab(87% 0 0)", "#dadada"),
        ("lch(50% 40 200)", "#00888d"),
        ("oklab(40% .11 .04)", "#7a262c"),
        ("oklch(0.628 0.2577 29.23)", "#f00"),
        ("oklch(70% 0.4 150)", "#00d600"),  # more than a screen has
        ("oklch(50% -1 0)", "#636363"),
        ("color(display-p3 .3 .6 .2)", "#249b19"),
        ("color(srgb-linear .3 .6 .2)", "#95cb7c"),
        ("color(xyz-d50 .3 .6 .2)", "#00ef71"),
        ("color-mix(in srgb, red, blue)", "#800080"),
        ("color-mix(in srgb, red 25%, blue)", "#4000bf"),
        ("color-mix(in srgb, 30% red, blue)", "#4d00b3"),
        ("color-mix(in hsl, red, lime)", "#ff0"),
        ("color-mix(in hsl longer hue, red, lime)", "#00f"),
        ("color-mix(in oklch, white 50%, red)", "#ffa191"),
        ("color-mix(in srgb, color-mix(in srgb, red, lime), blue)", "#404080"),
        ("color-mix(in srgb, CurrentColor 50%, black)", "#5e005e"),
        ("color-mix(red, blue)", "#8c53a2"),
        ("light-dark(red, blue)", "#f00"),
        ("light-dark(color-mix(in srgb, red, blue), lime)", "#800080"),
        ("contrast-color(#008)", "#fff"),
        ("url(#none) oklch(0.628 0.2577 29.23)", "#f00"),
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


KNOWN_BEFORE = pytest.mark.parametrize(
    "style",
    [
        "fill:#d9d9d9;fill:color(display-p3 0.851 0.851 0.851);fill-opacity:1;",  # as Figma writes
        "fill:#d9d9d9;fill:lab(87% 0 0 0 0)",
        "fill:#d9d9d9;fill:color-mix(in nowhere, red, blue)",
        "fill:#d9d9d9;fill:color-mix(in srgb, red)",
        "fill:#d9d9d9;fill:color-mix(in srgb, red 200%, blue)",
        "fill:#d9d9d9;fill:light-dark(red)",
        "fill:#d9d9d9;fill:rgb(what)",
    ],
)


@pytest.mark.parametrize("value", ["rgb(from red g r b)", "device-cmyk(0 1 1 0)"])
def test_a_colour_that_browsers_alone_know_is_told(value):
    drawing = svg(SQUARE.format(f'style="fill:#d9d9d9;fill:{value}"'))
    with pytest.warns(
        UserWarning, match=r"a: is drawn without some of its colours, such as"
    ) as told:
        decode_image(drawing.encode(), "a")
    assert value in str(told[0].message)
    assert same(
        SQUARE.format(f'fill="#d9d9d9" style="fill:{value}"'), SQUARE.format('fill="#d9d9d9"')
    )


def test_a_mix_is_of_the_colour_of_the_element_itself_or_of_one_around_it():
    mix = "color-mix(in srgb, currentColor, black)"
    inside = f'<g style="color:#c00"><g color="inherit">{SQUARE.format("{}")}</g></g>'
    assert same(inside.format(f'fill="{mix}"'), SQUARE.format('fill="#600"'))
    own = SQUARE.format(f'style="fill:{mix};color:lime"')
    assert same(f'<g color="red">{own}</g>', SQUARE.format('fill="#008000"'))
    nested = f'<g color="{mix}">{SQUARE.format(f"""fill="{mix}" """)}</g>'
    assert same(f'<g color="#f00">{nested}</g>', SQUARE.format('fill="#400000"'))


def test_half_of_a_colour_and_half_of_nothing_is_half_transparent():
    half = SQUARE.format('fill="#f00" fill-opacity=".5"')
    assert same(SQUARE.format('fill="color-mix(in srgb, red, transparent)"'), half)
    assert same(SQUARE.format('fill="color-mix(in srgb, red 25%, red 25%)"'), half)


@KNOWN_BEFORE
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
