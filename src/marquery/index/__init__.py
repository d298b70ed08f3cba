"""A kept collection of logos with vectors of the wholes and their parts: build, update, search."""

from marquery.index.logo_index import LogoIndex
from marquery.index.report import Report
from marquery.index.searching import STRATEGIES, Match

__all__ = ["STRATEGIES", "LogoIndex", "Match", "Report"]
