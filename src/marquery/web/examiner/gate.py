"""A bounded queue before a piece of work: some run, some wait their turn, the rest are put off."""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from marquery.errors import MarqueryError

# Seconds after which who gives way to others has waited enough.
_FAIR_WAIT = 0.25


class BusyError(MarqueryError):
    """There is too much to do at the moment; asking again a little later helps."""

    def __init__(self, what: str, seconds: int) -> None:
        super().__init__(
            f"the server has too many {what} to do at the moment; ask again in {seconds} s"
        )
        self.seconds = seconds
        """After which to ask again."""


class Gate:
    """Lets a few callers in at once, in the order in which they came.

    ``with gate:`` raises BusyError where too many wait already, or the wait takes too long.

    Args:
        what: the work in the plural, to be named in an error.
        running: how many are let in at once.
        waiting: how many may wait; None: any number.
        patience: seconds that one waits at most; None: for ever.
        pause: seconds after which those that are put off had better ask again.
    """

    def __init__(
        self,
        what: str,
        running: int = 1,
        waiting: int | None = None,
        patience: float | None = None,
        pause: int = 1,
    ) -> None:
        self.what, self.pause = what, pause
        self._free, self._most, self._patience = running, waiting, patience
        self._lock = threading.Lock()
        self._queue: deque[threading.Event] = deque()
        self._behind: deque[tuple[threading.Event, float]] = deque()

    def __enter__(self) -> None:
        self._enter(patient=False)

    def __exit__(self, *_: object) -> None:
        self._leave()

    @contextmanager
    def patiently(self) -> Iterator[None]:
        """Be let in after however long a wait, and however many wait already."""
        self._enter(patient=True)
        try:
            yield
        finally:
            self._leave()

    def giving_way(self) -> "GivingWay":
        """For work that takes long, done in small pieces: let in after all others that wait, or
        after a quarter of a second; however long that takes.
        """
        return GivingWay(self)

    def _enter(self, patient: bool) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            if not patient and self._most is not None and len(self._queue) >= self._most:
                raise BusyError(self.what, self.pause)
            turn = threading.Event()
            self._queue.append(turn)
        if turn.wait(None if patient else self._patience):
            return
        with self._lock:
            if turn.is_set():  # let in just now
                return
            self._queue.remove(turn)
        raise BusyError(self.what, self.pause)

    def _enter_behind(self) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            turn = threading.Event()
            self._behind.append((turn, time.monotonic()))
        turn.wait()

    def _leave(self) -> None:
        """Hand the place to who waits for longest: who comes later cannot overtake."""
        with self._lock:
            is_fair = self._behind and time.monotonic() - self._behind[0][1] > _FAIR_WAIT
            if self._behind and (is_fair or not self._queue):
                self._behind.popleft()[0].set()
            elif self._queue:
                self._queue.popleft().set()
            else:
                self._free += 1


class GivingWay:
    """See :meth:`Gate.giving_way`; may be used any number of times."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def __enter__(self) -> None:
        self._gate._enter_behind()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._gate._leave()
