"""LanceDB imported without what it loads for its remote services, half of the time it takes.

``import lancedb`` needs a few model classes of a client for remote catalogues and loads the whole
client with them, nine generated interfaces that an index in a folder never uses.
"""

import importlib.machinery
import importlib.util
import re
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

_CLIENT = "lance_namespace_urllib3_client"
_NAMED = re.compile(r"^from (\S+) import (\w+)\s*$", re.MULTILINE)


def import_lancedb() -> Any:
    """The module ``lancedb``.

    Raises:
        ModuleNotFoundError: it is not installed.
    """
    if "lancedb" not in sys.modules and _CLIENT not in sys.modules:
        spec = importlib.util.find_spec(_CLIENT)
        if spec is not None and spec.origin is not None:
            sys.modules[_CLIENT] = _LazyPackage(spec, spec.origin)
    return import_module("lancedb")


class _LazyPackage(ModuleType):
    """A package whose names are imported from its modules when each is first asked for."""

    def __init__(self, spec: importlib.machinery.ModuleSpec, source: str) -> None:
        super().__init__(spec.name)
        self.__spec__ = spec
        self.__file__ = source
        self.__path__ = list(spec.submodule_search_locations or [])
        self.__package__ = spec.name
        text = Path(source).read_text(encoding="utf-8")
        self._homes = {name: module for module, name in _NAMED.findall(text)}

    def __getattr__(self, name: str) -> Any:
        home = self.__dict__.get("_homes", {}).get(name)
        if home is None:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        value = getattr(import_module(home), name)
        setattr(self, name, value)
        return value
