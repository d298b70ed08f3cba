"""Where an index is: in a folder, or at the address of a store."""

from pathlib import Path
from typing import Annotated

import typer

from marquery.errors import UsageError

Store = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="ADDRESS",
        help="In place of the index's folder: milvus://HOST:PORT/NAME, milvus-lite:PATH.db or "
        "s3://BUCKET/PREFIX.",
        show_default=False,
    ),
]


def index_place(index: str | None, store: str | None, option: str = "index") -> Path | str:
    """The place of an index, from the option or argument that names its folder and ``--store``.

    Args:
        index: a folder, or an address, as it was typed: a path would lose slashes of an address.
        store: an address.
        option: the parameter that names the folder.

    Raises:
        UsageError: neither is given, or both; or the store is no address.
    """
    from marquery.index.storage.table import is_address

    if index is not None and store is not None:
        raise UsageError("store", f"the index is at {index} already", "give one of both")
    if store is not None:
        if not is_address(store):
            raise UsageError(
                "store",
                f"{store} is no address of a store",
                "give milvus://HOST:PORT/NAME, milvus-lite:PATH.db or s3://BUCKET/PREFIX",
            )
        return store
    if index is None:
        raise UsageError(option, "is missing", lambda name: f"give it, or {name('store')}")
    return index if is_address(index) else Path(index)
