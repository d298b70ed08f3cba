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


def green(image):
    return np.ascontiguousarray(np.asarray(image)[..., 1])


@pytest.mark.parametrize("side", [48, 224])
@pytest.mark.parametrize("colors", [((200, 30, 30), "white"), ((30, 60, 160), (20, 20, 30))])
def test_clean_and_jpeg_drawings(side, colors):
    image = drawing(side, *colors)
    assert not is_noisy(green(image))
    assert is_noisy(green(jpeg(image, 60)))
    assert mq.segment(jpeg(image, 60)).count == 2


def test_gradient_is_clean_and_grain_is_not():
    y, x = np.mgrid[0:80, 0:80]
    ramp = np.repeat((40 + y + 1.3 * x)[..., None], 3, axis=2)
    assert not is_noisy(green(ramp.astype(np.uint8)))
    grain = np.random.default_rng(0).normal(0, 3, ramp.shape)
    assert is_noisy(green((ramp + grain).astype(np.uint8)))
    assert not is_noisy(np.zeros((1, 1), dtype=np.uint8))


def runs_and_edges(plane):
    """The rule word by word, for one row pair in three, in plain integers."""
    edges = runs = looked = 0
    for y in range(0, plane.shape[0] - 1, 3):
        ripples = []
        for x in range(plane.shape[1] - 1):
            (a, b), (c, d) = plane[y : y + 2, x : x + 2].astype(int)
            looked += 1
            edge = max(a, b, c, d) - min(a, b, c, d) > 14
            edges += edge
            ripples.append(not edge and abs(a + d - b - c) >= 2)
        runs += sum(all(ripples[x : x + 5 : 2]) for x in range(len(ripples) - 4))
    return runs > 0.04 * edges and runs > 0.0005 * looked


@pytest.mark.parametrize("levels", [0.2, 0.4, 0.5, 0.6, 0.8, 1.2])
@pytest.mark.parametrize("seed", range(4))
def test_same_as_the_rule_in_plain_integers(levels, seed):
    rng = np.random.default_rng(seed)
    plane = np.where(np.arange(61) < 30, 60, 200) + rng.normal(0, levels, (40, 61))
    plane = np.rint(plane).astype(np.uint8)
    assert is_noisy(plane) == runs_and_edges(plane)
