"""Where results that can be computed again are kept between processes."""

import os
from pathlib import Path


def cache_folder(name: str) -> Path:
    """``$XDG_CACHE_HOME/marquery/NAME``, by default below ``~/.cache``; it may not exist yet.

    Args:
        name: of the kind of results.
    """
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "marquery" / name
