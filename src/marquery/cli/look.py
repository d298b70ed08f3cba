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
    from marquery.figures import draw_segmentation, save_picture, stack
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
    from marquery.figures import draw_augmentations, save_picture, stack
    from marquery.images import load_image

    pictures = [draw_augmentations(load_image(path), draws=draws, seed=seed) for path in images]
    save_picture(stack(pictures), out)
    typer.echo(out)
