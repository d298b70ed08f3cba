"""A sweep: rows × seeds on one data set in one folder."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from marquery.errors import MarqueryError
from marquery.paper.reproduce.material import Material, open_material, with_squares
from marquery.paper.reproduce.page import write_csv, write_json, write_page
from marquery.paper.reproduce.plot import draw_answers, draw_table
from marquery.paper.reproduce.queue import check_all, make_tasks, work
from marquery.paper.reproduce.rows import Row, Scale
from marquery.paper.reproduce.run import Task, check_same, finished
from marquery.paper.reproduce.table import build_table

# Of METU the squares alone would be gigabytes.
_MOST_SQUARES = 100_000


@dataclass(frozen=True)
class SweepPlan:
    """What a sweep is laid out from; see :meth:`Sweep.open`."""

    rows: Sequence[Row]
    seeds: int
    scale: Scale
    data: Path
    out: Path
    overrides: Sequence[str] = ()

    def open(self) -> "Sweep":
        """The sweep, as :meth:`Sweep.open` gives it."""
        return Sweep.open(self.rows, self.seeds, self.scale, self.data, self.out, self.overrides)

    def everywhere(self) -> "SweepPlan":
        """The same, whatever the folder that a process works in."""
        return replace(self, data=self.data.absolute(), out=self.out.absolute())


@dataclass(frozen=True)
class Sweep:
    """What is to be run, on what, and where it goes."""

    plan: SweepPlan
    tasks: list[Task]
    material: Material

    @property
    def scale(self) -> Scale:
        """Size and length of a training."""
        return self.plan.scale

    @property
    def out(self) -> Path:
        """Folder of the runs."""
        return self.plan.out

    @classmethod
    def open(
        cls,
        rows: Sequence[Row],
        seeds: int,
        scale: Scale,
        data: Path,
        out: Path,
        overrides: Sequence[str] = (),
    ) -> "Sweep":
        """Lay out a sweep.

        Args:
            rows: of the table.
            seeds: trainings of each row.
            scale: size and length of a training.
            data: folder of the data set.
            out: folder of the runs.
            overrides: settings ``key=value`` for all recipes.

        Raises:
            UsageError: a setting that recipes do not have, or data without splits.
            MarqueryError: the data cannot be read.
        """
        # Before the data, which may take minutes to look through.
        make_tasks(rows, 1, scale, out, 1, overrides)
        material = open_material(data)
        tasks = make_tasks(rows, seeds, scale, out, len(material.training), overrides)
        return cls(SweepPlan(rows, seeds, scale, data, out, overrides), tasks, material)

    def work(self, say: Callable[[str], None]) -> int:
        """Do all runs that nobody else does; see :func:`marquery.paper.reproduce.queue.work`."""
        return work(self.tasks, self.prepared(), self.material.fingerprints(), say)

    def prepared(self) -> Material:
        """The logos as they are read quickest; what is needed for that is made if it is missing."""
        if not self.scale.squares or self.material.count > _MOST_SQUARES:
            return self.material
        side = self.tasks[0].recipe.model.image_size
        return with_squares(self.material, side, self.out)

    def check_finished(self) -> None:
        """Refuse finished runs of another configuration or of other data.

        Raises:
            UsageError: there is one.
        """
        check_all(self.tasks, self.material.fingerprints())


def write_table(sweep: Sweep) -> Path:
    """Write ``results.md``, ``results.csv``, ``results.json`` and two plots from the finished runs.

    Returns:
        The page.

    Raises:
        UsageError: a finished run was of another configuration or of other data.
        MarqueryError: no run is finished.
    """
    done = [task for task in sweep.tasks if finished(task)]
    if not done:
        raise MarqueryError(f"{sweep.out}: no run is finished; run the rows first")
    data = sweep.material.fingerprints()
    for task in done:
        check_same(task, data)
    table = build_table(done, sweep.material, sweep.scale)
    write_csv(table, sweep.out / "results.csv")
    write_json(table, sweep.out / "results.json")
    draw_table(table, sweep.out / "results.png")
    if table.answers:
        draw_answers(table, sweep.out / "results-differences.png")
    page = sweep.out / "results.md"
    write_page(table, page)
    return page
