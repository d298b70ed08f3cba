"""The evaluation set *conditions*: what is made of each logo, and how it is ranked."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image

from marquery.cli.app import run
from marquery.datasets import LogoSet, build_conditions
from marquery.datasets.edit_set import EditSet
from marquery.datasets.fonts import load_families
from marquery.datasets.openlogos import build
from marquery.datasets.openlogos.conditions import KINDS
from marquery.encoder import LogoEncoder
from marquery.errors import MarqueryError

from .helpers import make_source

# A disc and letters beside it: a lock-up; and a figure alone.
LOCK_UP = '<circle cx="4" cy="12" r="3.5" fill="#c22"/>' + "".join(
    f'<path d="M{9 + 2.4 * k} 10h1.6v4h-1.6z"/>' for k in range(6)
)
FIGURE = '<path fill="{}" d="M3 3h{}v8h4v9H3z"/><circle cx="17" cy="17" r="3" fill="#36c"/>'


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A small benchmark, without typefaces to fetch."""
    icons = {
        f"brand{i}{kind}": {"body": FIGURE.format("#c39" if kind else "#2a2", 6 + i % 9)}
        for i in range(20)
        for kind in ("", "-icon")
    }
    icons["lockup"] = {"body": LOCK_UP}
    icons["lockup-icon"] = {"body": LOCK_UP.replace("#c22", "#171")}
    source = make_source(tmp_path / "tarballs", bodies=icons)
    monkeypatch.setattr(build, "load_sources", lambda *_: [source])
    home = "marquery.datasets.openlogos.conditions"
    monkeypatch.setattr(f"{home}.load_families", tuple)
    monkeypatch.setattr(f"{home}.fonts_from", lambda *_: None)
    monkeypatch.setattr(f"{home}._typefaces", lambda _: None)
    folder = tmp_path / "data"
    arguments = ["data", "openlogos", folder, "--from", tmp_path / "tarballs", "--size", "96"]
    assert run([str(a) for a in arguments]) == 0
    return folder


def test_every_logo_in_every_condition_and_the_same_again(data, capsys):
    made = build_conditions(data, size=96, jobs=1, progress=False)
    rows = pq.read_table(data / "conditions.parquet").to_pylist()
    assert [row["path"] for row in rows] == [one.path for one in made]
    assert {row["split"] for row in rows} <= {"test", "val"}
    logos = {row["path"]: row for row in pq.read_table(data / "manifest.parquet").to_pylist()}
    by_source = {}
    for row in rows:
        by_source.setdefault(row["source"], set()).add(row["kind"])
        assert row["split"] == logos[row["source"]]["split"]
        brand = logos[row["source"]]["brand"]
        others = {path for path, logo in logos.items() if logo["brand"] == brand}
        assert set(row["excluded"]) == others - {row["source"]}
    for source, kinds in by_source.items():
        assert kinds | {"rearranged"} == set(KINDS)
        assert ("rearranged" in kinds) == ("lockup" in source)
    pictures = {row["path"]: (data / row["path"]).read_bytes() for row in rows}
    (data / "conditions/left-over.png").write_bytes(b"")
    build_conditions(data, size=96, jobs=2, progress=False)
    assert {p.relative_to(data).as_posix(): p.read_bytes() for p in data.glob("conditions/*")} == (
        pictures
    )
    by_kind = {kind: next(r for r in rows if r["kind"] == kind) for kind in sorted(KINDS[:6])}
    for row in by_kind.values():  # nothing but the copying differs
        before = np.asarray(Image.open(data / row["source"]).convert("RGB")).astype(int)
        after = np.asarray(Image.open(data / row["path"])).astype(int)
        assert after.shape == before.shape
        assert 0 < np.abs(after - before).mean() < 40


def test_limits(data):
    made = build_conditions(data, limits={"test": 3}, size=64, jobs=1, progress=False)
    counts = {kind: sum(one.kind == kind for one in made) for kind in KINDS}
    assert {counts[kind] for kind in KINDS if kind != "rearranged"} == {3}
    assert {one.split for one in made} == {"test"}


@pytest.mark.native  # so many pictures are embedded by OpenVINO
def test_evaluation_by_kind(data, capsys, tmp_path):
    torch.manual_seed(0)
    encoder = LogoEncoder.create("mobilenetv3_small_050", 16, image_size=32, pretrained=False)
    model = encoder.save(tmp_path / "model")
    call = ["evaluate", str(model), "--data", str(data), "--conditions"]
    assert run(call) == 1  # not built
    assert "--conditions" in capsys.readouterr().err
    build_conditions(data, size=64, jobs=1, progress=False)
    assert run([*call, "--out", str(tmp_path / "out.json")]) == 0
    printed = capsys.readouterr().out
    for kind in set(KINDS) - {"rearranged"}:
        assert kind in printed
    assert "perceptual hash" in printed
    body = json.loads((tmp_path / "out.json").read_text())
    assert body["settings"] == {"queries": "conditions", "split": "test"}
    assert run([*call, "--protocol", "metu"]) == 2
    assert run([*call, "--edits"]) == 2
    test = LogoSet.open(data).split("test")
    queries = EditSet.open(test, "test", "conditions")
    assert set(queries.strata) <= set(KINDS)
    for source, excluded in zip(queries.sources, queries.excluded, strict=True):
        assert source not in excluded


def test_without_data(tmp_path):
    with pytest.raises(MarqueryError, match="holds no data set"):
        build_conditions(tmp_path)


def test_some_typefaces_are_for_evaluation_alone():
    assert 20 <= sum(family.evaluation for family in load_families()) <= 60
