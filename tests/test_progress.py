"""What a long job says in a log: lines, now and then, with what is done and how long it takes."""

import re

import pytest

from marquery import progress


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(progress, "monotonic", lambda: now[0])
    return now


def test_lines_in_a_log(clock, capsys):
    with progress.progress_bar("indexing", 1000) as advance:
        for _ in range(100):  # 50 seconds
            clock[0] += 0.5
            advance(10)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "indexing 100/1,000, 20 images/s, 0:00:45 left"
    assert lines[-1] == "indexing 1,000/1,000, 20 images/s, 0:00:50"
    assert len(lines) == 10
    assert not any(re.search(r"[\x1b\r]", line) for line in lines)


def test_a_slow_job_is_heard_of_before_a_tenth_is_done(clock, capsys):
    with progress.progress_bar("indexing", 100_000, start=50) as advance:
        clock[0] += 31
        advance(62, "note")
    assert "indexing 112/100,000, 2 images/s, 13:52:24 left, note" in capsys.readouterr().err


def test_the_first_step_which_may_compile_or_load_foretells_nothing(clock, capsys):
    with progress.progress_bar("indexing", 40) as advance:
        clock[0] += 303
        advance(1)
        clock[0] += 4
        advance(19)
        clock[0] += 4
        advance(20)
    assert capsys.readouterr().err.splitlines() == [
        "indexing 1/40, 0.003 images/s",
        "indexing 20/40, 0.07 images/s, 0:05:07 left",
        "indexing 40/40, 0.1 images/s, 0:05:11",
    ]


def test_a_quick_job_says_one_line(clock, capsys):
    with progress.progress_bar("indexing", 100) as advance:
        for _ in range(100):
            clock[0] += 0.01
            advance(1)
    assert capsys.readouterr().err == "indexing 100/100, 100 images/s, 0:00:01\n"


def test_what_is_hidden_says_nothing(capsys):
    with progress.progress_bar("checking", 3, shown=None) as advance:
        advance(3)
    assert capsys.readouterr().err == ""
