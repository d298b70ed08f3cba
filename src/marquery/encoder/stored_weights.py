"""``model.safetensors`` read without PyTorch: which tensors it holds, where, and their values."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from marquery.errors import MarqueryError
from marquery.json_text import parse_json

#: Bytes in front of the header: its length.
_LENGTH = 8
#: Longest header that is read, in bytes; that of a large network has some hundred thousand.
_LONGEST_HEADER = 100 * 1024 * 1024
_DTYPES: dict[str, np.dtype[np.generic]] = {
    "F16": np.dtype(np.float16),
    "F32": np.dtype(np.float32),
    "F64": np.dtype(np.float64),
    "I64": np.dtype(np.int64),
    "I32": np.dtype(np.int32),
    "U8": np.dtype(np.uint8),
}


class TensorPlace(BaseModel):
    """Where a tensor's values lie in the file."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    dtype: str
    shape: tuple[int, ...]
    data_offsets: tuple[int, int]
    """First byte and the byte after the last, counted from the end of the header."""


class Layout:
    """The header of a safetensors file.

    Args:
        header: its bytes, JSON.
        size: bytes of the whole file.
        name: of the file, for errors.

    Raises:
        MarqueryError: it is no such header, or does not describe so many bytes.
    """

    def __init__(self, header: bytes, size: int, name: str) -> None:
        self.start = _LENGTH + len(header)
        self.digest = hashlib.sha256(header).hexdigest()
        try:
            raw = parse_json(header)
            raw.pop("__metadata__", None)
            self.places = TypeAdapter(dict[str, TensorPlace]).validate_python(raw)
        except (ValueError, AttributeError, ValidationError) as error:
            raise _unreadable(name, "its header is damaged") from error
        if size != self.start + max((p.data_offsets[1] for p in self.places.values()), default=0):
            raise _unreadable(name, "it is cut short or too long")

    @classmethod
    def of(cls, content: bytes, name: str) -> "Layout":
        """That of a whole file's bytes."""
        length = int.from_bytes(content[:_LENGTH], "little")
        return cls(content[_LENGTH : _LENGTH + length], len(content), name)

    @classmethod
    def read(cls, path: Path) -> "Layout":
        """That of a file; its values are not read.

        Raises:
            MarqueryError: it is missing or not a readable safetensors file.
        """
        try:
            with path.open("rb") as file:
                length = int.from_bytes(file.read(_LENGTH), "little")
                header = file.read(min(length, _LONGEST_HEADER))
        except FileNotFoundError as error:
            raise MarqueryError(
                f"{path}: the weights are missing; save the encoder again"
            ) from error
        except OSError as error:
            raise _unreadable(str(path), error.strerror or str(error)) from error
        return cls(header, path.stat().st_size, str(path))


def read_tensors(path: Path, names: Sequence[str]) -> list[NDArray[np.generic]]:
    """Values of tensors, numbers in half precision widened to float32.

    Args:
        path: the safetensors file.
        names: which, in the order of the result.

    Raises:
        MarqueryError: it cannot be read, or lacks one of them.
    """
    layout = Layout.read(path)
    content = path.read_bytes()
    out: list[NDArray[np.generic]] = []
    for name in names:
        place = layout.places.get(name)
        if place is None or place.dtype not in _DTYPES:
            raise _unreadable(str(path), f"the tensor {name} is missing or of an unknown type")
        begin, end = (layout.start + offset for offset in place.data_offsets)
        values = np.frombuffer(content[begin:end], _DTYPES[place.dtype]).reshape(place.shape)
        out.append(values.astype(np.float32) if place.dtype == "F16" else values)
    return out


def _unreadable(name: str, why: str) -> MarqueryError:
    return MarqueryError(f"{name}: not a readable safetensors file ({why}); save the encoder again")
