"""Telling clean drawings from pictures with noise (JPEG files, scans, photos)."""

from typing import Any

from numba import njit

CLEAN_TOLERANCE = 7
NOISY_TOLERANCE = 16

# Blocks with more contrast than this are edges; a ripple below this many levels is rounding.
_EDGE_LEVELS = 14
_RIPPLE_LEVELS = 2
# Runs of ripples for each edge block from which on a picture is noisy. Set on drawings of the open benchmark at 224 px: 99 % of
# the PNG files stay below 0.01, 95 % of the JPEG files of quality 90 and 50 are above 0.07 (at 67 px: 0.02 and 0.035).
_NOISY_RATIO = 0.04
# A smaller share of runs than this is chance, whatever the edges.
_LEAST_SHARE = 0.0005
# Of three pairs of rows one is looked at.
_EVERY = 3


@njit(cache=True, nogil=True)
def is_noisy(pixels: Any) -> bool:
    """Whether an (H, W, 3) uint8 picture has noise in its flat parts.

    In flat paint and in smooth gradients the two diagonals of a 2x2 block have the same sum in green; noise makes
    them differ, and so do the faint ends of anti-aliased edges, but those not three times in a row. Runs
    of three such blocks side by side are held against the number of blocks on edges.
    """
    height, width = pixels.shape[:2]
    looked = edges = runs = 0
    for y in range(0, height - 1, _EVERY):
        # Bit i: whether the block i columns back ripples.
        history = 0
        for x in range(width - 1):
            a, b = int(pixels[y, x, 1]), int(pixels[y, x + 1, 1])
            c, d = int(pixels[y + 1, x, 1]), int(pixels[y + 1, x + 1, 1])
            looked += 1
            history = (history << 1) & 31
            if max(max(a, b), max(c, d)) - min(min(a, b), min(c, d)) > _EDGE_LEVELS:
                edges += 1
            elif abs(a + d - b - c) >= _RIPPLE_LEVELS:
                history |= 1
                # This block, the one beside it and the one beside that: three that share no pixel.
                if history & 0b10101 == 0b10101:
                    runs += 1
    return runs > _NOISY_RATIO * edges and runs > _LEAST_SHARE * looked
