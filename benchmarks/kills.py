"""Writers killed at random moments: what was acknowledged is there, nothing is half written, and
the next run ends as if nothing had happened.

    python benchmarks/kills.py [--kills 210] [--seed 0] [WRITER ...]

Each writer works in a process of its own, forked from this one, which has loaded everything and
started no threads. It is killed (SIGKILL) after a random share of the time that it takes when it is
left alone, or, where it would go on for ever, of a few seconds. Before and after it says what is
done. What it left is then looked at by another process, which also goes on with the work.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import numpy as np
import torch
from PIL import Image

import marquery.cli.serve
import marquery.index.logo_index
import marquery.web.app  # noqa: F401 — loaded once, before all forks
from marquery.cli.app import run as command
from marquery.embedding.table import TableJob
from marquery.encoder import LogoEncoder
from marquery.files import write_atomically
from marquery.index import LogoIndex
from marquery.index.storage import writer
from marquery.training.checkpoint import load_checkpoint, save_checkpoint
from marquery.watch.memory import Memory
from marquery.web.examiner.reviews import Decision, Reviews, now

LOGOS, CHUNK = 24, 4
Say = Callable[[int], None]


@dataclass(frozen=True)
class Writer:
    """Something that is killed.

    Attributes:
        share: of all kills.
        prepare: makes what is there before the first kill.
        work: writes, and says the number of each thing that is done.
        look: gets what was said; fails if it is not there, or if something is half written.
        seconds: after which it is killed at the latest; None: as long as the work takes.
    """

    share: float
    prepare: Callable[[Path], None]
    work: Callable[[Path, Say], None]
    look: Callable[[Path, list[int]], None]
    seconds: float | None = None


def picture(number: int) -> Image.Image:
    pixels = np.full((48, 48, 3), 255, np.uint8)
    draw = np.random.default_rng(number)
    for _ in range(3):
        x, y = draw.integers(0, 36, 2)
        pixels[y : y + 12, x : x + 12] = draw.integers(0, 255, 3)
    return Image.fromarray(pixels)


def nothing(place: Path) -> None:
    """What a writer begins with."""


def pictures(place: Path) -> None:
    (place / "logos").mkdir()
    for number in range(LOGOS):
        picture(number).save(place / "logos" / f"{number:03d}.png")
    torch.manual_seed(0)
    encoder = LogoEncoder.create("mobilenetv3_small_050", 16, image_size=32, pretrained=False)
    encoder.save(place / "encoder")


def an_index(place: Path) -> None:
    pictures(place)
    LogoIndex.create(place / "idx", encoder=place / "encoder", words=False)


def write_file(place: Path, say: Say) -> None:
    for number in range(200):
        text = f"{number}\n" * 20_000
        write_atomically(place / "a.txt", lambda path, text=text: path.write_text(text))
        say(number)


def look_at_file(place: Path, said: list[int]) -> None:
    if said:
        lines = (place / "a.txt").read_text().split()
        assert len(lines) == 20_000
        assert set(lines) <= {str(said[-1]), str(said[-1] + 1)}
    write_atomically(place / "a.txt", lambda path: path.write_text("end"))
    assert [file.name for file in place.iterdir()] == ["a.txt"]


def write_checkpoints(place: Path, say: Say) -> None:
    for number in range(60):
        save_checkpoint(place, {"step": number, "weights": torch.full((200_000,), float(number))})
        say(number)


def look_at_checkpoint(place: Path, said: list[int]) -> None:
    state = load_checkpoint(place)
    if state is None:
        assert not said
        return
    assert (state["weights"] == state["step"]).all()
    assert not said or state["step"] >= said[-1]
    save_checkpoint(place, state)
    assert len(list(place.iterdir())) == 1


def write_index(place: Path, say: Say) -> None:
    writer.CHUNK = CHUNK
    index = LogoIndex.open(place / "idx")
    index.add(place / "logos", progress=lambda count: say)


def look_at_index(place: Path, said: list[int]) -> None:
    writer.CHUNK = CHUNK
    index = LogoIndex.open(place / "idx")
    index.verify()
    stored = len(index)
    # A logo is said when it is embedded; its chunk is stored before the next one is begun.
    assert stored >= (sum(said) - 1) // CHUNK * CHUNK, (stored, said)
    index.add(place / "logos")
    found = index.search(picture(3), k=2 * LOGOS)
    assert len({match.path for match in found}) == len({m.id for m in found}) == LOGOS
    assert len(found) == len(index) == LOGOS
    assert found[0].path.endswith("003.png")
    LogoIndex.open(place / "idx").verify()


def job_of(place: Path) -> TableJob:
    files = sorted((place / "logos").iterdir())
    return TableJob(LogoEncoder.load(place / "encoder"), files, place / "t.parquet", part_rows=2)


def write_table(place: Path, say: Say) -> None:
    job_of(place).run(say)


def look_at_table(place: Path, said: list[int]) -> None:
    import pyarrow.parquet as pq

    job = job_of(place)
    assert (place / "t.parquet").is_file() or job.done >= sum(said) - 4, (job.done, said)
    job.run()
    assert len(set(pq.read_table(place / "t.parquet")["path"].to_pylist())) == LOGOS
    assert sorted(f.name for f in place.iterdir()) == ["encoder", "logos", "t.parquet"]


def decision(number: int) -> Decision:
    return Decision("ab" * 32, f"/logos/{number}.png", number, "keep", "x" * 500, "Ada", now())


def write_reviews(place: Path, say: Say) -> None:
    reviews = Reviews(place / "review.sqlite3")
    for number in range(150):
        reviews.decide(decision(number))
        say(number)


def look_at_reviews(place: Path, said: list[int]) -> None:
    reviews = Reviews(place / "review.sqlite3")
    kept = {d.logo for d in reviews.decisions("ab" * 32).values()}
    assert kept >= set(said)
    assert reviews.db.ask("PRAGMA integrity_check") == [("ok",)]
    reviews.decide(decision(999))


def pair(number: int, of: int) -> tuple[str, str, str, str]:
    return f"{number}-{of}.png", "ab" * 32, "mark.png", "cd" * 32


def write_memory(place: Path, say: Say) -> None:
    for number in range(100):
        pairs = [pair(number, of) for of in range(5)]
        Memory(place).remember(pairs, datetime.now(UTC))
        say(number)


def look_at_memory(place: Path, said: list[int]) -> None:
    memory = Memory(place)
    for number in range(100):
        known = [memory.first(pair(number, of)) is not None for of in range(5)]
        assert all(known) or (not any(known) and number not in said), number


def serve(place: Path, say: Say) -> None:
    port = free_port(place)
    child = os.fork()
    if child == 0:
        os.setpgid(0, os.getppid())
        os._exit(command(["serve", "--index", str(place / "idx"), "--port", str(port)]))
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        while True:
            try:
                client.get("/api/status").raise_for_status()
                break
            except httpx2.TransportError:
                time.sleep(0.05)
        say(0)
        for number in range(1, 10_000):
            files = {"picture": (f"{number}.png", content(number))}
            told = client.post("/api/search", files=files).raise_for_status().json()
            case, hit = told["case"], told["hits"][0]["id"]
            wanted = {"verdict": "keep", "note": str(number)}
            client.put(f"/api/cases/{case}/decisions/{hit}", json=wanted).raise_for_status()
            say(number)


def content(number: int) -> bytes:
    from io import BytesIO

    out = BytesIO()
    picture(100 + number).save(out, "PNG")
    return out.getvalue()


def free_port(place: Path) -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def a_full_index(place: Path) -> None:
    an_index(place)
    LogoIndex.open(place / "idx").add(place / "logos")


def look_at_service(place: Path, said: list[int]) -> None:
    from hashlib import sha256

    from marquery.web.examiner.service import Service

    service = Service(LogoIndex.open(place / "idx"))
    service.index.verify()
    assert service.reviews.db.ask("PRAGMA integrity_check") == [("ok",)]
    for number in said[1:]:
        case = sha256(content(number)).hexdigest()
        assert service.uploads.path(case).read_bytes() == content(number)
        assert [d.note for d in service.reviews.decisions(case).values()] == [str(number)]


WRITERS = {
    "file": Writer(0.2, nothing, write_file, look_at_file),
    "checkpoint": Writer(0.2, nothing, write_checkpoints, look_at_checkpoint),
    "reviews": Writer(0.15, nothing, write_reviews, look_at_reviews),
    "watch": Writer(0.15, nothing, write_memory, look_at_memory),
    "table": Writer(0.1, pictures, write_table, look_at_table),
    "index": Writer(0.15, an_index, write_index, look_at_index),
    "server": Writer(0.05, a_full_index, serve, look_at_service, seconds=20),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("writers", nargs="*", metavar="WRITER", default=[])
    parser.add_argument("--kills", type=int, default=210)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    draw = random.Random(asked.seed)
    kills = harm = midway = 0
    for name in asked.writers or WRITERS:
        kind = WRITERS[name]
        count = max(1, round(asked.kills * kind.share))
        found = [kill(kind, length(kind), draw) for _ in range(count)]
        bad, cut = sum(not ok for ok, _ in found), sum(was_cut for _, was_cut in found)
        kills, harm, midway = kills + count, harm + bad, midway + cut
        print(f"{name:10} {count:4} kills, {cut:4} while it worked, {bad} with harm", flush=True)
    print(f"{kills} kills, {midway} while the writer worked, {harm} with harm")
    sys.exit(harm > 0)


_LENGTHS: dict[int, float] = {}


def length(kind: Writer) -> float:
    """Seconds that the work takes, or after which it is ended."""
    if kind.seconds is not None:
        return kind.seconds
    if id(kind) not in _LENGTHS:
        with tempfile.TemporaryDirectory() as scratch:
            place = Path(scratch)
            apart(lambda: kind.prepare(place))
            start = time.monotonic()
            apart(lambda: kind.work(place, lambda number: None))
            _LENGTHS[id(kind)] = time.monotonic() - start
    return _LENGTHS[id(kind)]


def kill(kind: Writer, seconds: float, draw: random.Random) -> tuple[bool, bool]:
    """One kill: whether no harm was done, and whether the writer was still at work."""
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        apart(lambda: kind.prepare(place))
        reading, writing = os.pipe()

        def work() -> None:
            os.setpgid(0, 0)
            kind.work(place, lambda number: os.write(writing, b"%d\n" % number) and None)

        child = fork(work)
        os.close(writing)
        time.sleep(seconds * draw.random())
        ended, _ = os.waitpid(child, os.WNOHANG)
        if not ended:
            try:
                os.killpg(child, signal.SIGKILL)
            except ProcessLookupError:  # it has not made its group yet
                os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        with os.fdopen(reading, "rb") as told:
            said = [int(line) for line in told.read().split()]
        return apart(lambda: kind.look(place, said)), not ended


def apart(job: Callable[[], None]) -> bool:
    """Do something in a process of its own, since this one must not start threads."""
    _, status = os.waitpid(fork(job), 0)
    return status == 0


def fork(job: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            job()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return child


if __name__ == "__main__":
    main()
