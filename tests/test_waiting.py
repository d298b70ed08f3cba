"""OpenMP's threads sleep while they wait, unless the environment says otherwise."""

import json
import os
import subprocess
import sys

import pytest

NAMES = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME")
CODE = f"import json, os, marquery; print(json.dumps([os.environ.get(n) for n in {NAMES}]))"


def after_import(before="", **variables):
    clean = {k: v for k, v in os.environ.items() if k not in NAMES}
    done = subprocess.run(
        [sys.executable, "-c", before + CODE],
        env={**clean, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_importing_marquery_sets_it():
    assert after_import() == ["PASSIVE", "0", "0"]


@pytest.mark.parametrize("name", NAMES)
def test_what_the_environment_says_stays(name):
    expected = [("7" if name == n else None) for n in NAMES]
    assert after_import(**{name: "7"}) == expected


def test_it_is_too_late_once_pytorch_is_loaded():
    assert after_import("import sys, types; sys.modules['torch'] = types.ModuleType('t')\n") == [
        None,
        None,
        None,
    ]
