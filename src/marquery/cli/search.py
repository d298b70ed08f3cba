"""``marquery search``: the logos of a folder that look most like one."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from marquery.cli.options import Model, say, say_skipped


def search(
    image: Annotated[Path, typer.Argument(help="The logo to look for.", show_default=False)],
    folder: Annotated[Path, typer.Option("--in", help="Folder of logos to search.")],
    model: Model,
    k: Annotated[int, typer.Option("-k", min=1, help="How many hits.")] = 20,
    sheet: Annotated[
        Path | None,
        typer.Option("--sheet", help="Contact sheet to write; default search-NAME.png here."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the hits as JSON.")] = False,
) -> None:
    """Print the best matches, one a line: rank, score, path. Embeddings of the folder are kept."""
    from marquery.images import SHEET_KEY, load_image

    picture = load_image(image)

    from contextlib import ExitStack

    from marquery.encoder import LogoEncoder
    from marquery.figures.canvas import save_picture
    from marquery.figures.retrieval import contact_sheet
    from marquery.progress import progress_bar
    from marquery.search import embed_folder, search_folder

    encoder = LogoEncoder.load(model)
    with ExitStack() as stack:
        gallery = embed_folder(
            encoder, folder, lambda count: stack.enter_context(progress_bar("embedding", count))
        )
    say_skipped(gallery.skipped)
    hits = search_folder(encoder.embed([picture])[0], gallery, k)
    if as_json:
        typer.echo(json.dumps([asdict(hit) for hit in hits], indent=2))
    else:
        for hit in hits:
            typer.echo(f"{hit.rank:>4}  {hit.score:.4f}  {hit.path}")
    out = sheet or Path(f"search-{image.stem}.png")
    save_picture(contact_sheet(image, hits), out, SHEET_KEY)
    say(f"contact sheet: {out}")
