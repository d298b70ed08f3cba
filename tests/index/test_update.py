"""Adding, changing and removing logos: nothing lost, nothing twice, nothing embedded for
nothing.
"""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from marquery.errors import ImageError, MarqueryError, UsageError
from marquery.index import LogoIndex
from marquery.index.storage import writer
from marquery.index.storage.folder import IndexFolder
from marquery.index.storage.lance import LanceStore
from marquery.index.strategies.projection import fit_projection

from ..drawings import draw, fill
from ..encoders import tiny_encoder
from .killed import Killed, Killer


@pytest.fixture(scope="module")
def encoder():
    return tiny_encoder()


@pytest.fixture
def folder(tmp_path):
    return fill(tmp_path / "logos", range(6))


def stored(index):
    """path -> (id, sha256, whole vector), straight from the table; a path may stand there once."""
    rows = index.snapshot().table.read(("id", "path", "sha256", "vector")).to_pylist()
    assert len({r["path"] for r in rows}) == len(rows) == len({r["id"] for r in rows})
    return {Path(r["path"]).name: (r["id"], r["sha256"], r["vector"]) for r in rows}


def test_add_stores_the_encoders_vectors_and_the_parts(encoder, folder, tmp_path):
    index = LogoIndex.create(tmp_path / "idx", encoder)
    assert (len(index), index.version, index.search(draw(0))) == (0, 0, [])
    steps = []
    report = index.add(folder, progress=lambda count: lambda done: steps.append((count, done)))
    assert (report.added, report.embedded, report.unchanged) == (6, 6, 0)
    assert steps == [(6, 1)] * 6
    rows = stored(index)
    files = sorted(folder.iterdir())
    assert list(rows) == [f.name for f in files]
    vectors = np.array([rows[f.name][2] for f in files])
    assert np.allclose(vectors, encoder.embed([str(f) for f in files]), atol=1e-5)
    entry = index.entry(folder / "003.png")
    assert (entry["path"], entry["width"], entry["height"]) == (str(folder / "003.png"), 64, 48)
    assert 1 <= len(entry["parts"]) <= 8
    x, y, w, h = entry["parts"][0]["box"]
    assert 0 <= x < x + w <= 64
    assert 0 <= y < y + h <= 48
    assert index.thumbnail(entry["id"])[8:12] == b"WEBP"
    with pytest.raises(MarqueryError, match="is not in"):
        index.entry(folder / "none.png")


def test_only_what_changed_is_embedded(encoder, folder, tmp_path):
    index = LogoIndex.create(tmp_path / "idx", encoder)
    index.add(folder)
    before = stored(index)
    assert index.add(folder).unchanged == 6
    draw(77).save(folder / "001.png")
    draw(78).save(folder / "new.png")
    os.utime(folder / "002.png", (1, 1))
    (folder / "003.png").unlink()
    report = index.rescan(folder)
    counts = (report.added, report.updated, report.removed, report.unchanged, report.embedded)
    assert counts == (1, 1, 1, 4, 2)
    after = stored(index)
    assert sorted(after) == ["000.png", "001.png", "002.png", "004.png", "005.png", "new.png"]
    assert after["001.png"][0] == before["001.png"][0]
    assert np.allclose(after["001.png"][2], encoder.embed([draw(77)])[0], atol=1e-5)
    assert after["002.png"] == before["002.png"]
    assert index.rescan(folder).embedded == 0
    assert len(index.add(fill(tmp_path / "more", [50])).skipped) == 0
    assert len(index) == 7  # a rescan of one folder leaves others alone
    assert index.rescan(folder).removed == 0


def test_copies_and_moved_files_are_not_embedded_and_copies_are_reported(encoder, folder, tmp_path):
    index = LogoIndex.create(tmp_path / "idx", encoder)
    shutil.copy(folder / "001.png", folder / "x-copy.png")
    report = index.add(folder)
    assert report.duplicates == [(str(folder / "x-copy.png"), str(folder / "001.png"))]
    assert (report.added, report.embedded) == (7, 6)
    rows = stored(index)
    assert rows["x-copy.png"][1:] == rows["001.png"][1:]
    (folder / "002.png").rename(folder / "moved.png")
    report = index.rescan(folder)
    assert (report.added, report.removed, report.embedded) == (1, 1, 0)
    assert stored(index)["moved.png"][1:] == rows["002.png"][1:]


