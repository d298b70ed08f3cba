"""Labels that mean no group, in every reader of labels."""

import math
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from marquery.datasets import LogoSet
from marquery.datasets.metu import layout
from marquery.evaluation import evaluate
from marquery.evaluation.sources import need_groups, open_embeddings
from marquery.labels import group_name

RNG = np.random.default_rng(3)
VECTORS = RNG.normal(size=(24, 5)).astype(np.float32)
#: Groups of the 24 vectors; None is no group. Taken for a brand, these would be the largest.
GROUPS = [i % 5 if i < 13 else None for i in range(24)]
EXPECTED = evaluate(
    VECTORS, ["" if g is None else str(g) for g in GROUPS], protocol="metu", bootstrap=0
)


@pytest.mark.parametrize(
    "value",
    [
        *(None, -1, -1.0, np.int8(-1), math.nan, "", " ", "NaN", "null", "-1"),
        *("-nan", "+NaN", "<NA>", np.ma.masked, pd.NA, pd.NaT),
        *(Decimal("-1.00"), Decimal("NaN"), "-1.00", "-1.", b"-1", b"nan", b""),
    ],
)
def test_no_group(value):
    assert group_name(value) == ""


@pytest.mark.parametrize(
    ("value", "name"),
    [
        *((3, "3"), (3.0, "3"), (np.float32(2.5), "2.5"), ("nano", "nano"), (0, "0")),
        *(("-1a", "-1a"), ("-1.5", "-1.5"), ("-10", "-10"), (b"fox", "fox"), (b"\xff", "\\xff")),
        *((Decimal("3.00"), "3"), (Decimal("2.5"), "2.5"), (Decimal(2**53 + 1), str(2**53 + 1))),
    ],
)
def test_names_of_groups(value, name):
    assert group_name(value) == name


def parquet_columns():
    ints = [-1 if g is None else g for g in GROUPS]
    reals = np.array([math.nan if g is None else g for g in GROUPS])
    texts = [None if g is None else str(g) for g in GROUPS]
    yield pa.array(ints, pa.int32())
    yield pa.array(GROUPS, pa.int64())
    yield pa.array(reals, pa.float64())  # a NaN, not a null
    yield pa.array(reals, pa.float32(), from_pandas=True)
    yield pa.array(texts)
    yield pa.array(["-1" if t is None else t for t in texts])
    yield pa.array(["nan" if t is None else t for t in texts]).dictionary_encode()
    yield pa.array(ints, pa.int32()).cast(pa.decimal128(12, 2))
    yield pa.array([b"-1" if t is None else t.encode() for t in texts])


@pytest.mark.parametrize("groups", parquet_columns(), ids=lambda column: str(column.type))
def test_parquet(tmp_path, groups):
    pq.write_table(pa.table({"embedding": list(VECTORS), "group": groups}), tmp_path / "v.parquet")
    with open_embeddings(tmp_path / "v.parquet") as file:
        told = evaluate(file.vectors, need_groups(file), protocol="metu", bootstrap=0)
    assert told.to_dict() == EXPECTED.to_dict()


@pytest.mark.parametrize("unlabelled", ["-1", "nan", "NaN", "null", "", "-1.0", "-1.00"])
def test_csv_beside_a_matrix(tmp_path, unlabelled):
    np.save(tmp_path / "v.npy", VECTORS)
    lines = ["group", *(unlabelled if g is None else str(g) for g in GROUPS)]
    (tmp_path / "v.csv").write_text("\n".join(lines) + "\n")
    with open_embeddings(tmp_path / "v.npy") as file:
        told = evaluate(file.vectors, need_groups(file), protocol="metu", bootstrap=0)
    assert told.to_dict() == EXPECTED.to_dict()


@pytest.mark.parametrize("unlabelled", [b"-1", b"nan", b""])
def test_an_archive_with_bytes(tmp_path, unlabelled):
    groups = np.array([unlabelled if g is None else str(g).encode() for g in GROUPS])
    np.savez(tmp_path / "v.npz", embeddings=VECTORS, groups=groups)
    with open_embeddings(tmp_path / "v.npz") as file:
        told = evaluate(file.vectors, need_groups(file), protocol="metu", bootstrap=0)
    assert told.to_dict() == EXPECTED.to_dict()


@pytest.mark.parametrize(
    "groups",
    [
        np.array([math.nan if g is None else g for g in GROUPS]),
        np.array([-1 if g is None else g for g in GROUPS]),
        [math.nan if g is None else g for g in GROUPS],
        GROUPS,
    ],
)
def test_arrays(groups):
    told = evaluate(VECTORS, groups, protocol="metu", bootstrap=0)
    assert told.nar == EXPECTED.nar
    assert told.map == EXPECTED.map


def test_a_folder_its_sub_folders_and_labels_csv(tmp_path):
    for name in ("-1/a.png", "nan/b.png", "fox/c.png", "d.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("RGB", (4, 4)).save(tmp_path / name)
    groups = LogoSet.open(tmp_path)
    assert dict(zip(groups.paths, groups.groups, strict=True)) == {
        "-1/a.png": "",
        "nan/b.png": "",
        "fox/c.png": "fox",
        "d.png": "",
    }
    (tmp_path / "labels.csv").write_text(
        "path,group\n-1/a.png,owl\nnan/b.png,-1\nfox/c.png,NaN\nd.png, null \n"
    )
    assert sorted(LogoSet.open(tmp_path).groups) == ["", "", "", "owl"]


def test_a_manifest(tmp_path):
    texts = ["a.png", "b.png", "c.png"]
    other = dict.fromkeys(("namespace", "collection", "split", "sha256"), texts)
    table = pa.table({"path": texts, "brand": pa.array(["x", None, "-1"]), **other})
    pq.write_table(table, tmp_path / "manifest.parquet")
    assert LogoSet.open(tmp_path).groups.tolist() == ["x", "", ""]


def test_lists_of_metu(tmp_path):
    lists = tmp_path / layout.LIST_FOLDER
    lists.mkdir()
    for name in (layout.QUERY_LIST, layout.GALLERY_LIST):
        (lists / name).write_text("class_id\tpath\n1\ta.jpg\n-1\tb.jpg\n0\tc.jpg\n")
    assert layout.read_metu(tmp_path).gallery.groups == ("1", "", "")
