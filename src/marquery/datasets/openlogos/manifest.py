"""The rows of ``manifest.parquet``: which logo shows which brand, and in which split the brand
is.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marquery.datasets.openlogos.iconify import Collection
from marquery.datasets.openlogos.render import Rendered
from marquery.datasets.openlogos.sources import Namespace
from marquery.files import written_whole

#: Share of the brands in each split, in order.
SHARES = (("train", 0.50), ("val", 0.10), ("test", 0.40))


@dataclass(frozen=True)
class Row:
    """One logo; the fields are the columns of the manifest, in order."""

    path: str
    collection: str
    name: str
    brand: str
    namespace: Namespace
    split: str
    licence: str
    sha256: str
    svg: str
    backdrop: str
    edition: int


def make_rows(
    collections: Iterable[Collection],
    brands: Mapping[str, str],
    drawn: Mapping[str, Rendered | None],
) -> list[Row]:
    """Rows of the logos, sorted by path.

    Of the logos of one brand with the very same pixels only the first is kept: a copy as the right
    answer would measure nothing; logos of the first edition come first. A brand belongs to the
    namespace that most of its logos in its first edition come from (of equals, ``brand``), and has
    one split.

    Args:
        collections: the icons, by collection.
        brands: brand of each logo, by icon id.
        drawn: by icon id, what was rendered; None where nothing could be seen.
    """
    collections = list(collections)
    balance: Counter[tuple[str, int]] = Counter()
    first_edition: dict[str, int] = {}
    for collection in sorted(collections, key=lambda collection: collection.source.edition):
        vote = 1 if collection.source.namespace == "crypto" else -1
        for icon in collection.icons:
            if drawn[icon.id] is not None:
                brand = brands[icon.id]
                first_edition.setdefault(brand, collection.source.edition)
                balance[brand, collection.source.edition] += vote
    rows = []
    for collection in collections:
        for icon in collection.icons:
            rendered = drawn[icon.id]
            if rendered is None:
                continue
            brand = brands[icon.id]
            rows.append(
                Row(
                    path=icon.path,
                    collection=icon.collection,
                    name=icon.name,
                    brand=brand.removeprefix("brand:"),
                    namespace="crypto" if balance[brand, first_edition[brand]] > 0 else "brand",
                    split=split_of(brand),
                    licence=collection.source.licence,
                    sha256=rendered.sha256,
                    svg=icon.svg,
                    backdrop=rendered.backdrop,
                    edition=collection.source.edition,
                )
            )
    rows.sort(key=lambda row: (row.edition, row.path))
    first: dict[tuple[str, str], Row] = {}
    for row in rows:
        first.setdefault((row.brand, row.sha256), row)
    return sorted(first.values(), key=lambda row: row.path)


def split_of(brand: str) -> str:
    """Split of a brand, by a hash of its name: the same whatever other brands there are."""
    position = int.from_bytes(hashlib.sha256(brand.encode()).digest()[:8], "big") / 2**64
    for name, share in SHARES:
        if position < share:
            return name
        position -= share
    return SHARES[-1][0]


def write_manifest(path: Path, rows: list[Row]) -> None:
    """Write the rows as parquet, whole or not at all; equal rows give equal bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = list(Row.__dataclass_fields__)
    table = pa.table(
        {
            column: pa.array(
                [getattr(row, column) for row in rows],
                pa.int8() if column == "edition" else pa.string(),
            )
            for column in columns
        }
    )
    with written_whole(path) as scratch:
        pq.write_table(table, scratch, compression="zstd")


def first_edition(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """Some columns of a manifest, of the logos of edition 1: evaluation queries are made from them,
    so that every edition has the same.
    """
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        rows: list[dict[str, Any]] = file.read(columns=[*columns, "edition"]).to_pylist()
    # Before there was a second edition, manifests did not say which one they were of.
    return [row for row in rows if row.pop("edition", 1) == 1]
