"""``marquery watch`` and what it stands on."""

import csv
import sqlite3
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from marquery.calibration import Calibration
from marquery.calibration.evidence import EvidenceModel
from marquery.cli.app import run
from marquery.errors import MarqueryError, UsageError
from marquery.index import LogoIndex
from marquery.watch import Memory, Threshold, parse_threshold, watch, write_reports
from marquery.web.examiner.casebook import CaseBook
from marquery.web.examiner.reviews import Reviews

from ..drawings import draw, fill
from ..encoders import tiny_encoder


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """An index of six marks, of which Ada owns two, and its calibrated encoder."""
    root = tmp_path_factory.mktemp("watch")
    encoder = tiny_encoder()
    Calibration(
        fingerprint=encoder.fingerprint(),
        data="drawings",
        logos=2,
        pairs=2,
        cosines=(0.9, 0.99),
        probabilities=(0.0, 1.0),
    ).save(encoder.save(root / "model"))
    weighed = EvidenceModel.of_package()
    weighed.model_copy(update={"fingerprint": encoder.fingerprint()}).save(root / "model")
    fill(root / "marks", range(4))
    fill(root / "others", [4, 5])
    (root / "meta.csv").write_text("path,owner\n000.png,Ada\n001.png,Ada\n002.png,=cmd|'x'\n")
    index = LogoIndex.create(root / "idx", root / "model")
    index.add(root / "marks", meta=root / "meta.csv")
    index.add(root / "others")
    return root


@pytest.fixture
def place(built, tmp_path, monkeypatch):
    """The working folder, with new logos: copies of marks 1 and 4, one unlike all, one bad."""
    monkeypatch.chdir(built)
    new = fill(tmp_path / "new", [50])
    draw(1).save(new / "a.png")
    draw(4).save(new / "b.png")
    (new / "bad.png").write_text("no image")
    yield tmp_path
    (built / "idx" / "watch.sqlite").unlink(missing_ok=True)


SURE = Threshold("score", 0.9999)


def pairs(found):
    return [(Path(c.logo.path).name, Path(c.match.path).name) for c in found.conflicts]


def call(capsys, *arguments):
    code = run(["watch", *map(str, arguments)])
    printed = capsys.readouterr()
    return code, printed.out.split(), printed.err


def test_conflicts_are_those_of_a_search_above_the_threshold(place):
    index = LogoIndex.open("idx")
    least = Threshold("score", 0.1)
    found = watch(index, place / "new", least)
    expected = {
        (name, Path(hit.path).name)
        for name in ("050.png", "a.png", "b.png")
        for hit in index.search(place / "new" / name, 10)
        if hit.score >= 0.1
    }
    assert len(expected) > 3
    assert set(pairs(found)) == expected
    assert (found.looked_at, found.marks, [e.path for e in found.skipped]) == (
        3,
        6,
        [str(place / "new" / "bad.png")],
    )
    # Grouped by new logo, the closest first within and among groups.
    order = list(dict.fromkeys(name for name, _ in pairs(found)))
    best = []
    for name in order:
        scores = [c.match.score for c in found.conflicts if Path(c.logo.path).name == name]
        assert scores == sorted(scores, reverse=True)
        best.append(scores[0])
    assert best == sorted(best, reverse=True)


def test_the_portfolio_is_a_folder_a_filter_or_all(place):
    index = LogoIndex.open("idx")

    def found(against):
        result = watch(index, place / "new", SURE, against=against, strategy="overall")
        return pairs(result), result.marks

    assert found(None) == ([("a.png", "001.png"), ("b.png", "004.png")], 6)
    assert found("marks") == ([("a.png", "001.png")], 4)
    assert found("others") == ([("b.png", "004.png")], 2)
    assert found("owner = Ada") == ([("a.png", "001.png")], 2)
    with pytest.raises(MarqueryError, match="no logo of idx fits owner = Eve"):
        found("owner = Eve")
    with pytest.raises(UsageError, match="is no folder, and as a filter on idx cannot be read"):
        found("nowhere")
    with pytest.raises(
        MarqueryError, match=r"4 of its logos are not in idx .* add the folder to the index"
    ):
        found(str(place / "new"))
    with pytest.raises(MarqueryError, match="no such folder"):
        watch(index, place / "none", SURE, strategy="overall")


