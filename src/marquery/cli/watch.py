"""``marquery watch``: new logos that come too close to marks of an index."""

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer

from marquery.cli.store import Store, index_place
from marquery.console import say, say_skipped, tell

#: Exit code of a watch that found conflicts to report.
FOUND = 3


def watch(
    new: Annotated[Path, typer.Option("--new", help="Folder of new logos, read recursively.")],
    out: Annotated[
        Path, typer.Option("--out", help="Folder for conflicts.csv and conflicts.html.")
    ],
    index: Annotated[
        Path | None,
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
            help="As for search; others than overall need --threshold score=S.",
            show_default=False,
        ),
    ] = None,
    most: Annotated[
        int, typer.Option("--most", min=1, help="Conflicts that are kept of one new logo.")
    ] = 50,
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
