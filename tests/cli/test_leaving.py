"""How the process of a command ends."""

import subprocess
import sys

import pytest

# A library's thread that hands back a result while the interpreter is taken down aborts the
# process; what only that last step would call is told by a line of "taken down".
PROGRAM = """
import atexit, sys, tempfile, threading, time, weakref
from marquery.cli.leaving import run_and_leave

class Kept:
    def __del__(self):
        print("taken down")

def late():
    time.sleep(0.2)
    print("waited for")

def command():
    sys.kept = Kept()
    atexit.register(print, "registered")
    threading.Thread(target=late).start()
    sys.stdout.write("unflushed ")
    {end}

run_and_leave(command)
"""


def leave(end: str) -> subprocess.CompletedProcess[str]:
    program = PROGRAM.format(end=end)
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)


@pytest.mark.parametrize("code", [0, 1, 2])
def test_all_is_done_but_the_interpreter_is_not_taken_down(code):
    done = leave(f"return {code}")
    assert done.returncode == code, done.stderr
    assert done.stdout.split("\n") == ["unflushed waited for", "registered", ""]


def test_an_error_is_printed_and_is_code_1():
    done = leave("raise RuntimeError('not caught')")
    assert done.returncode == 1
    assert "not caught" in done.stderr
    assert "registered" in done.stdout


def test_nothing_is_registered_before_the_command_runs():
    # What is registered before would not be called.
    program = (
        "import atexit; atexit.register = lambda f, *a, **k: print(f.__module__); "
        "import marquery.cli.app"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    # Pillow frees its memory, which the end of the process does as well.
    assert set(done.stdout.split()) <= {"PIL._imaging"}
