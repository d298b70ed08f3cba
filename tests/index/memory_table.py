"""A vector store in memory: a second implementation of the contract, simple enough to be read at
once.
"""

import re
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa

from marquery.errors import UsageError
from marquery.index.metadata.conditions import (
    And,
    Compare,
    CompareWritten,
    HasMember,
    HasText,
    IsMissing,
    Matches,
    Not,
    OneOf,
    Or,
    SameText,
    Within,
)
from marquery.index.storage.table import ROW_KEY, TableStatistics

#: Folder of an index -> its versions, oldest first: (schema, rows, indexed columns).
_VERSIONS: dict[str, list] = {}


class MemoryStore:
    files = None

    def __init__(self, folder: Path) -> None:
        self.versions = _VERSIONS.setdefault(str(folder.absolute()), [])
        self.folder = folder

    def open(self, version=None):
        if not self.versions:
            return None
        newest = len(self.versions)
        if version is not None and not 1 <= version <= newest:
            raise UsageError(
                "version", f"{self.folder} has no version {version}", f"it is at {newest}"
            )
        return MemoryTable(self.versions, version or newest)

    def stamp(self):
        return len(self.versions)

    def create(self, rows):
        self.versions.append((rows.schema, rows.to_pylist(), frozenset()))
        return MemoryTable(self.versions, 1)


class MemoryTable:
    def __init__(self, versions, version) -> None:
        self.versions, self.version = versions, version

    @property
    def _state(self):
        return self.versions[self.version - 1]

    @property
    def schema(self):
        return self._state[0]

    def _write(self, rows, schema=None, indexed=None):
        old = self._state
        self.versions.append((schema or old[0], rows, old[2] if indexed is None else indexed))
        self.version = len(self.versions)

    def _chosen(self, where):
        return [(k, r) for k, r in enumerate(self._state[1]) if where is None or holds(where, r)]

    def count(self, where=None):
        return len(self._chosen(where))

    def add(self, rows):
        self._write(self._state[1] + rows.to_pylist())

    def upsert(self, rows):
        given = {row["id"]: row for row in rows.to_pylist()}
        merged = [{**row, **given.pop(row["id"], {})} for row in self._state[1]]
        whole = set(rows.schema.names) == set(self.schema.names)
        self._write(merged + (list(given.values()) if whole else []))

    def delete(self, where):
        self._write([row for row in self._state[1] if not holds(where, row)])

    def add_columns(self, fields):
        nulls = dict.fromkeys(field.name for field in fields)
        schema = self.schema
        for field in fields:
            schema = schema.append(field)
        self._write([{**row, **nulls} for row in self._state[1]], schema)

    def _arrow(self, chosen, columns):
        fields = [
            pa.field(ROW_KEY, pa.uint64()) if name == ROW_KEY else self.schema.field(name)
            for name in columns
        ]
        rows = [
            {name: key if name == ROW_KEY else row[name] for name in columns} for key, row in chosen
        ]
        return pa.Table.from_pylist(rows, schema=pa.schema(fields))

    def scan(self, columns, where=None, batch_rows=65536):
        yield from self.read(columns, where).to_batches(max_chunksize=batch_rows)

    def read(self, columns, where=None):
        return self._arrow(self._chosen(where), columns)

    def take(self, keys, columns):
        return self._arrow([(int(k), self._state[1][int(k)]) for k in keys], columns)

    def nearest(self, column, vectors, k, where=None, *, probes, enough=None):
        def similar(value):
            own = np.atleast_2d(np.asarray(value, np.float32))
            return float((vectors @ own.T / np.linalg.norm(own, axis=1)).max())

        chosen = sorted(self._chosen(where), key=lambda item: -similar(item[1][column]))
        return np.array([key for key, _ in chosen[:k]], np.uint64)

    def build_index(self, column):
        self._write(self._state[1], indexed=self._state[2] | {column})

    def optimise(self, *, forget=False):
        self._write(self._state[1])

    def statistics(self):
        content = pa.Table.from_pylist(self._state[1], schema=self.schema)
        return TableStatistics(len(content), content.nbytes, self._state[2])


def holds(condition, row) -> bool:
    """What a condition means, in a few lines of Python."""
    match condition:
        case And(terms):
            return all(holds(term, row) for term in terms)
        case Or(terms):
            return any(holds(term, row) for term in terms)
        case Not(term):
            return not holds(term, row)
        case IsMissing(column):
            return row[column] is None
    value = row[condition.column]
    if value is None:
        return False
    match condition:
        case Compare(_, operator, other):
            return {
                "=": value == other,
                "<": value < other,
                "<=": value <= other,
                ">": value > other,
                ">=": value >= other,
            }[operator]
        case CompareWritten(column, operator, number):
            if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value):
                value, number = Decimal(value), Decimal(number)
            return holds(Compare(column, operator, number), {column: value})
        case OneOf(_, values):
            return value in values
        case Within(_, low, high):
            return low <= value <= high
        case HasMember(_, member):
            return member in value
        case SameText(_, text, is_list):
            return text.lower() in [v.lower() for v in (value if is_list else [value])]
        case Matches(_, pattern, is_list):
            return any(re.fullmatch(pattern, v) for v in (value if is_list else [value]))
        case HasText(_, text, at_start, is_list):
            members = [v.lower() for v in (value if is_list else [value])]
            asked = text.lower()
            return any(m.startswith(asked) if at_start else asked in m for m in members)
