"""``marquery evaluate`` with its options, the file that it writes, and ``marquery compare``."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image

from marquery import evaluate
from marquery.cli.app import run
from marquery.datasets import LogoSet
from marquery.encoder import LogoEncoder, PixelBaseline


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch, own_cache):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def tables(logo_folder, tmp_path):
    """Embeddings of the logos by grey pixels, and the same drowned in noise."""
    logos = LogoSet.open(logo_folder)
    vectors = PixelBaseline().embed(logos.files())
    noise = np.random.default_rng(0).normal(size=vectors.shape).astype(np.float32)
    for name, rows in (("pixels", vectors), ("noisy", vectors + 0.2 * noise)):
        paths = [str(file) for file in logos.files()]
        pq.write_table(pa.table({"path": paths, "embedding": list(rows)}), f"{name}.parquet")
    return logos


def read(name):
    return json.loads(Path(name).read_text())


def call(capsys, *arguments):
    code = run([str(a) for a in arguments])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_evaluate_writes_what_is_needed_to_compute_it_again(tables, logo_folder, capsys):
    arguments = ["evaluate", "pixels.parquet", "--data", logo_folder, "--strata", "--clusters"]
    arguments += ["--ties", "worst", "--curve", "curve.png", "--out", "a.json"]
    code, out, err = call(capsys, *arguments)
    assert code == 0, err
    for words in ("NAR", "by what sets query and answer apart", "NMI", "curve.png", "a.json"):
        assert words in out
    with Image.open("curve.png") as picture:
        assert min(picture.size) > 300
    body = read("a.json")
    assert body["settings"]["ties"] == "worst"
    assert body["data"]["sha256"] == tables.fingerprint()
    (method,) = body["methods"].values()
    wanted = evaluate(PixelBaseline().embed(tables.files()), tables.groups, ties="worst")
    assert method["means"] == pytest.approx(wanted.means)
    assert method["embeddings"]["shape"] == [36, 256]
    assert set(method["clusters"]) == {"distance_ratio", "nmi"}
    # The same drawing recoloured and shrunk: nothing else is set apart.
    assert set(method["strata"]) <= {"identical", "recoloured", "badge", "wordmark"}
    assert set(method["strata"]) >= {"identical", "recoloured"}
    assert body["paths"]["0"] == tables.paths[0]


def test_compare_two_files(tables, logo_folder, capsys):
    for name in ("pixels", "noisy"):
        arguments = [f"{name}.parquet", "--data", logo_folder, "--strata", "--out", f"{name}.json"]
        assert call(capsys, "evaluate", *arguments)[0] == 0
    arguments = ["compare", "noisy.json", "pixels.json", "--data", logo_folder]
    code, out, err = call(capsys, *arguments, "--picture", "p.png", "--out", "d.json")
    assert code == 0, err
    assert "pairs: recoloured" in out
    found = read("d.json")
    means = [read(f"{n}.json") for n in ("noisy", "pixels")]
    one, two = (next(iter(m["methods"].values()))["means"]["map"] for m in means)
    d = found["differences"]["all"]["map"]
    assert (d["one"], d["two"], d["difference"]) == pytest.approx((one, two, two - one))
    assert d["low"] <= d["difference"] <= d["high"]
    with Image.open("p.png") as picture:
        assert min(picture.size) > 100
    # One of them without strata: the rest is compared.
    again = ["evaluate", "pixels.parquet", "--data", logo_folder, "--out", "plain.json"]
    assert call(capsys, *again)[0] == 0
    code, out, _ = call(capsys, "compare", "plain.json", "noisy.json")
    assert (code, "pairs:" in out) == (0, False)
    # Other strata do not compare.
    other = read("noisy.json")
    other["settings"]["strata"] = "of another release"
    Path("other.json").write_text(json.dumps(other))
    code, _, err = call(capsys, "compare", "pixels.json", "other.json")
    assert (code, "differ in strata" in err) == (2, True)
    # The other way round every sign turns.
    assert call(capsys, "compare", "pixels.json", "noisy.json", "--out", "e.json")[0] == 0
    back = read("e.json")["differences"]["all"]["map"]
    assert back["difference"] == pytest.approx(-d["difference"])
    assert back["low"] == pytest.approx(-d["high"], abs=1e-9)


def test_compare_two_models(logo_folder, tmp_path, capsys):
    for seed in (0, 1):
        torch.manual_seed(seed)
        encoder = LogoEncoder.create("mobilenetv3_small_050", 16, image_size=32, pretrained=False)
        encoder.save(tmp_path / f"m{seed}")
    arguments = ["compare", "m0", "m1", "--data", logo_folder, "--picture", "p.png"]
    code, out, err = call(capsys, *arguments, "--count", "3", "--no-strata")
    assert code == 0, err
    assert "A: m0; B: m1" in out
    assert "pairs:" not in out
    with Image.open("p.png") as picture:
        assert picture.height > 5 * 100  # two lines a query
    code, _, err = call(capsys, "compare", "m0", "m0", "--data", logo_folder)
    assert (code, "named twice" in err) == (2, True)


def test_results_under_other_conditions_are_not_compared(tables, logo_folder, capsys):
    base = ["evaluate", "pixels.parquet", "--data", logo_folder, "--out"]
    assert call(capsys, *base, "a.json")[0] == 0
    assert call(capsys, *base, "b.json", "--ties", "best")[0] == 0
    assert call(capsys, *base, "c.json", "--protocol", "metu")[0] == 0
    code, _, err = call(capsys, "compare", "a.json", "b.json")
    assert (code, "differ in ties (None and best)" in err) == (2, True)
    code, _, err = call(capsys, "compare", "a.json", "c.json")
    assert (code, "differ in protocol" in err) == (2, True)


@pytest.fixture
def benchmark(tmp_path):
    """A manifest with two splits, two collections, two namespaces; embeddings of all."""
    count = 60
    columns = {
        "path": [f"{i}.png" for i in range(count)],
        "brand": [f"b{i // 4}" for i in range(count)],
        "namespace": ["brand" if i % 8 < 4 else "crypto" for i in range(count)],
        "collection": [("one", "two")[i % 2] for i in range(count)],
        "split": ["test" if i < 40 else "train" for i in range(count)],
        "sha256": [str(i) for i in range(count)],
    }
    root = tmp_path / "bench"
    root.mkdir()
    pq.write_table(pa.table(columns), root / "manifest.parquet")
    vectors = np.random.default_rng(0).normal(size=(count, 6)).astype(np.float32)
    paths = [str(root / p) for p in columns["path"]]
    pq.write_table(pa.table({"path": paths, "embedding": list(vectors)}), "all.parquet")
    return root, vectors, np.array(columns["brand"]), np.array(columns["collection"])


def test_distractors_are_ranked_and_never_right(benchmark, capsys):
    root, vectors, groups, _ = benchmark
    arguments = ["evaluate", "all.parquet", "--data", root, "--out", "a.json"]
    code, _, err = call(capsys, *arguments, "--distractors", "20")
    assert code == 0, err
    found = read("a.json")["methods"]["all.parquet"]
    wanted = evaluate(vectors[:40], groups[:40], vectors[40:], [""] * 20)
    assert found["means"] == pytest.approx(wanted.means)
    assert found["counts"]["ranked"] == 59
    assert set(found["by_stratum"]) == {"brand", "crypto"}
    code, _, err = call(capsys, *arguments, "--distractors", "21")
    assert (code, "--distractors: 21" in err) == (2, True)


def test_queries_of_one_collection(benchmark, capsys):
    root, vectors, groups, collections = benchmark
    arguments = ["evaluate", "all.parquet", "--data", root, "--out", "a.json", "--queries-from"]
    code, _, err = call(capsys, *arguments, "two")
    assert code == 0, err
    found = read("a.json")["methods"]["all.parquet"]
    every = evaluate(vectors[:40], groups[:40]).per_query
    asked = collections[every["query"]] == "two"
    assert found["per_query"]["query"] == every["query"][asked].tolist()
    assert found["means"]["nar"] == pytest.approx(every["nar"][asked].mean())
    code, _, err = call(capsys, *arguments, "three")
    assert (code, "no collection 'three'; it has: one, two" in err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["compare", "a.json", "model"], 2, "give two files or two models"),
        (["compare", "a.json", "b.json"], 1, "a.json: cannot be read"),
        (["compare", "m", "n"], 2, "--data"),
        (["compare", "m", "n", "--method-a", "x"], 2, "--method-a: goes with a file"),
        (
            ["compare", "a.json", "b.json", "--picture", "p.png"],
            2,
            "--picture: shows logos of a data set; name its folder",
        ),
        (["compare", "bad.json", "bad.json"], 1, "bad.json: holds no results"),
        (["compare", "ok.json", "ok.json", "--method-b", "z"], 2, "no method 'z'; it has: x"),
        (["evaluate", "m", "--data", ".", "--edits", "--strata"], 2, "--edits: does not go with"),
        (["evaluate", "m", "--data", ".", "--edits", "--protocol", "metu"], 2, "--protocol: metu"),
        (["evaluate", "m", "--data", ".", "--strata", "--protocol", "upstream"], 2, "--strata"),
        (["evaluate", "m", "--data", ".", "--ties", "best", "--protocol", "upstream"], 2, "--ties"),
        (["evaluate", "v.npy", "--strata"], 2, "--data: strata, distractors"),
    ],
)
def test_wrong_use_is_told(capsys, arguments, code, words):
    np.save("v.npy", np.eye(3))
    Path("bad.json").write_text('{"methods": {}}')
    columns = {name: [] for name in ("query", "group", "nar", "ap", "first_rank")}
    body = {"protocol": "standard", "data": {}, "methods": {"x": {"per_query": columns}}}
    Path("ok.json").write_text(json.dumps(body))
    found, _, err = call(capsys, *arguments)
    assert (found, words in err) == (code, True), err
