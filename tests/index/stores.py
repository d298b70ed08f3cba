"""Fixtures of stores to test on: Milvus Lite in this process, a Milvus server, and a bucket of
moto's server.
"""

import os
import socket
import subprocess
import sys
import time
import uuid
from importlib.util import find_spec

import pytest

from marquery.index.storage.milvus.client import MilvusPlace, connect, disconnect

_SERVE = """
import sys, time
from milvus import default_server
default_server.set_base_dir(sys.argv[1])
default_server.listen_port = int(sys.argv[2])
default_server.start()
print("up", flush=True)
sys.stdin.read()
default_server.stop()
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.fixture(scope="session")
def milvus_server(tmp_path_factory):
    """HOST:PORT of a Milvus: what MARQUERY_TEST_MILVUS names, or one that is started from the
    wheel `milvus`.
    """
    if named := os.environ.get("MARQUERY_TEST_MILVUS"):
        yield named
        return
    if find_spec("milvus") is None:
        pytest.skip("no Milvus: install the group milvus-server, or set MARQUERY_TEST_MILVUS")
    folder, port = tmp_path_factory.mktemp("milvus"), free_port()
    command = [sys.executable, "-c", _SERVE, str(folder), str(port)]
    # Its own process: it stays for as long as its input is open.
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        if server.stdout.readline().strip() != b"up":
            pytest.skip("the wheel milvus does not start a server here")
        yield f"127.0.0.1:{port}"
        server.stdin.close()
        server.wait(30)


@pytest.fixture(scope="session")
def bucket():
    """Name of a bucket on a server of moto's, which the environment names for the session."""
    if find_spec("moto") is None or find_spec("s3fs") is None:
        pytest.skip("no moto or s3fs")
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-p", str(port)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    named = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    with subprocess.Popen(command, **quiet) as server, pytest.MonkeyPatch.context() as patch:
        for name, value in named.items():
            patch.setenv(name, value)
        try:
            _wait_for(port)
            import s3fs

            s3fs.S3FileSystem(skip_instance_cache=True).mkdir("register")
            yield "register"
        finally:
            server.terminate()


def _wait_for(port, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    pytest.skip("moto's server does not start here")


@pytest.fixture
def new_store(request, tmp_path, monkeypatch):
    """Makes the name or address of a store that is empty: of "lance", "milvus-lite", "milvus",
    "s3".
    """
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    places = []

    def make(kind):
        if kind == "s3":
            return f"s3://{request.getfixturevalue('bucket')}/{uuid.uuid4().hex[:12]}"
        if kind not in ("milvus", "milvus-lite"):
            return kind
        pytest.importorskip("pymilvus")
        if kind == "milvus":
            at, name = request.getfixturevalue("milvus_server"), uuid.uuid4().hex[:12]
            address = f"milvus://{at}/t{name}"
        else:
            pytest.importorskip("milvus_lite")
            address = f"milvus-lite:{tmp_path / f'{uuid.uuid4().hex[:6]}.db'}"
        places.append(MilvusPlace.parse(address))
        return address

    yield make
    for place in places:
        if not place.is_lite:
            client = connect(place)
            for name in client.list_collections():
                if name.startswith(place.name):
                    client.drop_collection(name)
        disconnect(place)
