"""What every vector store keeps to, and that an index needs no more of one."""

import ast
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import marquery
from marquery.errors import MarqueryError
from marquery.index import LogoIndex, snapshot
from marquery.index.metadata.conditions import Compare, IsMissing, Not, OneOf
from marquery.index.storage import table as table_module
from marquery.index.storage.register_words import WithRegisterWords
from marquery.index.storage.table import ROW_KEY, nearest_of_all, open_store
from marquery.index.strategies.known_words import REGISTER_WORDS

from ..drawings import draw, fill
from ..encoders import tiny_encoder
from . import memory_table

DIM = 8
SCHEMA = pa.schema(
    [
        pa.field("id", pa.int64()),
        pa.field("owner", pa.string()),
        pa.field("vector", pa.list_(pa.float32(), DIM)),
        pa.field("parts", pa.list_(pa.list_(pa.float16(), DIM))),
    ]
)


@pytest.fixture(autouse=True)
def memory(monkeypatch):
    home = f"{__package__}.memory_table:MemoryStore"
    monkeypatch.setitem(table_module.STORES, "memory", home)


@pytest.fixture(
    params=["lance", "memory", "milvus-lite", pytest.param("milvus", marks=pytest.mark.slow), "s3"]
)
def store(request, tmp_path):
    return open_store(request.getfixturevalue("new_store")(request.param), tmp_path)


