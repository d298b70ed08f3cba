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
    from marquery.search.embedding import collect_files, write_parquet

    named, found = collect_files(inputs)

    from marquery.encoder import LogoEncoder
    from marquery.errors import MarqueryError
    from marquery.progress import progress_bar
    from marquery.search import EmbeddedFiles, embed_files

    files = named + found
    if not files:
        raise MarqueryError(f"{', '.join(map(str, inputs))}: no images there")
    encoder = LogoEncoder.load(model)
    with progress_bar("embedding", len(files)) as advance:
        embedded: EmbeddedFiles = embed_files(encoder, files, advance)
    unreadable = {error.path: error for error in embedded.skipped}
    for path in named:
        if str(path) in unreadable:
            raise unreadable[str(path)]
    say_skipped(embedded.skipped)
    write_parquet(embedded, out)
    say(f"{len(embedded.paths)} embeddings of {embedded.vectors.shape[1]} dimensions")
    typer.echo(out)
