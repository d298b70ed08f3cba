"""A picture on which nothing can be seen is reported and is no candidate."""

import numpy as np
import pytest
from PIL import Image

from marquery.embedding.folder import embed_folder
from marquery.embedding.table import TableJob
from marquery.errors import ImageError
from marquery.images import load_image, load_logo
from marquery.index import LogoIndex
from marquery.visibility import is_blank
from marquery.watch import Threshold, watch

from ..encoders import tiny_encoder
from .drawings import RED, svg

pytestmark = pytest.mark.filterwarnings("ignore:.*drawn without ")
REASON = "nothing can be seen on it"


def write_blanks(folder):
    """Blank pictures of several kinds; gives their names."""
    folder.mkdir(exist_ok=True)
    for name, body in (
        ("empty", ""),
        ("hidden", '<g display="none"><rect width="5" height="5"/></g>'),
        ("outside", '<rect x="20" width="5" height="5"/>'),
        ("no-glyphs", '<text y="9">\U0001f600</text>'),
        ("lost", '<image width="9" height="9" href="elsewhere.png"/>'),
    ):
        (folder / f"{name}.svg").write_text(svg(body))
    Image.new("RGB", (30, 20), "white").save(folder / "white.png")
    Image.new("L", (30, 20), 7).save(folder / "grey.bmp")
    Image.new("RGBA", (30, 20), (200, 0, 0, 0)).save(folder / "clear.png")
    return {file.name for file in folder.iterdir()}


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "logos"
    write_blanks(folder)
    (folder / "one.svg").write_text(svg(RED.replace("10", "5")))
    picture = Image.new("RGB", (30, 20), "white")
    picture.paste((0, 0, 200), (4, 4, 12, 16))
    picture.save(folder / "two.png")
    return folder


def names(skipped):
    assert all(REASON in error.reason for error in skipped)
    return {error.path.rpartition("/")[2] for error in skipped}


def test_blank_is_one_colour_whatever_the_size():
    for shape in ((1, 1, 3), (1, 70, 3), (300, 200, 3)):
        pixels = np.full(shape, 9, np.uint8)
        assert is_blank(pixels)
        pixels[-1, -1, 2] += 1
        assert is_blank(pixels) == (shape == (1, 1, 3))


def test_a_blank_file_can_be_read_and_is_no_logo(tmp_path):
    for name in write_blanks(tmp_path):
        assert is_blank(np.asarray(load_image(tmp_path / name)))
        with pytest.raises(ImageError, match=REASON) as caught:
            load_logo(tmp_path / name)
        assert caught.value.path == str(tmp_path / name)
    with pytest.raises(ImageError, match=f"image: {REASON}"):
        load_logo(Image.new("RGB", (5, 5)))


def test_a_folder_and_a_table_leave_them_out(folder, tmp_path):
    blanks = write_blanks(tmp_path / "blanks")
    found = embed_folder(tiny_encoder(), folder, cache=tmp_path / "cache")
    assert [path.rpartition("/")[2] for path in found.paths] == ["one.svg", "two.png"]
    assert names(found.skipped) == blanks
    written = TableJob(tiny_encoder(), sorted(folder.iterdir()), tmp_path / "t.parquet").run()
    assert written.rows == 2
    assert names(written.skipped) == blanks


def test_an_index_counts_them_as_skipped(folder, tmp_path):
    blanks = write_blanks(tmp_path / "blanks")
    index = LogoIndex.create(tmp_path / "idx", tiny_encoder(), words=False)
    done = index.add(folder)
    assert done.added == 2
    assert names(done.skipped) == blanks
    hits = index.search(folder / "two.png", k=10)
    assert {hit.path.rpartition("/")[2] for hit in hits} == {"one.svg", "two.png"}
    with pytest.raises(ImageError, match=REASON):
        index.search(folder / "white.png")
    # And again, without reading them anew.
    assert names(index.add(folder).skipped) == blanks


def test_a_watch_skips_them(folder, tmp_path):
    index = LogoIndex.create(tmp_path / "idx", tiny_encoder(), words=False)
    index.add(folder)
    found = watch(index, folder, Threshold("score", 0.9))
    assert names(found.skipped) == write_blanks(tmp_path / "blanks")
