"""What sets of changed logos have in common: the logos they are made from, and what is written."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Protocol

from PIL import Image

from marquery.arrays import UInt8Array
from marquery.datasets.logoset import MANIFEST
from marquery.datasets.openlogos.manifest import first_edition
from marquery.errors import NotBuiltError
from marquery.files import written_whole


@dataclass(frozen=True)
class Source:
    """A logo that queries are made from."""

    path: str
    brand: str
    split: str
    svg: str
    backdrop: str


class Query(Protocol):
    """A dataclass: where a query lies, and what it was made from; its fields become columns."""

    @property
    def path(self) -> str:
        """The query's picture, from the data set's folder."""
        ...

    @property
    def source(self) -> str:
        """The logo's picture, from the data set's folder."""
        ...


def read_sources(folder: Path) -> list[Source]:
    """The logos of edition 1 in a built data set, so that every edition has the same queries.

    Raises:
        NotBuiltError: there is no manifest in the folder.
    """
    if not (folder / MANIFEST).is_file():
        raise NotBuiltError(
            "openlogos", folder, f"{folder} holds no data set; build the open benchmark there first"
        )
    columns = [field.name for field in fields(Source)]
    return [Source(**row) for row in first_edition(folder / MANIFEST, columns)]


def hashed(text: str) -> int:
    """64 bits of a text's hash: the order that sources are drawn in, and seeds."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def write_picture(folder: Path, table: str, source: Source, ending: str, pixels: UInt8Array) -> str:
    """Write the picture of a query beside its table, whole or not at all.

    Args:
        folder: of the data set.
        table: of the set of queries.
        source: what the query was made from.
        ending: sets the queries of a source apart.
        pixels: uint8 (H, W, 3), RGB.

    Returns:
        Its path, from the data set's folder.
    """
    pictures = (folder / table).with_suffix("")
    pictures.mkdir(exist_ok=True)
    name = source.path.removeprefix("logos/").removesuffix(".png").replace("/", "--")
    file = pictures / f"{name}--{ending}.png"
    with written_whole(file, lasting=False) as scratch:
        Image.fromarray(pixels).save(scratch, "PNG")
    return file.relative_to(folder).as_posix()


def write_query_set(
    folder: Path,
    table: str,
    kind: type[Query],
    queries: Sequence[Query],
    sources: Sequence[Source],
) -> None:
    """Write the table of queries whose pictures are written, and remove pictures of earlier ones.

    Args:
        folder: of the data set.
        table: name of the table; the pictures lie in the folder of that name without its ending.
        kind: the queries' dataclass; its fields are the columns, and ``excluded``, the paths of the
            other logos of the brand.
        queries: in the order of the table.
        sources: all logos that queries may be made from.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    wanted = {query.path for query in queries}
    for file in (folder / table).with_suffix("").glob("*"):
        if file.relative_to(folder).as_posix() not in wanted:
            file.unlink()
    brothers: dict[str, list[str]] = {}
    for source in sources:
        brothers.setdefault(source.brand, []).append(source.path)
    brand_of = {source.path: source.brand for source in sources}
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    rows = pa.table({name: pa.array([getattr(q, name) for q in queries]) for name in names})
    excluded = [[p for p in brothers[brand_of[q.source]] if p != q.source] for q in queries]
    rows = rows.append_column("excluded", pa.array(excluded, pa.list_(pa.string())))
    os.sync()  # the pictures, before the table that says that they are there
    with written_whole(folder / table) as scratch:
        pq.write_table(rows, scratch, compression="zstd")
