"""Noise is told from clean edges and gradients."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

import marquery as mq
from marquery.segments.noise import is_noisy


def drawing(side, ink, ground):
    big = Image.new("RGB", (8 * side, 8 * side), ground)
    pen = ImageDraw.Draw(big)
    pen.ellipse([side, side, 4 * side, 5 * side], fill=ink)
    pen.polygon([(5 * side, 2 * side), (7 * side, 3 * side), (6 * side, 7 * side)], fill=ink)
    return big.reduce(8)


def jpeg(image, quality):
    packed = io.BytesIO()
    image.save(packed, "JPEG", quality=quality)
    return Image.open(packed).convert("RGB")


@pytest.mark.parametrize("side", [48, 224])
@pytest.mark.parametrize("colors", [((200, 30, 30), "white"), ((30, 60, 160), (20, 20, 30))])
def test_clean_and_jpeg_drawings(side, colors):
    image = drawing(side, *colors)
    assert not is_noisy(np.asarray(image))
    assert is_noisy(np.asarray(jpeg(image, 60)))
    assert mq.segment(jpeg(image, 60)).count == 2


def test_gradient_is_clean_and_grain_is_not():
    y, x = np.mgrid[0:80, 0:80]
    ramp = np.repeat((40 + y + 1.3 * x)[..., None], 3, axis=2)
    assert not is_noisy(ramp.astype(np.uint8))
    grain = np.random.default_rng(0).normal(0, 3, ramp.shape)
    assert is_noisy((ramp + grain).astype(np.uint8))
    assert not is_noisy(np.zeros((1, 1, 3), dtype=np.uint8))
