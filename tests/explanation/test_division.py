"""Embeddings divided among parts: exactness, and brute-force oracles of both ways to divide."""

from itertools import permutations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from marquery.encoder.preprocess import to_square
from marquery.errors import UsageError
from marquery.explanation.matching import match_pieces
from marquery.explanation.partition import Piece, partition
from marquery.explanation.regions import piece_shares, region_vectors
from marquery.explanation.removal import shapley_vectors, subset_pictures
from marquery.explanation.views import whole_view

from ..drawings import RED, disc_bar, noise, paint
from ..encoders import tiny_encoder_for_parts as tiny_encoder


@given(st.integers(0, 4), st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_shapley_is_the_mean_over_all_orders(k, seed):
    vectors = np.random.default_rng(seed).normal(size=(2**k, 3)).astype(np.float32)
    wanted = np.zeros((k, 3))
    orders = list(permutations(range(k)))
    for order in orders:
        there = 0
        for i in order:
            wanted[i] += vectors[there | 1 << i].astype(float) - vectors[there]
            there |= 1 << i
    out = shapley_vectors(vectors)
    np.testing.assert_allclose(out[:k], wanted / len(orders), atol=1e-12)
    np.testing.assert_allclose(out.sum(axis=0), vectors[-1], atol=1e-12)
    np.testing.assert_array_equal(out[k], vectors[0])


def test_a_part_that_changes_nothing_gets_nothing():
    without = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
    out = shapley_vectors(np.concatenate([without, without]))  # bit 2 has no effect
    np.testing.assert_allclose(out[2], 0, atol=1e-12)


def test_subsets_hold_the_pieces_of_their_bits():
    view = whole_view(disc_bar())
    pieces = partition(view.found)
    assert [piece.labels for piece in pieces] == [(2,), (1,)]  # the disc is the larger
    nothing, disc, bar = subset_pictures(view, pieces)
    assert (nothing == 255).all()
    left, right = np.array(view.picture), np.array(view.picture)
    left[:, 65:], right[:, :65] = 255, 255
    np.testing.assert_array_equal(disc, left)
    np.testing.assert_array_equal(bar, right)


@pytest.mark.parametrize("dim", [16, None])
def test_regions_sum_to_the_embedding(dim):
    encoder = tiny_encoder(dim=dim)
    images = [noise(1), disc_bar()]
    terms = encoder.regions(images)
    assert terms.shape == (2, 2, 2, encoder.dim)
    assert terms.dtype == np.float64
    np.testing.assert_allclose(terms.sum(axis=(1, 2)), encoder.embed(images), atol=1e-6)


def test_a_region_is_what_the_head_makes_of_its_features():
    encoder = tiny_encoder()
    terms = encoder.regions([noise(1)])[0]
    with torch.inference_mode():
        pixels = torch.from_numpy(noise(1)[None]).permute(0, 3, 1, 2)
        features = encoder.network.backbone(encoder.normalize(pixels))[0]
        each = [encoder.network.head(features[:, y, x]) for y in range(2) for x in range(2)]
    mean = torch.stack(each).mean(dim=0)
    wanted = torch.stack(each) / 4 / mean.norm()
    np.testing.assert_allclose(terms.reshape(4, -1), wanted.numpy(), atol=1e-5)


def test_regions_leave_a_network_in_training_as_it_was():
    encoder = tiny_encoder()
    encoder.network.train()
    encoder.regions([noise(0)])
    assert encoder.network.training


def test_no_regions_with_other_pooling_or_tokens():
    with pytest.raises(UsageError, match="average pooling only"):
        tiny_encoder(pooling="gem").regions([noise(0)])
    encoder = tiny_encoder()
    encoder.network.backbone = torch.nn.Flatten(2)
    with pytest.raises(UsageError, match="tokens"):
        encoder.regions([noise(0)])


def test_shares_are_areas_on_the_padded_square():
    # 80 x 40 is padded by 20 rows above and below; the bar covers x 8..27, rows 20..59 of the
    # square.
    view = whole_view(paint((80, 40), ("rectangle", (8, 0, 27, 39), RED)))
    shares = piece_shares(view, [Piece("shape", (1,))], 2, 2)
    np.testing.assert_allclose(shares[0], [[0.25, 0], [0.25, 0]], atol=1e-7)
    np.testing.assert_allclose(shares[1], [[0.75, 1], [0.75, 1]], atol=1e-7)
    seen = (to_square(view.full, 80) == RED).all(axis=2)  # where the encoder sees it
    assert seen[20:60, 8:28].all()
    assert seen.sum() == 40 * 20


def test_region_vectors_add_up():
    rng = np.random.default_rng(0)
    regions, view = rng.normal(size=(3, 3, 5)), whole_view(disc_bar())
    pieces = partition(view.found)
    out = region_vectors(regions, piece_shares(view, pieces, 3, 3))
    assert out.shape == (3, 5)
    np.testing.assert_allclose(out.sum(axis=0), regions.sum(axis=(0, 1)), atol=1e-12)


@given(st.integers(0, 4), st.integers(0, 4), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_matches_are_one_to_one_and_bring_the_most(k, m, seed):
    pairs = np.random.default_rng(seed).normal(size=(k, m))
    found = match_pieces(pairs)
    assert len({i for i, _ in found}) == len({j for _, j in found}) == len(found)
    gains = [pairs[pair] for pair in found]
    assert gains == sorted(gains, reverse=True)
    assert all(gain > 0 for gain in gains)
    padded = np.maximum(np.pad(pairs, ((0, 4 - k), (0, 4 - m))), 0)
    best = max(sum(padded[i, j] for i, j in enumerate(p)) for p in permutations(range(4)))
    least = 0.03 * padded.sum()  # smaller pairs are not shown
    assert best - 4 * least <= sum(gains) <= best + 1e-9


def test_small_pairs_are_no_match():
    assert match_pieces(np.array([[0.5, 0.1], [0.1, 0.01]])) == [(0, 0)]
    assert match_pieces(np.array([[0.1, 0.5], [0.4, 0.1]])) == [(0, 1), (1, 0)]
