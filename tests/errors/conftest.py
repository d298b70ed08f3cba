"""The folder and the server that bad input is tried at, and what came of each case."""

import pytest
from starlette.testclient import TestClient

from marquery.cli.app import run
from marquery.paper.standard_training.command import main

from ..web.conftest import app, client, index, query, visitor  # noqa: F401
from ..web.helpers import make_app, png
from .cases import Case, Outcome, run_case
from .damaged import add_damaged
from .desk import make_desk
from .web_cases import WebCase, WebOutcome, ask


@pytest.fixture(scope="session")
def desk(tmp_path_factory):
    """See :func:`make_desk` and :func:`add_damaged`."""
    root = make_desk(tmp_path_factory.mktemp("desk"))
    add_damaged(root)
    return root


@pytest.fixture(scope="session")
def outcome(desk):
    """Runs a case of a command line, each once."""
    known: dict[tuple[str, str], Outcome] = {}

    def outcome_of(case: Case, command: str = "marquery") -> Outcome:
        key = (command, case.id)
        if key not in known:
            known[key] = run_case(case, {"marquery": run, "paper": main}[command], desk)
        return known[key]

    return outcome_of


@pytest.fixture(scope="session")
def web_outcome(index, tmp_path_factory):  # noqa: F811
    """Sends a case to page or API, each once."""
    app = make_app(index, tmp_path_factory.mktemp("asked") / "review")  # noqa: F811
    client = TestClient(  # noqa: F811
        app, base_url="http://127.0.0.1", follow_redirects=False, raise_server_exceptions=False
    )
    answer = client.post("/api/queries", files={"picture": ("new.png", png())})
    sha256 = answer.json()["sha256"]
    known: dict[str, WebOutcome] = {}

    def outcome_of(case: WebCase) -> WebOutcome:
        if case.id not in known:
            known[case.id] = ask(case, client, app, sha256)
        return known[case.id]

    return outcome_of
