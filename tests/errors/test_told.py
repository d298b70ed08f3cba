"""Bad files that end no job: they are skipped and counted, listed, or warned of."""

from dataclasses import replace
from pathlib import Path

import pytest

from marquery.datasets import LogoSet
from marquery.datasets.readable import readable

from .cases import Case
from .file_cases import failing

CHECK = "data check pictures"


def kept_findings(patch):
    """What was found unreadable before is remembered."""
    patch.setattr("marquery.datasets.readable._KEPT_FROM", 1)
    patch.setattr("marquery.datasets.readable.cache_folder", lambda name: Path("kept"))
    readable(LogoSet.open("mixed"))


def closed_folder(patch):
    """A folder that cannot be listed: for the administrator, there is none."""

    def walk(root, onerror):
        onerror(PermissionError(13, "Permission denied", f"{root}/closed"))
        return iter(())

    patch.setattr("marquery.images.os.walk", walk)


def no_template(patch):
    failing("torch.onnx.export", RuntimeError("no such layer"))(patch)
    patch.setenv("XDG_CACHE_HOME", "no-cache")


TOLD_CASES = [
    Case(f"{CHECK}/hollow", None, "hollow/a.png: the file is empty", "save the image again", 1),
    Case(f"{CHECK}/large", None, "large/a.png: 67,108,865 bytes are over", "make it smaller", 1),
    Case(f"{CHECK}/endless", None, "endless/a.png: cannot be read (", "save the image again", 1),
    Case(f"{CHECK}/vast", None, "vast/a.png: 9000 x 9000 pixels are", "make it smaller", 1),
    Case(f"{CHECK}/unended", None, "unended/a.jpg: the file is cut off", "save the image", 1),
    Case("data check repainted --full", None, "c0/b00.png: its pixels", "build the set", 1),
    Case("whiten model --data mixed --out told", None, "skipped 1", None, 0, kept_findings),
    Case("index add skipping mixed", None, "skipped 1", None, 0),
    Case("index rescan skipping mixed", None, "skipped 1", None, 0, closed_folder),
    Case(
        "average graphless graphless --out told1",
        None,
        "warning: this network cannot be written as ONNX (no such layer)",
        "told1 can be used where PyTorch is installed",
        0,
        no_template,
    ),
    Case(
        "average graphless graphless --out told2",
        None,
        "warning: told2/graph.onnx: not written, since ONNX Runtime gives other vectors",
        "told2 can be used where PyTorch is installed",
        0,
        lambda patch: patch.setattr(
            "marquery.encoder.graph_export.largest_difference", lambda *_: 1.0
        ),
    ),
]


@pytest.mark.parametrize("case", TOLD_CASES, ids=lambda case: case.id)
def test_what_ends_no_job_is_told_in_one_line(outcome, case):
    done = outcome(case)
    said = done.out + done.err
    assert done.code == case.code, said
    assert "Traceback" not in said
    (line,) = [line for line in said.splitlines() if case.problem in line]
    if case.remedy is not None:
        assert case.remedy in line.partition(case.problem)[2].partition("; ")[2], line


def test_a_missing_remedy_is_found(outcome):
    case = replace(TOLD_CASES[0], remedy="turn it round")
    with pytest.raises(AssertionError):
        test_what_ends_no_job_is_told_in_one_line(outcome, case)
