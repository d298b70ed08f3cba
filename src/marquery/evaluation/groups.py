"""Group labels of queries and gallery as small integers that can be compared."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from marquery.arrays import Int32Array
from marquery.errors import UsageError
from marquery.evaluation.inputs import as_list

#: Group names in whatever holds them (:func:`marquery.evaluation.inputs.as_list`): strings or
#: integers; "", None, NaN, pandas' NA and -1 mean unlabelled. The texts "-1" and "nan" are names.
Groups = Any
#: Code of items that are relevant to no query: unlabelled, or in a group without a query.
UNLABELLED = -1


def encode_groups(
    query_groups: Groups, gallery_groups: Groups
) -> tuple[Int32Array, Int32Array, list[str | int]]:
    """Number the groups of the queries and find the gallery items that belong to them.

    Args:
        query_groups: one group per query, strings or integers; ``""``, ``None``, NaN and
            ``-1`` are unlabelled. Whole numbers may be floats, as in a column with gaps.
        gallery_groups: one group per gallery item, of the same kind.

    Returns:
        int32 codes of shape (Q,) and (G,), and the group of each code in order of appearance. Code
        -1 stands for unlabelled and, in the gallery, for groups that no query belongs to.

    Raises:
        UsageError: a group is neither string nor integer, or strings meet integers.
    """
    query_groups = as_list(query_groups, "query_groups")
    gallery_groups = as_list(gallery_groups, "gallery_groups")
    codes: dict[str | int, int] = {}
    kinds: set[type] = set()
    queries = np.fromiter(
        (
            UNLABELLED if group is None else codes.setdefault(group, len(codes))
            for group in _checked(query_groups, kinds)
        ),
        dtype=np.int32,
        count=len(query_groups),
    )
    gallery = np.fromiter(
        (
            UNLABELLED if g is None else codes.get(g, UNLABELLED)
            for g in _checked(gallery_groups, kinds)
        ),
        dtype=np.int32,
        count=len(gallery_groups),
    )
    if len(kinds) > 1:
        raise UsageError(
            None,
            "the groups mix strings and integers, which never match",
            "give all groups as one kind",
        )
    return queries, gallery, list(codes)


def _checked(groups: Groups, kinds: set[type]) -> Iterable[str | int | None]:
    """The groups one by one as str or int, None for unlabelled; notes which kinds occur."""
    for group in groups:
        if isinstance(group, str):
            if group:
                kinds.add(str)
                yield str(group)
                continue
        elif isinstance(group, int | np.integer) and not isinstance(group, bool):
            if group != -1:
                kinds.add(int)
                yield int(group)
                continue
        elif isinstance(group, float | np.floating) and (np.isnan(group) or group == int(group)):
            if not np.isnan(group) and group != -1:
                kinds.add(int)
                yield int(group)
                continue
        elif group is not None and type(group).__name__ not in ("NAType", "NaTType"):
            raise UsageError(
                None,
                f"group {group!r} is neither a string nor an integer",
                'give strings or integers, "" or -1 for unlabelled',
            )
        yield None
