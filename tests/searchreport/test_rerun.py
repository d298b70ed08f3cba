"""Repeating a search: the same stays the same, and each change is told with its cause."""

import itertools
import shutil

import pytest

from marquery.errors import MarqueryError, UsageError
from marquery.index import LogoIndex
from marquery.searchreport import at_one_version, record_search, rerun
from marquery.searchreport.differences import compare_records
from marquery.searchreport.view import view_of

from ..drawings import draw, fill
from ..encoders import tiny_encoder


@pytest.fixture
def place(encoder, tmp_path):
    """An index of eight logos of its own, to be changed."""
    fill(tmp_path / "logos", range(8))
    index = LogoIndex.create(tmp_path / "idx", encoder=encoder, words=False)
    index.add(tmp_path / "logos")
    return tmp_path


def made(place, images=None, **asked):
    index = at_one_version(LogoIndex.open(place / "idx"))
    images = draw(2) if images is None else images
    return record_search(index, images, index.search(images, **asked), **asked)


def told(differences):
    return {(hit.what, hit.path.rsplit("/", 1)[1]): hit.why for hit in differences.hits}


@pytest.mark.parametrize(
    "asked",
    [
        {"k": 4},
        {"k": 3, "offset": 2},
        {"strategy": "overall=2,color=1", "exact": True},
        {"part": (0, 0, 50, 40)},
        {"where": "id > 2"},
        {"like": [3], "unlike": [5]},
    ],
)
def test_the_same_search_gives_the_same(place, asked):
    record = made(place, **asked)
    LogoIndex.open(place / "idx").remove(place / "logos" / "002.png")
    again = rerun(record)
    assert again.same
    assert again.reasons == []
    assert again.now.hits == record.hits
    assert again.to_dict()["same"] is True


def test_several_images_and_none(place):
    assert rerun(made(place, [draw(2), draw(3)])).same
    index = at_one_version(LogoIndex.open(place / "idx"))
    assert rerun(record_search(index, None, index.search(like=[1]), like=[1])).same


def test_what_came_went_and_moved(place):
    record = made(place, k=5)
    first, last = record.hits[0], record.hits[-1]
    index = LogoIndex.open(place / "idx")
    draw(2).resize((32, 24)).save(place / "logos" / "new.png")
    index.add(place / "logos")
    index.remove(first.path)
    again = rerun(record, latest=True)
    assert not again.same
    assert ("version" in again.reasons[0], len(again.reasons)) == (True, 1)
    why = told(again)
    assert why["went", first.path.rsplit("/", 1)[1]] == "it is no longer in the index"
    assert why["came", "new.png"] == "it was added to the index since"
    new = next(hit for hit in again.hits if hit.path.endswith("new.png"))
    assert (new.rank_then, new.score_then) == (None, None)
    assert again.now.hits[new.rank_now - 1].score == new.score_now
    assert {hit.what for hit in again.hits} <= {"came", "went", "moved"}
    # One came and one went, so the last stays where it is or is pushed out.
    assert rerun(record).same
    index.remove(place / "logos" / "new.png")
    moved = rerun(record, latest=True)
    assert [hit.rank_now for hit in moved.hits if hit.what == "moved"] == [1, 2, 3, 4]
    assert [why for (what, _), why in told(moved).items() if what == "came"] == [
        "it was below place 5 then"
    ]
    assert last.path in [hit.path for hit in moved.now.hits]


def test_pushed_out_by_others(place):
    record = made(place, k=2)
    draw(2).resize((60, 45)).save(place / "logos" / "new.png")
    LogoIndex.open(place / "idx").add(place / "logos")
    why = told(rerun(record, latest=True))
    gone = record.hits[-1].path.rsplit("/", 1)[1]
    assert why["went", gone] == "it is below place 2 now"
    assert why["came", "new.png"] == "it was added to the index since"
    state = record.index.model_copy(update={"logos": 99})
    why = told(rerun(record.model_copy(update={"index": state}), latest=True))
    assert why["came", "new.png"].endswith("the index as it was is not kept"), "it is another one"


