"""Embeddings from files: the numbers as from arrays, and one sentence for what does not fit."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from marquery.cli.app import run
from marquery.datasets import LogoSet
from marquery.encoder import PixelBaseline
from marquery.errors import MarqueryError
from marquery.evaluation import evaluate
from marquery.evaluation import sources as sources_module
from marquery.evaluation.sources import need_groups, open_embeddings

RNG = np.random.default_rng(5)
VECTORS = RNG.normal(size=(30, 6)).astype(np.float32)
GROUPS = [f"g{i % 7}" if i < 21 else "" for i in range(30)]


def parquet(file, vectors=VECTORS, **columns):
    embedding = vectors if isinstance(vectors, pa.Array) else pa.array(list(vectors))
    pq.write_table(pa.table({"embedding": embedding, **columns}), file)
    return file


def matrix(path, vectors=VECTORS, rows=None):
    np.save(path, vectors)
    if rows is not None:
        lines = [",".join(rows), *(",".join(values) for values in zip(*rows.values(), strict=True))]
        path.with_suffix(".csv").write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("kind", ["parquet", "npy"])
def test_a_file_gives_the_figures_of_its_array(tmp_path, kind, monkeypatch):
    monkeypatch.setattr(sources_module, "_ROWS", 7)  # several batches, the last one short
    if kind == "parquet":
        path = parquet(tmp_path / "v.parquet", group=pa.array(GROUPS))
    else:
        path = matrix(tmp_path / "v.npy", rows={"group": GROUPS})
    with open_embeddings(path) as file:
        assert isinstance(file.vectors, np.memmap)
        assert np.array_equal(file.vectors, VECTORS)
        assert file.groups == tuple(GROUPS)
        found = evaluate(file.vectors, need_groups(file), protocol="metu", bootstrap=0)
    assert found.to_dict() == evaluate(VECTORS, GROUPS, protocol="metu", bootstrap=0).to_dict()


@pytest.mark.parametrize(
    "embedding",
    [
        pa.array([[1.0, 0.0], [0.0, 1.0]], pa.list_(pa.float64(), 2)),
        pa.array([[1, 0], [0, 1]], pa.list_(pa.int16())),
        pa.array([[1.0, 0.0], [0.0, 1.0]], pa.large_list(pa.float32())),
        pa.array([np.float16([1, 0]), np.float16([0, 1])], pa.list_(pa.float16())),
    ],
)
def test_lists_of_any_number_type(tmp_path, embedding):
    with open_embeddings(parquet(tmp_path / "v.parquet", embedding)) as file:
        assert np.array_equal(np.asarray(file.vectors, float), np.eye(2))


@pytest.mark.parametrize(
    ("embedding", "words"),
    [
        (pa.array([[1.0, 2.0], [1.0]]), "embeddings of several lengths"),
        (pa.array([[1.0, 2.0], [1.0], [3.0, 1.0, 1.0]]), "embeddings of several lengths"),
        (pa.array([[1.0], None]), "has no embedding"),
        (pa.array([["a"], ["b"]]), "no lists of numbers"),
        (pa.array([1.0, 2.0]), "no lists of numbers"),
        (pa.array([], pa.list_(pa.float32())), "holds no rows"),
    ],
)
def test_tables_that_do_not_fit(tmp_path, embedding, words):
    path = parquet(tmp_path / "v.parquet", embedding)
    with pytest.raises(MarqueryError, match=words), open_embeddings(path):
        pass


def test_files_that_cannot_be_read(tmp_path):
    (tmp_path / "a.npy").write_text("no matrix")
    (tmp_path / "a.parquet").write_text("no table")
    np.save(tmp_path / "flat.npy", np.zeros(4))
    pq.write_table(pa.table({"path": ["x"]}), tmp_path / "b.parquet")
    matrix(tmp_path / "c.npy", rows={"group": ["a"]})
    matrix(tmp_path / "d.npy", rows={"name": ["a"] * 30})
    matrix(tmp_path / "e.npy", rows={"path": ["a"] * 30, "group": ["a"] * 29 + ["b,c"]})
    for name, words in {
        "a.npy": "not a readable .npy",
        "a.parquet": "not a readable parquet",
        "flat.npy": "has shape",
        "b.parquet": "no column embedding",
        "c.npy": "1 rows for the 30 of c.npy",
        "d.npy": "neither a column path nor a column group",
        "e.npy": "line 31 has another number",
        "none.npy": "no such file",
        "v.txt": "embeddings are read from",
    }.items():
        with pytest.raises(MarqueryError, match=words), open_embeddings(tmp_path / name):
            pass


def test_rows_are_found_by_any_way_to_write_a_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    named = ["data/a.png", str(tmp_path / "data" / "b.png"), "./data/../data/c.png", "d.png"]
    path = matrix(tmp_path / "v.npy", VECTORS[:4], {"path": named})
    with open_embeddings(path) as file:
        rows = file.rows_of(tmp_path / "data", ["d.png", "c.png", "b.png", "a.png", "e.png"])
        assert rows.tolist() == [3, 2, 1, 0, -1]
    twice = matrix(tmp_path / "w.npy", VECTORS[:2], {"path": ["a.png", "./a.png"]})
    with open_embeddings(twice) as file, pytest.raises(MarqueryError, match="twice"):
        file.rows_of(tmp_path, ["a.png"])
    with (
        open_embeddings(matrix(tmp_path / "x.npy")) as file,
        pytest.raises(MarqueryError, match=r"write x\.csv beside it with a column path"),
    ):
        file.rows_of(tmp_path, ["a.png"])


def test_the_command_ranks_a_data_set_by_embeddings_of_its_files(tmp_path, logo_folder, capsys):
    logos = LogoSet.open(logo_folder)
    vectors = PixelBaseline().embed(logos.files())
    order = RNG.permutation(len(logos))
    stray = np.concatenate([vectors[order], vectors[:1]])
    names = [str(logos.files()[i]) for i in order] + ["elsewhere.png"]
    path, out = tmp_path / "v.parquet", tmp_path / "out.json"
    wanted = evaluate(vectors, logos.groups)
    for table, paths in ((vectors[order], names[:-1]), (stray, names)):
        parquet(path, table, path=pa.array(paths))
        assert run(["evaluate", str(path), "--data", str(logo_folder), "--out", str(out)]) == 0
        body = json.loads(out.read_text())
        assert body["methods"]["v.parquet"]["means"] == pytest.approx(wanted.means)
    parquet(path, vectors[order][1:], path=pa.array(names[1:-1]))
    assert run(["evaluate", str(path), "--data", str(logo_folder)]) == 0
    assert "1 of 36 logos have no embedding" in capsys.readouterr().err
    parquet(path, vectors[:1], path=pa.array(["elsewhere.png"]))
    assert run(["evaluate", str(path), "--data", str(logo_folder)]) == 1
    assert "has no embedding of any of the 36 logos" in capsys.readouterr().err


def test_the_command_ranks_queries_beside_a_gallery(tmp_path, capsys):
    queries = parquet(tmp_path / "q.parquet", VECTORS[:21], group=pa.array(GROUPS[:21]))
    gallery, out = matrix(tmp_path / "g.npy", VECTORS[21:]), tmp_path / "out.json"
    arguments = ["evaluate", queries, "--gallery", gallery, "--protocol", "metu", "--out", out]
    assert run([str(a) for a in arguments]) == 0
    body = json.loads(out.read_text())
    wanted = evaluate(VECTORS[:21], GROUPS[:21], VECTORS[21:], [""] * 9, protocol="metu")
    assert body["methods"]["q.parquet"]["means"] == pytest.approx(wanted.means)
    assert set(body["data"]) == {"q.parquet", "g.npy"}
    assert "among 30 logos" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["v.npy"], 1, "names no groups"),
        (["v.npy", "--data", ".", "--gallery", "v.npy"], 2, "--gallery: the data set says"),
        (["v.npy", "--edits", "--data", "."], 2, "--edits: "),
        (
            ["m", "--gallery", "v.npy"],
            2,
            "--gallery: goes with a file of embeddings, and m is a model",
        ),
        (["m"], 2, "--data: there is nothing to rank; name the folder"),
        (["none.parquet"], 1, "no such file"),
    ],
)
def test_wrong_use_is_told(tmp_path, monkeypatch, capsys, arguments, code, words):
    monkeypatch.chdir(tmp_path)
    matrix(tmp_path / "v.npy")
    assert run(["evaluate", *arguments]) == code
    assert words in capsys.readouterr().err
