"""The record: what is kept, that it survives a file, and that a damaged one is refused."""

import hashlib
import json
from datetime import UTC, datetime

import numpy as np
import pytest
from PIL import Image

from marquery.errors import MarqueryError, UsageError
from marquery.index import LogoIndex
from marquery.index.candidates import CandidateSearch
from marquery.index.snapshot import Snapshot
from marquery.searchreport import QueryImage, read_record, record_search, write_report

from ..drawings import draw


@pytest.fixture
def query(tmp_path):
    draw(2).save(tmp_path / "new.png")
    return tmp_path / "new.png"


def test_what_is_kept(search, index, query):
    asked = {"k": 3, "strategy": "part=3,color=1", "part": (0, 0, 60, 40), "where": "id >= 0"}
    record = search(query, **asked)
    (image,) = record.images
    assert image.data == query.read_bytes()
    assert image.sha256 == hashlib.sha256(query.read_bytes()).hexdigest()
    assert (image.path, image.width, image.height) == (str(query), 64, 48)
    assert record.asked.strategy == {"part": 0.75, "color": 0.25}
    assert (record.asked.part, record.asked.where) == ((0, 0, 60, 40), "id >= 0")
    assert record.index.model_dump() == {
        "path": str(index.path.resolve()),
        "version": index.version,
        "logos": 7,
        "compared": "all",
        "encoder": index.status()["encoder"],
        "fingerprint": index.encoder.fingerprint(),
        "words_from": None,
    }
    for hit, match in zip(record.hits, index.search(query, **asked), strict=True):
        assert (hit.rank, hit.id, hit.path) == (match.rank, match.id, match.path)
        assert (hit.score, hit.scores) == (match.score, match.scores)
        assert (hit.part, hit.kind, hit.metadata) == (match.part, match.kind, match.metadata)
        assert hit.sha256 == index.entry(match.id)["sha256"]
    assert record.date.tzinfo == UTC


def test_a_file_gives_the_record_back(search, index, query, tmp_path):
    when = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    ids = [match.id for match in index.search(query)]
    record = search(
        query,
        decisions={
            ids[0]: {"verdict": "keep", "note": "漢\n2", "who": "A", "when": when},
            ids[1]: {"note": "?"},
            999: {"verdict": "dismiss"},
        },
        explanations={ids[0]: {"facts": {"words": ["same shape"]}, "picture": b"\x89\xff"}},
        like=[ids[3]],
        unlike=[index.entry(ids[4])["path"]],
    )
    assert set(record.decisions) == {ids[0], ids[1]}, "of other logos they are left out"
    assert (record.count("keep"), record.count("dismiss")) == (1, 0)
    assert [logo.id for logo in (*record.asked.like, *record.asked.unlike)] == [ids[3], ids[4]]
    write_report(record, index, tmp_path / "r.json")
    assert read_record(tmp_path / "r.json") == record
    assert read_record(tmp_path / "r.json").digest() == record.digest()
    raw = json.loads((tmp_path / "r.json").read_text())
    assert raw["decisions"][str(ids[0])]["when"] == "2026-03-01T12:30:00Z"


@pytest.mark.parametrize("kind", ["image", "array", "alpha", "svg"])
def test_the_query_comes_back_as_the_search_saw_it(kind, tmp_path):
    if kind == "svg":
        pytest.importorskip("resvg_py")
        source = tmp_path / "a.SVG"
        source.write_text(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="5" height="9"/></svg>'  # noqa: E501
        )
    elif kind == "alpha":
        source = Image.new("RGBA", (5, 4), (255, 255, 255, 90))
    else:
        source = draw(1) if kind == "image" else np.asarray(draw(1))
    from marquery.images import load_image

    kept = QueryImage.of(source, "image 1")
    again = QueryImage.model_validate_json(kept.model_dump_json())
    assert np.array_equal(np.asarray(again.load()), np.asarray(load_image(source)))
    assert (again.width, again.height) == again.load().size


