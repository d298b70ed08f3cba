"""LanceDB imported without what it loads for its remote services, three quarters of the time that
it takes.

``import lancedb`` needs the names of a few model classes of a client for remote catalogues, and
loads the whole client with them: nine generated interfaces and 150 Pydantic models, of which an
index in a folder uses none. Before Python 3.12 it also has a package look through the bytecode of
all its classes for wrong overrides.
"""

import importlib.machinery
import importlib.util
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

_CLIENT = "lance_namespace_urllib3_client"
_MODELS = f"{_CLIENT}.models"
_NAMED = re.compile(r"^from (\S+) import (\w+)\s*$", re.MULTILINE)
_importing = threading.RLock()


def import_lancedb() -> Any:
    """The module ``lancedb``.

    Raises:
        ModuleNotFoundError: it is not installed.
    """
    with _importing:
        if "lancedb" in sys.modules:
            return sys.modules["lancedb"]
        with _unchecked_overrides(), _names_of_models():
            return import_module("lancedb")


@contextmanager
def _names_of_models() -> Iterator[None]:
    """The client's packages import their modules when a name is first asked for; until the block
    ends, its models are stand-ins.
    """
    models = None
    if _CLIENT not in sys.modules:
        for name in (_CLIENT, _MODELS):
            # Looking for the second asks the first where it lies.
            spec = importlib.util.find_spec(name)
            if spec is not None and spec.origin is not None:
                models = sys.modules[name] = _LazyPackage(spec, spec.origin)
    if models is None:
        yield
        return
    models.gives_stand_ins = True
    try:
        yield
    finally:
        models.gives_stand_ins = False


@contextmanager
def _unchecked_overrides() -> Iterator[None]:
    """What LanceDB does without the package ``overrides`` from Python 3.12 on, where it is not
    loaded yet.
    """
    if "overrides" in sys.modules:
        yield
        return
    module = ModuleType("overrides")
    module.override = lambda function: function  # type: ignore[attr-defined]
    module.EnforceOverrides = type("EnforceOverrides", (), {})  # type: ignore[attr-defined]
    sys.modules["overrides"] = module
    try:
        yield
    finally:
        if sys.modules.get("overrides") is module:
            del sys.modules["overrides"]


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
        self.gives_stand_ins = False

    def __getattr__(self, name: str) -> Any:
        home = self.__dict__.get("_homes", {}).get(name)
        if home is None:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        if self.gives_stand_ins:
            return _StandIn(name, (), {"__module__": home})
        value = getattr(import_module(home), name)
        setattr(self, name, value)
        return value


class _StandIn(type):
    """A class that is named in annotations, imported when something of it is needed."""

    def __call__(cls, *arguments: Any, **named: Any) -> Any:
        return cls._real()(*arguments, **named)

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):  # what typing and pydantic look for in any class
            raise AttributeError(name)
        return getattr(cls._real(), name)

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, cls._real())

    def _real(cls) -> Any:
        return getattr(import_module(cls.__module__), cls.__name__)
