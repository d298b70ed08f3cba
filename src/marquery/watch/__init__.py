"""Watching a portfolio of marks: which new logos conflict with it, and which conflicts were not
reported before.
"""

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
