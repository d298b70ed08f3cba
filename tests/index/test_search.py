"""Search: against the encoder's own vectors, by each strategy, with filters, pages and many
rows.
"""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from marquery.errors import MarqueryError, UsageError
from marquery.index import LogoIndex, candidates
from marquery.index import snapshot as searching

from ..drawings import draw, fill
from ..encoders import tiny_encoder

COUNT = 20


@pytest.fixture(scope="module")
def encoder():
    return tiny_encoder()


@pytest.fixture(scope="module")
def index(encoder, tmp_path_factory):
    root = tmp_path_factory.mktemp("search")
    fill(root / "logos", range(COUNT))
    (root / "logos" / "copy.png").write_bytes((root / "logos" / "005.png").read_bytes())
    lines = [f"{i:03d}.png,{i % 4},{2000 + i}" for i in range(COUNT)]
    (root / "meta.csv").write_text("path,nice[],filed\n" + "\n".join(lines) + "\n")
    made = LogoIndex.create(root / "idx", encoder)
    made.add(root / "logos", meta=root / "meta.csv")
    return made


@pytest.fixture(scope="module")
def approximate(encoder, index):
    """The same logos, with the approximate index that large ones get."""
    root = index.path.parent
    made = LogoIndex.create(root / "approximate", encoder, flat_limit=10)
    made.add(root / "logos", meta=root / "meta.csv")
    assert made.status()["search"] == "approximate above 10 logos"
    return made


def names(matches):
    return [Path(m.path).name for m in matches]


def test_overall_is_the_cosine_of_all(index, encoder):
    files = sorted((index.path.parent / "logos").iterdir())
    vectors = encoder.embed([str(f) for f in files])
    scores = vectors @ encoder.embed([draw(7)])[0]
    hits = index.search(draw(7), 10, strategy="overall")
    order = np.argsort(-np.round(scores, 6), kind="stable")[:10]
    assert np.allclose([h.score for h in hits], scores[order], atol=1e-5)
    assert [h.rank for h in hits] == list(range(1, 11))
    assert names(hits)[0] == "007.png"
    assert hits[0].scores == {"overall": hits[0].score}
    assert (hits[0].part, hits[0].kind) == (None, None)
    assert hits[0].metadata == {"nice": ["3"], "filed": 2007}


@pytest.mark.parametrize(
    "strategy", ["overall", "part", "figure", "color", "shape", "part=1,color=2"]
)
def test_each_strategy_finds_the_logo_itself(index, strategy):
    hits = index.search(draw(5), 20, strategy=strategy)
    best = [h for h in hits if h.score > hits[0].score - 1e-5]
    assert {"005.png", "copy.png"} <= set(names(best))
    assert best[0].score == pytest.approx(1, abs=2e-3)


def test_copies_are_ordered_by_id_whatever_the_last_bits(index):
    for strategy in ("overall", "shape", "color"):
        hits = index.search(draw(5), 2, strategy=strategy)
        assert names(hits) == ["005.png", "copy.png"], strategy


def test_a_mix_is_the_weighted_mean(index):
    hits = index.search(draw(3), 5, strategy={"overall": 3, "color": 1, "shape": 0})
    for hit in hits:
        assert set(hit.scores) == {"overall", "color"}
        mean = 0.75 * hit.scores["overall"] + 0.25 * hit.scores["color"]
        assert hit.score == pytest.approx(mean, abs=1e-5)


def test_colour_ignores_shape_and_shape_ignores_colour(index):
    mirrored = draw(9).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    assert names(index.search(mirrored, 1, strategy="color")) == ["009.png"]
    recoloured = Image.merge("RGB", draw(9).split()[::-1])
    hit = index.search(recoloured, 1, strategy="shape")[0]
    assert hit.score == pytest.approx(1, abs=1e-3)
    assert index.search(recoloured, 1, strategy="color")[0].score < 0.99


def test_a_rectangle_finds_the_part_in_another_place(encoder, tmp_path):
    folder = tmp_path / "logos"
    fill(folder, range(8))
    star = Image.new("RGB", (120, 80), "white")
    star.paste((200, 30, 30), (70, 10, 110, 30))
    star.paste((200, 30, 30), (70, 30, 80, 70))
    star.paste((20, 30, 200), (5, 40, 50, 70))
    star.save(folder / "star.png")
    index = LogoIndex.create(tmp_path / "idx", encoder)
    index.add(folder)
    query = Image.new("RGB", (150, 90), "white")
    query.paste((30, 160, 60), (5, 5, 60, 80))
    query.paste((200, 30, 30), (90, 10, 130, 30))
    query.paste((200, 30, 30), (90, 30, 100, 70))
    hit = index.search(query, 1, part=(85, 5, 60, 80))[0]
    assert (Path(hit.path).name, hit.kind, hit.part) == ("star.png", "shape", (70, 10, 40, 60))
    assert hit.score == pytest.approx(1, abs=1e-3)
    own_parts = index.search(query, 1, strategy="part")[0]
    assert Path(own_parts.path).name == "star.png"
    inside = index.search(
        query, 1, part=(92, 12, 10, 10)
    )  # within one segment: the pixels are taken
    assert len(inside) == 1


