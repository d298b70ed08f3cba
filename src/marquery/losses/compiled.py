"""The rows of :mod:`~marquery.losses.pairs` as one compiled loop, for float32 on the CPU.

Two things make it fast. A row's exponentials u_j = exp(s_j / τ) are taken once, since
σ((s_j − s_i) / τ) = u_j / (u_j + u_i): each of the pairs costs a division per item, no exponential.
And all that is alive for a pair is one row, in the cache. The inner sums are in float64, whose
range holds exp(±1 / 0.01).

All kernels stand in this file: numba's cache does not notice a change of a function in another one.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from numba import njit
from torch import Tensor

from marquery.arrays import Float32Array, Float64Array, Int64Array
from marquery.losses.pairs import RowLosses
from marquery.losses.relevance import Ranges
from marquery.losses.surrogates import Kernel, KernelOptions, RankSurrogate

#: Sums may be reordered, so that they vectorise; NaN and infinity keep their meaning.
_FAST = {"reassoc", "contract", "arcp", "nsz"}
#: Exponents of 2 that a row may reach on either side of its middle; sums of two and their ratio
#: stay normal.
_MAX_EXPONENT = 480.0
#: Fewer cells of (pair, item) than this are not worth waking a second thread.
_CELLS_PER_THREAD = 4_000_000


def find_kernel(surrogate: RankSurrogate) -> Kernel | None:
    """The numbers of a surrogate, if the kernel computes what it says; None if not.

    A subclass that changes the steps or the cost, but not :meth:`RankSurrogate.kernel`, is none of
    its family.
    """
    owners = {_owner(surrogate, name) for name in ("kernel", "steps", "pair_losses")}
    return surrogate.kernel() if len(owners) == 1 else None


def _owner(surrogate: RankSurrogate, method: str) -> type:
    return next(c for c in type(surrogate).__mro__ if method in vars(c))


def compiled_row_losses(
    scores: Tensor,
    ranges: Ranges,
    kernel: Kernel,
    *,
    gradient: bool,
) -> RowLosses:
    """The same as :func:`~marquery.losses.pairs.row_losses`; ``scores`` become the gradient.

    Args:
        scores: (Q, M) float32 on the CPU, overwritten.
        ranges: positives of each row.
        kernel: the loss, from :func:`find_kernel`.
        gradient: whether to find the derivative.
    """
    options, k = kernel[0], np.array(kernel[1], np.float64)
    cells = scores.numpy()
    values = np.empty(len(cells), np.float32)
    begin, end, own = (x.numpy() for x in ranges[:3])

    def some(first: int, last: int) -> None:
        part = slice(first, last)
        bounds = begin[part], end[part], own[part], ranges.own_counts
        _rows(cells[part], *bounds, options, k, gradient, values[part])

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
    row: Float32Array,
    middle: float,
    scale: float,
    powers: Float64Array,
    bits: Int64Array,
    twos: Float64Array,
) -> None:
    """powers[j] = 2^((row[j] − middle)·scale), relative error 1e-13; ``twos`` is a view of
    ``bits``.

    Written out because a call of the system's exp would not vectorise: 2^t = 2^n · e^(f ln 2) with
    n the nearest integer, put into the exponent bits, and the Taylor series for |f| ≤ 1/2.
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
def _sigmoids(
    row: Float32Array,
    i: int,
    temperature: float,
    in_range: bool,
    powers: Float64Array,
    above: Float64Array,
) -> None:
    """above[j] = σ((row[j] − row[i]) / τ), from ``powers`` where these are in range."""
    if in_range:
        power = powers[i]
        for j in range(row.shape[0]):
            above[j] = powers[j] / (powers[j] + power)
    else:
        for j in range(row.shape[0]):
            # Beyond exp(±700) the sigmoid is 0 or 1 in float64 as well.
            away = (np.float64(row[i]) - row[j]) / temperature
            above[j] = 1.0 / (1.0 + np.exp(min(away, 700.0)))


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
def _bound(
    row: Float32Array,
    i: int,
    first: int,
    last: int,
    options: KernelOptions,
    above: Float64Array,
    rises: Float64Array,
) -> None:
    """SupAP's steps in place of the sigmoids in ``above``, and their slopes."""
    item = np.float64(row[i])
    for j in range(row.shape[0]):
        ahead = row[j] - item
        sigmoid = above[j]
        linear = ahead > options.linear_from
        line = options.slope * (ahead - options.linear_from) + options.linear_start
        above[j] = line if linear else sigmoid + (0.5 if ahead >= 0 else 0.0)
        rises[j] = options.slope if linear else sigmoid * (1 - sigmoid) / options.temperature
    for j in range(first, last):
        above[j] = 1.0 if row[j] > row[i] else 0.0
        rises[j] = 0.0


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
def _pair_loss(
    positives: float, negatives: float, options: KernelOptions, k: Float64Array
) -> tuple[float, float, float]:
    """f(A, N) and its derivatives by A and N."""
    rank = 1 + positives + negatives
    if k.shape[0] == 0:
        share = options.weight * negatives / rank
        return share, -share / rank, options.weight * (1 + positives) / (rank * rank)
    value, by_rank = 0.0, 0.0
    for cut in k:
        missed = 1 / (1 + np.exp(min((cut - rank) / options.k_temperature, 700.0)))
        value += missed
        by_rank += missed * (1 - missed) / options.k_temperature
    return value / k.shape[0], by_rank / k.shape[0], by_rank / k.shape[0]


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
def _calibrate(
    row: Float32Array,
    first: int,
    last: int,
    left_out: int,
    count: int,
    options: KernelOptions,
    slopes: Float64Array,
) -> float:
    """The calibration of a row, its slopes added to ``slopes``."""
    by_positive = options.calibration / count
    by_negative = options.calibration / max(1, row.shape[0] - (last - first))
    total = 0.0
    for j in range(row.shape[0]):
        if first <= j < last:
            if j != left_out and row[j] < options.positive_margin:
                total += by_positive * (options.positive_margin - row[j])
                slopes[j] -= by_positive
        elif row[j] > options.negative_margin:
            total += by_negative * (row[j] - options.negative_margin)
            slopes[j] += by_negative
    return total


@njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
def _rows(
    scores: Float32Array,
    begin: Int64Array,
    end: Int64Array,
    own: Int64Array,
    own_counts: bool,
    options: KernelOptions,
    k: Float64Array,
    gradient: bool,
    values: Float32Array,
) -> None:
    """Losses of rows into ``values``; with ``gradient`` the derivative in place of the scores."""
    width = scores.shape[1]
    scale = 1.4426950408889634 / options.temperature
    powers, above, slopes = np.empty(width), np.empty(width), np.empty(width)
    rises = np.empty(width if options.bound else 0)
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
        loss = 0.0
        for i in range(first, last):
            if i == left_out:
                continue
            _sigmoids(row, i, options.temperature, in_range, powers, above)
            if options.bound:
                _bound(row, i, first, last, options, above, rises)
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
            value, by_positive, by_negative = _pair_loss(positives, negatives, options, k)
            loss += value
            if not gradient:
                continue
            total = 0.0
            if options.bound:
                # Only negatives have a slope.
                rise = by_negative / count
                for j in range(first):
                    slopes[j] += rise * rises[j]
                    total += rise * rises[j]
                for j in range(last, width):
                    slopes[j] += rise * rises[j]
                    total += rise * rises[j]
            else:
                unit = 1 / (options.temperature * count)
                down, up = by_negative * unit, by_positive * unit
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
        loss /= count
        if options.calibration > 0:
            loss += _calibrate(row, first, last, left_out, count, options, slopes)
        values[q] = loss
        if gradient:
            for j in range(width):
                row[j] = slopes[j]