def test_changed_files_and_metadata(place):
    meta = place / "meta.csv"
    meta.write_text("path,owner\n000.png,Ada\n001.png,Ada\n")
    index = LogoIndex.open(place / "idx")
    index.add(place / "logos", meta=meta)
    record, filtered = made(place), made(place, where="owner = Ada")
    draw(40).save(place / "logos" / "004.png")
    meta.write_text("path,owner\n000.png,Bob\n001.png,Ada\n003.png,Ada\n")
    index.add(place / "logos", meta=meta)
    why = told(rerun(record, latest=True))
    assert why["changed", "004.png"].startswith("its file has other content")
    assert why["changed", "000.png"] == "its metadata (owner)"
    assert ("changed", "001.png") not in why
    why = told(rerun(filtered, latest=True))
    assert {key: reason for key, reason in why.items() if key[0] != "moved"} == {
        ("came", "003.png"): "its metadata changed",
        ("went", "000.png"): "its metadata changed",
    }


def test_a_moved_index_and_one_built_anew(place, encoder):
    record = made(place)
    shutil.move(place / "idx", place / "moved")
    with pytest.raises(MarqueryError, match="say where the index is now"):
        rerun(record)
    again = rerun(record, place / "moved")
    assert again.same
    assert again.reasons == [f"the index is at {place / 'moved'}; it was at {record.index.path}"]
    (place / "logos" / "000.png").unlink()
    LogoIndex.create(place / "idx", encoder=encoder, words=False).add(place / "logos")
    other = rerun(record)
    assert other.reasons == [
        f"the index holds 7 logos at version {record.index.version}; it held 8, so it was built "
        "anew"
    ]
    assert other.count("went") == 1
    assert {hit.what for hit in other.hits} <= {"went", "moved"}


def test_another_encoder(place):
    record = made(place)
    shutil.rmtree(place / "idx")
    LogoIndex.create(place / "idx", encoder=tiny_encoder(1), words=False).add(place / "logos")
    again = rerun(record)
    assert not again.same
    assert "the encoder differs" in again.reasons[0]
    assert any("its score" in hit.why for hit in again.hits)


def test_a_version_that_is_not_kept(place):
    record = made(place)
    newer = record.model_copy(
        update={"index": record.index.model_copy(update={"version": record.index.version + 9})}
    )
    with pytest.raises(MarqueryError, match="search the latest one"):
        rerun(newer)
    assert rerun(newer, latest=True).same


def test_an_index_that_was_empty(encoder, place):
    LogoIndex.create(place / "none", encoder=encoder, words=False)
    empty = LogoIndex.open(place / "none")
    record = record_search(empty, draw(2), empty.search(draw(2)))
    assert rerun(record).same
    empty.add(place / "logos")
    again = rerun(record)
    assert again.count("came") == 8
    assert {hit.why for hit in again.hits} == {
        "it was not found then; the index as it was is not kept"
    }


def test_a_search_led_by_a_logo_that_is_gone_or_changed(place):
    record = made(place, like=[3])
    draw(60).save(place / "logos" / "003.png")
    index = LogoIndex.open(place / "idx")
    index.add(place / "logos")
    assert "should be more like, has other content" in rerun(record, latest=True).reasons[1]
    index.remove(place / "logos" / "003.png")
    with pytest.raises(MarqueryError, match=r"003\.png: the search was led by"):
        rerun(record, latest=True)


def test_a_filter_on_a_column_that_the_index_lacks(place, encoder):
    meta = place / "meta.csv"
    meta.write_text("path,owner\n000.png,Ada\n")
    LogoIndex.open(place / "idx").add(place / "logos", meta=meta)
    record = made(place, where="owner = Ada")
    LogoIndex.create(place / "bare", encoder=encoder, words=False).add(place / "logos")
    with pytest.raises(UsageError, match="owner"):
        rerun(record, place / "bare", latest=True)


