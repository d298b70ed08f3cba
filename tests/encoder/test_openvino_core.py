"""Engines that come and go leave the process as it was."""

import subprocess
import sys

import pytest

pytest.importorskip("openvino")

# The stack of signal handlers of this thread has to be memory that the process has.
PROGRAM = """
import ctypes, gc
import marquery as mq

class Stack(ctypes.Structure):
    _fields_ = [("start", ctypes.c_void_p), ("flags", ctypes.c_int), ("size", ctypes.c_size_t)]

def is_there():
    stack = Stack()
    assert ctypes.CDLL(None).sigaltstack(None, ctypes.byref(stack)) == 0
    if stack.flags == 2:  # SS_DISABLE: none
        return True
    with open("/proc/self/maps") as file:
        spans = [line.split()[0].split("-") for line in file]
    return any(
        int(first, 16) <= stack.start and stack.start + stack.size <= int(last, 16)
        for first, last in spans
    )

assert is_there()
engines = [mq.LogoEncoder.load("default") for _ in range(2)]
for engine in engines:
    engine.engine(1, "openvino")
while engines:
    engines.pop(0)
    del engine
    engine = None
    gc.collect()
print(is_there())
"""


def test_engines_dropped_in_the_order_they_came_leave_the_stack_of_signals_whole():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert done.stdout == "True\n", done.stderr
