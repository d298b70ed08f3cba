"""Drawings that browsers read in a way of their own, found by comparing them with Chromium: what is
expected is what it shows.
"""

import base64
import io

import pytest
from PIL import Image

from marquery.images import decode_image
from marquery.svg import render_svg

from .drawings import RED, svg
from .pixels import COLORS, color, inked, same

SQUARE = '<rect x="2" y="2" width="4" height="4" {}/>'
LINE = '<path d="M2 5H8" stroke="red" {}/>'
TWO = '<{0} id="a">{1}</{0}><{0} id="a">{2}</{0}><rect width="10" height="10" style="{3}:url(#a)"/>'
HALF, OTHER = '<rect width="5" height="10" {}/>', '<rect x="5" width="5" height="10" {}/>'


@pytest.mark.parametrize("name", ["clipPath", "mask"])
def test_of_elements_with_one_id_the_first_is_meant(name):
    property_ = "clip-path" if name == "clipPath" else "mask"
    white = 'fill="#fff"'
    body = TWO.format(name, HALF.format(white), OTHER.format(white), property_)
    assert inked(svg(body)) == (50, 100, 100, 100)


def test_of_paints_with_one_id_the_first_is_meant():
    stops = ('<stop stop-color="#00f"/>', '<stop stop-color="#0f0"/>')
    assert color(svg(TWO.format("linearGradient", *stops, "fill"))) == "blue"
    body = f'<g id="a"/><linearGradient id="a">{stops[0]}</linearGradient>'
    assert color(svg(f'{body}<rect width="10" height="10" fill="url(#a) red"/>')) == "red"


@pytest.mark.parametrize("written", ['{}="{}"', 'style="{}:{}"'])
@pytest.mark.parametrize("name", ["clip-path", "mask", "filter"])
@pytest.mark.parametrize("target", ["a", "nowhere", "b (1)"])
def test_a_reference_to_something_else_hides_nothing(written, name, target):
    others = '<defs><rect id="a" width="1" height="1"/><rect id="b (1)" width="1"/></defs>'
    reference = written.format(name, f"url('#{target}')")
    assert color(svg(f'{others}<g {reference}><rect width="10" height="10" fill="red"/></g>')) == (
        "red"
    )


@pytest.mark.parametrize(("paint", "expected"), [("url(#a) red", "red"), ("url(#a)", "nothing")])
def test_a_reference_to_no_paint_is_its_fall_back(paint, expected):
    body = '<defs><rect id="a" width="1" height="1"/></defs><rect width="10" height="10" {}/>'
    assert color(svg(body.format(f'fill="{paint}"'))) == expected
    assert color(svg(body.format(f'style="fill:{paint}"'))) == expected


@pytest.mark.parametrize("value", ["#xyzxyz", "ff0000", "", "undefined", "#ff", "red;", "red none"])
def test_what_is_no_colour_is_that_of_the_element_around_it(value):
    around = '<g fill="lime">{}</g>'
    body = '<rect width="10" height="10" {}/>'
    assert color(svg(around.format(body.format(f'fill="{value}"')))) == "lime"
    assert color(svg(around.format(body.format(f'style="fill:{value.strip(";")}x"')))) == "lime"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (SQUARE.format('fill="red" opacity=" .5 "'), SQUARE.format('fill="red" opacity=".5"')),
        (SQUARE.format('opacity="calc(1 / 2)"'), SQUARE.format('opacity=".5"')),
        ('<rect width=" 5 " height="3&#10;"/>', '<rect width="5" height="3"/>'),
        ('<rect width="5PX" height="3Px"/>', '<rect width="5" height="3"/>'),
        ('<rect width=".5rem" height="1q"/>', '<rect width="8" height=".944882"/>'),
        ('<rect style="width:.5rem;height:3px"/>', '<rect width="8" height="3"/>'),
        (LINE.format('stroke-width="calc(1px + 2px)"'), LINE.format('stroke-width="3"')),
        (LINE.format('style="stroke-width:.25rem"'), LINE.format('stroke-width="4"')),
        (
            LINE.format('stroke-width="3" stroke-linecap="ROUND"'),
            LINE.format('stroke-width="3" stroke-linecap="round"'),
        ),
        (SQUARE.format('style="FILL:RED;Opacity:.5"'), SQUARE.format('fill="red" opacity=".5"')),
        (SQUARE.format('fill="NONE" stroke="red"'), SQUARE.format('fill="none" stroke="red"')),
        (SQUARE.format('display="NONE"'), ""),
        (SQUARE.format('style="visibility:HIDDEN"'), ""),
        (SQUARE.format('style="display:none;display:nothing"'), ""),
        (
            '<path fill-rule="EVENODD" d="M0 0h9v9h-9zM2 2h5v5h-5z"/>',
            '<path fill-rule="evenodd" d="M0 0h9v9h-9zM2 2h5v5h-5z"/>',
        ),
        (
            SQUARE.format('fill="red" style="-webkit-filter:invert(1)"'),
            SQUARE.format('fill="red" style="filter:invert(1)"'),
        ),
        (
            SQUARE.format('fill="red" style="filter:invert(1);-webkit-filter:none"'),
            SQUARE.format('fill="red"'),
        ),
        (
            SQUARE.format('fill="red" style="filter:drop-shadow(1px 1px 0 rgb(0 0 255 / 50%))"'),
            SQUARE.format('fill="red" style="filter:drop-shadow(1px 1px 0 #0000ff80)"'),
        ),
        (
            SQUARE.format('fill="red" filter="drop-shadow(rgba(0,0,255,.5) 1px 1px)"'),
            SQUARE.format('fill="red" filter="drop-shadow(1px 1px 0 #0000ff80)"'),
        ),
        (SQUARE.format('fill="rgb(255,0,0,50%)"'), SQUARE.format('fill="#f00" opacity=".5"')),
        (
            SQUARE.format('style="transform:translate(1mm, 1mm)"'),
            SQUARE.format('transform="translate(3.7795276 3.7795276)"'),
        ),
        # Lengths and angles of CSS have units.
        (SQUARE.format('style="transform:rotate(45)"'), SQUARE.format("")),
        (SQUARE.format('style="transform:translate(1,1)"'), SQUARE.format("")),
        (
            SQUARE.format('transform="scale(.5)" style="transform:what"'),
            SQUARE.format('transform="scale(.5)"'),
        ),
    ],
)
def test_an_unusual_spelling_is_read_as_it_is_meant(written, meant):
    assert same(written, meant)


