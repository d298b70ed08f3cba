"""Answers that several parts of the server give: refusals as JSON, pictures that browsers keep."""

from starlette.responses import JSONResponse, Response

_FOREVER = "private, max-age=31536000, immutable"
_NOT_LONG = "private, max-age=60"


def refuse(status: int, message: str, option: str | None = None) -> JSONResponse:
    """A refusal for programs, as :class:`marquery.web.answers.ErrorOut` describes it.

    Args:
        status: of HTTP, 400 or more.
        message: one sentence: what is wrong and what to do.
        option: the parameter that is to blame, by its name in the API; None where there is none.
    """
    return JSONResponse({"detail": {"message": message, "option": option}}, status)


def webp(data: bytes, lasting: bool = True) -> Response:
    """WebP bytes as an answer; ``lasting``: the address never gives another picture."""
    headers = {"cache-control": _FOREVER if lasting else _NOT_LONG}
    return Response(data, media_type="image/webp", headers=headers)
