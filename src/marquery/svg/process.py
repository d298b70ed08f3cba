"""A process that draws, as the process that asks sees it."""

import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from marquery.svg.problem import SvgError
from marquery.svg.worker import LENGTHS

_START_SECONDS = 60
_CODE = (
    "import sys; sys.path[:0] = sys.argv[3:]; from marquery.svg.worker import main; main({}, {})"
)


class DrawingStopped(Exception):
    """The process ended, or was ended, before it answered.

    Attributes:
        by: the signal that ended it; 0 if it ended by itself.
        late: no answer came in time.
    """

    def __init__(self, by: int, late: bool = False) -> None:
        super().__init__(by, late)
        self.by = by
        self.late = late


class DrawingProcess:
    """One process that draws; started at once, by a new interpreter and not by a fork.

    Raises:
        ImportError: the packages that read and draw SVG are not installed.
        SvgError: it cannot be started.
    """

    def __init__(self) -> None:
        folders = _package_folders()
        ours, theirs = socket.socketpair()
        lifeline, held = os.pipe()
        code = _CODE.format(theirs.fileno(), lifeline)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", code, "marquery", "svg", *folders],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(), lifeline),
                close_fds=True,
                start_new_session=True,
                cwd="/",
            )
        except OSError as error:
            ours.close()
            os.close(held)
            raise _no_start(error.strerror or str(error)) from error
        finally:
            theirs.close()
            os.close(lifeline)
        self._socket = ours
        self._held = os.fdopen(held, "wb", 0)
        self.drawings = 0
        try:
            self._receive(time.monotonic() + _START_SECONDS)
        except DrawingStopped as error:
            raise _no_start(f"it ended at once, {_cause(error)}") from error

    def ask(
        self, request: dict[str, Any], data: bytes, seconds: float
    ) -> tuple[dict[str, Any], bytes]:
        """An answer to a request.

        Args:
            request: see :func:`marquery.svg.drawing.draw`.
            data: content of the file.
            seconds: time until the answer has to be there.

        Raises:
            DrawingStopped: there is none; the process is gone.
        """
        self.drawings += 1
        until = time.monotonic() + seconds
        line = json.dumps(request).encode()
        try:
            self._socket.settimeout(seconds)
            self._socket.sendall(LENGTHS.pack(len(line), len(data)) + line)
            self._socket.sendall(data)
        except TimeoutError:
            raise self._stopped(late=True) from None
        except OSError:
            raise self._stopped() from None
        return self._receive(until)

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def end(self) -> None:
        """End it now, whatever it is doing."""
        self._process.kill()
        self._process.wait()  # a thread that waits for an answer learns of it first
        self._close()

    def forget(self) -> None:
        """Close what a forked process shares with its parent, whose process this is."""
        self._close()
        self._process.returncode = 0  # it is not waited for here

    def _close(self) -> None:
        self._socket.close()
        self._held.close()

    def _receive(self, until: float) -> tuple[dict[str, Any], bytes]:
        text, data = LENGTHS.unpack(self._read(LENGTHS.size, until))
        line, content = self._read(text, until), self._read(data, until)
        return json.loads(line), bytes(content)

    def _read(self, count: int, until: float) -> bytearray:
        content = bytearray(count)
        view = memoryview(content)
        while view:
            try:
                self._socket.settimeout(max(0.001, until - time.monotonic()))
                got = self._socket.recv_into(view)
            except TimeoutError:
                raise self._stopped(late=True) from None
            except OSError:
                got = 0
            if not got:
                raise self._stopped()
            view = view[got:]
        return content

    def _stopped(self, *, late: bool = False) -> DrawingStopped:
        """End it, and say what it ended by."""
        if late:
            self._process.kill()
        self._close()
        code = self._process.wait()
        return DrawingStopped(max(0, -code), late)


def _cause(error: DrawingStopped) -> str:
    if error.late:
        return "it was too slow"
    return f"by signal {error.by}" if error.by else "by itself"


def refusal(error: DrawingStopped, side: int, cpu_seconds: int) -> SvgError:
    """What is said of a drawing that ended the process.

    Args:
        error: how it ended.
        side: pixels of the longest side.
        cpu_seconds: processor time that the drawing had.
    """
    remedy = "simplify the drawing and save it again"
    if error.late:
        return SvgError(f"could not be drawn in time at {side} px", remedy, passing=True)
    if error.by == signal.SIGXCPU:
        return SvgError(f"takes more than {cpu_seconds} s of processor time to draw", remedy)
    if error.by in {signal.SIGSEGV, signal.SIGBUS}:  # the stack is full
        return SvgError("has elements that refer to each other too deeply to be drawn", remedy)
    if error.by == signal.SIGKILL:
        return SvgError(
            "could not be drawn, the process was ended from outside", "try again", passing=True
        )
    return SvgError("needs more memory than a drawing may take", remedy)


def _package_folders() -> list[str]:
    """Where the process imports from: the folders of this package and of what it draws with."""
    folders = [str(Path(__file__).parents[2])]
    for name in ("lxml", "resvg_py", "PIL"):
        found = importlib.util.find_spec(name)
        if found is None or found.origin is None:
            raise ImportError(f"{name} is not installed", name=name)
        folders.append(str(Path(found.origin).parents[1]))
    return list(dict.fromkeys(folders))


def _no_start(reason: str) -> SvgError:
    return SvgError(
        f"could not be drawn, no process can be started ({reason})", "try again", passing=True
    )
