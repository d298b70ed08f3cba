"""The first build of an index leaves one copy of its rows, killed in between or not."""

import pytest

from marquery.errors import NotThereError
from marquery.index import LogoIndex
from marquery.index.storage import writer

from ..drawings import draw, fill
from ..encoders import tiny_encoder
from .killed import Killed, Killer


@pytest.fixture(scope="module")
def encoder():
    return tiny_encoder()


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(writer, "CHUNK", 4)


def pieces(place):
    """Files with rows, of all versions that are kept."""
    return len(list((place / "logos.lance" / "data").iterdir()))


def test_it_leaves_one_piece_and_later_changes_leave_what_was_before(encoder, tmp_path):
    folder = fill(tmp_path / "logos", range(10))
    index = LogoIndex.create(tmp_path / "idx", encoder, words=False)
    index.add(folder)
    assert (len(index), pieces(tmp_path / "idx")) == (10, 1)
    assert not (tmp_path / "idx" / "first-build").exists()
    first = index.version
    with pytest.raises(NotThereError):
        index.at(first - 1)
    fill(folder, range(10, 16))
    index.add(folder)
    assert len(index) == 16
    assert len(index.at(first)) == 10
    assert pieces(tmp_path / "idx") > 1


@pytest.mark.parametrize(("method", "step"), [("_store", 2), ("_store", 4), ("finish", 1)])
def test_one_that_was_killed_does_so_in_the_end(encoder, tmp_path, monkeypatch, method, step):
    folder = fill(tmp_path / "logos", range(10))
    index = LogoIndex.create(tmp_path / "idx", encoder, words=False)
    with monkeypatch.context() as patch:
        patch.setattr(writer.Writer, method, Killer(step)(getattr(writer.Writer, method)))
        with pytest.raises(Killed):
            index.add(folder)
    assert (tmp_path / "idx" / "first-build").exists()
    again = LogoIndex.open(tmp_path / "idx")
    again.add(folder)
    assert (len(again), pieces(tmp_path / "idx")) == (10, 1)
    assert not (tmp_path / "idx" / "first-build").exists()
    assert again.search(draw(3), 1)[0].path.endswith("003.png")
    again.verify()


def test_an_index_that_is_open_meanwhile_sees_the_end(encoder, tmp_path):
    folder = fill(tmp_path / "logos", range(10))
    LogoIndex.create(tmp_path / "idx", encoder, words=False)
    reader = LogoIndex.open(tmp_path / "idx")
    seen = []

    def look(count):
        def advance(done):
            seen.append(len(reader))
            if reader.version:
                reader.search(draw(1), 3)

        return advance

    LogoIndex.open(tmp_path / "idx").add(folder, progress=look)
    assert seen[0] == 0
    assert max(seen) >= 4
    assert [match.path[-7:] for match in reader.search(draw(1), 1)] == ["001.png"]
    assert len(reader) == 10
