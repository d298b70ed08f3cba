"""The edits set from the command line: built, evaluated, missing."""

import torch

from marquery.cli.app import run
from marquery.datasets.openlogos import build
from marquery.encoder import LogoEncoder

from .helpers import make_source


def call(capsys, *arguments):
    code = run([str(a) for a in arguments])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_edits_are_built_and_evaluated(capsys, tmp_path, monkeypatch):
    """Three-shape drawings, edited in their SVG, must be found among the drawings themselves."""
    shapes = '<path fill="{}" d="M2 2h8v8z"/><path fill="{}" d="M12 2h9v{}h-9z"/><circle cx="9" cy="17" r="{}"/>'  # noqa: E501
    icons = {
        f"brand{i}{kind}": {
            "body": shapes.format(f"#{i:x}06", "#c39" if kind else "#39c", 4 + i % 5, 2 + i % 4)
        }
        for i in range(16)
        for kind in ("", "-icon")
    }
    torch.manual_seed(0)
    encoder = LogoEncoder.create("mobilenetv3_small_050", 16, image_size=32, pretrained=False)
    model = encoder.save(tmp_path / "model")
    source = make_source(tmp_path / "tarballs", bodies=icons)
    monkeypatch.setattr(build, "load_sources", lambda *_: [source])
    folder = tmp_path / "data"
    code, out, err = call(
        capsys,
        "data",
        "openlogos",
        folder,
        "--from",
        tmp_path / "tarballs",
        "--edits",
        "--size",
        "64",
    )
    assert code == 0, err
    assert "edited logos" in out
    code, out, err = call(capsys, "evaluate", model, "--data", folder, "--edits")
    assert code == 0, err
    assert "recolour" in out
    assert "perceptual hash" in out
    code, _, err = call(
        capsys, "evaluate", model, "--data", folder, "--edits", "--protocol", "metu"
    )
    assert code == 2
    (folder / "edits.parquet").unlink()
    code, _, err = call(capsys, "evaluate", model, "--data", folder, "--edits")
    assert code == 1
    assert "--edits" in err
