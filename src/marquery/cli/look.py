"""``marquery segment`` and ``marquery augment``: see what the method does to a logo."""

from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from marquery.cli.options import Images, Seed
from marquery.errors import UsageError

if TYPE_CHECKING:
    from marquery.augment import SegmentTransform
    from marquery.segments import Group


class Op(Enum):
    """What ``--op`` names, in the order in which the rows are drawn."""

    color = "color"
    shade = "shade"
    remove = "remove"
    rotate = "rotate"
    scale = "scale"
    translate = "translate"
    mirror = "mirror"
    duplicate = "duplicate"
    exchange = "exchange"
    swap = "swap"


Grouping = Literal["none", "glyphs", "proximity"]

GroupOption = Annotated[
    Grouping,
    typer.Option(
        "--group",
        help="Make parts of several segments: glyphs (words), proximity (words and what is near).",
    ),
]


def segment(
    images: Images,
    out: Annotated[Path, typer.Option("--out", help="Picture to write.")] = Path("segments.png"),
    mode: Annotated[
        Literal["color", "foreground"],
        typer.Option(
            "--mode",
            help="color: regions of one paint; foreground: connected regions of non-background.",
        ),
    ] = "color",
    group: GroupOption = "none",
) -> None:
    """Draw the segments of logos in distinct colours, numbered, beside the logo."""
    from marquery.images import load_image
    from marquery.visualization.canvas import save_picture, stack
    from marquery.visualization.segments import draw_segmentation

    pictures = [
        draw_segmentation(load_image(path), mode=mode, group=_group(group)) for path in images
    ]
    save_picture(stack(pictures), out)
    typer.echo(out)


def augment(
    images: Images,
    out: Annotated[Path, typer.Option("--out", help="Picture to write.")] = Path("augmented.png"),
    op: Annotated[
        list[Op] | None,
        typer.Option("--op", help="Operation to draw; may be repeated. By default all of them."),
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
    """Draw what each segment operation makes of logos: rows are operations, columns are draws.

    The row of swap is left out where there is no other logo to take parts from.
    """
    from marquery.images import load_image
    from marquery.visualization.canvas import save_picture, stack
    from marquery.visualization.segments import draw_augmentations

    logos = [load_image(path) for path in images]
    named = [load_image(path) for path in donor or ()]
    pictures = []
    for k, logo in enumerate(logos):
        donors = named or logos[:k] + logos[k + 1 :]
        if op and Op.swap in op and not donors:
            raise UsageError(
                "op", "swap takes parts from other logos", "name more images, or --donor"
            )
        wanted = [name for name in op or Op if name is not Op.swap or donors]
        ops = [_transform(name, donors, _group(group)) for name in wanted]
        pictures.append(draw_augmentations([logo], ops, draws=draws, seed=seed))
    save_picture(stack(pictures, gap=0), out)
    typer.echo(out)


def _group(name: Grouping) -> "Group | None":
    return None if name == "none" else name


def _transform(name: Op, donors: Sequence[Any], group: "Group | None") -> "SegmentTransform":
    from marquery import augment as A

    if name is Op.shade:
        return A.SegmentColor(style="shade", group=group)
    if name is Op.swap:
        return A.SegmentSwap(donors, group=group)
    return A.SEGMENT_OPERATIONS[name.value](group=group)
