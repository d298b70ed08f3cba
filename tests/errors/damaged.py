"""Damaged files beside the whole ones of a desk: cut off, altered, empty, of other versions."""

import hashlib
import json
import shutil
import sqlite3
import struct
from contextlib import closing

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image, ImageDraw, PngImagePlugin

from marquery.calibration.calibration import FILE as CALIBRATION
from marquery.calibration.evidence import FILE as EVIDENCE
from marquery.cli.app import run
from marquery.datasets.metu.layout import GALLERY_LIST, LIST_FOLDER, QUERY_LIST
from marquery.datasets.openlogos.sources import load_sources
from marquery.decoding import SHEET_KEY
from marquery.embedding.table import TableJob
from marquery.encoder import LogoEncoder
from marquery.encoder.graph_model import GRAPH_FILE
from marquery.encoder.spec import WEIGHTS_FILE
from marquery.index import LogoIndex
from marquery.index.storage.checksums import FILE as CHECKSUMS
from marquery.paper.reproduce.rows import choose_rows, load_scale
from marquery.paper.reproduce.run import EMBEDDINGS, RESULT
from marquery.paper.reproduce.sweep import Sweep
from marquery.rasters import DEFAULT_LIMITS
from marquery.training.checkpoint import CHECKPOINT_FILE
from marquery.watch.memory import Memory

from ..drawings import draw, draw_logo, fill
from ..paper.benchmark import write_benchmark

GARBAGE = b"\x00\xffno such thing"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M1 1h5v5z"/></svg>'
#: A table beside embeddings of three logos, by name.
TABLES = {
    "short": "group\nx\n",
    "nameless": "owner\na\nb\nc\n",
    "ragged": "group,path\na,b\nc\nd,e\n",
    "encoded": b"group\n\xff\xff\n",
}
#: ``labels.csv`` of a folder of one image, by the folder's name.
LABELS = {
    "labels-bare": "file,brand\n001.png,x\n",
    "labels-bytes": b"path,group\n\xff\xfe,x\n",
    "labels-twice": "path,group\n001.png,x\n001.png,y\n",
    "labels-lost": "path,group\n009.png,x\n",
}
#: Lists of METU, by the folder's name.
LISTS = {
    "metu-bytes": b"\xff\xfe\x9f",
    "metu-header": "file\tclass\n",
    "metu-ragged": "class_id\tpath\n1\n",
    "metu-outside": "class_id\tpath\n1\t../x.jpg\n",
}
#: Metadata of an index, by the file's name.
METADATA = {
    "bytes.csv": b"path,nice\n\xff\xfe,25\n",
    "pathless.csv": "file,nice\n000.png,25\n",
    "worded.csv": "path,and\n000.png,25\n",
    "reserved.csv": "path,sha256\n000.png,25\n",
    "differing.csv": "path,nice\n000.png,25\n000.png,26\n",
    "long.csv": "path,nice\n000.png,25,26\n",
    "pathless-row.csv": "path,nice\n000.png,25\n,26\n",
    "lists.csv": "path,nice\n000.png,25;26\n",
    "dateless.csv": "path,filed\n000.png,soon\n",
    "strokes.csv": "path,filed\n000.png,01/02/2020\n",
    "letters.csv": "path,nice\n000.png,class 25\n",
    "great.csv": "path,nice\n000.png,99999999999999999999\n",
    "codeless.csv": "path,name\n000.png,Sky\n",
    "lion.csv": "code,name\n1,Sky\nlion,Lion\n",
    "twice.csv": "code,name\n1,Sky\n01,Heaven\n",
}


def add_damaged(root):
    """Fill a folder, that holds what whole cases need, with damaged files."""
    _pictures(root)
    _embeddings(root)
    _encoders(root)
    _sets(root)
    _indexes(root)
    _records(root)
    _runs(root)


def _write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def _announcing(width, height):
    """The beginning of a BMP of that size."""
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 0, 0, 0, 54) + header


def _large(path, size):
    """A file of that many bytes, none of which takes room on the disk."""
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        file.truncate(size)


