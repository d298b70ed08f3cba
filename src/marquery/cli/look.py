"""``marquery segment`` and ``marquery augment``: see what the method does to a logo."""

from pathlib import Path
from typing import Annotated

import typer

from marquery.cli.options import Images, Seed


def segment(
    images: Images,
    out: Annotated[Path, typer.Option("--out", help="Picture to write.")] = Path("segments.png"),
) -> None:
    """Draw the segments of logos in distinct colours, numbered, beside the logo."""
    from marquery.figures.canvas import save_picture, stack
    from marquery.figures.segments import draw_segmentation
    from marquery.images import load_image

    pictures = [draw_segmentation(load_image(path)) for path in images]
    save_picture(stack(pictures), out)
    typer.echo(out)


def augment(
    images: Images,
    out: Annotated[Path, typer.Option("--out", help="Picture to write.")] = Path("augmented.png"),
    draws: Annotated[
        int, typer.Option("--draws", min=1, max=50, help="Draws of each operation.")
    ] = 6,
    seed: Seed = 0,
) -> None:
    """Draw what each segment operation makes of logos: rows are operations, columns are draws."""
    from marquery.augment import SegmentColor, SegmentRemove, SegmentRotate, SegmentScale
    from marquery.figures.canvas import save_picture
    from marquery.figures.segments import draw_augmentations
    from marquery.images import load_image

    ops = [SegmentColor(), SegmentRemove(), SegmentRotate(), SegmentScale()]
    logos = [load_image(path) for path in images]
    save_picture(draw_augmentations(logos, ops, draws=draws, seed=seed), out)
    typer.echo(out)
