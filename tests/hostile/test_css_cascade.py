"""Which rule of a style sheet counts for an element. Expected colours are those that Chromium
shows, and follow from the specifications by hand.
"""

import pytest

from marquery.images import decode_image
from marquery.svg import SvgError, render_svg

from .drawings import svg
from .pixels import COLORS, color

SQUARES = (
    '<g id="g" class="g"><rect class="a b" id="r" width="5" height="10"/>'
    '<rect class="b" x="5" width="5" height="10"/></g>'
)


def left(sheet, body=SQUARES, attributes='viewBox="0 0 100 100"'):
    """The colour of the left one of two squares."""
    scaled = f'<g transform="scale(10)">{body}</g>'
    drawn = render_svg(svg(f"<style><![CDATA[{sheet}]]></style>{scaled}", attributes), 16)
    (name,) = [n for n, c in COLORS.items() if tuple(drawn[8, 2]) == c]
    return name


@pytest.mark.parametrize(
    "sheet",
    [
        ".g .a{fill:red}",
        ".g > .a{fill:red}",
        "svg .a{fill:red}",
        ".b:not(:last-child){fill:red}",
        ":is(.a, .x){fill:red}",
        "rect:nth-child(1){fill:red}",
        "rect:has(+ rect){fill:red}",
        "[id=r]{fill:red}",
        "#g [class~=a]{fill:red}",
        ".\\61 {fill:red}",
        ".g{--c:red} .a{fill:var(--c)}",
        ".g .a{--c:red} .a{fill:var(--c, lime)}",
        ".g > *{--c:red} rect{fill:var(--c, lime)}",
        ".g{--b:red; --a:var(--b)} .a{--b:lime; fill:var(--a)}",
        "@property --c {syntax:'<color>';inherits:true;initial-value:red} .a{fill:var(--c)}",
        "@namespace s url(http://www.w3.org/2000/svg); s|rect{fill:red}",
        ".g{color:red} .a{fill:currentColor}",
        ".g{.a{fill:red}}",
        ".g{& .a{fill:red} fill:lime}",
        ".a{&.b{fill:red}}",
        ".a{fill:lime; @media screen{fill:red}}",
        "#r{fill:red} .a{fill:lime}",
        "rect.a{fill:red} .a{fill:lime}",
        ".a{fill:red!important} #r{fill:lime}",
        ".a{fill:red} .a{fill:rgb(what)}",
        ".a{fill:lime} .a{fill:red",
        ".a{FILL:RED}",
    ],
)
def test_a_rule_is_found_by_its_selector(sheet):
    assert left(sheet) == "red"


@pytest.mark.parametrize(
    "sheet",
    [
        ".a + .b{fill:red}",
        ".A{fill:red}",
        "RECT{fill:red}",
        ".a::before{fill:red}",
        ".a:hover{fill:red}",
        ".a, :unknown(.x){fill:red}",
        "@namespace url(http://www.w3.org/1999/xhtml); rect{fill:red}",
        ".g{fill:black} .a{fill:red} .a{fill:var(--none)}",
        "@starting-style{.a{fill:red}}",
    ],
)
def test_a_rule_for_others_does_not_count(sheet):
    assert left(sheet) == "black"


def test_the_style_of_an_element_counts_before_sheets_but_for_what_is_important():
    body = SQUARES.replace('id="r"', 'id="r" fill="blue" style="fill:red"')
    assert left("#r{fill:lime}", body) == "red"
    assert left("rect{fill:lime!important}", body) == "lime"
    important = body.replace("fill:red", "fill:red !important")
    assert left("#r{fill:lime!important}", important) == "red"
    assert left("rect{stroke:none}", body.replace(' style="fill:red"', "")) == "blue"


@pytest.mark.parametrize(
    "sheet",
    [
        "@layer a, b; @layer b{.a{fill:red}} @layer a{.a{fill:lime}}",
        "@layer a{.a{fill:lime}} @layer b{.a{fill:red}}",
        "@layer b, a; @layer a{.a{fill:red}} @layer b{#r{fill:lime}}",
        "@layer a{@layer b{.a{fill:lime}} .a{fill:red}}",
        "@layer a.b{.a{fill:lime}} @layer a{.a{fill:red}}",
        "@layer a{@layer x, y; @layer y{.a{fill:red}} @layer x{.a{fill:lime}}}",
        "@layer{.a{fill:lime}} @layer{.a{fill:red}}",
        "@layer a{.a{fill:red!important}} @layer b{.a{fill:lime!important}} .a{fill:blue}",
        ".a{fill:red} @layer a{#r{fill:lime}}",
        "@layer a{.a{fill:red}} rect{stroke:none}",
        "@layer b; @media (color){@layer a{.a{fill:red}}} @layer b{.a{fill:lime}}",
    ],
)
def test_layers_count_in_the_order_of_their_names(sheet):
    assert left(sheet) == "red"


def test_layers_of_several_sheets_are_those_of_the_drawing():
    sheets = (
        "<style>@layer a, b;</style><style>@layer b { rect { fill: red } }</style>"
        "<style>@layer a { rect { fill: lime } }</style>"
    )
    assert color(svg(f'{sheets}<rect width="10" height="10"/>')) == "red"


