"""The queue: order, sharing between processes, and what a kill costs."""

import json
import multiprocessing
import os
import signal
import time

import pytest

from marquery.errors import UsageError
from marquery.paper.reproduce.claims import claimed
from marquery.paper.reproduce.queue import make_tasks, work
from marquery.paper.reproduce.rows import choose_rows, load_scale
from marquery.paper.reproduce.run import RESULT, finished

ROWS = ["pixels", "smoothap-none", "smoothap-color"]
DATA = {"test": "abc"}


def tasks_in(out, seeds=2, overrides=()):
    return make_tasks(choose_rows(ROWS), seeds, load_scale("small"), out, 100, overrides)


def pretend(task, material, data):
    """A run that writes its result at once, and who did it."""
    with (task.folder.parents[1] / "log").open("a") as log:
        log.write(f"{task.name} {os.getpid()}\n")
    content = {"config": task.config(), "data": data}
    (task.folder / RESULT).write_text(json.dumps(content))


def after_another(task, material, data):
    """A run that ends only when somebody else has done one meanwhile."""
    (task.folder / "begun").touch()
    wait_for(task.folder.parents[1] / "log")
    pretend(task, material, data)


def forever(task, material, data):
    if task.seed == 2:
        (task.folder / "begun").touch()
        time.sleep(60)
    pretend(task, material, data)


def log_of(out):
    return [line.rsplit(" ", 1) for line in (out / "runs" / "log").read_text().splitlines()]


def start(out, run):
    context = multiprocessing.get_context("fork")
    child = context.Process(target=work, args=(tasks_in(out), None, DATA, _nothing, run))
    child.start()
    return child


def wait_for(path):
    for _ in range(1200):
        if path.exists():
            return
        time.sleep(0.05)
    raise TimeoutError(path)


def _nothing(_):
    pass


def test_the_first_seed_of_every_row_comes_first_and_nothing_is_done_twice(tmp_path):
    said = []
    assert work(tasks_in(tmp_path), None, DATA, said.append, pretend) == 0
    order = [name for name, _ in log_of(tmp_path)]
    assert order == [
        "pixels",
        "smoothap-none, seed 1",
        "smoothap-color, seed 1",
        "smoothap-none, seed 2",
        "smoothap-color, seed 2",
    ]
    assert said[0].startswith("1/5 pixels")
    assert "min left" in said[1]
    assert "min left" not in said[4]
    work(tasks_in(tmp_path), None, DATA, _nothing, pretend)
    assert len(log_of(tmp_path)) == 5
    work(tasks_in(tmp_path, seeds=3), None, DATA, _nothing, pretend)
    assert len(log_of(tmp_path)) == 7


def test_a_claimed_run_is_left_to_whoever_has_it(tmp_path):
    tasks = tasks_in(tmp_path)
    with claimed(tasks[1].folder / ".lock") as mine:
        assert mine
        assert work(tasks, None, DATA, _nothing, pretend) == 1
    assert not finished(tasks[1])
    assert work(tasks, None, DATA, _nothing, pretend) == 0
    assert finished(tasks[1])


def test_two_processes_share_the_runs(tmp_path):
    child = start(tmp_path, after_another)
    wait_for(tmp_path / "runs" / "pixels" / "1" / "begun")
    work(tasks_in(tmp_path), None, DATA, _nothing, pretend)
    child.join(60)
    assert child.exitcode == 0
    names, workers = zip(*log_of(tmp_path), strict=True)
    assert sorted(names) == sorted(task.name for task in tasks_in(tmp_path))
    assert set(workers) == {str(os.getpid()), str(child.pid)}


def test_a_kill_loses_one_run_and_the_next_process_does_it(tmp_path):
    child = start(tmp_path, forever)
    wait_for(tmp_path / "runs" / "smoothap-none" / "2" / "begun")
    # While it lives its run is not taken; others are.
    assert work(tasks_in(tmp_path), None, DATA, _nothing, pretend) == 1
    os.kill(child.pid, signal.SIGKILL)
    child.join(30)
    assert work(tasks_in(tmp_path), None, DATA, _nothing, pretend) == 0
    names = [name for name, _ in log_of(tmp_path)]
    assert sorted(names) == sorted(task.name for task in tasks_in(tmp_path))
    assert names[-1] == "smoothap-none, seed 2"


def test_runs_of_other_settings_or_data_are_refused(tmp_path):
    work(tasks_in(tmp_path), None, DATA, _nothing, pretend)
    with pytest.raises(UsageError, match="other settings"):
        work(tasks_in(tmp_path, overrides=["steps=5"]), None, DATA, _nothing, pretend)
    with pytest.raises(UsageError, match="other data"):
        work(tasks_in(tmp_path), None, {"test": "abd"}, _nothing, pretend)
    idle = tasks_in(tmp_path, overrides=["workers=3"])
    assert work(idle, None, DATA, _nothing, pretend) == 0
