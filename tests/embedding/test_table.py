"""Tables of embeddings: the right rows, streamed, and taken up where a killed job stopped."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch

from marquery.embedding.table import TableJob
from marquery.encoder import LogoEncoder
from marquery.errors import MarqueryError


@pytest.fixture(scope="module")
def encoder():
    torch.manual_seed(0)
    return LogoEncoder.create("test_efficientnet", dim=8, image_size=32, pretrained=False)


def read(file):
    table = pq.read_table(file)
    assert table.column_names == ["path", "embedding"]
    return table["path"].to_pylist(), np.array(table["embedding"].to_pylist(), np.float32)


def stopped(job, after):
    """Run a job that dies, as by a kill, once so many files are done."""
    done = []

    def progress(count):
        done.append(count)
        if len(done) == after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        job.run(progress)


def test_rows_are_those_of_embed_in_order_without_repeats(encoder, logo_folder, tmp_path):
    files = sorted(logo_folder.rglob("*.png"))
    out = tmp_path / "new" / "t.parquet"
    steps = []
    written = TableJob(encoder, [*files, files[0], files[7]], out, part_rows=10).run(steps.append)
    paths, vectors = read(out)
    assert (written.rows, written.skipped, sum(steps)) == (36, [], 36)
    assert paths == [str(f) for f in files]
    assert np.allclose(vectors, encoder.embed(files), atol=1e-5)
    assert [f.name for f in out.parent.iterdir()] == ["t.parquet"]


def test_a_stopped_job_goes_on_and_writes_nothing_twice(encoder, logo_folder, tmp_path, make_logo):
    files = sorted(logo_folder.rglob("*.png"))
    out = tmp_path / "t.parquet"
    stopped(TableJob(encoder, files, out, part_rows=10), after=25)
    assert not out.exists()
    job = TableJob(encoder, files, out, part_rows=10)
    assert (job.done, job.total) == (20, 36)
    stopped(job, after=11)

    make_logo(77).save(files[3])  # meanwhile one changes and another goes
    files[5].unlink()
    files = [f for f in files if f != files[5]]
    job = TableJob(encoder, files, out, part_rows=10)
    assert (job.done, job.total) == (28, 35)
    steps = []
    assert job.run(steps.append).rows == 35
    assert sum(steps) == 7
    paths, vectors = read(out)
    assert sorted(paths) == sorted(map(str, files))
    assert np.allclose(vectors, encoder.embed(paths), atol=1e-5)
    assert sorted(f.name for f in tmp_path.iterdir()) == ["logos", "t.parquet"]


def test_parts_of_another_encoder_are_not_taken(encoder, logo_folder, tmp_path):
    files = sorted(logo_folder.rglob("*.png"))
    out = tmp_path / "t.parquet"
    stopped(TableJob(encoder, files, out, part_rows=10), after=25)
    torch.manual_seed(9)
    other = LogoEncoder.create("test_efficientnet", dim=8, image_size=32, pretrained=False)
    job = TableJob(other, files, out, part_rows=10)
    assert job.done == 0
    job.run()
    assert np.allclose(read(out)[1], other.embed(files), atol=1e-5)


def test_a_job_killed_at_any_moment_ends_the_same(encoder, logo_folder, tmp_path):
    model = encoder.save(tmp_path / "model")
    files = sorted(map(str, logo_folder.rglob("*.png"))) * 1
    out = tmp_path / "t.parquet"
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from marquery.encoder import LogoEncoder\n"
        "from marquery.embedding.table import TableJob\n"
        "model, out, *files = sys.argv[1:]\n"
        "job = TableJob(LogoEncoder.load(model), files, Path(out), part_rows=3)\n"
        "print('ready', flush=True)\n"
        "job.run(lambda count: time.sleep(.02))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(model), str(out), *files], stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"ready\n"
    parts = tmp_path / ".t.parquet.parts"
    while process.poll() is None and len(list(parts.glob("[0-9]*.parquet"))) < 4:
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    job = TableJob(encoder, files, out, part_rows=3)
    assert 12 <= job.done < 36
    job.run()
    paths, vectors = read(out)
    assert paths == files
    assert np.allclose(vectors, encoder.embed(files), atol=1e-5)


def test_two_processes_do_not_write_one_table(encoder, logo_folder, tmp_path):
    files = sorted(logo_folder.rglob("*.png"))
    out = tmp_path / "t.parquet"

    def second(count):
        with pytest.raises(MarqueryError, match="another process"):
            TableJob(encoder, files, out).run()

    TableJob(encoder, files, out).run(second)
    assert len(read(out)[0]) == 36


def test_unreadable_files_are_left_out_and_told(encoder, logo_folder, tmp_path):
    bad, gone = logo_folder / "bad.png", logo_folder / "gone.png"
    bad.write_text("no image")
    files = [bad, *sorted(logo_folder.rglob("g00/*.png")), gone]
    written = TableJob(encoder, files, tmp_path / "t.parquet").run()
    assert written.rows == 3
    assert [e.path for e in written.skipped] == [str(bad), str(gone)]
    with pytest.raises(MarqueryError, match="none of the files"):
        TableJob(encoder, [bad], tmp_path / "u.parquet").run()
    assert not (tmp_path / "u.parquet").exists()
    assert not (tmp_path / ".u.parquet.parts").exists()


def test_a_damaged_part_is_named(encoder, logo_folder, tmp_path):
    files = sorted(logo_folder.rglob("*.png"))
    out = tmp_path / "t.parquet"
    stopped(TableJob(encoder, files, out, part_rows=10), after=25)
    part = tmp_path / ".t.parquet.parts" / "00000000.parquet"
    part.write_bytes(part.read_bytes()[:100])
    with pytest.raises(MarqueryError, match="damaged"):
        TableJob(encoder, files, out)
