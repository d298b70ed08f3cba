"""Bad input of the page and of the JSON API."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from marquery.web import limits
from marquery.web.examiner.decisions import DecisionChange, decide
from marquery.web.examiner.gate import Gate

from ..web.helpers import png
from .walk import Construction, recording

HX = {"hx-request": "true", "accept": "*/*"}


@dataclass(frozen=True)
class WebCase:
    """One bad request.

    Attributes:
        asked: method and path; ``{q}`` stands for the SHA-256 of an uploaded picture.
        option: what the API, or the page, says it is about; None: no single one is to blame.
        problem: a piece of what is wrong.
        remedy: a piece of what to do.
        sent: arguments of the client: ``params``, ``json``, ``data``, ``files``.
        given: what else is the case; gets the application and the uploaded picture.
        status: of the answer: 422, 404 for what is not there, or 503 where the server cannot.
    """

    asked: str
    option: str | None
    problem: str
    remedy: str
    sent: Mapping[str, Any] = field(default_factory=dict)
    given: Callable[[pytest.MonkeyPatch, Any, str], None] | None = None
    status: int = 422

    @property
    def id(self) -> str:
        return f"{self.asked} {self.sent}"

    @property
    def is_api(self) -> bool:
        return " /api/" in self.asked


@dataclass
class WebOutcome:
    """What came back."""

    status: int
    option: str | None
    text: str
    passed: set[Construction] = field(default_factory=set)


def ask(case: WebCase, client, app, query: str) -> WebOutcome:
    """Send the request of a case."""
    method, path = case.asked.replace("{q}", query).split()
    sent = {name: _filled(given, query) for name, given in case.sent.items()}
    with recording() as passed, pytest.MonkeyPatch.context() as patch:
        if case.given is not None:
            case.given(patch, app, query)
        headers = {} if case.is_api else HX
        answer = client.request(method, path, headers=headers, **sent)
    if case.is_api:
        detail = answer.json()["detail"]
        return WebOutcome(answer.status_code, detail["option"], detail["message"], passed)
    return WebOutcome(answer.status_code, None, answer.text, passed)


def _filled(given: Any, query: str) -> Any:
    """The same with the uploaded picture's SHA-256 where it stands."""
    if isinstance(given, dict):
        return {name: _filled(value, query) for name, value in given.items()}
    if isinstance(given, list):
        return [_filled(value, query) for value in given]
    return given.replace("{q}", query) if isinstance(given, str) else given


def without_file(patch, app, query):
    """The picture's file is gone."""
    patch.setattr(app.state.service.uploads, "_place", lambda sha256: None)


def without_typst(patch, app, query):
    patch.setattr("marquery.searchreport.pdf.find_spec", lambda name: None)


def with_small_limits(patch, app, query):
    """No search may be saved, and none have pictures."""
    patch.setattr("marquery.web.limits.SEARCH_PIXELS", 1)
    patch.setattr("marquery.web.examiner.decisions.SAVED_SEARCHES", 0)


def busy(patch, app, query):
    """All places are taken, and all places to wait."""
    patch.setattr(app.state.service, "searching", Gate("searches", 0, 0))


def busy_for_long(patch, app, query):
    """All places are taken, for longer than anybody waits."""
    patch.setattr(app.state.service, "searching", Gate("searches", 0, patience=0.01))


def with_small_uploads(patch, app, query):
    patch.setattr("marquery.web.limits.UPLOAD", replace(limits.UPLOAD, max_bytes=10))


def decided_by_another(patch, app, query):
    """Somebody else dismissed the logo meanwhile."""
    change = DecisionChange(verdict="dismiss", reviewer="Bo")
    decide(app.state.service, query, [1], change)


def without_places(patch, app, query):
    """No more comments and queues are taken."""
    patch.setattr("marquery.web.examiner.cases.COMMENTS", 0)
    patch.setattr("marquery.web.examiner.casebook.QUEUES", 0)


def with_queue(patch, app, query):
    """There is a first queue."""
    book = app.state.service.casebook
    if not book.queues():
        book.make_queue("week")


