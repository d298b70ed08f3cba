"""Whether two ways of computing embeddings agree: measured on pictures that are always the same."""

import numpy as np

from marquery.arrays import UInt8Array
from marquery.encoder.runtimes import Run

#: Largest difference in any component between two engines' float32 vectors, which have length 1.
TOLERANCE = 1e-5


def trial_pixels(count: int, side: int) -> UInt8Array:
    """Pictures of edges, flat colours and noise, (count, side, side, 3), the same each time."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (count, 4, 4, 3), dtype=np.uint8)
    grown = coarse.repeat(-(-side // 4), axis=1).repeat(-(-side // 4), axis=2)[:, :side, :side]
    pixels = np.ascontiguousarray(grown)
    pixels[-1] = rng.integers(0, 256, (side, side, 3), dtype=np.uint8)
    return pixels


def largest_difference(run: Run, reference: Run, side: int) -> float:
    """Largest absolute difference of any component between two engines, on trial images.

    Batches of one and of three: a graph that was traced at one size may work only at that size. NaN
    counts as infinite.

    Args:
        run: what is checked: uint8 (N, S, S, 3) to float32 (N, D).
        reference: what it should give, in the same form.
        side: S, pixels.
    """
    worst = 0.0
    for count in (1, 3):
        pixels = trial_pixels(count, side)
        expected = reference(pixels)
        given = run(pixels)
        if given.shape != expected.shape:
            return float("inf")
        difference = float(np.abs(given - expected).max(initial=0))
        worst = max(worst, difference if np.isfinite(difference) else float("inf"))
    return worst
