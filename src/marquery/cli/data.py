"""``marquery data``: build the open benchmark."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Build data sets.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Keep ``data`` a group of commands."""


@app.command("openlogos")
def openlogos(
    out: Annotated[Path, typer.Argument(help="Folder to write.", show_default=False)],
    source: Annotated[
        Path | None,
        typer.Option("--from", help="Folder of tarballs fetched before; no network is used."),
    ] = None,
    size: Annotated[
        int, typer.Option("--size", min=32, max=2048, help="Longest side of a logo, pixels.")
    ] = 256,
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, help="Processes; default: one a core.")
    ] = None,
    edits: Annotated[
        bool, typer.Option("--edits", help="Also write the evaluation set of edited logos.")
    ] = False,
) -> None:
    """Build openlogos: about 19,000 brand icons from openly licensed collections, grouped by brand."""
    from marquery.datasets import build_openlogos

    report = build_openlogos(out, source_dir=source, size=size, jobs=jobs, progress=True)
    typer.echo(
        f"{report.root}: {report.logos:,} logos, {report.groups:,} groups of two or more, "
        f"{report.rendered:,} rendered now, {report.dropped:,} without visible ink left out, "
        f"{report.seconds:.0f} s"
    )
    if edits:
        from marquery.datasets import build_edits

        made = build_edits(out, size=size, jobs=jobs, progress=True)
        typer.echo(f"{out}: {len(made):,} edited logos")
