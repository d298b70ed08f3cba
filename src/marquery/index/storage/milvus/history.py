"""The versions of a table in Milvus: small records, of which the newest is set last."""

import base64
import time
from dataclasses import asdict, dataclass
from itertools import pairwise

import pyarrow as pa

from marquery.errors import MarqueryError
from marquery.index.storage.milvus.files import MilvusFiles

_FORMAT = 1
_NEWEST = "table"
_VERSION = "v:"


@dataclass(frozen=True)
class Version:
    """One version of a table."""

    number: int
    columns: int
    """How many of the table's columns it has: later ones are appended."""
    created: int
    """How many columns the first version had."""
    indexed: tuple[str, ...]
    """Columns that candidates can be found by."""
    next_key: int
    """Key of the next row that is written."""
    written: float
    """Seconds since 1970."""


class History:
    """The record of one table.

    Args:
        files: where it is kept.
        address: of the index, to be named in an error.
    """

    def __init__(self, files: MilvusFiles, address: str) -> None:
        self._files = files
        self._address = address

    def newest(self) -> tuple[Version, pa.Schema] | None:
        """The newest version, and the columns of the table; None before the first.

        Raises:
            MarqueryError: a later version of this library wrote it.
        """
        found = self._files.record(_NEWEST)
        if found is None:
            return None
        if found["format"] != _FORMAT:
            raise MarqueryError(
                f"{self._address}: format {found['format']!r} is not the format {_FORMAT} that "
                "this version reads; build the index again"
            )
        schema = pa.ipc.read_schema(pa.py_buffer(base64.b64decode(found["schema"])))
        return _version(found["version"]), schema

    def at(self, number: int) -> Version | None:
        """A version by its number; None where there is none, or no more."""
        found = self._files.record(_name(number)) if number > 0 else None
        return None if found is None else _version(found)

    def set(self, version: Version, schema: pa.Schema) -> None:
        """Make a version the newest: from now on it is seen."""
        self._files.keep(_name(version.number), asdict(version))
        text = base64.b64encode(schema.serialize().to_pybytes()).decode()
        told = {"format": _FORMAT, "version": asdict(version), "schema": text}
        self._files.keep(_NEWEST, told)

    def forget_before(self, age: float) -> int | None:
        """Drop the records of versions that were replaced longer ago than an age.

        Args:
            age: in seconds.

        Returns:
            The oldest version that is still known; None where none was dropped.
        """
        known = sorted(map(_version, self._files.records(_VERSION).values()), key=_number)
        limit = time.time() - age
        # A version ends when the next one is written.
        ended = [old for old, new in pairwise(known) if new.written < limit]
        if not ended:
            return None
        self._files.forget([_name(version.number) for version in ended])
        return known[len(ended)].number


def _number(version: Version) -> int:
    return version.number


def _name(number: int) -> str:
    return f"{_VERSION}{number:012d}"


def _version(told: dict[str, object]) -> Version:
    return Version(**{**told, "indexed": tuple(told["indexed"])})  # type: ignore[arg-type]
