"""What `import marquery as mq` gives, and that it costs nothing before it is used."""

import subprocess
import sys

import pytest

import marquery as mq


@pytest.mark.parametrize("name", mq.__all__)
def test_every_public_name_is_there_and_documented(name):
    assert getattr(mq, name).__doc__
    assert name in dir(mq)


def test_unknown_names_are_told():
    with pytest.raises(AttributeError, match="has no attribute 'serach'"):
        _ = mq.serach


def test_importing_loads_nothing_heavy():
    heavy = {"torch", "torchvision", "timm", "lancedb", "numpy", "cv2", "PIL", "rich", "pydantic"}
    code = f"import sys, marquery; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
