"""The commands embed and export: what they write, what they refuse."""

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch

from marquery.cli.app import run
from marquery.encoder import LogoEncoder, deploy


@pytest.fixture
def model(tmp_path):
    torch.manual_seed(0)
    encoder = LogoEncoder.create("test_efficientnet", dim=8, image_size=32, pretrained=False)
    return encoder.save(tmp_path / "model")


def test_embed_by_a_named_engine(model, logo_folder, tmp_path, capsys):
    out = tmp_path / "t.parquet"
    command = ["embed", str(logo_folder), "--model", str(model), "--out", str(out)]
    assert run([*command, "--engine", "openvino", "--precision", "float32"]) == 0
    assert "(openvino, float32)" in capsys.readouterr().err
    table = pq.read_table(out)
    expected = LogoEncoder.load(model).embed(table["path"].to_pylist())
    assert np.abs(np.array(table["embedding"].to_pylist()) - expected).max() < 1e-5
    assert run([*command, "--engine", "onnxruntime", "--precision", "bfloat16"]) == 2
    assert run([*command, "--engine", "abacus"]) == 2


def test_export_writes_the_file_and_says_what_it_takes(model, tmp_path, capsys, monkeypatch):
    out = tmp_path / "encoder.onnx"
    written = []

    def write(module, side, path):
        written.append((side, path))
        return 2e-7

    monkeypatch.setattr("marquery.encoder.deploy.write_onnx", write)
    assert run(["export", str(model), "--format", "onnx", "--out", str(out)]) == 0
    assert written == [(32, out)]
    printed = capsys.readouterr()
    assert printed.out == f"{out}\n"
    assert "uint8 (N, 32, 32, 3)" in printed.err
    assert run(["export", str(model), "--out", str(tmp_path)]) == 2
    assert run(["export", str(model), "--format", "caffe"]) == 2
    assert run(["export", str(tmp_path / "none"), "--out", str(out)]) == 1


def test_a_network_that_cannot_be_exported_is_told_in_one_sentence(model, monkeypatch):
    def fail(*arguments, **options):
        raise RuntimeError("no such operator\nand a long story")

    monkeypatch.setattr(torch.onnx, "export", fail)
    encoder = LogoEncoder.load(model)
    with pytest.raises(deploy.MarqueryError, match=r"\(no such operator\)"):
        encoder.export_onnx(model / "x.onnx")
    assert not (model / "x.onnx").exists()
