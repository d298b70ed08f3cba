"""``marquery augment``: see what each operation makes of a logo."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from PIL import Image

from marquery.augment.registry import DONOR_OPERATIONS, LOGO_OPERATIONS, SEGMENT_OPERATIONS
from marquery.cli.options import GroupOption, Images, Seed, grouping
from marquery.console import say, tell
from marquery.errors import MarqueryError, UsageError

if TYPE_CHECKING:
    from marquery.augment._base import LogoTransform
    from marquery.segments import Group


def segment_rows() -> list[str]:
    """Rows that are drawn by default, in order; ``shade`` is ``color`` in its other style."""
    rows = [*SEGMENT_OPERATIONS, *DONOR_OPERATIONS]
    rows.insert(rows.index("color") + 1, "shade")
    return rows


def augment(
    images: Images,
    out: Annotated[Path, typer.Option("--out", help="Picture to write.")] = Path("augmented.png"),
    op: Annotated[
        list[str] | None,
        typer.Option(
            "--op",
            metavar="OPERATION",
            help=f"{', '.join([*segment_rows(), *LOGO_OPERATIONS])}; may be repeated. "
            "By default all that act on segments.",
        ),
    ] = None,
    group: GroupOption = "none",
    donor: Annotated[
        list[Path] | None,
        typer.Option(
            "--donor",
            help="Logo that swap takes parts from; may be repeated. By default the other images.",
        ),
    ] = None,
    draws: Annotated[
        int, typer.Option("--draws", min=1, max=50, help="Draws of each operation.")
    ] = 6,
    seed: Seed = 0,
) -> None:
    """Draw what operations make of logos: rows are operations, columns are draws.

    The row of swap is left out where there is no other logo to take parts from, and so are
    operations that cannot change the logo, which are named.
    """
    from marquery.images import load_image
    from marquery.visualization.canvas import check_picture

    check_picture(out, "out")
    rows = segment_rows()
    for name in op or ():
        if name not in rows and name not in LOGO_OPERATIONS:
            known = ", ".join([*rows, *LOGO_OPERATIONS])
            raise UsageError("op", f"{name!r} is no operation", f"name one of {known}")
    logos = [load_image(path) for path in images]
    named = [load_image(path) for path in donor or ()]

    from marquery.visualization.augmentations import changes, draw_augmentations
    from marquery.visualization.canvas import save_picture, stack

    pictures = []
    for k, logo in enumerate(logos):
        donors = named or logos[:k] + logos[k + 1 :]
        needy = [name for name in op or () if name in DONOR_OPERATIONS]
        if needy and not donors:
            raise UsageError(
                "op", f"{needy[0]} takes parts from other logos", "name more images, or --donor"
            )
        wanted = [name for name in op or rows if name not in DONOR_OPERATIONS or donors]
        ops = {name: _transform(name, donors, grouping(group)) for name in wanted}
        found = changes(logo, list(ops.values()), seed=seed)
        without = [name for name, can in zip(ops, found, strict=True) if not can]
        if len(without) == len(ops):
            raise MarqueryError(
                f"{images[k]}: {', '.join(without)} cannot change this logo; "
                "see its segments, and try another operation"
            )
        if without:
            say(f"{images[k]}: {', '.join(without)} cannot change this logo: left out")
        able = [op for op, can in zip(ops.values(), found, strict=True) if can]
        pictures.append(draw_augmentations([logo], able, draws=draws, seed=seed))
    save_picture(stack(pictures, gap=0), out)
    tell(out)


def _transform(name: str, donors: Sequence[Image.Image], group: "Group | None") -> "LogoTransform":
    """The operation of a row; operations on the logo as a whole have no groups."""
    from marquery.augment.paint import SegmentColor

    op: LogoTransform
    if name == "shade":
        op = SegmentColor(style="shade", group=group)
    elif name in DONOR_OPERATIONS:
        op = DONOR_OPERATIONS[name](donors, group=group)
    elif name in LOGO_OPERATIONS:
        op = LOGO_OPERATIONS[name]()
    else:
        op = SEGMENT_OPERATIONS[name](group=group)
    return op
