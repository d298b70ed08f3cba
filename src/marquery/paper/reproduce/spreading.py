"""The runs of a sweep on other machines, a run a task.

A machine lays the sweep out again from the same arguments, and works in the same folders, which all
machines see. A run that was begun on a machine that is lost is gone on with by another.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

from marquery.errors import MarqueryError
from marquery.paper.reproduce.queue import do_if_free, tell
from marquery.paper.reproduce.run import Task, finished
from marquery.paper.reproduce.sweep import Sweep, SweepPlan
from marquery.processes import Machines, WorkerDied


def work_on(machines: Machines, sweep: Sweep, say: Callable[[str], None]) -> int:
    """Do every run that is not done yet on other machines, one task a run.

    Args:
        machines: find data set and folder of the sweep under the same paths.
        sweep: what is to be run.
        say: told after each run what is done.

    Returns:
        How many runs others are still at.

    Raises:
        UsageError: a finished run was of another configuration or of other data.
        MarqueryError: the machines are gone, or a run ended each of them that tried it.
    """
    sweep.check_finished()
    sweep.prepared()  # once, and not by each machine
    numbers = [n for n, task in enumerate(sweep.tasks) if not finished(task)]
    with (
        tempfile.TemporaryDirectory(prefix="marquery-") as nothing,
        machines.pool(f"{__name__}:worker", Path(nothing), (sweep.plan.everywhere(),)) as pool,
    ):
        answers = pool.map(numbers)
        for number in numbers:
            task = sweep.tasks[number]
            try:
                seconds = next(answers)
            except WorkerDied as error:
                raise _ended(task) from error
            if seconds is not None:
                tell(task, sweep.tasks, seconds, say)
    return sum(not finished(task) for task in sweep.tasks)


def worker(_nothing: Path, plan: SweepPlan) -> Callable[[int], float | None]:
    """What a machine does with the number of a run: seconds that it took, None if another has it.

    Args:
        plan: of the sweep.
    """
    sweep = plan.open()
    material, data = sweep.prepared(), sweep.material.fingerprints()

    def run(number: int) -> float | None:
        return do_if_free(sweep.tasks[number], material, data)

    return run


def _ended(task: Task) -> MarqueryError:
    return MarqueryError(
        f"{task.folder}: the run ended each process that tried it, perhaps for want of memory; "
        "what is done stays: run this again with fewer cores a machine"
    )
