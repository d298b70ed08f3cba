"""Progress bars on stderr: what is done, how fast, how long still."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

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

from marquery.console import say


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
        return Text(f"{_rate(speed * factor)} {self.unit}/s", style="cyan", no_wrap=True)


class Lines:
    """Plain lines for a log, in place of a bar that is drawn over and over: what is done, how much,
    how fast, how long still. One comes about every tenth of the work, but not sooner than some
    seconds after the last.

    Args:
        total: number of steps.
        title: text before the figures.
        unit: what the rate counts.
        per_step: units of one step.
        start: steps that were done before.
    """

    #: Seconds between lines.
    LEAST, MOST = 2.0, 30.0

    def __init__(self, total: int, title: str, unit: str, per_step: float, start: int) -> None:
        self._total, self._title, self._unit, self._per_step = total, title, unit, per_step
        self._done = self._start = self._told = start
        self._began = self._last = monotonic()

    def __call__(self, count: int = 1, note: str | None = None) -> None:
        """Move on by ``count`` steps; ``note`` stands at the end of a line."""
        self._done += count
        now = monotonic()
        waited = now - self._last
        tenth = (self._done - self._told) * 10 >= self._total
        if self._done < self._total and waited >= (self.LEAST if tenth else self.MOST):
            self.tell(now, note)

    def tell(self, now: float, note: str | None = None) -> None:
        """Print a line."""
        self._last, self._told = now, self._done
        seconds = max(now - self._began, 1e-9)
        rate = (self._done - self._start) / seconds
        parts = [f"{self._title} {self._done:,}/{self._total:,}"]
        if rate:
            parts.append(f"{_rate(rate * self._per_step)} {self._unit}/s")
            if self._done == self._total:
                parts.append(_duration(seconds))
            elif self._done > self._start + 1:  # the first may have compiled or loaded something
                parts.append(f"{_duration((self._total - self._done) / rate)} left")
        say(", ".join([*parts, *([note] if note else [])]))


def _rate(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 1 else f"{rate:.1g}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"


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
) -> Iterator[Bar | Lines]:
    """A bar with a rate and the time left, on stderr; lines where that is no terminal but a log.

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
    if not console.is_terminal and not hidden:
        lines = Lines(total, title, unit, per_step, start)
        yield lines
        lines.tell(monotonic())
        return
    with Progress(*columns, console=console, disable=hidden) as progress:
        bar = Bar(progress, total, title, per_step)
        if start:
            bar(start)
        yield bar
