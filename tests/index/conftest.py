"""Fixtures of the tests of indices."""

from .stores import bucket, milvus_server, new_store

__all__ = ["bucket", "milvus_server", "new_store"]
