"""The compiled labelling of cores against plain loops and OpenCV's components."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marquery.segments.cores import label_cores, zeros_of
from marquery.segments.regions import find_runs


def plain_cores(pixels, tolerance):
    """Core number of each pixel (0: none) and whether it is pure, one pixel at a time."""
    height, width = pixels.shape[:2]
    spread = np.full((height + 1, width + 1), 256)
    for y in range(height - 1):
        for x in range(width - 1):
            block = pixels[y : y + 2, x : x + 2].reshape(4, 3).astype(int)
            spread[y + 1, x + 1] = (block.max(axis=0) - block.min(axis=0)).max()
    flat = (spread <= tolerance).astype(np.uint8)
    _, blocks = cv2.connectedComponents(flat, connectivity=8)
    core = np.zeros((height, width), dtype=int)
    pure = np.zeros((height, width), dtype=bool)
    for y in range(height):
        for x in range(width):
            core[y, x] = blocks[y : y + 2, x : x + 2].max()
            around = spread[y : y + 2, x : x + 2]
            pure[y, x] = around.min() <= min(tolerance, 2) or around.max() <= tolerance
    return core, pure, flat


def random_drawing(seed, height, width):
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (-(-height // 4), -(-width // 4), 3))
    pixels = small.repeat(4, axis=0).repeat(4, axis=1)[:height, :width].astype(np.uint8)
    pixels = cv2.GaussianBlur(pixels, (3, 3), 0.4) if seed % 2 else pixels
    noisy = pixels + rng.integers(-4, 5, pixels.shape) * (rng.random(pixels.shape) < 0.2)
    return np.clip(noisy, 0, 255).astype(np.uint8)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    height=st.integers(2, 23),
    width=st.integers(2, 23),
    tolerance=st.sampled_from([0, 1, 4, 7, 40, 127]),
)
def test_cores_are_those_of_plain_loops(seed, height, width, tolerance):
    pixels = random_drawing(seed, height, width)
    marks, rest, seams, count = label_cores(*cv2.split(pixels), tolerance, 2)
    core, pure, flat = plain_cores(pixels, tolerance)
    grid = marks.reshape(height + 2, width + 2)
    assert not grid[[0, -1]].any()
    assert not grid[:, [0, -1]].any()
    inner = grid[1:-1, 1:-1]
    np.testing.assert_array_equal(inner > 0, pure & (core > 0))
    np.testing.assert_array_equal(marks[rest], -1 - np.arange(len(rest)))
    assert len(rest) == (~pure).sum()
    pairs = set(zip(inner[inner > 0].tolist(), core[inner > 0].tolist(), strict=True))
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})
    assert count == cv2.connectedComponents(flat, connectivity=8)[0] - 1
    y, x = np.divmod(seams, width + 2)
    real = (y >= 1) & (y < height) & (x >= 1) & (x < width)
    expected = np.argwhere(flat[1:height, 1:width] == 0) + 1
    np.testing.assert_array_equal(np.stack([y, x], axis=1)[real], expected)


@pytest.mark.parametrize("size", [8, 64, 200])
def test_zeros_of(size):
    rng = np.random.default_rng(size)
    for density in (0, 0.02, 0.5, 1):
        mask = np.where(rng.random(size) < density, 0, 255).astype(np.uint8)
        np.testing.assert_array_equal(
            zeros_of(mask, mask.view(np.uint64)), np.flatnonzero(mask == 0)
        )


def test_runs_by_hand():
    marks = np.array([0, 0, 0, 5, 5, 5, 2, 0, 0, 7], dtype=np.int32)
    assert find_runs(marks).tolist() == [0, 3, 6, 7, 9, 10]
