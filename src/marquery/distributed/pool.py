"""Tasks spread over the actors of a cluster, which may lose machines and get others meanwhile."""

import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from marquery.errors import MarqueryError
from marquery.processes import WorkerDied

# Machines that may be lost with a task before the task itself is thought to end its process.
_TRIES = 3
# Seconds between two looks at what the cluster has, and until a cluster without room is given up.
_LOOK, _PATIENCE = 5.0, 120.0
# Tasks under way for each actor: the next one is there when one is done.
_AHEAD = 2


@dataclass
class _Task:
    number: int
    content: Any
    lost: int = 0


@dataclass
class _Worker:
    actor: Any
    starting: Any
    """What it answers when its encoder is loaded; None once it has."""
    tasks: dict[Any, _Task] = field(default_factory=dict)


class RayPool:
    """Actors, one for each core of the cluster, or each GPU where there are some.

    Args:
        ray: the module, connected.
        make: makes an actor.
        resource: ``"CPU"`` or ``"GPU"``: what an actor takes one of.
        address: of the cluster, to be named in errors.
    """

    def __init__(self, ray: Any, make: Any, resource: str, address: str) -> None:
        self._ray, self._make, self._resource, self._address = ray, make, resource, address
        self._workers: list[_Worker] = []
        self._looked = float("-inf")
        self._useful = time.monotonic()

    def map(self, tasks: Iterable[Any]) -> Iterator[Any]:
        """Answers in the order of the tasks.

        Raises:
            WorkerDied: of a task that ended several actors, one after the other.
            MarqueryError: the cluster is gone, has no room, or cannot run this version.
        """
        source = iter(enumerate(tasks))
        again: deque[_Task] = deque()
        done: dict[int, Any] = {}
        following, given, ended = 0, 0, False
        self._useful = time.monotonic()
        try:
            while True:
                self._look()
                ready = [w for w in self._workers if w.starting is None]
                # How far answers may run ahead of the one that is waited for.
                room = 8 * _AHEAD * max(len(ready), 1)
                for worker in sorted(ready, key=lambda w: len(w.tasks)):
                    while len(worker.tasks) < _AHEAD:
                        task = again.popleft() if again else None
                        if task is None and not ended and given - following < room:
                            number, content = next(source, (-1, None))
                            ended = number < 0
                            task = None if ended else _Task(number, content)
                            given += not ended
                        if task is None:
                            break
                        worker.tasks[worker.actor.run.remote(task.content)] = task
                while following in done:
                    answer = done.pop(following)
                    if isinstance(answer, WorkerDied):
                        raise answer
                    yield answer
                    following += 1
                if ended and following == given:
                    return
                self._collect(done, again)
        finally:
            for worker in self._workers:
                worker.tasks.clear()  # their answers are not asked for any more

    def close(self) -> None:
        """End the actors."""
        for worker in self._workers:
            self._ray.kill(worker.actor)
        self._workers.clear()

    def _look(self) -> None:
        """Have as many actors as the cluster has places for."""
        now = time.monotonic()
        if now - self._looked < _LOOK and self._workers:
            return
        self._looked = now
        places = int(self._ray.cluster_resources().get(self._resource, 0))
        while len(self._workers) < places:
            actor = self._make()
            self._workers.append(_Worker(actor, actor.ready.remote()))
        if any(worker.starting is None for worker in self._workers):
            self._useful = now
        elif now - self._useful > _PATIENCE:
            raise MarqueryError(
                f"{self._address}: the cluster gave no {self._resource} for {_PATIENCE:.0f} "
                "seconds; add machines, or wait until others are done, and run this again"
            )

    def _collect(self, done: dict[int, Any], again: "deque[_Task]") -> None:
        """Take what is ready; tasks of actors that are gone are to be done again."""
        owners = {ref: worker for worker in self._workers for ref in worker.tasks}
        owners |= {w.starting: w for w in self._workers if w.starting is not None}
        if not owners:
            time.sleep(0.1)
            return
        refs, _ = self._ray.wait(list(owners), num_returns=1, timeout=_LOOK)
        for ref in refs:
            worker = owners[ref]
            try:
                answer = self._ray.get(ref)
            except self._ray.exceptions.RayActorError as error:
                self._lose(worker, error, done, again)
                return
            except self._ray.exceptions.RayTaskError as error:
                cause = getattr(error, "cause", None)
                if isinstance(cause, MarqueryError):  # a sentence, without what Ray adds
                    raise cause from error
                raise error.as_instanceof_cause() from error
            if ref is worker.starting or worker.starting == ref:
                worker.starting = None
            else:
                done[worker.tasks.pop(ref).number] = answer

    def _lose(
        self, worker: _Worker, error: Exception, done: dict[int, Any], again: "deque[_Task]"
    ) -> None:
        if worker.starting is not None and "__init__" in str(error):
            raise _cannot_start(self._address, error) from error
        if worker in self._workers:
            self._workers.remove(worker)
        # The first was being done; the others were waiting behind it.
        for place, task in enumerate(sorted(worker.tasks.values(), key=lambda t: t.number)):
            task.lost += place == 0
            if task.lost >= _TRIES:
                done[task.number] = WorkerDied(0)
            else:
                again.append(task)
        worker.tasks.clear()


def _cannot_start(address: str, error: Exception) -> MarqueryError:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return MarqueryError(
        f"{address}: the cluster cannot run this job ({lines[-1][:200]}); install the same version "
        "of marquery, with the same extras, on all of its machines"
    )
