"""The connection to Milvus; the only module that imports its client."""

import logging
import logging.config
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from marquery.errors import MarqueryError, UsageError
from marquery.extras import need

LITE = "milvus-lite"
_SERVER_ADDRESS = re.compile(r"milvus://(?P<at>[^/\s]+:\d{1,5})/(?P<name>[A-Za-z_][A-Za-z0-9_]*)")
_LONGEST_NAME = 200
_LONGEST_REASON = 200
# Seconds until a server counts as not reachable.
_CONNECT_SECONDS = 10
_OLDEST = (2, 3)
_LOCK = threading.Lock()
_clients: dict[str, Any] = {}


@dataclass(frozen=True)
class MilvusPlace:
    """Where an index is in Milvus."""

    address: str
    """As it was given."""
    uri: str
    """What the client connects to."""
    name: str
    """Of the collection; those that belong to it begin so."""

    @classmethod
    def parse(cls, address: str) -> "MilvusPlace":
        """From ``milvus://HOST:PORT/NAME`` or ``milvus-lite:PATH.db``.

        Raises:
            UsageError: it is neither.
        """
        scheme, _, rest = address.partition(":")
        if scheme == LITE and rest.endswith(".db") and not rest.startswith("//"):
            return cls(address, str(Path(rest).absolute()), "logos")
        found = _SERVER_ADDRESS.fullmatch(address)
        if found is None or len(found["name"]) > _LONGEST_NAME:
            raise UsageError(
                "store",
                f"{address} is no address of Milvus",
                "give milvus://HOST:PORT/NAME, a name of letters, digits and _, or "
                "milvus-lite:PATH.db",
            )
        return cls(address, f"http://{found['at']}", found["name"])

    @property
    def is_lite(self) -> bool:
        """Whether it is a database of this process alone."""
        return not self.uri.startswith("http")


def connect(place: MilvusPlace) -> Any:
    """The client of a place; one a process, which threads share.

    Raises:
        MissingExtraError: the client is not installed.
        MarqueryError: the server cannot be reached, refuses, or is too old; or the database is
            open in another process.
    """
    need("an index in Milvus", "pymilvus", *(["milvus_lite"] if place.is_lite else []))
    with _LOCK:
        if place.uri not in _clients:
            _clients[place.uri] = _connected(place)
        return _clients[place.uri]


def disconnect(place: MilvusPlace) -> None:
    """Close the connection of this process, so that another may open a Lite database."""
    with _LOCK:
        client = _clients.pop(place.uri, None)
    if client is None:
        return
    client.close()
    if place.is_lite:
        from milvus_lite.server_manager import server_manager_instance

        server_manager_instance.release_server(place.uri)


def _connected(place: MilvusPlace) -> Any:
    client_class = _import_client().MilvusClient
    # Every error reaches the user once, as a sentence of ours.
    for name in ("pymilvus", "milvus_lite", *(["grpc._server"] if place.is_lite else [])):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    token = os.environ.get("MILVUS_TOKEN", "")
    if place.is_lite:
        parent = Path(place.uri).parent
        if not parent.is_dir():
            raise MarqueryError(f"{place.address}: there is no folder {parent}; make it first")
    with told(place.address):
        client = client_class(uri=place.uri, token=token, timeout=_CONNECT_SECONDS)
        _check_version(place, client)
    return client


def _import_client() -> Any:
    """The module ``pymilvus``, which must not set up the logging of the whole process anew when it
    is imported: that closes the handlers of others, and what they write to.
    """
    configure = logging.config.dictConfig
    logging.config.dictConfig = lambda config: None
    try:
        return import_module("pymilvus")
    finally:
        logging.config.dictConfig = configure


def _check_version(place: MilvusPlace, client: Any) -> None:
    if place.is_lite:
        return
    said = str(client.get_server_version(timeout=_CONNECT_SECONDS))
    found = re.match(r"v?(\d+)\.(\d+)", said)
    if found is not None and (int(found[1]), int(found[2])) < _OLDEST:
        raise MarqueryError(
            f"{place.address}: the server is Milvus {said}, older than 2.3; update the server"
        )


def types() -> Any:
    """The client's names of data types."""
    return _import_client().DataType


def new_schema() -> Any:
    """An empty schema of a collection."""
    return _import_client().MilvusClient.create_schema(auto_id=False, enable_dynamic_field=True)


@contextmanager
def told(address: str) -> Iterator[None]:
    """Turn what the client says of a server into one sentence.

    Args:
        address: of the index.

    Raises:
        MarqueryError: the server cannot be reached, refuses, or failed.
    """
    try:
        yield
    except (MarqueryError, KeyError, MemoryError):
        raise
    except Exception as error:
        raise _sentence(address, error) from error


def _sentence(address: str, error: Exception) -> MarqueryError:
    said = " ".join(str(getattr(error, "message", "") or error).split())
    short = said[:_LONGEST_REASON]
    lower = said.lower()
    refused = ("auth check", "authent", "authoriz", "unauth", "permission", "privilege")
    if any(word in lower for word in refused):
        return MarqueryError(
            f"{address}: the server refuses these credentials ({short}); set MILVUS_TOKEN to "
            "USER:PASSWORD of a user who may use this collection"
        )
    if address.startswith(LITE) and ("lock" in lower or "local milvus failed" in lower):
        return MarqueryError(
            f"{address}: is open in another process, and Milvus Lite is for one at a time; end "
            "that one, or use a server"
        )
    unreached = ("connect", "unavailable", "deadline", "timeout", "timed out")
    if any(word in lower for word in unreached):
        return MarqueryError(
            f"{address}: the server cannot be reached ({short}); check that it runs, and its host "
            "and port"
        )
    return MarqueryError(
        f"{address}: Milvus could not do it ({short}); run it again, which goes on where it was"
    )
