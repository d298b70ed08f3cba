"""Reading images: every kind a stranger may send, and what is refused."""

import base64
import io
import os
import pickle
import struct
import zlib

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from marquery.errors import ImageError
from marquery.images import (
    Limits,
    border_color,
    decode_image,
    find_images,
    load_image,
    pad_to_square,
    to_array,
)
from marquery.visibility import DARK, vanishes_on_white


def save(image, path, **options):
    image.save(path, **options)
    return path


@pytest.fixture
def red(tmp_path):
    return Image.new("RGB", (20, 10), (200, 30, 40))


def test_formats_and_modes_come_out_as_the_same_rgb(tmp_path, red):
    files = [
        save(red, tmp_path / "a.png"),
        save(red, tmp_path / "a.bmp"),
        save(red, tmp_path / "a.tif"),
        save(red, tmp_path / "a.webp", lossless=True),
        save(red.convert("P", palette=Image.Palette.ADAPTIVE), tmp_path / "palette.png"),
        save(red.convert("RGBA"), tmp_path / "alpha.png"),
    ]
    for file in files:
        loaded = load_image(file)
        assert loaded.mode == "RGB"
        assert loaded.size == (20, 10)
        assert np.abs(to_array(loaded).astype(int) - (200, 30, 40)).max() <= 1, file


def test_cmyk_jpeg(tmp_path):
    file = save(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), tmp_path / "a.jpg", quality=95)
    r, g, b = to_array(load_image(file))[8, 8]
    assert r > 200
    assert g < 60
    assert b < 60


def test_sixteen_bit_grey_is_scaled_not_clipped(tmp_path):
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None].repeat(4, axis=0)
    file = save(Image.fromarray(ramp), tmp_path / "a.png")
    row = to_array(load_image(file))[0, :, 0].astype(int)
    assert np.abs(row - np.arange(256)).max() <= 1


def test_transparent_palette(tmp_path):
    image = Image.new("P", (8, 8), 0)
    image.putpalette([255, 0, 0, 0, 0, 255] + [0] * 762)
    image.putpixel((0, 0), 1)
    file = save(image, tmp_path / "a.png", transparency=0)
    pixels = to_array(load_image(file))
    assert tuple(pixels[4, 4]) == (255, 255, 255)
    assert tuple(pixels[0, 0]) == (0, 0, 255)


def test_white_logo_on_transparency_gets_a_dark_ground(tmp_path):
    rgba = np.zeros((20, 20, 4), np.uint8)
    rgba[5:15, 5:15] = 255
    assert vanishes_on_white(rgba)
    pixels = to_array(load_image(Image.fromarray(rgba)))
    assert tuple(pixels[0, 0]) == DARK
    assert tuple(pixels[10, 10]) == (255, 255, 255)
    rgba[5:15, 5:10, :3] = 0
    assert not vanishes_on_white(rgba)
    assert tuple(to_array(load_image(Image.fromarray(rgba)))[0, 0]) == (255, 255, 255)


def rgba_with(*shapes):
    """A transparent 60 x 60 image with filled boxes (top, left, bottom, right, colour)."""
    pixels = np.zeros((60, 60, 4), np.uint8)
    for top, left, bottom, right, color in shapes:
        pixels[top:bottom, left:right] = (*color, 255)
    return pixels


RED, WHITE_INK, BLACK = (220, 20, 30), (255, 255, 255), (0, 0, 0)


@pytest.mark.parametrize(
    ("shapes", "dark"),
    [
        ([(5, 5, 25, 25, RED), (30, 5, 55, 55, WHITE_INK)], True),  # figure and white wordmark
        ([(5, 5, 55, 55, WHITE_INK), (20, 20, 40, 40, RED)], False),  # on a white tile
        ([(5, 5, 55, 55, RED), (20, 20, 40, 40, WHITE_INK)], False),  # white in a badge
        ([(5, 5, 25, 55, BLACK), (30, 5, 55, 55, WHITE_INK)], False),  # lost either way
        ([(5, 5, 55, 55, RED), (0, 0, 5, 10, WHITE_INK)], False),  # a speck
    ],
)
def test_dark_ground_where_a_good_part_would_be_lost_on_white(shapes, dark):
    pixels = rgba_with(*shapes)
    assert vanishes_on_white(pixels) == dark
    assert tuple(to_array(load_image(Image.fromarray(pixels)))[-1, -1]) == (
        DARK if dark else (255, 255, 255)
    )


