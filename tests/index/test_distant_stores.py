"""Indices whose table is elsewhere: the same answers as a folder gives, one writer, and nothing
half-written.
"""

import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from marquery.cli.app import run
from marquery.errors import MarqueryError, NotBuiltError, UsageError
from marquery.index import LogoIndex
from marquery.index.metadata.conditions import Compare, OneOf
from marquery.index.storage import lease, object_files
from marquery.index.storage.folder import IndexFolder
from marquery.index.storage.milvus import client
from marquery.index.storage.milvus.client import MilvusPlace, disconnect
from marquery.index.storage.shared_files import LOCKS
from marquery.index.storage.table import is_address, open_store, whole_address
from marquery.index.storage.writer import Writer
from marquery.searchreport import record_search
from marquery.watch.threshold import parse_threshold

from ..drawings import draw, fill
from ..encoders import tiny_encoder

KINDS = ["milvus-lite", pytest.param("milvus", marks=pytest.mark.slow), "s3"]
OWNERS = ("Ada", 'Bob & Co "2"', "")
META = "path,owner,nice,fee\n" + "".join(
    f"{i:03d}.png,{OWNERS[i % 3]},{'9;25' if i % 2 else '25'},{i * 1.5}\n" for i in range(10)
).replace('Bob & Co "2"', '"Bob & Co ""2"""')
FILTERS = [
    "owner = Ada",
    'owner ~ "co"',
    "nice = 9 and fee > 3",
    "not (owner = Ada)",
    "not (owner ~ ada) or fee < 4.5",
]


@pytest.fixture
def logos(tmp_path):
    (tmp_path / "meta.csv").write_text(META)
    return fill(tmp_path / "logos", range(10))


@pytest.fixture(params=KINDS)
def address(request, new_store):
    return new_store(request.param)


def answers(index):
    found = {w: index.search(draw(3), 20, where=w) for w in FILTERS}
    found["mix"] = index.search(draw(5), 20, strategy="overall=1,part=0.5,color=0.2,shape=0.2")
    return {
        key: [(m.rank, m.score, m.id, Path(m.path).name, m.part, m.metadata) for m in matches]
        for key, matches in found.items()
    }


def test_the_answers_are_those_of_a_folder(tmp_path, logos, address):
    encoder = tiny_encoder()
    found = []
    for store in ("lance", address):
        path = tmp_path / "idx" if store == "lance" else None
        index = LogoIndex.create(path, encoder, store=store, words=False)
        index.add(logos, meta=tmp_path / "meta.csv")
        first = index.version
        draw(40).save(logos / "001.png")
        (logos / "009.png").unlink()
        index.rescan(logos)
        opened = LogoIndex.open(path or store)
        found.append((answers(opened), answers(opened.at(first)), len(opened)))
        fill(logos, [1, 9])
    assert found[0] == found[1]
    assert len(found[0][0]["owner = Ada"]) == 3


def test_another_machine_opens_it_by_its_address_alone(tmp_path, logos, address, monkeypatch):
    index = LogoIndex.create(address, tiny_encoder(), words=False)
    index.add(logos)
    expected = answers_of_all(index)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "other"))
    other = LogoIndex.open(address)
    assert other.path != index.path
    assert other.status()["path"] == whole_address(address)
    found = answers_of_all(other)
    assert [i for i, _ in found] == [i for i, _ in expected]
    assert [s for _, s in found] == pytest.approx([s for _, s in expected], abs=1e-5)
    fill(tmp_path / "more", [50])
    assert other.add(tmp_path / "more").added == 1
    assert [m.id for m in index.search(draw(50), 1)] == [10]
    with pytest.raises(MarqueryError, match="an index is there already"):
        LogoIndex.create(address, tiny_encoder())


def answers_of_all(index):
    return [(m.id, m.score) for m in index.search(draw(3), 20)]


