"""The examples in docstrings run and give what stands below them."""

import doctest
import importlib
import re
import warnings
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "src"
FILES = [
    file
    for file in sorted((ROOT / "marquery").rglob("*.py"))
    if ">>> " in file.read_text(encoding="utf-8")
]
#: Lines that are not run need what is not at hand here: the hub, the open benchmark, files.
NOT_RUN = r"LogoEncoder\.|encoder\.embed|mq\.segment\(image|openlogos|index\.|TableJob|job\.run|"
NOT_RUN += r"found\.result|run\.encoder|suggest_codes|vienna\.codes|LogoIndex"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_examples_of_a_module(file):
    name = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    module = importlib.import_module(name)
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        failed, tried = doctest.testmod(module, optionflags=options)
    skipped = "doctest: +SKIP" in file.read_text(encoding="utf-8")
    assert failed == 0
    assert tried or skipped


def test_what_is_not_run_is_known():
    for file in FILES:
        for line in file.read_text(encoding="utf-8").splitlines():
            if "doctest: +SKIP" in line:
                assert re.search(NOT_RUN, line), f"{file.name}: {line}"
