"""``marquery data check``: what it finds in METU, in a built benchmark and in a plain folder."""

import json
import os

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from marquery.cli.app import run
from marquery.datasets import LogoSet
from marquery.datasets import readable as readable_module
from marquery.datasets import survey as survey_module
from marquery.datasets.check import check_data
from marquery.datasets.metu import verify
from marquery.datasets.metu.layout import GALLERY_LIST, QUERY_LIST, TRAINING_LIST, UNLABELLED_LIST
from marquery.datasets.openlogos.build import build_from
from marquery.datasets.readable import readable
from marquery.datasets.survey import FilesBelow, examine_header, examine_pixels, survey
from marquery.errors import MarqueryError

from .helpers import BOX, make_source
from .metu_folder import GROUPS, PER_GROUP, POOL, write_given, write_list, write_lists


@pytest.fixture
def whole(monkeypatch):
    """As if METU had been published with what :mod:`metu_folder` writes."""
    monkeypatch.setattr(verify, "LOGOS", GROUPS * PER_GROUP + POOL)
    monkeypatch.setattr(verify, "QUERIES", GROUPS * PER_GROUP)
    monkeypatch.setattr(verify, "GROUPS", GROUPS)


@pytest.mark.parametrize("layout", [write_given, write_lists])
def test_a_whole_metu_has_no_problems(tmp_path, make_logo, whole, layout, capsys):
    root = layout(tmp_path / "metu", make_logo)
    assert run(["data", "check", str(root), "--full", "--jobs", "2"]) == 0
    out = capsys.readouterr().out
    assert "no problems found" in out
    assert "METU v2: 64" in out


