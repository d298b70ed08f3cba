"""Words: read, compared, stored, searched, filtered."""

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from marquery.errors import MarqueryError, UsageError
from marquery.index import LogoIndex
from marquery.index.storage.lance import LanceStore
from marquery.index.strategies import ocr, reading
from marquery.index.strategies.reading import may_hold_words, read_words
from marquery.index.strategies.wording import Texts, plain
from marquery.segments import segment

from ..drawings import draw, fill, write
from ..encoders import tiny_encoder


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Coca-Cola®  ZERO", "coca cola zero"),
        ("Nestlé", "nestle"),
        ("ﬁne №7", "fine no7"),
        ("…!", ""),
        ("STRAẞE", "strasse"),
        ("可口 可乐", "可口 可乐"),
    ],
)
def test_plain(text, expected):
    assert plain(text) == expected


@given(st.text(st.characters(max_codepoint=127)))
def test_plain_ascii_letter_by_letter(text):
    kept = "".join(c if c.isalnum() else " " for c in text.casefold())
    assert plain(text) == " ".join(kept.split())
    assert plain(text + "é") == " ".join((kept + "e").split())


def test_similarity_by_hand():
    found = Texts(["coca cola", "cocacola", "cola coca", "koala", ""]).similarity_to("coca cola")
    assert found[0] == found[1] == 1  # spaces do not count
    assert found[2] == pytest.approx(0.95 * 0.95)  # WRatio's own weight of reordered words, ours
    assert 0 < found[3] < 0.8
    assert found[4] == 0
    # One letter of four replaced: 1 - 2 edits / 8 letters.
    assert Texts(["abxd"]).similarity_to("abcd")[0] == pytest.approx(0.75)
    assert Texts(["a"]).similarity_to("").tolist() == [0]
    assert Texts([]).similarity_to("a").shape == (0,)
    assert Texts(["", ""]).similarity_to("a").tolist() == [0, 0]


def test_two_letters_that_many_names_hold_do_not_win():
    found = Texts(["co", "op", "coca cola light", "coka kola"]).similarity_to("coca cola")
    assert found[2] > 0.8
    assert found[3] > 0.8
    assert found[:2].max() < 0.6


def test_what_sounds_alike_is_alike():
    found = Texts(["kotac", "koala", "nikon", "кодак"]).similarity_to("kodak")
    assert found[0] > 0.8
    assert found[3] > 0.85
    assert found[1:3].max() < 0.75


@given(st.text(max_size=12), st.lists(st.text(max_size=12), max_size=4))
def test_similarity_is_within_bounds_and_one_for_equals(text, gallery):
    query, texts = plain(text), [plain(t) for t in gallery]
    assert plain(query) == query
    found = Texts([*texts, query]).similarity_to(query)
    assert found.dtype == np.float32
    assert ((found >= 0) & (found <= 1)).all()
    assert found[-1] == (1 if query else 0)
    # Blank and repeated texts change nothing about the others.
    one_by_one = [Texts([t]).similarity_to(query)[0] for t in texts]
    assert found[:-1].tolist() == one_by_one
    assert Texts([*texts, "", *texts]).similarity_to(query).tolist() == [
        *one_by_one,
        0,
        *one_by_one,
    ]


def read(image):
    pixels = np.asarray(image)
    return read_words(pixels, segment(pixels))


def test_words_are_read_whatever_their_ground():
    assert read(write("Kestrel")) == "Kestrel"
    assert read(Image.fromarray(255 - np.asarray(write("Kestrel")))) == "Kestrel"
    assert read(Image.new("RGB", (60, 40), "white")) == ""


def test_pictures_without_anything_like_writing_are_not_read(monkeypatch):
    monkeypatch.setattr(reading, "word_reader", lambda: pytest.fail("was read"))
    disc = Image.new("RGB", (80, 80), "white")
    ImageDraw.Draw(disc).ellipse((10, 10, 70, 70), fill="red")
    assert read(disc) == ""
    bar = Image.new("RGB", (80, 80), "white")
    ImageDraw.Draw(bar).rectangle((5, 30, 75, 50), fill="red")
    assert read(bar) == ""
    # A wide, open shape may be a joined word.
    wave = Image.new("RGB", (80, 80), "white")
    ImageDraw.Draw(wave).line([(5, 50), (25, 30), (45, 50), (75, 30)], fill="red", width=4)
    assert may_hold_words(segment(wave))


