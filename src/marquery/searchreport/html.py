"""The report as one HTML file: pictures and the record are embedded, nothing is fetched; for screen
and print.
"""

import base64

from marquery.searchreport.pictures import Pictures
from marquery.searchreport.record import SearchRecord
from marquery.searchreport.view import View
from marquery.templates import make_environment


def to_html(record: SearchRecord, view: View, pictures: Pictures) -> bytes:
    """Write a record as HTML.

    Args:
        record: the search.
        view: texts and tables of the report.
        pictures: images of the query and the hits.

    Raises:
        UsageError: Jinja is not installed.
    """
    environment = make_environment("marquery.searchreport", "report")
    environment.filters["png"] = lambda data: _address("image/png", data)
    why = {hit: explanation.picture for hit, explanation in record.explanations.items()}
    page = environment.get_template("report.html.j2").render(
        view=view,
        pictures=pictures,
        why=why,
        record=_address("application/json", record.to_json().encode()),
    )
    return page.encode()


def _address(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"
