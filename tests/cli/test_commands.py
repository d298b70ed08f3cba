"""The command line: what it prints, its exit codes, one sentence for each mistake."""

import json
import re

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image, ImageDraw

from marquery.cli.app import run
from marquery.encoder import LogoEncoder


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    torch.manual_seed(0)
    encoder = LogoEncoder.create("mobilenetv3_small_050", 16, image_size=32, pretrained=False)
    return str(encoder.save(tmp_path_factory.mktemp("model")))


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch, own_cache):
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return work


def call(capsys, *arguments):
    code = run([str(a) for a in arguments])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_version_and_help(capsys):
    code, out, _ = call(capsys, "--version")
    assert (code, out) == (0, "marquery 0.1.0\n")
    code, out, _ = call(capsys, "--help")
    assert code == 0
    for name in ("demo", "data", "segment", "augment", "train", "evaluate", "embed", "search"):
        assert name in out


@pytest.mark.parametrize("group", [(), ("index",), ("data",)])
def test_no_line_of_the_list_of_commands_is_cut(group, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    code, out, _ = call(capsys, *group, "--help")
    assert (code, "..." in out.partition("Commands:")[2]) == (0, False)


@pytest.mark.parametrize(
    "arguments",
    [
        ["frobnicate"],
        ["train"],
        ["train", "no-such-recipe"],
        ["train", "demo", "--set", "optimiser.lr=1"],
        ["embed", "x.png"],
        ["search", "x.png", "--model", "m"],
        ["evaluate", "m", "--data", ".", "--protocol", "other"],
        ["search", "x.png", "--in", ".", "--model", "m", "-k", "0"],
        ["evaluate", "m", "--data", ".", "--split", "tset"],
        ["train", "demo", "--set", "steps=["],
        ["train", "demo", "--set", "name=../x"],
        ["train", "demo", "--set", "augment.positive=[{op: shift_scale, scale: [0, 0]}]"],
    ],
    ids=" ".join,
)
def test_wrong_use_is_code_2(capsys, arguments):
    code, out, err = call(capsys, *arguments)
    assert code == 2
    assert out == ""
    assert "Traceback" not in err


def test_search_prints_rank_score_path_and_writes_a_sheet(capsys, logo_folder, model, own_folder):
    query = logo_folder / "g03" / "a.png"
    code, out, err = call(capsys, "search", query, "--in", logo_folder, "--model", model, "-k", "5")
    assert code == 0, err
    lines = [line.split() for line in out.splitlines()]
    assert [line[0] for line in lines] == ["1", "2", "3", "4", "5"]
    assert lines[0][2] == str(query)
    assert float(lines[0][1]) == pytest.approx(1, abs=1e-4)
    with Image.open(own_folder / "search-a.png") as sheet:
        assert min(sheet.size) > 200


def test_a_search_does_not_find_its_own_contact_sheet(capsys, logo_folder, model, monkeypatch):
    monkeypatch.chdir(logo_folder)
    for _ in range(2):
        code, out, err = call(capsys, "search", "g03/a.png", "--in", ".", "--model", model)
        assert code == 0, err
        assert "search-a.png" not in out
    assert "skipped 1\n" in err


def test_search_as_json(capsys, logo_folder, model):
    query = logo_folder / "g03" / "a.png"
    code, out, _ = call(
        capsys, "search", query, "--in", logo_folder, "--model", model, "--json", "-k", "2"
    )
    hits = json.loads(out)
    assert code == 0
    assert [set(hit) for hit in hits] == [{"rank", "score", "path"}] * 2
    assert hits[0]["path"] == str(query)


def test_bad_files_named_are_errors_and_inside_folders_are_skipped(
    capsys, logo_folder, model, own_folder
):
    bad = logo_folder / "bad.png"
    bad.write_text("no image")
    out = own_folder / "out.parquet"
    code, _, err = call(capsys, "embed", bad, "--model", model, "--out", out)
    assert code == 1
    assert str(bad) in err
    assert not out.exists()
    code, _, err = call(capsys, "embed", logo_folder, "--model", model, "--out", out)
    assert code == 0
    assert "skipped 1\n" in err
    assert pq.read_table(out).num_rows == 36
    code, _, err = call(capsys, "search", bad, "--in", logo_folder, "--model", model)
    assert code == 1
    assert err.splitlines()[-1].startswith(f"marquery: {bad}")
    for command in ("segment", "augment"):
        code, _, err = call(capsys, command, bad)
        assert code == 1
        assert str(bad) in err
        assert list(own_folder.glob("*.png")) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["embed", "nowhere.png", "--model", "m", "--out", "o.parquet"], "nowhere.png"),
        (["embed", ".", "--model", "m", "--out", "o.parquet"], "no images there"),
        (["train", "demo", "--data", "nowhere"], "nowhere: no such folder; name a folder of logos"),
        (["evaluate", "nowhere", "--data", "nowhere"], "nowhere"),
        (["data", "openlogos", "out", "--from", "nowhere"], "nowhere"),
    ],
    ids=lambda a: " ".join(a[:3]) if isinstance(a, list) else "",
)
def test_what_is_missing_is_named_with_code_1(capsys, arguments, words):
    code, _, err = call(capsys, *arguments)
    assert code == 1
    assert words in err
    assert "Traceback" not in err


