"""Search reports: the record of a search with a reviewer's decisions, the report made of it, and
rerunning it.
"""

from marquery.searchreport.differences import Differences, HitDifference
from marquery.searchreport.query_image import QueryImage
from marquery.searchreport.record import (
    AbsentLogo,
    Decision,
    Explanation,
    SearchRecord,
    read_record,
)
from marquery.searchreport.recording import at_one_version, record_search
from marquery.searchreport.rerun import rerun
from marquery.searchreport.writing import check_report, report_bytes, write_report

__all__ = [
    "AbsentLogo",
    "Decision",
    "Differences",
    "Explanation",
    "HitDifference",
    "QueryImage",
    "SearchRecord",
    "at_one_version",
    "check_report",
    "read_record",
    "record_search",
    "report_bytes",
    "rerun",
    "write_report",
]
