"""Random choices of segments and colours, all from torch's generator."""

from collections.abc import Sequence

import numpy as np
import torch

from marquery.augment.functional import Color
from marquery.segments import Segmentation

Range = tuple[float, float]

# Draws tried before one that breaks a limit is given up.
TRIES = 8


def uniform(low: float = 0.0, high: float = 1.0) -> float:
    """One number in [low, high) from torch's generator."""
    return low + (high - low) * float(torch.rand(()))


def shuffled(count: int) -> list[int]:
    """Labels 1..count in random order, from torch's generator."""
    order: list[int] = (torch.randperm(count) + 1).tolist()
    return order


def wanted_count(count: int, share: Range) -> int:
    """Number of segments for a random share of them, at least one if there is any."""
    return min(count, max(1, round(uniform(*share) * count)))


def pick(segmentation: Segmentation, share: Range) -> list[int]:
    """Random segments, a random share of all."""
    return shuffled(segmentation.count)[: wanted_count(segmentation.count, share)]


def pick_one(segmentation: Segmentation) -> int:
    """One random segment, weighted by the square root of its area: rarely a tiny one."""
    reach = np.sqrt(segmentation.area).cumsum()
    index = int(np.searchsorted(reach, uniform(0, float(reach[-1])), side="right"))
    return min(segmentation.count, index + 1)


def color_away_from(others: Sequence[Sequence[int]], contrast: int) -> Color:
    """Random RGB at least ``contrast`` levels from the given colours in some channel."""
    for _ in range(TRIES):
        r, g, b = (int(256 * v) for v in torch.rand(3).tolist())
        if all(
            max(abs(r - other[0]), abs(g - other[1]), abs(b - other[2])) >= contrast
            for other in others
        ):
            return r, g, b
    # The far end of each channel is at least 127 levels away from the first colour.
    r, g, b = (255 if level < 128 else 0 for level in others[0])
    return r, g, b
