"""Parts correspond by shape and place where the encoder's terms do not tell them apart."""

import numpy as np
import pytest
from PIL import Image

import marquery as mq
from marquery.explanation.affinity import _shapes, affinity
from marquery.explanation.matching import match_pieces
from marquery.explanation.partition import partition
from marquery.explanation.views import whole_view

from ..drawings import BLUE, GREEN, RED, paint
from ..encoders import tiny_encoder_for_parts as tiny_encoder

INK = (20, 20, 20)


def pinwheel(colors=(INK, INK, INK, INK)):
    """Four arms about a centre, each the last turned by a quarter, as in some well-known marks."""
    arm = paint(
        (240, 240), ("rectangle", (30, 84, 99, 104), INK), ("ellipse", (110, 30, 129, 69), INK)
    )
    whole = np.full((240, 240, 3), 255, np.uint8)
    for turn, color in enumerate(colors):
        dark = np.rot90(np.asarray(arm), turn)[..., 0] < 128
        whole[dark] = color
    return Image.fromarray(whole)


def eyes(size=(200, 100), shift=0, color=INK):
    """A symmetrical mark: two equal discs and, below, a bar."""
    w, h = size
    return paint(
        size,
        ("ellipse", (0.1 * w + shift, 0.1 * h, 0.3 * w + shift, 0.1 * h + 0.2 * w), color),
        ("ellipse", (0.6 * w + shift, 0.1 * h, 0.8 * w + shift, 0.1 * h + 0.2 * w), color),
        ("rectangle", (0.1 * w + shift, 0.8 * h, 0.8 * w + shift, 0.9 * h), color),
    )


def corresponding(first, second):
    """For each piece of the first, the centre of it and of the one it goes with if the encoder
    tells nothing.
    """
    views = whole_view(first), whole_view(second)
    pieces = [partition(view.found) for view in views]
    weights = affinity(views[0], pieces[0], views[1], pieces[1])
    assert (weights >= 1).all()
    assert (weights <= 3 + 1e-9).all()
    found = match_pieces(np.ones_like(weights), weights)
    centre = [
        [np.argwhere(view.mask(p.labels)).mean(axis=0) / view.whole.shape[0] for p in own]
        for view, own in zip(views, pieces, strict=True)
    ]
    return [(centre[0][i], centre[1][j]) for i, j in found]


@pytest.mark.parametrize(
    "hit",
    [eyes(), eyes((400, 200)), eyes((260, 100)), eyes((200, 100), shift=30), eyes(color=BLUE)],
    ids=["same", "larger", "wider", "shifted", "recoloured"],
)
def test_left_goes_with_left(hit):
    found = corresponding(eyes(), hit)
    assert len(found) == 3
    middle = [np.mean([pair[side][1] for pair in found]) for side in range(2)]
    for one, other in found:
        assert np.sign(round(one[1] - middle[0], 1)) == np.sign(round(other[1] - middle[1], 1))
        assert (one[0] > 0.6) == (other[0] > 0.6)  # the bar with the bar


def test_arms_of_a_pinwheel_stay_where_they_are():
    found = corresponding(pinwheel(), pinwheel((RED, BLUE, GREEN, (200, 160, 0))))
    assert len(found) >= 4
    for one, other in found:
        np.testing.assert_allclose(one, other, atol=0.02)


def test_shape_wins_over_place_when_parts_change_places():
    first = paint(
        (200, 80), ("ellipse", (10, 10, 69, 69), INK), ("rectangle", (160, 5, 169, 74), INK)
    )
    second = paint(
        (200, 80), ("rectangle", (20, 5, 29, 74), INK), ("ellipse", (120, 10, 179, 69), INK)
    )
    views = whole_view(first), whole_view(second)
    pieces = [partition(view.found) for view in views]
    weights = affinity(views[0], pieces[0], views[1], pieces[1])
    assert match_pieces(np.array([[0.12, 0.1], [0.1, 0.12]]), weights) == [(0, 0), (1, 1)]


@pytest.mark.parametrize("angle", [0, 45, 90, 180])
def test_a_turned_and_shrunk_shape_is_known_again(angle):
    shape = paint((160, 160), ("polygon", (40, 40, 120, 50, 60, 110), INK))
    turned = shape.rotate(angle, fillcolor="white", resample=Image.Resampling.BICUBIC)
    turned = turned.resize((100, 100), Image.Resampling.LANCZOS)
    other = paint((160, 160), ("rectangle", (30, 75, 130, 80), INK))
    view = whole_view(shape)
    pieces = partition(view.found)
    weight = {}
    for name, image in (("turned", turned), ("other", other)):
        seen = whole_view(image)
        weight[name] = float(_shapes(view, pieces, seen, partition(seen.found))[0, 0])
    assert weight["turned"] > (0.95 if angle == 0 else 0.8)
    assert weight["other"] < 0.6


def test_a_thin_line_is_like_itself_and_unlike_a_disc():
    line = whole_view(paint((384, 60), ("rectangle", (4, 30, 379, 30), INK)))
    disc = whole_view(paint((100, 100), ("ellipse", (10, 10, 89, 89), INK)))
    own, other = partition(line.found), partition(disc.found)
    assert affinity(line, own, line, own)[0, 0] == pytest.approx(3)
    assert affinity(line, own, disc, other)[0, 0] < 2.3


def test_the_encoders_word_counts_where_it_is_clear():
    weights = np.array([[3.0, 2.0], [2.0, 3.0]])
    assert match_pieces(np.array([[0.1, 0.9], [0.9, 0.1]]), weights) == [(0, 1), (1, 0)]
    assert match_pieces(np.array([[0.4, 0.5], [0.5, 0.4]]), weights) == [(0, 0), (1, 1)]


def test_only_the_colouring_changes_and_shares_stay_exact():
    encoder = tiny_encoder()
    e = mq.explain(encoder, eyes(), eyes(color=BLUE))
    one, two = encoder.embed([eyes(), eyes(color=BLUE)])
    for parts, ground in ((e.query_parts, e.query_background), (e.hit_parts, e.hit_background)):
        assert sum(p.share for p in parts) + ground == pytest.approx(float(one @ two), abs=1e-6)
    np.testing.assert_allclose(e.pairs.sum(), e.score, atol=1e-6)
    place = {p.match: np.argwhere(p.mask).mean(axis=0) for p in e.query_parts if p.match}
    for part in e.hit_parts:
        if part.match:
            np.testing.assert_allclose(
                np.argwhere(part.mask).mean(axis=0), place[part.match], atol=2
            )
