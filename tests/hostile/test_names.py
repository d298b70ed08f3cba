"""Every name that a disk may hold works everywhere, and none steers a terminal."""

import csv
import io
import json
import logging
import logging.config
import os
import re
import shutil
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

import marquery
from marquery.cli.app import run
from marquery.console import complain_at_length, tell, tell_json
from marquery.datasets import LogoSet
from marquery.embedding import embed_folder
from marquery.encoder import LogoEncoder
from marquery.errors import MarqueryError
from marquery.evaluation.sources import open_embeddings
from marquery.images import load_image
from marquery.index import LogoIndex
from marquery.names import as_unicode, existing_path, path_to_text, printable, text_to_path
from marquery.reporting.printing import print_whole
from marquery.watch import Threshold, watch, write_reports
from marquery.web.app import create_app
from marquery.web.logs import LOG_CONFIG, PrintableFormatter
from marquery.web.security import Access

from ..drawings import draw
from ..encoders import tiny_encoder
from .names import NAMES, fill_with_names

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="names of any bytes")

#: What may not reach a terminal: everything that moves, colours, rings or turns.
STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
#: Any name of a file: bytes without the separator and the end mark.
BYTES = st.binary(min_size=1, max_size=30).filter(lambda b: not set(b) & {0, 0x2F})


@given(BYTES)
def test_every_name_has_a_text_of_its_own_that_leads_back(name):
    path = os.fsdecode(name)
    text = path_to_text(path)
    text.encode()
    assert os.fsencode(text_to_path(text)) == name
    assert as_unicode(text) == text


@given(BYTES, BYTES)
def test_two_names_have_two_texts(one, other):
    texts = {path_to_text(os.fsdecode(name)) for name in (one, other)}
    assert len(texts) == len({one, other})


@given(st.lists(st.sampled_from(["\\", "x", "5c", "e9", "4", "\udce9", "\udc80", "a"]), max_size=7))
def test_backslashes_lead_back_too(parts):
    name = "".join(parts) or "a"
    assert str(text_to_path(path_to_text(name))) == name


@given(st.text() | st.text(st.characters(categories=["Cc", "Cf", "Cs", "Zs", "Zl", "Zp"])))
def test_what_is_printed_steers_nothing_and_keeps_the_rest(text):
    shown = printable(text)
    assert not STEERING.search(shown)
    assert "\n" not in shown
    shown.encode()
    kept = [c for c in text if c not in "\u061c\u200e\u200f\n\t" and not STEERING.match(c)]
    left = iter(shown)
    assert all(c in left for c in kept)  # in order


def test_spaces_and_joiners_are_printed_as_they_are():
    text = "a\u202fb\u00a0c\u200dd\u00ade\u0301 漢"
    assert printable(text) == text


def test_an_ascii_terminal_is_no_reason_to_fail(monkeypatch):
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", out)
    tell("caf\u00e9 漢")
    tell_json({"name": "caf\u00e9\x7f"})
    out.flush()
    line, *rest = out.buffer.getvalue().decode().splitlines()
    assert line == "caf\\xe9 \\u6f22"
    assert json.loads("\n".join(rest)) == {"name": "caf\u00e9\x7f"}
    assert "\x7f" not in "".join(rest)


def test_the_servers_log_steers_nothing():
    try:
        raise ValueError("a\x1b[2J.png")
    except ValueError:
        record = logging.LogRecord("x", 40, "", 1, "%s failed", ("/\x1b[1m",), sys.exc_info())
    text = PrintableFormatter().format(record)
    assert not STEERING.search(text)
    assert "/\\x1b[1m failed" in text
    assert "ValueError: a\\x1b[2J.png" in text
    logging.config.DictConfigurator(LOG_CONFIG)  # knows all that it names