def test_a_file_that_takes_anothers_place_does_not_lend_its_vectors(encoder, folder, tmp_path):
    index = LogoIndex.create(tmp_path / "idx", encoder)
    index.add(folder)
    (folder / "001.png").rename(folder / "zz.png")
    draw(90).save(folder / "001.png")
    index.rescan(folder)
    rows = stored(index)
    for name, seed in (("001.png", 90), ("zz.png", 1)):
        assert np.allclose(rows[name][2], encoder.embed([draw(seed)])[0], atol=1e-5)


def test_bad_files_are_kept_in_a_list_and_tried_again_when_they_change(encoder, folder, tmp_path):
    index = LogoIndex.create(tmp_path / "idx", encoder)
    bad = folder / "bad.png"
    bad.write_text("no image")
    (folder / "worse.png").write_text("no image")
    assert [e.path for e in index.add(folder).skipped] == [str(bad), str(folder / "worse.png")]
    status = index.status()
    assert status["logos"] == 6
    assert list(status["skipped"]) == [str(bad), str(folder / "worse.png")]
    assert len(index.add(folder).skipped) == 2
    draw(60).save(bad)
    (folder / "worse.png").unlink()
    report = index.add(folder)
    assert (report.added, report.skipped) == (1, [])
    assert index.status()["skipped"] == {}


def test_remove(encoder, folder, tmp_path):
    index = LogoIndex.create(tmp_path / "idx", encoder)
    index.add(folder)
    index.add(fill(tmp_path / "more", [50, 51]))
    assert index.remove(folder / "002.png").removed == 1
    with pytest.raises(MarqueryError, match="nothing was removed"):
        index.remove([folder / "001.png", folder / "002.png"])
    assert index.remove([tmp_path / "more", folder / "000.png"]).removed == 3
    assert sorted(stored(index)) == ["001.png", "003.png", "004.png", "005.png"]


def test_metadata_comes_with_the_files_and_later(encoder, folder, tmp_path):
    meta = tmp_path / "meta.csv"
    meta.write_text("path,owner,nice\n000.png,Ann,25;9\n001.png,Bob,25\nnone.png,,1\n")
    index = LogoIndex.create(tmp_path / "idx", encoder)
    report = index.add(folder, meta=meta)
    assert (report.unmatched, report.described) == (1, 0)
    assert index.entry(folder / "000.png")["metadata"] == {"owner": "Ann", "nice": ["25", "9"]}
    assert index.entry(folder / "003.png")["metadata"] == {"owner": None, "nice": None}
    meta.write_text("path,owner,filed\n000.png,Ann,2020\n001.png,Eve,2021\n004.png,Bob,2022\n")
    draw(70).save(folder / "005.png")
    report = index.add(folder, meta=meta)
    assert (report.described, report.updated, report.embedded) == (3, 1, 1)
    assert index.add(folder, meta=meta).described == 0
    for name, expected in (
        ("000.png", ("Ann", ["25", "9"], 2020)),
        ("001.png", ("Eve", ["25"], 2021)),
        ("004.png", ("Bob", None, 2022)),
    ):
        kept = index.entry(folder / name)["metadata"]
        assert (kept["owner"], kept["nice"], kept["filed"]) == expected
    draw(71).save(folder / "000.png")
    index.add(folder)  # a changed drawing without its metadata keeps it
    assert index.entry(folder / "000.png")["metadata"]["owner"] == "Ann"


def test_another_encoder_is_refused(encoder, folder, tmp_path):
    other = tiny_encoder(seed=1)
    LogoIndex.create(tmp_path / "idx", encoder)
    LogoIndex.open(tmp_path / "idx", encoder=tiny_encoder())
    with pytest.raises(UsageError, match=r"not the encoder that .* was built with"):
        LogoIndex.open(tmp_path / "idx", encoder=other)
    other.save(tmp_path / "idx" / "encoder")
    with pytest.raises(MarqueryError, match="not the encoder"):
        LogoIndex.open(tmp_path / "idx").add(folder)


def test_places_that_hold_no_index_or_something_else(encoder, folder, tmp_path):
    with pytest.raises(MarqueryError, match="no index there"):
        LogoIndex.open(tmp_path / "idx")
    with pytest.raises(MarqueryError, match="something is there already"):
        LogoIndex.create(folder, encoder)
    index = LogoIndex.create(tmp_path / "idx", encoder)
    with pytest.raises(ImageError, match="no such folder"):
        index.add(tmp_path / "nowhere")
    (tmp_path / "idx" / "index.json").write_text('{"format": 99}')
    with pytest.raises(MarqueryError, match="format 99"):
        LogoIndex.open(tmp_path / "idx")


