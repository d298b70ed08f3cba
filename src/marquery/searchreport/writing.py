"""Writing a search report; the file's extension decides the format."""

import os
from pathlib import Path

from marquery.errors import MarqueryError, UsageError
from marquery.files import write_atomically
from marquery.index import LogoIndex
from marquery.searchreport.csv_table import to_csv
from marquery.searchreport.html import to_html
from marquery.searchreport.pdf import need_typst, to_pdf
from marquery.searchreport.pictures import pictures_of
from marquery.searchreport.record import SearchRecord
from marquery.searchreport.view import view_of

#: File extensions of reports.
SUFFIXES = (".pdf", ".html", ".json", ".csv")


def check_report(path: str | os.PathLike[str]) -> None:
    """Refuse a file name that no report can have, or whose format needs what is not installed.

    Raises:
        UsageError: the ending names no format, or what the format needs is missing.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(
            "report",
            f"{os.fspath(path)} has no ending of a report",
            "give a name that ends in .pdf, .html, .json or .csv",
        )
    if suffix == ".pdf":
        need_typst()


def write_report(
    record: SearchRecord, index: LogoIndex | None, path: str | os.PathLike[str]
) -> None:
    """Write a record as a report: PDF or HTML to read, JSON to repeat it, CSV for a spreadsheet.

    Args:
        record: what to write.
        index: where the hits' pictures are; None leaves them out.
        path: a file ending in ``.pdf``, ``.html``, ``.json`` or ``.csv``; replaced when the report
            is whole.

    Raises:
        UsageError: another ending, or what a form needs is not installed.
        MarqueryError: the place cannot be written.
    """
    check_report(path)
    data = report_bytes(record, index, Path(path).suffix.lower())
    write_atomically(Path(path), lambda place: place.write_bytes(data))


def report_bytes(record: SearchRecord, index: LogoIndex | None, suffix: str) -> bytes:
    """A report as the content of a file, for a download.

    Args:
        record: what to write.
        index: where the hits' pictures are; None leaves them out.
        suffix: ``.pdf``, ``.html``, ``.json`` or ``.csv``.
    """
    check_report(f"report{suffix}")
    if suffix == ".json":
        return record.to_json().encode()
    if suffix == ".csv":
        return to_csv(record)
    pictures = pictures_of(record, _as_recorded(record, index))
    make = to_pdf if suffix == ".pdf" else to_html
    return make(record, view_of(record), pictures)


def _as_recorded(record: SearchRecord, index: LogoIndex | None) -> LogoIndex | None:
    """The index at the record's version, if it is still stored."""
    if index is None or index.version in (0, record.index.version):
        return index
    try:
        return LogoIndex.open(index.path, version=record.index.version)
    except MarqueryError:
        return index
