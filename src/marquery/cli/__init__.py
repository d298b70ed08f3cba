"""The ``marquery`` command."""

from marquery.cli.app import main

__all__ = ["main"]
