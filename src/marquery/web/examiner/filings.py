"""New logos that a watch found in conflict, put into a queue for the examiner's page."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from marquery.names import text_to_path
from marquery.web.examiner.casebook import Case, CaseBook
from marquery.web.examiner.reviews import Reviews
from marquery.web.examiner.uploads import UploadStore

#: Who comments on the cases of such a queue.
AUTHOR = "marquery watch"


def review_folder(index: Path) -> Path:
    """Where the reviews of an index are kept: beside it, so that building it again keeps them."""
    path = index.absolute()
    return path.with_name(f"{path.name}.review")


def queue_filings(index: Path, name: str, filings: Mapping[str, Sequence[str]]) -> int:
    """Make a queue with a case for each new logo; what it conflicts with is a comment on the case.

    Args:
        index: folder of the index.
        name: of the queue.
        filings: path of a new logo as text -> a line for each conflict.

    Returns:
        The queue's number.

    Raises:
        ImageError: a logo cannot be read any more.
        MarqueryError: the reviews cannot be written.
        UsageError: there are too many queues or cases.
    """
    folder = review_folder(index)
    reviews = Reviews(folder / "review.sqlite3")
    book, uploads = CaseBook(reviews.db), UploadStore(folder / "queries", reviews)
    try:
        added = []
        for path, conflicts in filings.items():
            place = text_to_path(path)
            case = uploads.add(place.read_bytes(), place.name).sha256
            if not book.case(case).name:
                book.describe(Case(case, name=place.stem), AUTHOR)
            book.comment(case, AUTHOR, "\n".join(conflicts))
            added.append(case)
        number = book.make_queue(name)
        book.enqueue(number, added)
        return number
    finally:
        reviews.close()
