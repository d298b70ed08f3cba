"""Runs of a sweep that other machines do, one task a run."""

import json
from contextlib import contextmanager

import pytest

from marquery.errors import MarqueryError, UsageError
from marquery.paper.reproduce import spreading
from marquery.paper.reproduce.claims import claimed
from marquery.paper.reproduce.rows import choose_rows, load_scale
from marquery.paper.reproduce.run import RESULT, finished
from marquery.paper.reproduce.sweep import Sweep
from marquery.processes import WorkerDied

from .benchmark import TINY

ROWS = ["pixels", "hash"]


class Here:
    """Machines that are this process; ``deadly`` numbers end it."""

    chunk = 1

    def __init__(self, deadly=()):
        self.deadly, self.given = deadly, []

    @contextmanager
    def pool(self, setup, folder, arguments):
        module, _, name = setup.partition(":")
        assert (module, folder.is_dir()) == (spreading.__name__, True)
        self.run = getattr(spreading, name)(folder, *arguments)
        yield self

    def map(self, tasks):
        for task in tasks:
            self.given.append(task)
            if task in self.deadly:
                raise WorkerDied(9)
            yield self.run(task)


def sweep_in(data, out):
    return Sweep.open(choose_rows(ROWS), 1, load_scale("small"), data, out, TINY)


def results(sweep):
    return [json.loads((t.folder / RESULT).read_text())["metrics"] for t in sweep.tasks]


def test_the_runs_are_those_of_one_process_and_none_is_done_twice(benchmark, tmp_path, monkeypatch):
    alone = sweep_in(benchmark, tmp_path / "alone")
    alone.work(lambda _: None)
    monkeypatch.chdir(tmp_path)
    together, machines, said = sweep_in(benchmark, tmp_path / "together"), Here(), []
    assert spreading.work_on(machines, together, said.append) == 0
    assert machines.given == [0, 1]
    assert [words.split(":")[0] for words in said] == ["1/2 pixels", "2/2 hash"]
    assert results(together) == results(alone)
    assert spreading.work_on(machines, together, said.append) == 0
    assert machines.given == [0, 1]


def test_a_run_that_another_process_has_is_left_to_it(benchmark, tmp_path):
    sweep = sweep_in(benchmark, tmp_path / "out")
    with claimed(sweep.tasks[0].folder / ".lock") as mine:
        assert mine
        assert spreading.work_on(Here(), sweep, lambda _: None) == 1
    assert [finished(task) for task in sweep.tasks] == [False, True]


def test_a_run_that_ends_its_processes_is_one_sentence(benchmark, tmp_path):
    sweep = sweep_in(benchmark, tmp_path / "out")
    with pytest.raises(MarqueryError, match="the run ended each process that tried it") as raised:
        spreading.work_on(Here(deadly={1}), sweep, lambda _: None)
    assert str(sweep.tasks[1].folder) in str(raised.value)
    assert finished(sweep.tasks[0])


def test_finished_runs_of_other_settings_are_refused_before_the_machines(benchmark, tmp_path):
    sweep = sweep_in(benchmark, tmp_path / "out")
    file = sweep.tasks[0].folder / RESULT
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"config": {"untrained": "other"}, "data": {}}))
    with pytest.raises(UsageError, match="other settings"):
        spreading.work_on(None, sweep, lambda _: None)
