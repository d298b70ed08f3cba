"""The process that reads and draws SVG, one drawing at a time, under limits that end it.

It is started with the sockets to answer on (see :mod:`marquery.svg.process`) and imports little. A
request and its answer are each a line of JSON and some bytes, both with their lengths before them.
"""

import fcntl
import json
import os
import resource
import select
import signal
import struct
import sys
from typing import Any

LENGTHS = struct.Struct("<II")
# The renderer is recursive: its stack has to hold what the limit of depth allows, many times over
# where elements use each other.
_STACK = 64 * 2**20


def main(answers: int, lifeline: int) -> None:
    """Answer requests until the other side is gone.

    Args:
        answers: file descriptor of the socket.
        lifeline: file descriptor of a pipe whose other end the parent holds, and nobody writes to.
    """
    _end_with(lifeline)
    _limit("STACK", _STACK)
    _limit("CORE", 0)
    _limit("FSIZE", 0)
    sys.set_int_max_str_digits(0)  # numbers of style sheets; the time of a drawing is limited
    from marquery.svg.drawing import draw

    _send(answers, {"ready": True}, b"")
    while True:
        request = _receive(answers)
        if request is None:
            return
        asked, data = request
        _begin(asked)
        answer, content = draw(asked, data)
        answer["resident"] = _resident()
        _send(answers, answer, content)


def _end_with(lifeline: int) -> None:
    """Have the kernel end this process when the parent is gone, whatever it is doing then."""
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for number in (signal.SIGIO, signal.SIGXCPU):
        signal.signal(number, signal.SIG_DFL)
    # The terminal's interrupt is meant for the parent.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
    gone = select.poll()
    gone.register(lifeline, 0)
    if gone.poll(0):  # before it was asked for
        sys.exit(0)


def _begin(asked: dict[str, Any]) -> None:
    """Limits of one drawing."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _limit("CPU", int(used.ru_utime + used.ru_stime) + 1 + asked["cpu_seconds"])
    _limit("AS", asked["memory_bytes"])


def _limit(name: str, value: int) -> None:
    kind = getattr(resource, f"RLIMIT_{name}")
    hard = resource.getrlimit(kind)[1]
    resource.setrlimit(kind, (value if hard < 0 else min(value, hard), hard))


def _resident() -> int:
    """Bytes of memory that this process holds now."""
    # ru_maxrss would be that of the parent, from before this program was loaded.
    with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 (pathlib takes long to import)
        return int(file.read().split()[1]) * resource.getpagesize()


def _receive(answers: int) -> tuple[dict[str, Any], bytes] | None:
    head = _read(answers, LENGTHS.size)
    if head is None:
        return None
    text, data = LENGTHS.unpack(head)
    line, content = _read(answers, text), _read(answers, data)
    return None if line is None or content is None else (json.loads(line), content)


def _read(answers: int, count: int) -> bytes | None:
    parts = []
    while count:
        part = os.read(answers, min(count, 2**20))
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def _send(answers: int, answer: dict[str, Any], content: bytes) -> None:
    line = json.dumps(answer).encode()
    rest = memoryview(LENGTHS.pack(len(line), len(content)) + line + content)
    while rest:
        rest = rest[os.write(answers, rest) :]
