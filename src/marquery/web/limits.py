"""Every limit on what one request may ask for and send, for page and API, each written once.

Models, templates (``maxlength``, ``max``) and checks all read them from here.
"""

from marquery.rasters import Limits

#: Hits on a page, and of a request that does not say how many.
PAGE_HITS = 24
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
#: Digits of a whole number.
NUMBER_DIGITS = 15

#: Characters of the name of a person, of a saved search, and of an uploaded file.
NAME_LENGTH = 120
#: Characters of a note on a hit.
NOTE_LENGTH = 4000
#: Characters of an office's number of the case, as it stands in a report.
REFERENCE_LENGTH = 200

#: Pictures of one upload; the rest are left out.
UPLOADED_PICTURES = 8
#: Of one uploaded picture; tighter than for files that the owner of the machine names.
UPLOAD = Limits(max_bytes=20 * 2**20, max_pixels=40_000_000, max_side=20_000)
#: Bytes of a request's body: a picture within :data:`UPLOAD` and the form around it.
BODY_BYTES = UPLOAD.max_bytes + 2**20
