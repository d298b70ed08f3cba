"""The options of ``marquery search``: what each is called, and which go together."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from marquery.errors import UsageError
from marquery.index.strategies.registry import strategy_names

Images = Annotated[
    list[Path] | None,
    typer.Argument(
        help="The logo to look for; with --index several images of it, or none with --words or "
        "--like.",
        show_default=False,
    ),
]
Folder = Annotated[
    Path | None, typer.Option("--in", help="Folder of logos to search.", show_default=False)
]
Index = Annotated[
    str | None,
    typer.Option(
        "--index",
        metavar="PATH",
        help="Index to search, made by: marquery index build.",
        show_default=False,
    ),
]
Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        help="With --in: default (in the package), a training run, a saved encoder, or timm:NAME. "
        "An index has its own.",
        show_default="default",
    ),
]
Count = Annotated[int, typer.Option("-k", min=1, help="How many hits.")]
Part = Annotated[
    str | None,
    typer.Option(
        "--part",
        help="Rectangle x,y,w,h of the image, in pixels, to look for.",
        show_default=False,
    ),
]
Words = Annotated[
    str | None,
    typer.Option(
        "--words",
        help="Words to look for, instead of those read in the image. Without --strategy: words "
        "alone if no image is given, else auto.",
        show_default=False,
    ),
]
WordsFrom = Annotated[
    str | None,
    typer.Option(
        "--words-from",
        metavar="COLUMN",
        help="Column of the metadata with the marks' words, searched together with those that were "
        "read. Default: the one that the index was built with.",
        show_default=False,
    ),
]
Strategy = Annotated[
    str | None,
    typer.Option(
        "--strategy",
        help=f"{', '.join(strategy_names())}, or a mix such as overall=1,words=0.5. Default: auto; "
        "part with --part; overall with --like.",
        show_default=False,
    ),
]
Where = Annotated[
    str | None,
    typer.Option(
        "--where",
        help="Filter on metadata and words, such as: nice = 25 and words ~ cola",
        show_default=False,
    ),
]
Like = Annotated[
    list[str] | None, typer.Option("--like", help="Indexed logo that hits should be more like.")
]
Unlike = Annotated[
    list[str] | None, typer.Option("--unlike", help="Indexed logo that hits should be less like.")
]
Exact = Annotated[bool, typer.Option("--exact", help="Compare with every logo of a large index.")]
Turned = Annotated[
    bool,
    typer.Option(
        "--turned", help="Look for the image turned in steps of 45° and mirrored, too; slower."
    ),
]
Offset = Annotated[int, typer.Option("--offset", min=0, help="Hits to leave out: the next page.")]
Version = Annotated[
    int | None, typer.Option("--at", help="Version of the index to search.", show_default=False)
]
Sheet = Annotated[
    Path | None,
    typer.Option(
        "--sheet", help="Contact sheet to write; default with --in: search-NAME.png here."
    ),
]
Report = Annotated[
    list[Path] | None,
    typer.Option(
        "--report",
        help="Report to write, by its ending: .pdf, .html, .csv, or .json for marquery rerun. "
        "Repeatable.",
    ),
]
Reference = Annotated[
    str | None,
    typer.Option(
        "--reference",
        help="With --report: the office's number of the case, to stand in it.",
        show_default=False,
    ),
]
Examiner = Annotated[
    str | None,
    typer.Option(
        "--examiner", help="With --report: who searches, to stand in it.", show_default=False
    ),
]
Explain = Annotated[
    Path | None,
    typer.Option(
        "--explain",
        help="Picture to write: what the first five hits and the logo have in common, and the "
        "share of the "
        "cosine of each part. Also in --json and --report.",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the hits as JSON.")]


@dataclass(frozen=True)
class Asked:
    """All that was given on the command's line."""

    images: list[Path]
    folder: Path | None
    index: Path | str | None
    model: str | None
    k: int
    part: str | None
    words: str | None
    words_from: str | None
    strategy: str | None
    where: str | None
    like: list[Path | str]
    unlike: list[Path | str]
    exact: bool
    turned: bool
    offset: int
    at: int | None
    sheet: Path | None
    report: list[Path]
    reference: str | None
    examiner: str | None
    explain: Path | None
    as_json: bool

    @property
    def search(self) -> dict[str, Any]:
        """What :meth:`marquery.index.LogoIndex.search` and the record of a search both take.

        Raises:
            UsageError: the rectangle cannot be understood.
        """
        from marquery.boxes import parse_box

        return {
            "k": self.k,
            "strategy": self.strategy,
            "part": None if self.part is None else parse_box(self.part, "part"),
            "words": self.words,
            "where": self.where,
            "exact": self.exact,
            "turned": self.turned,
            "offset": self.offset,
            "like": self.like,
            "unlike": self.unlike,
        }


def check(asked: Asked) -> None:
    """Refuse options that do not go together before anything is loaded; raises UsageError."""
    if (asked.folder is None) == (asked.index is None):
        raise UsageError(
            None, "it is not said where to search", "give either --in FOLDER or --index INDEX"
        )
    if asked.index is None:
        _check_folder(asked)
    if asked.explain is not None and len(asked.images) > 1:
        raise UsageError(
            "explain", "one image is compared with each hit, and several are given", "give one"
        )
    for name, value in (("explain", asked.explain), ("sheet", asked.sheet)):
        if value is not None and not asked.images:
            raise UsageError(name, "the picture shows the image that is looked for", "give one")
    for name, text in (("reference", asked.reference), ("examiner", asked.examiner)):
        if text is not None and not asked.report:
            raise UsageError(name, "stands in the report", "say where to write it with --report")
    _ = asked.search
    for name, value in (("explain", asked.explain), ("sheet", asked.sheet)):
        if value is not None:
            from marquery.visualization.canvas import check_picture

            check_picture(value, name)
    if asked.report:
        from marquery.searchreport import check_report

        for place in asked.report:
            check_report(place)


def _check_folder(asked: Asked) -> None:
    """A folder is searched by whole logos alone."""
    of_an_index = {
        "part": asked.part,
        "words": asked.words,
        "words_from": asked.words_from,
        "strategy": asked.strategy,
        "where": asked.where,
        "like": asked.like,
        "unlike": asked.unlike,
        "exact": asked.exact,
        "turned": asked.turned,
        "offset": asked.offset,
        "at": asked.at,
        "report": asked.report,
    }
    for name, value in of_an_index.items():
        if value:
            raise UsageError(name, "needs --index", "build an index with: marquery index build")
    if len(asked.images) != 1:
        raise UsageError(
            "images", f"--in takes one image, and {len(asked.images)} are given", "give one"
        )
