"""What a run leaves to look at: a JSON-lines log and TensorBoard event files."""

import json
from pathlib import Path
from typing import Any, Protocol

from marquery.files import write_atomically
from marquery.json_text import parse_json

LOG_FILE = "log.jsonl"


class ScalarWriter(Protocol):
    """The one call of TensorBoard's writer that is used."""

    def add_scalar(self, tag: str, value: float, step: int) -> None:
        """Record one number.

        Args:
            tag: name of the curve.
            value: the number.
            step: of the training.
        """
        ...

    def close(self) -> None:
        """Flush to disk."""
        ...


class Log(Protocol):
    """Where a run's numbers go."""

    def write(self, kind: str, step: int, **values: Any) -> None:
        """Record ``values`` of a step under a kind (``train``, ``val``, ``neighbours``).

        Args:
            kind: ``train``, ``val`` or ``neighbours``.
            step: of the training.
            values: numbers by name.
        """
        ...

    def close(self) -> None:
        """Flush to disk."""
        ...


class RunLog:
    """Appends records to ``log.jsonl`` and the same numbers to ``tensorboard/``.

    Args:
        run: the run's folder.
        step: first step that will be logged; records of it and later ones are dropped, since a run
            that was killed repeats the steps after its last checkpoint.
    """

    def __init__(self, run: Path, step: int = 0) -> None:
        self.path = run / LOG_FILE
        kept = [r for r in read_log(run) if r["step"] < step]
        text = "".join(json.dumps(r) + "\n" for r in kept)
        write_atomically(self.path, lambda path: path.write_text(text, encoding="utf-8"))
        self._file = self.path.open("a", encoding="utf-8")
        self._board = _tensorboard(run / "tensorboard", step)

    def write(self, kind: str, step: int, **values: Any) -> None:
        """See :meth:`Log.write`."""
        self._file.write(json.dumps({"kind": kind, "step": step, **values}) + "\n")
        self._file.flush()
        for name, value in values.items():
            if isinstance(value, (int, float)):
                self._board.add_scalar(f"{kind}/{name}", value, step)

    def close(self) -> None:
        """Flush and close both logs."""
        self._file.close()
        self._board.close()


class SilentLog:
    """In place of :class:`RunLog` in processes that leave the writing to the first one."""

    def write(self, kind: str, step: int, **values: Any) -> None:
        """Write nothing; see :meth:`Log.write`."""

    def close(self) -> None:
        """Write nothing; see :meth:`Log.write`."""


def read_log(run: Path) -> list[dict[str, Any]]:
    """Records of a run's log, oldest first; a last line cut off by a kill is left out."""
    path = run / LOG_FILE
    if not path.is_file():
        return []
    records = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            records.append(parse_json(line))
        except ValueError:
            continue
    return records


def _tensorboard(folder: Path, step: int) -> ScalarWriter:
    from torch.utils.tensorboard import SummaryWriter

    return SummaryWriter(str(folder), purge_step=step)
