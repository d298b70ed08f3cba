"""``mq.explain``: what adds up, where parts lie, what is said, the picture."""

import json

import numpy as np
import pytest
from PIL import Image

import marquery as mq
from marquery.errors import ImageError, UsageError
from marquery.explanation.partition import partition
from marquery.explanation.similarity import PartSimilarity, compare
from marquery.explanation.views import rectangle_view, whole_view
from marquery.index.strategies.base import Strategy
from marquery.index.strategies.cutting import cut_all
from marquery.index.strategies.registry import registered
from marquery.visualization.explanation import color_of

from ..drawings import BLUE, DISC_BAR, RED, bar_disc, disc_bar, draw_logo, paint
from ..encoders import tiny_encoder_for_parts as tiny_encoder


@pytest.fixture(scope="module")
def encoder():
    return tiny_encoder()


@pytest.mark.parametrize("method", ["removal", "regions"])
@pytest.mark.parametrize("seed", range(4))
def test_shares_add_up_to_the_score(encoder, method, seed):
    first, second = draw_logo(seed, (96, 50)), draw_logo(seed + 50, (40, 96))
    e = mq.explain(encoder, first, second, method=method)
    one, two = encoder.embed([first, second])
    assert e.score == pytest.approx(float(one @ two), abs=1e-6)
    for parts, ground in ((e.query_parts, e.query_background), (e.hit_parts, e.hit_background)):
        total = sum(part.share for part in parts) + ground
        assert abs(e.score - total) < 1e-6
        assert e.score - total == pytest.approx(e.residual, abs=1e-12)
    assert abs(e.residual) < 1e-6
    np.testing.assert_allclose(e.pairs[:-1].sum(axis=1), [p.share for p in e.query_parts])
    np.testing.assert_allclose(e.pairs[:, :-1].sum(axis=0), [p.share for p in e.hit_parts])


def test_one_part_is_worth_what_its_removal_costs(encoder):
    disc = paint((80, 80), ("ellipse", (10, 10, 69, 69), RED))
    e = mq.explain(encoder, disc, bar_disc())
    blank, other = encoder.embed([paint((80, 80)), bar_disc()])
    (part,) = e.query_parts
    assert e.query_background == pytest.approx(float(blank @ other), abs=1e-6)
    assert part.share == pytest.approx(e.score - float(blank @ other), abs=1e-6)


def test_parts_are_boxed_in_pixels_of_the_logo(encoder):
    big = disc_bar().resize((1600, 1200), Image.Resampling.NEAREST)  # segmented at 384 px
    e = mq.explain(encoder, big, disc_bar())
    assert e.hit_parts[0].box == (10, 30, 50, 50)
    assert e.hit_parts[1].box == (130, 20, 20, 80)
    assert e.hit_image.shape == (*e.hit_parts[0].mask.shape, 3) == (120, 160, 3)
    for part, small in zip(e.query_parts, e.hit_parts, strict=True):
        assert np.abs(np.array(part.box) - 10 * np.array(small.box)).max() <= 10
        assert part.mask.shape == (288, 384)


def test_equal_logos_match_part_by_part(encoder):
    e = mq.explain(encoder, disc_bar(), disc_bar())
    assert e.score == pytest.approx(1, abs=1e-6)
    assert [p.match for p in e.query_parts] == [p.match for p in e.hit_parts]
    assert {m.words for m in e.matches} == {"same shape, same colours"}
    assert e.matches[0].shape == pytest.approx(1)
    assert e.matches[0].color == pytest.approx(1)


DISC = paint((80, 80), ("ellipse", (10, 10, 69, 69), RED))


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (paint((120, 80), ("ellipse", (70, 20, 109, 59), RED)), "same shape, same colours"),
        (paint((120, 80), ("ellipse", (70, 20, 109, 59), BLUE)), "same shape, other colours"),
        (paint((80, 80), ("rectangle", (35, 5, 44, 74), RED)), "other shape, same colours"),
        (paint((80, 80), ("rectangle", (14, 14, 69, 69), RED)), "similar shape, same colours"),
    ],
)
def test_words_say_shape_and_colour(other, words):
    views = whole_view(DISC), whole_view(other)
    (one,), (two,) = (partition(view.found) for view in views)
    assert compare(views[0], one, views[1], two).words(one.kind, two.kind) == words


