"""One-colour versions of a logo: which parts are inked, which left out, which in between."""

from typing import Any

import numpy as np

from marquery.arrays import Float32Array
from marquery.augment._outlines import outline, paints_of
from marquery.augment._palette import apart
from marquery.augment._random import uniform
from marquery.augment.functional import Color
from marquery.segments import Segmentation
from marquery.segments.stats import contact_pairs

# Levels from which an inner edge is part of what one recognises.
_EDGE = 48
# Shares of the length of all outlines that a plain version must keep.
_ENOUGH, _BARELY = 0.85, 0.6
# A silhouette of a logo of several colours is seen now and then even where it hides inner edges.
_BLUNT = 0.25
# Least share of the ink in a part that is toned.
_PALEST = 0.3


def mono_weights(segmentation: Segmentation) -> Float32Array:
    """Draw a one-colour version.

    Three are looked at: the silhouette; the knock-out, in which what lies on a part is left out of
    it, as a white letter of a black badge; and tones. The first that keeps the logo's outlines is
    taken.

    Returns:
        float32 (count + 1,): 0 = background, 1 = ink, by label.
    """
    pairs = contact_pairs(segmentation.labels, segmentation.count)
    paints = paints_of(segmentation)
    whole = max(outline(pairs, paints, _EDGE), 1)
    solid = np.concatenate([[0], np.where(segmentation.is_hole, 0, 1)]).astype(np.float32)
    least = _BARELY if uniform() < _BLUNT else _ENOUGH
    for weights in (solid, solid * np.concatenate([[0], segmentation.depth % 2])):
        kept = outline(pairs, 255 * np.repeat(weights[:, None], 3, axis=1), _EDGE)
        if kept >= least * whole:
            return weights.astype(np.float32)
    seen = apart(paints, segmentation.background)
    toned = _PALEST + (1 - _PALEST) * seen / max(float(seen.max()), 1.0)
    return (solid * toned).astype(np.float32)


def mono_paints(weights: Any, ink: Color, background: Color) -> Float32Array:
    """float32 (count + 1, 3): the paints of a one-colour version.

    Args:
        weights: float32 (count + 1,), share of the ink in each label's paint, 0 to 1.
        ink, background: RGB.
    """
    low, high = np.array(background, np.float32), np.array(ink, np.float32)
    paints: Float32Array = low + weights[:, None] * (high - low)
    return paints
