"""The processes that draw: a few, kept warm, replaced when a drawing ends one."""

import atexit
import os
import signal
import threading
from typing import Any

from marquery.cores import usable_cores
from marquery.svg.limits import SvgLimits
from marquery.svg.problem import SvgError
from marquery.svg.process import DrawingProcess, DrawingStopped, refusal

_MAX_PROCESSES = 4
# A process that drew so often, or still holds so much memory, is replaced.
_MAX_DRAWINGS = 5000
_MAX_RESIDENT = 128 * 2**20


class DrawingPool:
    """Draws for many threads.

    Args:
        size: processes at most; they are started as they are needed.
    """

    def __init__(self, size: int) -> None:
        self._free = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()
        self._idle: list[DrawingProcess] = []
        self._all: set[DrawingProcess] = set()
        self._closed = False

    def draw(
        self, data: bytes, side: int, shape_rendering: str, limits: SvgLimits
    ) -> tuple[bytes, tuple[str, ...]]:
        """A PNG of a file, and what is missing in it.

        Args:
            data: content of the file.
            side: pixels of the longest side.
            shape_rendering: see :func:`marquery.svg.render_svg`.
            limits: of the file and of what drawing it may cost.

        Raises:
            SvgError: it cannot be read or drawn.
            ImportError: a package that is needed is not installed.
        """
        request = {
            "side": side,
            "shape_rendering": shape_rendering,
            "cpu_seconds": limits.cpu_for(side),
            "memory_bytes": limits.memory_for(side),
            "limits": vars(limits),
        }
        with self._free:
            answer, content = self._answer(request, data, limits.wall_for(side))
        if "problem" in answer:
            raise SvgError(answer["problem"], answer["remedy"])
        return content, tuple(answer["missing"])

    def pids(self) -> list[int]:
        """Process numbers of the processes that there are now."""
        with self._lock:
            return sorted(process.pid for process in self._all)

    def close(self) -> None:
        """End all processes; what they are drawing, or what is asked for later, is refused."""
        with self._lock:
            self._closed = True
            processes, self._all = self._all, set()
            self._idle.clear()
        for process in processes:
            process.end()

    def forget(self) -> None:
        """Give the processes up to the parent, in a process that was forked from it."""
        for process in self._all:
            process.forget()

    def _answer(
        self, request: dict[str, Any], data: bytes, seconds: int
    ) -> tuple[dict[str, Any], bytes]:
        while True:
            process = self._take()
            was_used = process.drawings > 0
            try:
                answer, content = process.ask(request, data, seconds)
            except DrawingStopped as error:
                self._drop(process)
                # What an earlier drawing left, or someone who ended the process, is not this
                # drawing's fault; its time is, and is not given twice.
                if self._closed or (was_used and not error.late and error.by != signal.SIGXCPU):
                    continue
                raise refusal(error, request["side"], request["cpu_seconds"]) from None
            except BaseException:  # such as an interrupt: the answer would be taken for the next
                self._drop(process)
                raise
            if answer.get("out_of_memory"):
                self._drop(process)
                if was_used:
                    continue
                raise refusal(DrawingStopped(0), request["side"], request["cpu_seconds"])
            if process.drawings >= _MAX_DRAWINGS or answer["resident"] > _MAX_RESIDENT:
                self._drop(process)
            else:
                self._give_back(process)
            return answer, content

    def _take(self) -> DrawingProcess:
        while True:
            with self._lock:
                if self._closed:
                    raise SvgError("was not drawn, drawing was stopped", "try again", passing=True)
                process = self._idle.pop() if self._idle else None
            if process is None:
                process = DrawingProcess()
                with self._lock:
                    self._all.add(process)
                    late = self._closed
                if late:
                    self._drop(process)
                    continue
                return process
            if process.is_alive:
                return process
            self._drop(process)

    def _give_back(self, process: DrawingProcess) -> None:
        with self._lock:
            if process in self._all:
                self._idle.append(process)

    def _drop(self, process: DrawingProcess) -> None:
        with self._lock:
            self._all.discard(process)
        process.end()


def _new_pool() -> DrawingPool:
    return DrawingPool(min(_MAX_PROCESSES, max(2, usable_cores())))


_pool = _new_pool()


def drawing_pool() -> DrawingPool:
    """The pool of this process."""
    return _pool


def stop_drawing() -> None:
    """End the processes that draw; drawings that wait for them are refused, later ones are drawn by
    new ones.
    """
    global _pool
    old, _pool = _pool, _new_pool()
    old.close()


def _after_fork() -> None:
    global _pool
    _pool.forget()
    _pool = _new_pool()


os.register_at_fork(after_in_child=_after_fork)
atexit.register(stop_drawing)
