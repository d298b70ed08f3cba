"""Words of a metadata column, searched together with those that were read."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marquery.errors import UsageError
from marquery.index import LogoIndex
from marquery.index.strategies.known_words import KnownWords
from marquery.index.strategies.word_overlap import DistinctTexts, WordCounts, WordLists
from marquery.index.strategies.wording import Texts, plain
from marquery.index.strategies.words import WORDS
from marquery.searchreport import record_search, report_bytes, rerun

from ..drawings import draw, fill, write
from ..encoders import tiny_encoder

#: What is read in a picture, by its file: nobody has to wait for a reader of words.
READ = {"kestrel": "Kestrel", "misread": "KESTRAI", "inn": "Harbour Inn"}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("register")
    fill(folder / "logos", range(4))
    for number, name in enumerate(READ):
        # Told apart by their width.
        write(READ[name]).resize((200 + number, 60)).save(folder / "logos" / f"{name}.png")
    (folder / "meta.csv").write_text(
        "path,Mark,names[]\n"
        "000.png,Osprey,Osprey;Fish Hawk\n"
        "001.png,,\n"
        "misread.png,Kestrel,Windhover\n"
        "inn.png,Harbor Inn GmbH,\n"
    )
    return folder


@pytest.fixture(autouse=True)
def reader(monkeypatch):
    read = dict(zip((200, 201, 202), READ.values(), strict=True))
    monkeypatch.setattr(WORDS, "note", lambda logo: read.get(logo.pixels.shape[1], ""))


@pytest.fixture
def index(root):
    if not (root / "idx").exists():
        made = LogoIndex.create(root / "idx", tiny_encoder(), words_from="Mark")
        made.add(root / "logos", meta=root / "meta.csv")
    return LogoIndex.open(root / "idx")


def found(matches, least=0.0):
    return {Path(m.path).stem: m for m in matches if m.score >= least}


def named(index, words):
    """Logos that have words, by their names."""
    return set(found(index.search(words=words), 0.7))


def test_the_better_of_both_counts_and_is_named(index):
    assert index.words_from == "mark"
    hits = found(index.search(words="kestrel"), 0.7)
    assert {name: hit.words_by for name, hit in hits.items()} == {
        "kestrel": "read",
        "misread": "register",
    }
    assert hits["misread"].register_words == "Kestrel"
    assert hits["misread"].words == "KESTRAI"
    assert hits["misread"].score == hits["kestrel"].score == 1
    assert hits["kestrel"].register_words is None
    # What was read is found by what was read.
    assert found(index.search(words="Harbour Inn"))["inn"].words_by == "read"
    (osprey,) = index.search(words="osprey", k=1)
    assert (osprey.words, osprey.words_by) == ("", "register")


def test_all_evidence_uses_them(index, root):
    hits = found(index.search(draw(3), 10, words="Osprey"))
    assert hits["000"].words_by == "register"
    assert hits["000"].reasons["the words"] > 0
    assert hits["001"].words_by == ""
    assert found(index.search(root / "logos" / "kestrel.png", 10))["misread"].words_by == "register"


def test_a_large_index_finds_candidates_by_them(root):
    made = LogoIndex.create(root / "large", tiny_encoder(), flat_limit=3, words_from="mark")
    made.add(root / "logos", meta=root / "meta.csv")
    assert not made.compares_all(2)
    for words in ("osprey", "kestrel"):
        some, every = (made.search(draw(9), 7, words=words, exact=exact) for exact in (False, True))
        assert [(m.id, m.words_by) for m in some] == [(m.id, m.words_by) for m in every]
        assert "register" in {m.words_by for m in some}
    assert found(made.search(words="osprey"))["000"].words_by == "register"


def test_another_column_for_one_search(root, index):
    other = LogoIndex.open(root / "idx", words_from="names")
    hits = found(other.search(words="fish hawk"))
    assert hits["000"].register_words == "Osprey Fish Hawk"
    assert named(index, "fish hawk") == set()
    assert other.at(other.version).words_from == "names"
    with pytest.raises(UsageError, match=r"no column 'owner'.*mark, names"):
        LogoIndex.open(root / "idx", words_from="owner")


def test_an_index_that_reads_no_words_knows_those_of_the_register(root):
    made = LogoIndex.create(root / "unread", tiny_encoder(), words=False, words_from="mark")
    made.add(root / "logos", meta=root / "meta.csv")
    assert named(made, "kestrel") == {"misread"}


def test_what_is_added_later_is_searched_by_its_own(root):
    made = LogoIndex.create(root / "grown", tiny_encoder(), words_from="mark")
    made.add(root / "logos")
    assert named(made, "osprey") == set()
    (root / "other.csv").write_text("path,owner\n000.png,a\n")
    with pytest.raises(UsageError, match="has no column mark"):
        made.add(root / "logos", meta=root / "other.csv")
    made.add(root / "logos", meta=root / "meta.csv")
    assert named(made, "osprey") == {"000"}
    made.add(root / "logos")
    assert named(made, "osprey") == {"000"}


def test_a_record_names_the_column_and_is_repeated_with_it(root, index):
    other = LogoIndex.open(root / "idx", words_from="names", version=index.version)
    asked = {"words": "fish hawk", "k": 1}
    record = record_search(other, None, other.search(**asked), **asked)
    assert record.index.words_from == "names"
    assert [hit.words_by for hit in record.hits] == ["register"]
    page = report_bytes(record, other, ".html").decode()
    assert "names: Osprey Fish Hawk (like the query’s)" in page
    assert rerun(record).same
    plainly = LogoIndex.create(root / "plain", tiny_encoder())
    plainly.add(root / "logos")
    record = record_search(plainly, None, plainly.search(words="inn"), words="inn")
    # A record of before keeps its digest.
    assert "words_by" not in record.to_json()
    assert "words_from" not in record.to_json()


names = st.lists(st.sampled_from(["", "kestrel", "kestrel foods", "harbour inn", "co"]), min_size=1)


@settings(deadline=None)
@given(st.sampled_from(["kestrel", "harbour", "foods kestrel"]), st.data())
def test_each_logo_is_as_alike_as_the_liker_of_its_two_texts(query, data):
    read = data.draw(names)
    register = data.draw(
        st.lists(names.map(lambda n: n[0]), min_size=len(read), max_size=len(read))
    )
    known = KnownWords(read, register)
    counts = WordCounts(known.texts)
    both = [
        WordLists(DistinctTexts(texts)).overlap(query, counts).likeness
        for texts in (read, register)
    ]
    expected = np.nanmax([*both, np.full(len(read), -1)], axis=0)
    likeness = known.overlap(query, counts).likeness
    assert np.nan_to_num(likeness, nan=-1) == pytest.approx(expected)
    similar = [Texts(texts).similarity_to(query) for texts in (read, register)]
    assert known.similarity_to(query) == pytest.approx(np.max(similar, axis=0))
    for place in range(len(read)):
        source = known.source(place, lambda some: some.overlap(query, counts).likeness)
        assert (source == "") == (expected[place] <= 0)
        if source:
            text = {"read": read, "register": register}[source][place]
            alone = WordLists(DistinctTexts([text])).overlap(plain(query), counts).likeness
            assert alone[0] == pytest.approx(expected[place])


def test_an_index_may_be_opened_with_its_own_column_before_metadata_has_come(root, tmp_path):
    made = LogoIndex.create(tmp_path / "idx", tiny_encoder(), words_from="Mark")
    assert LogoIndex.open(made.path, words_from="Mark").words_from == "mark"
    made.add(root / "logos")
    asked = root / "logos" / "000.png"
    record = record_search(made, asked, made.search(asked, strategy="overall"), strategy="overall")
    assert rerun(record).same
    with pytest.raises(UsageError, match="there is no column 'names'"):
        LogoIndex.open(made.path, words_from="names")


@pytest.mark.parametrize("name", ["", "é", "path", "ID", "and", "2nd"])
def test_an_index_is_not_made_with_a_column_that_no_metadata_can_have(tmp_path, name):
    with pytest.raises(UsageError, match="cannot name a column"):
        LogoIndex.create(tmp_path / "idx", tiny_encoder(), words_from=name)
    assert not (tmp_path / "idx").exists()
