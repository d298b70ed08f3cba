"""What embed() takes: paths, bytes, pictures, arrays, folders; and what it refuses."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from marquery.encoder import LogoEncoder
from marquery.encoder.sources import as_sequence, square_of
from marquery.encoder.threaded_map import map_images
from marquery.errors import ImageError
from marquery.images import Limits, decode_image

SVG = b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'><rect width='5' height='8' fill='#c00'/></svg>"  # noqa: E501


def encoded(image, kind):
    stream = io.BytesIO()
    image.save(stream, kind)
    return stream.getvalue()


@pytest.fixture(scope="module")
def encoder():
    torch.manual_seed(0)
    return LogoEncoder.create("test_efficientnet", dim=8, image_size=32, pretrained=False)


def test_all_kinds_of_one_logo_agree(encoder, make_logo, tmp_path):
    logo = make_logo(3)
    file = tmp_path / "logo.png"
    logo.save(file)
    pixels = np.asarray(logo)
    kinds = [file, str(file), logo, pixels, file.read_bytes(), encoded(logo, "WEBP")]
    together = encoder.embed(kinds[:5])
    assert np.allclose(together, together[:1], atol=1e-6)
    for kind in kinds[:5]:
        assert encoder.embed(kind).shape == (1, 8)
        assert np.allclose(encoder.embed(kind), together[:1], atol=1e-6)
    assert encoder.embed([encoded(logo, "WEBP")])[0] @ together[0] > 0.9
    assert encoder.embed(np.stack([pixels] * 3)).shape == (3, 8)


def test_svg_bytes_are_those_of_the_file(tmp_path):
    (tmp_path / "logo.svg").write_bytes(SVG)
    expected = square_of(tmp_path / "logo.svg", 40)
    for data in (SVG, b"\xef\xbb\xbf\n " + SVG):
        assert np.array_equal(square_of(data, 40), expected)


def test_a_folder_is_its_files_in_order(encoder, logo_folder):
    files = as_sequence(logo_folder)
    assert len(files) == 36
    assert list(files) == sorted(files)
    assert np.allclose(encoder.embed(str(logo_folder)), encoder.embed(files), atol=1e-6)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "bytes: are empty; give the content"),
        (b"text", "no known format"),
        (b"<svg", "SVG"),
        (b"\x89PNG\r\n\x1a\n", "image"),
    ],
)
def test_bytes_that_are_no_image(encoder, data, words):
    with pytest.raises(ImageError, match=words):
        encoder.embed([data])


def test_limits_hold_for_bytes():
    # The header alone tells of too many pixels; nothing is decoded.
    bomb = bytearray(encoded(Image.new("L", (1, 1)), "BMP"))
    bomb[18:26] = (8_000).to_bytes(4, "little") * 2
    with pytest.raises(ImageError, match="over the limit"):
        square_of(bytes(bomb), 32)
    with pytest.raises(ImageError, match="over the limit of 50"):
        decode_image(encoded(Image.new("L", (9, 9)), "BMP"), limits=Limits(max_bytes=50))


def test_reading_keeps_order_and_runs_a_bounded_number_ahead():
    started = []

    def read(i):
        started.append(i)
        return i * i

    results = map_images(range(50), read, threads=3, ahead=5)
    assert next(results) == 0
    assert max(started) <= 5
    assert list(results) == [i * i for i in range(1, 50)]
