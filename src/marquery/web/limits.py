"""Every limit on what one request may ask for and send, for page and API, each written once.

Models, templates (``maxlength``, ``max``) and checks all read them from here.
"""

from typing import NamedTuple

from marquery.rasters import Limits


class Queue(NamedTuple):
    """Limits of one kind of work."""

    running: int
    waiting: int
    patience: float


#: Hits on a page, and of a request that does not say how many.
PAGE_HITS = 24
#: How many there may be on a page, as its reader likes.
PAGE_SIZES = (24, 48, 96)
#: Hits that one request or one report may ask for.
MOST_HITS = 200
#: Kept hits that a report explains; each takes the time of a few searches.
EXPLAINED_HITS = 12
#: Number of the last page that can be asked for.
LAST_PAGE = 100_000

#: Characters of one parameter of a search, such as the filter.
PARAMETER_LENGTH = 2000
#: Pictures, logos or values of one column that a search names: more than anybody would choose.
PARAMETER_REPEATS = 50
#: Greatest number of a case's revision, which counts its changes.
LAST_REVISION = 2**53
#: Digits of a whole number.
NUMBER_DIGITS = 15

#: Seconds for which a browser keeps a choice.
YEAR = 365 * 24 * 3600

#: Characters of the name of a person, of a saved search, and of an uploaded file.
NAME_LENGTH = 120
#: Characters of a note on a hit.
NOTE_LENGTH = 4000
#: Characters of an office's number of the case, as it stands in a report.
REFERENCE_LENGTH = 200

#: Pictures of one upload; the rest are left out.
UPLOADED_PICTURES = 8
#: Characters of a search's address, as forms and saved searches give it.
ADDRESS_LENGTH = 32_768
#: Characters of what decisions belong to: ``words-`` and the words that are looked for.
CASE_LENGTH = PARAMETER_LENGTH + 10
#: Pixels of all pictures of one search together, which are decoded at once.
SEARCH_PIXELS = 80_000_000
#: Queues of cases, cases in one of them, and pictures for one that a single form sends.
QUEUES = 500
QUEUE_CASES = 2000
QUEUED_AT_ONCE = 200
#: Characters of a comment on a case.
COMMENT_LENGTH = 8000
#: Comments on one case.
COMMENTS = 1000
#: Searches that are kept under a name.
SAVED_SEARCHES = 2000

#: Of one uploaded picture; tighter than for files that the owner of the machine names.
UPLOAD = Limits(max_bytes=20 * 2**20, max_pixels=40_000_000, max_side=20_000)
#: Bytes of a request's body: a picture within :data:`UPLOAD` and the form around it.
BODY_BYTES = UPLOAD.max_bytes + 2**20

#: Requests that are read, worked at or answered at once; more are put off (503).
OPEN_REQUESTS = 256
#: Connections at once, those included over which nothing is asked.
CONNECTIONS = 1024
#: Seconds for a request's first line and headers, from the first byte or the connection on.
HEAD_SECONDS = 20
#: Seconds between two pieces of a request's body, and for all of it.
BODY_PAUSE_SECONDS, BODY_SECONDS = 20, 120
#: Of a body that is refused before its end: bytes and seconds that it is taken in for.
PASSED_BYTES, PASSED_SECONDS = 64 * 2**20, 10
#: Seconds for which a client may take in nothing of an answer.
ANSWER_PAUSE_SECONDS = 60
#: Seconds that open requests have to end in when the server is stopped.
STOP_SECONDS = 20
#: Seconds that drawings (SVG) have of them.
STOP_DRAWING_SECONDS = 2

#: Searches and pieces of explanations that compute at once: half of a search uses one core only.
COMPUTING = 2
#: Of each kind of work: how many are done at once, how many wait, and for how many seconds.
SEARCHES = Queue(running=3, waiting=32, patience=0.6)
EXPLANATIONS = Queue(running=1, waiting=8, patience=20)
REPORTS = Queue(running=1, waiting=4, patience=30)
PICTURES = Queue(running=2, waiting=24, patience=10)
#: Threads for requests: enough for all that run and wait, and some for what is done at once.
THREADS = 96
#: Bytes of decoded pictures of queries, and of the pictures of explanations, kept in memory.
QUERY_CACHE_BYTES = 128 * 2**20
EXPLANATION_CACHE_BYTES = 64 * 2**20
