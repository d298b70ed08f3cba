"""Whitening of the head: by hand, in full, not at all, and of what has no head."""

import numpy as np
import pytest
import torch

from marquery.encoder import LogoEncoder
from marquery.encoder.whitening import whitened, whitening_matrix
from marquery.errors import UsageError


def _encoder(dim=8):
    torch.manual_seed(0)
    return LogoEncoder.create("mobilenetv3_small_050", dim, image_size=32, pretrained=False)


def _drawn(count=500, dim=5):
    generator = np.random.default_rng(0)
    return generator.normal(size=(count, dim)) @ generator.normal(size=(dim, dim)) + 3


def test_two_directions_by_hand():
    # Variances 16 and 1 along the axes (covariance over n - 1 = 3): factors 16^-p and 1, then their
    # mean product 1.
    points = np.array([[4.0, 0], [-4, 0], [0, 1], [0, -1]]) * np.sqrt(1.5)
    assert np.allclose(np.cov(points.T), np.diag([16, 1]))
    assert np.allclose(whitening_matrix(points, 0.5), np.diag([0.5, 2]))
    assert np.allclose(whitening_matrix(points, 0.25), np.diag([2**-0.5, 2**0.5]))


def test_in_full_all_directions_have_one_variance():
    points = _drawn()
    matrix = whitening_matrix(points, 0.5)
    assert np.allclose(matrix, matrix.T)
    covariance = np.cov((points @ matrix).T)
    assert np.allclose(covariance, np.eye(5) * covariance[0, 0], atol=1e-8 * covariance[0, 0])


def test_two_halves_are_the_whole():
    points = _drawn()
    quarter = whitening_matrix(points, 0.25)
    assert np.allclose(quarter @ quarter, whitening_matrix(points, 0.5))


def test_within_groups_by_hand():
    # Within groups only the first axis varies much (16 to 1); between them, only the second.
    points = np.array([[4.0, 101], [-4, 99], [4, 1], [-4, -1], [77, 7]])
    groups = np.array(["a", "a", "b", "b", "alone"])
    # Deviations (4, 1), (-4, -1) twice, and nothing of the group of one: C = 4 [[16, 4], [4, 1]],
    # of rank one.
    matrix = whitening_matrix(points, 0.5, groups)
    along, across = np.array([4, 1]) / np.sqrt(17), np.array([1, -4]) / np.sqrt(17)
    assert np.allclose(matrix @ along, 0.1 * along)
    assert np.allclose(matrix @ across, 10 * across)


def test_within_groups_is_the_covariance_of_what_is_left():
    points = _drawn()
    groups = np.array(["a", "b", "c", ""])[np.arange(500) % 4]
    rest = [points[groups == g] - points[groups == g].mean(axis=0) for g in "abc"]
    assert np.allclose(
        whitening_matrix(points, 0.3, groups), whitening_matrix(np.concatenate(rest), 0.3)
    )


def test_a_direction_without_variance_is_not_blown_up():
    points = np.c_[_drawn(dim=2), np.full(500, 2.0)]
    factors = np.linalg.eigvalsh(whitening_matrix(points, 0.5))
    assert factors[-1] / factors[0] <= 100 * (1 + 1e-6)


def test_the_head_does_what_the_matrix_says():
    encoder = _encoder()
    pictures = list(np.random.default_rng(1).integers(0, 255, (40, 32, 32, 3), dtype=np.uint8))
    before = encoder.embed(pictures)
    after = whitened(encoder, before, 0.3).embed(pictures)
    expected = before @ whitening_matrix(before, 0.3)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert np.allclose(after, expected, atol=1e-5)
    assert not np.allclose(after, before, atol=1e-2)
    assert np.array_equal(encoder.embed(pictures), before)


def test_power_0_changes_nothing():
    encoder = _encoder()
    vectors = np.random.default_rng(2).normal(size=(30, 8)).astype(np.float32)
    same = whitened(encoder, vectors, 0)
    assert torch.allclose(same.network.head.weight, encoder.network.head.weight, atol=1e-6)


def test_what_cannot_be_whitened_is_refused():
    encoder = _encoder()
    vectors = np.random.default_rng(3).normal(size=(30, 8))
    with pytest.raises(UsageError, match=r"power: 0\.6"):
        whitened(encoder, vectors, 0.6)
    with pytest.raises(UsageError, match="length is 5, and this encoder gives 8"):
        whitened(encoder, vectors[:, :5], 0.2)
    with pytest.raises(
        UsageError, match="of fewer than two images nothing varies; give those of two images"
    ):
        whitened(encoder, vectors[:1], 0.2)
    with pytest.raises(UsageError, match="the images do not vary; give"):
        whitened(encoder, np.ones((4, 8)), 0.2)
    with pytest.raises(UsageError, match="do not vary within any group"):
        whitened(encoder, vectors, 0.2, np.array([f"g{i}" for i in range(30)]))
    with pytest.raises(UsageError, match="encoder: whitening is put into a linear head"):
        whitened(_encoder(None), vectors, 0.2)
