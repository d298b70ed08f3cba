"""``marquery search --report`` and ``marquery rerun``."""

import json
from pathlib import Path

import pytest

from marquery.cli.app import run
from marquery.index import LogoIndex
from marquery.searchreport import read_record

from ..drawings import draw, fill


@pytest.fixture
def call(capsys, encoder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    LogoIndex.create("idx", encoder=encoder, words=False).add(fill(tmp_path / "logos", range(5)))
    draw(2).save("new.png")

    def do(*arguments):
        code = run([str(a) for a in arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return do


def test_reports_are_written_and_repeated(call):
    places = [f"out/r.{suffix}" for suffix in ("html", "json", "csv")]
    reports = [word for place in places for word in ("--report", place)]
    asked = ["--part", "0,0,60,40", "--strategy", "part=1,color=1", "--where", "id < 4"]
    code, out, err = call("search", "new.png", "--index", "idx", "-k", 3, *asked, *reports)
    assert (code, len(out.splitlines())) == (0, 3)
    assert [line for line in err.splitlines() if "report" in line] == [
        f"report: {place}" for place in places
    ]
    record = read_record("out/r.json")
    assert (record.asked.part, record.asked.where, record.asked.k) == ((0, 0, 60, 40), "id < 4", 3)
    assert [hit.path for hit in record.hits] == [line.split()[2] for line in out.splitlines()]
    Path("new.png").unlink()
    code, out, _ = call("rerun", "out/r.json")
    assert code == 0
    assert out == f"the same: 3 hits, index version {record.index.version}, 5 logos\n"
    index = LogoIndex.open("idx")
    index.remove(record.hits[1].path)
    assert call("rerun", "out/r.json")[0] == 0
    code, out, err = call("rerun", "out/r.json", "--latest", "--report", "again.json")
    lines = out.splitlines()
    assert code == 3
    assert lines[0] == "differs: 1 came, 1 went, 0 changed, 1 moved"
    assert f"{record.hits[1].path}: it is no longer in the index" in out
    assert err == "report: again.json\n"
    assert len(read_record("again.json").hits) == 3
    code, out, _ = call("rerun", "out/r.json", "--latest", "--json")
    assert (code, json.loads(out)["same"]) == (3, False)
    Path("idx").rename("there")
    assert call("rerun", "out/r.json", "--index", "there")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["search", "new.png", "--index", "idx", "--report", "r.txt"], 2, "ends in .pdf, .html"),
        (["search", "new.png", "--in", "logos", "--report", "r.csv"], 2, "--report: needs --index"),
        (["rerun", "none.json"], 1, "none.json: cannot be read"),
        (["rerun", "new.png"], 1, "is not the record of a search"),
        (["rerun", "none.json", "--report", "r"], 2, "ends in .pdf, .html"),
    ],
)
def test_wrong_use(call, arguments, code, says):
    got, out, err = call(*arguments)
    assert (got, out) == (code, "")
    assert says in err
    assert err.count("\n") == 1
