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
        "url(#g)/* a comment */",
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


DARK = "@media (prefers-color-scheme: dark) { :root { --c: lime } .a { --c: lime; fill: lime } }"


@pytest.mark.parametrize(
    ("sheet", "expected"),
    [
        (".a { fill: var(--c, red) }", "red"),
        (":root { --c: lime } .a { fill: var(--c, red) }", "lime"),
        ("svg{--c:lime} .a{fill:var(--c)}", "lime"),
        (".a { --c: lime; fill: var(--c, red) }", "lime"),
        ("/* {} */ .a{fill:var(--c /* } */, red)}", "red"),
        ("@media print { .a { fill: blue } } .a { fill: var(--c, red) }", "red"),
        (DARK + ".a { fill: red }", "red"),
        (".a { fill: red }" + DARK, "red"),
        (":root { --c: red } .a { fill: var(--c) }" + DARK, "red"),
        (DARK + ":root { --c: red } .a { fill: var(--c) }", "red"),
        (".a { --c: red } .a { fill: var(--c) }" + DARK, "red"),
        ("@media screen { .a { fill: red } }", "red"),
        ("@media print, only screen and (prefers-color-scheme: light) { .a { fill: red } }", "red"),
        ("@media not print { .a { fill: red } }", "red"),
        ("@media (min-width: 9999px) { .a { fill: lime } } .a { fill: red }", "red"),
        ("@supports (color: red) { @media all { .a { fill: red } } }", "red"),
        ("@layer base { .a { fill: red } }", "red"),
        (".a { fill: red } @layer base { .a { fill: lime } }", "red"),
        (".a { fill: red } @layer base { @media screen { .a { fill: lime } } }", "red"),
        ("@import url(a.css); @charset 'utf-8'; .a { fill: red }", "red"),
        (
            "@font-face { font-family: a } @keyframes k { to { fill: lime } } .a { fill: red }",
            "red",
        ),
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


def test_a_style_sheet_for_print_does_not_count():
    body = '<style>.a{fill:red}</style><style media="print">.a{fill:lime}</style>'
    assert color(svg(f'{body}<rect class="a" width="10" height="10"/>')) == "red"


@pytest.mark.parametrize(
    "sheet", ["@media a {" * 3000 + "}" * 3000, "@media " * 30_000, "@" * 90_000]
)
def test_rules_inside_each_other_harm_nobody(sheet):
    body = f'<style>.a {{ fill: red }} {sheet}</style><rect width="10" height="10"/>'
    assert color(svg(body)) == "black"


@pytest.mark.parametrize("name", ["Mask (1)", "a b", "a'b", "a)b", "\u5546 \u6807", "a;b"])
def test_ids_are_the_names_of_layers(name):
    gradient = f'<linearGradient id="{name}"><stop stop-color="#00f"/></linearGradient>'
    square = f'<rect width="10" height="10" fill="url(&quot;#{name}&quot;)"/>'
    assert color(svg(gradient + square)) == "blue"
    used = f'<defs><g id="{name}">{RED}</g></defs><use xlink:href="#{name}"/>'
    assert color(svg(used)) == "red"
    assert (
        color(svg(used + gradient.replace("id=", f'id="other" xlink:href="#{name}" data-id=')))
        == "red"
    )
