"""Bad input of each kind at the command lines: one line in their words, code 2, or 1 where the
job failed.
"""

import pytest

from marquery.cli.app import run

from .download_cases import DOWNLOAD_CASES
from .encoder_cases import ENCODER_CASES, PACKAGE_CASES
from .file_cases import FILE_CASES
from .model_cases import MODEL_CASES
from .paper_cases import PAPER_CASES
from .search_cases import SEARCH_CASES
from .training_cases import TRAINING_CASES
from .typer_cases import TYPER_CASES

COMMAND_CASES = [
    *(*SEARCH_CASES, *MODEL_CASES, *TRAINING_CASES, *TYPER_CASES),
    *(*FILE_CASES, *DOWNLOAD_CASES, *ENCODER_CASES, *PACKAGE_CASES),
]


def check(case, outcome, program):
    """One line that says what is wrong with which option and what to do; nothing else to read."""
    lines = [line for line in outcome.err.splitlines() if line.startswith(f"{program}: ")]
    assert outcome.code == case.code, outcome.err
    assert len(lines) == 1, outcome.err
    assert outcome.err.rstrip().endswith(lines[0]), outcome.err
    assert "Traceback" not in outcome.err
    assert "usage:" not in outcome.err.lower()
    said = lines[0].removeprefix(f"{program}: ")
    if case.option is not None:
        option, _, said = said.partition(": ")
        assert option == case.option, lines[0]
    assert case.problem
    assert case.remedy
    _, found, tail = said.partition(case.problem)
    assert found, lines[0]
    assert case.remedy in tail.partition("; ")[2], lines[0]
    assert "lambda" not in said


@pytest.mark.parametrize("case", COMMAND_CASES, ids=lambda case: case.id)
def test_the_command_line_says_what_is_wrong_and_what_to_do(outcome, case):
    check(case, outcome(case), "marquery")


@pytest.mark.parametrize("case", PAPER_CASES, ids=lambda case: case.id)
def test_the_papers_command_says_what_is_wrong_and_what_to_do(outcome, case):
    check(case, outcome(case, "paper"), "Standard_Training.py")


def test_no_case_is_there_twice():
    for cases in (COMMAND_CASES, PAPER_CASES):
        assert len({case.id for case in cases}) == len(cases)


def test_a_command_without_arguments_shows_its_help(capsys):
    assert run(["index"]) == 2
    assert "Build and keep a collection" in capsys.readouterr().err


def test_the_traceback_is_shown_on_demand(capsys, desk, monkeypatch):
    monkeypatch.chdir(desk)
    assert run(["search", "query.png", "--debug"]) == 2
    said = capsys.readouterr().err
    assert "Traceback" in said
    assert "marquery: it is not said where to search; " in said