def test_a_mark_is_no_conflict_with_itself_and_many_are_cut(place):
    index = LogoIndex.open("idx")
    assert pairs(watch(index, "marks", SURE, strategy="overall")) == []
    every = Threshold("score", 0.0)
    found = watch(index, "marks", every, most=2)
    names = [new for new, _ in pairs(found)]
    assert max(names.count(name) for name in names) == 2
    assert found.crowded


def test_only_news_is_reported(place):
    index = LogoIndex.open("idx")
    new = place / "new"
    first = watch(index, new, SURE, strategy="overall")
    assert (
        len(watch(index, new, SURE, strategy="overall").conflicts) == 2
    )  # nothing was reported yet
    write_reports(first, place / "one")
    again = watch(index, new, SURE, strategy="overall")
    assert (again.conflicts, again.known) == ([], 2)
    told = watch(index, new, SURE, repeat=True, strategy="overall")
    assert [c.first for c in told.conflicts] == [first.date.replace(microsecond=0)] * 2
    # The same filing delivered elsewhere is no news; under another name, or changed, it is.
    moved = fill(place / "moved", [])
    (moved / "a.png").write_bytes((new / "a.png").read_bytes())
    (moved / "c.png").write_bytes((new / "a.png").read_bytes())
    draw(4).save(moved / "a2.png")
    draw(0).save(moved / "b.png")
    assert sorted(pairs(watch(index, moved, SURE, strategy="overall"))) == [
        ("a2.png", "004.png"),
        ("b.png", "000.png"),
        ("c.png", "001.png"),
    ]


def test_a_run_that_cannot_write_forgets_nothing(place, monkeypatch):
    index = LogoIndex.open("idx")
    found = watch(index, place / "new", SURE, strategy="overall")
    (place / "file").write_text("")
    with pytest.raises(MarqueryError):
        write_reports(found, place / "file")
    assert len(watch(index, place / "new", SURE, strategy="overall").conflicts) == 2


class Sources(HTMLParser):
    def __init__(self):
        super().__init__()
        self.sources, self.text = [], ""

    def handle_starttag(self, tag, attrs):
        self.sources += [v for k, v in attrs if k in ("src", "href")]

    def handle_data(self, data):
        self.text += data


def test_the_reports_hold_all_and_are_safe(place):
    index = LogoIndex.open("idx")
    evil = place / "new" / "<script>alert(1)</script>.png".replace("/", "_")
    draw(2).save(evil)
    found = watch(index, place / "new", SURE, strategy="overall")
    table, page = write_reports(found, place / "out")
    with table.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert sorted(Path(r["mark"]).name for r in rows) == ["001.png", "002.png", "004.png"]
    by_mark = {Path(r["mark"]).name: r for r in rows}
    assert by_mark["001.png"]["mark_owner"] == "Ada"
    assert by_mark["002.png"]["mark_owner"] == "'=cmd|'x'"
    assert float(by_mark["001.png"]["probability"]) == 1
    assert by_mark["004.png"]["first_reported"] == ""
    html = Sources()
    html.feed(page.read_text())
    assert len(html.sources) == 6
    assert all(source.startswith("data:image/webp;base64,") for source in html.sources)
    assert "<script>" not in page.read_text()
    assert "<script>" in html.text
    for word in ("owner: Ada", "Not read", "bad.png", "score ≥ 0.9999", "001.png"):
        assert word in html.text
    with pytest.raises(UsageError, match="holds a report already"):
        write_reports(found, place / "out")


