"""``log_train_Base.csv`` and ``log_val_Base.csv``: the run's log by epoch, under the public code's
names.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from marquery.files import write_atomically
from marquery.training.logs import read_log

TRAIN_TABLE = "log_train_Base.csv"
VALIDATION_TABLE = "log_val_Base.csv"


def write_log_tables(run: Path, steps_per_epoch: int) -> None:
    """Write both tables from ``log.jsonl``; epochs are numbered from 0, times are seconds so far.

    The loss of an epoch is the mean of those logged in it.
    """
    losses: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    checks: list[dict[str, Any]] = []
    for record in read_log(run):
        if record["kind"] == "train":
            losses[record["step"] // steps_per_epoch].append(record)
        elif record["kind"] == "val":
            checks.append(record)
    if not losses:
        return
    _write(
        run / TRAIN_TABLE,
        ["Epochs", "Time", "Train Loss"],
        (
            [
                epoch,
                round(records[-1]["waiting"] + records[-1]["computing"], 1),
                fmean(record["loss"] for record in records),
            ]
            for epoch, records in sorted(losses.items())
        ),
    )
    _write(
        run / VALIDATION_TABLE,
        ["Epochs", "NAR", "mAP", "Recall @ 1"],
        ([r["step"] // steps_per_epoch, r["nar"], r["map"], r["recall_at_1"]] for r in checks),
    )


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    write_atomically(path, lambda scratch: scratch.write_text(text.getvalue(), encoding="utf-8"))
