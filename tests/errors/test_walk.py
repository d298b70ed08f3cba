"""Every construction of an error that a front end can reach is passed by a case of bad input."""

import pytest

from .paper_cases import PAPER_CASES
from .python_only import PYTHON_ONLY
from .test_command_lines import COMMAND_CASES
from .test_told import TOLD_CASES
from .walk import constructions
from .web_cases import WEB_CASES


@pytest.fixture(scope="module")
def passed(outcome, web_outcome):
    """Constructions that the cases of all front ends pass."""
    found = set()
    for case in [*COMMAND_CASES, *TOLD_CASES]:
        found |= outcome(case).passed
    for case in PAPER_CASES:
        found |= outcome(case, "paper").passed
    for case in WEB_CASES:
        found |= web_outcome(case).passed
    return found


def covers(entry, construction):
    """Whether an entry of the table is about a construction: its place, and words of its call."""
    place, words = entry
    return construction.place == place and words in construction.text


def test_every_error_that_a_front_end_can_reach_has_a_case(passed):
    unknown = [
        f"{c.place} (line {c.line}): {c.text}"
        for c in sorted(constructions() - passed)
        if not any(covers(entry, c) for entry in PYTHON_ONLY)
    ]
    assert not unknown, "\n".join(
        [
            "no case passes these errors: add a bad input that does to tests/errors/*_cases.py, "
            "or, where no front end can reach them, say why in tests/errors/python_only.py",
            *unknown,
        ]
    )


def test_no_error_is_said_to_be_out_of_reach_that_a_case_reaches(passed):
    reached = {
        entry: construction.text
        for entry in PYTHON_ONLY
        for construction in passed
        if covers(entry, construction)
    }
    assert reached == {}, "take these out of tests/errors/python_only.py, or name single calls"


def test_every_entry_of_the_table_is_about_an_error():
    gone = [entry for entry in PYTHON_ONLY if not any(covers(entry, c) for c in constructions())]
    assert gone == [], "these errors are not there any more: take them out of python_only.py"
    assert all(PYTHON_ONLY.values())
