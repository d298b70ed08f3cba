"""Which parts are chosen, and what their pictures look like."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from marquery.index.strategies.cutting import cut_part
from marquery.index.strategies.parts import (
    SETTINGS,
    find_parts,
    segments_in,
    shrink,
    without_words,
)
from marquery.index.strategies.silhouette import silhouette
from marquery.segments import segment


def drawn(draw, size=(200, 200), ground="white"):
    image = Image.new("RGB", size, ground)
    draw(ImageDraw.Draw(image))
    return np.asarray(image)


def line_of_letters(pen, left, top, color="black"):
    """Five bars with feet, which stand like letters."""
    for i in range(5):
        x = left + 14 * i
        pen.rectangle((x, top, x + 3, top + 19), fill=color)
        pen.rectangle((x, top + 16, x + 9, top + 19), fill=color)


def figure_over_words(pen, shift=0):
    pen.ellipse((60 + shift, 20, 139 + shift, 99), fill="red")
    line_of_letters(pen, 65, 140)


def test_figure_and_words_come_first():
    pixels = drawn(figure_over_words)
    parts = find_parts(segment(pixels))
    assert [p.kind for p in parts[:2]] == ["figure", "words"]
    assert parts[0].box == (60, 20, 80, 80)
    assert parts[1].box == (65, 140, 66, 20)


def test_a_part_looks_the_same_wherever_it_stands_and_whatever_is_beside_it():
    def other(pen):
        pen.ellipse((110, 90, 189, 169), fill="red")
        pen.rectangle((5, 5, 60, 30), fill="blue")

    first, second = drawn(figure_over_words), drawn(other)
    cuts = []
    for pixels, center in ((first, (60, 100)), (second, (130, 150))):
        found = segment(pixels)
        cuts.append(cut_part(pixels, found, (int(found.labels[center]),)))
    assert np.array_equal(cuts[0], cuts[1])
    side = cuts[0].shape[0]
    assert cuts[0].shape == (side, side, 3)
    assert (cuts[0][0] == 255).all()
    assert tuple(cuts[0][side // 2, side // 2]) == (255, 0, 0)
    assert side == 95  # 80 pixels, 8 % on each side, and one


def test_what_lies_on_a_badge_is_a_part_and_is_laid_on_the_badges_paint_if_it_would_vanish():
    def badge(pen):
        pen.rectangle((20, 20, 179, 179), fill="navy")
        pen.ellipse((70, 70, 129, 129), fill="white")

    pixels = drawn(badge)
    found = segment(pixels)
    part = find_parts(found)[0]
    assert (part.kind, part.box) == ("figure", (70, 70, 60, 60))
    cut = cut_part(pixels, found, part.labels)
    assert tuple(cut[0, 0]) == (0, 0, 128)
    assert tuple(cut[cut.shape[0] // 2, cut.shape[1] // 2]) == (255, 255, 255)


def test_of_many_alike_one_is_kept_and_never_more_than_eight():
    def dots(pen):
        for i in range(4):
            pen.ellipse((10 + 48 * i, 10 + 40 * i, 39 + 48 * i, 39 + 40 * i), fill="green")

    singles = [p for p in find_parts(segment(drawn(dots))) if p.kind == "shape"]
    assert len(singles) == 1

    def many(pen):
        for i in range(16):
            x, y = 50 * (i % 4), 50 * (i // 4)
            pen.rectangle(
                (x + 3, y + 3, x + 16 + 2 * i, y + 45 - i), fill=(10 * i, 255 - 15 * i, 90)
            )

    assert len(find_parts(segment(drawn(many)))) == SETTINGS.max_parts
    assert len(find_parts(segment(drawn(many)), most=3)) == 3


def test_a_single_shape_and_an_empty_image_have_no_parts():
    assert find_parts(segment(drawn(lambda pen: pen.ellipse((30, 30, 160, 160), fill="red")))) == []
    empty = segment(drawn(lambda pen: None))
    assert find_parts(empty) == []
    assert without_words(empty) == ()
    assert segments_in(empty, 0, 0, 50, 50) == ()


def test_without_words_leaves_the_figure_or_all_if_there_is_nothing_else():
    found = segment(drawn(figure_over_words))
    assert without_words(found) == (int(found.labels[60, 100]),)
    words = segment(drawn(lambda pen: line_of_letters(pen, 65, 90)))
    assert without_words(words) == tuple(range(1, words.count + 1))


def test_a_rectangle_holds_the_segments_that_are_mostly_inside():
    found = segment(drawn(figure_over_words))
    figure = int(found.labels[60, 100])
    assert segments_in(found, 50, 10, 150, 110) == (figure,)
    assert segments_in(found, 50, 10, 110, 110) == (figure,)  # 63 % of the disc
    assert segments_in(found, 50, 10, 100, 110) == ()  # half of it
    assert len(segments_in(found, 0, 0, 200, 200)) == found.count


@pytest.mark.parametrize(("size", "expected"), [((800, 400), (384, 192)), ((90, 60), (90, 60))])
def test_large_images_are_shrunk(size, expected):
    small, scale = shrink(np.zeros((size[1], size[0], 3), np.uint8))
    assert small.shape == (expected[1], expected[0], 3)
    assert scale == pytest.approx(expected[0] / size[0])


def test_a_silhouette_knows_no_colours():
    def figure(colors):
        def draw(pen):
            pen.rectangle((20, 20, 99, 149), fill=colors[0])
            pen.rectangle((100, 20, 179, 149), fill=colors[1])
            pen.ellipse((40, 60, 79, 99), fill=colors[2])

        return silhouette(segment(drawn(draw, ground=colors[3])))

    one = figure(("red", "blue", "yellow", "white"))
    assert np.array_equal(one, figure(("black", "green", "purple", "white")))
    assert np.array_equal(one, figure(("white", "pink", "cyan", "black")))
    assert set(np.unique(one)) == {0, 255}
    assert (one[30, 30], one[5, 5]) == (pytest.approx(0), pytest.approx(255))
    assert one[130, 100, 0] == 255  # the seam
    hole = figure(("red", "blue", "white", "white"))
    assert (hole[80, 60] == 255).all()
