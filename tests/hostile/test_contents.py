"""Files of any encoding and ending, and what a drawing holds: entities, pictures, text."""

import base64
import codecs
import gzip
import io
import warnings

import numpy as np
import pytest
from PIL import Image

from marquery.images import decode_image, find_images, load_image
from marquery.svg import render_svg
from marquery.svg.letters import FONTS, RANGES

from .drawings import NAMESPACE, RED, flat_png, spelled, svg
from .pixels import BLUE, COLORS, color


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


@pytest.mark.parametrize(
    ("mode", "value"),
    [("1", 1), ("L", 255), ("P", 0), ("LA", (255, 255)), ("I;16", 65535), ("RGBA", (255,) * 4)],
)
@pytest.mark.parametrize("side", [64, 4100])
def test_a_picture_inside_may_be_of_any_mode_and_size(mode, value, side):
    picture = Image.new(mode, (side, side), value)
    if mode == "P":
        picture.putpalette([255, 255, 255])
    out = io.BytesIO()
    picture.save(out, "PNG")
    body = RED + f'<image width="10" height="10" href="{spelled(out.getvalue())["plain"]}"/>'
    assert (render_svg(svg(body), 16)[2:-2, 2:-2] == 255).all()


def test_a_picture_inside_may_be_in_the_colours_of_print_or_in_16_bits():
    for picture, kind, expected in (
        (Image.new("CMYK", (32, 32), (0, 255, 255, 0)), "JPEG", (255, 0, 0)),
        (Image.fromarray(np.full((32, 32), 0x8080, np.uint16)), "TIFF", (128, 128, 128)),
    ):
        out = io.BytesIO()
        picture.save(out, kind)
        href = spelled(out.getvalue())["no type"]
        drawn = render_svg(svg(f'<image width="10" height="10" href="{href}"/>'), 16)
        assert (np.abs(drawn[2:-2, 2:-2, :3].astype(int) - expected) <= 3).all(), kind


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "GIF", "WEBP", "JPEG"])
def test_a_picture_inside_may_be_of_any_common_format(tmp_path, kind):
    Image.new("RGB", (8, 8), "red").save(tmp_path / "a", kind)
    href = spelled((tmp_path / "a").read_bytes())["wrong type"]
    drawn = render_svg(svg(f'<image width="10" height="10" href="{href}"/>'), 8)
    assert (np.abs(drawn.astype(int) - COLORS["red"]) <= 4).all()


def test_a_drawing_inside_a_drawing_is_drawn_and_cleaned():
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


INNER = base64.b64encode(svg(f"<text>&#x5546;</text>{RED}").encode()).decode()


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("<text>\uf09b</text>", "some letters of its text, such as (U+F09B);"),  # a font of icons
        ("<text><tspan>\U000f0001a</tspan></text>", "some letters"),
        ("<foreignObject><p>ACME</p></foreignObject>", "some letters of its text, such as ACME"),
        (
            f'<image width="9" height="9" href="data:image/svg+xml;base64,{INNER}"/>',
            "such as \u5546",
        ),
        ('<image width="9" height="9" href="logo.png"/>', "a picture that is not in the file"),
        ('<image width="9" height="9" href="data:image/png;base64,AAAA"/>', "cannot be read"),
        ('<use href="sprite.svg#a"/>', "a picture that is not in the file"),
    ],
)
def test_what_is_missing_is_told(body, told):
    with pytest.warns(UserWarning, match="^a: is drawn without ") as caught:
        decode_image(svg(body + RED).encode(), "a")
    assert [told in str(one.message) for one in caught] == [True]
    assert str(caught[0].message).isprintable()


@pytest.mark.parametrize(
    "body",
    [
        "<text>Caf\u00e9 \u00ae\u00a0\u200d\u00ad\ufe0f</text>",
        "<switch><foreignObject><p>ACME</p></foreignObject><text>ACME</text></switch>",
        '<a href="https://example.org/">A</a><use href="#q"/><image href=""/>',
        "<style>@import url(a.css); @font-face { src: url(a.woff) }</style>",
    ],
)
def test_nothing_is_told_where_nothing_is_missing(body):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        decode_image(svg(body + RED).encode(), "a")


def test_the_letters_are_those_of_the_font_files():
    fonttools = pytest.importorskip("fontTools.ttLib")
    codes = {code for first, last in RANGES for code in range(first, last + 1)}
    for file in FONTS:
        assert set(fonttools.TTFont(file).getBestCmap()) == codes
    assert len(FONTS) == 2