def test_first_frame_of_an_animation(tmp_path):
    frames = [Image.new("RGB", (8, 8), c) for c in ((255, 0, 0), (0, 255, 0))]
    file = tmp_path / "a.gif"
    frames[0].save(file, save_all=True, append_images=frames[1:])
    assert tuple(to_array(load_image(file))[0, 0]) == (255, 0, 0)


def test_exif_rotation_is_applied(tmp_path, red):
    exif = Image.Exif()
    exif[0x0112] = 6
    assert load_image(save(red, tmp_path / "a.jpg", exif=exif)).size == (10, 20)


def test_one_pixel_is_an_image(tmp_path):
    assert load_image(save(Image.new("RGB", (1, 1)), tmp_path / "a.png")).size == (1, 1)


def test_svg_is_drawn_and_outside_files_are_not_read(tmp_path, red):
    secret = save(red, tmp_path / "secret.png")
    file = tmp_path / "a.svg"
    file.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20">'
        f'<rect width="20" height="20" fill="#00f"/><image x="20" width="20" height="20" href="{secret}"/></svg>'  # noqa: E501
    )
    image = load_image(file)
    assert image.size == (512, 256)
    assert image.getpixel((10, 10)) == (0, 0, 255)
    assert image.getpixel((500, 128)) == (255, 255, 255)


def huge_png(width, height):
    """The header of a PNG that says it is huge; there is no pixel in it."""

    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def truncated():
    buffer = io.BytesIO()
    Image.effect_noise((64, 64), 50).save(buffer, "JPEG")
    return buffer.getvalue()[:600]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.png", b"", "empty"),
        ("text.png", b"this is no picture", "not a readable image"),
        ("huge.png", huge_png(60_000, 60_000), "too many pixels|over the limit"),
        ("wide.png", huge_png(30_000, 10), "over the limit"),
        ("cut.jpg", truncated(), "not a readable image"),
        ("bad.svg", b"<svg", "SVG"),
        ("empty.svg", b"<svg viewBox='0 0 0 0'/>", "SVG"),
    ],
)
def test_bad_files_are_refused_in_one_sentence_that_names_them(tmp_path, name, content, words):
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(ImageError, match=words) as caught:
        load_image(file)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_files_and_folders_are_named(tmp_path):
    with pytest.raises(ImageError, match=r"nowhere\.png: no such file"):
        load_image(tmp_path / "nowhere.png")
    with pytest.raises(ImageError, match="is not a file"):
        load_image(tmp_path)
    with pytest.raises(ImageError, match="no such folder"):
        find_images(tmp_path / "nowhere")


def test_bytes_are_limited_before_reading(tmp_path, red):
    file = save(red, tmp_path / "a.png")
    with pytest.raises(ImageError, match="over the limit"):
        load_image(file, Limits(max_bytes=10))


def test_folders_are_read_recursively_sorted_without_hidden_files(tmp_path, red):
    for name in ("b.png", "a/z.JPG", "a/y.svg", ".hidden/x.png", ".x.png", "notes.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    names = [f.relative_to(tmp_path).as_posix() for f in find_images(tmp_path)]
    assert names == ["a/y.svg", "a/z.JPG", "b.png"]


def test_padding_uses_the_logos_own_ground():
    pixels = np.full((10, 40, 3), (250, 240, 10), np.uint8)
    pixels[3:7, 5:35] = 0
    square = np.asarray(pad_to_square(Image.fromarray(pixels)))
    assert square.shape == (40, 40, 3)
    assert (square[0] == (250, 240, 10)).all()
    assert (square[15:25] == pixels).all()


def test_border_color_ignores_noise_and_a_touching_figure():
    rng = np.random.default_rng(0)
    pixels = rng.integers(30, 34, (50, 50, 3)).astype(np.uint8)
    pixels[20:30, :20] = (255, 0, 0)
    assert np.abs(np.array(border_color(pixels)) - 32).max() <= 2


def test_corners_outvote_a_badge_drawn_to_the_edges():
    pixels = np.zeros((40, 40, 3), np.uint8)
    for y in (0, -1):
        for x in (0, -1):
            pixels[y, x] = 254
    assert border_color(pixels) == (254, 254, 254)
    pixels[0, 0] = pixels[0, -1] = 0  # two corners are no majority: the rest of the border decides
    assert border_color(pixels) == (0, 0, 0)


@pytest.mark.parametrize("quote", ['"', "'"])
def test_svg_references_are_cut_out_whatever_the_quotes(tmp_path, red, quote):
    folder = tmp_path / "it's here"
    folder.mkdir()
    secret = save(red, folder / ("secret.png" if quote == '"' else "other.png"))
    target = str(secret).replace(quote, "&#39;") if quote == "'" else str(secret)
    file = tmp_path / "a.svg"
    file.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">'  # noqa: E501
        f"<image width='9' height='9' xlink:href={quote}{target}{quote}/></svg>"
    )
    assert (to_array(load_image(file)) == 255).all()


