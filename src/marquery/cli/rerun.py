"""``marquery rerun``: repeat a recorded search and say whether anything differs, and why."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from marquery.cli.store import index_place
from marquery.console import say, tell, tell_json

if TYPE_CHECKING:
    from marquery.searchreport import Differences, HitDifference

#: Exit code where anything differs.
DIFFERS = 3


def rerun(
    record: Annotated[
        Path, typer.Argument(help="JSON that search --report wrote.", show_default=False)
    ],
    index: Annotated[
        str | None,
        typer.Option(
            "--index",
            metavar="PATH",
            help="The index, if it is not where it was.",
            show_default=False,
        ),
    ] = None,
    latest: Annotated[
        bool, typer.Option("--latest", help="Search the index as it is now, not as it was.")
    ] = False,
    report: Annotated[
        list[Path] | None,
        typer.Option(
            "--report",
            help="Report of the repetition to write: .pdf, .html, .json or .csv. Repeatable.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what differs as JSON.")] = False,
) -> None:
    """Repeat a search. Ends with 0 if all is the same, with 3 if anything differs."""
    from marquery.index import LogoIndex
    from marquery.searchreport import check_report, read_record, write_report
    from marquery.searchreport import rerun as repeat

    for place in report or ():
        check_report(place)
    elsewhere = None if index is None else index_place(index, None)
    found = repeat(read_record(record), elsewhere, latest=latest)
    if as_json:
        tell_json(found.to_dict())
    else:
        for line in _lines(found):
            tell(line)
    for place in report or ():
        write_report(found.now, LogoIndex.open(found.now.index.path), place)
        say(f"report: {place}")
    if not found.same:
        raise typer.Exit(DIFFERS)


def _lines(found: "Differences") -> list[str]:
    now = found.now.index
    if found.same:
        head = (
            f"the same: {len(found.now.hits)} hits, index version {now.version}, {now.logos} logos"
        )
    else:
        counts = ((found.count(what), what) for what in ("came", "went", "changed", "moved"))
        head = "differs: " + ", ".join(f"{count} {what}" for count, what in counts)
    reasons = [f"  {reason}" for reason in found.reasons]
    return [head, *reasons, *(_line(hit) for hit in found.hits)]


def _line(hit: "HitDifference") -> str:
    def place(rank: int | None, score: float | None) -> str:
        return "-" if rank is None or score is None else f"{rank} ({score:.6f})"

    then, now = place(hit.rank_then, hit.score_then), place(hit.rank_now, hit.score_now)
    return f"{hit.what:>7}  {then} -> {now}  {hit.path}: {hit.why}"