def test_all_that_is_printed_goes_through_one_place():
    package = Path(marquery.__file__).parent
    printing = re.compile(r"\btyper\.echo|\bclick\.echo|(?<![\w.])print\(|sys\.std\w+\.write")
    found = {
        file.relative_to(package).as_posix()
        for file in package.rglob("*.py")
        if printing.search(file.read_text(encoding="utf-8"))
    }
    assert found == {"console.py"}


def test_text_of_several_lines_keeps_them(capsys):
    complain_at_length("one\x1b[2J\ntwo")
    assert capsys.readouterr().err == "one\\x1b[2J\ntwo\n"


def test_names_in_tables_are_neither_markup_nor_sequences(capsys):
    from rich.table import Table

    table = Table("method")
    table.add_row(printable("[red]x[/red] :star: \x1b[31m"))
    print_whole(table)
    assert "[red]x[/red] :star: \\x1b[31m" in capsys.readouterr().out


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return tiny_encoder().save(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture(scope="module")
def place(tmp_path_factory, model):
    """A folder of logos with such names, and an index of all but the last, made by the command."""
    root = tmp_path_factory.mktemp("names")
    logos = root / "logos \x1b[1m\u202f"
    fill_with_names(logos)
    (logos / NAMES[-1]).rename(root / NAMES[-1])
    (logos / "bad\x1b[31m.png").write_bytes(b"no image")
    (logos / os.fsdecode(b"bad\xff.png")).write_bytes(b"no image")
    shutil.copy(logos / NAMES[7], logos / "copy\x1b.png")
    table = io.StringIO()
    rows = [[path_to_text(name), f"owner of {number}"] for number, name in enumerate(NAMES)]
    csv.writer(table).writerows([["path", "owner"], *rows])
    (root / "meta.csv").write_text(table.getvalue(), encoding="utf-8", newline="")
    return root, logos


def call(capfd, *arguments):
    code = run([os.fspath(a) if isinstance(a, Path) else str(a) for a in arguments])
    printed = capfd.readouterr()
    for text in (printed.out, printed.err):
        assert not STEERING.search(text), text
    return code, printed.out, printed.err


@pytest.fixture(scope="module")
def built(place, model):
    root, logos = place
    index = LogoIndex.create(root / "idx", model, words=False)
    report = index.add(logos, meta=root / "meta.csv")
    assert report.added == len(NAMES)  # one is not there yet, one is a copy
    assert report.unmatched == 1
    (root / NAMES[-1]).rename(logos / NAMES[-1])
    assert index.add(logos).added == 1
    return root, logos, index


def test_the_index_holds_each_under_its_text_with_its_own_metadata(built):
    _, logos, index = built
    for number, name in enumerate(NAMES[:-1]):
        entry = index.entry(logos / name)
        assert text_to_path(entry["path"]) == logos / name
        assert entry["metadata"] == {"owner": f"owner of {number}"}
        assert index.entry(entry["path"])["id"] == entry["id"]
        best = index.search(logos / name, k=2)
        assert entry["path"] in [match.path for match in best]
        assert load_image(text_to_path(best[0].path)).size
        literal = entry["path"].replace('"', "")
        if '"' not in entry["path"]:
            assert index.count(f'path = "{literal}"') == 1
    assert index.add(logos).added == 0
    with pytest.raises(MarqueryError, match="is not in"):
        index.entry(logos / os.fsdecode(b"other\xe8.png"))


def test_the_command_line_builds_searches_and_tells(built, model, tmp_path, capfd, own_cache):
    root, all_logos, _ = built
    logos = tmp_path / "few \x1b[1m"
    logos.mkdir()
    some = [NAMES[n] for n in (7, 9, 12, 14, 15)]
    bad = ["bad\x1b[31m.png", os.fsdecode(b"bad\xff.png")]
    for name in (*some, *bad, "copy\x1b.png"):
        shutil.copy(all_logos / name, logos / name)
    code, _, err = call(capfd, "index", "build", logos, "--out", root / "idx2", "--model", model)
    assert (code, "skipped 2" in err) == (0, True)
    assert re.search(r"\\x1b\S*\.png: same file as .*\\x1b", err)
    assert "bad\\x1b[31m.png: is not a readable image" in err
    assert "bad\\xff.png: is not a readable image" in err
    assert call(capfd, "index", "add", root / "idx2", logos)[0] == 0
    for name in (NAMES[9], NAMES[14]):
        query = logos / name
        where = ("--index", root / "idx2")
        code, out, _ = call(capfd, "search", query, *where, "--sheet", tmp_path / "s.png")
        assert code == 0
        assert printable(path_to_text(name)) in out
        code, out, _ = call(capfd, "search", query, *where, "--json", "-k", 3)
        paths = [text_to_path(hit["path"]) for hit in json.loads(out)]
        assert query in paths
        assert all(path.exists() for path in paths)
    code, out, _ = call(capfd, "index", "status", root / "idx2")
    assert code == 0
    assert "bad\\xff.png: is not" in out
    assert "bad\\x1b[31m.png: is not" in out
    code, out, _ = call(capfd, "index", "status", root / "idx2", "--json")
    assert path_to_text(logos / bad[1]) in json.loads(out)["skipped"]
    sheet = ("--sheet", tmp_path / "f.png", "--explain", tmp_path / "e.png")
    code, out, _ = call(capfd, "search", logos / NAMES[12], "--in", logos, "--model", model, *sheet)
    assert code == 0
    assert "latin\\xe9.png" in out
    code, _, err = call(capfd, "search", logos / bad[0], "--index", root / "idx2")
    assert (code, "bad\\x1b[31m.png: is not a readable image" in err) == (1, True)
    code, _, err = call(capfd, "search", logos / "gone\x1b[2J.png", "--index", root / "idx2")
    assert (code, "gone\\x1b[2J.png" in err) == (1, True)
    code, _, err = call(capfd, "index", "status", root / "no\x1bindex", "--debug")
    assert (code, "no\\x1bindex" in err) == (1, True)
    # A part of a rescan: removed and found again, by the text or by the path.
    copy = LogoIndex.open(root / "idx2")
    assert copy.remove(path_to_text(logos / NAMES[12])).removed == 1
    assert copy.remove(logos / NAMES[14]).removed == 1
    assert copy.rescan(logos).added == 2


def test_embeddings_are_of_the_files_that_they_name(built, model, tmp_path, capfd, own_cache):
    _, logos, _ = built
    out = tmp_path / os.fsdecode(b"t\xe9.parquet")
    assert call(capfd, "embed", logos, "--out", out, "--model", model)[0] == 0
    with out.open("rb") as file:
        rows = pq.read_table(file).to_pydict()
    encoder = LogoEncoder.load(model)
    vectors = dict(zip(rows["path"], rows["embedding"], strict=True))
    assert len(vectors) == len(NAMES) + 1
    for name in NAMES:
        own = encoder.embed([logos / name])[0]
        assert vectors[path_to_text(logos / name)] == pytest.approx(own.tolist(), abs=1e-4)
    for _ in range(2):  # the second time from the cache
        found = embed_folder(encoder, logos)
        assert {text_to_path(path) for path in found.paths} >= {logos / name for name in NAMES}
    logo_set = LogoSet.from_folder(logos)
    assert set(logo_set.files()) >= {logos / name for name in NAMES}
    assert len(logo_set.fingerprint()) == 64
    shutil.copy(out, tmp_path / "t.parquet")
    with open_embeddings(tmp_path / "t.parquet") as file:
        places = file.rows_of(logos, logo_set.paths)
    told = [path for path, row in zip(logo_set.paths, places, strict=True) if row < 0]
    assert sorted(told) == sorted(path_to_text(n) for n in ("bad\x1b[31m.png", "bad\udcff.png"))


def test_the_page_and_its_api_show_them(built, tmp_path):
    _, logos, index = built
    app = create_app(index, Access("127.0.0.1", None), tmp_path / "review")
    client = TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)
    pages = TestClient(
        app,
        base_url="http://127.0.0.1",
        headers={"accept": "text/html", "sec-fetch-site": "same-origin"},
        raise_server_exceptions=False,
    )
    assert pages.get("/status").status_code == 200
    told = client.get("/api/status")
    assert told.status_code == 200
    assert {"bad\x1b[31m.png", "bad\\xff.png"} <= {
        path.rsplit("/", 1)[-1] for path in told.json()["skipped"]
    }
    for name in NAMES:
        logo = index.entry(logos / name)["id"]
        answer = client.get(f"/api/logos/{logo}")
        assert (answer.status_code, answer.json()["name"]) == (200, path_to_text(name))
        assert client.get(f"/logos/{logo}/picture").status_code == 200
        assert pages.get("/", params={"like": logo}).status_code == 200
        found = client.get("/api/search", params={"like": logo, "k": 3})
        assert (found.status_code, len(found.json()["hits"])) == (200, 3)
    content = (logos / NAMES[4]).read_bytes()
    sent = client.post("/api/queries", files={"picture": (NAMES[4], content)})
    assert (sent.status_code, sent.json()["name"]) == (201, NAMES[4])


