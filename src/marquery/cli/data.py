"""``marquery data``: build the open benchmark, check any data set."""

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from marquery.console import tell, tell_json

if TYPE_CHECKING:
    from marquery.datasets.check import CheckReport

# Of the unreadable files so many are printed; --json names all.
_SHOWN = 50

app = typer.Typer(help="Build and check data sets.", no_args_is_help=True, rich_markup_mode=None)


@app.command("openlogos", short_help="Build the open benchmark.")
def openlogos(
    out: Annotated[Path, typer.Argument(help="Folder to write.", show_default=False)],
    source: Annotated[
        Path | None,
        typer.Option("--from", help="Folder of tarballs fetched before; no network is used."),
    ] = None,
    edition: Annotated[
        int,
        typer.Option(
            "--edition",
            min=1,
            max=2,
            help="1: the collections that published figures stand on; 2: more, about 36,000 logos.",
        ),
    ] = 1,
    size: Annotated[
        int, typer.Option("--size", min=32, max=2048, help="Longest side of a logo, pixels.")
    ] = 256,
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, help="Processes; default: one a core.")
    ] = None,
    edits: Annotated[
        bool, typer.Option("--edits", help="Also write the evaluation set of edited logos.")
    ] = False,
    conditions: Annotated[
        bool,
        typer.Option(
            "--conditions",
            help="Also write the evaluation set of logos as they arrive: scanned, photographed, …",
        ),
    ] = False,
) -> None:
    """Build openlogos: about 19,000 brand icons from openly licensed collections, grouped by
    brand.
    """
    from marquery.datasets import build_openlogos

    report = build_openlogos(
        out, source_dir=source, edition=edition, size=size, jobs=jobs, progress=True
    )
    tell(
        f"{report.root}: {report.logos:,} logos, {report.groups:,} groups of two or more, "
        f"{report.rendered:,} rendered now, {report.dropped:,} without visible ink left out, "
        f"{report.seconds:.0f} s"
    )
    if edits:
        from marquery.datasets import build_edits

        made = build_edits(out, size=size, jobs=jobs, progress=True)
        tell(f"{out}: {len(made):,} edited logos")
    if conditions:
        from marquery.datasets import build_conditions

        arrived = build_conditions(out, source_dir=source, size=size, jobs=jobs, progress=True)
        tell(f"{out}: {len(arrived):,} logos in other conditions")


@app.command("fonts", short_help="Fetch typefaces that augmentation sets words in.")
def fonts(
    out: Annotated[
        Path | None,
        typer.Argument(
            help="Folder to write; default: where augmentation looks for them.", show_default=False
        ),
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option("--from", help="Folder of packages fetched before; no network is used."),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, help="Processes; default: one a core.")
    ] = None,
) -> None:
    """Fetch open typefaces (about 450 MB, kept: 30 MB) for the words that augmentation adds to
    logos.
    """
    from marquery.augment.lettering.typefaces import VARIABLE, fonts_folder
    from marquery.datasets.fonts import build_fonts

    folder = fonts_folder() if out is None else out
    made = build_fonts(folder, source_dir=source, jobs=jobs, progress=True)
    tell(
        f"{made.root}: {made.families:,} typefaces, {made.faces:,} font files, "
        f"{made.megabytes:.0f} MB, {made.seconds:.0f} s"
    )
    if made.root != fonts_folder():
        tell(f"augmentation uses them where {VARIABLE}={made.root} is set")


@app.command("check", short_help="Check a data set.")
def check(
    folder: Annotated[Path, typer.Argument(help="The data's folder.", show_default=False)],
    full: Annotated[
        bool,
        typer.Option("--full", help="Decode every file; otherwise headers and ends are read."),
    ] = False,
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, help="Files at a time; default: one a core.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Check METU, openlogos or a folder: counts, unreadable files, small groups, leaks. Code 1:
    problems.
    """
    from marquery.datasets.check import check_data
    from marquery.progress import Bar, Lines, progress_bar

    with ExitStack() as shown:

        def bar(count: int) -> Bar | Lines:
            return shown.enter_context(progress_bar("checking", count, unit="files"))

        report = check_data(folder, full, jobs, bar)
    if as_json:
        tell_json(report.to_dict(), indent=1)
    else:
        _print(report)
    if not report.ok:
        raise typer.Exit(1)


def _print(report: "CheckReport") -> None:
    depth = "every file decoded" if report.full else "headers read; --full decodes every file"
    tell(f"{report.folder}: {report.kind} ({depth}, {report.seconds:.0f} s)")
    width = max(len(name) for name in report.counts)
    for name, count in report.counts.items():
        wanted = report.expected.get(name)
        beside = "" if wanted is None else f"   METU v2: {wanted:,}"
        tell(f"  {name:<{width}}  {count:>9,}{beside}")
    for error in report.unreadable[:_SHOWN]:
        tell(f"unreadable: {error}")
    if len(report.unreadable) > _SHOWN:
        tell(f"unreadable: {len(report.unreadable) - _SHOWN:,} more; --json names all")
    for note in report.notes:
        tell(f"note: {note}")
    for problem in report.problems:
        tell(f"problem: {problem}")
    if report.ok:
        tell("no problems found")
