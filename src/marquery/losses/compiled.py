"""The rows of :mod:`~marquery.losses.average_precision` as one compiled loop, for float32 on the CPU.

Two things make it fast. A row's exponentials u_j = exp(s_j / τ) are taken once, since
σ((s_j − s_i) / τ) = u_j / (u_j + u_i): each of the pairs costs a division per item, no exponential. And all that
is alive for a pair is one row, in the cache. The inner sums are in float64, whose range holds exp(±1 / 0.01).
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import torch
from numba import njit
from torch import Tensor

from marquery.losses.average_precision import RowLosses
from marquery.losses.relevance import Ranges

#: Sums may be reordered, so that they vectorise; NaN and infinity keep their meaning.
_FAST = {"reassoc", "contract", "arcp", "nsz"}
#: Exponents of 2 that a row may reach on either side of its middle; sums of two and their ratio stay normal.
_MAX_EXPONENT = 480.0
#: Fewer cells of (pair, item) than this are not worth waking a second thread.
_CELLS_PER_THREAD = 4_000_000


def compiled_row_losses(
    scores: Tensor, ranges: Ranges, temperature: float, *, gradient: bool
) -> RowLosses:
    """The same as :func:`~marquery.losses.average_precision.row_losses`; ``scores`` become the gradient.

    Args:
        scores: (Q, M) float32 on the CPU, overwritten.
        ranges: positives of each row.
        temperature: τ.
        gradient: whether to find the derivative.
    """
    cells = scores.numpy()
    values = np.empty(len(cells), np.float32)
    begin, end, own = (x.numpy() for x in ranges[:3])
    options = ranges.own_counts, float(temperature), gradient

    def some(first: int, last: int) -> None:
        part = slice(first, last)
        _rows(cells[part], begin[part], end[part], own[part], *options, values[part])

    work = ranges.positives.cumsum(0).numpy()
    pairs = int(work[-1]) if len(work) else 0
    threads = min(torch.get_num_threads(), 1 + pairs * cells.shape[1] // _CELLS_PER_THREAD)
    if threads == 1:
        some(0, len(cells))
    else:
        # Parts of about equal pairs, a few a thread, because a class may be large.
        cuts = np.searchsorted(work, np.linspace(0, pairs, 4 * threads + 1)[1:-1])
        edges = [0, *np.unique(cuts).tolist(), len(cells)]
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(some, edges[:-1], edges[1:]))
    return RowLosses(torch.from_numpy(values), scores if gradient else None)


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
def _exponentials(
    row: npt.NDArray[np.float32],
    middle: float,
    scale: float,
    powers: npt.NDArray[np.float64],
    bits: npt.NDArray[np.int64],
    twos: npt.NDArray[np.float64],
) -> None:
    """powers[j] = 2^((row[j] − middle)·scale), relative error 1e-13; ``twos`` is a view of ``bits``.

    Written out because a call of the system's exp would not vectorise: 2^t = 2^n · e^(f ln 2) with n the
    nearest integer, put into the exponent bits, and the Taylor series for |f| ≤ 1/2.
    """
    for j in range(row.shape[0]):
        t = (row[j] - middle) * scale
        n = np.floor(t + 0.5)
        x = (t - n) * 0.6931471805599453
        series = 1.0 / 39916800
        series = series * x + 1.0 / 3628800
        series = series * x + 1.0 / 362880
        series = series * x + 1.0 / 40320
        series = series * x + 1.0 / 5040
        series = series * x + 1.0 / 720
        series = series * x + 1.0 / 120
        series = series * x + 1.0 / 24
        series = series * x + 1.0 / 6
        series = series * x + 0.5
        series = series * x + 1.0
        powers[j] = series * x + 1.0
        bits[j] = (np.int64(n) + 1023) << 52
    for j in range(row.shape[0]):
        powers[j] *= twos[j]


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
def _rows(
    scores: npt.NDArray[np.float32],
    begin: npt.NDArray[np.int64],
    end: npt.NDArray[np.int64],
    own: npt.NDArray[np.int64],
    own_counts: bool,
    temperature: float,
    gradient: bool,
    values: npt.NDArray[np.float32],
) -> None:
    """1 − AP of each row into ``values``; with ``gradient`` the derivative in place of the scores."""
    width = scores.shape[1]
    scale = 1.4426950408889634 / temperature
    powers, above, slopes = np.empty(width), np.empty(width), np.empty(width)
    bits = np.empty(width, np.int64)
    twos = bits.view(np.float64)
    for q in range(scores.shape[0]):
        row = scores[q]
        first, last = begin[q], end[q]
        left_out = -1 if own_counts else own[q]
        count = last - first - (1 if left_out >= 0 else 0)
        values[q] = 0
        if count <= 0:
            if gradient:
                row[:] = 0
            continue
        low, high = row[0], row[0]
        for j in range(width):
            low, high = min(low, row[j]), max(high, row[j])
        middle = (np.float64(low) + np.float64(high)) / 2
        in_range = (high - middle) * scale < _MAX_EXPONENT
        if in_range:
            _exponentials(row, middle, scale, powers, bits, twos)
        slopes[:] = 0
        precision = 0.0
        for i in range(first, last):
            if i == left_out:
                continue
            if in_range:
                power = powers[i]
                for j in range(width):
                    above[j] = powers[j] / (powers[j] + power)
            else:
                for j in range(width):
                    # Beyond exp(±700) the sigmoid is 0 or 1 in float64 as well.
                    away = (np.float64(row[i]) - row[j]) / temperature
                    above[j] = 1.0 / (1.0 + np.exp(min(away, 700.0)))
            above[i] = 0
            if left_out >= 0:
                above[left_out] = 0
            positives, negatives = 0.0, 0.0
            for j in range(first, last):
                positives += above[j]
            for j in range(first):
                negatives += above[j]
            for j in range(last, width):
                negatives += above[j]
            rank = 1 + positives + negatives
            precision += (1 + positives) / rank
            if gradient:
                unit = 1 / (rank * rank * temperature * count)
                down, up = (1 + positives) * unit, -negatives * unit
                total = 0.0
                for j in range(first):
                    slope = down * above[j] * (1 - above[j])
                    slopes[j] += slope
                    total += slope
                for j in range(first, last):
                    slope = up * above[j] * (1 - above[j])
                    slopes[j] += slope
                    total += slope
                for j in range(last, width):
                    slope = down * above[j] * (1 - above[j])
                    slopes[j] += slope
                    total += slope
                slopes[i] -= total
        values[q] = 1 - precision / count
        if gradient:
            for j in range(width):
                row[j] = slopes[j]