def test_other_counts_than_the_published_ones_are_a_problem(tmp_path, make_logo, capsys):
    root = write_given(tmp_path / "metu", make_logo)
    assert run(["data", "check", str(root), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["ok"] is False
    assert found["expected"] == {"files": 923_343, "queries": 417, "groups": 35}
    assert {name: found["counts"][name] for name in found["expected"]} == {
        "files": 64,
        "queries": 24,
        "groups": 6,
    }
    assert [p.split(" where")[0] for p in found["problems"]] == [
        "64 files",
        "24 queries",
        "6 groups",
    ]


@pytest.mark.parametrize("full", [False, True])
def test_unreadable_files_are_named_with_the_reason(tmp_path, make_logo, whole, full):
    root = write_given(tmp_path / "metu", make_logo)
    cut = root / "pool" / "000001.jpg"
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8)
    Image.fromarray(noise).save(cut)
    cut.write_bytes(cut.read_bytes()[:-5000])  # far behind the header
    (root / "pool" / "000002.jpg").write_bytes(b"")
    (root / "queries" / "1-1.jpg").write_text("no image at all")
    report = check_data(root, full=full)
    assert not report.ok
    bad = {e.path.rpartition("/")[2]: e.reason for e in report.unreadable}
    assert set(bad) == {"000001.jpg", "000002.jpg", "1-1.jpg"}
    assert "empty" in bad["000002.jpg"]
    assert report.problems == ["3 of 64 files cannot be read"]


def test_listed_files_that_are_not_there_are_unreadable(tmp_path, make_logo, whole):
    root = write_lists(tmp_path / "metu", make_logo)
    (root / "images" / "pool" / "000003.jpg").unlink()
    report = check_data(root)
    assert [(e.path, e.reason) for e in report.unreadable] == [
        (str(root / "images" / "pool" / "000003.jpg"), "no such file; check the name")
    ]


def test_leaks_between_training_and_test_are_problems(tmp_path, make_logo, whole):
    root = write_lists(tmp_path / "metu", make_logo)
    assert check_data(root).ok
    every = [(g, f"queries/{i}-{g}.jpg") for g in range(1, 7) for i in range(1, 5)]
    pool = [(0, f"pool/{n:06d}.jpg") for n in range(POOL)]
    write_list(root, QUERY_LIST, every)
    write_list(root, UNLABELLED_LIST, [*pool, pool[0], (0, "queries/1-6.jpg")])
    report = check_data(root)
    assert len(report.problems) == 2
    assert "12 of 24 test queries are of 3 groups" in report.problems[0]
    assert "groups 1, 2, 3" in report.problems[0]
    assert f"{UNLABELLED_LIST} lists 1 test queries as unlabelled" in report.problems[1]
    assert report.notes == ["1 lines repeat a file of the same list; it counts once"]


def test_small_torn_and_lonely_groups(tmp_path, make_logo):
    root = write_lists(tmp_path / "metu", make_logo)
    write_list(root, TRAINING_LIST, [(1, "queries/1-1.jpg"), (1, "queries/2-1.jpg")])
    write_list(root, QUERY_LIST, [(4, "queries/1-4.jpg"), (5, "queries/1-5.jpg")])
    write_list(root, GALLERY_LIST, [(5, "queries/2-5.jpg"), (1, "queries/1-4.jpg")])
    report = check_data(root)
    text = "\n".join(report.problems + report.notes)
    assert "1 files are given two groups: images/queries/1-4.jpg" in text
    assert "1 groups have a single logo, so that it has nothing to find: 4" in text
    assert "1 training groups have under 4 logos: 1;" in text
    assert f"{GALLERY_LIST} gives a group to 1 logos that {QUERY_LIST} does not list" in text


def test_a_missing_list_is_a_problem(tmp_path, make_logo, whole):
    root = write_lists(tmp_path / "metu", make_logo)
    (root / "Info_Files" / TRAINING_LIST).unlink()
    assert f"lists that are not there: {TRAINING_LIST}" in check_data(root).problems


def test_a_plain_folder(logo_folder, capsys):
    assert run(["data", "check", str(logo_folder)]) == 0
    out = capsys.readouterr().out
    assert "12 groups have under 4 logos" in out
    (logo_folder / "g00" / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    assert run(["data", "check", str(logo_folder)]) == 1
    out = capsys.readouterr().out
    assert f"unreadable: {logo_folder / 'g00' / 'a.png'}" in out


def test_a_folder_that_is_not_there_or_empty(tmp_path, capsys):
    assert run(["data", "check", str(tmp_path / "nowhere")]) == 1
    assert run(["data", "check", str(tmp_path)]) == 1
    err = capsys.readouterr().err
    assert "no such folder" in err
    assert "holds no images" in err


def test_openlogos_pixels_are_compared_and_leaks_seen(tmp_path):
    source = make_source(tmp_path, "bxl", {f"b{i}": BOX.format(f"#{i:02x}2040") for i in range(9)})
    root = tmp_path / "out"
    build_from([source], root, tmp_path, 32, 1, False)
    assert check_data(root, full=True).ok
    changed = LogoSet.open(root).files()[0]
    Image.fromarray(np.zeros((32, 32, 3), np.uint8)).save(changed)
    assert check_data(root).ok  # a header tells nothing of it
    report = check_data(root, full=True)
    assert [e.path for e in report.unreadable] == [str(changed)]
    table = pq.read_table(root / "manifest.parquet")
    brands = ["one" if i < 2 else f"b{i}" for i in range(len(table))]
    splits = ["train", "test", *table["split"].to_pylist()[2:]]
    for name, values in (("brand", brands), ("split", splits)):
        table = table.set_column(table.schema.get_field_index(name), name, [values])
    pq.write_table(table, root / "manifest.parquet")
    assert check_data(root).problems == ["a leak: 1 groups stand in two splits: one"]


def test_no_file_is_passed_over_whatever_their_number(tmp_path, monkeypatch):
    monkeypatch.setattr(survey_module, "_CHUNK", 3)
    for count in (1, 2, 3, 4, 30):
        files = [tmp_path / f"{n}.jpg" for n in range(count)]
        assert sorted(survey(files, examine_header, 2)) == list(range(count))


def test_names_become_paths_when_they_are_asked_for(tmp_path):
    files = FilesBelow(tmp_path, ["a.jpg", r"caf\xe9.jpg", "deep/b.jpg"])
    expected = [tmp_path / "a.jpg", tmp_path / os.fsdecode(b"caf\xe9.jpg"), tmp_path / "deep/b.jpg"]
    assert list(files) == expected
    assert list(files[1:]) == expected[1:]
    assert (len(files), files[-1]) == (3, expected[-1])
    # A name that is no UTF-8 is looked at like others.
    Image.new("RGB", (9, 9), (1, 200, 3)).save(expected[1])
    assert sorted(survey(files, examine_header, 2)) == [0, 2]


def test_the_folder_is_taken_as_the_disk_has_it(tmp_path):
    root = tmp_path / r"caf\xe9"
    (root / "one").mkdir(parents=True)
    Image.new("RGB", (9, 9), (1, 200, 3)).save(root / "one" / "a.png")
    assert check_data(root).unreadable == []
    logos, bad = readable(LogoSet.open(root))
    assert (logos.files(), bad) == ([root / "one" / "a.png"], [])


def test_headers_and_pixels_agree_on_formats(tmp_path):
    for name in ("a.jpg", "b.png", "c.gif", "d.webp", "e.bmp", "f.tif"):
        Image.new("RGB", (9, 9), (1, 200, 3)).save(tmp_path / name)
    (tmp_path / "g.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    (tmp_path / "h.jpg").write_bytes((tmp_path / "a.jpg").read_bytes() + b"\0" * 16)
    (tmp_path / "i.svg").write_text("<svg")
    files = sorted(tmp_path.iterdir())
    seen = []
    for examine in (examine_header, examine_pixels):
        bad = survey(files, examine, 2, seen.append)
        assert {files[place].name for place in bad} == {"i.svg"}
    assert sum(seen) == 2 * len(files)


def test_readable_keeps_what_it_found_of_a_large_set(tmp_path, make_logo, monkeypatch):
    monkeypatch.setattr(readable_module, "_KEPT_FROM", 10)
    root = write_given(tmp_path / "metu", make_logo)
    bad = root / "pool" / "000005.jpg"
    bad.write_text("no image")
    logos = LogoSet.open(root)
    first, errors = readable(logos, cache=tmp_path / "kept")
    # The file stands in train or val, and in test.
    assert len(first) == len(logos) - 2
    assert [e.path for e in errors] == [str(bad)]

    def never(*_):
        raise AssertionError("looked again")

    monkeypatch.setattr(readable_module, "survey", never)
    again, kept = readable(logos, cache=tmp_path / "kept")
    assert again.paths == first.paths
    assert [(e.path, e.reason) for e in kept] == [(e.path, e.reason) for e in errors]
    status = bad.stat()
    bad.write_bytes(b"x" * status.st_size)
    os.utime(bad, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    with pytest.raises(AssertionError, match="looked again"):
        readable(logos, cache=tmp_path / "kept")
    make_logo(3).save(bad)
    monkeypatch.setattr(readable_module, "survey", survey)
    assert readable(logos, cache=tmp_path / "kept")[1] == []
    for file in (tmp_path / "kept").iterdir():
        file.write_text("[")  # damaged: looked at again
    assert readable(logos, cache=tmp_path / "kept")[1] == []


def test_nothing_readable_is_an_error(tmp_path):
    (tmp_path / "a.png").write_text("no image")
    with pytest.raises(MarqueryError, match="none of its 1 images could be read"):
        readable(LogoSet.open(tmp_path))
