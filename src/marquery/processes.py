"""Work spread over processes that are started anew, not forked, and end with the one that asked.

A new interpreter knows nothing of threads and engines of its parent, which a fork would break; and
it does not run the caller's script again, as the processes of :mod:`multiprocessing` would.
"""

import os
import pickle
import socket
import struct
import subprocess
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from importlib import import_module
from io import BufferedRWPair
from pathlib import Path
from typing import Any, Protocol

from marquery.errors import MarqueryError

_LENGTH = struct.Struct("<Q")
_CODE = "import sys; sys.path[:] = {!r}; from marquery.processes import serve; serve({})"
#: One thread a process for every library: there is a process for each core.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


class Pool(Protocol):
    """Workers that do tasks."""

    def map(self, tasks: Iterable[Any]) -> Iterator[Any]:
        """Answers in the order of the tasks.

        Raises:
            WorkerDied: of a task that ended several workers, one after the other.
        """
        ...


class Machines(Protocol):
    """Other machines that do the work of a job, while this process writes what comes of it."""

    @property
    def chunk(self) -> int:
        """Files that are read before their rows are written."""
        ...

    def pool(
        self, setup: str, folder: Path, arguments: tuple[Any, ...]
    ) -> AbstractContextManager[Pool]:
        """Workers on these machines.

        Args:
            setup: ``module:function``; called with a copy of the folder and the arguments, it gives
                what does a task.
            folder: is copied to the machines.
            arguments: of ``setup``.
        """
        ...


class WorkerDied(MarqueryError):
    """A process ended before it answered.

    Args:
        signal: that ended it; 0 if it ended by itself.
    """

    def __init__(self, signal: int) -> None:
        how = f"was ended by signal {signal}" if signal else "ended by itself"
        super().__init__(
            f"a process that was working {how}; "
            "if memory is short, let it use fewer cores (taskset)"
        )
        self.signal = signal

    def __reduce__(self) -> tuple[type["WorkerDied"], tuple[int]]:
        return type(self), (self.signal,)


class Worker:
    """One process that answers tasks, one at a time.

    Args:
        setup: ``"module:function"``; called once in the process, gives the function of a task.
        arguments: of ``setup``; they and tasks and answers travel pickled.
    """

    def __init__(self, setup: str, arguments: tuple[Any, ...]) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            code = _CODE.format([p for p in sys.path if p], theirs.fileno())
            self._process = subprocess.Popen(
                [sys.executable, "-c", code],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,  # an interrupt is for the one who asks, who ends this one
                env={**os.environ, **dict.fromkeys(_THREADS, "1")},
            )
        self._socket = ours
        self._stream = ours.makefile("rwb")
        self._setup = pickle.dumps((setup, arguments))
        self._is_set_up = False

    def ask(self, task: object) -> Any:
        """The answer to a task; what it raises there is raised here.

        Raises:
            WorkerDied: there is no answer.
        """
        try:
            if not self._is_set_up:
                _send(self._stream, self._setup)
                self._is_set_up = True
            _send(self._stream, pickle.dumps(task))
            answer, where = pickle.loads(_receive(self._stream))
        except (OSError, EOFError):
            raise WorkerDied(max(0, -self._process.wait())) from None
        if where is not None:
            answer.add_note(f"in a process that was working:\n{where}")
            raise answer
        return answer

    def end(self) -> None:
        """End it now, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        with suppress(OSError):  # what was not sent yet
            self._stream.close()
        self._socket.close()


class WorkerPool:
    """Several such processes; each is started when there is work for it.

    Args:
        count: processes.
        setup, arguments: see :class:`Worker`.
    """

    def __init__(self, count: int, setup: str, arguments: tuple[Any, ...]) -> None:
        self.count = count
        self._make: Callable[[], Worker] = lambda: Worker(setup, arguments)
        self._idle: list[Worker] = []
        self._all: list[Worker] = []
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(count)

    def map(self, tasks: Iterable[Any]) -> Iterator[Any]:
        """Answers in the order of the tasks, a few of which are under way at any time.

        Raises:
            WorkerDied: of a task that ended two processes, one after the other.
        """
        waiting: deque[Future[Any]] = deque()
        try:
            for task in tasks:
                waiting.append(self._threads.submit(self._answer, task))
                if len(waiting) > 2 * self.count:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()

    def _answer(self, task: object) -> Any:
        for last in (False, True):
            with self._lock:
                worker = self._idle.pop() if self._idle else None
            if worker is None:
                worker = self._make()
                with self._lock:
                    self._all.append(worker)
            try:
                answer = worker.ask(task)
            except WorkerDied:
                worker.end()
                if last:
                    raise
                continue
            except BaseException:
                with self._lock:
                    self._idle.append(worker)
                raise
            with self._lock:
                self._idle.append(worker)
            return answer
        raise AssertionError("unreachable")

    def close(self) -> None:
        """End all processes."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            for worker in self._all:
                worker.end()
            self._all.clear()
            self._idle.clear()
        self._threads.shutdown()

    def __enter__(self) -> "WorkerPool":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def serve(number: int) -> None:
    """What a process does: read the set-up, then answer tasks until the other side is gone.

    Args:
        number: of the file descriptor that is connected to the process that asks.
    """
    # What is left to send when the other side is gone makes closing the stream fail, too.
    with (
        suppress(EOFError, OSError),
        socket.socket(fileno=number) as connection,
        connection.makefile("rwb") as stream,
    ):
        setup, arguments = pickle.loads(_receive(stream))
        module, _, name = setup.partition(":")
        answer = getattr(import_module(module), name)(*arguments)
        while True:
            task = pickle.loads(_receive(stream))
            _send(stream, _answered(answer, task))


def _answered(answer: Callable[[Any], Any], task: object) -> bytes:
    try:
        return pickle.dumps((answer(task), None))
    except Exception as error:
        text = "".join(traceback.format_exception(error))
        try:
            content = pickle.dumps((error, text))
            pickle.loads(content)
        except Exception:  # not every error can travel
            content = pickle.dumps((RuntimeError(str(error)), text))
        return content


def _send(stream: BufferedRWPair, content: bytes) -> None:
    stream.write(_LENGTH.pack(len(content)))
    stream.write(content)
    stream.flush()


def _receive(stream: BufferedRWPair) -> bytes:
    (count,) = _LENGTH.unpack(_exactly(stream, _LENGTH.size))
    return _exactly(stream, count)


def _exactly(stream: BufferedRWPair, count: int) -> bytes:
    content = stream.read(count)
    if len(content) < count:
        raise EOFError
    return content