def test_a_record_of_another_format_or_damaged_is_refused(search, query, tmp_path):
    text = search(query).to_json()
    place = tmp_path / "r.json"

    def refused(change):
        raw = json.loads(text)
        change(raw)
        place.write_text(json.dumps(raw))
        with pytest.raises(MarqueryError) as error:
            read_record(place)
        return str(error.value)

    assert "schema version 2" in refused(lambda r: r.update(schema_version=2, new=1))
    assert "is not the record of a search" in refused(lambda r: r.pop("format") and r.clear())
    assert "hits.0.colour" in refused(lambda r: r["hits"][0].update(colour="red"))
    assert "the record was changed" in refused(lambda r: r["images"][0].update(sha256="0" * 64))
    assert "not base64" in refused(lambda r: r["images"][0].update(data="*"))
    place.write_text("%PDF-1.7")
    with pytest.raises(MarqueryError, match="attached to its PDF"):
        read_record(place)
    with pytest.raises(MarqueryError, match="No such file"):
        read_record(tmp_path / "none.json")


def test_wrong_use(index, query):
    with pytest.raises(UsageError, match="no time zone"):
        record_search(index, query, [], date=datetime(2026, 1, 1))
    matches = index.search(query, k=1)
    with pytest.raises(UsageError, match="decisions"):
        record_search(index, query, matches, decisions={matches[0].id: {"verdict": "maybe"}})


def test_an_index_with_nothing_in_it(encoder, query, tmp_path):
    empty = LogoIndex.create(tmp_path / "idx", encoder=encoder, words=False)
    record = record_search(empty, query, empty.search(query))
    assert (record.index.version, record.hits) == (0, [])


@pytest.mark.parametrize(
    "strategy",
    [
        "overall",
        "part",
        "figure",
        "words",
        "color",
        "shape",
        "overall,color",
        "overall,words",
        "overall,shape",
    ],
)
@pytest.mark.parametrize(("exact", "k"), [(False, 20), (True, 20), (False, 201), (False, 200)])
def test_it_says_whether_every_logo_was_compared(index, monkeypatch, strategy, exact, k):
    """What the record says, beside what a search of a large index does."""
    index = LogoIndex.open(index.path, version=index.version)
    called = []
    for owner, name, kind in (
        (Snapshot, "_scan", "all"),
        (CandidateSearch, "find", "candidates"),
    ):
        monkeypatch.setattr(owner, name, lambda *_, kind=kind: called.append(kind))
    monkeypatch.setattr(Snapshot, "_rank_rows", lambda *_: None)
    monkeypatch.setattr(Snapshot, "_matches", lambda *_: [])
    seen = Snapshot(index.snapshot().table, flat_limit=1)
    seen.approximate = {"vector", "parts"}
    seen.knows_words = True
    monkeypatch.setattr(index, "_seen", seen)
    asked = {"k": k - 5, "offset": 5, "strategy": strategy, "exact": exact}
    asked["words"] = "acme" if "words" in strategy else None
    assert index.search(draw(1), **asked) == []
    assert [record_search(index, draw(1), [], **asked).index.compared] == called


def test_words_without_their_strategy_are_refused_as_the_search_refuses_them(index):
    for made in (index.search, lambda *asked, **more: record_search(index, *asked, [], **more)):
        with pytest.raises(UsageError, match="words: needs the strategy auto or words; add it to"):
            made(draw(1), words="acme", strategy="overall")


def test_every_logo_of_a_small_index_is_compared(index, encoder, tmp_path):
    assert index.compares_all()
    assert LogoIndex.create(tmp_path / "idx", encoder=encoder, words=False).compares_all()
    with pytest.raises(UsageError, match="k: 0 is less than 1"):
        index.compares_all(0)
    with pytest.raises(UsageError, match="strategy"):
        index.compares_all(strategy="smell")
