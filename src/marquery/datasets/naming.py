"""Names in messages: a few of them, and how many more there are."""

from collections.abc import Iterable

_NAMED = 8


def name_some(names: Iterable[str]) -> str:
    """A list of names, cut after a few."""
    every = sorted(names, key=lambda name: (len(name), name))
    rest = len(every) - _NAMED
    return ", ".join(every[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")
