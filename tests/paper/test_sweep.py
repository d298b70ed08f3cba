"""A sweep of two rows and two seeds end to end, and what its table says."""

import csv
import json

import numpy as np
import pytest

from marquery.cli.app import run
from marquery.encoder.preprocess import to_square
from marquery.errors import MarqueryError
from marquery.evaluation import evaluate
from marquery.paper.reproduce.material import with_squares
from marquery.paper.reproduce.panels import make_panels
from marquery.paper.reproduce.rows import choose_rows, load_scale
from marquery.paper.reproduce.run import do_run, scores_of
from marquery.paper.reproduce.scores import score
from marquery.paper.reproduce.sweep import Sweep

from .benchmark import TINY, write_metu


def command(data, out, *more):
    settings = [word for setting in TINY for word in ("--set", setting)]
    rows = ["--rows", "pixels,smoothap-none", "--rows", "smoothap-color"]
    return run(
        [
            "reproduce",
            *rows,
            "--seeds",
            "2",
            "--data",
            str(data),
            "--out",
            str(out),
            *settings,
            *more,
        ]
    )


def test_a_sweep_ends_in_a_table_whose_figures_are_those_of_the_runs(benchmark, tmp_path, capsys):
    out = tmp_path / "out"
    assert command(benchmark, out) == 0
    assert str(out / "results.md") in capsys.readouterr().out
    lines = list(csv.DictReader((out / "results.csv").read_text().splitlines()))
    material = Sweep.open(choose_rows([]), 1, load_scale("small"), benchmark, out).material
    for row, seeds in (("pixels", 1), ("smoothap-none", 2), ("smoothap-color", 2)):
        brands, strong = [], []
        for seed in range(1, seeds + 1):
            kept = np.load(out / "runs" / row / str(seed) / "embeddings.npz")
            assert kept["test"].dtype == np.float16
            vectors = kept["test"].astype(np.float32)
            test = material.test
            found = evaluate(vectors, test.groups, strata=test.namespaces)
            brands.append(found.by_stratum["brand"].map)
            for query, source in enumerate(material.edits.sources):
                if material.edits.strata[query] != "rotate 3":
                    continue
                scores = vectors @ kept["edits"][query].astype(np.float32)
                mates = set(material.edits.excluded[query])
                better = [i for i in range(len(vectors)) if scores[i] > scores[source] + 1e-6]
                strong.append(1 / (1 + len(set(better) - mates)))
        figures = {
            line["set"]: float(line["mean"])
            for line in lines
            if line["row"] == row and line["metric"] == "map"
        }
        assert figures["cross/brand"] == pytest.approx(np.mean(brands), abs=1e-6)
        if row == "pixels":  # an untrained network's vectors all but coincide: ties
            assert figures["edits/strongest"] == pytest.approx(np.mean(strong), abs=1e-6)
    page = (out / "results.md").read_text()
    assert "| Smooth-AP, segment colour | 0.040 | 2 |" in page
    assert "segment colour over no augmentation" in page
    assert "over image level" not in page, "a row that was not run"
    body = json.loads((out / "results.json").read_text())
    [answer] = [a for a in body["differences of mAP"] if a["rows"][1] == "smoothap-none"]
    ours, other = (
        next(r for r in body["rows"] if r["key"] == key)["sets"]["cross/brand"]["map"]["mean"]
        for key in answer["rows"]
    )
    assert answer["sets"]["cross/brand"]["mean"] == pytest.approx(ours - other, abs=2e-6)
    assert (out / "results.png").stat().st_size > 5000

    # Weights are not kept; recipe and log are.
    folder = out / "runs" / "smoothap-color" / "2"
    assert {p.name for p in folder.iterdir()} >= {"recipe.yaml", "log.jsonl", "result.json"}
    assert not (folder / "checkpoint.pt").exists()
    assert not (folder / "encoder").exists()

    # Lost between training and its result, a run is done again, to the same end.
    before = json.loads((folder / "result.json").read_text())
    (folder / "result.json").unlink()
    (folder / "scores.npz").unlink()
    assert command(benchmark, out) == 0
    after = json.loads((folder / "result.json").read_text())
    assert after["metrics"] == before["metrics"]

    capsys.readouterr()
    assert command(benchmark, out, "--set", "steps=3") == 2
    assert "other settings" in capsys.readouterr().err
    assert command(benchmark, out, "--table") == 0
    assert command(benchmark, tmp_path / "empty", "--table") == 1