def test_candidates_come_from_the_store_and_are_ranked_in_full(logos, address):
    index = LogoIndex.create(address, tiny_encoder(), flat_limit=5, words=False)
    index.add(logos)
    index.rescan(logos)
    assert index.status()["search"] == "approximate above 5 logos"
    for strategy in ("overall", "part"):
        assert not index.compares_all(3, strategy=strategy)
        near = index.search(draw(7), 3, strategy=strategy)
        exact = index.search(draw(7), 3, strategy=strategy, exact=True)
        assert Path(near[0].path).name == "007.png"
        assert [m.id for m in near] == [m.id for m in exact]
    draw(60).save(logos / "007.png")
    index.add(logos)
    assert index.search(draw(60), 1, strategy="part")[0].id == 7
    assert index.search(draw(7), 1, strategy="part")[0].score < 0.9999


def test_one_writes_at_a_time(logos, address, monkeypatch):
    monkeypatch.setattr(lease, "BEAT", 0.05)
    index = LogoIndex.create(address, tiny_encoder(), words=False)
    files = open_store(whole_address(address), index.path).files
    elsewhere = {"host": "another", "pid": 1, "beat": 1}
    files.write(f"{LOCKS}other", json.dumps(elsewhere).encode())
    stop = threading.Event()

    def beat():
        while not stop.wait(0.03):
            elsewhere["beat"] += 1
            files.write(f"{LOCKS}other", json.dumps(elsewhere).encode())

    writer = threading.Thread(target=beat)
    writer.start()
    monkeypatch.setattr(lease, "_MISSED", 100)  # a server may be slow to answer
    try:
        with pytest.raises(MarqueryError, match="another process is writing to this index"):
            index.add(logos)
    finally:
        stop.set()
        writer.join()
    assert len(index) == 0
    monkeypatch.setattr(lease, "_MISSED", 3)
    monkeypatch.setattr(lease.Lease, "check", lambda *_: None)  # a busy machine renews late
    assert index.add(logos).added == 10  # its announcement was not renewed: it was killed
    assert [name for name in files.names() if name.startswith(LOCKS)] == []


def test_a_writer_that_could_not_renew_its_announcement_stops(logos, new_store, monkeypatch):
    index = LogoIndex.create(new_store("milvus-lite"), tiny_encoder(), words=False)
    monkeypatch.setattr(lease.Lease, "_renew", lambda _: None)
    monkeypatch.setattr(lease, "BEAT", -1.0)
    with pytest.raises(MarqueryError, match="another process may be writing now"):
        index.add(logos)
    assert len(index) == 0


def test_an_announcement_of_a_process_that_is_gone_is_passed_over(logos, new_store):
    address = new_store("milvus-lite")
    index = LogoIndex.create(address, tiny_encoder(), words=False)
    files = open_store(whole_address(address), index.path).files
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    told = {"host": lease.socket.gethostname(), "pid": gone.pid, "beat": 3}
    files.write(f"{LOCKS}gone", json.dumps(told).encode())
    assert index.add(logos).added == 10


SCHEMA = pa.schema(
    [
        pa.field("id", pa.int64()),
        pa.field("owner", pa.string()),
        pa.field("vector", pa.list_(pa.float32(), 4)),
    ]
)


def rows(ids):
    made = [{"id": i, "owner": f"o{i}", "vector": [1.0, i, 0.0, 0.0]} for i in ids]
    return pa.Table.from_pylist(made, schema=SCHEMA)


@pytest.mark.parametrize("kind", KINDS[:2])
def test_what_a_killed_writer_had_begun_is_not_seen_and_is_cleared_away(
    kind, new_store, tmp_path, monkeypatch
):
    store = open_store(new_store(kind), tmp_path)
    table = store.create(rows(range(6)))
    table.add(rows([6]))
    before = table.read(SCHEMA.names)

    def killed(*_):
        raise KeyboardInterrupt

    for change in (
        lambda t: t.upsert(rows([1, 2])),
        lambda t: t.delete(OneOf("id", [3, 4])),
        lambda t: t.add(rows([70])),
    ):
        writing = store.open()
        monkeypatch.setattr(type(writing._history), "set", killed)
        with pytest.raises(KeyboardInterrupt):
            change(writing)
        monkeypatch.undo()
        seen = store.open()
        assert seen.version == table.version
        assert by_id(seen.read(SCHEMA.names)) == by_id(before)
    after = store.open()
    after.upsert(rows([1]))
    assert by_id(after.read(SCHEMA.names)) == by_id(before)
    assert by_id(store.open(table.version).read(SCHEMA.names)) == by_id(before)
    assert after.count(Compare("id", ">=", 3)) == 4


