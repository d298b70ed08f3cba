"""What is measured on label maps, against counting pixel by pixel."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from marquery.segments import Segmentation
from marquery.segments.bands import renumber
from marquery.segments.depth import label_depths, thick_labels
from marquery.segments.segmentation import SoftEdges
from marquery.segments.stats import contact_pairs


@st.composite
def maps(draw):
    """Label maps of any width, of blocks or of single pixels; label 0 is the background."""
    height, width, block = (
        draw(st.integers(1, 21)),
        draw(st.integers(1, 21)),
        draw(st.integers(1, 5)),
    )
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    few = rng.integers(0, draw(st.integers(1, 9)), (-(-height // block), -(-width // block)))
    return few.repeat(block, 0).repeat(block, 1)[:height, :width].astype(np.int32)


@settings(max_examples=80, deadline=None)
@given(maps())
def test_contacts_are_the_pixel_sides_between_two_labels(labels):
    counted: Counter = Counter()
    for one, two in ((labels[:, :-1], labels[:, 1:]), (labels[:-1], labels[1:])):
        for a, b in zip(one.reshape(-1).tolist(), two.reshape(-1).tolist(), strict=True):
            if a != b:
                counted[min(a, b), max(a, b)] += 1
    first, second, sides = contact_pairs(labels, int(labels.max()))
    found = zip(first.tolist(), second.tolist(), sides.tolist(), strict=True)
    assert {(a, b): n for a, b, n in found} == counted


@settings(max_examples=80, deadline=None)
@given(maps(), st.integers(1, 4))
def test_thick_labels_have_a_pixel_that_lies_deeper(labels, depth):
    count = int(labels.max())
    deep = label_depths(labels, depth + 1) > depth
    if (labels == labels[0, 0]).all():
        assert thick_labels(labels, count, depth).all()
        return
    expected = [bool(deep[labels == label].any()) for label in range(count + 1)]
    assert thick_labels(labels, count, depth).tolist() == expected


@settings(max_examples=80, deadline=None)
@given(maps(), st.data())
def test_labels_are_numbered_by_reading_and_joined_ones_are_one(labels, data):
    labels = np.unique(np.concatenate([[0], labels.reshape(-1)]), return_inverse=True)[1][
        1:
    ].reshape(labels.shape)
    labels = labels.astype(np.int32)
    count = int(labels.max())
    host = np.arange(count + 1, dtype=np.int32)
    for label in range(1, count + 1):
        host[label] = host[data.draw(st.sampled_from([label, *range(label)]))]
    none = np.zeros(0, dtype=np.int32)
    found = Segmentation(
        labels,
        np.zeros(3, dtype=np.uint8),
        np.zeros(count, dtype=np.bool_),
        np.arange(3 * count, dtype=np.uint8).reshape(count, 3),
        SoftEdges(none, none, np.zeros(0, dtype=np.float32), none.reshape(0, 2)),
    )
    after = renumber(found, labels, host).labels
    order = [label for label in dict.fromkeys(host[labels].reshape(-1).tolist()) if label > 0]
    number = {0: 0, **{label: place for place, label in enumerate(order, 1)}}
    assert after.tolist() == [[number[label] for label in row] for row in host[labels].tolist()]
