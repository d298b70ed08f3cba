"""The printed report: PDF/A-3a and PDF/UA-1, with the record attached. It is typeset by Typst,
whose wheel includes fonts.
"""

import json
import warnings
from dataclasses import asdict
from datetime import UTC
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from marquery.errors import MarqueryError, UsageError
from marquery.searchreport.fonts import bring_to_fonts, lack, lack_and_remedy, report_fonts
from marquery.searchreport.pictures import Pictures
from marquery.searchreport.record import SearchRecord
from marquery.searchreport.view import View

if TYPE_CHECKING:
    from typst import PDFStandard

# For long-term archives, and for screen readers.
_STANDARDS: "list[PDFStandard]" = ["a-3a", "ua-1"]
# The template's main font; others are used for characters that it lacks.
_FONT = "Libertinus Serif"


def need_typst() -> None:
    """Refuse a PDF where Typst is not installed.

    Raises:
        UsageError: Typst is not installed.
    """
    if find_spec("typst") is None:
        raise UsageError("report", "a PDF needs Typst", "run: pip install 'marquery[report]'")


def to_pdf(record: SearchRecord, view: View, pictures: Pictures) -> bytes:
    """Typeset a record as PDF; the same bytes for the same record and fonts.

    Characters that no font at hand can draw stand as their numbers, which the report says, and a
    warning.

    Args:
        record: the search.
        view: texts and tables of the report.
        pictures: images of the query and the hits.

    Raises:
        UsageError: Typst is not installed.
        MarqueryError: it cannot set the record.
    """
    need_typst()
    import typst

    compiler = typst.Compiler(font_paths=report_fonts())

    def can_draw(text: str) -> bool:
        quoted = text.replace("\\", "\\\\").replace('"', '\\"')
        trial = f'#set document(title: "trial")\n#set text(font: "{_FONT}")\n#"{quoted}"'
        try:
            compiler.compile(trial.encode(), format="pdf", pdf_standards=_STANDARDS, timestamp=0)
        except typst.TypstError:
            return False
        return True

    with TemporaryDirectory(prefix="marquery-") as folder:
        root = Path(folder)
        template = files("marquery.searchreport").joinpath("templates", "report.typ")
        (root / "main.typ").write_text(template.read_text(encoding="utf-8"), encoding="utf-8")
        # The attached record is unchanged; only drawn text is adapted to the fonts.
        (root / "record.json").write_text(record.to_json(), encoding="utf-8")
        values = _values(record, view, pictures, root)
        values, unknown = bring_to_fonts(values, can_draw)
        values["lack"] = lack(unknown)
        (root / "view.json").write_text(json.dumps(values), encoding="utf-8")
        out = root / "report.pdf"
        try:
            compiler.compile(
                root / "main.typ",
                out,
                root=root,
                format="pdf",
                pdf_standards=_STANDARDS,
                timestamp=record.date.astimezone(UTC),
            )
        except typst.TypstError as error:
            raise MarqueryError(
                f"the report cannot be set as PDF ({error.message}); write it as HTML"
            ) from error
        if unknown:
            warnings.warn(lack_and_remedy(unknown), stacklevel=4)
        return out.read_bytes()


def _values(record: SearchRecord, view: View, pictures: Pictures, root: Path) -> dict[str, Any]:
    """What the template reads, its pictures written below ``root``."""

    def written(name: str, data: bytes | None) -> str | None:
        if data is None:
            return None
        (root / name).write_bytes(data)
        return name

    date = record.date.astimezone(UTC)
    values = asdict(view)
    for number, (query, data) in enumerate(zip(values["queries"], pictures.queries, strict=True)):
        query["file"] = written(f"query-{number}.png", data)
    for hit in values["hits"]:
        hit["file"] = written(f"hit-{hit['id']}.png", pictures.thumbnails.get(hit["id"]))
    for why in values["explanations"]:
        picture = record.explanations[why["id"]].picture
        why["file"] = written(f"why-{why['id']}.png", picture)
    return {
        **values,
        "part_file": written("part.png", pictures.part),
        "reference": record.reference,
        "examiner": record.examiner,
        "date": {"year": date.year, "month": date.month, "day": date.day}
        | {"hour": date.hour, "minute": date.minute, "second": date.second},
    }