def by_id(table):
    return sorted(table.to_pylist(), key=lambda row: row["id"])


@pytest.mark.parametrize("kind", KINDS[:2])
def test_old_versions_are_dropped_in_time(kind, new_store, tmp_path, monkeypatch):
    from marquery.index.storage.milvus import table as module

    store = open_store(new_store(kind), tmp_path)
    table = store.create(rows(range(4)))
    table.delete(OneOf("id", [0]))
    table.optimise()
    assert store.open(1).count() == 4
    monkeypatch.setattr(module, "KEPT", -1.0)
    table.optimise()
    assert table._rows.count("key >= 0") == 3
    assert store.open().count() == 3
    with pytest.raises(UsageError, match="has no version 1"):
        store.open(1)


@pytest.mark.parametrize("kind", KINDS[:2])
@pytest.mark.parametrize(
    "text", ['a"b', "it's", "back\\slash", "Ünï 日本", "new\nline", "%_", "", "c0 == 1", "{x}"]
)
def test_any_text_is_compared_as_it_is(kind, text, new_store, tmp_path):
    store = open_store(new_store(kind), tmp_path)
    told = rows([1, 2]).set_column(1, SCHEMA.field("owner"), pa.array([text, "other"]))
    table = store.create(told)
    assert table.read(("id",), Compare("owner", "=", text))["id"].to_pylist() == [1]
    assert table.read(("owner",), OneOf("id", [1]))["owner"].to_pylist() == [text]


def test_many_rows_come_in_pieces_each_once(new_store, tmp_path):
    store = open_store(new_store("milvus-lite"), tmp_path)
    table = store.create(rows(range(2300)))
    table.delete(OneOf("id", list(range(0, 2300, 3))))
    kept = [i for i in range(2300) if i % 3]
    assert sorted(table.read(("id", "vector"))["id"].to_pylist()) == kept
    some = table.read(("id",), Compare("owner", ">=", "o2"))["id"].to_pylist()
    assert sorted(some) == [i for i in kept if f"o{i}" >= "o2"]
    assert len(table.nearest("vector", np.array([[1, 5, 0, 0]], np.float32), 50, probes=4)) == 50


