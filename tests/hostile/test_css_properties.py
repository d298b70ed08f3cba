"""Properties of CSS that the renderer knows as attributes, or not at all. What is expected is what
Chromium shows.
"""

import numpy as np
import pytest

from marquery.images import decode_image
from marquery.svg import SvgError, render_svg

from .drawings import svg
from .pixels import COLORS, color, same

SQUARE = '<rect x="2" y="2" width="4" height="4" {}/>'


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('<rect style="width:5px;height:3px"/>', '<rect width="5" height="3"/>'),
        ('<rect style="X:1px;width:calc(2px + 1px);height:3px"/>', '<path d="M1 0h3v3h-3z"/>'),
        ('<rect width="5" height="5" style="rx:2px"/>', '<rect width="5" height="5" rx="2"/>'),
        ('<circle style="r:3px;cx:5px;cy:4px!important"/>', '<circle r="3" cx="5" cy="4"/>'),
        ('<ellipse style="rx:3px;ry:2px;cx:5px"/>', '<ellipse rx="3" ry="2" cx="5"/>'),
        ("<path style=\"d:path('M0 0H5V5H0Z')\"/>", '<path d="M0 0H5V5H0Z"/>'),
        ('<style>path{d:path("M0 0H5V5Z")}</style><path d="M0 0"/>', '<path d="M0 0H5V5Z"/>'),
        (SQUARE.format('style="translate:2px 1px"'), SQUARE.format('transform="translate(2 1)"')),
        (SQUARE.format('style="rotate:45deg"'), SQUARE.format('transform="rotate(45)"')),
        (SQUARE.format('style="scale:.5"'), SQUARE.format('transform="scale(.5)"')),
        (
            SQUARE.format('style="scale:.5 1;translate:1px" transform="rotate(9)"'),
            SQUARE.format('transform="translate(1) scale(.5 1) rotate(9)"'),
        ),
        (SQUARE.format('style="opacity:calc(1 / 2)"'), SQUARE.format('opacity=".5"')),
        (SQUARE.format('style="opacity:max(.5, min(1, .2))"'), SQUARE.format('opacity=".5"')),
        (
            SQUARE.format('style="stroke:red;stroke-width:clamp(1px, 2px * 3, 3px)"'),
            SQUARE.format('stroke="red" stroke-width="3"'),
        ),
        (SQUARE.format('style="fill:rgb(calc(100 + 20) 0 0)"'), SQUARE.format('fill="#780000"')),
        (SQUARE.format('style="fill:red;fill:nothing"'), SQUARE.format('fill="red"')),
        (
            SQUARE.format('stroke="red" style="stroke-width:2px;stroke-width:unset"'),
            SQUARE.format('stroke="red" stroke-width="1"'),
        ),
        (
            SQUARE.format('opacity=".5" style="opacity:.2;opacity:initial"'),
            SQUARE.format('opacity="1"'),
        ),
    ],
)
def test_a_property_is_drawn_as_the_attribute_that_it_equals(written, meant):
    assert same(written, meant)


@pytest.mark.parametrize(
    "ground", ["lime", "#0f0 none", "no-repeat color-mix(in srgb, lime, lime)"]
)
def test_the_ground_of_a_drawing_is_drawn(ground):
    red = '<rect width="5" height="10" fill="red"/>'
    for name in ("background", "background-color"):
        drawn = render_svg(svg(red, f'viewBox="0 0 10 10" style="{name}:{ground}"'), 10)
        assert (drawn[:, :5] == COLORS["red"]).all()
        assert (drawn[:, 5:] == COLORS["lime"]).all()
    sheet = "<style>svg { background: lime }</style>"
    assert color(svg(sheet, 'viewBox="-3 -3 10 10"')) == "lime"
    assert color(svg("", f'width="9" height="9" style="background:{ground}"')) == "lime"


@pytest.mark.parametrize("ground", ["none", "transparent", "inherit", ""])
def test_no_ground_is_no_rectangle(ground):
    assert color(svg("", f'viewBox="0 0 9 9" style="background:{ground}"')) == "nothing"


def test_a_ground_without_a_size_changes_none():
    square = '<rect x="5" y="5" width="20" height="10" fill="lime"/>'
    plain = render_svg(svg(square, ""), 50)
    assert np.array_equal(render_svg(svg(square, 'style="background:red"'), 50), plain)


PART = '<g id="p"><rect width="10" height="10" fill="var(--c, lime)"/></g>'


@pytest.mark.parametrize(
    "body",
    [
        f'<defs>{PART}</defs><use href="#p" style="--c:red"/>',
        f'<use xlink:href="#p" style="--c:red"/><defs>{PART}</defs>',
        f'<g style="--c:red"><use href="#p"/></g><defs>{PART}</defs>',
        f'<style>use {{ --c: red }}</style><defs>{PART}</defs><use href="#p"/>',
        f'<defs>{PART}<g id="q"><use href="#p"/></g></defs><use href="#q" style="--c:red"/>',
        f'<defs><symbol id="s" viewBox="0 0 9 9">{PART}</symbol></defs>'
        '<use href="#s" style="--c:blue"/><use href="#s" style="--c:red"/>',
        f'<defs style="--c:lime">{PART}</defs><use href="#p" style="--c:red"/>',
    ],
)
def test_a_part_is_shown_with_the_properties_of_its_use(body):
    assert color(svg(body)) == "red"


def test_parts_that_show_themselves_do_not_grow_without_end():
    many = PART + "".join(f'<use href="#p" style="--d:{n}"/>' for n in range(600))
    with pytest.warns(UserWarning, match="a: is drawn without colours of parts that it shows"):
        decode_image(svg(f"{many}<path d='M0 0h5v5z'/>").encode(), "a")
    around = f'<g id="q">{PART}<use href="#q" style="--c:red"/></g>'
    with pytest.raises(SvgError, match="more elements"):
        render_svg(svg(around), 16)


@pytest.mark.parametrize(
    ("style", "told"),
    [
        ("clip-path:circle(2px at 2px 2px)", "a shape of CSS cuts away"),
        ("transform:translate(50%, 0)", "a move by a share"),
        ("translate:50%", "a move by a share"),
        ("transform:rotate(45deg);transform-box:fill-box", "a turn around a part"),
        ("transform:rotateY(45deg)", "a turn in space"),
        ("mask-image:linear-gradient(red, blue)", "a mask"),
        ("offset-path:path('M0 0H5')", "a move along a path"),
        ("stroke-width:calc(1em + 2px)", "a size that is a sum"),
    ],
)
def test_what_is_not_drawn_is_told(style, told):
    with pytest.warns(UserWarning, match="a: is drawn without ") as caught:
        decode_image(svg(SQUARE.format(f'style="{style}"')).encode(), "a")
    assert [told in str(one.message) for one in caught] == [True]


@pytest.mark.parametrize(
    "style",
    [
        "clip-path:none;transform-box:fill-box;transform-origin:center",
        "transform:scale(50%) translate(1px);mask-image:none;offset-path:none",
        "font-family:a(b);width:calc(1px * 2)",
    ],
)
def test_what_is_drawn_is_not_told(style, recwarn):
    decode_image(svg(SQUARE.format(f'style="{style}"')).encode(), "a")
    assert not recwarn.list


def test_a_picture_behind_the_drawing_is_told():
    attributes = 'viewBox="0 0 9 9" style="background:linear-gradient(red, blue)"'
    with pytest.warns(UserWarning, match="a: is drawn without the picture behind it"):
        decode_image(svg(SQUARE.format(""), attributes).encode(), "a")
