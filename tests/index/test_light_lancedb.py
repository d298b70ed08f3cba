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
models = sys.modules["lance_namespace_urllib3_client.models"]
from lance_namespace import ListTablesResponse
before = [m for m in sys.modules if m.startswith("lance_namespace_urllib3_client.api.")]
before += [m for m in sys.modules if m.endswith(".list_tables_response")]
real = models.ListTablesResponse
made = ListTablesResponse(tables=["a"])
missing = hasattr(client, "no_such_name")
print(json.dumps({
    "before": before,
    "missing": missing,
    "api": client.TableApi.__module__,
    "names": sorted(name for name in client._homes if getattr(client, name, None) is None),
    "stand_in": [
        made.tables == ["a"],
        type(made) is real,
        isinstance(made, ListTablesResponse),
        ListTablesResponse.from_dict({"tables": ["b"]}).tables == ["b"],
        ListTablesResponse is not real,
    ],
    "models": sorted(name for name in models._homes if not hasattr(models, name)),
    "overrides": "overrides" in sys.modules,
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
    assert found["models"] == []
    assert all(found["stand_in"])  # a name in annotations, which does what the class does
    assert not found["overrides"]  # whoever imports it is given the real one
    assert found["same"]
