"""A bounded queue before a piece of work: some run, some wait their turn, the rest are put off."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from marquery.errors import MarqueryError

# To how many who gives way gives it. A search takes half as long as a piece of an explanation, so
# explanations have a third of the time while searches wait.
_LET_PASS = 4


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

    ``with gate:`` raises BusyError where too many wait already, or the wait takes too long. Who is
    inside already comes in again at once, in the same thread.

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
        self._behind: deque[threading.Event] = deque()
        self._passed = 0
        self._inside = threading.local()

    def __enter__(self) -> None:
        self._come_in(patient=False)

    def __exit__(self, *_: object) -> None:
        self._inside.times -= 1
        if self._inside.times == 0:
            self._leave()

    @contextmanager
    def patiently(self) -> Iterator[None]:
        """Be let in after however long a wait, and however many wait already."""
        self._come_in(patient=True)
        try:
            yield
        finally:
            self.__exit__()

    def giving_way(self) -> "GivingWay":
        """For work that takes long, done in small pieces: let in when nobody else waits or four
        others were let in, however long that takes.
        """
        return GivingWay(self)

    def _come_in(self, patient: bool) -> None:
        times = getattr(self._inside, "times", 0)
        if times == 0:
            self._enter(patient)
        self._inside.times = times + 1

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
            self._behind.append(turn)
        turn.wait()

    def _leave(self) -> None:
        """Hand the place to who waits for longest: who comes later cannot overtake."""
        with self._lock:
            if self._behind and (self._passed >= _LET_PASS or not self._queue):
                self._passed = 0
                self._behind.popleft().set()
            elif self._queue:
                self._passed += 1
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
