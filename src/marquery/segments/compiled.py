"""Whether the segmenter's kernels are on the disk already, or will be compiled by its first use."""

from pathlib import Path

from marquery.segments.cores import _find_blocks


def was_compiled() -> bool:
    """Whether the segmenter was compiled here before, as far as Numba's cache tells."""
    place = _find_blocks.stats.cache_path
    if place is None:  # nothing is kept, so it is compiled each time
        return False
    return any(Path(place).glob("cores._find_blocks*.nbi"))
