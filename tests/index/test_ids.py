"""Ids of logos: never given twice, whatever was removed, killed or damaged."""

import pytest

from marquery.errors import MarqueryError
from marquery.index import LogoIndex
from marquery.index.storage import writer

from ..drawings import draw, fill
from ..encoders import tiny_encoder


@pytest.fixture(scope="module")
def encoder():
    return tiny_encoder()


def ids(index):
    rows = index.snapshot().table.read(("id", "path")).to_pylist()
    return {row["path"].rsplit("/", 1)[-1]: row["id"] for row in rows}


def test_the_id_of_a_removed_logo_is_not_given_again(encoder, tmp_path):
    logos = fill(tmp_path / "logos", range(3))
    index = LogoIndex.create(tmp_path / "idx", encoder, words=False)
    index.add(logos)
    last = ids(index)["002.png"]
    index.remove(logos / "002.png")
    (logos / "002.png").unlink()
    fill(logos, [7])
    LogoIndex.open(tmp_path / "idx").add(logos)
    assert ids(index)["007.png"] > last
    # All go, and the first logo comes again: it is another one.
    index.remove(logos)
    index.add(logos)
    assert min(ids(index).values()) > last + 1


def test_a_logo_that_stays_keeps_its_id(encoder, tmp_path):
    logos = fill(tmp_path / "logos", range(3))
    index = LogoIndex.create(tmp_path / "idx", encoder, words=False)
    index.add(logos)
    before = ids(index)
    draw(40).save(logos / "001.png")
    index.rescan(logos)
    assert ids(index) == before


def test_an_index_of_an_older_version_goes_on_above_its_ids(encoder, tmp_path):
    logos = fill(tmp_path / "logos", range(3))
    index = LogoIndex.create(tmp_path / "idx", encoder, words=False)
    index.add(logos)
    (tmp_path / "idx" / "ids.json").unlink()  # older versions had none
    index.remove(logos / "002.png")
    index.add(logos)
    assert sorted(ids(index).values()) == [0, 1, 3]


def test_ids_are_written_down_before_the_rows_that_have_them(encoder, tmp_path, monkeypatch):
    logos = fill(tmp_path / "logos", range(2))
    index = LogoIndex.create(tmp_path / "idx", encoder, words=False)

    def killed(*_):
        assert (tmp_path / "idx" / "ids.json").is_file()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(writer.Writer, "_store", killed)
        with pytest.raises(KeyboardInterrupt):
            index.add(logos)
    index.add(logos)
    assert sorted(ids(index).values()) == [2, 3]


@pytest.mark.parametrize("damage", [lambda t: t.replace("3", "2", 1), lambda _: "", lambda _: "{}"])
def test_a_damaged_counter_is_named(encoder, tmp_path, damage):
    logos = fill(tmp_path / "logos", range(3))
    index = LogoIndex.create(tmp_path / "idx", encoder, words=False)
    index.add(logos)
    file = tmp_path / "idx" / "ids.json"
    file.write_text(damage(file.read_text()))
    with pytest.raises(MarqueryError, match=r"ids\.json: is damaged"):
        index.add(logos)
    assert len(index.search(draw(1), 3)) == 3  # reading needs it not
