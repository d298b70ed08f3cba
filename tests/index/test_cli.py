"""``marquery index`` and ``marquery search --index``."""

import json
import re
import zlib
from contextlib import suppress
from pathlib import Path

import pytest

from marquery.cli.app import run

from ..drawings import draw, fill, write
from ..encoders import tiny_encoder


def call(capsys, *arguments):
    code = run([str(a) for a in arguments])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def streams(pdf):
    """What is packed in a PDF, its attached record among it."""
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        with suppress(zlib.error):
            yield zlib.decompress(packed)


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    return [tiny_encoder(seed).save(root / str(seed)) for seed in (0, 1)]


@pytest.fixture
def built(capsys, models, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fill(tmp_path / "logos", range(5))
    (tmp_path / "logos" / "bad.png").write_text("no image")
    Path("meta.csv").write_text("path,nice\n001.png,25;9\n002.png,26.04\nnone.png,1\n")
    code, out, err = call(
        capsys,
        "index",
        "build",
        "logos",
        "--out",
        "idx",
        "--model",
        models[0],
        "--meta",
        "meta.csv",
    )
    assert (code, out.splitlines()[-1]) == (
        0,
        "5 logos: 5 added, 0 updated, 0 removed, 0 unchanged, 0 described anew",
    )
    assert "skipped 1" in err
    assert "1 rows of the metadata" in err
    return tmp_path


@pytest.mark.parametrize("compiled", [True, False])
def test_it_is_told_that_the_first_logo_takes_long(compiled, capsys, models, tmp_path, monkeypatch):
    monkeypatch.setattr("marquery.segments.compiled.was_compiled", lambda: compiled)
    fill(tmp_path / "logos", range(1))
    place = ("--out", tmp_path / "idx", "--model", models[0], "--no-words")
    code, _, err = call(capsys, "index", "build", tmp_path / "logos", *place)
    assert (code, "it compiles the segmenter, once" in err) == (0, not compiled)


def test_build_again_goes_on_and_add_rescan_remove_status(capsys, built, models):
    code, out, _ = call(capsys, "index", "build", "logos", "--out", "idx", "--model", models[0])
    assert (code, out.startswith("5 logos: 0 added")) == (0, True)
    Path("more").mkdir()
    (built / "more" / "copy.png").write_bytes((built / "logos" / "001.png").read_bytes())
    code, out, err = call(capsys, "index", "add", "idx", "more")
    assert (code, out.startswith("6 logos: 1 added")) == (0, True)
    assert "same file as" in err
    assert "1 exact duplicates" in err
    (built / "logos" / "003.png").unlink()
    code, out, _ = call(capsys, "index", "rescan", "idx", "logos")
    assert "1 removed" in out
    code, out, _ = call(capsys, "index", "remove", "idx", "more")
    assert (code, out) == (0, "removed 1\n")
    code, out, _ = call(capsys, "index", "status", "idx")
    assert code == 0
    assert "logos: 4" in out
    assert "columns: nice (list)" in out
    assert f"  {built / 'logos' / 'bad.png'}: is not a readable image" in out
    code, out, _ = call(capsys, "index", "status", "idx", "--json")
    assert json.loads(out)["logos"] == 4


def test_search_prints_lines_or_json(capsys, built):
    draw(2).save("query.png")
    code, out, err = call(capsys, "search", "query.png", "--index", "idx", "-k", "2")
    lines = [line.split() for line in out.splitlines()]
    assert code == 0
    assert lines[0] == ["1", "1.0000", str(built / "logos" / "002.png")]
    assert len(lines) == 2
    version = err.split()[2].rstrip(",")
    assert err == f"index version {version}, 5 logos\n"
    assert not list(built.glob("search-*.png"))
    options = [
        "--strategy",
        "overall=1,color=1",
        "--where",
        "nice ^= 2",
        "--json",
        "--sheet",
        "s.png",
    ]
    code, out, _ = call(capsys, "search", "query.png", "--index", "idx", *options)
    hits = json.loads(out)
    assert [(h["rank"], Path(h["path"]).name) for h in hits] == [(1, "002.png"), (2, "001.png")]
    assert set(hits[0]["scores"]) == {"overall", "color"}
    assert hits[0]["metadata"] == {"nice": ["26.04"]}
    assert Path("s.png").is_file()
    every = ["query.png", "--index", "idx", "--json", "--exact", "--at", version]
    code, out, _ = call(capsys, "search", *every, "--offset", "1", "-k", "3")
    assert [h["rank"] for h in json.loads(out)] == [2, 3, 4]
    code, out, _ = call(
        capsys, "search", "query.png", "--index", "idx", "--json", "--part", "0,0,64,48"
    )
    assert code == 0
    assert json.loads(out)[0]["score"] > 0.9
    like = ["--like", "logos/004.png", "--unlike", "logos/001.png"]
    code, out, _ = call(capsys, "search", "query.png", "--index", "idx", *like)
    assert (code, len(out.splitlines())) == (0, 5)


def test_a_report_names_the_case_and_its_examiner(capsys, built):
    draw(2).save("query.png")
    places = [f"case.{form}" for form in ("json", "html", "pdf")]
    reports = [word for place in places for word in ("--report", place)]
    who = ["--reference", " 018 442 917 ", "--examiner", "A. <Byron>"]
    code, _, err = call(capsys, "search", "query.png", "--index", "idx", *reports, *who)
    assert code == 0
    assert [line for line in err.splitlines() if "report" in line] == [
        f"report: {place}" for place in places
    ]
    record = json.loads(Path("case.json").read_text())
    assert (record["reference"], record["examiner"]) == ("018 442 917", "A. <Byron>")
    page = Path("case.html").read_text()
    assert "018 442 917" in page
    assert "A. &lt;Byron&gt;" in page
    attached = [s for s in streams(Path("case.pdf").read_bytes()) if b"search record" in s]
    assert json.loads(attached[0])["reference"] == "018 442 917"
    assert call(capsys, "rerun", "case.json")[0] == 0


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        ([], 2, "--in FOLDER or --index INDEX"),
        (["--in", "logos", "--index", "idx"], 2, "--in FOLDER or --index INDEX"),
        (["--in", "logos", "--model", "m", "--part", "1,2,3,4"], 2, "--part: needs --index"),
        (
            ["--in", "logos", "--model", "m", "query.png"],
            2,
            "IMAGES: --in takes one image, and 2 are given",
        ),
        (["--index", "idx", "--part", "1,2,3"], 2, "four whole numbers"),
        (["--index", "idx", "--part", "1,2,3,900"], 2, "beyond the image"),
        (["--index", "idx", "--where", "color = red"], 2, "no column 'color'"),
        (["--index", "idx", "--like", "none.png"], 2, "--like: none.png is not in idx; give"),
        (["--in", "logos", "--model", "m", "--words", "a"], 2, "--words: needs --index"),
        (["--in", "logos", "--model", "m", "--report", "r.json"], 2, "--report: needs --index"),
        (["--index", "idx", "--reference", "1"], 2, "--reference: stands in the report"),
        (["--index", "idx", "--examiner", "A. Byron"], 2, "--examiner: stands in the report"),
        (
            ["--index", "idx", "--report", "r.doc"],
            2,
            "--report: r.doc has no ending of a report; give a name that ends in",
        ),
        (
            ["--index", "idx", "--words", "a", "--strategy", "color"],
            2,
            "needs the strategy auto or words",
        ),
        (["--index", "nowhere"], 1, "nowhere: no index there"),
        (["--index", "idx", "--at", "99"], 2, "--at: idx has no version 99; it is at"),
        (["--index", "idx", "none.png"], 1, "none.png: no such file"),
    ],
)
def test_wrong_use(capsys, built, options, code, says):
    draw(2).save("query.png")
    got, out, err = call(capsys, "search", "query.png", *options)
    assert (got, out) == (code, "")
    assert says in err
    assert err.count("\n") == 1


