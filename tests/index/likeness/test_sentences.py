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
        getattr(pen, method)(flat, fill=color)
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
