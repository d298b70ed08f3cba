"""``marquery watch``: new logos that come too close to marks of an index."""

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from marquery.cli.store import Store, index_place
from marquery.console import say, say_skipped, tell
from marquery.errors import UsageError

if TYPE_CHECKING:
    from marquery.watch import Watched

#: Exit code of a watch that found conflicts to report.
FOUND = 3


def watch(
    new: Annotated[Path, typer.Option("--new", help="Folder of new logos, read recursively.")],
    out: Annotated[
        Path, typer.Option("--out", help="Folder for conflicts.csv and conflicts.html.")
    ],
    index: Annotated[
        str | None,
        typer.Argument(
            help="The index that holds the marks; left out with --store.", show_default=False
        ),
    ] = None,
    store: Store = None,
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            help="The marks to watch over: a folder that is in the index, or a filter such as "
            "'owner = Ada'; "
            "default all of the index.",
            show_default=False,
        ),
    ] = None,
    threshold: Annotated[
        str | None,
        typer.Option(
            "--threshold",
            help="Least probability of a conflict, or score=S; default 0.5.",
            show_default=False,
        ),
    ] = None,
    strategy: Annotated[
        str | None,
        typer.Option(
            "--strategy",
            help="As for search; others than auto and overall need --threshold score=S.",
            show_default=False,
        ),
    ] = None,
    most: Annotated[
        int, typer.Option("--most", min=1, help="Conflicts that are kept of one new logo.")
    ] = 50,
    queue: Annotated[
        str | None,
        typer.Option(
            "--queue",
            help="Name of a queue of the new logos in conflict, to be gone through on the page "
            "of: marquery serve.",
            show_default=False,
        ),
    ] = None,
    repeat: Annotated[
        bool, typer.Option("--all", help="Report what was reported before, too.")
    ] = False,
) -> None:
    """Report conflicts that were not reported before. Ends with 0 if there are none, 3 if there
    are.
    """
    from marquery.index import LogoIndex
    from marquery.progress import progress_bar
    from marquery.watch import check_out, parse_threshold, write_reports
    from marquery.watch import watch as run

    check_out(out)
    if queue is not None and not queue.strip():
        raise UsageError("queue", "is empty", "give the queue a name")
    marks = LogoIndex.open(index_place(index, store))
    if marks.version:  # a version that stays while another process writes
        marks = marks.at(marks.version)
    least = parse_threshold(threshold, strategy, marks)
    with ExitStack() as stack:

        def progress(count: int) -> Any:
            return stack.enter_context(progress_bar("watching", count))

        found = run(
            marks,
            new,
            least,
            against=against,
            strategy=strategy,
            repeat=repeat,
            most=most,
            progress=progress,
        )
    if queue is not None and found.conflicts:  # first: what is reported once is not told again
        _enqueue(marks.path, queue.strip(), found)
        say(f"queue {queue.strip()}: go through it on the page of marquery serve")
    table, page = write_reports(found, out)
    say_skipped(found.skipped)
    for path in found.crowded:
        say(f"{path}: more than {most} conflicts, the closest are kept; --most keeps more")
    say(
        f"{len(found.conflicts)} conflicts ({least}) of {found.looked_at} new logos with "
        f"{found.marks} marks; {found.known} reported before"
    )
    tell(table)
    tell(page)
    if found.conflicts:
        raise typer.Exit(FOUND)


def _enqueue(index: Path, name: str, found: "Watched") -> None:
    """Put the new logos in conflict into a queue, each with its conflicts."""
    from marquery.web.examiner.filings import queue_filings

    filings: dict[str, list[str]] = {}
    for conflict in found.conflicts:
        match = conflict.match
        line = f"{found.threshold.kind} {found.threshold.value(match):.3f}: {match.path}"
        filings.setdefault(conflict.logo.path, []).append(line)
    queue_filings(index, name, filings)
