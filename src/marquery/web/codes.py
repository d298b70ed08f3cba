"""Codes on the page: choices that the list which is shown leaves out."""

from collections.abc import Iterable, Sequence

from marquery.index.browsing.code_tree import BRANCH, Branch, is_branch, place_of


def left_out(branches: Sequence[Branch], chosen: Iterable[str]) -> list[str]:
    """Chosen values that no shown branch stands for: a form has to send them on.

    Args:
        branches: that are shown, with those below them.
        chosen: values of their column.
    """

    def meant(value: str) -> tuple[object, bool]:
        return place_of(value.removesuffix(BRANCH)), is_branch(value)

    shown = {meant(value) for branch in branches for value in branch.values()}
    return [value for value in chosen if value and meant(value) not in shown]
