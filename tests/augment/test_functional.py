"""The segment operations on images whose result is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

import marquery as mq
from marquery.augment import functional as F
from marquery.errors import UsageError


def canvas(height, width, color=(255, 255, 255)):
    image = np.empty((height, width, 3), dtype=np.uint8)
    image[:] = color
    return image


def smooth(draw, side=64, factor=8, ground=(255, 255, 255)):
    big = Image.new("RGB", (side * factor, side * factor), ground)
    draw(ImageDraw.Draw(big), factor)
    return np.asarray(big.reduce(factor))


def disc_and_bar(disc, bar, ground=(255, 255, 255)):
    def draw(d, f):
        d.polygon([(40 * f, 6 * f), (58 * f, 10 * f), (52 * f, 56 * f), (37 * f, 50 * f)], fill=bar)
        d.ellipse([6 * f, 20 * f, 31 * f, 45 * f], fill=disc)

    return smooth(draw, ground=ground)


def label_at(found, y, x):
    return int(found.labels[y, x])


@st.composite
def logos(draw):
    """Smooth logos of a few random shapes in random paints, on a random plain ground."""
    paints = [(255, 255, 255), (0, 0, 0), (200, 30, 40), (30, 90, 200), (250, 200, 30)]
    ground = paints[draw(st.integers(0, 4))]
    shapes = draw(
        st.lists(
            st.tuples(
                st.integers(4, 40),
                st.integers(4, 40),
                st.integers(6, 18),
                st.integers(0, 4),
                st.booleans(),
            ),
            min_size=1,
            max_size=5,
        )
    )

    def render(d, f):
        for y, x, size, paint, round_ in shapes:
            shape = d.ellipse if round_ else d.rectangle
            shape([x * f, y * f + 3, (x + size) * f, (y + size) * f + 3], fill=paints[paint])

    return smooth(render, ground=ground)


def test_recolouring_equals_drawing_in_the_other_colour():
    image = disc_and_bar((200, 30, 30), (30, 30, 200))
    found = mq.segment(image)
    out = F.recolor(image, found, {label_at(found, 32, 18): (20, 160, 60)})
    assert np.abs(out.astype(int) - disc_and_bar((20, 160, 60), (30, 30, 200))).max() <= 3


def test_removing_equals_never_having_drawn():
    ground = (40, 44, 52)
    image = disc_and_bar((200, 30, 30), (90, 160, 220), ground)
    found = mq.segment(image)
    out = F.remove(image, found, [label_at(found, 32, 18)])
    assert np.abs(out.astype(int) - disc_and_bar(ground, (90, 160, 220), ground)).max() <= 3


def test_removing_a_hole_fills_it_with_the_paint_around_it():
    image = canvas(40, 40)
    image[5:35, 5:35] = (0, 100, 0)
    image[12:28, 12:28] = 255
    found = mq.segment(image)
    assert found.is_hole.tolist() == [False, True]
    assert (F.remove(image, found, [2])[5:35, 5:35] == (0, 100, 0)).all()
    # Both: down to the background.
    assert (F.remove(image, found, [1, 2]) == 255).all()


def test_removing_from_a_gradient_continues_the_gradient():
    image = canvas(60, 100)
    image[5:55, 5:95] = np.linspace((250, 40, 20), (30, 60, 240), 90)[None].astype(np.uint8)
    whole = image.copy()
    image[20:40, 40:60] = (255, 255, 0)
    found = mq.segment(image)
    assert found.count == 2
    out = F.remove(image, found, [label_at(found, 30, 50)])
    assert np.abs(out.astype(int) - whole).max() <= 3


def test_shade_keeps_light_and_dark():
    image = canvas(40, 80)
    image[10:30, 10:70] = np.linspace(60, 180, 60)[None, :, None].astype(np.uint8)
    found = mq.segment(image)
    out = F.recolor(image, found, {1: (120, 60, 60)}, style="shade").astype(int)
    row = out[20, 10:70]
    assert (np.diff(row[:, 0]) >= 0).all()
    assert row[-1, 0] - row[0, 0] >= 115
    assert np.abs(row.mean(axis=0) - (120, 60, 60)).max() < 6
    flat = F.recolor(image, found, {1: (120, 60, 60)}, style="flat")
    assert (flat[11:29, 11:69] == (120, 60, 60)).all()


def test_quarter_turn_of_a_bar_about_its_centre():
    image = canvas(64, 64)
    image[28:36, 12:52] = (0, 0, 200)  # centre of gravity at (31.5, 31.5)
    found = mq.segment(image)
    out = F.rotate(image, found, 1, 90)
    assert (out == np.rot90(image)).all()


def test_rotation_is_counter_clockwise_and_leaves_background_beneath():
    image = disc_and_bar((200, 30, 30), (30, 30, 200))
    found = mq.segment(image)
    bar = label_at(found, 30, 45)
    out = F.rotate(image, found, bar, 20)
    y, x = np.nonzero((out[..., 2] > 150) & (out[..., 0] < 100))
    upper, lower = x[y < 15].mean(), x[y > 50].mean()
    original = found.labels == bar
    oy, ox = np.nonzero(original)
    assert upper - lower < ox[oy < 15].mean() - ox[oy > 50].mean()  # the top has moved to the left
    assert abs(y.mean() - oy.mean()) < 0.7
    assert abs(x.mean() - ox.mean()) < 0.7
    # Nothing but the paints and mixes of bar and ground: no dark or red outline is left behind.
    changed = (out != image).any(axis=2)
    t = (255 - out[changed].astype(float)) / (255 - np.array([30, 30, 200]))
    assert np.abs(t - t.mean(axis=1, keepdims=True)).max() < 0.05


def test_rotation_takes_what_lies_on_the_part_along():
    image = canvas(64, 64)
    image[12:52, 12:52] = (0, 100, 0)
    image[16:24, 16:40] = (250, 220, 0)
    found = mq.segment(image)
    assert (F.rotate(image, found, 1, 90)[24:48, 16:24] == (250, 220, 0)).all()
    alone = F.rotate(image, found, 1, 90, with_enclosed=False)
    assert (alone[16:24, 16:40] == 255).sum() == 0 or not (alone == image).all()


def test_scaling_changes_area_by_the_square_and_keeps_the_centre():
    image = disc_and_bar((200, 30, 30), (30, 30, 200))
    found = mq.segment(image)
    disc = label_at(found, 32, 18)
    before = found.alpha(disc)
    for factor in (0.5, 0.8, 1.2):
        out = F.scale(image, found, disc, factor).astype(float)
        ink = np.clip((255 - out[..., 1]) / 225, 0, 1)[:, :36]
        assert abs(ink.sum() / before.sum() / factor**2 - 1) < 0.03
        centre = (ink * np.arange(36)).sum() / ink.sum()
        assert abs(centre - (before * np.arange(64)).sum() / before.sum()) < 0.3


def test_part_that_leaves_the_canvas_is_cut():
    image = canvas(40, 40)
    image[2:38, 2:38] = (0, 0, 0)
    out = F.scale(image, mq.segment(image), 1, 15.0)
    assert out.shape == image.shape
    assert (out == 0).all()


@settings(max_examples=40, deadline=None)
@given(logos(), st.data())
def test_properties(image, data):
    before = image.copy()
    found = mq.segment(image)
    if found.count == 0:
        assert (F.remove(image, found, []) == image).all()
        return
    label = data.draw(st.integers(1, found.count))
    color = data.draw(st.tuples(*[st.integers(0, 255)] * 3))
    touched = found.alpha(label) > 0
    part = found.alpha(*found.enclosed(label)) > 0
    outs = {
        "recolor": F.recolor(image, found, {label: color}),
        "shade": F.recolor(image, found, {label: color}, style="shade"),
        "remove": F.remove(image, found, [label]),
        "rotate": F.rotate(image, found, label, data.draw(st.floats(-180, 180))),
        "scale": F.scale(image, found, label, data.draw(st.floats(0.4, 1.8))),
    }
    for out in outs.values():
        assert out.shape == image.shape
        assert out.dtype == np.uint8
    assert (image == before).all()
    for name in ("recolor", "shade", "remove"):
        assert (outs[name][~touched] == image[~touched]).all()
    # Scaled down, a part stays within its own box.
    small = F.scale(image, found, label, 0.5)
    y, x = np.nonzero(part)
    box = np.zeros(found.shape, dtype=bool)
    box[max(0, y.min() - 2) : y.max() + 3, max(0, x.min() - 2) : x.max() + 3] = True
    assert (small[~box] == image[~box]).all()
    # Identity parameters.
    assert (F.rotate(image, found, label, 0) == image).all()
    assert (F.rotate(image, found, label, 360) == image).all()
    assert (F.scale(image, found, label, 1) == image).all()
    assert (F.recolor(image, found, {}) == image).all()
    assert (F.remove(image, found, []) == image).all()
    own = tuple(int(v) for v in found.colors[label - 1])
    inside = (found.labels == label) & (found.coverage == 1)
    if (image[inside] == own).all():
        assert (F.recolor(image, found, {label: own}) == image)[found.labels == label].all()


@settings(max_examples=25, deadline=None)
@given(logos(), st.data())
def test_colour_change_keeps_the_silhouette_and_removal_only_brings_background(image, data):
    found = mq.segment(image)
    ground = found.background.astype(int)
    figures = [k for k in range(1, found.count + 1) if found.parent[k - 1] == 0]
    if not figures:
        return
    label = data.draw(st.sampled_from(figures))
    alpha = found.alpha(label)
    away = np.where(ground < 128, 255, 0)
    out = F.recolor(image, found, {label: tuple(int(v) for v in away)})
    assert ((np.abs(out.astype(int) - ground).max(axis=2) >= 100) >= (alpha >= 0.8)).all()
    gone = F.remove(image, found, [label])
    assert np.abs(gone[alpha >= 0.999].astype(int) - ground).max(initial=0) <= 1
    # No pixel is farther from the ground than it was, but where another paint shared the pixel.
    others = (
        found.alpha(*[k for k in range(1, found.count + 1) if k != label])
        if found.count > 1
        else 0 * alpha
    )
    plain = others == 0
    before = np.abs(image.astype(int) - ground).max(axis=2)
    assert (np.abs(gone.astype(int) - ground).max(axis=2)[plain] <= before[plain]).all()


def test_a_segmentation_can_be_used_again_after_recolouring():
    image = disc_and_bar((200, 30, 30), (30, 30, 200))
    found = mq.segment(image)
    once = F.recolor(image, found, {label_at(found, 32, 18): (20, 160, 60)})
    twice = F.remove(once, found, [label_at(found, 30, 45)])
    assert np.abs(twice.astype(int) - disc_and_bar((20, 160, 60), (255, 255, 255))).max() <= 4


def test_wrong_use_is_named():
    image = canvas(40, 40)
    image[10:20, 10:20] = 0
    found = mq.segment(image)
    with pytest.raises(UsageError, match="no segment 2"):
        F.remove(image, found, [2])
    with pytest.raises(UsageError, match="factor above 0"):
        F.scale(image, found, 1, 0.0)
    with pytest.raises(UsageError, match="segmentation is of"):
        F.recolor(canvas(30, 40), found, {1: (0, 0, 0)})
