"""The part vectors of an index in Milvus: rows of their own, a row a part, that name the logo's.

They are there to find candidates; what is compared in full is kept with the logo.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from marquery.arrays import AnyArray, Float32Array
from marquery.index.storage.milvus.client import MilvusPlace, connect, new_schema, told, types
from marquery.index.storage.milvus.encoding import ALIVE, BORN, DIED, KEY, VECTOR
from marquery.index.storage.milvus.rows import MOST, Rows

#: The key of a logo's row, and the cosine of its vector.
Near = tuple[int, float]
_PART = "part"
#: Parts a logo at most.
_PARTS = 256
# Logos that are named one by one in a filter.
_NAMED = 4_096


class PartRows:
    """The vectors of one column of lists of vectors.

    Args:
        place: of the index.
        column: number of the column.
    """

    def __init__(self, place: MilvusPlace, column: int) -> None:
        self._rows = Rows(place, f"{place.name}_parts{column}", _PART)

    def create(self, dim: int) -> None:
        """Make the collection anew."""
        place, name = self._rows.place, self._rows.collection
        with told(place.address):
            client = connect(place)
            if client.has_collection(name):
                client.drop_collection(name)
            schema, kinds = new_schema(), types()
            schema.add_field(_PART, kinds.INT64, is_primary=True)
            for field in (KEY, BORN, DIED):
                schema.add_field(field, kinds.INT64)
            schema.add_field(VECTOR, kinds.FLOAT_VECTOR, dim=dim)
            client.create_collection(
                name,
                schema=schema,
                index_params=graph_index(client),
                consistency_level="Strong",
            )

    def insert(self, keys: Sequence[int], vectors: Iterable[AnyArray], born: int) -> None:
        """Add the parts of logos.

        Args:
            keys: of the logos' rows.
            vectors: float32 (P, d) of each logo.
            born: the version that sees them first.
        """
        self._rows.insert(
            [
                {_PART: key * _PARTS + n, KEY: key, BORN: born, DIED: ALIVE, VECTOR: vector}
                for key, some in zip(keys, vectors, strict=True)
                for n, vector in enumerate(some[:_PARTS])
            ]
        )

    def end(self, keys: Sequence[int], version: int) -> None:
        """Let the parts of some logos be seen before a version only."""
        for start in range(0, len(keys), _NAMED // 8):
            named = f"{KEY} in {[int(k) for k in keys[start : start + _NAMED // 8]]}"
            last = (max(keys) + 1) * _PARTS
            for rows in list(self._rows.pages(named, ["*"], last, large=False)):
                self._rows.end(rows, version)

    def undo(self, version: int, last: int) -> None:
        """See :meth:`Rows.undo`."""
        self._rows.undo(version, (last + 1) * _PARTS)

    def forget(self, version: int) -> None:
        """See :meth:`Rows.forget`."""
        self._rows.forget(version)

    def nearest(
        self, vector: Float32Array, k: int, version: int, among: Sequence[int] | None, breadth: int
    ) -> list[Near]:
        """The logos that have the nearest parts, nearest first.

        Args:
            vector: float32 (d,).
            k: how many logos at most.
            version: that is searched.
            among: keys of the logos that count; None: all.
            breadth: candidates of the graph that are kept on the way.
        """
        allowed = None if among is None else set(among)
        visible = self._rows.visible(version)
        if among is not None and len(among) <= _NAMED:
            visible += f" and {KEY} in {[int(key) for key in among]}"
        limit = min(4 * k, MOST)
        while True:
            found = nearest_rows(self._rows, vector, limit, visible, breadth)
            best: dict[int, float] = {}
            for key, cosine in found:
                best.setdefault(key, cosine)
            good = [near for near in best.items() if allowed is None or near[0] in allowed]
            if len(good) >= k or limit == MOST or len(found) < limit:
                return good[:k]
            limit = min(4 * limit, MOST)


def nearest_rows(
    rows: Rows, vector: Float32Array, k: int, expression: str, breadth: int
) -> list[Near]:
    """The rows whose vectors are near one, by the graph of a collection, nearest first.

    Args:
        rows: the collection.
        vector: float32 (D,).
        k: how many at most.
        expression: filter, asked for before the search.
        breadth: candidates of the graph that are kept on the way.
    """
    with told(rows.place.address):
        found = rows.client.search(
            rows.collection,
            data=[vector],
            anns_field=VECTOR,
            limit=k,
            filter=expression,
            output_fields=[KEY],
            search_params={"params": {"ef": max(breadth, k)}},
            consistency_level=rows.consistency,
        )
    return [(int(hit["entity"][KEY]), float(hit["distance"])) for hit in found[0]]


def graph_index(client: Any) -> Any:
    """HNSW by cosine."""
    index = client.prepare_index_params()
    index.add_index(
        VECTOR,
        index_type="HNSW",
        metric_type="COSINE",
        params={"M": 32, "efConstruction": 400},
    )
    return index
