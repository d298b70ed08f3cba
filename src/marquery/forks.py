"""Threads of native libraries do not come along into a process that is forked: who needs them there
is told what to use instead, in place of waiting for them for ever.
"""

import os

from marquery.errors import MarqueryError


class _Threads:
    """Whether this process has started such threads, and whether it lacks its parent's."""

    started = False
    lost = False


def need_threads() -> None:
    """Say that what follows uses threads of OpenVINO, PyTorch or LanceDB.

    Raises:
        MarqueryError: this process was forked from one that had said so.
    """
    if _Threads.lost:
        raise MarqueryError(
            "this process was forked from one that had loaded an encoder or opened an index, and "
            "its threads did not come along; start it with multiprocessing.get_context('spawn') "
            "(or 'forkserver') in place of a fork"
        )
    _Threads.started = True


def _after_fork() -> None:
    _Threads.lost = _Threads.lost or _Threads.started


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