def test_a_missing_model_is_named(capsys, logo_folder):
    query = logo_folder / "g03" / "a.png"
    code, _, err = call(capsys, "search", query, "--in", logo_folder, "--model", "no-model")
    assert code == 1
    assert "no-model" in err


@pytest.mark.parametrize("place", [0, 4])
def test_debug_shows_the_traceback_wherever_it_stands(capsys, place):
    arguments = ["train", "demo", "--data", "nowhere"]
    arguments.insert(place, "--debug")
    code, _, err = call(capsys, *arguments)
    assert code == 1
    assert "Traceback" in err


def test_augment_leaves_out_what_cannot_change_the_logo(capsys, tmp_path):
    """One shape on white: nothing can be exchanged, nor anything removed without losing all."""
    picture = Image.new("RGB", (64, 64), "white")
    ImageDraw.Draw(picture).ellipse((12, 12, 52, 52), fill=(200, 20, 20))
    picture.save(tmp_path / "disc.png")
    out = str(tmp_path / "a.png")
    logo = str(tmp_path / "disc.png")
    code, _, err = call(capsys, "augment", logo, "--draws", "2", "--out", out)
    assert code == 0, err
    assert re.search(r"disc\.png: .*exchange.* cannot change this logo: left out", err)
    assert not re.search(r"\bcolor\b", err)
    code, _, err = call(capsys, "augment", logo, "--op", "exchange", "--out", out)
    assert code == 1
    assert "exchange cannot change this logo" in err


def test_segment_and_augment_write_pictures(capsys, logo_folder, own_folder):
    logos = [logo_folder / "g00" / "a.png", logo_folder / "g01" / "c.png"]
    code, out, _ = call(capsys, "segment", *logos)
    assert (code, out) == (0, "segments.png\n")
    code, out, _ = call(capsys, "augment", *logos, "--draws", "3", "--out", "a.jpg", "--seed", "4")
    assert (code, out) == (0, "a.jpg\n")
    for name in ("segments.png", "a.jpg"):
        with Image.open(own_folder / name) as picture:
            assert np.asarray(picture.convert("L")).std() > 10
    code, _, err = call(capsys, "segment", *logos, "--out", "picture.xyz")
    assert code == 2
    assert "picture.xyz" in err


def test_train_then_evaluate(capsys, logo_folder, own_folder):
    small = [
        *("model.backbone=mobilenetv3_small_050", "model.pretrained=false", "model.dim=16"),
        *("model.image_size=32", "steps=2", "workers=0", "batch.size=8", "batch.per_class=2"),
    ]
    settings = [word for setting in small for word in ("--set", setting)]
    (logo_folder / "g00" / "bad.png").write_text("no image")
    command = ["train", "demo", "--data", logo_folder, "--out", "run", *settings]
    code, out, err = call(capsys, *command)
    assert code == 0, err
    assert "run: 2 steps" in out
    assert "waiting for images" in err
    assert "skipped 1\n" in err
    code, _, err = call(capsys, *command)
    assert code == 2
    assert "--resume" in err
    code, out, err = call(capsys, "evaluate", "run", "--data", logo_folder, "--out", "results.json")
    assert code == 0, err
    for word in ("NAR", "mAP", "16×16 grey pixels", "perceptual hash", "ImageNet", "run"):
        assert word in out
    results = json.loads((own_folder / "results.json").read_text())
    # the run learnt from this folder: only the groups that it set aside are ranked
    assert "trained on this folder" in err
    assert results["methods"]["run"]["counts"]["queries"] == 3
    assert len(results["methods"]) == 4


