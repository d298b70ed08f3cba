"""Telling clean drawings from pictures with noise (JPEG files, scans, photos)."""

from typing import Any

import cv2
import numpy as np
from numba import njit

from marquery.arrays import UInt8Array
from marquery.segments.settings import DEFAULT_SETTINGS, NoiseSettings


def smooth(pixels: UInt8Array, settings: NoiseSettings = DEFAULT_SETTINGS.noise) -> UInt8Array:
    """Take noise out of a uint8 (H, W, 3) picture and keep its edges."""
    for _ in range(settings.smoothing_passes):
        smoothed = cv2.bilateralFilter(
            pixels, settings.smoothing_diameter, settings.smoothing_color, settings.smoothing_space
        )
        pixels = np.asarray(smoothed, dtype=np.uint8)
    return pixels


def is_noisy(green: UInt8Array, settings: NoiseSettings = DEFAULT_SETTINGS.noise) -> bool:
    """Whether a picture, uint8 (H, W), has noise in its flat parts. Green stands for all channels.

    In flat paint and in smooth gradients the two diagonals of a 2x2 block have the same sum; noise
    makes them differ, and so do the faint ends of anti-aliased edges, but those not three times in
    a row. Runs of three such blocks side by side are compared with the number of blocks on edges.
    """
    looked, edges, runs = _count_ripples(
        green, settings.edge_levels, settings.ripple_levels, settings.row_step
    )
    return bool(
        runs > settings.max_ripples_per_edge * edges and runs > settings.min_ripple_share * looked
    )


@njit(cache=True, nogil=True)
def _count_ripples(green: Any, edge_levels: int, ripple_levels: int, row_step: int) -> Any:
    """Blocks looked at, blocks on edges, and runs of three blocks with ripples."""
    most, least = np.int16(edge_levels), np.int16(ripple_levels)
    height, width = green.shape
    looked = edges = runs = 0
    # One byte a block, so that the loops compile to vector instructions.
    ripple = np.empty(width, dtype=np.uint8)
    edge = np.empty(width, dtype=np.uint8)
    for y in range(0, height - 1, row_step):
        upper, lower = green[y], green[y + 1]
        for x in range(width - 1):
            a, b = np.int16(upper[x]), np.int16(upper[x + 1])
            c, d = np.int16(lower[x]), np.int16(lower[x + 1])
            spread = max(max(a, b), max(c, d)) - min(min(a, b), min(c, d))
            twist = np.int16(a + d - b - c)
            uneven = (twist >= least) | (twist <= -least)
            edge[x] = spread > most
            ripple[x] = uneven & (spread <= most)
        looked += width - 1
        for x in range(width - 1):
            edges += edge[x]
        # This block, the one beside it and the one beside that: three that share no pixel.
        for x in range(4, width - 1):
            runs += ripple[x] & ripple[x - 2] & ripple[x - 4]
    return looked, edges, runs