def test_filters_pages_and_versions(index):
    every = index.search(draw(1), COUNT + 1)
    assert len({h.id for h in every}) == COUNT + 1
    pages = [h for start in range(0, COUNT + 1, 7) for h in index.search(draw(1), 7, offset=start)]
    assert [(h.rank, h.id) for h in pages] == [(h.rank, h.id) for h in every]
    assert index.search(draw(1), 5, offset=100) == []
    some = index.search(draw(1), 50, where="nice = 1 and filed >= 2010")
    assert [h.id for h in some] == [
        h.id for h in every if h.metadata["nice"] == ["1"] and h.metadata["filed"] >= 2010
    ]
    assert [h.rank for h in some] == list(range(1, len(some) + 1))
    assert index.search(draw(1), 5, where="filed > 3000") == []


def test_more_and_less_like_this_and_several_images(index, encoder):
    target = index.path.parent / "logos" / "015.png"
    before = index.search(draw(1), COUNT + 1, strategy="overall")
    after = index.search(draw(1), COUNT + 1, like=[target])
    less = index.search(draw(1), COUNT + 1, unlike=[target])

    def place(hits):
        return names(hits).index("015.png")

    assert place(after) < place(before) < place(less)
    assert names(index.search(None, 1, like=[target])) == ["015.png"]
    query, stored = encoder.embed([draw(1), draw(15)])
    moved = query + 0.75 * stored
    cosine = stored @ moved / np.linalg.norm(moved)
    assert after[place(after)].score == pytest.approx(cosine, abs=1e-4)

    both = index.search([draw(1), draw(15)], COUNT + 1)
    assert set(names(both[:2])) == {"001.png", "015.png"}
    singles = [index.search(image, COUNT + 1) for image in (draw(1), draw(15))]
    best = {h.id: max(g.score for hits in singles for g in hits if g.id == h.id) for h in both}
    assert np.allclose([h.score for h in both], [best[h.id] for h in both], atol=1e-5)


@pytest.mark.parametrize("strategy", ["overall", "part", "figure", "overall=1,color=1"])
def test_an_approximate_search_ranks_its_candidates_exactly(index, approximate, strategy):
    flat = index.search(draw(2), 10, strategy=strategy, where="filed > 2003")
    for exact in (False, True):
        hits = approximate.search(draw(2), 10, strategy=strategy, where="filed > 2003", exact=exact)
        assert [h.score for h in hits] == pytest.approx([h.score for h in flat], abs=1e-5)
        assert [h.part for h in hits] == [h.part for h in flat]


def test_what_is_approximate_is_and_what_is_exact_is_not(index, approximate, monkeypatch):
    monkeypatch.setattr(candidates, "CANDIDATES", 3)
    assert len(approximate.search(draw(2), 10, strategy="overall")) == 3
    for wanted in ({"exact": True}, {"strategy": "shape"}, {"strategy": "color"}):
        flat = {k: v for k, v in wanted.items() if k != "exact"}
        assert names(approximate.search(draw(2), 10, **wanted)) == names(
            index.search(draw(2), 10, **flat)
        )
    monkeypatch.setattr(searching, "_LAST_PLACE", 9)
    assert len(approximate.search(draw(2), 10, strategy="overall")) == 10
    assert approximate.search(draw(2), 3, exact=True, where="filed > 3000") == []


def test_new_logos_are_found_in_an_approximate_index(approximate, tmp_path):
    approximate.add(fill(tmp_path / "more", [90]))
    try:
        assert names(approximate.search(draw(90), 1)) == ["090.png"]
    finally:
        approximate.remove(tmp_path / "more")
    assert "090.png" not in names(approximate.search(draw(90), 50))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"k": 0}, "at least one"),
        ({"offset": -1}, "offset: -1 is less than 0"),
        ({"strategy": "best"}, "strategy: 'best' is none of"),
        ({"strategy": "overall=x"}, "no weight"),
        ({"strategy": "overall=0"}, "above 0"),
        ({"strategy": "overall=-1"}, "from 0"),
        ({"strategy": "overall=nan"}, "from 0"),
        ({"part": (0, 0, 10, 10), "strategy": "overall"}, "needs the strategy part"),
        ({"part": (0, 0, 65, 10)}, "beyond the image of 64 x 48"),
        ({"part": (0, 0, 0, 10)}, "w and h from 1"),
        ({"part": (-1, 0, 9, 10)}, "w and h from 1"),
        ({"where": "owner = x"}, "no column 'owner'"),
        ({"like": [0], "strategy": "color"}, "overall alone"),
    ],
)
def test_wrong_use_is_one_sentence(index, options, says):
    with pytest.raises(UsageError) as error:
        index.search(draw(1), **options)
    assert says in str(error.value)


def test_more_wrong_use(index):
    with pytest.raises(UsageError, match="give an image"):
        index.search()
    with pytest.raises(UsageError, match="one image"):
        index.search([draw(1), draw(2)], part=(0, 0, 10, 10))
    for logo in (9999, "nowhere.png"):
        with pytest.raises(MarqueryError, match="is not in"):
            index.search(draw(1), like=[logo])
