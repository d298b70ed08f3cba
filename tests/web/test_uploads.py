"""Uploaded pictures: checked when they come, known by their hash."""

import hashlib
import io

import numpy as np
import pytest
from PIL import Image

from marquery.errors import ImageError, UsageError
from marquery.web.examiner.reviews import Reviews
from marquery.web.examiner.uploads import UploadStore
from marquery.web.limits import UPLOAD

from .helpers import png

SVG = b"""<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">
<rect width="20" height="20" fill="#c00"/><script>alert(1)</script></svg>"""


@pytest.fixture
def store(tmp_path):
    return UploadStore(tmp_path / "queries", Reviews(tmp_path / "r.sqlite3"))


def test_a_picture_is_kept_as_it_came_under_its_hash(store):
    query = store.add(png(), "../../new.png")
    assert query.sha256 == hashlib.sha256(png()).hexdigest()
    assert (query.name, query.width, query.height) == ("new.png", 64, 48)
    assert store.path(query.sha256).read_bytes() == png()
    assert store.add(png(), "other name.png") == query
    again = UploadStore(store.folder, store.reviews)
    assert np.array_equal(again.image(query.sha256), Image.open(io.BytesIO(png())))


def test_an_svg_is_told_by_its_content(store):
    query = store.add(b"\xef\xbb\xbf" + SVG, "logo.png")
    assert store.path(query.sha256).suffix == ".svg"
    assert store.image(query.sha256).getpixel((5, 5)) == (204, 0, 0)


@pytest.mark.parametrize(
    "data", [b"", b"no picture", png()[:60], b"<html>", b"x" * (UPLOAD.max_bytes + 1)]
)
def test_what_is_no_picture_is_refused_by_name_and_not_kept(store, data):
    with pytest.raises(ImageError, match=r"bad\.png: "):
        store.add(data, "folder\\bad.png")
    assert not [f for f in store.folder.glob("*") if f.is_file()]
    assert store.reviews.recent_queries() == []


def test_names_are_shown_without_what_does_not_print(store):
    assert store.add(png(1), "a\x00b\u202ec.png").name == "abc.png"
    assert store.add(png(2), "\n").name == "picture"


def test_a_picture_that_is_not_here_is_asked_for_again(store):
    with pytest.raises(UsageError, match="upload it again"):
        store.image("ab" * 32)
    query = store.add(png(), "new.png")
    store.path(query.sha256).unlink()
    with pytest.raises(UsageError, match="upload it again"):
        UploadStore(store.folder, store.reviews).image(query.sha256)
    assert store.add(png(), "new.png") == query
    assert store.path(query.sha256).is_file()