def test_command_and_its_exit_codes(capsys, place):
    new = ["idx", "--new", place / "new"]
    code, out, err = call(capsys, *new, "--against", "marks", "--out", place / "1")
    assert (code, out) == (3, [str(place / "1" / n) for n in ("conflicts.csv", "conflicts.html")])
    assert "skipped 1" in err
    assert "conflicts (probability ≥ 0.5) of 3 new logos with 4 marks; 0 reported before" in err
    code, _, err = call(capsys, *new, "--against", "marks", "--out", place / "2")
    assert code == 0
    assert err.splitlines()[-1].startswith("0 conflicts")
    assert "No new conflicts" in (place / "2" / "conflicts.html").read_text()
    code, _, _ = call(capsys, *new, "--against", "marks", "--out", place / "3", "--all")
    assert code == 3
    mix = ["--strategy", "overall=1,color=1", "--threshold", "score=0.2", "--most", 1]
    code, _, err = call(capsys, *new, *mix, "--out", place / "4")
    assert code == 3
    assert "more than 1 conflicts" in err


def test_new_logos_in_conflict_make_a_queue_of_cases(capsys, place):
    asked = ["idx", "--new", place / "new", "--against", "marks", "--out", place / "1", "--all"]
    code, _, err = call(capsys, *asked, "--queue", " week 47 ")
    assert code == 3
    assert "queue week 47: go through it on the page of marquery serve" in err
    rows = list(csv.DictReader((place / "1" / "conflicts.csv").open(encoding="utf-8-sig")))
    reviews = Reviews(Path("idx.review") / "review.sqlite3")
    book = CaseBook(reviews.db)
    (queue,) = book.queues()
    cases = book.queued(queue.id)
    new = list(dict.fromkeys(Path(row["new"]).stem for row in rows))
    assert (queue.name, [case.name for case in cases]) == ("week 47", new)
    for case in cases:
        (comment,) = book.comments(case.case)
        mine = [row for row in rows if Path(row["new"]).stem == case.name]
        assert len(comment.text.splitlines()) == len(mine)
        assert all(line.startswith("probability ") for line in comment.text.splitlines())
    reviews.close()


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (["--queue", " "], 2, "--queue: is empty; give the queue a name"),
        (["--threshold", "2"], 2, "--threshold: '2' is no threshold; give a probability"),
        (["--threshold", "p=0.5"], 2, "give a probability"),
        (["--threshold", "score=x"], 2, "give a probability"),
        (["--strategy", "shape"], 2, "give score=S"),
        (["--strategy", "best"], 2, "--strategy: 'best' is none of"),
        (["--against", "owner = "], 2, "is no folder"),
        (["--new", "none"], 1, "none: no such folder"),
        (["--out", "marks/../done"], 2, "holds a report already"),
    ],
)
def test_wrong_use_is_one_sentence_and_nothing_is_written(
    capsys, built, place, options, code, says
):
    (built / "done").mkdir(exist_ok=True)
    (built / "done" / "conflicts.csv").write_text("")
    got, out, err = call(capsys, "idx", "--new", place / "new", "--out", place / "o", *options)
    assert (got, out, err.count("\n")) == (code, [], 1), err
    assert says in err
    assert not (place / "o").exists()


def test_a_probability_needs_a_calibration(built, tmp_path):
    index = LogoIndex.create(tmp_path / "idx", tiny_encoder(1))
    with pytest.raises(UsageError, match="is not calibrated"):
        parse_threshold(None, None, index)
    assert parse_threshold(" score=.25", "part", index) == Threshold("score", 0.25)
    with pytest.raises(MarqueryError, match=r"no logo of .* is there"):
        watch(index, built / "marks", SURE, strategy="overall")


def test_memory_keeps_the_first_date_and_tells_when_it_is_damaged(tmp_path):
    memory = Memory(tmp_path)
    pair, other = ("a", "1", "b", "2"), ("a", "1", "b", "3")
    assert memory.first(pair) is None
    assert not memory.path.exists()
    memory.remember([pair], datetime(2026, 1, 2, tzinfo=UTC))
    memory.remember([pair, other], datetime(2026, 3, 4, tzinfo=UTC))
    assert memory.first(pair) == datetime(2026, 1, 2, tzinfo=UTC)
    assert memory.first(other) == datetime(2026, 3, 4, tzinfo=UTC)
    with sqlite3.connect(memory.path) as db:
        assert db.execute("SELECT count(*) FROM reported").fetchone() == (2,)
    memory.path.write_text("no database, but long enough to be looked at as if it were one" * 20)
    with pytest.raises(MarqueryError, match=r"watch\.sqlite: cannot be used"):
        memory.first(pair)