def test_sentences_say_what_is_alike(encoder):
    same = mq.explain(encoder, DISC, DISC)
    assert same.words == [
        "As a whole, query and hit have the same outline: 100 % overlap.",
        "Same colour: red.",
    ]
    blank = mq.explain(encoder, DISC, paint((80, 80)))
    assert "No shapes were found in the hit." in blank.words
    assert not any("over half" in line for line in blank.words)


def test_one_column_of_shares_adds_up(encoder):
    e = mq.explain(encoder, disc_bar(), bar_disc())
    told = e.shares()
    assert [name for name, _ in told][-1] == "background"
    assert sum(share for _, share in told) == pytest.approx(e.score, abs=1e-6)


def test_unlike_parts_are_never_paired(encoder):
    bar = paint((80, 80), ("rectangle", (35, 5, 44, 74), RED))
    assert mq.explain(encoder, DISC, bar).matches == []
    assert mq.explain(encoder, DISC, DISC).matches


@pytest.mark.parametrize("strategy", ["color", "shape", "words", "figure", "part", "color,shape"])
def test_scores_that_are_no_cosine_of_wholes_are_not_divided(encoder, strategy):
    e = mq.explain(encoder, disc_bar(), bar_disc(), strategy=strategy)
    assert (e.score, e.residual, e.shares()) == (None, None, [])
    assert list(e.evidence) == strategy.split(",")
    assert e.words
    assert e.picture(120).width
    json.dumps(e.to_dict())


def test_each_strategy_shows_what_it_looked_at(encoder):
    blue = paint((80, 80), ("ellipse", (10, 10, 69, 69), BLUE))
    (color,) = mq.explain(encoder, DISC, blue, strategy="color").evidence.values()
    assert color.sentences == ("Other colours: red in the query, blue in the hit.",)
    assert [(pair.query, pair.hit) for pair in color.swatches] == [(_hex(RED), _hex(BLUE))]
    (shape,) = mq.explain(encoder, DISC, blue, strategy="shape").evidence.values()
    one, other = shape.overlay
    assert np.minimum(one, other).sum() > 0.98 * np.maximum(one, other).sum()
    e = mq.explain(encoder, DISC, DISC, strategy="words", words="Kodak", hit_words="KODAC films")
    (words,) = e.evidence.values()
    assert [text for text, _ in words.letters] == ["kodak", "kodac films"]
    assert list(words.letters[0][1]) == [True] * 4 + [False]
    assert any("“kodak” is read in the query, “kodac” in the hit" in line for line in e.words)


def test_a_new_strategy_is_explained_by_all_that_is_alike(encoder):
    with registered(_Taste()):
        e = mq.explain(encoder, DISC, DISC, strategy="taste")
    assert e.words[0].startswith("As a whole, query and hit have the same outline")
    assert e.score is None
    assert [m.number for m in e.matches] == [1]


class _Taste(Strategy):
    name, label, compared, help, columns = "taste", "Taste", "tastes", "how it tastes", ()

    def prepare(self, request, vectors, projection):
        return None

    def score(self, block, query):
        return np.zeros(len(block), np.float32)


def _hex(color):
    return "#" + "".join(f"{v:02x}" for v in color)


def test_lettering_is_named():
    assert PartSimilarity(0.7, 0.1).words("words", "words") == "similar lettering, other colours"
    assert PartSimilarity(0.9, 0.5).words("words", "shape") == "same shape, similar colours"


