"""Work on a cluster of three nodes on this machine, one of which is lost while it works."""

import threading
import time
from collections import deque
from contextlib import nullcontext
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from marquery.cli.app import run
from marquery.distributed import RayCluster
from marquery.distributed.pool import RayPool, _Worker
from marquery.embedding.table import TableJob
from marquery.encoder import LogoEncoder
from marquery.errors import MarqueryError, UsageError
from marquery.index import LogoIndex

from ..drawings import draw, fill
from ..encoders import tiny_encoder
from ..paper.benchmark import TINY, write_benchmark

ray = pytest.importorskip("ray")
LOGOS = 72


@pytest.fixture(scope="module")
def cluster():
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    nodes = [made.add_node(num_cpus=1) for _ in range(2)]
    ray.init(address=made.address, log_to_driver=False, logging_level="ERROR")
    made.wait_for_nodes()
    yield made, nodes
    ray.shutdown()
    made.shutdown()


@pytest.fixture
def logos(tmp_path):
    folder = fill(tmp_path / "logos", range(LOGOS))
    (folder / "copy.png").write_bytes((folder / "003.png").read_bytes())
    (folder / "bad.png").write_text("no image")
    return folder


@pytest.fixture
def model(tmp_path):
    return tiny_encoder().save(tmp_path / "encoder")


def rows(index):
    seen = index.snapshot()
    table = seen.table.read(("id", "path", "sha256", "vector", "part_kinds"))
    return {Path(r["path"]).name: r for r in table.to_pylist()}


@pytest.mark.slow
def test_a_node_that_is_lost_changes_no_row(cluster, tmp_path, logos, model):
    made, nodes = cluster
    alone = LogoIndex.create(tmp_path / "alone", model, words=False)
    alone.add(logos)
    machines = RayCluster("ray:auto")
    machines.chunk = 32
    lost = threading.Event()

    def progress(_count):
        def advance(_files):
            if not lost.is_set():
                lost.set()
                made.remove_node(nodes.pop())

        return advance

    index = LogoIndex.create(tmp_path / "together", model, words=False)
    told = index.add(logos, on=machines, progress=progress)
    assert lost.is_set()
    assert (told.added, len(told.skipped), len(told.duplicates)) == (LOGOS + 1, 1, 1)
    found, expected = rows(index), rows(alone)
    assert found.keys() == expected.keys()
    assert len({r["id"] for r in found.values()}) == len(found)
    for name, row in expected.items():
        assert found[name]["sha256"] == row["sha256"]
        assert found[name]["part_kinds"] == row["part_kinds"]
        assert found[name]["vector"] == pytest.approx(row["vector"], abs=1e-5)
    # The same command again finds all done; what is new is added.
    again = index.add(logos, on=machines)
    assert (again.added, again.unchanged, again.embedded) == (0, LOGOS + 1, 0)
    draw(500).save(logos / "new.png")
    assert index.add(logos, on=machines).embedded == 1


@pytest.mark.slow
def test_a_table_of_embeddings_is_the_same(cluster, tmp_path, logos, model):
    encoder = LogoEncoder.load(model)
    files = sorted(logos.iterdir())
    TableJob(encoder, files, tmp_path / "alone.parquet").run()
    machines = RayCluster("ray:auto")
    machines.chunk = 40
    job = TableJob(encoder, files, tmp_path / "together.parquet", machines=machines)
    told = job.run()
    assert (told.rows, len(told.skipped)) == (LOGOS + 1, 1)
    found, expected = (
        dict(zip(*pq.read_table(tmp_path / name).to_pydict().values(), strict=True))
        for name in ("together.parquet", "alone.parquet")
    )
    assert found.keys() == expected.keys()
    for path, vector in expected.items():
        assert found[path] == pytest.approx(vector, abs=1e-5)


@pytest.mark.slow
def test_the_commands_work_on_a_cluster(cluster, tmp_path, logos, model, capsys):
    on = ("--on", "ray:auto", "--model", model)
    assert run([str(a) for a in ("index", "build", logos, "--out", tmp_path / "i", *on)]) == 0
    printed = capsys.readouterr()
    assert f"{LOGOS + 1} logos" in printed.out
    assert "skipped 1" in printed.err
    table = tmp_path / "e.parquet"
    assert run([str(a) for a in ("embed", logos, "--out", table, *on)]) == 0
    assert pq.read_metadata(table).num_rows == LOGOS + 1


