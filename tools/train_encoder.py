"""Train an encoder as the package's: ``make encoder``.

    python tools/train_encoder.py [--data data/openlogos-2] [--without-fonts] [--set key=value ...]

Two phases after the data are built: one run from ImageNet weights, which shares both cores with its
loader; then two runs side by side, one core each, that go on from it. The mean of these two is
whitened and calibrated, and stands in ``runs/default-white``. Each step begins where it stopped: a
run at its last checkpoint, what is done is not done again. So the command can be killed at any time
and given again.
"""

import argparse
import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

#: What computes; a test puts another program here.
MARQUERY = (sys.executable, "-m", "marquery")
RUNS = Path("runs")
PHASES = (("default-first",), ("default-pairs", "default-shapes"))
MEAN, WHITE = RUNS / "default-mean", RUNS / "default-white"
#: Chosen by validation logos for the package's encoder, MODELCARD.md.
POWER, SIZE = "0.35", "192"


class StepFailed(Exception):
    """A step ended with an error, which it has printed itself."""


def hold_lock() -> int:
    """Refuse to begin beside runs that are going on, also of a command that was killed without
    notice: the runs inherit the lock, and it is free when the last of them ends.
    """
    RUNS.mkdir(exist_ok=True)
    lock = os.open(RUNS / "train-encoder.lock", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        sys.exit(f"runs in {RUNS} are going on; wait until they end, or end them")
    return lock


def together(commands: Sequence[Sequence[str]], lock: int) -> None:
    """Run commands side by side, and wait for all of them; with several, one thread each.

    Args:
        commands: words after ``marquery``.
        lock: file that the commands inherit.

    Raises:
        StepFailed: one of them failed; the others were let finish.
    """
    threads = {} if len(commands) == 1 else {"OMP_NUM_THREADS": "1"}
    running: list[subprocess.Popen[bytes]] = []
    try:
        for command in commands:
            print("==", "marquery", *command, flush=True)
            environment = {**os.environ, **threads}
            running.append(
                subprocess.Popen([*MARQUERY, *command], env=environment, pass_fds=[lock])
            )
        codes = [process.wait() for process in running]
    except BaseException:
        for process in running:
            process.terminate()
        for process in running:
            process.wait()
        raise
    for command, code in zip(commands, codes, strict=True):
        if code:
            raise StepFailed(f"marquery {' '.join(command)}: ended with code {code}")


def into(folder: Path, lock: int, *commands: Sequence[str]) -> None:
    """Make a folder by commands, one after another, unless it is there.

    It gets its name when it is whole; A word ``{}`` of a command stands for where it is until then.
    """
    if folder.exists():
        return
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    for command in commands:
        together([[str(part) if word == "{}" else word for word in command]], lock)
    part.rename(folder)


def refuse_leftovers(runs: Sequence[str]) -> None:
    """Refuse to train runs anew beside the encoder of runs that are gone: it would be taken for
    theirs.
    """
    left = [str(folder) for folder in (MEAN, WHITE) if folder.exists()]
    gone = [run for run in runs if not Path(run).exists()]
    if left and gone:
        names = " and ".join(left)
        sys.exit(f"{names} came of runs that are gone ({', '.join(gone)}); move {names} away first")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="data/openlogos-2", help="built where it is not")
    parser.add_argument("--set", action="append", default=[], help="change a key of all recipes")
    parser.add_argument(
        "--without-fonts",
        action="store_true",
        help="set words in what is installed; fetch nothing",
    )
    options = parser.parse_args(arguments)
    # A killed command takes its runs with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    changes = [word for change in options.set for word in ("--set", change)]
    data = ["--data", options.data]
    runs = [str(RUNS / name) for name in PHASES[-1]]
    lock = hold_lock()
    try:
        refuse_leftovers(runs)
        if not (Path(options.data) / "manifest.parquet").exists():
            together([["data", "openlogos", options.data, "--edition", "2"]], lock)
        if not options.without_fonts:
            together([["data", "fonts"]], lock)
        for names in PHASES:
            together([["train", name, *data, "--resume", *changes] for name in names], lock)
        into(MEAN, lock, ["average", *runs, "--out", "{}"])
        whiten = ["whiten", str(MEAN), *data, "--power", POWER, "--size", SIZE, "--half"]
        into(WHITE, lock, [*whiten, "--out", "{}"], ["calibrate", "{}", *data])
    except StepFailed as failure:
        sys.exit(f"{failure}; mend what it says, and give the command again: it goes on from there")
    finally:
        os.close(lock)
    print(f"{WHITE}: use it with --model {WHITE}")


if __name__ == "__main__":
    main()
