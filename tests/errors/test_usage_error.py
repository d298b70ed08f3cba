"""Errors that a user can act on: one sentence, in the words of whoever asks for it."""

import pickle

import pytest

from marquery.errors import ImageError, MarqueryError, UsageError


def test_a_usage_error_names_option_problem_and_remedy():
    error = UsageError("where", "there is no column 'nize'", "there are nice, owner")
    assert (error.option, error.problem) == ("where", "there is no column 'nize'")
    assert str(error) == "where: there is no column 'nize'; there are nice, owner"


def test_it_is_a_value_error_and_a_marquery_error():
    with pytest.raises(ValueError, match="k: 0"):
        raise UsageError("k", "0 is less than 1")
    assert issubclass(UsageError, MarqueryError)


def test_without_an_option_or_a_remedy_there_is_no_empty_place():
    assert str(UsageError(None, "nothing to search for")) == "nothing to search for"
    assert str(UsageError(None, "nothing", "give an image")) == "nothing; give an image"


def test_a_front_end_names_the_option_and_those_of_the_remedy():
    error = UsageError("out", "x is there", lambda name: f"set {name('resume')} to continue")
    assert str(error) == "out: x is there; set resume to continue"
    named = error.sentence(lambda option: f"--{option}")
    assert named == "--out: x is there; set --resume to continue"


@pytest.mark.parametrize(
    "error",
    [
        UsageError("out", "x is there", lambda name: f"set {name('resume')}"),
        UsageError(None, "nothing"),
        ImageError("a.png", "is cut short"),
    ],
)
def test_errors_come_whole_from_another_process(error):
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
