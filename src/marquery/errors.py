"""Errors that a user can act on. Everything else is a bug and keeps its traceback.

The library names an option as Python does, by the parameter's name; a front end (command line,
page, JSON API) knows what that option is called there and asks for the sentence in its own words,
see :meth:`UsageError.sentence`.
"""

import reprlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Literal

from marquery.names import as_unicode

#: From a parameter's name to what a front end calls it, such as ``where`` to ``--where``.
Naming = Callable[[str], str]
#: What to do: words, or, where they name another option, a function that puts them in a front end's
#: words.
Remedy = str | Callable[[Naming], str]
#: What this library builds and a user may have to build first.
Buildable = Literal["openlogos", "edits", "conditions", "index"]


class MarqueryError(Exception):
    """The job cannot go on; the message is one sentence that names the file or option and what to
    do.
    """

    def __init__(self, *parts: object) -> None:
        # Paths that are no UTF-8 stand in messages, which are printed, logged and sent.
        super().__init__(*(as_unicode(p) if isinstance(p, str) else p for p in parts))


class NotBuiltError(MarqueryError):
    """Something that this library builds is not there, or not whole; a front end knows how it is
    built there.

    Args:
        thing: ``"openlogos"``, ``"edits"`` or ``"conditions"`` (of openlogos) or ``"index"``.
        place: the folder where it should be.
        message: one sentence that names the place and what to do.
    """

    def __init__(self, thing: Buildable, place: object, message: str) -> None:
        super().__init__(message)
        self.thing: Buildable = thing
        self.place = str(place)

    def __reduce__(self) -> tuple[type["NotBuiltError"], tuple[Buildable, str, str]]:
        return type(self), (self.thing, self.place, str(self))


class MissingExtraError(MarqueryError, ImportError):
    """A package is needed that only an extra of marquery brings.

    Args:
        what: what needs it, as the subject of a sentence: ``"training"``.
        module: what cannot be imported.
        extra: the extra that brings it; empty for one that no extra brings.
        without: what can be done without that extra; empty where nothing is to be said.
    """

    def __init__(self, what: str, module: str, extra: str, without: str = "") -> None:
        package = f"'marquery[{extra}]'" if extra else module
        also = f" ({without} without it)" if without else ""
        super().__init__(
            f"{what} needs {module}, which is not installed; run: pip install {package}{also}"
        )
        self.what = what
        self.module = module
        self.extra = extra
        self.without = without

    def __reduce__(self) -> tuple[type["MissingExtraError"], tuple[str, str, str, str]]:
        return type(self), (self.what, self.module, self.extra, self.without)


class UsageError(MarqueryError, ValueError):
    """The call was wrong, as opposed to a job that failed: an option has a value that cannot be
    used.

    >>> str(UsageError("k", "0 is less than 1", "ask for 1 hit or more"))
    'k: 0 is less than 1; ask for 1 hit or more'

    Args:
        option: name of the parameter, as Python spells it (``"image_size"``; of a nested value
            ``"optimizer.lr"``); None where no single option is to blame and ``problem`` says what
            is.
        problem: what is wrong, the offending value included.
        remedy: what to do instead; empty where the problem says it. Where it names another option
            it is a function of the front end's naming:
            ``lambda name: f"set {name('resume')} to continue it"``.
    """

    def __init__(self, option: str | None, problem: str, remedy: Remedy = "") -> None:
        super().__init__(option, problem)
        self.option = option
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return self.sentence()

    def sentence(self, naming: Naming = str) -> str:
        """The error as one sentence.

        Args:
            naming: what the front end calls an option; Python's own names by default.
        """
        remedy = self.remedy if isinstance(self.remedy, str) else self.remedy(naming)
        what = f"{self.problem}; {remedy}" if remedy else self.problem
        return as_unicode(what if self.option is None else f"{naming(self.option)}: {what}")

    def __reduce__(self) -> tuple[type["UsageError"], tuple[str | None, str, str]]:
        # It may come from another process; functions do not travel.
        remedy = self.remedy if isinstance(self.remedy, str) else self.remedy(str)
        return type(self), (self.option, self.problem, remedy)


def refused_value(found: Mapping[str, Any]) -> tuple[str, str]:
    """Problem and remedy of a value that pydantic refuses. Our own validators give both in the
    context, or raise ValueError with a sentence that has both.

    >>> refused_value({"type": "int_type", "input": "x", "msg": "Input should be an integer"})
    ("'x' cannot be used", 'input should be an integer')

    Args:
        found: an entry of ``ValidationError.errors()``.
    """
    message, told = str(found["msg"]), found.get("ctx", {})
    if "problem" in told:
        return told["problem"], told["remedy"]
    if found["type"] == "missing":
        return "is missing", "give it"
    if found["type"] == "value_error":
        return message.removeprefix("Value error, ").rstrip("."), ""
    # reprlib goes not far into what is nested deeply.
    return f"{reprlib.repr(found['input']):.40} cannot be used", message[0].lower() + message[1:]


class NotThereError(UsageError):
    """The call named a single thing that is not there, such as a version of an index or a saved
    search; see :class:`UsageError`.
    """


class ImageError(MarqueryError):
    """A file cannot be read as an image; ``path`` and ``reason`` are kept apart for reports.

    Args:
        path: of the file, kept as valid Unicode.
        reason: what is wrong and what to do.
        passing: the reason lies outside the file, in a permission, a missing extra or the memory at
            hand: the same file may be read another time.
    """

    def __init__(self, path: object, reason: str, *, passing: bool = False) -> None:
        shown = as_unicode(str(path))
        super().__init__(f"{shown}: {reason}")
        self.path = shown
        self.reason = reason
        self.passing = passing

    def __reduce__(self) -> tuple[Callable[..., "ImageError"], tuple[str, str]]:
        # Exceptions are rebuilt from their message otherwise, which has not the parts.
        return partial(type(self), passing=self.passing), (self.path, self.reason)
