"""The runs of a sweep, one after the other, shared with whoever works on the same folder."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from marquery.paper.reproduce.claims import claimed
from marquery.paper.reproduce.material import Material
from marquery.paper.reproduce.rows import Row, Scale, recipe_of
from marquery.paper.reproduce.run import Task, check_same, do_run, finished

_LOCK = ".lock"


def make_tasks(
    rows: Sequence[Row],
    seeds: int,
    scale: Scale,
    out: Path,
    training_logos: int,
    overrides: Sequence[str] = (),
) -> list[Task]:
    """The first seed of every row, then the second of every row, …; rows without training run once.

    Args:
        rows: of the table.
        seeds: trainings of each row.
        scale: size and length of a training.
        out: folder of the runs.
        training_logos: number of logos trained on.
        overrides: settings ``key=value`` for all recipes.
    """
    tasks = []
    for seed in range(1, seeds + 1):
        for row in rows:
            if row.untrained is None or seed == 1:
                recipe = recipe_of(row, scale, seed, training_logos, overrides)
                tasks.append(Task(row, seed, recipe, out / "runs" / row.key / str(seed)))
    return tasks


@dataclass
class Pace:
    """How long runs take here, for the time that is left."""

    seconds: list[float] = field(default_factory=list)

    def left(self, runs: int, processes: int) -> str:
        """In words, if so many runs are shared by so many processes."""
        each = sum(self.seconds) / len(self.seconds)
        return f"about {max(1, round(runs * each / processes / 60))} min left"


def work(
    tasks: Sequence[Task],
    material: Material,
    data: dict[str, str],
    say: Callable[[str], None],
    run: Callable[..., dict[str, object]] = do_run,
) -> int:
    """Do every run that is neither done nor being done by another process.

    Each time the first such run is taken, so one that another process dropped is done too.

    Args:
        tasks: in the order in which they are wanted.
        material: logos.
        data: their fingerprints.
        say: told after each run what is done, and how long it still takes.
        run: does a run.

    Returns:
        How many runs other processes are still at.

    Raises:
        UsageError: a finished run was of another configuration or of other data.
    """
    check_all(tasks, data)
    pace = Pace()
    while True:
        busy = 0
        for task in tasks:
            if finished(task):
                continue
            seconds = do_if_free(task, material, data, run)
            if seconds is None:
                busy += not finished(task)
                continue
            if task.row.loss is not None:
                pace.seconds.append(seconds)
            tell(task, tasks, seconds, say, pace, busy + 1)
            break
        else:
            return busy


def do_if_free(
    task: Task,
    material: Material,
    data: dict[str, str],
    run: Callable[..., dict[str, object]] = do_run,
) -> float | None:
    """Do a run, unless it is done or another process is at it.

    Args:
        task: the run.
        material: logos.
        data: their fingerprints.
        run: does it.

    Returns:
        Seconds that it took; None if it was not done here.
    """
    with claimed(task.folder / _LOCK) as mine:
        # Whoever had the claim may have finished just now.
        if not mine or finished(task):
            return None
        began = time.perf_counter()
        run(task, material, data)
        return time.perf_counter() - began


def check_all(tasks: Sequence[Task], data: dict[str, str]) -> None:
    """Refuse finished runs of another configuration or of other data.

    Raises:
        UsageError: there is one.
    """
    for task in tasks:
        if finished(task):
            check_same(task, data)


def tell(
    task: Task,
    tasks: Sequence[Task],
    seconds: float,
    say: Callable[[str], None],
    pace: Pace | None = None,
    processes: int = 1,
) -> None:
    """Say that a run is done, and how long the others still take.

    Args:
        task: the run.
        tasks: all of them.
        seconds: that it took.
        say: is told.
        pace: of the runs so far; None: not known.
        processes: that share what is left.
    """
    done = sum(finished(other) for other in tasks)
    left = len(tasks) - done
    words = f"{done}/{len(tasks)} {task.name}: {seconds:.0f} s"
    if left and pace is not None and pace.seconds:
        words += f"; {pace.left(left, processes)}"
    say(words)
