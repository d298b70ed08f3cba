"""What a drawing says in an unusual way is read as it is meant. Expected colours and places follow
from the drawings by hand.
"""

import codecs
import gzip

import numpy as np
import pytest
from PIL import Image

from marquery.images import decode_image, find_images, load_image
from marquery.svg import SvgError, render_svg, svg_size
from marquery.svg.letters import FONTS, RANGES

from .drawings import NAMESPACE, RED, flat_png, spelled, svg

BLUE = '<linearGradient id="g"><stop stop-color="#00f"/></linearGradient>'
COLORS = {
    "red": (255, 0, 0, 255),
    "blue": (0, 0, 255, 255),
    "lime": (0, 255, 0, 255),
    "black": (0, 0, 0, 255),
    "nothing": (0, 0, 0, 0),
}


def color(drawing):
    """The one colour of a drawing."""
    pixels = render_svg(drawing, 16)
    assert (pixels == pixels[0, 0]).all()
    (name,) = [n for n, c in COLORS.items() if tuple(pixels[0, 0]) == c]
    return name


def inked(drawing, side=100):
    """Columns and rows up to which a drawing has ink, and its size."""
    ink = render_svg(drawing, side)[..., 3] > 127
    rows, columns = np.nonzero(ink)
    return columns.max() + 1, rows.max() + 1, ink.shape[1], ink.shape[0]


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


def test_entities_as_illustrator_writes_them():
    text = (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" '
        '"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd" [\n'
        '<!ENTITY ns_svg "http://www.w3.org/2000/svg">\n'
        '<!ENTITY ns_xlink "http://www.w3.org/1999/xlink">\n'
        '<!ENTITY st0 "fill:#00FF00;">\n'
        "<!ENTITY shape \"<rect width='10' height='10' style='&st0;'/>\">\n]>\n"
        '<svg xmlns="&ns_svg;" xmlns:xlink="&ns_xlink;" viewBox="0 0 10 10">&shape;</svg>'
    )
    assert color(text) == "lime"


DRAWING = f'<?xml version="1.0" encoding="{{}}"?><svg {NAMESPACE} viewBox="0 0 10 10">{RED}</svg>'


@pytest.mark.parametrize(
    "data",
    [
        DRAWING.format("utf-16").encode("utf-16"),
        codecs.BOM_UTF16_BE + DRAWING.format("utf-16").encode("utf-16-be"),
        DRAWING.format("utf-8").encode("utf-16-le"),
        svg(RED).encode("utf-16-be"),
        DRAWING.format("utf-8").encode("utf-32"),
        codecs.BOM_UTF8 + b"\n " + svg(RED).encode(),
        DRAWING.format("utf-16").encode(),
        DRAWING.format("no-such-encoding").encode(),
        DRAWING.format("iso-8859-1").replace("<rect", "<!-- caf\xe9 --><rect").encode("latin-1"),
        DRAWING.format("utf-8").replace("<rect", "<!-- caf\xe9 --><rect").encode("latin-1"),
        gzip.compress(svg(RED).encode()),
        gzip.compress(DRAWING.format("utf-16").encode("utf-16")),
        b"<!-- first -->\n<!DOCTYPE svg>\n" + svg(RED).encode(),
    ],
)
@pytest.mark.parametrize("name", ["a.svg", "a.svgz", "a.png", "a.jpg"])
def test_encodings_packing_and_endings_do_not_matter(tmp_path, data, name):
    file = tmp_path / name
    file.write_bytes(data)
    image = load_image(file)
    assert image.size == (512, 512)
    assert image.getpixel((256, 256)) == (255, 0, 0)
    assert decode_image(data).tobytes() == image.tobytes()


def test_a_text_has_no_encoding_whatever_it_declares():
    for name in ("utf-16", "iso-8859-1", "shift_jis"):
        assert color(DRAWING.format(name)) == "red"


def test_a_raster_under_the_ending_of_svg_is_read(tmp_path):
    Image.new("RGB", (4, 3), "red").save(tmp_path / "a.png")
    (tmp_path / "a.png").rename(tmp_path / "a.svg")
    assert load_image(tmp_path / "a.svg").size == (4, 3)
    (tmp_path / "b.svgz").write_bytes(gzip.compress(svg(RED).encode()))
    assert [f.name for f in find_images(tmp_path)] == ["a.svg", "b.svgz"]


@pytest.mark.parametrize("name", spelled(b"?"))
@pytest.mark.parametrize("element", ["image", "feImage"])
def test_a_picture_inside_is_drawn_in_every_spelling(name, element):
    picture = f'<{element} width="10" height="10" {{}}href="{spelled(flat_png(5, 5))[name]}"/>'
    if element == "feImage":
        frame = 'x="0" y="0" width="1" height="1"'
        picture = f'<filter id="f" {frame}>{picture}</filter><g filter="url(#f)">{RED}</g>'
    for prefix in ("", "xlink:"):
        drawn = render_svg(svg(picture.format(prefix)), 10)
        assert (np.abs(drawn.astype(int) - COLORS["red"]) <= 1).all()


def test_a_large_picture_inside_is_reduced_not_refused():
    drawn = render_svg(
        svg(f'<image width="10" height="10" href="{spelled(flat_png(7000, 7000))["plain"]}"/>'), 16
    )
    assert (drawn[2:-2, 2:-2] == COLORS["red"]).all()


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "GIF", "WEBP", "JPEG"])
def test_a_picture_inside_may_be_of_any_common_format(tmp_path, kind):
    Image.new("RGB", (8, 8), "red").save(tmp_path / "a", kind)
    href = spelled((tmp_path / "a").read_bytes())["wrong type"]
    drawn = render_svg(svg(f'<image width="10" height="10" href="{href}"/>'), 8)
    assert (np.abs(drawn.astype(int) - COLORS["red"]) <= 4).all()


def test_a_drawing_inside_a_drawing_is_drawn_and_cleaned():
    import base64

    inner = svg('<rect width="10" height="10" fill="url(&quot;#g&quot;)"/>' + BLUE)
    href = "data:image/svg+xml;base64," + base64.b64encode(inner.encode()).decode()
    assert color(svg(f'<image width="10" height="10" href="{href}"/>')) == "blue"


def test_text_is_drawn_though_no_font_is_at_hand():
    def ink(text, attributes=""):
        body = f'<text x="2" y="16" font-size="14" {attributes}>{text}</text>'
        return (render_svg(svg(body, 'viewBox="0 0 100 20"'), 200)[..., 3] > 127).sum()

    assert ink("") == 0
    plain = ink("Größe", 'font-family="Helvetica"')
    assert plain > 200
    assert ink("Größe", "style=\"font-family:'No Such Font',serif\"") == plain
    assert ink("Größe", 'font-weight="bold"') > plain
    assert ink("Ωμέγα") > 200
    assert ink("Жук") > 200


def test_letters_that_the_font_has_not_are_told_and_not_drawn_as_boxes(tmp_path):
    file = tmp_path / "a.svg"
    file.write_text(svg('<text y="9">\u5546\u6807 </text>' + RED.replace("10", "5")))
    with pytest.warns(UserWarning, match=r"a\.svg: is drawn without .* such as \u5546\u6807;"):
        image = load_image(file)
    assert (np.asarray(image)[:, 260:] == 255).all()


def test_the_letters_are_those_of_the_font_files():
    fonttools = pytest.importorskip("fontTools.ttLib")
    codes = {code for first, last in RANGES for code in range(first, last + 1)}
    for file in FONTS:
        assert set(fonttools.TTFont(file).getBestCmap()) == codes
    assert len(FONTS) == 2
