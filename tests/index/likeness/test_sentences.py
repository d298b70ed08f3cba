"""What a person is told of drawn pairs."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from marquery.index.likeness.logo import LogoFacts
from marquery.index.likeness.pair import PairFacts
from marquery.index.likeness.sentences import pair_sentences
from marquery.index.strategies.analysis import LogoAnalysis

RED, BLUE, BLACK = (200, 20, 30), (20, 60, 200), (10, 10, 10)
STAR = [
    (100 + r * np.sin(a), 90 - r * np.cos(a))
    for r, a in zip([70, 28] * 5, np.pi * np.arange(10) / 5, strict=True)
]


def logo(*drawings, ground="white", size=(200, 200)):
    image = Image.new("RGB", (size[0] * 4, size[1] * 4), ground)
    pen = ImageDraw.Draw(image)
    for method, place, color in drawings:
        if method == "text":
            pen.text((4 * place[0], 4 * place[1]), place[2], color, ImageFont.load_default(4 * 40))
            continue
        flat = [4 * v for point in place for v in (point if np.ndim(point) else [point])]
        more = {"radius": 4 * 30} if method == "rounded_rectangle" else {}
        getattr(pen, method)(flat, fill=color, **more)
    return image.resize(size, Image.Resampling.BOX)


def told(first, second):
    return pair_sentences(PairFacts(*(LogoFacts(LogoAnalysis(image)) for image in (first, second))))


def star(color, points=STAR):
    return "polygon", points, color


def test_the_same_in_another_colour():
    assert told(logo(star(RED)), logo(star(BLUE))) == [
        "As a whole, query and hit have the same outline: 100 % overlap.",
        "Other colours: red in the query, blue in the hit.",
    ]


def test_a_figure_on_a_badge():
    small = [(100 + 0.6 * (x - 100), 100 + 0.6 * (y - 90)) for x, y in STAR]
    badge = logo(("ellipse", (8, 8, 192, 192), BLUE), star("white", small))
    lines = told(logo(star(BLUE)), badge)
    assert lines[0].startswith("The query has the same outline as what stands on the hit's badge")
    assert lines[1:] == ["Same colour: blue.", "The hit stands on a disc, the query does not."]


def test_turned():
    upside = [(x, 200 - y) for x, y in STAR]
    lines = told(logo(star(RED)), logo(star(RED, upside)))
    assert lines[0].endswith("turned by 180°.") or lines[0].endswith("mirrored.")


def test_rings_of_other_counts():
    def ring(count):
        angles = 2 * np.pi * np.arange(count) / count
        spots = [(100 + 70 * np.cos(a), 100 + 70 * np.sin(a)) for a in angles]
        return logo(*(("ellipse", (x - 12, y - 12, x + 12, y + 12), RED) for x, y in spots))

    assert "Both are a ring of like shapes: 8 in the query, 6 in the hit." in told(ring(8), ring(6))


def test_nothing_alike():
    lines = told(logo(star(RED)), logo(("rectangle", (20, 80, 180, 100), RED)))
    assert lines == ["No large parts with matching outlines were found.", "Same colour: red."]


def test_words_are_told():
    wide = (320, 80)
    one = logo(("text", (10, 15, "KODAK"), BLACK), size=wide)
    other = logo(("text", (10, 15, "KODAK FILM"), BLACK), size=wide)
    assert "Both read “kodak”." in told(one, one)
    assert "Both read “kodak”; “film” is read in the hit only." in told(one, other)
    assert "The query reads “kodak”, the hit holds no words." in told(one, logo(star(RED)))


def test_backgrounds():
    lines = told(logo(star(RED)), logo(star(RED), ground=BLACK))
    assert "The query is on white, the hit on black." in lines


def test_blank():
    assert told(logo(star(RED)), logo())[0] == "No shapes were found in the hit."


def test_a_letter_with_a_dot_beside_it_is_no_badge():
    """The D with a hole, and its full stop, of a wordmark's initial."""
    letter = ("rounded_rectangle", (20, 20, 150, 150), BLACK)
    hole, dot = star("white", [(60, 60), (60, 110), (110, 85)]), ("ellipse", (158, 116, 192, 150))
    lines = told(logo(letter, hole, (*dot, BLACK)), logo(star(BLACK)))
    assert not any("stand" in line for line in lines)


def test_a_badge_may_fill_its_picture():
    full = logo(("rounded_rectangle", (0, 0, 199, 199), BLUE), star("white"))
    lines = told(full, logo(star(BLACK)))
    assert lines[0].startswith("What stands on the query's badge has the same outline as the hit")
    assert lines[-1] == "The query stands on a square, the hit does not."


def test_a_white_field_in_a_dark_frame_is_no_badge():
    frame = logo(("rectangle", (20, 20, 180, 180), "white"), star(BLACK), ground="black")
    assert not any("stand" in line for line in told(frame, logo(star(BLACK))))


def test_a_colour_that_the_other_has_somewhere_is_not_told_as_of_one_only():
    """As a detail, as what stands on the badge, or as the background."""
    details = logo(star(RED), ("rectangle", (5, 5, 25, 15), BLUE))
    both = logo(star(RED), ("rectangle", (20, 175, 180, 195), BLUE))
    white = logo(("rectangle", (5, 5, 195, 195), RED), star("white"))
    on_yellow = logo(star(BLACK), ground="yellow")
    badge = logo(("rectangle", (25, 25, 175, 175), "yellow"), star(BLACK))
    for pair in ((details, both), (white, logo(star("white"), ground=RED)), (badge, on_yellow)):
        for one, other in (pair, pair[::-1]):
            assert not any("only" in line or "Other colours" in line for line in told(one, other))
    # The one that stands on a yellow square, and the one on yellow all over, are not told apart by
    # the badge either: a person sees two yellow squares.
    assert not any("does not" in line for line in told(badge, on_yellow))


def test_where_the_ink_may_be_taken_for_the_background_nothing_is_said_to_differ():
    bars = [("rectangle", (40 * i, 0, 40 * i + 21, 60), BLACK) for i in range(5)]
    tight = logo(*bars, size=(182, 60))
    assert not LogoFacts(LogoAnalysis(tight)).ground_is_sure
    lines = told(tight, logo(star(BLACK)))
    assert not any("differ" in line or "No large parts" in line for line in lines)


def test_two_compact_contours_are_not_similar_for_that():
    corners = [
        [(100 + 95 * np.sin(a), 100 - 95 * np.cos(a)) for a in 2 * np.pi * np.arange(n) / n]
        for n in (6, 5)
    ]
    one = logo(star(BLACK, corners[0]), ("ellipse", (60, 60, 140, 140), "white"))
    other = logo(star(BLACK, corners[1]), ("rectangle", (85, 50, 115, 150), "white"))
    assert not any("contours" in line and "similar" in line for line in told(one, other))