def test_scores_are_taken_anew_from_the_embeddings(material, tmp_path):
    sweep_tasks = _untrained_task(tmp_path)
    do_run(sweep_tasks, material, {})
    first = scores_of(sweep_tasks, material)
    (sweep_tasks.folder / "scores.npz").unlink()
    second = scores_of(sweep_tasks, material)
    for name in ("cross", "edits"):
        for key, column in first[name].items():
            assert np.array_equal(column, second[name][key])
    (sweep_tasks.folder / "scores.npz").unlink()
    (sweep_tasks.folder / "embeddings.npz").unlink()
    with pytest.raises(MarqueryError, match="embeddings"):
        scores_of(sweep_tasks, material)


def _untrained_task(tmp_path):
    from marquery.paper.reproduce.queue import make_tasks

    return make_tasks(choose_rows(["pixels"]), 1, load_scale("small"), tmp_path, 10)[0]


def test_panels_part_the_queries(material):
    rng = np.random.default_rng(0)
    test = rng.normal(size=(len(material.test), 4)).astype(np.float32)
    edits = rng.normal(size=(len(material.edits.files), 4)).astype(np.float32)
    panels = make_panels(score(test, edits, material), material)
    assert [p.key for p in panels] == [
        *("cross/brand", "cross/crypto", "cross/all", "edits/strongest", "edits/all"),
        *("edits/rotate 1", "edits/rotate 3"),
    ]
    size = {p.key: p.counts for p in panels}
    # Ten test brands of three logos, 5 and 10 of them tokens, one edit each.
    assert size["cross/all"] == (30, 10)
    assert size["cross/crypto"] == (6, 2)
    assert size["cross/brand"] == (24, 8)
    assert size["edits/strongest"] == size["edits/rotate 3"] == (5, 5)


def test_squares_hold_the_pixels_that_the_network_would_get(material, tmp_path):
    small = with_squares(material, 32, tmp_path / "out")
    assert small.fingerprints() == material.fingerprints()
    pairs = [
        *zip(small.test.files(), material.test.files(), strict=True),
        *zip(small.edits.files, material.edits.files, strict=True),
    ]
    for square, file in pairs:
        assert square != file
        assert np.array_equal(to_square(square, 32), to_square(file, 32))
    stamps = [p.stat().st_mtime_ns for p in small.training.files()]
    with_squares(material, 32, tmp_path / "out")
    assert [p.stat().st_mtime_ns for p in small.training.files()] == stamps


def test_metu_has_its_groups_as_one_headline_and_no_edits(tmp_path, make_logo):
    data, out = write_metu(tmp_path / "metu", make_logo), tmp_path / "out"
    words = ["reproduce", "--rows", "pixels,hash", "--data", str(data), "--out", str(out)]
    assert run(words) == 0
    lines = list(csv.DictReader((out / "results.csv").read_text().splitlines()))
    whole = [line for line in lines if line["set"] == "cross/all" and line["metric"] == "nar"]
    # Three groups of four test queries among forty unlabelled logos.
    assert [(line["queries"], line["groups"]) for line in whole] == [("12", "3")] * 2
    assert not any(line["set"].startswith("edits") for line in lines)
    assert "all logos, NAR" in (out / "results.md").read_text()


def test_data_without_splits_are_refused(logo_folder, tmp_path, capsys):
    assert command(logo_folder, tmp_path / "out") == 2
    assert "no splits" in capsys.readouterr().err
