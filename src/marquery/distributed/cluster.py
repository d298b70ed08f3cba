"""A Ray cluster that embeds."""

import logging
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from marquery._version import __version__
from marquery.distributed.actor import LogoActor
from marquery.distributed.pool import RayPool
from marquery.errors import MarqueryError, UsageError
from marquery.extras import need

#: Files that are read and embedded before their rows are written: what is lost, at most, when the
#: job is killed. Many, since all machines wait while they are written.
CHUNK = 8192
_ADDRESS = re.compile(r"ray(:(?P<at>auto|local|(ray://)?[A-Za-z0-9_.-]+:\d{1,5}))?")
_LONGEST_REASON = 200
_CONNECT_SECONDS = 10
#: One thread for every library: there is an actor for each core.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


class RayCluster:
    """Machines that read and embed, while this process writes.

    Args:
        address: ``"ray"``: a cluster of this machine alone, or what RAY_ADDRESS names;
            ``"ray:HOST:PORT"``: of that head node; ``"ray:auto"``: the one that runs on this
            machine.

    Raises:
        UsageError: it is no such address.
        MissingExtraError: Ray is not installed.
    """

    chunk = CHUNK

    def __init__(self, address: str = "ray") -> None:
        found = _ADDRESS.fullmatch(address)
        if found is None:
            raise UsageError(
                "on", f"{address} is no cluster", "give ray, ray:auto or ray:HOST:PORT"
            )
        need("work on many machines", "ray")
        self.address = address
        self._at = found["at"]

    @contextmanager
    def pool(self, setup: str, folder: Path, arguments: tuple[Any, ...]) -> Iterator[RayPool]:
        """Actors that hold an encoder.

        Args:
            setup: ``module:function``, see :class:`LogoActor`.
            folder: of the stored encoder; it is sent to the machines.
            arguments: of ``setup``, after the folder.

        Raises:
            MarqueryError: the cluster cannot be reached, or is of another version of Ray or Python.
        """
        ray = self._connect()
        files = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        stored = ray.put(files)
        resource = "GPU" if ray.cluster_resources().get("GPU", 0) >= 1 else "CPU"
        places = {"num_gpus": 1} if resource == "GPU" else {"num_cpus": 1}
        threads = {"env_vars": dict.fromkeys(_THREADS, "1")}
        remote = ray.remote(LogoActor).options(runtime_env=threads, max_restarts=0, **places)

        def make() -> Any:
            return remote.remote(setup, stored, arguments, __version__)

        pool = RayPool(ray, make, resource, self.address)
        with self._told(ray):
            try:
                yield pool
            finally:
                pool.close()

    def _connect(self) -> Any:
        import ray

        if ray.is_initialized():
            return ray
        options: dict[str, Any] = {} if self._at is None else {"address": self._at}
        try:
            self._knock()
            ray.init(log_to_driver=False, logging_level=logging.ERROR, **options)
        except Exception as error:
            raise self._unreachable(error) from error
        return ray

    def _knock(self) -> None:
        """Ray itself tries for minutes to reach a machine that does not answer."""
        host, colon, port = (self._at or "").removeprefix("ray://").rpartition(":")
        if colon:
            socket.create_connection((host, int(port)), _CONNECT_SECONDS).close()

    @contextmanager
    def _told(self, ray: Any) -> Iterator[None]:
        try:
            yield
        except ray.exceptions.RayError as error:
            raise MarqueryError(
                f"{self.address}: the cluster failed ({_short(error)}); what was written stays: "
                "run this again to go on"
            ) from error

    def _unreachable(self, error: Exception) -> MarqueryError:
        said = _short(error)
        if "version mismatch" in str(error).lower():
            return MarqueryError(
                f"{self.address}: the cluster has another version of Ray or Python ({said}); "
                "install the same on all machines"
            )
        return MarqueryError(
            f"{self.address}: no cluster can be reached there ({said}); start its head "
            "node, and check host and port"
        )


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:_LONGEST_REASON]
