"""``marquery index``: build and keep a collection of logos to search in."""

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from marquery.cli.machines import On, cluster
from marquery.cli.options import place_of
from marquery.cli.store import Store, index_place
from marquery.console import say, say_skipped, tell, tell_json
from marquery.kinds import DEFAULT_ENCODER

if TYPE_CHECKING:
    from marquery.index import ChangeSummary, LogoIndex
    from marquery.processes import Machines

app = typer.Typer(no_args_is_help=True, help="Build and keep a collection of logos to search in.")

Place = Annotated[
    str | None,
    typer.Argument(help="The index's folder; left out with --store.", show_default=False),
]
_LOGOS = "Folder of logos, or an address such as s3://bucket/logos, read recursively."
Root = Annotated[str | None, typer.Argument(help=_LOGOS, show_default=False)]
Folder = Annotated[str, typer.Argument(help=_LOGOS)]
Meta = Annotated[
    Path | None,
    typer.Option("--meta", help="CSV with a column path and any others; lists split at ';'."),
]
Types = Annotated[
    str | None,
    typer.Option(
        "--types",
        metavar="COLUMN=TYPE,...",
        help="Types of columns: text, integer, number, list or date. Without, whole numbers, "
        "dates and lists are told from the cells, all else is text.",
    ),
]


@app.command("build", short_help="Make an index of a folder.")
def build(
    folder: Folder,
    out: Annotated[
        str | None,
        typer.Option("--out", metavar="PATH", help="Folder of the index.", show_default=False),
    ] = None,
    store: Store = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            help="default (in the package), a training run, a saved encoder, or timm:NAME; an "
            "index that was begun has its own.",
            show_default="default",
        ),
    ] = None,
    meta: Meta = None,
    types: Types = None,
    words: Annotated[
        bool, typer.Option("--words/--no-words", help="Read the words of logos (RapidOCR).")
    ] = True,
    words_from: Annotated[
        str | None,
        typer.Option(
            "--words-from",
            metavar="COLUMN",
            help="Column of the metadata with the marks' words, searched together with those that "
            "are read.",
            show_default=False,
        ),
    ] = None,
    on: On = None,
) -> None:
    """Make an index of a folder; a build that was killed goes on when the same command is given
    again.
    """
    from marquery.errors import MarqueryError, NotBuiltError

    logos = place_of(folder)
    if isinstance(logos, Path) and not logos.is_dir():
        raise MarqueryError(f"{folder}: no such folder; name an existing folder of images")
    from marquery.index import LogoIndex

    place = index_place(out, store, "out")
    machines = cluster(on)
    try:
        index = LogoIndex.open(place, encoder=model)
    except NotBuiltError:
        _check_words_column(words_from, meta)
        index = LogoIndex.create(
            place, encoder=model or DEFAULT_ENCODER, words=words, words_from=words_from
        )
    else:
        _check_same_words_column(index, words_from)
    _update(index, "add", logos, meta, types, machines)


@app.command("add", short_help="Add new and changed logos of a folder.")
def add(
    index: Place = None,
    folder: Root = None,
    store: Store = None,
    meta: Meta = None,
    types: Types = None,
    on: On = None,
) -> None:
    """Add a folder's logos; files that have not changed are not embedded again."""
    _change("add", index, folder, store, meta, types, on)


@app.command("rescan", short_help="Bring an index up to date with a folder.")
def rescan(
    index: Place = None,
    folder: Root = None,
    store: Store = None,
    meta: Meta = None,
    types: Types = None,
) -> None:
    """Bring the index up to date with a folder: new and changed logos in, gone ones out."""
    _change("rescan", index, folder, store, meta, types)


@app.command("remove")
def remove(
    index: Place = None,
    paths: Annotated[
        list[str] | None, typer.Argument(help="Logos, or folders.", show_default=False)
    ] = None,
    store: Store = None,
) -> None:
    """Take logos out of the index; the files stay."""
    from marquery.errors import UsageError
    from marquery.index import LogoIndex

    several = list(paths or [])
    if store is not None and index is not None:
        several.insert(0, index)
        index = None
    if not several:
        raise UsageError("paths", "is missing", "give it")
    opened = LogoIndex.open(index_place(index, store))
    tell(f"removed {opened.remove(list(map(place_of, several))).removed}")


