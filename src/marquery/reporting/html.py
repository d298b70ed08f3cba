"""An HTML report in one file: pictures are embedded, nothing is fetched."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from marquery.comparison.methods import MethodResult
from marquery.evaluation.registry import table_titles
from marquery.files import write_atomically
from marquery.reporting.printing import show, table_rows
from marquery.templates import make_environment


@dataclass(frozen=True)
class Figure:
    """A PNG file with its caption."""

    file: Path
    caption: str

    @property
    def alt(self) -> str:
        """Text for those who cannot see the picture."""
        return self.caption

    @property
    def data(self) -> str:
        """The picture as a data address."""
        return "data:image/png;base64," + base64.b64encode(self.file.read_bytes()).decode()


@dataclass(frozen=True)
class TableRow:
    """Cells as (value, interval), and whether it is the row the report is about."""

    cells: list[tuple[str, str]]
    ours: bool = False


@dataclass(frozen=True)
class Table:
    """A table with its caption."""

    caption: str
    head: list[str]
    rows: list[TableRow]


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it, in this order."""

    title: str
    paragraphs: Sequence[str] = ()
    tables: Sequence[Table] = ()
    figures: Sequence[Figure] = ()
    listing: str = field(default="")


def result_tables(rows: Sequence[MethodResult], ours: str) -> list[Table]:
    """The registered metrics of each method with intervals: all queries, then each stratum."""
    tables = []
    for title, pairs in table_rows(rows):
        heads = table_titles(pairs[0][1].means)
        head = ["method", *heads.values()]
        body = [
            TableRow([(name, ""), *(show(result, m) for m in heads)], name == ours)
            for name, result in pairs
        ]
        tables.append(Table(title, head, body))
    return tables


def write_report(out: Path, title: str, lead: str, sections: Sequence[Section]) -> None:
    """Render the report.

    Args:
        out: the file.
        title: of the page.
        lead: the paragraph below it.
        sections: of the page.

    Raises:
        UsageError: Jinja is not installed.
        MarqueryError: the place cannot be written.
    """
    environment = make_environment("marquery.reporting", "serve", trim=False)
    page = environment.get_template("report.html.j2").render(
        title=title, lead=lead, sections=sections
    )
    write_atomically(out, lambda path: path.write_text(page, encoding="utf-8"))
