"""Search: embed files and folders, keep the vectors, find the nearest."""

from marquery.search.embedding import EmbeddedFiles, collect_files, embed_files, write_parquet
from marquery.search.folder import embed_folder
from marquery.search.nearest import Hit, search_folder

__all__ = [
    "EmbeddedFiles",
    "Hit",
    "collect_files",
    "embed_files",
    "embed_folder",
    "search_folder",
    "write_parquet",
]
