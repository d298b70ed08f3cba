"""What a drawing says in an unusual way is read as it is meant. Expected colours and places follow
from the drawings by hand.
"""

import pytest

from marquery.svg import render_svg

from .drawings import RED, svg
from .pixels import BLUE, COLORS, color, inked


@pytest.mark.parametrize(
    "paint",
    [
        "url(#g)",
        "url(&quot;#g&quot;)",
        "url('#g')",
        "url( #g )",
        "url(  '#g'  )",
        "URL(#g)",
        "Url(&#34;#g&#34;)",
        "url(&#x23;g)",
        "url(#\\67 )",
        "url(#%67)",
        "url(#g) red",
    ],
)
def test_a_gradient_is_found_in_every_spelling(paint):
    square = '<rect width="10" height="10" {}/>'
    assert color(svg(BLUE + square.format(f'fill="{paint}"'))) == "blue"
    assert color(svg(BLUE + square.format(f'style="fill:{paint}"'))) == "blue"
    sheet = f"<style>rect{{fill:{paint};stroke:none}}</style>"
    assert color(svg(BLUE + sheet + square.format(""))) == "blue"


def test_a_clip_is_found_in_every_spelling():
    clip = '<clipPath id="c"><rect width="5" height="10"/></clipPath>'
    for reference in ("url(&quot;#c&quot;)", "url( '#c' )", "URL(#c)"):
        assert inked(svg(f'{clip}<g clip-path="{reference}">{RED}</g>')) == (50, 100, 100, 100)


@pytest.mark.parametrize(
    ("paint", "expected"),
    [
        ("url(other.svg#g) red", "red"),
        ("url(#nowhere) red", "red"),
        ("url(other.svg#g)", "nothing"),
        ("url(other.svg#g", "nothing"),
    ],
)
def test_a_paint_that_is_not_there_is_its_fall_back(paint, expected):
    assert color(svg(f'<rect width="10" height="10" fill="{paint}"/>')) == expected


@pytest.mark.parametrize(
    ("value", "root", "expected"),
    [
        ("var(--c, red)", "", "red"),
        ("VAR(--c,red)", "", "red"),
        ("var( --c , red )", "", "red"),
        ("var(--c, rgb(255, 0, 0))", "", "red"),
        ("var(--c, var(--d, red))", "", "red"),
        ("var(--c, url(#g))", "", "blue"),
        ("var(--c, red)", "--c: lime", "lime"),
        ("var(--c)", "--c: var(--d, lime)", "lime"),
        ("var(--c)", "--c: var(--c)", "black"),
        ("var(--c)", "", "black"),
        ("var(--c,", "", "nothing"),
    ],
)
def test_custom_properties_are_put_in(value, root, expected):
    attributes = f'viewBox="0 0 10 10" style="{root}"'
    square = f'{BLUE}<rect width="10" height="10" {{}}/>'
    if expected != "nothing":
        assert color(svg(square.format(f'fill="{value}"'), attributes)) == expected
        assert color(svg(square.format(f'style="fill:{value}"'), attributes)) == expected
    else:
        render_svg(svg(square.format(f'fill="{value}"'), attributes), 16)


@pytest.mark.parametrize(
    ("sheet", "expected"),
    [
        (".a { fill: var(--c, red) }", "red"),
        (":root { --c: lime } .a { fill: var(--c, red) }", "lime"),
        ("svg{--c:lime} .a{fill:var(--c)}", "lime"),
        (".a { --c: lime; fill: var(--c, red) }", "lime"),
        ("/* {} */ .a{fill:var(--c /* } */, red)}", "red"),
        ("@media print { .a { fill: blue } } .a { fill: var(--c, red) }", "red"),
    ],
)
def test_custom_properties_of_style_sheets(sheet, expected):
    body = f'<style>{sheet}</style><rect class="a" width="10" height="10"/>'
    assert color(svg(body)) == expected
    cdata = f'<style><![CDATA[{sheet}]]></style><rect class="a" width="10" height="10"/>'
    assert color(svg(cdata)) == expected


def test_custom_properties_are_inherited_by_what_is_inside():
    body = (
        '<g style="--c: lime"><rect width="5" height="10" fill="var(--c, red)"/></g>'
        '<rect x="5" width="5" height="10" fill="var(--c, red)"/>'
    )
    drawn = render_svg(svg(body), 10)
    assert (drawn[:, :5] == COLORS["lime"]).all()
    assert (drawn[:, 5:] == COLORS["red"]).all()
