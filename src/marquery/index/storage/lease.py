"""Being the only one who writes where there are no locks: on a server, or in a bucket.

Who wants to write announces it and looks who else has: of two who do so at once, each sees the
other's announcement or is seen, so that at most one goes on. Both may give up; they can try again.
An announcement is renewed while its writer lives, and one that is not renewed is of a writer that
was killed.
"""

import json
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from marquery.errors import MarqueryError
from marquery.index.storage.shared_files import LOCKS, MissingFileError, SharedFiles
from marquery.json_text import parse_json

#: Seconds between two renewals.
BEAT = 5.0
#: Renewals without which a writer on another machine counts as killed.
_MISSED = 3
# Names of the announcements of this process.
_held: set[str] = set()


class Lease:
    """The right to write, as long as it is renewed."""

    def __init__(self, files: SharedFiles, name: str) -> None:
        self._files, self._name = files, name
        self._beat = 0
        self._renewed = time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._renew, daemon=True)

    def announce(self) -> None:
        """Show, or show again, that this process writes."""
        self._beat += 1
        told = {"host": socket.gethostname(), "pid": os.getpid(), "beat": self._beat}
        self._files.write(self._name, json.dumps(told).encode())
        self._renewed = time.monotonic()

    def start(self) -> None:
        """Renew it from now on."""
        self._thread.start()

    def check(self, place: str) -> None:
        """Go on only if others still see this process write.

        Raises:
            MarqueryError: it could not be renewed for so long that another may have begun.
        """
        if time.monotonic() - self._renewed > (_MISSED - 1) * BEAT:
            raise MarqueryError(
                f"{place}: could not be reached for {BEAT * (_MISSED - 1):.0f} seconds, so another "
                "process may be writing now; run this again to go on where it was"
            )

    def end(self) -> None:
        """Give it up."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
        with suppress(Exception):  # it counts as killed then, some seconds later
            self._files.delete(self._name)

    def _renew(self) -> None:
        while not self._ended.wait(BEAT):
            with suppress(Exception):  # tried again; :meth:`check` sees how long it took
                self.announce()


@contextmanager
def writing_alone(files: SharedFiles, refusal: str) -> Iterator[Lease]:
    """Be the one who writes, among all machines.

    Args:
        files: of the index.
        refusal: message of the error, which names what is being written and what to do.

    Raises:
        MarqueryError: another process is writing.
    """
    mine = LOCKS + uuid.uuid4().hex
    lease = Lease(files, mine)
    _held.add(mine)
    try:
        lease.announce()
        others = [name for name in files.names() if name.startswith(LOCKS) and name != mine]
        for name in others:
            if _is_alive(files, name, lease):
                raise MarqueryError(refusal)
            files.delete(name)
        lease.start()
        yield lease
    finally:
        lease.end()
        _held.discard(mine)


def _is_alive(files: SharedFiles, name: str, lease: Lease) -> bool:
    """Whether who announced to write still lives: a process of this machine is looked for, of
    another the renewal is waited for.
    """
    first = _read(files, name)
    if first is None:
        return False
    if first.get("host") == socket.gethostname():
        pid = int(str(first["pid"]))
        return name in _held if pid == os.getpid() else _runs(pid)
    for _ in range(2 * _MISSED):
        time.sleep(BEAT / 2)
        lease.announce()
        now = _read(files, name)
        if now is None:
            return False
        if now != first:
            return True
    return False


def _read(files: SharedFiles, name: str) -> dict[str, object] | None:
    try:
        return dict(parse_json(files.read(name)))
    except (KeyError, ValueError, TypeError, MissingFileError):
        return None


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