def test_a_rectangle_is_compared_alone(encoder):
    e = mq.explain(encoder, disc_bar(), bar_disc(), part=(120, 10, 40, 100))
    (part,) = e.query_parts
    assert np.abs(np.array(part.box) - (130, 20, 20, 80)).max() <= 1
    view = whole_view(disc_bar())
    cut = rectangle_view(view, (120, 10, 40, 100))
    scores = encoder.embed([cut.picture, *_cuts(bar_disc())])
    assert e.score == pytest.approx(float((scores[1:] @ scores[0]).max()), abs=1e-6)
    assert abs(e.residual) < 1e-6


def _cuts(image):
    """All of a logo, and each of its two shapes, as the index keeps them."""
    from marquery.index.strategies.cutting import cut_part
    from marquery.index.strategies.parts import find_parts

    pixels = np.asarray(image)
    found = mq.segment(pixels)
    return [cut_all(pixels, found), *(cut_part(pixels, found, p.labels) for p in find_parts(found))]


def test_a_rectangle_within_a_segment(encoder):
    e = mq.explain(encoder, disc_bar(), bar_disc(), part=(20, 40, 20, 20))
    assert abs(e.residual) < 1e-6


@pytest.mark.parametrize("box", [(150, 0, 20, 20), (-1, 0, 9, 9), (0, 0, 0, 5)])
def test_a_rectangle_beyond_the_logo_is_refused(encoder, box):
    with pytest.raises(UsageError, match="part"):
        mq.explain(encoder, disc_bar(), bar_disc(), part=box)


def test_wrong_use(encoder, tmp_path):
    with pytest.raises(UsageError, match="removal, regions"):
        mq.explain(encoder, disc_bar(), bar_disc(), method="magic")
    with pytest.raises(ImageError, match="no such file"):
        mq.explain(encoder, tmp_path / "none.png", bar_disc())
    gem = tiny_encoder(pooling="gem")
    with pytest.raises(UsageError, match="average pooling only"):
        mq.explain(gem, disc_bar(), bar_disc(), method="regions")
    assert abs(mq.explain(gem, disc_bar(), bar_disc()).residual) < 1e-6


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (3, 200)])
@pytest.mark.parametrize("method", ["removal", "regions"])
def test_blank_and_tiny(encoder, size, method):
    e = mq.explain(encoder, paint(size), disc_bar(), method=method)
    assert e.query_parts == []
    assert e.matches == []
    assert e.query_background == pytest.approx(e.score, abs=1e-6)
    assert e.picture(120).width


def test_json(encoder):
    facts = json.loads(json.dumps(mq.explain(encoder, disc_bar(), bar_disc()).to_dict()))
    assert set(facts) >= {"score", "residual", "method", "query", "hit", "matches", "words"}
    total = sum(part["share"] for part in facts["query"]["parts"]) + facts["query"]["background"]
    assert total == pytest.approx(facts["score"], abs=1e-6)
    assert facts["hit"]["parts"][0]["box"] == [100, 30, 50, 50]


def test_the_picture_marks_matched_parts_in_one_colour(encoder):
    e = mq.explain(encoder, disc_bar(), disc_bar())
    picture = e.picture(240)
    pixels = np.asarray(picture)
    assert pixels.shape[1] == 2 * 240 + 48
    rim = np.array(color_of(e.query_parts[0].match))
    for left in (16, 16 + 240 + 16):  # the rim of the disc is in the match's pure colour, in both
        panel = pixels[40 : 40 + 240, left : left + 240]
        assert (panel == rim).all(axis=2).sum() > 100
    with pytest.raises(UsageError, match="120 pixels"):
        e.picture(60)


def test_removal_does_not_change_what_is_given(encoder):
    pixels = np.asarray(paint((160, 120), *DISC_BAR)).copy()
    before = pixels.copy()
    mq.explain(encoder, pixels, pixels)
    assert (pixels == before).all()


def test_public_name_is_the_function():
    import marquery.explanation

    assert mq.explain is marquery.explanation.explain
    assert mq.Explanation is marquery.explanation.Explanation
