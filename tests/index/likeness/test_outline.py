"""Silhouettes laid on each other."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marquery.index.likeness.outline import Silhouette


def polygon(corners, radius=80.0, turn=0.0, dent=1.0):
    """A regular polygon; with a dent, a star of as many points."""
    count = corners if dent == 1 else 2 * corners
    angle = 2 * np.pi * np.arange(count) / count + turn
    reach = np.where(np.arange(count) % 2, dent * radius, radius) if dent != 1 else radius
    points = 100 + np.stack([reach * np.cos(angle), reach * np.sin(angle)], axis=1)
    mask = np.zeros((200, 200), np.uint8)
    cv2.fillPoly(mask, [np.rint(points).astype(np.int32)], 1)
    return mask > 0


def letter(text, size=200):
    mask = np.zeros((300, 260), np.uint8)
    cv2.putText(mask, text, (30, 220), cv2.FONT_HERSHEY_DUPLEX, 7, 255, 30)
    return np.asarray(cv2.resize(mask, (size, round(size * 300 / 260)))) > 127


DISC = np.hypot(*(np.indices((200, 200)) - 99.5)) < 80
SQUARE = np.zeros((200, 200), bool)
SQUARE[20:180, 20:180] = True


@pytest.mark.parametrize("mask", [DISC, SQUARE, polygon(3), polygon(5, dent=0.4), letter("R")])
@settings(deadline=None, max_examples=25)
@given(size=st.integers(40, 400), left=st.integers(0, 30), top=st.integers(0, 30))
def test_the_same_shape_at_any_size_and_place_is_the_same(mask, size, left, top):
    scaled = cv2.resize(mask.astype(np.float32), (size, size * mask.shape[0] // mask.shape[1]))
    moved = np.pad(scaled > 0.5, ((top, 3), (left, 0)))
    laid = Silhouette(mask).laid_on(Silhouette(moved))
    assert laid.is_same
    assert not laid.is_turned


def test_the_overlap_is_intersection_over_union():
    # A disc in the square that has the same root mean square radius: r²/2 = s²/6.
    laid = Silhouette(DISC).laid_on(Silhouette(SQUARE), turns=False)
    side = 2.0
    radius = side / np.sqrt(3)
    x, y = np.meshgrid(*(np.linspace(-1.3, 1.3, 1301),) * 2)
    disc, square = np.hypot(x, y) < radius, np.maximum(abs(x), abs(y)) < side / 2
    expected = (disc & square).sum() / (disc | square).sum()
    assert laid.overlap == pytest.approx(expected, abs=0.02)
    assert not laid.is_similar  # their edges part


@pytest.mark.parametrize("degrees", [90, 150, 270])
def test_a_turn_is_found(degrees):
    turned = cv2.warpAffine(
        np.pad(letter("R"), 80).astype(np.float32),
        cv2.getRotationMatrix2D((180, 196), -degrees, 1.0),
        (360, 392),
    )
    laid = Silhouette(letter("R")).laid_on(Silhouette(turned > 0.5))
    assert laid.is_same
    assert (laid.degrees, laid.mirrored) == (degrees, False)


def test_a_mirror_image_is_found():
    laid = Silhouette(letter("R")).laid_on(Silhouette(letter("R")[:, ::-1]))
    assert laid.is_same
    assert laid.mirrored
    assert laid.degrees == 0


def test_symmetry_is_no_turn():
    for mask in (DISC, SQUARE, polygon(6)):
        assert not Silhouette(mask).laid_on(Silhouette(mask[:, ::-1])).is_turned


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (DISC, SQUARE),
        (DISC, polygon(3)),
        (SQUARE, polygon(3)),
        (polygon(5, dent=0.4), polygon(6, dent=0.4)),
        (letter("A"), letter("R")),
        (letter("A"), DISC),
    ],
)
def test_unlike_shapes_are_not_alike(one, other):
    assert not Silhouette(one).laid_on(Silhouette(other)).is_similar
    assert not Silhouette(other).laid_on(Silhouette(one)).is_similar


def test_plain_shapes():
    assert Silhouette(DISC).is_plain
    assert Silhouette(SQUARE).is_plain
    assert not Silhouette(letter("R")).is_plain
    assert not Silhouette(polygon(5, dent=0.4)).is_plain
    assert Silhouette(DISC).is_disc
    assert not Silhouette(SQUARE).is_disc


def test_an_overlay_shows_the_two_as_they_were_laid():
    one, other = Silhouette(letter("R", 120)), Silhouette(letter("R", 240))
    first, second = one.overlay(other, one.laid_on(other), 200)
    assert first.shape == second.shape == (200, 200)
    assert np.minimum(first, second).sum() > 0.95 * np.maximum(first, second).sum()
