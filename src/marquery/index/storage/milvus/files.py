"""Shared files of an index, and the record of its table's versions, in a collection of Milvus."""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from marquery.index.storage.milvus.client import MilvusPlace, connect, new_schema, told, types
from marquery.index.storage.shared_files import missing_file

# Bytes of a piece: base 64 of it fits into a field of text.
_PIECE = 48_000
_MOST = 16_384


class MilvusFiles:
    """Rows of the collection ``NAME_files``: each a piece of a file, or an entry that names one.

    An entry is written after its pieces, so that a file is replaced whole.

    Args:
        place: of the index.
    """

    def __init__(self, place: MilvusPlace) -> None:
        self._place = place
        self._collection = f"{place.name}_files"

    def names(self) -> Mapping[str, str]:
        """See :meth:`SharedFiles.names`; the mark is the hash."""
        return {name: entry["sha256"] for name, entry in self._entries("f:").items()}

    def read(self, name: str) -> bytes:
        """See :meth:`SharedFiles.read`."""
        before = None
        while True:
            entry = self._rows([f"f:{name}"]).get(f"f:{name}")
            if entry is None:
                raise KeyError(name)
            told_of = json.loads(entry)
            keys = _piece_keys(told_of["sha256"], told_of["pieces"])
            pieces = self._rows(keys)
            if len(pieces) == len(keys):
                return b"".join(base64.b64decode(pieces[key]) for key in keys)
            if entry == before:
                raise missing_file(self._place.address, name)
            before = entry  # replaced, perhaps, since it was read

    def write(self, name: str, content: bytes) -> None:
        """See :meth:`SharedFiles.write`."""
        digest = hashlib.sha256(content).hexdigest()
        some = [content[i : i + _PIECE] for i in range(0, len(content), _PIECE)]
        keys = _piece_keys(digest, len(some))
        pieces = {k: base64.b64encode(p).decode() for k, p in zip(keys, some, strict=True)}
        old = self._rows([f"f:{name}"]).get(f"f:{name}")
        for start in range(0, len(keys), 64):
            self._put({key: pieces[key] for key in keys[start : start + 64]})
        self._put({f"f:{name}": json.dumps({"sha256": digest, "pieces": len(some)})})
        if old is not None:
            self._drop_pieces(json.loads(old))

    def delete(self, name: str) -> None:
        """See :meth:`SharedFiles.delete`."""
        old = self._rows([f"f:{name}"]).get(f"f:{name}")
        if old is not None:
            self._remove([f"f:{name}"])
            self._drop_pieces(json.loads(old))

    def record(self, name: str) -> Any:
        """What was kept by :meth:`keep`; None where nothing was."""
        found = self._rows([f"r:{name}"]).get(f"r:{name}")
        return None if found is None else json.loads(found)

    def records(self, prefix: str) -> dict[str, Any]:
        """All that was kept under names that begin so."""
        return {prefix + name: entry for name, entry in self._entries(f"r:{prefix}").items()}

    def keep(self, name: str, content: Any) -> None:
        """Keep a small record, in one write."""
        self._put({f"r:{name}": json.dumps(content)})

    def forget(self, names: list[str]) -> None:
        """Drop records."""
        self._remove([f"r:{name}" for name in names])

    def _drop_pieces(self, entry: Mapping[str, Any]) -> None:
        used = {other["sha256"] for other in self._entries("f:").values()}
        if entry["sha256"] not in used:
            self._remove(_piece_keys(entry["sha256"], entry["pieces"]))

    def _entries(self, prefix: str) -> dict[str, Any]:
        """Rows whose name begins so, without that beginning."""
        with told(self._place.address):
            client = connect(self._place)
            if not client.has_collection(self._collection):
                return {}
            found: dict[str, Any] = {}
            last = prefix
            while True:
                # The end of the prefix's range: ':' and '/' are followed by other signs there.
                rows = client.query(
                    self._collection,
                    filter=f'name > {json.dumps(last)} and name like "{prefix}%"',
                    output_fields=["name", "data"],
                    limit=_MOST,
                    consistency_level="Strong",
                )
                found |= {r["name"].removeprefix(prefix): json.loads(r["data"]) for r in rows}
                if len(rows) < _MOST:
                    return found
                last = max(row["name"] for row in rows)

    def _rows(self, names: list[str]) -> dict[str, str]:
        with told(self._place.address):
            client = connect(self._place)
            if not client.has_collection(self._collection):
                return {}
            found: dict[str, str] = {}
            for start in range(0, len(names), 128):
                rows = client.query(
                    self._collection,
                    filter=f"name in {json.dumps(names[start : start + 128])}",
                    output_fields=["name", "data"],
                    limit=_MOST,
                    consistency_level="Strong",
                )
                found |= {row["name"]: row["data"] for row in rows}
            return found

    def _put(self, rows: Mapping[str, str]) -> None:
        content = [{"name": n, "data": d, "nothing": [0.0, 1.0]} for n, d in rows.items()]
        with told(self._place.address):
            self._made().upsert(self._collection, content)

    def _remove(self, names: list[str]) -> None:
        with told(self._place.address):
            if names and connect(self._place).has_collection(self._collection):
                self._made().delete(self._collection, ids=names)

    def _made(self) -> Any:
        """The client, once the collection is there."""
        client = connect(self._place)
        if not client.has_collection(self._collection):
            schema, kinds = new_schema(), types()
            schema.add_field("name", kinds.VARCHAR, is_primary=True, max_length=1024)
            schema.add_field("data", kinds.VARCHAR, max_length=65_535)
            # A collection has to have a vector.
            schema.add_field("nothing", kinds.FLOAT_VECTOR, dim=2)
            index = client.prepare_index_params()
            index.add_index("nothing", index_type="FLAT", metric_type="L2")
            client.create_collection(
                self._collection, schema=schema, index_params=index, consistency_level="Strong"
            )
        return client


def _piece_keys(digest: str, count: int) -> list[str]:
    return [f"p:{digest}:{number:06d}" for number in range(count)]
