"""The watched marks: a selection of an index's logos."""

import os
from pathlib import Path

from marquery.errors import MarqueryError, UsageError
from marquery.index import LogoIndex


def portfolio_filter(index: LogoIndex, against: str | None) -> tuple[str | None, int]:
    """The filter that selects the portfolio in an index, and how many logos it selects.

    Args:
        index: that holds the marks.
        against: a folder whose logos are in the index, a filter on metadata, or None for the whole
            index.

    Raises:
        MarqueryError: logos of the folder are not in the index as they are now, or there are none.
        UsageError: neither a folder nor a filter.
    """
    where = against
    if against is not None and Path(against).is_dir():
        missing = index.pending(against)
        if missing:
            raise MarqueryError(
                f"{against}: {len(missing)} of its logos are not in {index.path} as they are now; "
                "add the folder to the index first"
            )
        root = os.path.abspath(against)  # noqa: PTH100 (links are kept as given)
        where = f"path ^= {_quoted(root + os.sep)}"
    try:
        count = index.count(where)
    except UsageError as error:
        raise UsageError(
            "against",
            f"{against} is no folder, and as a filter on {index.path} cannot be read "
            f"({error.problem})",
            "name a folder of the index, or write a filter such as owner = 'Ada'",
        ) from error
    if not count:
        raise MarqueryError(
            f"no logo of {index.path} "
            + ("is there" if against is None else f"fits {against}")
            + "; there is nothing to compare with"
        )
    return where, count


def _quoted(text: str) -> str:
    for quote in ('"', "'"):
        if quote not in text:
            return f"{quote}{text}{quote}"
    raise UsageError("against", f"{text} has both kinds of quotes in its name", "rename the folder")
