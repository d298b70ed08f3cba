"""Decisions and saved searches outlive the server."""

import sqlite3
from dataclasses import replace

import pytest

from marquery.errors import MarqueryError
from marquery.web.examiner.reviews import Decision, Reviews, StoredQuery

KEEP = Decision("case", "/logos/a.png", 1, "keep", "near", "Ada", "2026-01-02T03:04:05+00:00")


def test_decisions_are_kept_changed_and_taken_away(tmp_path):
    file = tmp_path / "deep" / "review.sqlite3"
    reviews = Reviews(file)
    reviews.decide(KEEP)
    reviews.decide(replace(KEEP, path="/logos/b.png", logo=2, verdict="dismiss", note=""))
    reviews.decide(replace(KEEP, case="other"))
    reviews.decide(replace(KEEP, verdict="dismiss"))
    reviews.close()
    reviews = Reviews(file)
    assert reviews.decisions("case")["/logos/a.png"] == replace(KEEP, verdict="dismiss")
    assert [(c.case, c.kept, c.dismissed, c.notes) for c in reviews.cases()] == [
        ("case", 0, 2, 1),
        ("other", 1, 0, 1),
    ]
    reviews.decide(replace(KEEP, verdict="", note=""))
    assert set(reviews.decisions("case")) == {"/logos/b.png"}


def test_saved_searches_come_and_go(tmp_path):
    reviews = Reviews(tmp_path / "r.sqlite3")
    first, second = reviews.save_search("a", "/?q=1"), reviews.save_search("b", "/?q=2")
    assert reviews.searches() == [second, first]
    assert reviews.forget_search(first.id)
    assert not reviews.forget_search(first.id)
    assert reviews.searches() == [second]


def test_pictures_are_listed_with_the_latest_first_and_keep_their_name(tmp_path):
    reviews = Reviews(tmp_path / "r.sqlite3")
    for day in (1, 3, 2):
        reviews.add_query(StoredQuery(str(day), f"{day}.png", 9, 9, f"2026-01-0{day}"))
    reviews.add_query(StoredQuery("1", "again.png", 9, 9, "2026-02-01"))
    assert [q.name for q in reviews.recent_queries(2)] == ["3.png", "2.png"]
    assert reviews.query("1").name == "1.png"
    assert reviews.query("9") is None


def test_a_file_that_is_no_database_or_of_a_newer_version_is_refused(tmp_path):
    file = tmp_path / "r.sqlite3"
    file.write_text("not a database, surely not one at all" * 9)
    with pytest.raises(MarqueryError, match="cannot be opened"):
        Reviews(file)
    newer = tmp_path / "newer.sqlite3"
    with sqlite3.connect(newer) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(MarqueryError, match="newer version"):
        Reviews(newer)


def test_a_commit_that_fails_leaves_nothing_and_hinders_nothing(tmp_path):
    db = Reviews(tmp_path / "r.sqlite3").db
    db.change("PRAGMA foreign_keys = ON")
    db.change(
        "CREATE TABLE late (id INTEGER REFERENCES queries (width) DEFERRABLE INITIALLY DEFERRED)"
    )
    db.change("CREATE UNIQUE INDEX widths ON queries (width)")
    with pytest.raises(MarqueryError, match="cannot be used"), db.whole():
        db.change("INSERT INTO late VALUES (7)")
    assert db.ask("SELECT * FROM late") == []
    with db.whole():
        db.insert("INSERT INTO queues (name, made) VALUES ('a', '')")
    assert len(db.ask("SELECT * FROM queues")) == 1
