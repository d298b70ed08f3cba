"""``marquery search``: the logos of a folder or an index that look most like one."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from marquery.cli.explaining import as_png, explain_hits, write_explanations
from marquery.cli.options import say, say_skipped
from marquery.errors import UsageError
from marquery.kinds import DEFAULT_ENCODER

if TYPE_CHECKING:
    from PIL import Image

    from marquery.encoder import LogoEncoder
    from marquery.explanation import Explanation
    from marquery.search import Hit


def search(
    images: Annotated[
        list[Path] | None,
        typer.Argument(
            help="The logo to look for; with --index several images of it, or none with --words or --like.",
            show_default=False,
        ),
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--in", help="Folder of logos to search.", show_default=False)
    ] = None,
    index: Annotated[
        Path | None,
        typer.Option(
            "--index",
            help="Index to search, made by: marquery index build.",
            show_default=False,
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            help="With --in: default (in the package), a training run, a saved encoder, or timm:NAME. An index has its own.",
            show_default="default",
        ),
    ] = None,
    k: Annotated[int, typer.Option("-k", min=1, help="How many hits.")] = 20,
    part: Annotated[
        str | None,
        typer.Option(
            "--part",
            help="Rectangle x,y,w,h of the image, in pixels, to look for.",
            show_default=False,
        ),
    ] = None,
    words: Annotated[
        str | None,
        typer.Option(
            "--words",
            help="Words to look for, instead of those read in the image. Without --strategy: words alone if no "
            "image is given, else overall=1,words=0.5.",
            show_default=False,
        ),
    ] = None,
    strategy: Annotated[
        str | None,
        typer.Option(
            "--strategy",
            help="overall, part, figure, words, color, shape, or a mix such as overall=1,words=0.5.",
            show_default=False,
        ),
    ] = None,
    where: Annotated[
        str | None,
        typer.Option(
            "--where",
            help="Filter on metadata and words, such as: nice = 25 and words ~ cola",
            show_default=False,
        ),
    ] = None,
    like: Annotated[
        list[Path] | None,
        typer.Option("--like", help="Indexed logo that hits should be more like."),
    ] = None,
    unlike: Annotated[
        list[Path] | None,
        typer.Option("--unlike", help="Indexed logo that hits should be less like."),
    ] = None,
    exact: Annotated[
        bool, typer.Option("--exact", help="Compare with every logo of a large index.")
    ] = False,
    offset: Annotated[
        int, typer.Option("--offset", min=0, help="Hits to leave out: the next page.")
    ] = 0,
    at: Annotated[
        int | None,
        typer.Option("--at", help="Version of the index to search.", show_default=False),
    ] = None,
    sheet: Annotated[
        Path | None,
        typer.Option(
            "--sheet", help="Contact sheet to write; default with --in: search-NAME.png here."
        ),
    ] = None,
    report: Annotated[
        list[Path] | None,
        typer.Option(
            "--report",
            help="Report to write, by its ending: .pdf, .html, .csv, or .json for marquery rerun. Repeatable.",
        ),
    ] = None,
    explain: Annotated[
        Path | None,
        typer.Option(
            "--explain",
            help="Picture to write: what the first five hits and the logo have in common, and the share of the "
            "cosine of each part. Also in --json and --report.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the hits as JSON.")] = False,
) -> None:
    """Print the best matches, one a line: rank, score, path. Embeddings of the folder are kept."""
    images = images or []
    if (folder is None) == (index is None):
        raise UsageError("give either --in FOLDER or --index INDEX to say where to search")
    if index is None:
        asked = {
            "--part": part,
            "--words": words,
            "--strategy": strategy,
            "--where": where,
            "--like": like,
            "--unlike": unlike,
            "--exact": exact,
            "--offset": offset,
            "--at": at,
            "--report": report,
        }
        for name, value in asked.items():
            if value:
                raise UsageError(f"{name} needs --index; build one: marquery index build")
        if not images:
            raise UsageError("--in needs an image; name the logo to look for")
        if len(images) > 1:
            raise UsageError("several images need --index; give one image with --in")
    if explain is not None:
        from marquery.figures.canvas import check_picture

        if len(images) > 1:
            raise UsageError("--explain compares one image with each hit; give one image")
        check_picture(explain)
    if not images and (explain or sheet):
        raise UsageError(
            f"{'--explain' if explain else '--sheet'} shows the image looked for; give one"
        )
    if words is not None and strategy is None:
        strategy = "overall=1,words=0.5" if images else "words"
    box = None if part is None else _box(part)
    if report:
        from marquery.casefile import check_report

        for place in report:
            check_report(place)
    from marquery.images import load_image

    pictures = [load_image(image) for image in images]
    if folder is not None:
        encoder, hits = _in_folder(pictures[0], folder, model or DEFAULT_ENCODER, k)
        explained: dict[str, Explanation] = {}
        if explain is not None:
            explained = explain_hits(encoder, pictures[0], [hit.path for hit in hits])
            write_explanations(explained, explain)
        _print([asdict(hit) for hit in hits], as_json, explained)
        _write_sheet(images[0], hits, sheet or Path(f"search-{images[0].stem}.png"))
        return

    from marquery.index import LogoIndex
    from marquery.search.nearest import Hit

    collection = LogoIndex.open(index or "", encoder=model, version=at)
    if report:
        from marquery.casefile import at_one_version

        collection = at_one_version(collection)
    wanted: dict[str, Any] = {
        "k": k,
        "strategy": strategy,
        "part": box,
        "words": words,
        "where": where,
        "exact": exact,
        "offset": offset,
        "like": like or (),
        "unlike": unlike or (),
    }
    matches = collection.search(pictures, **wanted)
    explained = {}
    if explain is not None:
        explained = explain_hits(collection.encoder, pictures[0], [m.path for m in matches], box)
        write_explanations(explained, explain)
    _print([asdict(match) for match in matches], as_json, explained)
    if not matches and strategy == "words":
        say("no hit: no words were found in the image, or none like them; --words TEXT gives them")
    say(f"index version {collection.version}, {len(collection)} logos")
    if sheet is not None:
        _write_sheet(images[0], [Hit(m.rank, m.score, m.path) for m in matches], sheet)
    if report:
        from marquery.casefile import record_search, write_report

        record = record_search(
            collection,
            images,
            matches,
            **wanted,
            explanations={
                match.id: {
                    "facts": explained[match.path].to_dict(),
                    "picture": as_png(explained[match.path]),
                }
                for match in matches
                if match.path in explained
            },
        )
        for place in report:
            write_report(record, collection, place)
            say(f"report: {place}")


def _in_folder(
    picture: "Image.Image", folder: Path, model: str, k: int
) -> "tuple[LogoEncoder, list[Hit]]":
    from contextlib import ExitStack

    from marquery.encoder import LogoEncoder
    from marquery.progress import progress_bar
    from marquery.search import embed_folder, search_folder

    encoder = LogoEncoder.load(model)
    with ExitStack() as stack:
        gallery = embed_folder(
            encoder, folder, lambda count: stack.enter_context(progress_bar("embedding", count))
        )
    say_skipped(gallery.skipped)
    return encoder, search_folder(encoder.embed([picture])[0], gallery, k)


def _print(
    hits: Sequence[dict[str, Any]], as_json: bool, explained: "dict[str, Explanation]"
) -> None:
    if as_json:
        for hit in hits:
            if hit["path"] in explained:
                hit["explanation"] = explained[hit["path"]].to_dict()
        typer.echo(json.dumps(hits, indent=2))
        return
    for hit in hits:
        typer.echo(f"{hit['rank']:>4}  {hit['score']:.4f}  {hit['path']}")


def _write_sheet(image: Path, hits: "Sequence[Hit]", out: Path) -> None:
    from marquery.figures.canvas import save_picture
    from marquery.figures.retrieval import contact_sheet
    from marquery.images import SHEET_KEY

    save_picture(contact_sheet(image, hits), out, SHEET_KEY)
    say(f"contact sheet: {out}")


def _box(text: str) -> tuple[int, int, int, int]:
    try:
        x, y, width, height = (int(v) for v in text.split(","))
    except ValueError as error:
        raise UsageError(
            f"--part {text}: give four whole numbers x,y,w,h in pixels of the image"
        ) from error
    return x, y, width, height
