"""``marquery embed``: vectors of images and folders, as parquet."""

from pathlib import Path
from typing import Annotated

import typer

from marquery.cli.options import Model, say, say_skipped


def embed(
    inputs: Annotated[list[Path], typer.Argument(help="Images and folders.", show_default=False)],
    model: Model,
    out: Annotated[Path, typer.Option("--out", help="Parquet file to write.")],
) -> None:
    """Embed images; columns: path, embedding. Unreadable files inside folders are skipped."""
    from marquery.search.embedding import check_parquet, collect_files, write_parquet

    named, found = collect_files(inputs)
    check_parquet(out)

    from marquery.encoder import LogoEncoder
    from marquery.errors import MarqueryError
    from marquery.images import load_image
    from marquery.progress import progress_bar
    from marquery.search import EmbeddedFiles, embed_files

    files = named + found
    if not files:
        raise MarqueryError(f"{', '.join(map(str, inputs))}: no images there")
    encoder = LogoEncoder.load(model)
    for path in named:  # an error, and told before the work
        load_image(path)
    with progress_bar("embedding", len(files)) as advance:
        embedded: EmbeddedFiles = embed_files(encoder, files, advance)
    say_skipped(embedded.skipped)
    write_parquet(embedded, out)
    say(f"{len(embedded.paths)} embeddings of {embedded.vectors.shape[1]} dimensions")
    typer.echo(out)
