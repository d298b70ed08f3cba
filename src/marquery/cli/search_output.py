"""What ``marquery search`` prints and writes: lines or JSON, pictures, reports."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marquery.cli.explaining import as_png, write_explanations
from marquery.cli.search_options import Asked
from marquery.cli.search_query import InFolder, InIndex
from marquery.console import say, tell, tell_json

if TYPE_CHECKING:
    from marquery.embedding import Hit
    from marquery.explanation import Explanation


def show_folder(asked: Asked, found: InFolder) -> None:
    """Hits, explanation, contact sheet."""
    _show(asked, [asdict(hit) for hit in found.hits], found.explained, {})
    image = asked.images[0]
    _write_sheet(image, found.hits, asked.sheet or Path(f"search-{image.stem}.png"))


def show_index(asked: Asked, found: InIndex) -> None:
    """Hits, explanation, the index's state; contact sheet and reports that were asked for."""
    named = {"register": found.index.words_from, "read": "as read"}
    shown = named if found.index.words_from is not None else {}
    _show(asked, [asdict(match) for match in found.hits], found.explained, shown)
    by_words = asked.search["strategy"] == "words" or (asked.words and not asked.images)
    if not found.hits and by_words:
        say("no hit: no words were found in the image, or none like them; --words TEXT gives them")
    say(f"index version {found.index.version}, {len(found.index)} logos")
    if asked.sheet is not None:
        from marquery.embedding import Hit

        hits = [Hit(match.rank, match.score, match.path) for match in found.hits]
        _write_sheet(asked.images[0], hits, asked.sheet)
    if asked.report:
        _write_reports(asked, found)


def _show(
    asked: Asked,
    hits: Sequence[dict[str, Any]],
    explained: "dict[str, Explanation]",
    words: Mapping[str, str | None],
) -> None:
    """Print the hits, and write their explanations.

    Args:
        asked: the command's options.
        hits: as JSON has them.
        explained: by path.
        words: what words that a hit was found by are called; others are not told of.
    """
    if asked.explain is not None:
        write_explanations(explained, asked.explain)
    if asked.as_json:
        for hit in hits:
            if hit["path"] in explained:
                hit["explanation"] = explained[hit["path"]].to_dict()
        tell_json(hits)
        return
    for hit in hits:
        more = [hit["turned"]] if hit.get("turned") else []
        if hit.get("words_by") in words:
            more.append(f"words: {words[hit['words_by']]}")
        told = f"  ({', '.join(more)})" if more else ""
        tell(f"{hit['rank']:>4}  {hit['score']:.4f}  {hit['path']}{told}")


def _write_sheet(image: Path, hits: "Sequence[Hit]", out: Path) -> None:
    from marquery.decoding import SHEET_KEY
    from marquery.visualization.canvas import save_picture
    from marquery.visualization.retrieval import contact_sheet

    save_picture(contact_sheet(image, hits), out, SHEET_KEY)
    say(f"contact sheet: {out}")


def _write_reports(asked: Asked, found: InIndex) -> None:
    from marquery.searchreport import record_search, write_report

    explanations = {
        match.id: {"facts": why.to_dict(), "picture": as_png(why)}
        for match in found.hits
        if (why := found.explained.get(match.path)) is not None
    }
    record = record_search(
        found.index,
        asked.images,
        found.hits,
        **asked.search,
        reference=(asked.reference or "").strip(),
        examiner=(asked.examiner or "").strip(),
        explanations=explanations,
    )
    for place in asked.report:
        write_report(record, found.index, place)
        say(f"report: {place}")