def test_single_signs_and_errors_are_no_words(monkeypatch):
    class Engine:
        def __init__(self, lines):
            self.lines = lines

        def __call__(self, _image):
            if isinstance(self.lines, Exception):
                raise self.lines
            return self

        @property
        def txts(self):
            return self.lines

        @property
        def scores(self):
            return [0.9] * len(self.lines)

        @property
        def boxes(self):
            return np.zeros((len(self.lines), 4, 2))

    reader = ocr.WordReader.__new__(ocr.WordReader)
    pixels, ground = np.full((9, 9, 3), 255, np.uint8), np.full(3, 255, np.uint8)
    for texts, expected in (
        (("0", "ACME  Ltd", "®", "7 up"), "ACME Ltd 7 up"),
        (None, ""),
        (("ab " * 200,), ("ab " * 200)[: ocr.LONGEST].rstrip()),
        (RuntimeError("out of memory"), ""),
    ):
        reader._engine = Engine(texts)
        lines = reader.lines(pixels, ground)
        assert ocr.text_of([line.text for line in lines]) == expected


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    root = tmp_path_factory.mktemp("words")
    fill(root / "logos", range(4))
    write("Kestrel").save(root / "logos" / "kestrel.png")
    write("Harbour Inn", (160, 20, 20)).save(root / "logos" / "inn.png")
    (root / "logos" / "copy.png").write_bytes((root / "logos" / "inn.png").read_bytes())
    made = LogoIndex.create(root / "idx", tiny_encoder(), flat_limit=100)
    made.add(root / "logos")
    return made


def names(matches):
    return [Path(m.path).name for m in matches]


def test_words_are_stored_and_copied(index):
    for name, expected in (
        ("kestrel", "Kestrel"),
        ("inn", "Harbour Inn"),
        ("copy", "Harbour Inn"),
        ("000", ""),
    ):
        assert index.entry(index.path.parent / "logos" / f"{name}.png")["words"] == expected


def test_search_by_words(index):
    hits = index.search(words="kestral", strategy="words")
    assert names(hits)[0] == "kestrel.png"
    assert hits[0].score == pytest.approx(12 / 14, abs=1e-5)  # one letter of seven replaced
    assert (hits[0].words, hits[0].probability) == ("Kestrel", None)
    assert {"000.png", "001.png"}.isdisjoint(names(hits))  # what holds no words is no hit
    hits = index.search(write("harbour"), strategy="words")
    assert set(names(hits[:2])) == {"inn.png", "copy.png"}
    assert index.search(words="!", strategy="words") == []
    assert index.search(draw(1), strategy="words") == []


def test_words_in_a_mix_and_in_filters(index):
    plain_hits = {h.path: h.score for h in index.search(draw(1), 10, strategy="overall")}
    mixed = index.search(draw(1), 10, strategy="overall=1,words=1", words="Harbour Inn")
    assert len(mixed) == 7
    for hit in mixed:
        expected = (plain_hits[hit.path] + hit.scores["words"]) / 2
        assert hit.score == pytest.approx(expected, abs=1e-4)
        assert hit.scores["words"] == (1 if "Inn" in hit.words else hit.scores["words"])
    assert set(names(index.search(draw(1), where='words ~ "HARBOUR"'))) == {"inn.png", "copy.png"}
    assert names(index.search(draw(1), where="words = Kestrel")) == ["kestrel.png"]


