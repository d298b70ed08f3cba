"""New logos held against a portfolio of marks: which come too close, and which of these is news."""

from marquery.watch.memory import Memory
from marquery.watch.threshold import Threshold, parse_threshold
from marquery.watch.watching import Conflict, NewLogo, Watched, watch
from marquery.watch.writing import check_out, write_reports

__all__ = [
    "Conflict",
    "Memory",
    "NewLogo",
    "Threshold",
    "Watched",
    "check_out",
    "parse_threshold",
    "watch",
    "write_reports",
]