def _pictures(root):
    whole = (root / "query.png").read_bytes()
    for name, content in {
        "text": b"no picture",
        "hollow": b"",
        "cut": whole[: len(whole) // 2],
        "vast": _announcing(9000, 9000),
        "endless": _announcing(20_000, 20_000),
    }.items():
        _write(root / "pictures" / name / "a.png", content)
    _large(root / "pictures" / "large" / "a.png", DEFAULT_LIMITS.max_bytes + 1)
    _write(root / "pictures" / "svg" / "a.svg", "<svg")
    _write(root / "pictures" / "drawn" / "a.svg", SVG)
    blank = Image.new("RGB", (120, 40), "white")
    blank.save(root / "blank.png")
    ImageDraw.Draw(blank).text((10, 5), "ACME", "black", font_size=30)
    blank.save(root / "word.png")
    info = PngImagePlugin.PngInfo()
    info.add_text(SHEET_KEY, "1")
    draw(1).save(root / "sheet.png", pnginfo=info)
    jpeg = root / "pictures" / "unended" / "a.jpg"
    jpeg.parent.mkdir()
    draw(1).save(jpeg)
    _write(jpeg, jpeg.read_bytes()[:-40])
    fill(root / "mixed", range(3))
    _write(root / "mixed" / "bad.png", GARBAGE)


def _embeddings(root):
    vectors = np.eye(3, 16, dtype=np.float32)
    for name, content in TABLES.items():
        np.save(root / f"{name}.npy", vectors)
        _write(root / f"{name}.csv", content)
    np.save(root / "cube.npy", np.zeros((2, 2, 2)))
    _write(root / "torn.npy", GARBAGE)
    _write(root / "torn.npz", GARBAGE)
    np.savez(root / "flat.npz", embeddings=vectors[0], groups=[1])
    np.savez(root / "objects.npz", embeddings=vectors, groups=np.array(["a", 1, 2], object))
    np.savez(root / "fewer.npz", embeddings=vectors, groups=[1, 2])
    _write(root / "torn.parquet", GARBAGE)

    def write(name, rows, kind=None, **columns):
        table = {"path": ["a", "b", "c"][: len(rows)], **columns, "embedding": pa.array(rows, kind)}
        pq.write_table(pa.table(table), root / f"{name}.parquet")

    write("rowless", [], pa.list_(pa.float32()))
    write("lacking", [[1.0], None])
    write("texts", ["a", "b"])
    write("lists-of-texts", [["a"], ["b"]])
    write("uneven", [[1.0], [1.0, 2.0, 3.0]])
    write("ungrouped", [[1.0], [2.0]])
    write("alone", [[1.0], [2.0]], group=["x", "y"])
    write("twice", [[1.0], [2.0]], path=["a", "a"])
    pq.write_table(pa.table({"embedding": vectors.tolist()}), root / "pathless.parquet")
    pq.write_table(pa.table({"path": ["a"]}), root / "bodiless.parquet")
    encoder = LogoEncoder.load(root / "model")
    job = TableJob(encoder, [], root / "begun.parquet", engine="pytorch", precision="float32")
    _write(job.parts / "job.json", json.dumps(job._identity()))
    _write(job.parts / "00000000.parquet", GARBAGE)
    body = json.loads((root / "results.json").read_text())
    body["paths"] = {"0": "000.png", "1": "001.png"}
    _write(root / "named.json", json.dumps(body))
    del body["methods"]["mine"]["per_query"]["group"]
    _write(root / "groupless.json", json.dumps(body))


def _encoders(root):
    def altered(name, file, change, of="model"):
        shutil.copytree(root / of, root / name)
        change(root / name / file)

    def with_value(key, value):
        def change(file):
            file.write_text(json.dumps({**json.loads(file.read_text()), key: value}))

        return change

    altered("graphless", GRAPH_FILE, lambda file: file.unlink())
    for name, of in (("", "model"), ("bare-", "graphless")):
        altered(f"{name}weightless", WEIGHTS_FILE, lambda file: file.unlink(), of)
        altered(f"{name}torn-weights", WEIGHTS_FILE, lambda file: file.write_bytes(GARBAGE), of)
    altered("other-length", "encoder.json", with_value("dim", 8))
    altered("other-length-bare", "encoder.json", with_value("dim", 8), "graphless")
    altered("torn-model", "encoder.json", lambda file: file.write_text("{"))
    altered("newer-model", "encoder.json", with_value("format", 99))
    altered("strange-model", "encoder.json", with_value("dim", "long"))
    altered("nameless-model", "encoder.json", with_value("backbone", "resnet5000"), "graphless")
    altered("measured", "precision.json", lambda file: file.write_text("{"))


def _sets(root):
    for name, labels in LABELS.items():
        fill(root / name, [1])
        _write(root / name / "labels.csv", labels)
    for name, rows in LISTS.items():
        fill(root / name / "images", [1])
        for file in (QUERY_LIST, GALLERY_LIST):
            _write(root / name / LIST_FOLDER / file, rows)
    _write(root / "metu-half" / LIST_FOLDER / QUERY_LIST, "class_id\tpath\n")
    write_benchmark(root / "one-brand", draw_logo, brands=4)
    shutil.copytree(root / "bench", root / "repainted")
    draw(99).save(root / "repainted" / "logos" / "c0" / "b00.png")
    for name in ("a", "b"):
        (root / "pair" / "x").mkdir(parents=True, exist_ok=True)
        draw(3).save(root / "pair" / "x" / f"{name}.png")
    fill(root / "mine" / "logos", [1])
    first = load_sources()[0]
    _write(root / "tarballs" / first.tarball, GARBAGE)


class _NoWords:
    """Reads nothing in any logo, and takes no time."""

    def read(self, *_):
        return ""


def _indexes(root):
    def altered(name, file, content, of="idx"):
        shutil.copytree(root / of, root / name)
        _write(root / name / file, content)

    settings = json.loads((root / "idx" / "index.json").read_text())
    altered("torn-index", "index.json", "{")
    altered("newer-index", "index.json", json.dumps({**settings, "format": 99}))
    altered("strange-index", "index.json", json.dumps({**settings, "dim": "long"}))
    altered("foreign-index", "index.json", json.dumps({**settings, "store": "cards"}))
    altered("worded-index", "index.json", json.dumps({**settings, "words": True}))
    altered("calibrated", f"encoder/{CALIBRATION}", "{")
    (root / "calibrated" / "encoder" / EVIDENCE).write_text("{")
    altered("torn-ids", "ids.json", "{")
    altered("unprojected", "projection.npz", GARBAGE)
    altered("used-memory", Memory(root / "used-memory").path.name, GARBAGE * 99)
    shutil.copytree(root / "idx", root / "swapped")
    shutil.rmtree(root / "swapped" / "encoder")
    shutil.copytree(root / "model2", root / "swapped" / "encoder")
    shutil.copytree(root / "idx", root / "torn-table")
    shutil.copytree(root / "idx", root / "lost-table")
    shutil.rmtree(root / "lost-table" / "logos.lance")
    for file in (root / "torn-table" / "logos.lance").rglob("*"):
        if file.is_file():
            file.write_bytes(GARBAGE)
    # Without the record of what was written, damage is found where it is met.
    for name in ("worded-index", "unprojected", "torn-table"):
        (root / name / CHECKSUMS).unlink()
    altered("torn-checksums", CHECKSUMS, "{")
    altered("altered-projection", "projection.npz", GARBAGE)
    for name in ("reviewed", "newer-reviews"):
        shutil.copytree(root / "idx", root / name)
        _write(root / f"{name}.review" / "review.sqlite3", GARBAGE * 99)
    (root / "newer-reviews.review" / "review.sqlite3").unlink()
    with closing(sqlite3.connect(root / "newer-reviews.review" / "review.sqlite3")) as db:
        db.execute("PRAGMA user_version = 99")
    for name, content in METADATA.items():
        _write(root / name, content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("marquery.index.strategies.ocr._load", lambda: _NoWords())
        read = LogoIndex.create(root / "read", encoder=root / "model")
        read.add(root / "one")
    LogoIndex.open(shutil.copytree(root / "idx", root / "skipping")).add(root / "mixed")


def _records(root):
    query, index, record = root / "query.png", root / "idx", root / "record.json"
    like = root / "logos" / "001.png"
    typed = ["search", query, "--index", index, "--like", like, "--report", record]
    assert run(list(map(str, typed))) == 0
    whole = json.loads(record.read_text())

    def write(name, **changed):
        _write(root / f"{name}.json", json.dumps({**whole, **changed}))

    write("newer-record", schema_version=99)
    write("strange-record", hits="many")
    write("old-version", index={**whole["index"], "version": 99})
    (image,) = whole["images"]
    digest = hashlib.sha256(b"\0\0\0").hexdigest()
    write("no-image", images=[{**image, "data": "AAAA", "sha256": digest}])
    (liked,) = whole["asked"]["like"]
    write("liked-lost", asked={**whole["asked"], "like": [{**liked, "path": "/gone.png"}]})
    _large(root / "large.json", 2**29 + 1)


def _runs(root):
    _write(root / "torn-run" / CHECKPOINT_FILE, GARBAGE)
    for name in ("torn-sweep", "list-sweep"):
        result = root / name / "runs" / "pixels" / "1" / RESULT
        _write(result, {"torn-sweep": "{", "list-sweep": "[]"}[name])
    place = root / "bare-sweep"
    sweep = Sweep.open(choose_rows(["pixels"]), 1, load_scale("small"), root / "bench", place)
    (task,) = sweep.tasks
    body = {"config": task.config(), "data": sweep.material.fingerprints()}
    _write(task.folder / RESULT, json.dumps(body))
    assert not (task.folder / EMBEDDINGS).exists()
