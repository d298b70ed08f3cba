"""``marquery reproduce``: the paper's table beside ours."""

from pathlib import Path
from typing import Annotated

import typer

from marquery.backbones import BACKBONES, timm_name
from marquery.cli.machines import On, cluster
from marquery.cli.options import check_data
from marquery.console import say, say_skipped, tell
from marquery.errors import UsageError


def reproduce(
    rows: Annotated[
        list[str] | None,
        typer.Option("--rows", help="Rows by name, comma-separated or repeated; default all."),
    ] = None,
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Seeds of each row.")] = 3,
    scale: Annotated[
        str, typer.Option("--scale", help="small: minutes a run on a CPU; full: the paper's.")
    ] = "small",
    data: Annotated[Path, typer.Option("--data", help="Folder of openlogos or of METU.")] = Path(
        "data/openlogos"
    ),
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder of the sweep; default runs/reproduce-SCALE."),
    ] = None,
    backbone: Annotated[
        str | None,
        typer.Option("--backbone", help=f"{', '.join(BACKBONES)}, or a timm name."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="Change a key of every row's recipe, e.g. steps=60."),
    ] = None,
    listing: Annotated[bool, typer.Option("--list", help="Print the rows and leave.")] = False,
    table: Annotated[
        bool, typer.Option("--table", help="Train nothing; write the page from what is done.")
    ] = False,
    on: On = None,
) -> None:
    """Train the rows of the paper's table and their rivals; write results.md, .csv, .json, .png.

    Can be killed and started again, and be started several times on one folder to share the work.
    """
    from marquery.paper.reproduce.rows import all_rows, choose_rows, load_scale

    if listing:
        for row in all_rows():
            tell(f"{row.key:28} {row.title}")
        return
    keys = [key for part in rows or () for key in part.split(",") if key]
    if rows and not keys:
        raise UsageError("rows", "names no row", "leave it out for all of them")
    chosen, plan = choose_rows(keys), load_scale(scale)
    overrides = list(settings or ())
    if backbone is not None:
        overrides.append(f"model.backbone={timm_name(backbone)}")
    check_data(data)
    machines = cluster(on)

    from marquery.paper.reproduce.sweep import Sweep, write_table

    folder = out or Path("runs") / f"reproduce-{scale}"
    sweep = Sweep.open(chosen, seeds, plan, data, folder, overrides)
    say_skipped(sweep.material.skipped)
    if not table:
        say(f"{len(sweep.tasks)} runs in {folder}, scale {scale}")
        if machines is None:
            busy = sweep.work(say)
        else:
            from marquery.paper.reproduce.spreading import work_on

            busy = work_on(machines, sweep, say)
        if busy:
            say(f"{busy} runs are being done by other processes; the page holds what is done")
    tell(write_table(sweep))
