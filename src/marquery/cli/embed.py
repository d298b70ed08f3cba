"""``marquery embed``: vectors of images and folders, as parquet."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from marquery.cli.machines import On, cluster
from marquery.cli.options import Model, place_of
from marquery.console import say, say_skipped, tell
from marquery.kinds import DEFAULT_ENCODER


class EngineOption(StrEnum):
    """What computes; docs/inference.md compares them."""

    auto = "auto"
    openvino = "openvino"
    onnxruntime = "onnxruntime"
    pytorch = "pytorch"


class PrecisionOption(StrEnum):
    """Of the arithmetic; the vectors are float32 always."""

    auto = "auto"
    float32 = "float32"
    bfloat16 = "bfloat16"


def embed(
    inputs: Annotated[
        list[str],
        typer.Argument(
            help="Images, folders, and addresses such as s3://bucket/logos.", show_default=False
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="Parquet file to write.")],
    model: Model = DEFAULT_ENCODER,
    engine: Annotated[
        EngineOption, typer.Option("--engine", help="auto: the fastest that is installed.")
    ] = EngineOption.auto,
    precision: Annotated[
        PrecisionOption,
        typer.Option("--precision", help="auto: bfloat16 where it was measured to do no harm."),
    ] = PrecisionOption.auto,
    on: On = None,
) -> None:
    """Embed images; columns: path, embedding. Unreadable files inside folders are skipped.

    A job that was killed goes on where it was when the same command is given again.
    """
    from marquery.embedding import check_table, collect_files

    named, found = collect_files(list(map(place_of, inputs)))
    check_table(out)
    machines = cluster(on)

    from marquery.embedding.table import TableJob
    from marquery.encoder import LogoEncoder
    from marquery.encoder.gpu import move_to_gpu
    from marquery.errors import MarqueryError
    from marquery.images import load_logo
    from marquery.progress import progress_bar

    files = named + found
    if not files:
        raise MarqueryError(
            f"{', '.join(inputs)}: no images there; name images, or folders of images"
        )
    encoder = LogoEncoder.load(model)
    for path in named:  # an error, and told before the work
        load_logo(path)
    if engine in (EngineOption.auto, EngineOption.pytorch) and machines is None:
        move_to_gpu(encoder)
    job = TableJob(
        encoder,
        files,
        out,
        engine=engine.value,
        precision=precision.value,
        machines=machines,
    )
    if job.done:
        say(f"{job.done} of {job.total} were embedded before")
    with progress_bar("embedding", job.total, start=job.done) as advance:
        written = job.run(advance)
    say_skipped(written.skipped)
    say(f"{written.rows} embeddings of {encoder.dim} dimensions ({job.engine_name})")
    tell(out)
