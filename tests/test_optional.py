"""A command's process goes on without what its libraries load only because it is installed."""

import json
import subprocess
import sys

import pytest

CODE = """
import json, sys
import marquery.optional as optional
if {leave_out}:
    optional.leave_out_optional()
    optional.leave_out_optional()
import numpy as np
import numba
import pyarrow as pa, pyarrow.dataset

@numba.njit
def total(values):
    return values.sum()

total(np.ones(3))
loaded = [name for name in ("pandas", "scipy.linalg") if name in sys.modules]
import pandas, scipy.linalg  # who asks by name is given them
table = pa.table({{"a": [1, 2]}}).to_pandas()
print(json.dumps([loaded, table["a"].tolist(), len(sys.meta_path)]))
"""


def found(leave_out):
    code = CODE.format(leave_out=leave_out)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.native
def test_only_a_command_leaves_them_out_and_who_asks_by_name_is_given_them():
    pytest.importorskip("scipy")
    pytest.importorskip("pandas")
    loaded, values, finders = found(True)
    assert loaded == []
    assert values == [1, 2]
    usual, same, before = found(False)
    assert usual == ["pandas", "scipy.linalg"]
    assert same == values
    assert finders == before + 1  # once, however often it is asked for