@pytest.mark.parametrize(
    "style",
    ["mask:url(#m) no-repeat", "mask-image:url(#m)", "-webkit-mask:url('#m')", "MASK:url(#m)"],
)
def test_a_mask_is_found_among_its_settings(style):
    mask = '<mask id="m"><rect width="5" height="10" fill="#fff"/></mask>'
    assert inked(svg(f'{mask}<g style="{style}">{RED}</g>')) == (50, 100, 100, 100)


def test_a_clip_is_found_under_its_old_name():
    clip = '<clipPath id="c"><rect width="5" height="10"/></clipPath>'
    drawing = svg(f'{clip}<g style="-webkit-clip-path:url(#c)">{RED}</g>')
    assert inked(drawing) == (50, 100, 100, 100)


@pytest.mark.parametrize("kind", ["linearGradient", "pattern"])
def test_a_paint_is_moved_by_its_transform_of_css(kind):
    if kind == "pattern":
        paint = '<pattern id="p" width="4" height="4" patternUnits="userSpaceOnUse" {}>{}</pattern>'
        inside, name = '<rect width="2" height="4" fill="red"/>', "patternTransform"
    else:
        paint = '<linearGradient id="p" {}>{}</linearGradient>'
        inside, name = '<stop stop-color="red"/><stop offset="1"/>', "gradientTransform"
    square = '<rect width="10" height="10" fill="url(#p)"/>'
    by_css = paint.format('style="transform:rotate(90deg)"', inside)
    assert same(by_css + square, paint.format(f'{name}="rotate(90)"', inside) + square)


@pytest.mark.parametrize("move", ['transform="scale(.5)"', 'style="transform:scale(50%)"'])
def test_the_whole_drawing_is_moved_around_its_middle(move):
    drawn = render_svg(svg(RED, f'viewBox="0 0 10 10" {move}'), 40)
    assert (drawn[10:30, 10:30] == COLORS["red"]).all()
    assert drawn[..., 3].sum() == 20 * 20 * 255


@pytest.mark.parametrize("move", ["rotate(360deg)", "none", "translate(0, 0) scale(1)"])
def test_a_move_that_moves_nothing_changes_no_pixel(move):
    round_ = '<circle cx="4.3" cy="5.1" r="3.7"/>'
    plain = render_svg(svg(round_), 50)
    moved = render_svg(svg(round_, f'viewBox="0 0 10 10" style="transform:{move}"'), 50)
    assert (plain == moved).all()


def test_a_drawing_that_a_page_does_not_display_is_a_picture():
    assert color(svg(RED, 'viewBox="0 0 10 10" style="display:none"')) == "red"


def test_the_size_may_be_a_style():
    drawn = render_svg(svg('<rect width="20" height="20"/>', 'style="width:80px;height:40px"'), 80)
    assert drawn.shape == (40, 80, 4)
    assert drawn[..., 3].sum() == 20 * 20 * 255


def test_the_size_of_a_use_may_be_a_share():
    part = '<symbol id="s" viewBox="0 0 10 10"><rect width="10" height="10"/></symbol>'
    drawing = svg(f'{part}<use href="#s" width="40%" height="40%"/>')
    assert inked(drawing) == (40, 40, 100, 100)


