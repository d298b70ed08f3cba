"""Embed many files: into a table or a folder's cache; and the nearest logos among them."""

from marquery.embedding.files import EmbeddedFiles, collect_files
from marquery.embedding.folder import embed_folder
from marquery.embedding.nearest import Hit, search_folder
from marquery.embedding.table import TableJob, check_table

__all__ = [
    "EmbeddedFiles",
    "Hit",
    "TableJob",
    "check_table",
    "collect_files",
    "embed_folder",
    "search_folder",
]
