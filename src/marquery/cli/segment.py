"""``marquery segment``: see the segments of a logo."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from marquery.cli.options import GroupOption, Images, grouping
from marquery.console import tell


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
        draw_segmentation(load_image(path), mode=mode, group=grouping(group)) for path in images
    ]
    save_picture(stack(pictures), out)
    tell(out)