def test_another_model_is_refused(capsys, built, models):
    draw(2).save("query.png")
    code, _, err = call(capsys, "search", "query.png", "--index", "idx", "--model", models[1])
    assert (code, "not the encoder" in err) == (2, True)
    code, _, err = call(capsys, "index", "build", "logos", "--out", "idx", "--model", models[1])
    assert (code, "not the encoder" in err) == (2, True)
    code, _, err = call(capsys, "index", "build", "none", "--out", "new", "--model", models[0])
    assert (code, "none: no such folder" in err) == (1, True)
    assert not Path("new").exists()


def test_search_by_words_alone_beside_an_image_and_without_any(capsys, built, models):
    write("Kestrel").save("logos/kestrel.png")
    assert call(capsys, "index", "add", "idx", "logos")[0] == 0
    code, out, _ = call(capsys, "search", "--words", "kestrel", "--index", "idx", "--json")
    assert code == 0
    assert [(h["words"], h["scores"], h["probability"]) for h in json.loads(out)] == [
        ("Kestrel", {"words": 1.0}, None)
    ]
    draw(2).save("query.png")
    both = ["query.png", "--words", "kestrel", "--index", "idx", "--json"]
    code, out, _ = call(capsys, "search", *both)
    hits = {Path(h["path"]).name: h for h in json.loads(out)}
    assert len(hits) == 6
    assert set(hits["kestrel.png"]["scores"]) == {"auto"}
    assert hits["kestrel.png"]["reasons"]["the words"] > 0.3
    code, out, err = call(capsys, "search", "query.png", "--index", "idx", "--strategy", "words")
    assert (code, out) == (0, "")
    assert "no hit: no words were found in the image" in err
    for options in ([], ["--words", "a", "--sheet", "s.png"]):
        code, _, err = call(capsys, "search", "--index", "idx", *options)
        assert (code, err.count("\n")) == (2, 1)
    code, out, _ = call(
        capsys, "index", "build", "logos", "--out", "new", "--model", models[0], "--no-words"
    )
    assert code == 0
    code, _, err = call(capsys, "search", "--words", "kestrel", "--index", "new")
    assert (code, "was built without words" in err) == (1, True)
