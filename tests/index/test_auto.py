"""All evidence in one search."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from marquery.calibration.evidence import EvidenceModel
from marquery.errors import MarqueryError, UsageError
from marquery.images import load_logo
from marquery.index import LogoIndex
from marquery.index.strategies.analysis import LogoAnalysis
from marquery.index.strategies.auto import EVIDENCE
from marquery.index.strategies.query import prepare_query
from marquery.index.strategies.word_overlap import DistinctTexts, WordCounts, WordLists
from marquery.index.strategies.wording import plain

from ..drawings import draw, fill, write
from ..encoders import tiny_encoder

WORDS = {"kestrel": "Kestrel", "inn": "Harbour Inn", "inn2": "Inn Harbour"}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("auto")
    fill(folder / "logos", range(8))
    for name, text in WORDS.items():
        write(text, (20, 20, 120)).save(folder / "logos" / f"{name}.png")
    return folder


@pytest.fixture(scope="module")
def index(root):
    made = LogoIndex.create(root / "idx", tiny_encoder())
    made.add(root / "logos")
    return made


def names(matches):
    return [Path(match.path).stem for match in matches]


def test_it_is_the_default(index, root):
    query = root / "logos" / "kestrel.png"
    assert index.search(query, 11) == index.search(query, 11, strategy="auto")
    assert list(index.search(query, 1)[0].scores) == ["auto"]
    # A rectangle, feedback, and words without an image have strategies of their own.
    assert list(index.search(draw(1), 1, part=(0, 0, 30, 30))[0].scores) == ["part"]
    assert list(index.search(draw(1), 1, like=[2])[0].scores) == ["overall"]
    assert list(index.search(words="kestrel")[0].scores) == ["words"]
    with pytest.raises(UsageError, match="nothing to search for"):
        index.search(words="kestrel", strategy="auto")


def cosine(a, b):
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


def colored(index, logo):
    """Whether a colour is far from grey: some channel differs by 60 levels from another."""
    levels = [[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in index.entry(logo)["colors"]]
    return any(max(rgb) - min(rgb) > 60 for rgb in levels)


def test_the_score_is_the_models_of_evidence_computed_one_by_one(index, root):
    """Every kind of evidence anew, from the single strategies and the words as read."""
    query = root / "logos" / "inn.png"
    model = EvidenceModel.of_package()
    counts = WordCounts([plain(index.entry(i)["words"]) for i in range(len(index))])
    asked = plain(index.entry(str(query))["words"])
    single = {
        name: {m.id: m.score for m in index.search(query, 11, strategy=name)}
        for name in ("overall", "shape", "part", "color")
    }
    encoder = tiny_encoder()

    def part_vectors(path):
        logo = LogoAnalysis(load_logo(path))
        from marquery.index.strategies.part_columns import PARTS

        return encoder.embed(list(PARTS.pictures(logo)))

    own = part_vectors(query)
    itself = WordLists(DistinctTexts([asked])).overlap(asked, counts)
    most = model.most(float(itself.likeness[0]), float(itself.both_ways[0]))
    for match in index.search(query, 11):
        theirs = part_vectors(match.path)
        evidence = {
            "whole": single["overall"][match.id],
            "shape": single["shape"][match.id],
            "part": single["part"][match.id],
            "color": single["color"][match.id]
            if colored(index, match.id) and colored(index, str(query))
            else np.nan,
            "query_in_logo": max(cosine(own[0], v) for v in theirs),
            "logo_in_query": max(cosine(v, theirs[0]) for v in own),
            "words": np.nan,
            "words_both_ways": np.nan,
        }
        words = plain(index.entry(match.id)["words"])
        if words:
            overlap = WordLists(DistinctTexts([words])).overlap(asked, counts)
            evidence["words"] = float(overlap.likeness[0])
            evidence["words_both_ways"] = float(overlap.both_ways[0])
        found = model.logit({name: np.array([value]) for name, value in evidence.items()})
        assert match.score == pytest.approx(float(model.score(found, most)[0]), abs=3e-3)
        told = {}
        for name, share in model.shares(evidence).items():
            told[EVIDENCE[name]] = told.get(EVIDENCE[name], 0) + share
        for name, share in match.reasons.items():
            assert told[name] == pytest.approx(share, abs=0.02)


def test_the_same_words_in_another_order_are_found_and_said_to_be_why(index, root):
    hits = index.search(root / "logos" / "inn.png", 11)
    assert names(hits)[:2] == ["inn", "inn2"]
    assert sum(hits[1].reasons.values()) == pytest.approx(1, abs=0.01)
    assert hits[1].reasons["the words"] > 0.2
    assert "the words" not in hits[-1].reasons


def test_words_that_are_alike_are_said_to_be_read(index, root):
    hits = index.search(root / "logos" / "inn.png", 11)
    told = dict(zip(names(hits), (hit.words_by for hit in hits), strict=True))
    assert told == {**dict.fromkeys(told, ""), "inn": "read", "inn2": "read"}


def test_given_words_take_the_place_of_those_read(index):
    places = [
        names(index.search(draw(3), 11, words=words)).index("kestrel")
        for words in ("Kestrel", "Harbour Inn")
    ]
    assert places[0] < places[1]
    kestrel = next(m for m in index.search(draw(3), 11, words="Kestrel") if m.words == "Kestrel")
    assert kestrel.reasons["the words"] > 0.3


def test_an_index_without_words_is_searched_by_the_rest(root):
    made = LogoIndex.create(root / "wordless", tiny_encoder(), words=False)
    made.add(root / "logos")
    hits = made.search(root / "logos" / "inn.png", 11)
    assert names(hits)[0] == "inn"
    assert all("the words" not in hit.reasons for hit in hits)
    with pytest.raises(MarqueryError, match="was built without words"):
        made.search(draw(1), 1, words="kestrel")


def test_of_several_pictures_the_best_counts(index, root):
    one, two = root / "logos" / "001.png", root / "logos" / "kestrel.png"
    both = {m.id: m.score for m in index.search([one, two], 11)}
    each = [{m.id: m.score for m in index.search(path, 11)} for path in (one, two)]
    for logo, score in both.items():
        assert score == pytest.approx(max(scores[logo] for scores in each), abs=1e-5)


def test_another_encoder_is_weighed_but_no_probability_is_told(index, root):
    assert {m.probability for m in index.search(draw(2), 11)} == {None}
    encoder = tiny_encoder()
    place = encoder.save(root / "model")
    own = EvidenceModel.of_package().model_copy(update={"fingerprint": encoder.fingerprint()})
    own.save(place)
    made = LogoIndex.create(root / "calibrated", place)
    made.add(root / "logos")
    hits = made.search(draw(2), 11)
    as_before = [m.score for m in index.search(draw(2), 11)]
    assert [m.score for m in hits] == pytest.approx(as_before, abs=1e-5)
    for hit in hits:
        # Without words the most is known: all other evidence is 1.
        least, most = own._least, own.most(np.nan, np.nan)
        expected = own.probability(least + hit.score * (most - least))
        assert hit.probability == pytest.approx(float(expected), abs=2e-3)


def test_candidates_of_each_evidence_are_united(root):
    """Above the flat limit the first hits are those of the full comparison, by words alone, too."""
    made = LogoIndex.create(root / "large", tiny_encoder(), flat_limit=5)
    made.add(root / "logos")
    for query in (root / "logos" / "inn.png", draw(3)):
        exact = made.search(query, 5, exact=True)
        assert names(made.search(query, 5)) == names(exact)
        assert not made.compares_all(5)
        where = "path ~ inn"
        assert names(made.search(query, 5, where=where)) == names(
            made.search(query, 5, where=where, exact=True)
        )


def test_blank_parts_and_small_pictures(index):
    tiny = Image.new("RGB", (9, 9), "white")
    tiny.paste((200, 0, 0), (2, 2, 7, 7))
    hits = index.search(tiny, 11)
    assert len(hits) == 11
    assert all(0 <= hit.score <= 1 for hit in hits)


def test_colours_speak_for_one_mark_where_both_logos_are_coloured(tmp_path):
    logos = tmp_path / "logos"
    logos.mkdir()
    paints = {"green": (20, 140, 60), "red": (200, 30, 40), "black": (0, 0, 0), "grey": (90,) * 3}
    for name, paint in paints.items():
        write("Kestrel", paint).save(logos / f"{name}.png")
    made = LogoIndex.create(tmp_path / "idx", tiny_encoder())
    made.add(logos)
    block = made.snapshot().block
    stored = [Path(made.entry(int(i))["path"]).stem for i in block.ids]
    for query in paints:
        path = logos / f"{query}.png"
        asked = prepare_query([path], {"auto": 1.0}, made.encoder, made._folder.projection)
        found = asked.views[0].prepared["auto"].on(block).evidence[0]["color"]
        both = {"green", "red"} if query in ("green", "red") else set()
        assert {name for name, value in zip(stored, found, strict=True) if value == value} == both
        assert not both or found[stored.index(query)] == pytest.approx(1)
        # With itself it has all that it can have, coloured or not.
        assert made.search(path, 1)[0].score == pytest.approx(1, abs=1e-3)


def test_the_packages_model_counts_colours_that_are_nearly_the_same():
    color = EvidenceModel.of_package().terms["color"]
    assert color.at(1) > 1
    assert color.at(0.5) < 0.2
