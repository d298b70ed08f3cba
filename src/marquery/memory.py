"""A budget of memory that threads share: work that needs much waits for other work to end."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class MemoryBudget:
    """So many bytes may be in use at a time, by all threads of this process together.

    What comes first is let in first, so that nothing large waits for ever behind what is small. A
    piece of work that is larger than the budget is let in when it is alone.

    Args:
        total: bytes.
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self._start()
        if hasattr(os, "register_at_fork"):
            # A child has none of the threads that hold or wait.
            os.register_at_fork(after_in_child=self._start)

    def _start(self) -> None:
        self._used = 0
        self._door = threading.Lock()
        self._changed = threading.Condition()

    @contextmanager
    def hold(self, amount: int) -> Iterator[None]:
        """Have some bytes of the budget while the block runs; wait for them if need be.

        Not to be nested in itself: a thread would wait for what it holds.
        """
        with self._door, self._changed:
            self._changed.wait_for(lambda: not self._used or self._used + amount <= self.total)
            self._used += amount
        try:
            yield
        finally:
            with self._changed:
                self._used -= amount
                self._changed.notify_all()
