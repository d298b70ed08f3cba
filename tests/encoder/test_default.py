"""The encoder in the package."""

from pathlib import Path

import numpy as np
import pytest

import marquery
from marquery.calibration import Calibration
from marquery.cli.app import run
from marquery.datasets import LogoSet
from marquery.encoder import LogoEncoder
from marquery.evaluation import evaluate

FOLDER = Path(marquery.__file__).parent / "models" / "default"


@pytest.fixture(scope="module")
def default():
    return LogoEncoder.load("default")


def test_it_is_small_and_whole(default):
    assert sum(f.stat().st_size for f in FOLDER.iterdir()) < 12e6
    assert default.dim == 512
    assert Calibration.load(FOLDER).fingerprint == default.fingerprint()


def test_a_folder_of_that_name_does_not_take_its_place(default, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    other = LogoEncoder.create("mobilenetv3_small_050", 16, image_size=32, pretrained=False)
    other.save(tmp_path / "default")
    assert LogoEncoder.load("default").fingerprint() == default.fingerprint()
    assert LogoEncoder.load(tmp_path / "default").fingerprint() == other.fingerprint()


def test_it_finds_recoloured_and_shrunk_drawings(default, logo_folder):
    logos = LogoSet.open(logo_folder)
    vectors = default.embed(logos.files())
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert evaluate(vectors, logos.groups, bootstrap=0).map > 0.9


def test_commands_take_it_without_being_told(logo_folder, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    query = str(logo_folder / "g03" / "a.png")
    assert run(["search", query, "--in", str(logo_folder), "-k", "3"]) == 0
    hits = capsys.readouterr().out.splitlines()
    assert {Path(line.split()[-1]).parent.name for line in hits} == {"g03"}
    assert run(["embed", query, "--out", "one.parquet"]) == 0
