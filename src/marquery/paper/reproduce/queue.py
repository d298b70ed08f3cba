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
    for task in tasks:
        if finished(task):
            check_same(task, data)
    pace = Pace()
    while True:
        busy = 0
        for task in tasks:
            if finished(task):
                continue
            with claimed(task.folder / _LOCK) as mine:
                # Whoever had the claim may have finished since the look above.
                if not mine or finished(task):
                    busy += not mine
                    continue
                began = time.perf_counter()
                run(task, material, data)
                if task.row.loss is not None:
                    pace.seconds.append(time.perf_counter() - began)
                _tell(task, tasks, busy, pace, time.perf_counter() - began, say)
                break
        else:
            return busy


def _tell(
    task: Task,
    tasks: Sequence[Task],
    busy: int,
    pace: Pace,
    seconds: float,
    say: Callable[[str], None],
) -> None:
    done = sum(finished(other) for other in tasks)
    left = len(tasks) - done
    words = f"{done}/{len(tasks)} {task.name}: {seconds:.0f} s"
    if left and pace.seconds:
        words += f"; {pace.left(left, busy + 1)}"
    say(words)