def test_words_in_english_are_chosen():
    words = "".join(
        f'<rect systemLanguage="{language}" width="10" height="10" fill="{fill}"/>'
        for language, fill in (("de", "blue"), ("en", "lime"), ("fr", "red"))
    )
    assert color(svg(f"<switch>{words}</switch>")) == "lime"


def test_style_sheets_that_would_have_to_be_chosen_do_not_count():
    sheets = "".join(
        f'<style title="{title}">rect {{ fill: {fill} }}</style>'
        for title, fill in (("", "blue"), ("light", "red"), ("dark", "lime"), ("light", "red"))
    )
    assert color(svg(f'{sheets}<rect width="10" height="10"/>')) == "red"


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_inside_is_turned_as_its_exif_says(kind):
    picture = Image.new("RGB", (16, 16), "lime")
    picture.paste("red", (0, 0, 16, 8))
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    picture.save(out, kind, exif=exif, quality=95)
    data = f"data:image/{kind.lower()};base64,{base64.b64encode(out.getvalue()).decode()}"
    drawn = render_svg(svg(f'<image width="10" height="10" href="{data}"/>'), 16).astype(int)
    # Its upper half is the right one.
    assert abs(drawn[:, 12:, :3] - (255, 0, 0)).max() < 20
    assert abs(drawn[:, :4, :3] - (0, 255, 0)).max() < 20


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (SQUARE.format("").replace("/>", '><set attributeName="fill" to="red"/></rect>'), "movem"),
        ("<animate attributeName='x' to='3'/>", "its movement"),
        (SQUARE.format('style="animation:turn 1s infinite"'), "its movement"),
        ("<foreignObject><b xmlns='http://www.w3.org/1999/xhtml'/></foreignObject>", "HTML inside"),
        ('<style>@import "data:text/css,rect{}";</style>', "@import"),
        ('<link rel="stylesheet" href="data:text/css,rect{}"/>', "style rules in an address"),
        (LINE.format('pathLength="1" stroke-dasharray=".5"'), "dashes that are counted"),
        ('<linearGradient color-interpolation="linearRGB"/>', "mixed as light"),
        (SQUARE.format('style="width:calc(100% - 5px)"'), "a size that is a sum"),
        ('<rect width="calc(100% - 5px)" height="5"/>', "a size that is a sum"),
        ('<rect width="50vmin" height="5"/>', "a size in units of a page"),
        (SQUARE.format('style="mask:url(#a),url(#b)"'), "a mask of several"),
        (SQUARE.format('style="mask:url(#a) alpha"'), "a mask of several or by its alpha"),
        (SQUARE.format('style="transform:translate(1em)"'), "a move in units of a font"),
        (SQUARE.format('style="mix-blend-mode:plus-lighter"'), "a mix of colours by adding"),
        ('<text y="9" style="text-transform:uppercase">a</text>', "capitals in place"),
    ],
)
def test_what_browsers_alone_draw_is_told(body, told):
    with pytest.warns(UserWarning, match="a: is drawn without ") as caught:
        decode_image(svg(body + RED).encode(), "a")
    assert [told in str(one.message) for one in caught] == [True]


def test_style_sheets_of_an_instruction_are_told():
    sheet = '<?xml-stylesheet href="data:text/css,rect%7Bfill:red%7D"?>'
    with pytest.warns(UserWarning, match="style rules in an address"):
        decode_image(svg(RED, before=sheet).encode(), "a")


@pytest.mark.parametrize(
    "body",
    [
        SQUARE.format('style="animation:none;transition:all 1s"'),
        '<linearGradient style="color-interpolation-filters:linearRGB"/>',
        '<foreignObject requiredExtensions="a"><p> </p></foreignObject>',
        '<path pathLength="1" d="M2 5H8"/>',
    ],
)
def test_nothing_is_told_where_all_is_drawn(body, recwarn):
    decode_image(svg(body + RED).encode(), "a")
    assert not recwarn.list


@pytest.mark.parametrize(
    "piece",
    ["A", "mask:url(", "mask:", " ", "display:", "9", "translate(", "%", "drop-shadow(", ";A", "-"],
)
def test_the_time_is_linear(piece):
    for text in (piece * 60_000, f"mask:{piece * 60_000}", f"filter:drop-shadow({piece * 60_000}"):
        # The limit on time would refuse them.
        render_svg(svg(SQUARE.format(f'style="{text}"')), 16)
    many = piece * 60_000
    render_svg(svg(SQUARE.format(f'stroke-width="{many}" fill="rgb({many}" mask="{many}"')), 16)
    render_svg(svg(RED, f'viewBox="0 0 10 10" transform="{many}" style="transform:{many}"'), 16)
