"""Which removals leave enough: against a plain oracle that counts everything anew each time."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import marquery as mq
from marquery.augment import functional as F
from marquery.augment._outlines import outline, paints_of, removable, same_paint
from marquery.segments.stats import contact_pairs

from ..drawings import PAINTS, logos


def sides_seen(found, shown):
    """Pixel sides between neighbours whose shown paints can be told apart, counted pixel by
    pixel.
    """
    picture = paints_of(found)[shown][found.labels].astype(int)
    across = np.abs(np.diff(picture, axis=1)).max(axis=2) > 12
    down = np.abs(np.diff(picture, axis=0)).max(axis=2) > 12
    return int(across.sum() + down.sum())


@st.composite
def mosaics(draw):
    """Fields of random paints side by side, many of them enclosed by others."""
    rows, columns = draw(st.integers(2, 7)), draw(st.integers(2, 7))
    cells = draw(st.lists(st.integers(0, 4), min_size=rows * columns, max_size=rows * columns))
    fields = np.array(PAINTS, dtype=np.uint8)[np.array(cells).reshape(rows, columns)]
    image = np.full((rows * 5 + 8, columns * 5 + 8, 3), 255, dtype=np.uint8)
    image[4:-4, 4:-4] = np.kron(fields, np.ones((5, 5, 1), dtype=np.uint8))
    return image


@settings(max_examples=60, deadline=None)
@given(st.one_of(mosaics(), logos()), st.data())
def test_removable_is_what_counting_anew_finds(image, data):
    found = mq.segment(image)
    order = data.draw(st.permutations(range(1, found.count + 1)))
    wanted = data.draw(st.integers(0, found.count))
    keep = data.draw(st.floats(0, 1))
    ink = np.where(found.is_hole, 0, found.area)
    least_ink = max(1, keep * ink.sum())
    least = max(1, keep * sides_seen(found, np.arange(found.count + 1)))
    gone = []
    for label in order:
        tried = [*gone, label]
        shown = F.shown_after_removal(found, tried)
        enough = ink.sum() - ink[np.array(tried) - 1].sum() >= least_ink
        if len(gone) < wanted and enough and sides_seen(found, shown) >= least:
            gone = tried
    assert removable(found, order, wanted, keep) == gone


@settings(max_examples=30, deadline=None)
@given(st.one_of(mosaics(), logos()))
def test_outline_and_paints(image):
    found = mq.segment(image)
    pairs = contact_pairs(found.labels, found.count)
    assert outline(pairs, paints_of(found)) == sides_seen(found, np.arange(found.count + 1))
    groups = same_paint(found)
    assert sorted(label for group in groups for label in group) == list(range(1, found.count + 1))
    colors = found.colors.astype(int)
    for group in groups:
        assert np.abs(colors[np.array(group) - 1] - colors[group[0] - 1]).max() <= 12
    heads = colors[[group[0] - 1 for group in groups]]
    for i in range(len(heads)):
        assert (np.abs(heads[:i] - heads[i]).max(axis=1, initial=0) > 12).all()
