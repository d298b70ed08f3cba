"""The pictures of a search, as they are compared."""

from PIL import Image

from marquery.boxes import check_box
from marquery.errors import UsageError
from marquery.web import limits
from marquery.web.examiner.search_request import SearchRequest
from marquery.web.examiner.uploads import UploadStore


def query_pictures(uploads: UploadStore, request: SearchRequest) -> tuple[list[Image.Image], bool]:
    """The query's pictures, and whether the rectangle goes to the search as a part; see
    :meth:`marquery.web.examiner.service.Service.pictures`.

    Raises:
        NotThereError: a picture is not here any more.
        UsageError: the rectangle is not within the picture, or the pictures are too large
            together.
    """
    known = [uploads.get(sha256) for sha256 in request.queries]
    pixels = sum(query.width * query.height for query in known)
    if pixels > limits.SEARCH_PIXELS:
        raise UsageError(
            "queries",
            f"the pictures have {pixels:,} pixels together",
            f"give fewer or smaller ones, {limits.SEARCH_PIXELS:,} at most",
        )
    images = [uploads.image(sha256) for sha256 in request.queries]
    if request.crop is None:
        return images, False
    if not images:
        raise UsageError("crop", "is a rectangle of a picture, and none is given", "give one")
    if request.compares_crop:
        return images, True
    x, y, width, height = check_box(request.crop, "crop", images[0].size)
    return [images[0].crop((x, y, x + width, y + height))], False
