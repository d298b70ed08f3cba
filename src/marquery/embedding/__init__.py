"""Search: embed files and folders, keep the vectors, find the nearest."""

from marquery.embedding.embedding import EmbeddedFiles, collect_files, embed_files, write_parquet
from marquery.embedding.folder import embed_folder
from marquery.embedding.nearest import Hit, search_folder

__all__ = [
    "EmbeddedFiles",
    "Hit",
    "collect_files",
    "embed_files",
    "embed_folder",
    "search_folder",
    "write_parquet",
]
