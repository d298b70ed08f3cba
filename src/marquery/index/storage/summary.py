"""The outcome of a change of an index."""

from dataclasses import dataclass, field

from marquery.errors import ImageError


@dataclass
class ChangeSummary:
    """What a change of an index did."""

    added: int = 0
    updated: int = 0
    """Files that had changed."""
    unchanged: int = 0
    removed: int = 0
    described: int = 0
    """Logos whose metadata changed and nothing else."""
    embedded: int = 0
    """Logos for which the network was run; copies of what is known are not among them."""
    duplicates: list[tuple[str, str]] = field(default_factory=list)
    """Files added whose content is that of another file: (file, the other)."""
    skipped: list[ImageError] = field(default_factory=list)
    unmatched: int = 0
    """Rows of the metadata file about no logo of the folder."""
    joined: list[str] = field(default_factory=list)
    """Metadata columns that are lists, since a logo has several rows that differ there."""
    words_read: int = 0
    """Logos that were stored without their words and have them now."""
    no_words: str | None = None
    """Why words could not be read, where they could not."""