@pytest.mark.parametrize(
    ("condition", "is_met"),
    [
        ("(min-width: 1px)", True),
        ("(min-width: 101px)", False),
        ("(min-width: 5em)", True),
        ("(min-width: 7em)", False),
        ("(max-width: 99px)", False),
        ("(max-height: 1.5in)", True),
        ("(width: 100px)", True),
        ("(width >= 50px)", True),
        ("(50px <= width <= 200px)", True),
        ("(200px >= width > 100px)", False),
        ("(aspect-ratio: 1/1)", True),
        ("(min-aspect-ratio: 3/2)", False),
        ("(orientation: portrait)", True),
        ("(min-width: 1px) or (print)", True),
        ("(max-width: 1px) or (prefers-color-scheme: dark)", False),
        ("((min-width: 1px) and (color)) or (monochrome)", True),
        ("(color) and (min-width: 1px) or (color)", False),  # mixed without parentheses
        ("(not (min-width: 1px))", False),
        ("(not (max-width: 1px))", True),
        ("not (min-width: 1000px)", True),
        ("not screen", False),
        ("not print", True),
        ("not print and (min-width: 1px)", True),
        ("screen and(color)", False),  # a function, which nobody knows
        ("(unknown: 1)", False),
        ("not (unknown: 1)", False),
        ("(unknown: 1) or (color)", True),
        ("(min-resolution: 1dppx)", True),
        ("(min-resolution: 300dpi)", False),
        ("(prefers-color-scheme)", True),
        ("(prefers-reduced-motion)", False),
        ("(prefers-color-scheme: dark)", False),
        ("foo", False),
        ("not foo", True),
        ("only screen, print", True),
        ("print, foo", False),
    ],
)
def test_a_condition_is_answered_for_a_picture_of_its_own_size(condition, is_met):
    assert left(f"@media {condition} {{ .a {{ fill: red }} }}") == ("red" if is_met else "black")
    body = f'<style media="{condition.replace("<", "&lt;")}">rect{{fill:red}}</style>'
    square = f'{body}<rect width="100" height="100"/>'
    assert color(svg(square, 'viewBox="0 0 100 100"')) == ("red" if is_met else "black")


def test_the_size_of_a_page_is_that_of_width_and_height():
    sheet = "@media (min-width: 300px) { .a { fill: red } }"
    assert left(sheet, attributes='viewBox="0 0 100 100" width="4in" height="4in"') == "red"
    assert left(sheet, attributes='viewBox="0 0 100 100"') == "black"


@pytest.mark.parametrize(
    ("condition", "is_met"),
    [
        ("(fill: red)", True),
        ("not (fill: red)", False),
        ("(color: oklch(0 0 0)) and (fill: red)", True),
        ("(not (fill: red)) or (color: red)", True),
        ("selector(.a > .b)", True),
        ("selector(:unknown(x))", False),
        ("unknown(x)", False),
    ],
)
def test_what_browsers_support_counts(condition, is_met):
    sheet = f"@supports {condition} {{ .a {{ fill: red }} }}"
    assert left(sheet) == ("red" if is_met else "black")


def test_ids_with_spaces_are_found_in_sheets():
    square = '<rect id="a b" width="10" height="10"/>'
    used = f'<defs>{square}</defs><use xlink:href="#a b"/>'
    for selector in ('[id="a b"]', "#a\\ b"):
        sheet = f"<style>{selector} {{ fill: red }}</style>"
        assert color(svg(sheet + square)) == "red"
        assert color(svg(sheet + used)) == "red"


def test_style_sheets_of_html_inside_are_no_letters_and_count(recwarn):
    html = "<foreignObject><style>rect { fill: red }</style><p> </p></foreignObject>"
    drawing = svg(html + '<rect width="10" height="10"/>')
    decode_image(drawing.encode(), "a")
    assert color(drawing) == "red"
    assert not recwarn.list


@pytest.mark.parametrize("kind", ["scope (.g)", "container (min-width: 1px)"])
def test_rules_that_are_not_read_are_told(kind):
    drawing = svg(f"<style>@{kind} {{ .a {{ fill: red }} }}</style>{SQUARES}")
    with pytest.warns(UserWarning, match=r"a: is drawn without its style rules in @\w+; take them"):
        decode_image(drawing.encode(), "a")


@pytest.mark.parametrize("length", [5_000, 100_000])
def test_rules_for_everything_do_not_grow_without_end(length):
    sheet = "".join(f"* {{ --a{number}: {'x' * 100} }}" for number in range(length // 100))
    with pytest.raises(SvgError, match="style rules for too many elements"):
        render_svg(svg(f"<style>{sheet}</style>" + "<g/>" * (20_000_000 // length)), 16)


@pytest.mark.parametrize("piece", [":not(", ":is(", ".a ", "* > ", "[a=", "&", "@layer a{", "a{"])
def test_selectors_without_end_take_no_time(piece):
    sheet = piece * 20_000 + "{ fill: red }"
    drawing = f'<style>.a {{ fill: lime }} <![CDATA[{sheet}]]></style><rect class="a"/>'
    render_svg(svg(drawing), 16)
