"""The file of a case: the record of a search with a reviewer's decisions, its report, and its repetition."""

from marquery.casefile.differences import Differences, HitDifference
from marquery.casefile.query_image import QueryImage
from marquery.casefile.record import Decision, Explanation, SearchRecord, read_record
from marquery.casefile.recording import at_one_version, record_search
from marquery.casefile.rerun import rerun
from marquery.casefile.writing import check_report, report_bytes, write_report

__all__ = [
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
