"""Checkpoints: one file, replaced atomically, read back without unpickling code."""

import io
from pathlib import Path
from typing import Any

import torch

from marquery.errors import MarqueryError
from marquery.files import write_atomically

CHECKPOINT_FILE = "checkpoint.pt"


def save_checkpoint(run: Path, state: dict[str, Any]) -> None:
    """Write the state of a run; the former checkpoint stays until the new one is whole.

    Raises:
        MarqueryError: the disk is full.
    """
    # Through memory: torch turns a full disk into an error of its own that tells nothing.
    buffer = io.BytesIO()
    torch.save(state, buffer)
    write_atomically(run / CHECKPOINT_FILE, lambda path: path.write_bytes(buffer.getbuffer()))


def load_checkpoint(run: Path) -> dict[str, Any] | None:
    """The state last written, or ``None`` where there is none.

    Raises:
        MarqueryError: the file is damaged.
    """
    path = run / CHECKPOINT_FILE
    if not path.is_file():
        return None
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # what garbage makes of the unpickler cannot be told in advance
        raise MarqueryError(
            f"{path}: damaged checkpoint; remove it to start the run anew"
        ) from error
    return state
