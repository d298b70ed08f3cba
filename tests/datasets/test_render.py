import numpy as np
import pytest
from PIL import Image

from marquery.datasets.openlogos.iconify import Icon, read_collection
from marquery.datasets.openlogos.render import (
    already_rendered,
    compose,
    pixel_digest,
    render_icon,
)
from marquery.errors import MarqueryError
from marquery.visibility import DARK

from .helpers import BOX, DISC, make_source


def svg(body: str, box: str = "0 0 24 24") -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{body}</svg>'


FULL = '<path fill="{}" d="M0 0h24v24H0z"/>'


@pytest.mark.parametrize(
    ("body", "backdrop"),
    [
        (BOX.format("#000"), "white"),
        (BOX.format("#fff"), "dark"),
        (DISC.format("#fdfdfd"), "dark"),
        (DISC.format("#ffe08a"), "white"),
        ('<path fill="#eaeaea" d="M0 0v24h24V0zM2 2h20v20H2z" fill-rule="evenodd"/>', "dark"),
        (FULL.format("#eee") + DISC.format("#111"), "white"),
        (FULL.format("#fff") + DISC.format("#111"), "white"),
    ],
)
def test_the_backdrop_shows_the_logo(body, backdrop):
    composed = compose(svg(body), 64)
    assert composed is not None
    pixels, name = composed
    assert name == backdrop
    assert pixels.shape == (64, 64, 3)
    assert np.ptp(pixels.astype(int), axis=(0, 1)).max() > 32
    if backdrop == "dark":
        assert (pixels == DARK).all(axis=2).any()


@pytest.mark.parametrize(
    "body",
    [
        "<g/>",
        '<path d="M3 3h18v18H3z" fill="none"/>',
        BOX.format("#000").replace("h18v18", "h.2v.2"),
        FULL.format("#fff") + DISC.format("#f4f4f4"),
        FULL.format("#123456"),
    ],
)
def test_what_nobody_could_see_is_dropped(body, tmp_path):
    assert compose(svg(body), 64) is None
    icon = Icon("bxl", "nothing", svg(body))
    assert render_icon(icon, tmp_path, 64) is None
    assert not list(tmp_path.rglob("*.png"))


def test_the_longest_side_is_the_size():
    composed = compose(svg(BOX.format("red"), "0 0 48 24"), 100)
    assert composed is not None
    assert composed[0].shape == (50, 100, 3)


def test_a_picture_is_recognised_until_drawing_or_size_change(tmp_path):
    icon = Icon("bxl", "acme", svg(BOX.format("red")))
    assert already_rendered(icon, tmp_path, 64) is None
    rendered = render_icon(icon, tmp_path, 64)
    assert rendered is not None
    assert already_rendered(icon, tmp_path, 64) == rendered
    assert already_rendered(icon, tmp_path, 32) is None
    assert already_rendered(Icon("bxl", "acme", svg(BOX.format("blue"))), tmp_path, 64) is None
    pixels = np.asarray(Image.open(tmp_path / icon.path))
    assert rendered.sha256 == pixel_digest(pixels)
    (tmp_path / icon.path).write_bytes(b"not a picture")
    assert already_rendered(icon, tmp_path, 64) is None


def test_the_digest_tells_shapes_apart():
    flat = np.zeros((4, 8, 3), np.uint8)
    assert pixel_digest(flat) != pixel_digest(flat.reshape(8, 4, 3))


def test_iconify_sizes_colours_and_aliases(tmp_path):
    bodies = {"b": '<path fill="currentColor"/>', "a": "<g/>"}
    source = make_source(
        tmp_path, "bxl", bodies, aliases={"c": {"parent": "b"}, "d": {"parent": "?"}}
    )
    collection = read_collection(tmp_path / source.tarball, source)
    assert [icon.id for icon in collection.icons] == ["bxl:a", "bxl:b"]
    assert collection.aliases == {"c": "b"}
    text = collection.icons[1].svg
    assert 'viewBox="0 0 24 24"' in text
    assert 'fill="#000"' in text


def test_a_broken_tarball_is_one_sentence(tmp_path):
    source = make_source(tmp_path)
    (tmp_path / source.tarball).write_bytes(b"no archive")
    with pytest.raises(MarqueryError, match="no readable icon set"):
        read_collection(tmp_path / source.tarball, source)