def test_svg_with_an_oversized_picture_inside_or_growing_entities_is_refused(tmp_path):
    inner = base64.b64encode(huge_png(60_000, 60_000)).decode()
    growing = '<!ENTITY e0 "lol">' + "".join(
        f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10)
    )
    for body, words in (
        (f'<svg viewBox="0 0 9 9"><image href="data:image/png;base64,{inner}"/></svg>', "pixels"),
        (
            f'<!DOCTYPE svg [{growing}]><svg viewBox="0 0 9 9"><title>&e9;</title></svg>',
            "entities",
        ),
        ('<svg viewBox="0 0 1e308 1e308"/>', "SVG"),
    ):
        file = tmp_path / "a.svg"
        file.write_text(body)
        with pytest.raises(ImageError, match=words):
            load_image(file)


def test_broken_exif_does_not_spoil_the_picture(tmp_path, red):
    file = tmp_path / "a.png"
    red.save(file, exif=b"Exif\0\0garbage that is no TIFF header")
    assert load_image(file).size == (20, 10)


def test_formats_that_need_other_programs_are_not_tried(tmp_path):
    file = tmp_path / "a.png"
    file.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n")
    with pytest.raises(ImageError, match="not a readable image"):
        load_image(file)


def test_names_that_are_no_text_are_read_and_told_as_text(tmp_path):
    file = tmp_path / os.fsdecode(b"caf\xe9.png")
    Image.new("RGB", (4, 4)).save(file)
    assert load_image(file).size == (4, 4)
    assert load_image(tmp_path / "caf\\xe9.png").size == (4, 4)  # as it is told
    file.write_bytes(b"no image")
    with pytest.raises(ImageError, match=r"caf\\xe9\.png: is not") as caught:
        load_image(file)
    str(caught.value).encode("utf-8")


def test_errors_keep_their_parts_between_processes():
    error = pickle.loads(pickle.dumps(ImageError("a.png", "is empty")))
    assert (error.path, error.reason, str(error)) == ("a.png", "is empty", "a.png: is empty")


def test_the_backdrop_of_a_large_dotted_picture_is_found_at_once():
    pixels = np.zeros((1500, 1500, 4), np.uint8)
    pixels[::3, ::3] = 255
    assert vanishes_on_white(np.kron(pixels[:750, :750], np.ones((2, 2, 1), np.uint8)))


def test_a_contact_sheet_says_what_to_name_instead(tmp_path):
    text = PngInfo()
    text.add_text("marquery-sheet", "1")
    Image.new("RGB", (4, 4)).save(tmp_path / "sheet.png", pnginfo=text)
    with pytest.raises(ImageError, match="contact sheet that marquery wrote; name the logo itself"):
        load_image(tmp_path / "sheet.png")


def test_bytes_are_decoded_by_content_within_the_limits():
    buffer = io.BytesIO()
    Image.new("RGB", (3, 2), (10, 20, 30)).save(buffer, "PNG")
    image = decode_image(buffer.getvalue())
    assert (image.size, image.mode, image.getpixel((2, 1))) == ((3, 2), "RGB", (10, 20, 30))
    with pytest.raises(ImageError, match="upload: 78 are over the limit of 20; make the"):
        decode_image(buffer.getvalue(), "upload", Limits(max_bytes=20))
