"""Rows of a register for benchmarks/scale.py, made from an index of logos and views of them.

A row is that of a real logo or view. To its vector is added the difference between another logo and
its view, as the encoder gave them, times a number between .5 and 1; likewise to the vectors of its
parts, by the index's projection. So neighbours lie as far apart as views of one mark do, and there
are as many as there are rows for each real one. Where names are given, three rows in five have
words: the name that belongs to the logo, half of them with a word of another name, as divisions and
slogans have, and one in ten with a letter misread.
"""

import string
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from marquery.index.metadata.filters import PREFIX

OFFICES = [f"{a}{b}" for a in "ABCDE" for b in "KLMNOPQRST"]
STATUSES = ["registered", "pending", "expired", "withdrawn", "refused"]


def unit(vectors: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return (vectors / np.maximum(lengths, 1e-12)).astype(np.float32)


class Register:
    """Rows by number, the same for the same number.

    Args:
        table: of the index of logos and views, all columns; paths end in -a.png and -b.png.
        matrix: its projection, (D, d).
        names: of brands; none: no row has words.
    """

    def __init__(self, table: pa.Table, matrix: np.ndarray, names: Sequence[str] = ()) -> None:
        self.names = names
        self.table, self.matrix = table.combine_chunks(), matrix
        self.vectors = _vectors(table["vector"])
        names = {path: i for i, path in enumerate(table["path"].to_pylist())}
        pairs = [(i, names.get(p[:-5] + "b.png")) for p, i in names.items() if p[-5] == "a"]
        self.differences = np.stack(
            [self.vectors[b] - self.vectors[a] for a, b in pairs if b is not None]
        )
        self.small = self.differences @ matrix

    def rows(self, first: int, count: int, total: int) -> pa.Table:
        rng = np.random.default_rng([7, first])
        chosen = rng.integers(len(self.table), size=count)
        moves = rng.integers(len(self.differences), size=count)
        strength = rng.uniform(0.5, 1, size=(count, 1)).astype(np.float32)
        some = self.table.take(pa.array(chosen))
        moved = self.small[moves] * strength
        columns = {name: some[name] for name in some.schema.names}
        numbers = range(first, first + count)
        columns["id"] = pa.array(numbers, pa.int64())
        columns["path"] = pa.array([f"/register/{n:09d}.png" for n in numbers])
        columns["sha256"] = pa.array([f"{n:064x}" for n in numbers])
        whole = unit(self.vectors[chosen] + self.differences[moves] * strength)
        columns["vector"] = _fixed(whole, np.float32)
        columns["shape"] = _fixed(unit(_vectors(some["shape"]) + moved), np.float16)
        parts = some["parts"].combine_chunks()
        counts = np.asarray(parts.value_lengths())
        vectors = _vectors(parts.flatten()).astype(np.float32)
        moved_parts = unit(vectors + np.repeat(moved, counts, axis=0))
        ends = pa.array(np.cumsum([0, *counts]).astype(np.int32))
        columns["parts"] = pa.ListArray.from_arrays(ends, _fixed(moved_parts, np.float16))
        if self.names:
            columns["words"] = pa.array(_words(rng, self.names, chosen), pa.string())
        columns |= {f"{PREFIX}{k}": v for k, v in _metadata(rng, count, total).items()}
        return pa.table(columns)


def _words(rng: np.random.Generator, names: Sequence[str], chosen: np.ndarray) -> list[str | None]:
    told: list[str | None] = []
    for logo, other in zip(chosen, rng.integers(len(names), size=len(chosen)), strict=True):
        if rng.random() < 0.4:
            told.append(None)
            continue
        text = names[logo % len(names)]
        if rng.random() < 0.5:
            text += " " + names[other].split()[-1]
        if rng.random() < 0.1:
            place = int(rng.integers(len(text)))
            letter = string.ascii_lowercase[int(rng.integers(26))]
            text = text[:place] + letter + text[place + 1 :]
        told.append(text)
    return told


def _metadata(rng: np.random.Generator, count: int, total: int) -> dict[str, pa.Array]:
    # A few owners have very many marks; "Owner 7" has one of 10,000.
    owners = np.minimum(rng.zipf(1.3, size=count), total // 2) + 100
    owners[rng.random(count) < 1e-4] = 7
    nice = [[str(n) for n in sorted(set(row))] for row in rng.integers(1, 46, size=(count, 2))]
    vienna = [[f"{a}.{b}" for a, b in row] for row in rng.integers(1, 30, size=(count, 2, 2))]
    share = np.array([0.5, 0.2, 0.15, 0.1, 0.05])
    return {
        "owner": pa.array([f"Owner {n}" for n in owners]),
        "nice": pa.array(nice, pa.list_(pa.string())),
        "vienna": pa.array(vienna, pa.list_(pa.string())),
        "status": pa.array([STATUSES[i] for i in rng.choice(5, size=count, p=share)]),
        # Each of the first 50 offices has one mark of a hundred, and one office half of all.
        "office": pa.array(
            [
                "EU" if big else OFFICES[i]
                for big, i in zip(
                    rng.random(count) < 0.5, rng.integers(50, size=count), strict=True
                )
            ]
        ),
        "filed": pa.array(
            np.datetime64("1990-01-01") + rng.integers(12_000, size=count), pa.date32()
        ),
    }


def _vectors(column: pa.ChunkedArray | pa.Array) -> np.ndarray:
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return whole.flatten().to_numpy(zero_copy_only=False).reshape(-1, whole.type.list_size)


def _fixed(values: np.ndarray, dtype: type) -> pa.Array:
    flat = pa.array(np.ascontiguousarray(values, dtype).reshape(-1))
    return pa.FixedSizeListArray.from_arrays(flat, values.shape[1])