def unit(count, seed=0):
    vectors = np.random.default_rng(seed).normal(size=(count, DIM)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def rows(ids, seed=0):
    vectors = unit(len(ids), seed)
    content = [
        {
            "id": i,
            "owner": f"o{i}" if i % 2 else None,
            "vector": v,
            "parts": [v.astype(np.float16)] * 2,
        }
        for i, v in zip(ids, vectors, strict=True)
    ]
    return pa.Table.from_pylist(content, schema=SCHEMA)


def ids_of(table, where=None):
    return sorted(table.read(("id",), where)["id"].to_pylist())


def test_nothing_is_there_before_the_first_rows(store):
    assert store.open() is None


def test_rows_come_back_as_they_were_written(store):
    table = store.create(rows([1, 2]))
    table.add(rows([5], seed=1))
    assert ids_of(table) == ids_of(store.open()) == [1, 2, 5]
    assert table.count() == 3
    assert table.schema.names == SCHEMA.names
    stored = {r["id"]: r for r in table.read(SCHEMA.names).to_pylist()}
    assert stored[5] == rows([5], seed=1).to_pylist()[0]
    assert [stored[i] for i in (1, 2)] == rows([1, 2]).to_pylist()


def test_a_part_of_a_row_may_be_written_and_the_rest_stays(store):
    table = store.create(rows([1, 2, 3]))
    told = pa.table({"id": pa.array([3, 9], pa.int64()), "owner": ["Ada", "nobody"]})
    table.upsert(told)
    assert ids_of(table) == [1, 2, 3]  # 9 was no whole row
    stored = {r["id"]: r for r in table.read(("id", "owner", "vector")).to_pylist()}
    assert (stored[3]["owner"], stored[1]["owner"], stored[2]["owner"]) == ("Ada", "o1", None)
    assert stored[3]["vector"] == rows([1, 2, 3]).to_pylist()[2]["vector"]


def test_whole_rows_replace_their_like_or_are_added(store):
    table = store.create(rows([1, 2]))
    table.upsert(rows([2, 7], seed=3))
    assert ids_of(table) == [1, 2, 7]
    stored = {r["id"]: r for r in table.read(SCHEMA.names).to_pylist()}
    assert [stored[i] for i in (2, 7)] == rows([2, 7], seed=3).to_pylist()


def test_rows_are_removed_by_a_condition(store):
    table = store.create(rows(range(6)))
    table.delete(OneOf("id", [0, 4, 77]))
    assert ids_of(table) == [1, 2, 3, 5]
    table.delete(IsMissing("owner"))
    assert ids_of(table) == [1, 3, 5]


def test_new_columns_are_null(store):
    table = store.create(rows([1, 2]))
    table.add_columns([pa.field("words", pa.string()), pa.field("nice", pa.list_(pa.string()))])
    assert table.schema.names[-2:] == ["words", "nice"]
    assert table.count(IsMissing("words")) == 2
    table.upsert(pa.table({"id": pa.array([2], pa.int64()), "words": ["kestrel"]}))
    assert ids_of(table, Not(IsMissing("words"))) == [2]


def test_words_of_a_register_are_text_in_every_store(store):
    """Of a column of text or of lists, or null where a table has no such column."""
    table = store.create(rows([1, 2, 3]))
    table.add_columns(
        [pa.field("meta_mark", pa.string()), pa.field("meta_names", pa.list_(pa.string()))]
    )
    told = {"id": pa.array([1, 2], pa.int64()), "meta_mark": ["Kestrel", None]}
    table.upsert(pa.table({**told, "meta_names": [["Kestrel Inn", "KI"], None]}))
    for column, expected in (
        ("mark", {1: "Kestrel", 2: None, 3: None}),
        ("names", {1: "Kestrel Inn KI", 2: None, 3: None}),
        ("none", {1: None, 2: None, 3: None}),
    ):
        seen = WithRegisterWords(table, column)
        whole = seen.read(("id", REGISTER_WORDS, ROW_KEY))
        ids, words = (whole[name].to_pylist() for name in ("id", REGISTER_WORDS))
        assert dict(zip(ids, words, strict=True)) == expected
        keys = dict(zip(ids, whole[ROW_KEY].to_pylist(), strict=True))
        taken = seen.take([keys[1], keys[3]], ("id", "meta_mark", REGISTER_WORDS)).to_pylist()
        assert {row["id"]: row[REGISTER_WORDS] for row in taken} == {1: expected[1], 3: None}
        assert {row["id"]: row["meta_mark"] for row in taken} == {1: "Kestrel", 3: None}
        scanned = [row for batch in seen.scan(("id", REGISTER_WORDS)) for row in batch.to_pylist()]
        assert {row["id"]: row[REGISTER_WORDS] for row in scanned} == expected
    assert seen.read(("id",)).column_names == ["id"]


def test_a_handle_stays_at_its_version_and_the_writer_moves_on(store):
    table = store.create(rows([1]))
    first = table.version
    reader = store.open(first)
    table.add(rows([2]))
    table.delete(Compare("id", "=", 1))
    assert (ids_of(reader), ids_of(table), ids_of(store.open())) == ([1], [2], [2])
    assert table.version == store.open().version > first
    assert ids_of(store.open(first)) == [1]
    with pytest.raises(MarqueryError, match="has no version 99"):
        store.open(99)


def test_a_stamp_is_never_the_same_after_a_change(store):
    table = store.create(rows([1]))
    for change in (lambda: table.add(rows([2])), lambda: table.delete(Compare("id", "=", 1))):
        before = store.stamp()
        change()
        assert before is None or store.stamp() != before


def test_columns_are_scanned_in_batches(store):
    table = store.create(rows(range(10)))
    batches = list(table.scan(("owner", "id"), Compare("id", ">", 3), batch_rows=2))
    assert max(len(batch) for batch in batches) <= 2
    found = pa.Table.from_batches(batches)
    assert found.schema.names == ["owner", "id"]
    assert sorted(found["id"].to_pylist()) == [4, 5, 6, 7, 8, 9]


def test_rows_are_found_again_by_their_keys(store):
    table = store.create(rows(range(8)))
    table.delete(Compare("id", "<", 2))
    read = table.read(("id", ROW_KEY), Compare("id", ">=", 5))
    keys = dict(zip(read["id"].to_pylist(), read[ROW_KEY].to_pylist(), strict=True))
    assert len(set(keys.values())) == 3
    taken = table.take([keys[7], keys[5]], ("id", "owner", ROW_KEY)).to_pylist()
    assert sorted((r["id"], r["owner"], r[ROW_KEY]) for r in taken) == [
        (5, "o5", keys[5]),
        (7, "o7", keys[7]),
    ]
    assert len(table.take([], ("id", ROW_KEY))) == 0


@pytest.mark.parametrize("column", ["vector", "parts"])
def test_near_rows_are_found_by_an_index(store, column):
    table = store.create(rows(range(600)))
    assert table.statistics().indexed == frozenset()
    table.build_index(column)
    assert table.statistics().indexed == {column}
    query = unit(600)[[123]]
    assert 0 < len(table.nearest(column, query, 5, probes=64)) <= 5
    # A code of few bits tells eight dimensions badly apart: the nearest is among many.
    keys = table.nearest(column, query, 200, probes=64)
    assert 123 in table.take(keys.tolist(), ("id",))["id"].to_pylist()
    few = Compare("id", ">=", 595)
    keys = table.nearest(column, query, 100, few, probes=64)
    assert set(table.take(keys.tolist(), ("id",))["id"].to_pylist()) <= set(range(595, 600))
    assert len(keys) > 0
    # A filter that leaves many, and one that leaves too few of what can be asked for.
    for where, left in ((Compare("id", "<", 300), 300), (Compare("id", "<", 4), 4)):
        found = table.nearest(column, query, 50, where, probes=64, enough=5).tolist()
        ids = table.take(found, ("id",))["id"].to_pylist()
        assert len(set(ids)) == len(ids) >= min(left, 5)
        assert max(ids) < left
    assert len(table.nearest(column, query, 50, Compare("id", "<", 0), probes=64)) == 0
    # Of several vectors, the rows that are nearest to any are found, each once.
    several = unit(600)[[123, 321, 456]]
    keys = table.nearest(column, several, 300, probes=64).tolist()
    assert len(keys) == len(set(keys)) <= 300
    assert {123, 321, 456} <= set(table.take(keys, ("id",))["id"].to_pylist())


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5)), max_size=30), st.integers(1, 12))
def test_each_row_counts_by_its_least_distance(found, k):
    keys = np.array([key for key, _ in found], np.uint64)
    distances = np.array([distance for _, distance in found], np.float32)
    least = {key: min(d for other, d in found if other == key) for key, _ in found}
    kept = nearest_of_all(keys, distances, k).tolist()
    assert len(kept) == len(set(kept)) == min(k, len(least))
    assert [least[key] for key in kept] == sorted(least.values())[:k]


