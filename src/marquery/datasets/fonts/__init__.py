"""Open typefaces for the words that augmentation draws, from pinned packages."""

from marquery.datasets.fonts.build import FontsReport, build_fonts, fonts_from
from marquery.datasets.fonts.families import Family, load_families

__all__ = ["Family", "FontsReport", "build_fonts", "fonts_from", "load_families"]