def test_the_commands_take_an_address_in_place_of_a_folder(
    tmp_path, logos, new_store, encoder, capsys
):
    def call(*arguments):
        code = run([str(a) for a in arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    address = new_store("milvus-lite")
    built = call("index", "build", logos, "--store", address, "--model", encoder, "--no-words")
    assert built[:2] == (
        0,
        "10 logos: 10 added, 0 updated, 0 removed, 0 unchanged, 0 described anew\n",
    )
    fill(tmp_path / "more", [70])
    assert "11 logos: 1 added" in call("index", "add", tmp_path / "more", "--store", address)[1]
    assert "logos: 11" in call("index", "status", address)[1]
    query = tmp_path / "query.png"
    draw(70).save(query)
    found = call("search", query, "--store", address, "-k", "1")[1]
    assert found.split()[-1].endswith("more/070.png")
    for number, place in enumerate([(address,), ("--store", address)]):
        new = ("--new", tmp_path / "more", "--out", tmp_path / f"w{number}")
        code, out, _ = call("watch", *place, *new, "--threshold", "score=0.9")
        assert (code, out.count("conflicts.")) == (0, 2)
    assert "removed 1" in call("index", "remove", tmp_path / "more", "--store", address)[1]
    code, _, said = call("search", query, "--store", address, "--index", "idx")
    assert (code, "--store" in said) == (2, True)
    code, _, said = call("search", query, "--store", "redis://x")
    assert (code, said.count("\n")) == (2, 1)


def test_the_client_leaves_the_logging_of_others_alone(tmp_path):
    pytest.importorskip("pymilvus")
    code = (
        "import logging, sys\n"
        "handler = logging.StreamHandler(sys.stdout)\n"
        "handler.close = lambda: print('closed')\n"
        "from marquery.index.storage.milvus.client import types\n"
        "print(types().INT64.name, logging.getLogger().handlers)\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.splitlines()[0] == "INT64 []"


@pytest.fixture
def encoder(tmp_path):
    tiny_encoder().save(tmp_path / "encoder")
    return tmp_path / "encoder"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("milvus://127.0.0.1:1/marks", "the server cannot be reached"),
        ("milvus://nowhere", "is no address of Milvus"),
        ("milvus://host:19530/two-words", "is no address of Milvus"),
        ("milvus-lite:marks", "is no address of Milvus"),
        ("milvus-lite:/not/there/x.db", "there is no folder /not/there"),
        ("s3://bucket", "is no address in object storage"),
        ("milvus-lite:empty.db", "no index there"),
    ],
)
def test_an_address_that_cannot_be_used_is_one_sentence(address, said, tmp_path, monkeypatch):
    if address.startswith("milvus") and "no address" not in said:
        pytest.importorskip("pymilvus")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    assert is_address(address)
    with pytest.raises(MarqueryError, match=said) as raised:
        LogoIndex.open(address)
    text = str(raised.value)
    assert "\n" not in text
    assert "Traceback" not in text
    if address.endswith("empty.db"):
        disconnect(MilvusPlace.parse(address))


def test_logos_are_read_from_a_bucket(bucket, tmp_path, capsys):
    import s3fs

    system = s3fs.S3FileSystem(skip_instance_cache=True)
    files = sorted(fill(tmp_path / "logos", range(5)).iterdir())
    for file in files:
        system.pipe_file(f"{bucket}/in/{file.name}", file.read_bytes())
    index = LogoIndex.create(tmp_path / "idx", tiny_encoder(), words=False)
    assert index.add(f"s3://{bucket}/in").added == 5
    assert index.search(draw(3), 1)[0].path == f"s3://{bucket}/in/003.png"
    assert index.add(f"s3://{bucket}/in").unchanged == 5
    with pytest.raises(MarqueryError, match=r"s3://nobody-has-it/in: nothing is there"):
        index.add("s3://nobody-has-it/in")


def test_a_bucket_that_is_missing_or_closed_is_one_sentence(bucket, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    with pytest.raises(MarqueryError, match="there is no bucket nobody-has-it"):
        LogoIndex.create("s3://nobody-has-it/marks", tiny_encoder(), words=False)
    with pytest.raises(NotBuiltError, match="no index there"):
        LogoIndex.open(f"s3://{bucket}/empty")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("auth check failure, please check username and password", "refuses these credentials"),
        ("PermissionDenied: privilege Search is needed", "refuses these credentials"),
        ("Fail connecting to server on h:1, illegal connection params", "cannot be reached"),
        ("DEADLINE_EXCEEDED", "cannot be reached"),
        ("collection not loaded", "Milvus could not do it"),
        ("field author does not exist", "Milvus could not do it"),
        ("UNAUTHENTICATED", "refuses these credentials"),
    ],
)
def test_what_a_server_says_is_told_in_one_sentence(said, expected):
    with (
        pytest.raises(MarqueryError, match=expected) as raised,
        client.told("milvus://host:19530/marks"),
    ):
        raise RuntimeError(said)
    assert str(raised.value).startswith("milvus://host:19530/marks: ")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (PermissionError("Forbidden"), "credentials are missing or may not"),
        (RuntimeError("InvalidAccessKeyId: it does not exist"), "credentials are missing or may"),
        (OSError("Could not connect to the endpoint URL"), "cannot be reached"),
    ],
)
def test_what_object_storage_says_is_told_in_one_sentence(error, expected):
    with pytest.raises(MarqueryError, match=expected), object_files.told("s3://bucket/marks"):
        raise error


def test_a_copy_of_an_index_that_is_gone_is_not_taken_for_it(logos, new_store):
    address = new_store("milvus-lite")
    index = LogoIndex.create(address, tiny_encoder(), words=False)
    index.add(logos)
    place = MilvusPlace.parse(address)
    disconnect(place)
    shutil.rmtree(place.uri)
    assert index.path.is_dir()
    with pytest.raises(NotBuiltError):
        LogoIndex.open(address)
    assert LogoIndex.create(address, tiny_encoder(), words=False).add(logos).added == 10