def with_full_queue(patch, app, query):
    with_queue(patch, app, query)
    patch.setattr("marquery.web.examiner.casebook.QUEUE_CASES", 0)


def without_room(patch, app, query):
    """Uploads cannot be written: a file is where their folder should be."""
    patch.setattr(app.state.service.uploads, "folder", Path(__file__))


def both(option, label, problem, remedy, status=422, **params):
    """The same search asked for at the API and on the page."""
    params = {"q": "{q}", **{name.replace("__", "."): value for name, value in params.items()}}
    sent = {"params": params}
    return [
        WebCase("GET /api/search", option, problem, remedy, sent, status=status),
        WebCase("GET /", label, problem, remedy, sent, status=status),
    ]


UPLOAD = "upload the picture first"
WHOLE = "give a whole number"
RECTANGLE = "give four whole numbers x,y,w,h"
BAD = {"files": {"picture": ("bad.png", b"no picture")}}
SMALL = {"files": {"picture": ("small.png", png(11))}}
NOTHING = {"files": {"picture": ("none.png", b"")}}
WEB_CASES = [
    *both("where", "Where", "there is no column 'colour'", "there are path", where="colour = red"),
    *both("where", "Where", "ends where", "write it like this", where="owner"),
    *both("where", "Where", "has 2001 characters", "shorten it to 2", where="x" * 2001),
    *both("crop", "Rectangle", "beyond the image", "within it", crop="0,0,4000,40"),
    *both("crop", "Rectangle", "the image", "within it", crop="0,0,4000,40", strategy="part"),
    *both("crop", "Rectangle", "'1,2,3' is not a rectangle", RECTANGLE, crop="1,2,3"),
    *both("crop", "Rectangle", "is no rectangle", "w and h from 1", crop="0,0,0,5"),
    *both("crop", "Rectangle", "and 2 are given", "one pict", q=["{q}", "0" * 64], crop="1,1,9,9"),
    *both("crop", "Rectangle", "and none is given", "give one", q="", like="1", crop="1,1,9,9"),
    *both("strategy", "Compare", "'guess' is none of", "choose from", strategy="guess"),
    *both("strategy", "Compare", "the weight of overall", "from 0", strategy="overall=-1"),
    *both("strategy", "Compare", "no weight is above 0", "above 0", strategy="overall=0"),
    *both("strategy", "Compare", "is no weight", "numbers from 0", strategy="overall=much"),
    *both("q", "Picture", "abababababab… is not here", "upload it again", 404, q="ab" * 32),
    *both("q", "Picture", "nonsense is no picture's SHA-256", UPLOAD, q="nonsense"),
    *both("q", "Picture", "is given 65 times", "at most", q=["ab" * 32] * 65),
    *both("like", "More like", "'one' is no number", WHOLE, like="one"),
    *both("like", "More like", "4000 is not in", "a logo of the index", 404, like="4000"),
    *both("unlike", "Less like", "4000 is not in", "a logo of the index", 404, unlike="4000"),
    *both("sort", "Sort", "no column 'colour' to sort by", "there are name", sort="colour"),
    *both("at", "Index version", "'new' is no number", WHOLE, at="new"),
    *both("at", "Index version", "has no version 99", "it is at", 404, at="99"),
    *both("exact", "Compared with every logo", "'perhaps' cannot be", "boolean", exact="perhaps"),
    *both("f.owner", "owner", "both kinds of quotes", "a piece of it", f__owner="\"'"),
    *both("f.paint", "paint", "there is no such column", "there are name", f__paint="red"),
    WebCase("GET /api/search", "k", "'0' cannot be used", "or equal to 1", {"params": {"k": "0"}}),
    WebCase("GET /api/search", "k", "'201' cannot be", "equal to 200", {"params": {"k": "201"}}),
    WebCase("GET /api/search", "offset", "'-1' cannot", "to 0", {"params": {"offset": "-1"}}),
    WebCase("GET /api/search", "q", "there is nothing to search for", "give a picture"),
    WebCase("GET /api/explain/1", "q", "no picture to compare with", "give one"),
    WebCase("GET /explain/1/picture", "Picture", "no picture to compare with", "give one"),
    WebCase("GET /api/report", "q", "there is no search to report", "give a picture"),
    WebCase("GET /api/report?q={q}", "q", "is gone", "again", given=without_file, status=404),
    WebCase(
        "GET /api/report?q={q}&form=pdf",
        "form",
        "a PDF needs Typst",
        "pip install",
        given=without_typst,
    ),
    WebCase("GET /api/report?q={q}&form=doc", "form", "'doc' cannot be used", "'pdf', 'html'"),
    WebCase(
        "POST /api/searches",
        "name",
        "is empty",
        "give the search a name",
        {"json": {"name": " ", "query": "/?q={q}"}},
    ),
    WebCase(
        "POST /api/searches",
        "query",
        "q: there is no search to save",
        "search for something first",
        {"json": {"name": "mine", "query": "/"}},
    ),
    WebCase("POST /api/searches", "query", "is missing", "give it", {"json": {"name": "x"}}),
    WebCase(
        "POST /api/searches",
        "name",
        "'' cannot be used",
        "at least 1 character",
        {"json": {"name": "", "query": "/?q={q}"}},
    ),
    WebCase(
        "POST /api/searches",
        "query",
        "like: 4000 is not in the index",
        "give one that is",
        {"json": {"name": "x", "query": "/?like=4000"}},
        status=404,
    ),
    WebCase(
        "POST /api/searches",
        "name",
        "searches are saved already",
        "delete some",
        {"json": {"name": "x", "query": "/?q={q}"}},
        with_small_limits,
    ),
    WebCase(
        "GET /api/search?q={q}&k=7",
        "q",
        "pixels together",
        "give fewer or smaller ones",
        given=with_small_limits,
    ),
    WebCase(
        "DELETE /api/searches/999",
        "number",
        "no saved search 999",
        "take one of the list",
        status=404,
    ),
    WebCase(
        "PUT /api/cases/nonsense/decisions/1",
        "case",
        "'nonsense' is no case",
        "of a search",
        {"json": {"verdict": "keep"}},
        status=404,
    ),
    WebCase(
        f"PUT /api/cases/{'ab' * 32}/decisions/1",
        "case",
        "abababababab… is not here",
        "upload the picture again",
        {"json": {"verdict": "keep"}},
        status=404,
    ),
    WebCase(
        f"GET /queries/{'ab' * 32}/picture",
        "sha256",
        "abababababab… is not here",
        "upload it again",
        status=404,
    ),
    WebCase(
        "PUT /api/cases/{q}/decisions/1",
        "verdict",
        "'maybe' cannot be used",
        "'keep'",
        {"json": {"verdict": "maybe"}},
    ),
    WebCase(
        "PUT /api/cases/{q}/decisions/1",
        None,
        "Bo dismissed it at ",
        "look at it as it is now",
        {"json": {"verdict": "keep", "seen": 0}},
        decided_by_another,
        status=409,
    ),
    WebCase(
        "POST /decisions/absent",
        "Name",
        "nothing was decided about it",
        "look at the case again",
        {"data": {"name": "gone.png", "state": "/?q={q}"}},
        status=404,
    ),
    WebCase(
        "PUT /api/cases/{q}",
        None,
        "somebody changed what is said of this case",
        "look at it as it is now",
        {"json": {"name": "x", "seen": 5}},
        status=409,
    ),
    WebCase(
        "POST /api/cases/{q}/comments",
        "text",
        "is empty",
        "write something",
        {"json": {"text": " "}},
    ),
    WebCase(
        "POST /api/cases/{q}/comments",
        "text",
        "there are 0 comments already",
        "open another case",
        {"json": {"text": "x"}},
        without_places,
    ),
    WebCase("GET /queues/99", "Queue", "there is no queue 99", "take one of the list", status=404),
    WebCase(
        "POST /api/queues", "name", "is empty", "give the queue a name", {"data": {"name": " "}}
    ),
    WebCase("POST /api/queues", "name", "is missing", "give it", {"data": {"name": ""}}),
    WebCase(
        "POST /api/queues",
        "name",
        "there are 0 queues already",
        "delete some",
        {"data": {"name": "x"}},
        without_places,
    ),
    WebCase(
        "POST /api/queues/1/pictures",
        "picture",
        "a queue holds 0 cases at most",
        "make another queue",
        SMALL,
        with_full_queue,
    ),
    WebCase(
        "POST /api/queues/1/pictures", "picture", "bad.png: is not a", "as PNG", BAD, with_queue
    ),
    WebCase(
        "POST /decisions/bulk",
        "Logo",
        "no hit is ticked",
        "tick some first",
        {"data": {"state": "/?q={q}", "action": "keep"}},
    ),
    WebCase(
        "POST /decisions/undo",
        None,
        "there is nothing to take back",
        "look at the case again",
        {"data": {"state": "/?q={q}", "since": "900", "until": "901"}},
        status=404,
    ),
    WebCase(
        "POST /queries",
        "Picture",
        "there are 9 pictures then",
        "search for 8 at most",
        {
            "files": [("picture", (f"{n}.png", png(60 + n))) for n in range(8)],
            "data": {"state": "/?q={q}", "add": "1"},
        },
    ),
    WebCase("POST /api/queries", "picture", "is missing", "give it"),
    WebCase("GET /api/logos/4000", None, "logo 4000: is not in", "give one that is", status=404),
    WebCase(
        "GET /api/search?q={q}&k=9", None, "too many searches", "in 1 s", given=busy, status=503
    ),
    WebCase(
        "GET /api/search?q={q}&k=8",
        None,
        "too many searches",
        "in 1 s",
        given=busy_for_long,
        status=503,
    ),
    WebCase(
        "POST /api/queries",
        "picture",
        "small.png: is larger than 0 MiB",
        "make it smaller",
        SMALL,
        with_small_uploads,
    ),
    WebCase(
        "POST /queries",
        None,
        "cannot be written (",
        "free some space",
        {"files": {"picture": ("other.png", png(12))}},
        without_room,
        status=503,
    ),
    WebCase(
        "POST /api/queries", "picture", "bad.png: is not a readable image", "save it as PNG", BAD
    ),
    WebCase(
        "POST /api/search", "picture", "bad.png: is not a readable image", "save it as PNG", BAD
    ),
    WebCase("POST /queries", "Picture", "bad.png: is not a readable image", "save it as PNG", BAD),
    WebCase("POST /queries", "Picture", "no picture is given", "choose one first", NOTHING),
    WebCase(
        "POST /searches",
        "Name",
        "is empty",
        "give the search a name",
        {"data": {"name": " ", "state": "/?q={q}"}},
    ),
    WebCase(
        "POST /searches",
        "Picture",
        "there is no search to save",
        "search for something",
        {"data": {"name": "mine", "state": "/"}},
    ),
    WebCase(
        "POST /decisions",
        "Picture",
        "there is no search to decide in",
        "search for something first",
        {"data": {"logo": "1", "state": "/", "note": "x"}},
    ),
    WebCase("POST /decisions", "Logo", "is missing", "give it", {"data": {"state": "/?q={q}"}}),
    WebCase("POST /searches", "Search", "is missing", "give it", {"data": {"name": "mine"}}),
    WebCase("POST /searches/x/delete", "Saved search", "'x' cannot be used", "a valid integer"),
    WebCase("GET /api/logos/x", "logo", "'x' cannot be used", "a valid integer"),
    WebCase(
        "POST /decisions",
        "Decision",
        "'maybe' cannot be used",
        "'keep', 'dismiss'",
        {"data": {"logo": "1", "state": "/?q={q}", "verdict": "maybe"}},
    ),
    WebCase(
        "POST /report",
        "First hits",
        "'0' cannot be used",
        "equal to 1",
        {"data": {"state": "/?q={q}", "hits": "0"}},
    ),
    WebCase(
        "POST /report",
        "Picture",
        "there is no search to report",
        "give a picture",
        {"data": {"state": "/"}},
    ),
    WebCase("GET /codes/path", "column", "'path' holds no codes", "there are nice", status=404),
    WebCase("GET /api/codes/path", "column", "'path' holds no codes", "there are nice", status=404),
    WebCase("GET /suggestions", "Picture", "there is no picture to suggest codes for", "give one"),
]