def test_large_indices_are_compared_as_a_whole(index, tmp_path):
    made = LogoIndex.create(tmp_path / "idx", tiny_encoder(), flat_limit=3)
    made.add(index.path.parent / "logos")
    for asked in ({"strategy": "words"}, {"strategy": "overall=1,words=1", "image": draw(2)}):
        small, large = (i.search(words="kestrel", **asked) for i in (index, made))
        assert names(small) == names(large)
        assert [h.score for h in small] == pytest.approx([h.score for h in large], abs=1e-5)


def test_wrong_use(index):
    with pytest.raises(UsageError, match="needs the strategy auto or words"):
        index.search(draw(1), words="a", strategy="overall")
    with pytest.raises(UsageError, match="give an image"):
        index.search(words="a", strategy="overall=1,words=1")


@pytest.fixture
def no_reader(monkeypatch):
    ocr._load.cache_clear()
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    yield
    ocr._load.cache_clear()


def test_without_a_reader_all_but_words_works(no_reader, tmp_path):
    fill(tmp_path / "logos", range(2))
    write("Kestrel").save(tmp_path / "logos" / "kestrel.png")
    index = LogoIndex.create(tmp_path / "idx", tiny_encoder())
    report = index.add(tmp_path / "logos")
    assert report.added == 3
    assert "rapidocr is not installed" in report.no_words
    assert index.entry(tmp_path / "logos" / "kestrel.png")["words"] is None
    assert index.add(tmp_path / "logos").no_words
    with pytest.raises(MarqueryError, match="the query's words cannot be read: rapidocr is not"):
        index.search(write("Kestrel"), strategy="words")


def test_words_are_read_later_without_embedding(tmp_path, monkeypatch):
    fill(tmp_path / "logos", range(2))
    write("Kestrel").save(tmp_path / "logos" / "kestrel.png")
    index = LogoIndex.create(tmp_path / "idx", tiny_encoder())
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "rapidocr", None)
        ocr._load.cache_clear()
        index.add(tmp_path / "logos")
    ocr._load.cache_clear()
    steps = []
    report = index.add(tmp_path / "logos", progress=lambda n: lambda done: steps.append((n, done)))
    assert (report.words_read, report.embedded, report.unchanged) == (1, 0, 3)
    assert steps == [(1, 1)]
    assert names(index.search(words="kestrel", strategy="words")) == ["kestrel.png"]
    assert index.add(tmp_path / "logos").words_read == 0


def test_an_index_of_an_older_version_opens_and_is_completed(tmp_path):
    fill(tmp_path / "logos", range(2))
    write("Kestrel").save(tmp_path / "logos" / "kestrel.png")
    LogoIndex.create(tmp_path / "idx", tiny_encoder()).add(tmp_path / "logos")
    LanceStore(tmp_path / "idx").open()._table.drop_columns(["words"])
    index = LogoIndex.open(tmp_path / "idx")
    hit = index.search(write("Kestrel"), 1)[0]
    assert (Path(hit.path).name, hit.words) == ("kestrel.png", None)
    assert index.entry(hit.id)["words"] is None
    with pytest.raises(MarqueryError, match="holds no words; rescan its folder"):
        index.search(words="kestrel", strategy="words")
    with pytest.raises(UsageError, match="no words were read yet"):
        index.search(draw(0), where="words ~ kestrel")
    fill(tmp_path / "logos", [7])
    report = index.add(tmp_path / "logos")
    assert (report.added, report.words_read, report.embedded) == (1, 3, 1)
    assert names(index.search(words="kestrel", strategy="words")) == ["kestrel.png"]


def test_an_index_may_be_built_without_words(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "marquery.index.strategies.words.read_words", lambda *_: pytest.fail("was read")
    )
    write("Kestrel").save((fill(tmp_path / "logos", [0])) / "kestrel.png")
    index = LogoIndex.create(tmp_path / "idx", tiny_encoder(), words=False)
    report = index.add(tmp_path / "logos")
    assert (report.added, report.no_words) == (2, None)
    assert LogoIndex.open(tmp_path / "idx").add(tmp_path / "logos").words_read == 0
    with pytest.raises(MarqueryError, match="was built without words"):
        index.search(words="kestrel", strategy="words")