def test_what_is_not_the_indexs_stays_in_its_folder_and_is_not_shared(logos, new_store):
    address = new_store("s3")
    index = LogoIndex.create(address, tiny_encoder(), words=False)
    own = [index.path / name for name in ("watch.sqlite", "notes.txt", "mine/logo.png")]
    for place in own:
        place.parent.mkdir(exist_ok=True)
        place.write_text("first")
    index.add(logos)
    own[1].write_text("second")
    files = open_store(whole_address(address), index.path).files
    LogoIndex.open(address)
    assert [place.read_text() for place in own] == ["first", "second", "first"]
    assert {name.partition("/")[0] for name in files.names()} == {
        "index.json", "encoder", "projection.npz", "ids.json",
    }  # fmt: skip


def test_a_file_that_is_shared_no_more_goes_but_never_all(logos, new_store):
    address = new_store("s3")
    index = LogoIndex.create(address, tiny_encoder(), words=False)
    index.add(logos)
    files = open_store(whole_address(address), index.path).files
    files.delete("ids.json")
    LogoIndex.open(index.path)
    assert not (index.path / "ids.json").exists()
    for name in files.names():
        files.delete(name)
    with pytest.raises(MarqueryError, match=r"lacks its file index\.json"):
        LogoIndex.open(index.path)
    assert (index.path / "index.json").is_file()
    assert (index.path / "encoder").is_dir()


def test_a_reader_leaves_the_files_of_a_writer_alone(logos, new_store):
    address = new_store("s3")
    index = LogoIndex.create(address, tiny_encoder(), words=False)
    index.add(logos)
    changed = json.dumps({"next": 99, "check": 0})
    with IndexFolder.open(address).writing():
        (index.path / "ids.json").write_text(changed)
        assert len(LogoIndex.open(address)) == 10
        assert (index.path / "ids.json").read_text() == changed
        (index.path / "ids.json").unlink()
    LogoIndex.open(address)
    assert json.loads((index.path / "ids.json").read_text())["next"] == 10


def test_a_file_that_is_replaced_while_it_is_read_is_read_again(new_store, tmp_path, monkeypatch):
    files = open_store(new_store("milvus-lite"), tmp_path).files
    files.write("ids.json", b"old")
    rows, times = type(files)._rows, iter(range(9))

    def replaced(self, names):
        found = rows(self, names)
        if next(times, 9) == 0:  # after the entry was read
            monkeypatch.setattr(type(files), "_rows", rows)
            self.write("ids.json", b"new")
        return found

    monkeypatch.setattr(type(files), "_rows", replaced)
    assert files.read("ids.json") == b"new"
    entry = files._entries("f:")["ids.json"]
    files._remove([f"p:{entry['sha256']}:{number:06d}" for number in range(entry["pieces"])])
    with pytest.raises(MarqueryError, match=r"lacks its file ids\.json"):
        files.read("ids.json")


def test_rows_are_not_written_once_another_may_write(logos, new_store, monkeypatch):
    index = LogoIndex.create(new_store("milvus-lite"), tiny_encoder(), words=False)

    monkeypatch.setattr(lease.Lease, "_renew", lambda _: None)
    whole = Writer._write_new

    def slow(self, *given):  # for long after the files were shared
        monkeypatch.setattr(lease, "BEAT", -1.0)
        return whole(self, *given)

    monkeypatch.setattr(Writer, "_write_new", slow)
    with pytest.raises(MarqueryError, match="another process may be writing now"):
        index.add(logos)
    assert len(index) == 0


def test_a_record_names_the_address(logos, new_store):
    index = LogoIndex.create(address := new_store("milvus-lite"), tiny_encoder(), words=False)
    index.add(logos)
    record = record_search(index, draw(3), index.search(draw(3), 2), k=2)
    assert record.index.path == whole_address(address)
    with pytest.raises(UsageError) as refused:
        parse_threshold("0.5", "overall", index)
    assert f"the encoder of {whole_address(address)} is not calibrated" in str(refused.value)
