"""A disk that is full or for reading only, at every writer: one sentence that names the place, and
what was there before is whole.

On a small tmpfs, where this process may mount one; else the tests of single writers, which let the
file layer fail, have to do.
"""

import itertools
import subprocess
from datetime import UTC, datetime

import pyarrow.parquet as pq
import pytest
import torch

from marquery.embedding.table import TableJob
from marquery.errors import MarqueryError
from marquery.files import write_atomically
from marquery.index import LogoIndex
from marquery.training.checkpoint import load_checkpoint, save_checkpoint
from marquery.watch.memory import Memory
from marquery.web.examiner.database import now
from marquery.web.examiner.reviews import Decision, Reviews
from marquery.web.examiner.uploads import UploadStore

from .drawings import draw, fill
from .encoders import tiny_encoder
from .web.helpers import png

CALLS = itertools.count()


@pytest.fixture
def disk(tmp_path):
    """A file system of 8 MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no file system can be mounted here")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill_up(disk):
    with (disk / "filler").open("wb", buffering=0) as file:
        try:
            while file.write(bytes(2**12)):
                pass
        except OSError:
            pass


def lock(disk):
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)


def let_go(disk):
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    (disk / "filler").unlink(missing_ok=True)


def decision(number):
    return Decision("ab" * 32, f"/{number}.png", number, "keep", "n" * 3000, "Ada", now())


def write_file(disk):
    write_atomically(disk / "a.txt", lambda p: p.write_text("x" * 100_000))
    return lambda: (disk / "a.txt").stat().st_size == 100_000


def write_checkpoint(disk):
    save_checkpoint(disk, {"x": torch.zeros(50_000)})
    return lambda: load_checkpoint(disk)["x"].shape == (50_000,)


def write_reviews(disk):
    reviews = Reviews(disk / "review.sqlite3")
    try:
        for number in range(40):
            reviews.decide(decision(number))
    finally:
        reviews.close()

    def is_whole():
        reviews = Reviews(disk / "review.sqlite3")
        found = reviews.decisions("ab" * 32)
        reviews.close()
        return len(found) == 40

    return is_whole


def upload(disk):
    store = UploadStore(disk / "queries", Reviews(disk.parent / "reviews.sqlite3"))
    sha256 = store.add(png(1), "a.png").sha256
    return lambda: store.path(sha256).read_bytes() == png(1) and len(store.files()) == 1


def upload_another(disk):
    UploadStore(disk / "queries", Reviews(disk.parent / "reviews.sqlite3")).add(png(2), "b.png")


def remember(disk):
    call = next(CALLS)  # what was remembered before is not written again
    names = [(f"{call}-{n}.png", "ab" * 32, "mark.png", "cd" * 32) for n in range(300)]
    Memory(disk).remember(names, datetime.now(UTC))
    return lambda: Memory(disk).first(names[0]) is not None


def embed(disk):
    files = sorted(fill(disk.parent / "logos", range(6)).iterdir())
    out = disk / "t.parquet"
    TableJob(tiny_encoder(), files, out).run()
    return lambda: pq.read_table(out).num_rows == 6


def build_index(disk):
    place = disk / "idx"
    logos = fill(disk.parent / "logos", range(6))
    if not place.exists():
        LogoIndex.create(place, encoder=tiny_encoder(), words=False)
    index = LogoIndex.open(place)
    index.add(logos)
    count = len(index)
    return lambda: len(LogoIndex.open(place).search(draw(3), k=99)) == count


def add_to_index(disk):
    fill(disk.parent / "logos", range(6, 12))
    build_index(disk)


WRITERS = {
    "file": (write_file, write_file),
    "checkpoint": (write_checkpoint, write_checkpoint),
    "reviews": (write_reviews, write_reviews),
    "uploads": (upload, upload_another),
    "watch": (remember, remember),
    "embed": (embed, embed),
    "index": (build_index, add_to_index),
}


@pytest.mark.parametrize("spoil", [fill_up, lock])
@pytest.mark.parametrize("writer", WRITERS)
def test_one_sentence_and_the_old_state_whole(disk, writer, spoil):
    first, again = WRITERS[writer]
    is_whole = first(disk)
    assert is_whole()
    spoil(disk)
    with pytest.raises(MarqueryError) as told:
        several_times(again, disk)
    message = str(told.value)
    assert str(disk) in message
    assert "\n" not in message
    let_go(disk)
    assert is_whole()
    assert not list(disk.rglob(".*-*.*"))
    again(disk)


def several_times(write, disk):
    """What SQLite writes again fits into the place that it has, for a while."""
    for _ in range(50):
        write(disk)
