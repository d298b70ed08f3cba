"""Rasters in kinds that few programs write; what their numbers mean follows from the formats."""

import io
import re
import struct
from zlib import crc32

import numpy as np
import pytest
from PIL import Image

from marquery.cli.app import run
from marquery.errors import ImageError
from marquery.images import decode_image, to_array

from . import rasters as hostile

RAMP = np.tile(np.linspace(0, 1, 64), (8, 1))
GREY = np.linspace(0, 255, 64)
HALF = np.arange(64) < 32
# (200, 100, 50) by the profile below: by its curve, its primaries and the inverse of those of sRGB.
ON_SCREEN = (216, 93, 24)


def row(content):
    return to_array(decode_image(content))[0].astype(float)


def of_depth(bits):
    return (RAMP * (2**bits - 1)).round().astype(np.uint16)


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize("photometric", [0, 1])
def test_grey_in_16_bits_keeps_its_tones(bits, photometric):
    found = row(hostile.tiff(of_depth(bits), photometric=photometric))
    assert np.abs(found[:: 1 if photometric else -1] - GREY[:, None]).max() <= 2.5


@pytest.mark.parametrize("bits", [10, 12, 14, 16])
@pytest.mark.parametrize("extra", [1, 2])
@pytest.mark.parametrize("channels", [1, 3])
def test_colour_and_grey_with_alpha_in_16_bits_keep_their_tones(bits, extra, channels):
    grey = of_depth(bits)
    alpha = np.where(HALF, 2**bits - 1, 0).astype(np.uint16) + np.zeros_like(grey)
    given = np.where(HALF, grey, 0).astype(np.uint16) if extra == 1 else grey
    pixels = np.stack([given] * channels + [alpha], axis=2)
    kind = 1 if channels == 1 else 2
    found = row(hostile.tiff(pixels, photometric=kind, tags=[(338, 3, extra)]))
    assert np.abs(found[HALF] - GREY[HALF, None]).max() <= 2.5
    assert (found[~HALF] == 255).all()