def test_train_without_a_collection(capsys, logo_folder):
    files = sorted(p.relative_to(logo_folder).as_posix() for p in logo_folder.rglob("*.png"))
    columns = {
        "path": files,
        "brand": [f[:3] for f in files],
        "namespace": ["brand"] * len(files),
        "collection": [f[4] for f in files],  # a, b, c
        "split": ["val" if f < "g04" else "train" for f in files],
        "sha256": files,
    }
    pq.write_table(pa.table(columns), logo_folder / "manifest.parquet")
    words = ["train", "demo", "--data", logo_folder, "--set", "steps=1", "--set", "workers=0"]
    for setting in ("model.backbone=mobilenetv3_small_050", "model.pretrained=false"):
        words += ["--set", setting]
    for setting in ("model.image_size=32", "batch.size=8", "batch.per_class=2"):
        words += ["--set", setting]
    code, _, err = call(capsys, *words, "--without", "b", "--out", "run")
    assert code == 0, err
    assert "16 logos to learn from, 8 to choose by" in err
    code, _, err = call(capsys, *words, "--without", "x", "--out", "other")
    assert (code, "no collection 'x'; it has: a, b, c" in err) == (2, True)


@pytest.mark.parametrize(("rank", "spoken"), [(None, "hello\n"), ("0", "hello\n"), ("1", "")])
def test_of_several_processes_the_first_speaks(monkeypatch, capsys, rank, spoken):
    from marquery.console import say

    monkeypatch.delenv("RANK", raising=False)
    if rank is not None:
        monkeypatch.setenv("RANK", rank)
    say("hello")
    assert capsys.readouterr().err == spoken


def test_average_writes_the_mean_of_two_encoders(capsys, tmp_path, model):
    torch.manual_seed(1)
    other = LogoEncoder.create("mobilenetv3_small_050", 16, image_size=32, pretrained=False)
    other.save(tmp_path / "other")
    out = tmp_path / "mean"
    code, printed, _ = call(capsys, "average", model, tmp_path / "other", "--out", out)
    assert (code, printed) == (0, f"{out}\n")
    one = LogoEncoder.load(model).network.head.weight
    mean = LogoEncoder.load(out).network.head.weight
    assert torch.allclose(mean, (one + other.network.head.weight) / 2, atol=1e-6)
    file = tmp_path / "file"
    file.touch()
    code, _, said = call(capsys, "average", model, "--out", file)
    assert code == 2
    assert "--out" in said


def test_whiten_writes_an_encoder_with_another_head(capsys, tmp_path, model, logo_folder):
    out = tmp_path / "white"
    words = ["whiten", model, "--data", logo_folder, "--power", "0.3", "--size", "64"]
    code, printed, said = call(capsys, *words, "--out", out)
    assert (code, printed) == (0, f"{out}\n")
    assert "whitened to the power of 0.3 by what varies within brands among 36 logos" in said
    before, after = LogoEncoder.load(model), LogoEncoder.load(out)
    assert (before.image_size, after.image_size) == (32, 64)
    changed = {
        name
        for name, tensor in before.network.state_dict().items()
        if not torch.equal(tensor, after.network.state_dict()[name])
    }
    assert changed == {"head.weight", "head.bias"}
    code, _, said = call(capsys, *words, "--no-labels", "--half", "--out", tmp_path / "all")
    assert "by what varies among 36 logos" in said
    file = tmp_path / "file"
    file.touch()
    assert call(capsys, *words, "--out", file)[0] == 2
    code, _, said = call(capsys, *words, "--power", "0.7", "--out", out)
    assert code == 2
    assert "--power" in said
