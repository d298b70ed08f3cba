"""A folder to work in: whatever the cases of bad input name."""

import json
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from marquery.datasets import LogoSet
from marquery.encoder import LogoEncoder
from marquery.index import LogoIndex
from marquery.index.storage.light_lancedb import import_lancedb
from marquery.paper.reproduce.queue import make_tasks
from marquery.paper.reproduce.rows import choose_rows, load_scale
from marquery.paper.reproduce.run import RESULT
from marquery.training.checkpoint import save_checkpoint
from marquery.training.record import ENVIRONMENT_FILE
from marquery.training.split import training_and_validation

from ..drawings import draw, draw_logo, fill
from ..encoders import tiny_encoder
from ..paper.benchmark import write_benchmark, write_metu

FILES = {
    "wrong.yaml": "steps: many",
    "list.yaml": "[1, 2]",
    "broken.yaml": "a: [",
    "circle.yaml": "base: circle.yaml",
    "two-bases.yaml": "base: [demo, default]",
    "meta.csv": "path,nice,filed\n000.png,25,2020-01-31\n",
}


def make_desk(root):
    """Fill a folder.

    ``logos`` (6, no groups) with its index ``idx`` and the encoder ``model``; ``model2``, another;
    ``headless``, one without a linear head; ``idx0``, an index without logos; ``marked``, one with
    metadata; ``older``, one that lacks a column; ``grouped``, two logos of each of 40 groups, and
    two runs that learnt from it; ``bench``, a built benchmark; ``metu/paper``; files of embeddings
    and of results.
    """
    fill(root / "logos", range(6))
    fill(root / "one", [1])
    for name in ("a", "b"):
        (root / "same").mkdir(exist_ok=True)
        draw(3).save(root / "same" / f"{name}.png")
    fill(root / "a'b\"c", [2])
    draw(2).save(root / "query.png")
    for name, text in FILES.items():
        (root / name).write_text(text)
    (root / "bytes.yaml").write_bytes(b"\xff\xfe\x00\x9f")
    _encoders_and_indexes(root)
    _sets(root)
    _embeddings(root)
    _results(root)
    _runs(root)
    (root / "reported").mkdir()
    (root / "reported" / "conflicts.csv").write_text("mine")
    (root / "full").mkdir()
    (root / "full" / "mine.txt").write_text("mine")
    return root


def _encoders_and_indexes(root):
    encoder = LogoEncoder.load(tiny_encoder().save(root / "model"))
    with pytest.MonkeyPatch.context() as patch:  # a graph takes seconds
        patch.setattr("marquery.encoder.serialization.is_installed", lambda module: False)
        tiny_encoder(1, dim=8).save(root / "model2")
        tiny_encoder(2, dim=None).save(root / "headless")
    index = LogoIndex.create(root / "idx", encoder=encoder, words=False)
    index.add(root / "logos")
    index.add(root / "a'b\"c")
    LogoIndex.create(root / "idx0", encoder=encoder, words=False)
    marked = LogoIndex.create(root / "marked", encoder=encoder, words=False)
    marked.add(root / "logos", meta=root / "meta.csv")
    shutil.copytree(root / "idx", root / "older")
    table = import_lancedb().connect(root / "older").open_table("logos")
    table.drop_columns(["colors"])


def _sets(root):
    for group in range(40):
        folder = root / "grouped" / f"g{group}"
        folder.mkdir(parents=True)
        draw(group).save(folder / "a.png")
        draw(group).transpose(Image.Transpose.ROTATE_90).save(folder / "b.png")
    write_benchmark(root / "bench", draw_logo)
    write_benchmark(root / "unedited", draw_logo)
    (root / "unedited" / "edits.parquet").unlink()
    write_metu(root / "metu" / "paper", draw_logo)
    (root / "unfinished").mkdir()
    (root / "unfinished" / "DATASET.json").write_text("{}")
    (root / "empty").mkdir()
    (root / "torn").mkdir()
    (root / "torn" / "manifest.parquet").write_text("no table")
    (root / "narrow").mkdir()
    pq.write_table(pa.table({"path": ["a.png"]}), root / "narrow" / "manifest.parquet")


def _embeddings(root):
    def write(name, vectors, **columns):
        rows = pa.array(vectors.tolist(), pa.list_(pa.float32(), vectors.shape[1]))
        pq.write_table(pa.table({**columns, "embedding": rows}), root / name)

    vectors = np.eye(3, 16, dtype=np.float32)
    names = {"path": ["a", "b", "c"], "group": ["x", "x", "y"]}
    write("v.parquet", vectors, **names)
    write("short.parquet", vectors[:, :8], **names)
    for name, matrix in (("words", np.array([["a"], ["b"]])), ("bare", np.empty((2, 0)))):
        np.save(root / f"{name}.npy", matrix)
        (root / f"{name}.csv").write_text("group\nx\nx\n")
    write("nan.parquet", np.where(vectors == 1, np.nan, vectors), **names)


def _results(root):
    def write(name, body):
        (root / name).write_text(json.dumps(body))

    queries = {"query": [0, 1], "group": ["x", "y"], "nar": [0.1, 0.2], "ap": [0.5, 0.6]}
    queries["first_rank"] = [1, 2]
    method = {"per_query": queries}
    body = {"protocol": "standard", "data": {"sha256": "1"}, "methods": {"mine": method}}
    write("results.json", body)
    write("metu.json", {**body, "protocol": "metu"})
    other = {"per_query": {**queries, "query": [0, 2]}}
    write("others.json", {**body, "methods": {"mine": other}})


def _runs(root):
    """Runs as they stand in their folders: two on halves of ``grouped``, one of another recipe, two
    of a sweep.
    """
    logos = LogoSet.open(root / "grouped")
    encoder = LogoEncoder.load(root / "model")
    for seed in (1, 3):  # which set other groups aside
        training, _ = training_and_validation(logos, seed)
        facts = {"seed": seed, "data": {"training": {"fingerprint": training.fingerprint()}}}
        encoder.save(root / f"run{seed}")
        (root / f"run{seed}" / ENVIRONMENT_FILE).write_text(json.dumps(facts))
    save_checkpoint(root / "trained", {"recipe": "{}", "step": 1})
    other = {"config": {"untrained": "other"}, "data": {}}
    (task,) = make_tasks(choose_rows(["pixels"]), 1, load_scale("small"), root / "swept", 1, [])
    for folder, result in (("sweep", other), ("swept", {"config": task.config(), "data": {}})):
        place = root / folder / "runs" / "pixels" / "1"
        place.mkdir(parents=True)
        (place / RESULT).write_text(json.dumps(result))
