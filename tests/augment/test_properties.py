"""What holds for every operation on every logo."""

from functools import partial

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import marquery as mq
from marquery.augment import functional as F

from ..drawings import logos, turned, turned_segmentation, turned_shift

COLORS = st.tuples(*[st.integers(0, 255)] * 3)
SHIFTS = st.tuples(st.integers(-30, 30), st.integers(-30, 30))


def every_operation(image, found, label, other, data):
    """Each operation with drawn parameters: name -> result, and the labels whose place it may
    change.
    """
    color = data.draw(COLORS)
    outs = {
        "recolor": F.recolor(image, found, {label: color}),
        "shade": F.recolor(image, found, {label: color}, style="shade"),
        "remove": F.remove(image, found, [label]),
        "rotate": F.rotate(image, found, label, data.draw(st.floats(-180, 180))),
        "scale": F.scale(image, found, label, data.draw(st.floats(0.4, 1.8))),
        "translate": F.translate(image, found, label, data.draw(SHIFTS)),
        "duplicate": F.duplicate(image, found, label, data.draw(SHIFTS)),
        "mirror": F.mirror(image, found, label, data.draw(st.sampled_from(F.DIRECTIONS))),
        "swap": F.swap(image, found, label, image, found, other),
    }
    if label != other:
        outs["exchange"] = F.exchange(image, found, [label], [other])
    return outs


@settings(max_examples=25, deadline=None)
@given(logos(), st.data())
def test_shape_dtype_input_and_background(image, data):
    before = image.copy()
    found = mq.segment(image)
    if found.count == 0:
        assert (F.remove(image, found, []) == image).all()
        return
    label, other = (data.draw(st.integers(1, found.count)) for _ in range(2))
    outs = every_operation(image, found, label, other, data)
    for out in outs.values():
        assert out.shape == image.shape
        assert out.dtype == np.uint8
    assert (image == before).all()
    touched = found.alpha(label) > 0
    for name in ("recolor", "shade"):
        assert (outs[name][~touched] == image[~touched]).all()
    # Removal may also clean what is left of an edge in the next few pixels of what lies beneath.
    swept = (outs["remove"] != image).any(axis=2) & ~touched
    assert (found.labels[swept] == found.parent[label - 1]).all()
    assert (cv2.dilate(touched.astype(np.uint8), np.ones((9, 9)))[swept] == 1).all()
    if "exchange" in outs:
        both = touched | (found.alpha(other) > 0)
        assert (outs["exchange"][~both] == image[~both]).all()
    # Turned over, replaced or made smaller, a part stays within its own box, the cleaning aside.
    y, x = np.nonzero(found.alpha(*found.enclosed(label)) > 0)
    box = np.zeros(found.shape, dtype=bool)
    box[max(0, y.min() - 5) : y.max() + 6, max(0, x.min() - 5) : x.max() + 6] = True
    for out in (outs["mirror"], outs["swap"], F.scale(image, found, label, 0.5)):
        assert (out[~box] == image[~box]).all()


@settings(max_examples=25, deadline=None)
@given(logos(), st.data())
def test_identity_parameters_give_the_identical_image(image, data):
    found = mq.segment(image)
    assert (F.recolor(image, found, {}) == image).all()
    assert (F.remove(image, found, []) == image).all()
    if found.count == 0:
        return
    label = data.draw(st.integers(1, found.count))
    assert (F.rotate(image, found, label, 0) == image).all()
    assert (F.rotate(image, found, label, 360) == image).all()
    assert (F.scale(image, found, label, 1) == image).all()
    assert (F.translate(image, found, label, (0, 0)) == image).all()
    assert (F.duplicate(image, found, label, (0, 0)) == image).all()
    own = tuple(int(v) for v in found.colors[label - 1])
    inside = (found.labels == label) & (found.coverage == 1)
    if (image[inside] == own).all():  # a flat paint, painted over with itself
        assert (F.recolor(image, found, {label: own}) == image).all()
    shaded = F.recolor(image, found, {label: own}, style="shade")
    assert np.abs(shaded.astype(int) - image).max() <= 1 or not (image[inside] == own).all()


