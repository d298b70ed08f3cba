"""Graphs that OpenVINO compiled, kept for the next process."""

import hashlib
import io
import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

from marquery.caches import cache_folder
from marquery.encoder.runtimes import import_openvino
from marquery.errors import MarqueryError
from marquery.files import write_atomically

#: Files that are kept; those that were not used for longest go first.
_KEPT = 8
_ENDING = ".openvino"


def compiled(fingerprint: str, read: Callable[[Any, Any], Any], settings: dict[str, object]) -> Any:
    """A graph compiled for this CPU, from the cache where it is there and whole.

    The cache is ``$XDG_CACHE_HOME/marquery/engines``. A file that is damaged, or that cannot be
    written, costs nothing but the time to compile.

    Args:
        fingerprint: of the encoder.
        read: called with an ``openvino.Core`` and the module to read the graph when it must be
            compiled.
        settings: of the compilation.

    Returns:
        An ``openvino.CompiledModel``.
    """
    ov = import_openvino()
    core = ov.Core()
    key = repr((fingerprint, ov.__version__, _cpu(core), sorted(settings.items())))
    path = cache_folder("engines") / (hashlib.sha256(key.encode()).hexdigest()[:40] + _ENDING)
    kept = _read(path)
    if kept is not None:
        try:
            return core.import_model(io.BytesIO(kept), "CPU", settings)
        except RuntimeError:  # of a build that calls itself by the same version
            path.unlink(missing_ok=True)
    model = core.compile_model(read(core, ov), "CPU", settings)
    _keep(path, model)
    return model


def _cpu(core: Any) -> str:
    capabilities = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    name = core.get_property("CPU", "FULL_DEVICE_NAME")
    return f"{name} {platform.machine()} {sorted(capabilities)}"


def _read(path: Path) -> bytes | None:
    try:
        content = path.read_bytes()
        os.utime(path)
    except OSError:
        return None
    digest, blob = content[:32], content[32:]
    return blob if hashlib.sha256(blob).digest() == digest else None


def _keep(path: Path, model: Any) -> None:
    exported = io.BytesIO()
    try:
        model.export_model(exported)
        blob = exported.getvalue()
        content = hashlib.sha256(blob).digest() + blob
        write_atomically(path, lambda temporary: temporary.write_bytes(content))
        files = sorted(path.parent.glob(f"*{_ENDING}"), key=lambda file: file.stat().st_mtime)
        for old in files[:-_KEPT]:
            old.unlink(missing_ok=True)
    except (
        OSError,
        RuntimeError,
        MarqueryError,
    ):  # no place for it, or not to be exported: compiled again
        return