@app.command("status", short_help="Say what an index holds.")
def status(
    index: Place = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
    store: Store = None,
) -> None:
    """Say what an index holds, what it was made with, and which files could not be read."""
    from marquery.index import LogoIndex

    info = LogoIndex.open(index_place(index, store)).status()
    if as_json:
        tell_json(info)
        return
    for name, value in info.items():
        if name == "skipped":
            tell(f"skipped: {len(value)}")
            for path, reason in value.items():
                tell(f"  {path}: {reason}")
        elif name == "columns":
            tell(f"columns: {', '.join(f'{n} ({kind})' for n, kind in value.items()) or '-'}")
        else:
            tell(f"{name.replace('_', ' ')}: {value}")


def _check_words_column(words_from: str | None, meta: Path | None) -> None:
    """A name that the metadata has not, before an index is made that keeps it."""
    if words_from is None:
        return
    from marquery.errors import UsageError
    from marquery.index.metadata.csv_lines import read_lines
    from marquery.index.metadata.types import column_names
    from marquery.index.searching import check_words_column

    if meta is None:
        raise UsageError(
            "words_from", "there is no metadata that it is of", "give the file, too, with --meta"
        )
    names = column_names(meta, read_lines(meta)[0])
    check_words_column(words_from, {name: "text" for name in names if name != "path"})


def _check_same_words_column(index: "LogoIndex", words_from: str | None) -> None:
    from marquery.errors import UsageError
    from marquery.index.metadata.types import column_name

    if words_from is not None and column_name(words_from) != index.words_from:
        made = "without" if index.words_from is None else f"with {index.words_from}"
        raise UsageError(
            "words_from",
            f"{index.name} was made {made}",
            "leave it out, give it to the search, or build a new index",
        )


def _change(
    how: str,
    index: str | None,
    folder: str | None,
    store: str | None,
    meta: Path | None,
    types: str | None,
    on: str | None = None,
) -> None:
    from marquery.errors import UsageError
    from marquery.index import LogoIndex

    if store is not None and folder is None:  # the only argument is the folder then
        index, folder = None, index
    if folder is None:
        raise UsageError("folder" if index is not None else "index", "is missing", "give it")
    opened = LogoIndex.open(index_place(index, store))
    _update(opened, how, place_of(folder), meta, types, cluster(on))


def _update(
    index: "LogoIndex",
    how: str,
    folder: Path | str,
    meta: Path | None,
    types: str | None,
    machines: "Machines | None" = None,
) -> None:
    from marquery.progress import progress_bar
    from marquery.segments.compiled import was_compiled

    with ExitStack() as stack:

        def progress(count: int) -> Any:
            if count and machines is None and not was_compiled():
                say("the first logo takes up to a minute: it compiles the segmenter, once")
            return stack.enter_context(progress_bar("indexing", count))

        change = index.rescan if how == "rescan" else index.add
        report = change(folder, meta=meta, types=types, progress=progress, on=machines)
    _tell(index, report)


def _tell(index: "LogoIndex", report: "ChangeSummary") -> None:
    for path, other in report.duplicates[:10]:
        say(f"  {path}: same file as {other}")
    if report.duplicates:
        say(f"{len(report.duplicates)} exact duplicates, indexed like the others")
    say_skipped(report.skipped)
    if report.no_words is not None:
        say(f"words are not read: {report.no_words}")
    if report.words_read:
        say(f"read the words of {report.words_read} logos that were indexed without")
    if report.joined:
        say(f"some logos have several rows, so these columns are lists: {', '.join(report.joined)}")
    if report.unmatched:
        say(f"{report.unmatched} rows of the metadata are about no logo of the index")
    counts = {
        "added": report.added,
        "updated": report.updated,
        "removed": report.removed,
        "unchanged": report.unchanged,
        "described anew": report.described,
    }
    tell(f"{len(index)} logos: " + ", ".join(f"{n} {name}" for name, n in counts.items()))
