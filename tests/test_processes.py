"""Processes that work: answers in order, errors brought home, none left behind."""

import os
import pickle
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from marquery.errors import ImageError
from marquery.processes import WorkerDied, WorkerPool

#: A module that processes import; it is written to a folder on their path.
WORK = """
import os, signal, sys, time
from marquery.errors import ImageError

def doubling(start):
    def answer(task):
        if not isinstance(task, str):
            return 2 * task
        if task == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if task == "leave":
            os._exit(3)
        if task == "pid":
            return os.getpid()
        if task == "threads":
            return os.environ["OMP_NUM_THREADS"], "__main__" in str(sys.modules["__main__"])
        if task == "late":
            time.sleep(0.5)
            return "answer"
        if task == "bad":
            raise ImageError("a.png", "is no picture")
        if task == "once":
            mark = start
            if not os.path.exists(mark):
                open(mark, "w").close()
                os.kill(os.getpid(), signal.SIGKILL)
            return "second time"
    return answer
"""


@pytest.fixture
def pool(tmp_path, monkeypatch):
    (tmp_path / "work_of_test.py").write_text(WORK)
    monkeypatch.syspath_prepend(tmp_path)
    with WorkerPool(2, "work_of_test:doubling", (str(tmp_path / "mark"),)) as made:
        yield made


def test_answers_come_in_order(pool):
    tasks = [np.full(1000, i) for i in range(20)]
    for i, answer in enumerate(pool.map(tasks)):
        assert (answer == 2 * i).all()


def test_they_use_one_thread_each_and_run_no_script(pool):
    assert next(pool.map(["threads"]))[0] == "1"


def test_errors_are_raised_here_and_the_process_goes_on(pool):
    before = set(pool.map(["pid"] * 6))
    with pytest.raises(ImageError, match=r"a\.png: is no picture") as error:
        list(pool.map(["bad"]))
    assert "in a process that was working" in "".join(error.value.__notes__)
    assert set(pool.map(["pid"] * 6)) <= before | set(pool.map(["pid"] * 6))
    assert list(pool.map([4])) == [8]


@pytest.mark.parametrize(("task", "number"), [("die", signal.SIGKILL), ("leave", 0)])
def test_a_task_that_ends_its_process_twice_is_told(pool, task, number):
    with pytest.raises(WorkerDied) as error:
        list(pool.map([1, task, 2]))
    assert error.value.signal == number
    assert list(pool.map([3])) == [6]


def test_a_process_that_was_ended_once_is_replaced(pool):
    assert list(pool.map(["once", 5])) == ["second time", 10]


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_none_is_left_when_the_pool_is_closed(tmp_path, monkeypatch):
    (tmp_path / "work_of_test.py").write_text(WORK)
    monkeypatch.syspath_prepend(tmp_path)
    with WorkerPool(2, "work_of_test:doubling", ("",)) as pool:
        pids = set(pool.map(["pid"] * 8))
        assert all(alive(pid) for pid in pids)
    assert not any(alive(pid) for pid in pids)


def test_none_outlives_a_parent_that_is_killed(tmp_path):
    (tmp_path / "work_of_test.py").write_text(WORK)
    (tmp_path / "script.py").write_text(
        "import os, signal, sys\n"
        "from marquery.processes import WorkerPool\n"
        "pool = WorkerPool(1, 'work_of_test:doubling', ('',))\n"
        "print(next(pool.map(['pid'])), flush=True)\n"  # no guard: it is not run again
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run(
        [sys.executable, tmp_path / "script.py"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    (pid,) = done.stdout.split()
    until = time.monotonic() + 20
    while alive(int(pid)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not alive(int(pid))


def test_one_whose_other_side_is_gone_ends_without_a_word(tmp_path):
    (tmp_path / "work_of_test.py").write_text(WORK)
    ours, theirs = socket.socketpair()
    code = "import sys; from marquery.processes import serve; serve(int(sys.argv[1]))"
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    worker = subprocess.Popen(
        [sys.executable, "-c", code, str(theirs.fileno())],
        pass_fds=[theirs.fileno()],
        env=environment,
        stderr=subprocess.PIPE,
    )
    theirs.close()
    with ours, ours.makefile("rwb") as stream:
        for message in (("work_of_test:doubling", ("",)), "late"):
            content = pickle.dumps(message)
            stream.write(struct.pack("<Q", len(content)) + content)
        stream.flush()
        time.sleep(0.2)
    _, told = worker.communicate(timeout=30)
    assert (worker.returncode, told) == (0, b"")