def test_decisions_go_along_and_explanations_only_where_nothing_changed(place):
    index = at_one_version(LogoIndex.open(place / "idx"))
    matches = index.search(draw(2))
    ids = {m.path.rsplit("/", 1)[1]: m.id for m in matches}
    record = record_search(
        index,
        draw(2),
        matches,
        reference="R",
        decisions={ids["001.png"]: {"verdict": "keep"}, ids["004.png"]: {"verdict": "dismiss"}},
        explanations={ids["001.png"]: {"facts": {"a": 1}}, ids["004.png"]: {"facts": {"a": 2}}},
    )
    draw(40).save(place / "logos" / "004.png")
    LogoIndex.open(place / "idx").add(place / "logos")
    now = rerun(record, latest=True).now
    assert now.reference == "R"
    by_id = {hit.path.rsplit("/", 1)[1]: hit.id for hit in now.hits}
    assert {by_id[n]: now.decisions[by_id[n]].verdict for n in ("001.png", "004.png")} == {
        by_id["001.png"]: "keep",
        by_id["004.png"]: "dismiss",
    }
    assert set(now.explanations) == {by_id["001.png"]}


def test_a_search_by_words(tmp_path, encoder, monkeypatch):
    number = itertools.count()
    monkeypatch.setattr("marquery.index.storage.writer.word_reader", lambda: object())
    monkeypatch.setattr(
        "marquery.index.strategies.words.read_words", lambda *_: f"acme {next(number)}"
    )
    fill(tmp_path / "logos", range(4))
    LogoIndex.create(tmp_path / "idx", encoder=encoder).add(tmp_path / "logos")
    index = at_one_version(LogoIndex.open(tmp_path / "idx"))
    asked = {"words": "acme 2", "strategy": "words"}
    record = record_search(index, None, index.search(**asked), **asked)
    assert record.hits[0].words == "acme 2"
    assert (record.images, record.asked.words) == ([], "acme 2")
    assert rerun(record).same
    assert dict(view_of(record).settings)["Words"] == "acme 2"
    other = altered(record, {"words": "acne"}, *[{}] * (len(record.hits) - 1))
    found = compare_records(record, other, index, index)
    assert [hit.why for hit in found.hits] == ["the words that were read in it"]


def altered(record, *changes):
    hits = [hit.model_copy(update=change) for hit, change in zip(record.hits, changes, strict=True)]
    return record.model_copy(update={"hits": sorted(hits, key=lambda hit: hit.rank)})


def test_equal_scores_may_change_places_and_the_last_digit_may_differ(place):
    record = made(place, k=3)
    index = LogoIndex.open(place / "idx")
    score = record.hits[1].score

    def compare(then, now):
        return told(compare_records(then, now, index, index))

    tied = altered(record, {}, {}, {"score": score, "scores": {"auto": score}})
    swapped = altered(tied, {}, {"rank": 3}, {"rank": 2})
    assert compare(tied, swapped) == {}
    up = round(score + 1e-6, 6)
    assert compare(tied, altered(tied, {}, {"score": up, "scores": {"auto": up}}, {})) == {}
    up = round(score + 2e-6, 6)
    found = compare_records(
        tied, altered(tied, {}, {"score": up, "scores": {"auto": up}}, {}), index, index
    )
    assert list(told(found).values()) == ["its score"]
    assert "another machine" in found.reasons[0]
    other = altered(record, {"rank": 2}, {"rank": 1}, {})
    assert {what for what, _ in compare(record, other)} == {"moved"}
    assert list(compare(record, altered(record, {"probability": 0.5}, {}, {})).values()) == [
        "its probability"
    ]


def test_copies_of_one_file_are_paired_each_once(place):
    """Two logos of one content in other folders are two logos still."""
    record = made(place, k=2)
    same = {"sha256": "0" * 64}
    then = altered(record, {**same, "path": "/a/1"}, {**same, "path": "/a/2"})
    now = altered(record, {**same, "path": "/b/1"}, {**same, "path": "/b/2"})
    index = LogoIndex.open(place / "idx")
    found = compare_records(then, now, index, index)
    assert [(hit.what, hit.path) for hit in found.hits] == [
        ("changed", "/b/1"),
        ("changed", "/b/2"),
    ]
    assert found.hits[0].why == "its file was /a/1"
