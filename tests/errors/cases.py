"""What a case of bad input is, and how it is run."""

import contextlib
import io
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from .walk import Construction, recording


@dataclass(frozen=True)
class Case:
    """One bad input of a command line.

    Attributes:
        typed: the arguments, as a shell reads them.
        option: what the line says it is about; None: no single option is to blame.
        problem: a piece of what is wrong.
        remedy: a piece of what to do; None: the error has none.
        code: exit code.
        given: what else is the case: the environment, a library that is missing.
    """

    typed: str
    option: str | None
    problem: str
    remedy: str | None
    code: int = 2
    given: Callable[[pytest.MonkeyPatch], None] | None = None

    @property
    def id(self) -> str:
        return self.typed


@dataclass
class Outcome:
    """What a front end made of a case."""

    code: int
    out: str
    err: str
    passed: set[Construction] = field(default_factory=set)


def run_case(case, run, desk) -> Outcome:
    """Run a case in the folder, once."""
    out, err = io.StringIO(), io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        recording() as passed,
        contextlib.redirect_stderr(err),
        contextlib.redirect_stdout(out),
    ):
        patch.chdir(desk)
        if case.given is not None:
            case.given(patch)
        code = run(shlex.split(case.typed))
    return Outcome(code, out.getvalue(), err.getvalue(), passed)