@pytest.mark.slow
def test_rows_of_the_paper_are_done_on_a_cluster(cluster, tmp_path, make_logo, capsys):
    data, out = write_benchmark(tmp_path / "data", make_logo), tmp_path / "out"
    rows = ("--rows", "pixels,hash,smoothap-none", "--seeds", "1")
    settings = [word for setting in TINY for word in ("--set", setting)]
    where = ("--data", str(data), "--out", str(out), "--on", "ray:auto")
    assert run(["reproduce", *rows, *settings, *where]) == 0
    assert "3/3 " in capsys.readouterr().err
    results = sorted(file.parents[1].name for file in out.glob("runs/*/*/result.json"))
    assert results == ["hash", "pixels", "smoothap-none"]
    assert "| Smooth-AP" in (out / "results.md").read_text()


class Ender:
    """A worker that a task can end."""

    def __init__(self, _folder: Path) -> None:
        pass

    def __call__(self, task):
        if task == "end":
            import os

            os._exit(1)
        time.sleep(0.01)
        return task * 2


@pytest.mark.slow
def test_a_task_that_ends_every_actor_is_told(cluster, tmp_path):
    from marquery.processes import WorkerDied

    (tmp_path / "e").mkdir()
    with RayCluster("ray:auto").pool(f"{__name__}:Ender", tmp_path / "e", ()) as pool:
        assert list(pool.map(range(50))) == [2 * n for n in range(50)]
        answers = pool.map([1, 2, "end", 3])
        assert [next(answers), next(answers)] == [2, 4]
        with pytest.raises(WorkerDied):
            next(answers)
        assert list(pool.map([5])) == [10]


@pytest.mark.slow
def test_another_version_on_the_machines_is_one_sentence(cluster, tmp_path, monkeypatch):
    from marquery.distributed import cluster as module

    monkeypatch.setattr(module, "__version__", "9.9")
    (tmp_path / "e").mkdir()
    with (
        pytest.raises(MarqueryError, match=r"is installed here, not 9\.9"),
        RayCluster("ray:auto").pool(f"{__name__}:Ender", tmp_path / "e", ()) as pool,
    ):
        list(pool.map([1]))


@pytest.mark.parametrize("address", ["dask", "ray:", "ray:host", "ray:host:1:2", "raycluster"])
def test_what_is_no_cluster_is_refused(address):
    with pytest.raises(UsageError, match="is no cluster"):
        RayCluster(address)


@pytest.mark.parametrize("address", ["ray:127.0.0.1:1", "ray:ray://127.0.0.1:1"])
def test_a_cluster_that_does_not_answer_is_one_sentence(address, tmp_path, monkeypatch):
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    with (
        pytest.raises(MarqueryError, match=f"{address}: no cluster can be reached") as raised,
        RayCluster(address).pool(f"{__name__}:Ender", tmp_path, ()),
    ):
        pass
    assert "\n" not in str(raised.value)


def test_what_a_cluster_says_when_an_actor_is_lost_is_told_rightly(monkeypatch):
    from types import SimpleNamespace

    class RayError(Exception):
        pass

    class RayActorError(RayError):
        pass

    class Ray:
        exceptions = SimpleNamespace(
            RayError=RayError, RayActorError=RayActorError, RayTaskError=KeyError
        )

        def wait(self, refs, **_):
            return refs, []

        def get(self, _):
            raise RayActorError(self.said)

        def kill(self, _):
            raise RayError("the head is gone")

        def cluster_resources(self):
            return {"CPU": 1}

    ray = Ray()
    pool = RayPool(ray, None, "CPU", "ray:auto")
    for said, is_told in (("node failed, initial address h", False), ("in __init__ f", True)):
        ray.said = said
        pool._workers.append(_Worker("actor", "starting"))
        with (
            pytest.raises(MarqueryError, match="cannot run this job") if is_told else nullcontext()
        ):
            pool._collect({}, deque())
        assert bool(pool._workers) == is_told

    ray.put = lambda _: None
    ray.remote = lambda _: SimpleNamespace(options=lambda **_: None)
    monkeypatch.setattr(RayCluster, "_connect", lambda _: ray)
    with (
        pytest.raises(MarqueryError, match="the cluster failed"),
        RayCluster("ray:auto").pool("m:f", Path("no-such-folder"), ()) as made,
    ):
        made._workers.append(_Worker("actor", None))
