"""Embeddings and groups in whatever holds them give the figures of plain arrays."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch

from marquery.cli.app import run as cli
from marquery.errors import UsageError
from marquery.evaluation import evaluate

RNG = np.random.default_rng(3)
VECTORS = RNG.normal(size=(12, 5)).astype(np.float32)
GROUPS = np.array([0, 1, 2] * 4)
EXPECTED = evaluate(VECTORS, GROUPS, bootstrap=0)

HOLDERS = {
    "lists": VECTORS.tolist(),
    "tuple of arrays": tuple(VECTORS),
    "tensor": torch.tensor(VECTORS),
    "tensor with gradients": torch.tensor(VECTORS, requires_grad=True),
    "list of tensors": [torch.tensor(row, requires_grad=True) for row in VECTORS],
    "data frame": pd.DataFrame(VECTORS, index=range(100, 112)),
    "column of lists": pd.Series(VECTORS.tolist(), index=range(100, 112)),
    "column of arrays": pd.Series(list(VECTORS)),
    "arrow": pa.array(VECTORS.tolist()),
}
GROUP_HOLDERS = {
    "list": GROUPS.tolist(),
    "strings": [f"brand {g}" for g in GROUPS],
    "tensor": torch.tensor(GROUPS),
    "list of tensors": list(torch.tensor(GROUPS)),
    "column": pd.Series(GROUPS, index=range(100, 112)),
    "categories": pd.Series([f"b{g}" for g in GROUPS], index=range(100, 112)).astype("category"),
    "nullable": pd.Series(GROUPS, dtype="Int64"),
    "frame of one column": pd.DataFrame({"brand": GROUPS}),
    "one column": GROUPS[:, None],
    "arrow": pa.chunked_array([GROUPS[:5], GROUPS[5:]]),
}


@pytest.mark.parametrize("holder", HOLDERS)
def test_embeddings_in_any_holder(holder):
    assert evaluate(HOLDERS[holder], GROUPS, bootstrap=0).map == pytest.approx(EXPECTED.map, 1e-6)
    both = evaluate(VECTORS, GROUPS, HOLDERS[holder], GROUPS, bootstrap=0)
    assert both.map == pytest.approx(evaluate(VECTORS, GROUPS, VECTORS, GROUPS, bootstrap=0).map)


def test_bfloat16_is_read():
    halves = torch.tensor(VECTORS).bfloat16()
    assert evaluate(halves, GROUPS, bootstrap=0).map == pytest.approx(
        evaluate(halves.float().numpy(), GROUPS, bootstrap=0).map
    )


@pytest.mark.parametrize("holder", GROUP_HOLDERS)
def test_groups_in_any_holder(holder):
    groups = GROUP_HOLDERS[holder]
    assert evaluate(VECTORS, groups, bootstrap=0).map == EXPECTED.map
    by_stratum = evaluate(VECTORS, GROUPS, strata=groups, bootstrap=0).by_stratum
    assert sorted(r.counts["queries"] for r in by_stratum.values()) == [4, 4, 4]


@pytest.mark.parametrize("name", ["nan", "-1", "-1.0", "null", "None", " "])
def test_a_text_is_a_name_whatever_it_says(name):
    named = ["other" if group else name for group in GROUPS]
    plain = ["other" if group else "plain" for group in GROUPS]
    right = evaluate(VECTORS, plain, bootstrap=0).map
    assert right != evaluate(VECTORS, [g if g == "other" else "" for g in plain], bootstrap=0).map
    for holder in (list, np.array, pd.Series):
        assert evaluate(VECTORS, holder(named), bootstrap=0).map == right


def test_gaps_of_columns_are_unlabelled():
    with_gap = pd.Series([*GROUPS[:-1], pd.NA], dtype="Int64")
    plain = evaluate(VECTORS, [*GROUPS[:-1].tolist(), -1], bootstrap=0)
    assert evaluate(VECTORS, with_gap, bootstrap=0).map == plain.map


@pytest.mark.parametrize(
    ("vectors", "groups", "words"),
    [
        (VECTORS, "abcabcabcabc", "one string"),
        (VECTORS, set(range(12)), "no order"),
        (VECTORS, np.zeros((12, 2)), "one column"),
        ([[1.0, 2.0], [1.0]], [0, 0], "several lengths"),
        (pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]}), [0, 0], "give numbers"),
    ],
)
def test_what_holds_no_rows_is_refused(vectors, groups, words):
    with pytest.raises(UsageError, match=words):
        evaluate(vectors, groups)


@pytest.mark.parametrize(
    ("arrays", "code", "words"),
    [
        ({"embeddings": VECTORS, "groups": GROUPS}, 0, ""),
        ({"X": VECTORS, "y": GROUPS.astype(str)}, 0, ""),
        ({"mine": VECTORS, "labels": GROUPS}, 0, ""),
        ({"embeddings": VECTORS}, 1, "add an array groups"),
        ({"embeddings": VECTORS, "groups": GROUPS[1:]}, 1, "11 groups for the 12"),
        ({"embeddings": VECTORS[0], "groups": GROUPS}, 1, "not clear which"),
        ({"one": VECTORS, "other": VECTORS, "groups": GROUPS}, 1, "not clear which"),
        ({"embeddings": VECTORS, "groups": GROUPS.astype(object)}, 1, "Python objects"),
    ],
)
def test_an_archive_of_embeddings(tmp_path, capsys, arrays, code, words):
    np.savez(tmp_path / "own.npz", **arrays)
    assert cli(["evaluate", str(tmp_path / "own.npz")]) == code
    out, err = capsys.readouterr()
    assert words in err
    assert code or f"{EXPECTED.map:.3f}" in out


def test_a_file_that_is_no_archive(tmp_path, capsys):
    (tmp_path / "own.npz").write_bytes(b"PK no archive")
    assert cli(["evaluate", str(tmp_path / "own.npz")]) == 1
    assert "own.npz: not a readable .npz file" in capsys.readouterr().err


def test_vectors_are_ranked_without_pictures_and_networks():
    """Figures of vectors need neither a renderer of drawings nor PyTorch nor an index."""
    heavy = ("resvg_py", "torch", "timm", "lancedb", "cv2", "cc3d", "PIL", "onnxruntime")
    program = f"""
import sys
for name in {heavy}: sys.modules[name] = None
import numpy as np, marquery as mq
print(mq.evaluate(np.eye(4)[[0, 0, 1, 1]], ["a", "a", "b", "b"], bootstrap=0).map)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "1.0\n", done.stderr
