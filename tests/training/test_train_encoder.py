"""``make encoder``: the order of its steps, what runs side by side, and that it goes on after a
failure or a kill. A small program stands for marquery; the slow test runs the real one.
"""

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from marquery.training import load_recipe

SCRIPT = Path(__file__).parents[2] / "tools" / "train_encoder.py"
# Writes down how it was called, makes what it was asked for, and waits or fails where told to.
FAKE = """
import json, os, sys, time
from pathlib import Path
words = sys.argv[1:]
with open("calls.jsonl", "a") as log:
    threads = os.environ.get("OMP_NUM_THREADS")
    log.write(json.dumps([words, threads, os.getpid()]) + "\\n")
if "--out" in words:
    Path(words[words.index("--out") + 1]).mkdir(parents=True)
if words[0] == "train":
    Path("runs", words[1]).mkdir(exist_ok=True)
if words[:2] == ["data", "openlogos"]:
    Path(words[2]).mkdir(parents=True)
    (Path(words[2]) / "manifest.parquet").touch()
while Path("wait").exists() and words[:2] == ["train", "default-pairs"]:
    time.sleep(0.02)
sys.exit(3 if Path("fail").exists() and Path("fail").read_text() in words else 0)
"""


@pytest.fixture
def script(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    Path("fake.py").write_text(FAKE)
    spec = importlib.util.spec_from_file_location("train_encoder", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.MARQUERY = (sys.executable, "-S", "fake.py")
    before = signal.getsignal(signal.SIGTERM)
    yield module
    signal.signal(signal.SIGTERM, before)


def _calls():
    return [json.loads(line) for line in Path("calls.jsonl").read_text().splitlines()]


def _names():
    """Of each call the first two words, those of runs side by side in order of their names."""
    return [" ".join(words[:2]) for words, *_ in _calls()]


DATA = ["data openlogos", "data fonts"]
TRAIN = ["train default-first", "train default-pairs", "train default-shapes"]


def test_phases_come_one_after_another_and_two_runs_share_the_cores(script, capfd):
    script.main(["--set", "steps=2"])
    names = _names()
    assert names[:3] == [*DATA, TRAIN[0]]
    assert sorted(names[3:5]) == TRAIN[1:]
    assert [name.split()[0] for name in names[5:]] == ["average", "whiten", "calibrate"]
    threads = {" ".join(words[:2]): count for words, count, _ in _calls()}
    assert [threads[name] for name in TRAIN] == [None, "1", "1"]
    for words, *_ in _calls():
        if words[0] == "train":
            assert words[2:] == ["--data", "data/openlogos-2", "--resume", "--set", "steps=2"]
    assert Path("runs/default-white").is_dir()
    assert not list(Path("runs").glob("*.part"))
    assert "runs/default-white" in capfd.readouterr().out


def test_what_is_whole_is_not_made_again(script):
    script.main([])
    Path("calls.jsonl").unlink()
    script.main(["--without-fonts"])
    assert sorted(_names()) == TRAIN  # a finished run ends at once, by --resume


def test_an_encoder_of_runs_that_are_gone_is_not_given_out_for_new_ones(script):
    script.main(["--without-fonts"])
    Path("calls.jsonl").unlink()
    Path("runs/default-pairs").rmdir()
    with pytest.raises(SystemExit, match=r"runs that are gone \(runs/default-pairs\); move runs"):
        script.main(["--without-fonts", "--set", "steps=2"])
    assert not Path("calls.jsonl").exists()
    for name in ("default-mean", "default-white"):
        Path("runs", name).rmdir()
    script.main(["--without-fonts", "--set", "steps=2"])
    assert Path("runs/default-white").is_dir()


def test_a_folder_of_data_may_have_braces_in_its_name(script):
    script.main(["--without-fonts", "--data", "data/{x}"])
    calls = [words for words, *_ in _calls()]
    assert calls[-1] == ["calibrate", "runs/default-white.part", "--data", "data/{x}"]


@pytest.mark.parametrize("step", ["default-first", "default-shapes", "average", "calibrate"])
def test_after_a_failure_it_goes_on_at_the_failed_step(script, step, capfd):
    Path("fail").write_text(step)
    with pytest.raises(SystemExit, match=rf"{step}.*code 3; mend what it says"):
        script.main(["--without-fonts"])
    assert step in " ".join(_names())
    assert not Path("runs/default-white").exists()
    done = len(_calls())
    Path("fail").unlink()
    script.main(["--without-fonts"])
    left = _names()[done:]
    assert [name.split()[0] for name in left if name not in TRAIN] == (
        ["whiten", "calibrate"] if step == "calibrate" else ["average", "whiten", "calibrate"]
    )
    assert Path("runs/default-white").is_dir()


PROGRAM = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("train_encoder", {script!r})
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
module.MARQUERY = (sys.executable, "-S", "fake.py")
module.main(["--without-fonts"])
"""


def _wait_for_pairs():
    deadline = time.monotonic() + 60
    while "train default-pairs" not in (_names() if Path("calls.jsonl").exists() else []):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_kill_takes_both_runs_along(script):
    Path("wait").touch()
    process = subprocess.Popen([sys.executable, "-c", PROGRAM.format(script=str(SCRIPT))])
    _wait_for_pairs()
    process.terminate()
    assert process.wait(60) == 143
    pids = {" ".join(words[:2]): pid for words, _, pid in _calls()}
    with pytest.raises(ProcessLookupError):
        os.kill(pids["train default-pairs"], 0)
    Path("wait").unlink()
    script.main(["--without-fonts"])
    assert Path("runs/default-white").is_dir()


def test_runs_left_by_a_kill_without_notice_are_waited_for(script):
    Path("wait").touch()
    process = subprocess.Popen([sys.executable, "-c", PROGRAM.format(script=str(SCRIPT))])
    _wait_for_pairs()
    process.kill()
    process.wait(60)
    with pytest.raises(SystemExit, match="runs in runs are going on"):
        script.main(["--without-fonts"])
    Path("wait").unlink()
    deadline = time.monotonic() + 60
    while True:
        try:
            script.main(["--without-fonts"])
            break
        except SystemExit:  # until the run that was left has ended
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert Path("runs/default-white").is_dir()


def test_the_second_phase_goes_on_from_the_first(script):
    first, *second = (load_recipe(name) for phase in script.PHASES for name in phase)
    assert first.model.start is None
    assert [recipe.model.start for recipe in second] == [f"runs/{first.name}"] * 2
    assert len({recipe.seed for recipe in (first, *second)}) == 3


def _benchmark(root, make_logo):
    """Three splits of ten brands, each a drawing in two colours."""
    rows = []
    root.mkdir()
    for split, first in (("train", 0), ("val", 10), ("test", 20)):
        for brand in range(first, first + 10):
            pixels = np.asarray(make_logo(brand))
            for turn in range(2):
                path = f"{brand}-{turn}.png"
                Image.fromarray(np.roll(pixels, turn, axis=2)).save(root / path)
                row = {"path": path, "brand": f"b{brand}", "split": split, "namespace": "brand"}
                rows.append(row | {"collection": "toy", "sha256": f"{brand}{turn}"})
    pq.write_table(pa.Table.from_pylist(rows), root / "manifest.parquet")


@pytest.mark.slow
def test_the_whole_chain_killed_and_gone_on_with(tmp_path, make_logo):
    _benchmark(tmp_path / "data", make_logo)
    small = ["steps=4", "batch.size=8", "batch.per_class=2", "batch.neighbours=null", "workers=0"]
    small += ["validation.every=2", "model.image_size=64"]
    command = [sys.executable, str(SCRIPT), "--data", "data", "--without-fonts"]
    command += [word for key in small for word in ("--set", key)]
    process = subprocess.Popen(command, cwd=tmp_path)
    deadline = time.monotonic() + 600
    while not (tmp_path / "runs/default-pairs/checkpoint.pt").exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.1)
    process.terminate()
    assert process.wait(120) == 143
    first = (tmp_path / "runs/default-first/checkpoint.pt").stat().st_mtime_ns
    subprocess.run(command, cwd=tmp_path, check=True)
    assert (tmp_path / "runs/default-first/checkpoint.pt").stat().st_mtime_ns == first
    assert (tmp_path / "runs/default-white/calibration.json").is_file()