@settings(max_examples=25, deadline=None)
@given(logos(), st.data())
def test_colour_change_keeps_the_silhouette(image, data):
    found = mq.segment(image)
    figures = [k for k in range(1, found.count + 1) if not found.is_hole[k - 1]]
    if not figures:
        return
    label = data.draw(st.sampled_from(figures))
    # A colour that no paint of these logos is near to: the same figure must be found again.
    out = F.recolor(image, found, {label: (120, 250, 120)})
    old, new = (mq.segment(i, mode="foreground").labels > 0 for i in (image, out))
    assert (old != new).mean() <= 0.01


@settings(max_examples=25, deadline=None)
@given(logos(), st.data())
def test_removal_only_brings_what_lies_beneath(image, data):
    found = mq.segment(image)
    if found.count == 0:
        return
    label = data.draw(st.integers(1, found.count))
    below = int(found.parent[label - 1])
    ground = (found.colors[below - 1] if below else found.background).astype(int)
    gone = F.remove(image, found, [label]).astype(int)
    shown = image[(found.labels == below) & (found.coverage == 1)]
    if np.ptp(shown, axis=0).max(initial=0) > 3:
        return  # a paint of several colours is continued, not filled with their mean
    alpha = found.alpha(label)
    assert np.abs(gone[alpha >= 0.999] - ground).max(initial=0) <= 1
    # Where no third paint shares the pixel, none is farther from the paint beneath than it was.
    plain = found.alpha(label, *([below] if below else [])) > 0.999
    if not below:
        rest = [k for k in range(1, found.count + 1) if k != label]
        plain = found.alpha(*rest) == 0 if rest else np.ones(found.shape, dtype=bool)
    was, now = (np.abs(v - ground).max(axis=2) for v in (image.astype(int), gone))
    assert (now[plain] <= was[plain] + 1).all()


@settings(max_examples=30, deadline=None)
@given(logos(), st.data(), st.integers(0, 3), st.booleans())
def test_turned_logos_give_turned_results(image, data, turns, flip):
    found = mq.segment(image)
    if found.count == 0:
        return
    label, other = (data.draw(st.integers(1, found.count)) for _ in range(2))
    color, shift = data.draw(COLORS), data.draw(SHIFTS)
    degrees, factor = data.draw(st.integers(-180, 180)), data.draw(st.floats(0.4, 1.8))
    turned_image, turned_found = turned(image, turns, flip), turned_segmentation(found, turns, flip)

    def differ(operation, turned_operation=None):
        straight = turned(operation(image, found), turns, flip).astype(int)
        return np.abs(straight - (turned_operation or operation)(turned_image, turned_found)).max()

    assert differ(lambda i, s: F.recolor(i, s, {label: color})) == 0
    assert differ(lambda i, s: F.recolor(i, s, {label: color}, style="shade")) == 0
    assert differ(lambda i, s: F.remove(i, s, [label])) == 0
    if label != other:
        assert differ(lambda i, s: F.exchange(i, s, [label], [other])) == 0
    moved = turned_shift(shift, turns, flip)
    moved = turned_shift(shift, turns, flip)
    for move in (F.translate, F.duplicate):
        assert (
            differ(partial(move, label=label, shift=shift), partial(move, label=label, shift=moved))
            == 0
        )
    over = F.DIRECTIONS if turns % 2 == 0 else F.DIRECTIONS[::-1]
    for before, after in zip(F.DIRECTIONS, over, strict=True):
        assert (
            differ(
                partial(F.mirror, label=label, direction=before),
                partial(F.mirror, label=label, direction=after),
            )
            == 0
        )
    # Resampled: but for the last level, which depends on the order of sums.
    back = -degrees if flip else degrees
    assert (
        differ(
            partial(F.rotate, label=label, degrees=degrees),
            partial(F.rotate, label=label, degrees=back),
        )
        <= 2
    )
    assert differ(partial(F.scale, label=label, factor=factor)) <= 2
    assert differ(lambda i, s: F.swap(i, s, label, i, s, other)) <= 2
