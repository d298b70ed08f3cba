"""Requests made from the API's own description, right and wrong ones: none ends in a failure of the
server, and every answer is as the description says.

    MARQUERY_API_EXAMPLES=300 python -m pytest tests/web/test_description.py

``st run http://127.0.0.1:8000/api/openapi.json -n 300``, in the repository's root, does the same to
a running server.
"""

import os
from contextlib import suppress
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig

from .helpers import make_app

EXAMPLES = int(os.environ.get("MARQUERY_API_EXAMPLES", "3"))
CONFIG = Path(__file__).parents[2] / "schemathesis.toml"
# As which schemathesis asks an application that runs in its own process.
HOST = "testserver"


@pytest.fixture(scope="module")
def described(index, tmp_path_factory):
    app = make_app(index, tmp_path_factory.mktemp("described") / "review", host=HOST)
    return schemathesis.openapi.from_asgi(
        "/api/openapi.json", app, config=SchemathesisConfig.from_path(CONFIG)
    )


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_requests_made_from_the_description_are_answered_as_it_says(described, mode):
    operations = [found.ok() for found in described.get_all_operations()]
    assert len(operations) > 15
    tried = set()
    for operation in operations:

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(operation.as_strategy(generation_mode=mode))
        def ask(case):
            tried.add(case.operation.label)
            case.call_and_validate()

        # What can be anything (a token's cookie, no parameter at all) cannot be given wrongly.
        with suppress(Unsatisfiable):
            ask()
    assert len(tried) == len(operations) or (mode is GenerationMode.NEGATIVE and len(tried) > 10)