def test_one_writer_at_a_time_and_readers_see_one_version(encoder, folder, tmp_path):
    index = LogoIndex.create(tmp_path / "idx", encoder)
    index.add(folder)
    first = index.version
    reader = LogoIndex.open(tmp_path / "idx")
    old = LogoIndex.open(tmp_path / "idx", version=first)
    with reader._folder.writing(), pytest.raises(MarqueryError, match="another process is writing"):
        index.add(folder)
    index.add(fill(tmp_path / "more", [50]))
    assert (len(reader), len(old), old.version) == (7, 6, first)
    assert len(old.search(draw(50), 20)) == 6
    with pytest.raises(UsageError, match="opened at version"):
        old.add(folder)
    with pytest.raises(MarqueryError, match="no version 999"):
        LogoIndex.open(tmp_path / "idx", version=999)


def test_a_table_that_did_not_change_is_not_opened_again(encoder, folder, tmp_path, monkeypatch):
    index = LogoIndex.create(tmp_path / "idx", encoder)
    index.add(folder)
    reader = LogoIndex.open(tmp_path / "idx")
    opened = []
    real = LanceStore.open
    monkeypatch.setattr(LanceStore, "open", lambda *given: opened.append(1) or real(*given))
    assert (len(reader), len(reader), len(opened)) == (6, 6, 2)  # it has changed just now
    os.utime(tmp_path / "idx" / "logos.lance" / "_versions", (1e9, 1e9))
    assert len(reader) == 6
    opened.clear()
    assert (len(reader), len(reader), reader.generation, len(opened)) == (6, 6, 0, 0)
    more = fill(tmp_path / "more", [50])
    index.add(more)
    assert len(reader) == 7
    os.utime(tmp_path / "idx" / "logos.lance" / "_versions", (1e9, 1e9))
    assert len(reader) == 7
    index.remove(more)
    assert len(reader) == 6


@pytest.mark.parametrize("at", range(1, 8))
def test_a_killed_run_goes_on_with_nothing_lost_or_twice(encoder, tmp_path, monkeypatch, at):
    folder = fill(tmp_path / "logos", range(5))
    shutil.copy(folder / "001.png", folder / "copy.png")
    index = LogoIndex.create(tmp_path / "idx", encoder)
    dying = Killer(at)
    with monkeypatch.context() as patch:
        patch.setattr(writer, "CHUNK", 4)
        for name in ("_store", "_note"):
            patch.setattr(writer.Writer, name, dying(getattr(writer.Writer, name)))
        patch.setattr(IndexFolder, "create_table", dying(IndexFolder.create_table))
        with pytest.raises(Killed):
            index.add(folder)
    before = len(index)
    assert before == (0 if at <= 2 else 4)
    report = LogoIndex.open(tmp_path / "idx").add(folder)
    assert (report.added, report.unchanged) == (6 - before, before)
    rows = stored(index)
    assert len(rows) == 6
    assert np.allclose(rows["004.png"][2], encoder.embed([draw(4)])[0], atol=1e-5)


def test_part_vectors_are_projected_as_the_encoder_says_whatever_else_is_indexed(folder, tmp_path):
    encoder = tiny_encoder()
    place = encoder.save(tmp_path / "model")
    vectors = encoder.embed([draw(i) for i in range(40)])
    fit_projection(vectors, 8, encoder.fingerprint()).save(place)
    index = LogoIndex.create(tmp_path / "idx", place)
    index.add(folder)
    alone = LogoIndex.create(tmp_path / "alone", place)
    (tmp_path / "one").mkdir()
    draw(3).save(tmp_path / "one" / "003.png")
    alone.add(tmp_path / "one")
    for strategy in ("part", "shape", "figure", "auto"):
        among = {m.path[-7:]: m.score for m in index.search(draw(2), 6, strategy=strategy)}
        assert alone.search(draw(2), 1, strategy=strategy)[0].score == pytest.approx(
            among["003.png"], abs=1e-5
        )
    # One of other weights is not taken.
    other = tiny_encoder(1).save(tmp_path / "other")
    fit_projection(vectors, 8, encoder.fingerprint()).save(other)
    unfit = LogoIndex.create(tmp_path / "unfit", other)
    unfit.add(folder)
    assert unfit.status()["part_dimensions"] == 16
    status = index.status()
    assert (status["part_dimensions"], status["dimensions"], status["logos"]) == (8, 16, 6)
    assert 0.5 < status["part_share_kept"] <= 1
    for strategy in ("part", "shape", "figure"):
        assert len(index.search(draw(2), 6, strategy=strategy)) == 6
    hit = index.search(draw(2), 1, strategy="shape")[0]
    assert (Path(hit.path).name, round(hit.score, 3)) == ("002.png", 1)