def test_an_index_of_other_codes_is_built_anew(tmp_path):
    from lancedb.index import IvfRq

    table = open_store("lance", tmp_path).create(rows(range(600)))
    table._table.create_index("parts", config=IvfRq(distance_type="cosine", num_bits=1))
    assert table.statistics().indexed == frozenset()
    table.build_index("parts")
    assert table.statistics().indexed == {"parts"}


def test_tidying_changes_no_row_and_statistics_count_them(store):
    table = store.create(rows([1]))
    for number in range(2, 6):
        table.add(rows([number]))
    before = table.read(SCHEMA.names).to_pylist()
    table.optimise()
    after = table.read(SCHEMA.names).to_pylist()
    assert sorted(after, key=lambda r: r["id"]) == sorted(before, key=lambda r: r["id"])
    told = store.open().statistics()
    assert told.rows == 5
    assert told.bytes > 0


def test_an_index_needs_nothing_but_the_contract(tmp_path):
    encoder = tiny_encoder()
    logos = fill(tmp_path / "logos", range(8))
    (tmp_path / "meta.csv").write_text(
        "path,owner\n" + "".join(f"{i:03d}.png,{'Ada' if i < 4 else 'Bob'}\n" for i in range(8))
    )
    found = {}
    for name in ("lance", "memory"):
        index = LogoIndex.create(tmp_path / name, encoder, store=name, words=False)
        assert index.add(logos, meta=tmp_path / "meta.csv").added == 8
        first = index.version
        (logos / "000.png").unlink()
        draw(50).save(logos / "001.png")
        told = index.rescan(logos)
        assert (told.removed, told.updated) == (1, 1)
        index.remove(logos / "007.png")
        index = LogoIndex.open(tmp_path / name)
        mix = "overall=1,part=0.5,figure=0.5,color=0.2,shape=0.2"
        several = {
            "mix": index.search(draw(3), 20, strategy=mix),
            "where": index.search(draw(3), 20, where="owner = Ada"),
            "box": index.search(draw(3), 5, part=(0, 0, 40, 40)),
            "like": index.search(like=[logos / "002.png"], unlike=[3]),
            "old": index.at(first).search(draw(0), 3),
        }
        found[name] = {
            key: [(m.rank, m.score, Path(m.path).name, m.part, m.metadata) for m in matches]
            for key, matches in several.items()
        }
        assert (len(index), index.count("owner = Bob")) == (6, 3)
        assert index.status()["logos"] == 6
        assert index.entry(2)["metadata"] == {"owner": "Ada"}
        fill(logos, [0, 7])
        draw(1).save(logos / "001.png")
    assert found["memory"] == found["lance"]
    assert [len(v) for v in found["lance"].values()] == [6, 3, 5, 6, 3]


def test_a_large_index_is_searched_by_candidates_in_any_store(tmp_path):
    encoder = tiny_encoder()
    logos = fill(tmp_path / "logos", range(12))
    index = LogoIndex.create(tmp_path / "idx", encoder, flat_limit=5, store="memory", words=False)
    index.add(logos)
    assert not index.compares_all(3)
    assert index.status()["search"] == "approximate above 5 logos"
    hit = index.search(draw(7), 3)[0]
    assert Path(hit.path).name == "007.png"
    exact = index.search(draw(7), 3, exact=True)
    assert [m.path for m in exact] == [m.path for m in index.search(draw(7), 3)]


def test_all_that_a_filter_leaves_is_compared_where_that_is_little(tmp_path, monkeypatch):
    """Whatever the approximate index finds."""
    logos = fill(tmp_path / "logos", range(9))
    owners = "".join(f"{i:03d}.png,{'Ada' if i == 8 else 'Bob'}\n" for i in range(9))
    (tmp_path / "meta.csv").write_text("path,owner\n" + owners)
    place = tmp_path / "idx"
    index = LogoIndex.create(place, tiny_encoder(), flat_limit=5, store="memory", words=False)
    index.add(logos, meta=tmp_path / "meta.csv")

    def finds_none(*_, **__):
        return np.empty(0, np.uint64)

    monkeypatch.setattr(memory_table.MemoryTable, "nearest", finds_none)
    assert index.search(draw(3), 5) == []
    assert [m.id for m in index.search(draw(3), 5, where="owner = Ada")] == [8]
    assert index.compares_all(5, where="owner = Bob")
    monkeypatch.setattr(snapshot, "_FEW", 1)
    assert index.search(draw(3), 5, where="owner = Bob") == []
    assert [index.compares_all(5, where=f"owner = {o}") for o in ("Ada", "Bob")] == [True, False]


def test_only_one_module_imports_the_database():
    package = Path(marquery.__file__).parent
    importing = []
    for file in package.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            if any(name.split(".")[0] in ("lancedb", "lance") for name in names):
                importing.append(file.relative_to(package).as_posix())
    assert set(importing) == {"index/storage/lance.py"}
