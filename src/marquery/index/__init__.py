"""A kept collection of logos with vectors of the wholes and their parts: build, update, search."""

from marquery.index.logo_index import LogoIndex
from marquery.index.snapshot import STRATEGIES, Match
from marquery.index.storage.report import Report

__all__ = ["STRATEGIES", "LogoIndex", "Match", "Report"]
