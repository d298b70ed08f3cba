import shutil
import socket
import threading
from contextlib import contextmanager

import pytest
import uvicorn
from starlette.testclient import TestClient

from marquery.index import LogoIndex
from marquery.index.browsing.code_names import CodeNames

from ..encoders import tiny_encoder
from ..shared import made_once
from .helpers import build, build_register, make_app, png

FIGURES = {"1": "Sky and weather", "1.15": "Fire, smoke and clouds", "26.1": "Circles"}

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def index(tmp_path_factory):
    """See :func:`build`."""
    folder = made_once(tmp_path_factory, "web", build)
    return LogoIndex.open(folder / "idx", encoder=tiny_encoder())


@pytest.fixture
def app(index, tmp_path):
    return make_app(index, tmp_path / "review")


@pytest.fixture
def client(app):
    """A program that asks: no browser's headers, errors as JSON."""
    return TestClient(
        app, base_url="http://127.0.0.1", follow_redirects=False, raise_server_exceptions=False
    )


@pytest.fixture
def visitor(app):
    """A browser without scripts."""
    return TestClient(
        app,
        base_url="http://127.0.0.1",
        headers={"accept": "text/html", "sec-fetch-site": "same-origin"},
        raise_server_exceptions=False,
    )


@pytest.fixture
def query(client):
    """SHA-256 of an uploaded picture: drawn logo 3, which the index holds."""
    answer = client.post("/api/queries", files={"picture": ("new.png", png())})
    assert answer.status_code == 201
    return answer.json()["sha256"]


@pytest.fixture(scope="session")
def browser_type_launch_args():
    """Debian's chromium, in place of one that pytest-playwright would have fetched."""
    return {"executable_path": CHROMIUM, "args": ["--no-sandbox", "--disable-gpu"]}


@pytest.fixture(scope="session")
def served(index, tmp_path_factory):
    """Address of a running server."""
    with serving(make_app(index, tmp_path_factory.mktemp("served"))) as address:
        yield address


@pytest.fixture(scope="session")
def served_office(register, tmp_path_factory):
    """Address of the register's server, with names of some codes of figures."""
    app = make_app(register, tmp_path_factory.mktemp("served"), figures=CodeNames(FIGURES))
    with serving(app) as address:
        yield address


@contextmanager
def serving(app):
    """An application that is asked over the network."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture
def desk(page, served):
    """A browser's page; whatever it complains of fails the test."""
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.set_default_timeout(20_000)
    page.goto(served)
    yield page
    assert [c for c in complaints if "422" not in c and "409" not in c] == []


@pytest.fixture(scope="session")
def register(tmp_path_factory):
    """An index of 120 marks with metadata as offices have it."""
    folder = made_once(tmp_path_factory, "register", build_register)
    return LogoIndex.open(folder / "idx", encoder=tiny_encoder())


@pytest.fixture
def office(register, tmp_path):
    """A program that asks the register's server."""
    return TestClient(
        make_app(register, tmp_path / "office", figures=CodeNames(FIGURES)),
        base_url="http://127.0.0.1",
        follow_redirects=False,
        raise_server_exceptions=False,
    )
