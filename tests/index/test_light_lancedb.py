"""LanceDB is imported without its client for remote services, whose names are there when asked
for.
"""

import json
import subprocess
import sys

CODE = """
import json, sys
from marquery.index.storage.light_lancedb import import_lancedb
lancedb = import_lancedb()
client = sys.modules["lance_namespace_urllib3_client"]
before = [m for m in sys.modules if m.startswith("lance_namespace_urllib3_client.api.")]
missing = hasattr(client, "no_such_name")
print(json.dumps({
    "before": before,
    "missing": missing,
    "api": client.TableApi.__module__,
    "names": sorted(name for name in client._homes if getattr(client, name, None) is None),
    "same": import_lancedb() is lancedb,
}))
"""


def test_the_client_is_loaded_when_it_is_asked_for():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["before"] == []
    assert found["missing"] is False
    assert found["api"] == "lance_namespace_urllib3_client.api.table_api"
    assert found["names"] == []  # every name that the package has can be had
    assert found["same"]
