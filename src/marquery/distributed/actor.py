"""What runs on the machines of a cluster."""

import os
import tempfile
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from marquery._version import __version__


class LogoActor:
    """Holds an encoder and does tasks with it, one after the other.

    Args:
        setup: ``module:function``; called with the folder of the encoder and ``arguments``, it
            gives what does a task.
        files: of the encoder, by their names.
        arguments: further ones.
        version: of this library, where the job was started.

    Raises:
        RuntimeError: another version is installed here.
    """

    def __init__(
        self, setup: str, files: Mapping[str, bytes], arguments: tuple[Any, ...], version: str
    ) -> None:
        if version != __version__:
            raise RuntimeError(f"marquery {__version__} is installed here, not {version}")
        # It goes with the actor, however that ends, or with the machine's temporary files.
        self._folder = tempfile.TemporaryDirectory(prefix="marquery-encoder-")
        for name, content in files.items():
            place = Path(self._folder.name) / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        module, _, function = setup.partition(":")
        make = getattr(import_module(module), function)
        self._work: Callable[[Any], Any] = make(Path(self._folder.name), *arguments)

    def ready(self) -> int:
        """The process; answered once the encoder is loaded."""
        return os.getpid()

    def run(self, task: Any) -> Any:
        """Do a task."""
        return self._work(task)