def test_reports_name_them(built, model, tmp_path, capfd):
    root, logos, index = built
    for ending in ("html", "json", "csv"):
        out = tmp_path / f"r.{ending}"
        code, _, _ = call(
            capfd, "search", logos / NAMES[12], "--index", root / "idx", "--report", out, "-k", 50
        )
        assert code == 0
        text = out.read_text(encoding="utf-8")
        assert "latin\\xe9.png" in text.replace("\\\\", "\\")
    assert call(capfd, "rerun", tmp_path / "r.json", "--index", root / "idx")[0] == 0
    new = tmp_path / "new"
    new.mkdir()
    shutil.copy(logos / NAMES[12], new / os.fsdecode(b"new\xe8.png"))
    found = watch(index, new, Threshold("score", 0.99))
    table, page = write_reports(found, tmp_path / "w")
    assert "new\\xe8.png" in table.read_text(encoding="utf-8-sig")
    assert "new\\xe8.png" in page.read_text(encoding="utf-8")


def test_a_text_is_taken_for_the_file_that_it_tells(tmp_path):
    raw, literal = tmp_path / os.fsdecode(b"a\xe9.png"), tmp_path / "a\\xe9.png"
    draw(1).save(raw)
    assert existing_path(path_to_text(raw)) == raw
    draw(2).save(literal)
    # Where both are there, a folder's entry is meant as it is, and a result's text as a text.
    assert existing_path(literal) == literal
    assert existing_path(str(literal)) == raw
    assert existing_path(path_to_text(literal)) == literal
    literal.unlink()
    raw.unlink()
    assert existing_path(str(literal)) == raw
    assert existing_path(literal) == literal


@pytest.mark.parametrize("name", [b"idx\xe9", b"idx\x1b[1m", b"i\nx", b"i\x7fx"])
def test_a_place_that_the_store_cannot_name_is_refused_with_a_sentence(tmp_path, name):
    with pytest.raises(MarqueryError, match="the name is not UTF-8 without control characters"):
        LogoIndex.create(tmp_path / os.fsdecode(name), tiny_encoder())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a b", "a#b", "a%20b", "a?b", "n\u00a0b", "s\u00adh", "漢\u202f"])
def test_an_index_lies_at_any_other_place(tmp_path, name):
    index = LogoIndex.create(tmp_path / name, tiny_encoder(), words=False)
    (tmp_path / "logos").mkdir()
    draw(1).save(tmp_path / "logos" / "a.png")
    assert index.add(tmp_path / "logos").added == 1
    assert LogoIndex.open(tmp_path / name).search(draw(1))[0].path.endswith("a.png")
