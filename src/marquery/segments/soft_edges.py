"""Step 2 of segmenting: explain each pixel outside the cores as a mix of two paints (unmixing).

Such a pixel lies on an anti-aliased edge (colour ``c = a F + (1 - a) G``, the paints F and G taken
from pure pixels beside it), or on a stroke too thin to hold a flat block. Each is given a pure
pixel of the paint that holds most of it (``top``), one of the other paint (``under``) and the share
of the first. Shares are solved by least squares; what no mix explains is left to
:mod:`marquery.segments.thin_strokes`.
"""

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def unmix_soft_edges(
    pixels: Any,
    codes: Any,
    marks: Any,
    rest: Any,
    steps: Any,
    tolerance: int,
    max_mix_error: float,
) -> Any:
    """Paint mixes of the pixels in ``rest``.

    Rounds run outwards from the cores: a pixel is explained by the cores beside it or, in later
    rounds, by the paints of neighbours explained in earlier ones (never in the same: the order of
    pixels must not matter). So blurred edges close from both sides and thin strokes grow out of
    thick ones.

    Args:
        pixels: uint8 (N, 4), the image with a rim of one pixel, flattened; the fourth channel is
            constant.
        codes: uint32 (N,), each pixel as one number.
        marks: int32 (N,), from :func:`label_cores`, flattened.
        rest: int32 (K,), the pixels outside cores.
        steps: int32 (8,), offsets of the neighbours, the four edge neighbours first.
        tolerance: levels by which a pixel may differ from a mix, or from a single paint.
        max_mix_error: the same as a share of the distance between the two paints; the larger
            counts.

    Returns:
        ``(top, under, share)`` of length K: flat indices of pure pixels of both paints (-1: none,
        so unexplained if top is -1), and the share of the top paint, float32 in [0, 1].
    """
    count = rest.shape[0]
    top = np.full(count, -1, dtype=np.int32)
    under = np.full(count, -1, dtype=np.int32)
    share = np.ones(count, dtype=np.float32)
    new_top = np.empty(count, dtype=np.int32)
    new_under = np.empty(count, dtype=np.int32)
    new_share = np.empty(count, dtype=np.float32)
    asked = np.full(count, -1, dtype=np.int32)
    todo = np.arange(count, dtype=np.int32)
    following = np.empty(count, dtype=np.int32)
    solved = np.empty(count, dtype=np.int32)
    paints = np.empty(16, dtype=np.int32)
    seen = np.empty(16, dtype=np.uint32)  # their colours
    color = np.empty((16, 3), dtype=np.float32)  # of each paint, less the pixel's own
    off2 = np.float32(tolerance * tolerance)
    slack = np.float32(max_mix_error * max_mix_error)
    left = count
    turn = 0
    # Everything is in one body on purpose: handing arrays to a helper for each pixel costs more
    # than the sums.
    while left > 0:
        n_solved = 0
        for t in range(left):
            k = todo[t]
            p = rest[k]
            # The different paints around p, those of the neighbours' labels first; edge before
            # corner.
            n = 0
            for i in range(8):
                paint = p + steps[i]
                mark = marks[paint]
                if (
                    mark < 0 and turn > 0
                ):  # in the first round nothing beside the cores is explained
                    paint = top[-mark - 1]
                elif mark <= 0:
                    continue
                if paint < 0:
                    continue
                code = codes[paint]
                known = False
                for j in range(n):
                    known |= seen[j] == code
                if not known:
                    paints[n] = paint
                    seen[n] = code
                    n += 1
            adjacent = n
            for i in range(8 if turn > 0 else 0):
                mark = marks[p + steps[i]]
                paint = under[-mark - 1] if mark < 0 else -1
                if paint < 0:
                    continue
                code = codes[paint]
                known = False
                for j in range(n):
                    known |= seen[j] == code
                if not known:
                    paints[n] = paint
                    seen[n] = code
                    n += 1
            near = -1
            near2 = np.float32(1e9)
            for i in range(n):
                r = np.float32(pixels[paints[i], 0]) - np.float32(pixels[p, 0])
                g = np.float32(pixels[paints[i], 1]) - np.float32(pixels[p, 1])
                b = np.float32(pixels[paints[i], 2]) - np.float32(pixels[p, 2])
                color[i, 0], color[i, 1], color[i, 2] = r, g, b
                d2 = r * r + g * g + b * b
                # Of two as near, the paint decides, not its place: a picture turned has the same
                # segments.
                if d2 < near2 or (d2 == near2 and i < adjacent and seen[i] < seen[near]):
                    near, near2 = i, d2
            if (
                near < 0 or near >= adjacent
            ):  # the nearest paint must be that of a neighbour's label
                continue
            best, best_off, best_share = -1, np.float32(1e9), np.float32(0)
            for i in range(n):
                if i == near:
                    continue
                # Least squares: the pixel is near + a * (paint i - near), up to what is off that
                # line.
                r = color[i, 0] - color[near, 0]
                g = color[i, 1] - color[near, 1]
                b = color[i, 2] - color[near, 2]
                length2 = r * r + g * g + b * b
                along = -(color[near, 0] * r + color[near, 1] * g + color[near, 2] * b)
                if along <= 0 or along >= length2:
                    continue
                distance2 = near2 - along * along / length2
                if distance2 > max(off2, slack * length2):
                    continue
                if distance2 < best_off or (distance2 == best_off and seen[i] < seen[best]):
                    best, best_off, best_share = i, distance2, along / length2
            if best < 0 and near2 > off2:
                continue
            new_top[k] = paints[near]
            new_under[k] = paints[best] if best >= 0 else -1
            new_share[k] = np.float32(1) - best_share
            solved[n_solved] = k
            n_solved += 1
        for i in range(n_solved):
            k = solved[i]
            top[k], under[k], share[k] = new_top[k], new_under[k], new_share[k]
        # Only the neighbours of what was explained just now can find something new.
        left = 0
        for i in range(n_solved):
            p = rest[solved[i]]
            for j in range(8):
                mark = marks[p + steps[j]]
                if mark < 0 and top[-mark - 1] < 0 and asked[-mark - 1] != turn:
                    asked[-mark - 1] = turn
                    following[left] = -mark - 1
                    left += 1
        todo, following = following, todo
        turn += 1
    return top, under, share
