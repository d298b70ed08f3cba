"""The processes that draw: kept, replaced, shared by threads, never left behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from marquery.svg import SvgError, SvgLimits, render_svg, stop_drawing
from marquery.svg.pool import DrawingPool, drawing_pool

from .drawings import FOREVER, svg

LIMITS = SvgLimits()
COLORS = {"red": (255, 0, 0, 255), "lime": (0, 255, 0, 255), "blue": (0, 0, 255, 255)}


def square(color):
    return svg(f'<rect width="10" height="10" fill="{color}"/>')


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone(pids, seconds=10):
    until = time.monotonic() + seconds
    while any(map(is_running, pids)) and time.monotonic() < until:
        time.sleep(0.02)
    return not any(map(is_running, pids))


def children(pid):
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.fixture
def pool():
    pool = DrawingPool(2)
    yield pool
    pool.close()


def draw(pool, text, limits=LIMITS, side=16):
    return pool.draw(text.encode(), side, "geometric_precision", limits)[0]


def test_a_process_is_kept_and_a_dead_one_replaced(pool):
    first = draw(pool, square("red"))
    (pid,) = pool.pids()
    assert draw(pool, square("red")) == first
    assert pool.pids() == [pid]
    os.kill(pid, signal.SIGKILL)
    assert gone([pid])
    assert draw(pool, square("red")) == first
    assert pool.pids() != [pid]
    pids = pool.pids()
    pool.close()
    assert gone(pids)


def test_a_process_that_is_ended_while_it_draws_costs_nothing_but_time(pool):
    draw(pool, square("red"))
    (pid,) = pool.pids()
    os.kill(pid, signal.SIGSTOP)
    timer = threading.Timer(0.3, os.kill, (pid, signal.SIGKILL))
    timer.start()
    assert draw(pool, square("red"))
    timer.join()
    assert pool.pids() != [pid]


def test_a_process_that_does_nothing_is_ended_by_the_clock(pool):
    draw(pool, square("red"))
    (pid,) = pool.pids()
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(SvgError, match="could not be drawn in time") as caught:
        draw(pool, square("red"), SvgLimits(wall_seconds=1))
    assert caught.value.passing
    assert not is_running(pid)


def test_a_pool_that_is_closed_refuses_what_it_is_drawing_and_what_comes_later(pool):
    draw(pool, square("red"))
    threading.Timer(0.5, pool.close).start()
    began = time.monotonic()
    for _ in range(2):
        with pytest.raises(SvgError, match="drawing was stopped") as caught:
            draw(pool, FOREVER, SvgLimits(cpu_seconds=600, wall_seconds=600), 512)
        assert caught.value.passing
    assert time.monotonic() - began < 5
    assert pool.pids() == []


def test_drawing_goes_on_after_it_was_stopped():
    render_svg(square("red"), 8)
    pids = drawing_pool().pids()
    stop_drawing()
    assert gone(pids)
    assert (render_svg(square("red"), 8) == COLORS["red"]).all()


def test_threads_share_few_processes_and_get_their_own_drawings(pool):
    def one(number):
        name = list(COLORS)[number % 3]
        return name, draw(pool, square(name))

    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(one, range(300)))
    assert len(set(found)) == 3
    assert len(pool.pids()) == 2


def test_refused_drawings_in_many_threads_do_not_spoil_others(pool):
    short = SvgLimits(cpu_seconds=0)

    def one(number):
        if number % 8:
            return draw(pool, square("red"))
        with pytest.raises(SvgError):
            draw(pool, FOREVER, short, 512)
        return None

    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(one, range(16)))
    assert len(found - {None}) == 1


def test_a_forked_child_draws_by_processes_of_its_own():
    expected = render_svg(square("lime"), 8)
    before = drawing_pool().pids()
    pid = os.fork()
    if not pid:
        try:
            own = drawing_pool().pids() == []
            same = (render_svg(square("lime"), 8) == expected).all()
            os._exit(0 if own and same and not set(drawing_pool().pids()) & set(before) else 1)
        finally:
            os._exit(2)
    assert os.waitpid(pid, 0)[1] == 0
    assert all(map(is_running, before))
    assert (render_svg(square("lime"), 8) == expected).all()


SCRIPT = """
import sys
from marquery.svg import SvgLimits, render_svg
from marquery.svg.pool import drawing_pool
import signal, threading, time
SQUARE, FOREVER = sys.stdin.read().split("\\0")
render_svg(SQUARE, 8)
print(*drawing_pool().pids(), flush=True)
"""
STUCK = """
limits = SvgLimits(cpu_seconds=600, wall_seconds=600)
stuck = lambda: render_svg(FOREVER, 512, limits=limits)
threading.Thread(target=stuck, daemon=True).start()
time.sleep(0.5)
print("stuck", flush=True)
"""


@pytest.fixture
def script():
    started = []

    def start(rest):
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT + rest],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        process.stdin.write(f"{square('red')}\0{FOREVER}")
        process.stdin.close()
        pids = [int(pid) for pid in process.stdout.readline().split()]
        assert pids, process.stderr.read()
        return process, pids

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def test_nothing_is_left_when_a_script_ends(script):
    # The script has no guard of __main__, either.
    process, pids = script("")
    assert process.wait(30) == 0
    assert gone(pids)
    assert process.stderr.read() == ""


@pytest.mark.parametrize("rest", ["time.sleep(60)", STUCK + "time.sleep(60)"])
def test_nothing_is_left_when_a_script_is_killed(script, rest):
    process, pids = script(rest)
    if rest.startswith("\n"):
        assert process.stdout.readline() == "stuck\n"
    process.kill()
    process.wait()
    # A process that draws reads nothing: the kernel has to end it.
    assert gone(pids, 2)


def test_the_end_is_answered_while_a_drawing_is_stuck(script):
    handler = "signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))\n"
    process, pids = script(handler + STUCK + "time.sleep(60)")
    assert process.stdout.readline() == "stuck\n"
    began = time.monotonic()
    process.terminate()
    assert process.wait(10) == 7
    assert time.monotonic() - began < 5
    assert gone(pids)


def test_a_forked_child_does_not_keep_the_processes_of_a_killed_parent(script):
    rest = """
import os
child = os.fork()
if not child:
    time.sleep(60)
    os._exit(0)
print(child, flush=True)
time.sleep(60)
"""
    process, pids = script(rest)
    child = int(process.stdout.readline())
    try:
        process.kill()
        process.wait()
        assert gone(pids, 2)
        assert is_running(child)
    finally:
        os.kill(child, signal.SIGKILL)


def test_where_no_process_can_be_started_the_file_is_tried_another_time(monkeypatch):
    pool = DrawingPool(1)
    for program in ("/no/such/program", "/bin/false"):
        monkeypatch.setattr(sys, "executable", program)
        with pytest.raises(SvgError, match="no process can be started") as caught:
            draw(pool, square("red"))
        assert caught.value.passing
    monkeypatch.undo()
    assert draw(pool, square("red"))
    pool.close()
