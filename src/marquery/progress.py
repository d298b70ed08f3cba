"""Progress bars on stderr: what is done, how fast, how long still."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Column
from rich.text import Text


class RateColumn(ProgressColumn):
    """Things a second, with the name of the thing."""

    def __init__(self, unit: str) -> None:
        super().__init__()
        self.unit = unit

    def render(self, task: Task) -> Text:
        """The rate of a task, empty until it is known."""
        speed = task.finished_speed or task.speed
        if not speed:
            return Text("")
        factor = float(task.fields.get("per_step", 1))
        return Text(f"{speed * factor:,.0f} {self.unit}/s", style="cyan", no_wrap=True)


class Bar:
    """Handle on a running bar: call it with the number of steps done, and words to show beside it.

    Args:
        progress: what it is drawn on.
        total: number of steps.
        title: text before the bar.
        per_step: units of one step, for the rate shown.
    """

    def __init__(self, progress: Progress, total: int, title: str, per_step: float) -> None:
        self._progress = progress
        self._task = progress.add_task(title, total=total, note="", per_step=per_step)

    def __call__(self, count: int = 1, note: str | None = None) -> None:
        """Move on by ``count`` steps; ``note`` replaces the words beside the bar."""
        if note is None:
            self._progress.update(self._task, advance=count)
        else:
            self._progress.update(self._task, advance=count, note=note)


@contextmanager
def progress_bar(
    title: str,
    total: int,
    unit: str = "images",
    start: int = 0,
    per_step: float = 1,
    shown: bool | None = True,
) -> Iterator[Bar]:
    """A bar with a rate and the time left, on stderr.

    Args:
        title: what is being done.
        total: steps until the end.
        unit: what the rate counts.
        start: steps that were done before.
        per_step: how many units a step is.
        shown: ``None`` shows it on a terminal only.
    """
    columns = (
        TextColumn("{task.description}", table_column=Column(no_wrap=True)),
        BarColumn(bar_width=16),
        MofNCompleteColumn(),
        RateColumn(unit),
        TimeRemainingColumn(elapsed_when_finished=True),
        TextColumn("[dim]{task.fields[note]}"),
    )
    console = Console(stderr=True)
    hidden = not (console.is_terminal if shown is None else shown)
    if not console.is_terminal:  # a log file: as wide as it takes
        console = Console(stderr=True, width=120)
    with Progress(*columns, console=console, disable=hidden) as progress:
        bar = Bar(progress, total, title, per_step)
        if start:
            bar(start)
        yield bar
