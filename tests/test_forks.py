"""A child forked from a process that has loaded an encoder, embedded or searched is told what to
use instead; it never waits for threads that it has not.
"""

import os
import subprocess
import sys

import pytest

from marquery.index import LogoIndex

from .drawings import fill
from .encoders import tiny_encoder

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")

PARENT = """
import os, sys, warnings
import numpy as np
warnings.simplefilter("ignore")
from marquery.encoder import LogoEncoder
from marquery.errors import MarqueryError
from marquery.index import LogoIndex

folder, before, engine = sys.argv[1:]
index = LogoIndex.open(folder)
encoder = None if before == "nothing" else LogoEncoder.load(folder + "/encoder")
picture = np.full((40, 40, 3), 255, np.uint8)
picture[10:20, 5:30] = 40
many = [picture] * 130  # enough for OpenVINO
if before == "embed":
    encoder.embed(many, engine=engine)
if before == "search":
    index.search(picture)

def told(job):
    try:
        return str(len(job()))
    except MarqueryError as error:
        return str(error)

child = os.fork()
encoder = encoder or LogoEncoder.load(folder + "/encoder")
if child == 0:
    print(told(lambda: encoder.embed([picture])), flush=True)
    print(told(lambda: encoder.embed(many)), flush=True)
    print(told(lambda: LogoIndex.open(folder).search(picture, 3)), flush=True)
    os._exit(0)
os.waitpid(child, 0)
print(len(encoder.embed([picture])), flush=True)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("forks")
    index = LogoIndex.create(root / "idx", encoder=tiny_encoder(), words=False)
    index.add(fill(root / "logos", range(5)))
    return index.path


@pytest.mark.parametrize(
    ("before", "engine"),
    [("embed", "auto"), ("search", ""), ("load", ""), ("nothing", "")],
)
def test_a_forked_child_computes_or_says_what_to_use_instead(folder, before, engine):
    command = [sys.executable, "-c", PARENT, str(folder), before, engine]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    lines = done.stdout.splitlines()
    assert len(lines) == 4, done.stderr
    if before == "nothing":
        assert lines == ["1", "130", "3", "1"]
    else:
        assert all("get_context('spawn')" in line for line in lines[:3]), lines
        assert lines[3] == "1"
