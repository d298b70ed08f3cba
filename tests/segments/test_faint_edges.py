"""Gradients that meet with a faint edge are two shapes in pictures that were resampled, too, and
one gradient stays one.
"""

import numpy as np
import pytest
from PIL import Image, ImageFilter

import marquery as mq

SIDE = 160


def drawn(step, factor=2):
    """Two gradients side by side on white, of which the right one is ``step`` levels lighter at the
    top and as light at the bottom; both fall steeply, as the eye sees it, from magenta to blue.
    """
    size = SIDE * factor
    y, x = np.mgrid[0:size, 0:size] / factor
    fade = step * np.clip((138 - y) / 24, 0, 1) * (x + 0.4 * y > 110)
    paint = np.stack([230 - 1.1 * y + fade, 20 + 0.2 * y, 140 + 0.3 * y], axis=2)
    inside = (x >= 24) & (x < 136) & (y >= 20) & (y < 140)
    return np.where(inside[..., None], np.rint(np.clip(paint, 0, 255)), 255).astype(np.uint8)


def reduced(name, step):
    return Image.fromarray(drawn(step)).resize((SIDE, SIDE), Image.Resampling[name])


def sharpened(step):
    return reduced("LANCZOS", step).filter(ImageFilter.UnsharpMask(1.5, 120, threshold=0))


def soft(step):
    return reduced("BOX", step).filter(ImageFilter.GaussianBlur(0.6))


ARRIVALS = {
    "bicubic": lambda step: reduced("BICUBIC", step),
    "lanczos": lambda step: reduced("LANCZOS", step),
    "sharpened": sharpened,
    "blurred": soft,
}


@pytest.mark.parametrize("name", ARRIVALS)
def test_a_faint_edge_of_a_resampled_picture_parts_two_gradients(name):
    found = mq.segment(ARRIVALS[name](22))
    assert found.count == 2
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    along = x + 0.4 * y - 110
    inside = (x >= 28) & (x < 132) & (y >= 24) & (y < 110)
    left, right = found.labels[inside & (along < -3)], found.labels[inside & (along > 3)]
    assert np.unique(left).size == np.unique(right).size == 1
    assert left[0] != right[0]


@pytest.mark.parametrize("name", ARRIVALS)
def test_one_gradient_is_one_segment_however_it_arrives(name):
    assert mq.segment(ARRIVALS[name](0)).count == 1
