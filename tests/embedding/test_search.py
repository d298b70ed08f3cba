"""Embedding folders, the cache, parquet, and the nearest logos."""

import os

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image

from marquery.embedding import (
    TableJob,
    check_table,
    collect_files,
    embed_folder,
    search_folder,
)
from marquery.encoder import LogoEncoder
from marquery.errors import MarqueryError, UsageError


@pytest.fixture(scope="module")
def encoder():
    torch.manual_seed(0)
    return LogoEncoder.create("mobilenetv3_small_050", 16, image_size=32, pretrained=False)


def test_unreadable_files_are_left_out_and_listed(encoder, logo_folder, tmp_path):
    (logo_folder / "bad.png").write_text("no image")
    named, found = collect_files([logo_folder])
    assert (len(named), len(found)) == (0, 37)
    steps = []
    embedded = embed_folder(encoder, logo_folder, lambda count: steps.append, tmp_path / "cache")
    assert len(embedded.paths) == 36
    assert [e.path for e in embedded.skipped] == [str(logo_folder / "bad.png")]
    assert sum(steps) == 37
    assert np.allclose(embedded.vectors, encoder.embed(embedded.paths), atol=1e-5)


def test_parquet_has_paths_as_given_and_float32_lists(encoder, logo_folder, tmp_path, monkeypatch):
    monkeypatch.chdir(logo_folder.parent)
    named, found = collect_files(["logos/g00/a.png", "logos/g01"])
    TableJob(encoder, named + found, tmp_path / "out.parquet").run()
    table = pq.read_table(tmp_path / "out.parquet")
    assert table.column("path").to_pylist() == [
        "logos/g00/a.png",
        *(f"logos/g01/{n}.png" for n in "abc"),
    ]
    kind = table.schema.field("embedding").type
    assert pa.types.is_list(kind)
    assert kind.value_type == pa.float32()
    vectors = np.stack(table.column("embedding").to_pylist())
    assert np.allclose(vectors, encoder.embed(named + found), atol=1e-5)


def test_an_argument_that_is_not_there(tmp_path):
    with pytest.raises(MarqueryError, match="nowhere"):
        collect_files([tmp_path / "nowhere"])


def test_a_table_that_cannot_be_written_is_told_before_the_work(tmp_path):
    with pytest.raises(UsageError, match="is a folder") as error:
        check_table(tmp_path)
    assert error.value.option == "out"
    (tmp_path / "file").touch()
    with pytest.raises(MarqueryError, match="cannot be written"):
        check_table(tmp_path / "file" / "t.parquet")
    check_table(tmp_path / "new" / "t.parquet")
    assert list((tmp_path / "new").iterdir()) == []


def counting(todo):
    def progress(count):
        todo.append(count)
        return lambda done: None

    return progress


def test_only_new_and_changed_files_are_embedded_again(encoder, logo_folder, tmp_path, make_logo):
    cache, todo = tmp_path / "cache", []
    first = embed_folder(encoder, logo_folder, counting(todo), cache)
    again = embed_folder(encoder, logo_folder, counting(todo), cache)
    assert todo == [36]
    assert np.array_equal(first.vectors, again.vectors)

    changed = logo_folder / "g00" / "a.png"
    make_logo(99).save(changed)
    make_logo(98).save(logo_folder / "new.png")
    (logo_folder / "g01" / "b.png").unlink()
    third = embed_folder(encoder, logo_folder, counting(todo), cache)
    assert todo == [36, 2]
    assert len(third.paths) == 36
    assert np.allclose(third.vectors, encoder.embed(third.paths), atol=1e-5)
    row = third.paths.index(str(changed))
    assert not np.allclose(third.vectors[row], first.vectors[first.paths.index(str(changed))])


def test_each_encoder_has_a_cache_of_its_own(encoder, logo_folder, tmp_path):
    other = LogoEncoder.create("mobilenetv3_small_050", 16, image_size=64, pretrained=False)
    a = embed_folder(encoder, logo_folder, cache=tmp_path)
    b = embed_folder(other, logo_folder, cache=tmp_path)
    assert not np.allclose(a.vectors, b.vectors)
    assert len(list(tmp_path.glob("*.npz"))) == 2


@pytest.mark.parametrize("left", [0, 100])
def test_a_damaged_cache_is_made_anew(encoder, logo_folder, tmp_path, left):
    first = embed_folder(encoder, logo_folder, cache=tmp_path / "c")
    (file,) = (tmp_path / "c").iterdir()
    file.write_bytes(file.read_bytes()[:left])
    assert np.allclose(
        embed_folder(encoder, logo_folder, cache=tmp_path / "c").vectors, first.vectors
    )


def test_a_cache_that_cannot_be_written_only_warns(encoder, logo_folder, tmp_path):
    blocked = tmp_path / "file"
    blocked.touch()
    with pytest.warns(UserWarning, match="not kept"):
        found = embed_folder(encoder, logo_folder, cache=blocked / "cache")
    assert len(found.paths) == 36


def test_files_named_and_found_count_once(logo_folder):
    named, found = collect_files([logo_folder / "g00" / "a.png", logo_folder])
    assert len(named) + len(found) == 36


def test_unreadable_files_are_tried_again_each_time(encoder, logo_folder, tmp_path):
    (logo_folder / "bad.png").write_text("no image")
    for _ in range(2):
        assert len(embed_folder(encoder, logo_folder, cache=tmp_path).skipped) == 1


def test_empty_folders_are_refused(encoder, tmp_path):
    with pytest.raises(MarqueryError, match="no images there"):
        embed_folder(encoder, tmp_path, cache=tmp_path)
    (tmp_path / "bad.png").write_text("no image")
    with pytest.raises(MarqueryError, match="none of its 1 images"):
        embed_folder(encoder, tmp_path, cache=tmp_path)


def test_a_file_that_cannot_be_opened_is_skipped(encoder, logo_folder, tmp_path):
    if os.geteuid() == 0:
        (logo_folder / "gone.png").symlink_to(tmp_path / "nowhere.png")
    else:
        Image.new("RGB", (4, 4)).save(logo_folder / "gone.png")
        (logo_folder / "gone.png").chmod(0)
    assert len(embed_folder(encoder, logo_folder, cache=tmp_path).skipped) == 1


def test_the_query_itself_comes_first_and_scores_fall(encoder, logo_folder, tmp_path):
    gallery = embed_folder(encoder, logo_folder, cache=tmp_path)
    hits = search_folder(gallery.vectors[4], gallery, 100)
    assert len(hits) == 36
    assert hits[0].path == gallery.paths[4]
    assert hits[0].score == pytest.approx(1, abs=1e-5)
    assert [h.rank for h in hits] == list(range(1, 37))
    scores = gallery.vectors @ gallery.vectors[4]
    assert [h.score for h in hits] == pytest.approx(sorted(scores, reverse=True), abs=1e-5)
    with pytest.raises(UsageError, match="k: 0 is less than 1"):
        search_folder(gallery.vectors[4], gallery, 0)