@pytest.mark.parametrize("bits", [12, 16])
@pytest.mark.parametrize("extra", [1, 2])
def test_half_transparent_colour_is_half_of_the_ground(bits, extra):
    top = 2**bits - 1
    red = top // 2 if extra == 1 else top
    pixels = np.zeros((8, 8, 4), np.uint16) + np.array([red, 0, 0, top // 2], np.uint16)
    pixels[0, 0] = [0, 0, 0, top]
    found = to_array(decode_image(hostile.tiff(pixels, photometric=2, tags=[(338, 3, extra)])))
    assert np.abs(found[4, 4].astype(int) - [255, 128, 128]).max() <= 2


def test_numbers_with_a_sign_are_read_with_it():
    for values in (RAMP * 255 - 128, RAMP * 127):
        found = row(hostile.tiff(values.round().astype(np.int8)))
        assert np.abs(found - GREY[:, None]).max() <= 2.5
    for values in (RAMP * 65535 - 32768, RAMP * 32767):
        found = row(hostile.tiff(values.astype(np.int16)))
        assert np.abs(found - GREY[:, None]).max() <= 2.5


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("channels", [(), (3,)])
def test_one_float_is_a_grey(kind, channels):
    values = np.full((8, 8, *channels), 0.5, kind)
    if channels and kind is np.float64:
        pytest.skip("no kind of TIFF that is made here")
    found = to_array(decode_image(hostile.tiff(values, photometric=2 if channels else 1)))
    assert (found == 128).all()


@pytest.mark.parametrize("far", [1e30, -3.4e38, 3e38])
def test_floats_that_stand_for_no_value_are_transparent(far):
    values = RAMP.astype(np.float32)
    values[:, 0] = far
    found = row(hostile.tiff(values))
    assert np.abs(found[1:] - GREY[1:, None]).max() <= 2.5
    assert (found[0] == 255).all()


@pytest.mark.parametrize("kind", ["GIF", "PNG", "TIFF", "BMP"])
@pytest.mark.parametrize("color", [(200, 30, 30), (200, 200, 200), (0, 0, 255)])
def test_a_palette_of_one_colour_is_that_colour(kind, color):
    content = hostile.saved(Image.new("RGB", (40, 20), color).quantize(1), kind)
    assert (to_array(decode_image(content)) == color).all()


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_the_first_picture_with_anything_on_it_is_read(kind):
    blank = Image.new("RGBA", (40, 20), (255, 255, 255, 0))
    logo = Image.new("RGBA", (40, 20), "white")
    logo.paste("red", (0, 0, 20, 20))
    other = Image.new("RGBA", (40, 20), "blue")
    options = {"lossless": True} if kind == "WEBP" else {}
    out = io.BytesIO()
    blank.save(out, kind, save_all=True, append_images=[logo, other], duration=50, **options)
    found = to_array(decode_image(out.getvalue()))
    assert found[10, 5].tolist() == [255, 0, 0]
    assert found[10, 35].tolist() == [255, 255, 255]
    out = io.BytesIO()
    frames = [blank, Image.new("RGBA", (40, 20), "white")]
    blank.save(out, kind, save_all=True, append_images=frames, duration=50, **options)
    assert (to_array(decode_image(out.getvalue())) == 255).all()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_wide_gamut_is_brought_to_that_of_a_screen(kind, mode):
    if (kind, mode) == ("JPEG", "RGBA"):
        pytest.skip("JPEG has no alpha")
    given = Image.new(mode, (16, 16), (200, 100, 50))
    options = {"lossless": True} if kind == "WEBP" else {"quality": 100} if kind == "JPEG" else {}
    wide = hostile.profile(hostile.WIDE, 2.2)
    found = to_array(decode_image(hostile.saved(given, kind, icc_profile=wide, **options)))
    assert np.abs(found.astype(int) - ON_SCREEN).max() <= 2


# What Chromium shows of (200, 100, 50), rounded to what all of it agrees on.
@pytest.mark.parametrize(
    ("gamma", "chromaticity", "shown"),
    [
        (100_000, None, (229, 168, 122)),
        (60_000, None, (213, 126, 73)),
        (20_000, None, (148, 24, 1)),
        (45_455, (31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000), (216, 93, 24)),
        (45_455, None, (200, 100, 50)),
        (45_000, (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000), (200, 100, 50)),
        (0, None, (200, 100, 50)),
        (4_000_000_000, None, (200, 100, 50)),
        (100_000, (0,) * 8, (200, 100, 50)),
        (100_000, (31270, 32900) * 4, (200, 100, 50)),
    ],
)
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_a_png_may_say_its_colours_by_numbers(gamma, chromaticity, shown, mode):
    given = Image.new("RGB", (16, 16), (200, 100, 50))
    given = given.quantize(2) if mode == "P" else given.convert(mode)
    content = with_numbers(hostile.saved(given, "PNG"), gamma, chromaticity)
    found = to_array(decode_image(content)).astype(int)
    assert np.abs(found - shown).max() <= 6
    # A file that says that its colours are those of a screen is believed.
    content = with_numbers(hostile.saved(given, "PNG"), gamma, chromaticity, b"sRGB")
    assert np.abs(to_array(decode_image(content)).astype(int) - (200, 100, 50)).max() <= 1


@pytest.mark.parametrize("mode", ["L", "LA", "I;16"])
def test_a_grey_png_may_say_its_tones_by_a_number(mode):
    level = 124 * 257 if mode == "I;16" else 124
    given = (
        Image.new("LA", (16, 16), (124, 255)) if mode == "LA" else Image.new(mode, (16, 16), level)
    )
    content = with_numbers(hostile.saved(given, "PNG"), 100_000, None)
    assert np.abs(to_array(decode_image(content)).astype(int) - 185).max() <= 2


def with_numbers(content, gamma, chromaticity, *others):
    """A PNG with the chunks of its colours put in."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc32(kind + body))

    chunks = [chunk(b"gAMA", struct.pack(">I", gamma))]
    chunks += [chunk(b"cHRM", struct.pack(">8I", *chromaticity))] if chromaticity else []
    chunks += [chunk(kind, bytes(1)) for kind in others]
    at = 33  # behind the header
    return content[:at] + b"".join(chunks) + content[at:]


def test_a_profile_that_says_nothing_or_is_broken_changes_nothing():
    given = Image.new("RGB", (16, 16), (200, 100, 50))
    wide = hostile.profile(hostile.WIDE, 2.2)
    for broken in (b"", wide[:150], b"\xff" * 400, wide[:140] + b"\xff" * 300):
        found = to_array(decode_image(hostile.saved(given, "PNG", icc_profile=broken)))
        assert (found == (200, 100, 50)).all()
    other = hostile.profile(hostile.WIDE, 2.2, b"CMYK")
    found = to_array(decode_image(hostile.saved(given, "PNG", icc_profile=other)))
    assert (found == (200, 100, 50)).all()


def test_the_transparent_colour_of_a_picture_with_a_profile_is_transparent():
    given = Image.new("RGB", (16, 16), (200, 100, 50))
    given.paste((0, 255, 0), (8, 0, 16, 16))
    wide = hostile.profile(hostile.WIDE, 2.2)
    content = hostile.saved(given, "PNG", icc_profile=wide, transparency=(0, 255, 0))
    found = to_array(decode_image(content))
    assert (found[:, 8:] == 255).all()
    assert np.abs(found[:, :8].astype(int) - ON_SCREEN).max() <= 2


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *(("PNG", "PNG"), ("GIF", "GIF"), ("JPEG", "JPEG"), ("TIFF", "TIFF"), ("ICO", "ICO")),
        *(("AVIF", "AVIF"), ("JPEG2000", "JPEG 2000"), ("WEBP", "WebP")),
    ],
)
def test_a_damaged_file_is_told_by_its_format(kind, name):
    content = hostile.saved(Image.new("RGB", (64, 64), "red"), kind)
    told = set()
    for length in range(12, 48, 4):
        with pytest.raises(ImageError, match="is not a readable image") as error:
            decode_image(content[:length], "a")
        assert "no known format" not in str(error.value)
        assert not re.search(r"\(\d+\)", str(error.value))
        told.add(str(error.value))
    if name not in ("WebP", "JPEG 2000"):  # of these it is told what lacks
        assert f"a: is not a readable image (a damaged {name} file); save it again" in told


@pytest.mark.parametrize(
    ("content", "name"),
    [
        *((b"%PDF-1.4", "PDF"), (b"8BPS\0\1", "Photoshop"), (b"%!PS-Adobe", "PostScript")),
        *((b"\0\0\0\x18ftypheic", "HEIC"), (b"PK\3\4", "ZIP"), (b"icns", "ICNS")),
    ],
)
def test_a_file_of_another_format_is_told_by_it(content, name):
    with pytest.raises(ImageError, match=rf"\(a {name} file\); save it as PNG"):
        decode_image(content + bytes(40), "a")


def test_what_pillow_notes_of_a_file_is_not_printed(tmp_path, capfd):
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "x" * 50
    picture = Image.new("RGB", (64, 64), "white")
    picture.paste("red", (10, 10, 50, 50))
    picture.save(tmp_path / "a.jpg", exif=exif.tobytes()[:40])
    assert run(["segment", str(tmp_path / "a.jpg"), "--out", str(tmp_path / "s.png")]) == 0
    said = capfd.readouterr()
    assert "warning" not in said.err + said.out
