"""An index that is built by processes is the one that is built by threads."""

import importlib.util
import signal

import numpy as np
import pytest

from marquery.encoder import runtimes
from marquery.encoder.precision_record import PrecisionRecord
from marquery.encoder.trials import TOLERANCE
from marquery.index import LogoIndex
from marquery.index.storage import reading_workers
from marquery.index.storage.reading_workers import LogoReader
from marquery.processes import WorkerDied

from ..drawings import fill
from ..encoders import tiny_encoder


@pytest.fixture(scope="module")
def encoder():
    return tiny_encoder()


def rows(index):
    table = index._folder.table()
    return {row["path"]: row for row in table.rows().to_pylist()} if table else {}


@pytest.fixture
def processes(monkeypatch):
    """Two processes, whatever the machine; says how many were asked for."""
    made = []

    class Pool(reading_workers.WorkerPool):
        def __init__(self, count, *arguments):
            made.append(self)
            super().__init__(count, *arguments)

    monkeypatch.setattr(reading_workers, "WorkerPool", Pool)
    monkeypatch.setattr(reading_workers, "usable_cores", lambda: 2)
    monkeypatch.setattr(reading_workers, "PROCESSES_FROM", 6)
    return made


def build(place, logos, encoder):
    index = LogoIndex.create(place, encoder=encoder, words=False)
    steps = []
    summary = index.add(logos, progress=lambda total: steps.append(total) or steps.append)
    return index, summary, steps


def test_the_index_is_the_same(tmp_path, encoder, processes, monkeypatch):
    logos = tmp_path / "logos"
    fill(logos, range(14))
    (logos / "bad.png").write_bytes(b"no picture")
    (logos / "twin.png").write_bytes((logos / "003.png").read_bytes())
    one, found, steps = build(tmp_path / "one", logos, encoder)
    assert len(processes) == 1
    assert processes[0]._all == []  # ended
    monkeypatch.setattr(reading_workers, "PROCESSES_FROM", 10**6)
    two, expected, _ = build(tmp_path / "two", logos, encoder)
    assert len(processes) == 1
    assert steps[0] == sum(steps[1:]) == 16
    assert (found.added, found.duplicates) == (expected.added, expected.duplicates)
    assert [str(e) for e in found.skipped] == [str(e) for e in expected.skipped]
    assert one.status()["logos"] == two.status()["logos"] == 15
    for path in [logos / "000.png", logos / "009.png"]:
        hits, same = (index.search(path, k=15, strategy="overall=1,part=1") for index in (one, two))
        assert [hit.path for hit in hits] == [hit.path for hit in same]
        scores = [[hit.score for hit in found] for found in (hits, same)]
        assert np.abs(np.subtract(*scores)).max() < 10 * TOLERANCE


def test_a_file_that_ends_its_process_is_set_aside_and_the_others_are_read(
    tmp_path, encoder, processes
):
    fill(tmp_path / "logos", range(12))
    with_stored = type(encoder).load(encoder.save(tmp_path / "model"))
    index = LogoIndex.create(tmp_path / "idx", encoder=with_stored, words=False)

    class Deadly:
        """A pool in which one file is the end of the process that reads it."""

        def map(self, tasks):
            for task in tasks:
                if any(job.path.endswith("007.png") for job in task):
                    raise WorkerDied(signal.SIGSEGV)
                yield from real.map([task])

        def close(self):
            real.close()

    columns = index_columns()
    reader = LogoReader(index._folder.encoder, tmp_path / "model", columns, 12)
    real, reader._pool = reader._pool, Deadly()
    jobs = [
        reading_workers.ReadingJob(str(file), None, "", i)
        for i, file in enumerate(sorted((tmp_path / "logos").iterdir()))
    ]
    found = list(reader.read(jobs))
    reader.close()
    assert sorted(job.id for job, _, _ in found) == list(range(12))
    ((bad, error, _),) = [f for f in found if isinstance(f[1], Exception)]
    assert bad.path.endswith("007.png")
    assert "007.png: ended the process that read it (signal 11)" in str(error)
    assert error.passing


def index_columns():
    return [c for c in reading_workers.stored_columns() if c.name != "words"]


def test_an_index_keeps_what_was_measured_of_its_encoder_and_computes_parts_by_it(
    tmp_path, encoder
):
    fill(tmp_path / "logos", range(3))
    measured = type(encoder).load(encoder.save(tmp_path / "model"))
    exact = np.eye(2, dtype=np.float32)
    measured.precision_record = PrecisionRecord.measure(
        measured.fingerprint(),
        "bfloat16",
        "logos",
        (exact, exact * np.float32(0.997)),
        ({"map": 0.9}, {"map": 0.9}),
    )
    LogoIndex.create(tmp_path / "idx", encoder=measured, words=False)
    folder = tmp_path / "idx" / "encoder"
    assert PrecisionRecord.load(folder) == measured.precision_record
    jobs = [
        reading_workers.ReadingJob(str(file), None, "", i)
        for i, file in enumerate(sorted((tmp_path / "logos").iterdir()))
    ]
    columns = index_columns()
    names = [column.name for column in columns]
    plain = reading_workers.worker(folder, names)(jobs)
    rough = reading_workers.worker(folder, names, True)(jobs)
    for (_, logo, one), (_, _, two) in zip(plain, rough, strict=True):
        kept_whole = [not c.compresses for c in columns for _ in range(logo.counts[c.name])]
        assert np.array_equal(one[kept_whole], two[kept_whole])
        assert (one * two).sum(1).min() > 0.99
        if runtimes.bfloat16_by_hardware() and importlib.util.find_spec("openvino"):
            assert not np.array_equal(one, two)
