"""Shared files of an index in object storage, such as ``s3://``, by fsspec."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from marquery import elsewhere
from marquery.errors import MarqueryError
from marquery.extras import need
from marquery.index.storage.shared_files import LOCKS, missing_file

_FOLDER = "files/"


class ObjectFiles:
    """Objects below ``ADDRESS/files/``. S3 shows what was written to all who ask afterwards.

    Args:
        address: ``s3://BUCKET/PREFIX``.

    Raises:
        MissingExtraError: fsspec or s3fs is not installed.
    """

    def __init__(self, address: str) -> None:
        need("an index in object storage", "fsspec", "s3fs")
        self._address = address
        self._home = address.partition("://")[2].rstrip("/") + "/" + _FOLDER

    @property
    def _system(self) -> Any:
        import fsspec

        # Listings are not kept, since other machines write, too. fsspec hands out one for all.
        return fsspec.filesystem("s3", use_listings_cache=False, skip_instance_cache=False)

    def names(self) -> Mapping[str, str]:
        """See :meth:`SharedFiles.names`; the mark is the entity tag."""
        with told(self._address):
            try:
                found = self._system.find(self._home, detail=True)
            except FileNotFoundError:
                self._check_bucket()
                return {}
        if not found:
            with told(self._address):
                self._check_bucket()
        return {
            path.removeprefix(self._home): str(entry.get("ETag"))
            for path, entry in found.items()
            if path.startswith(self._home)
        }

    def read(self, name: str) -> bytes:
        """See :meth:`SharedFiles.read`."""
        with told(self._address):
            try:
                return bytes(self._system.cat_file(self._home + name))
            except FileNotFoundError as error:
                if name.startswith(LOCKS):
                    raise KeyError(name) from error
                raise missing_file(self._address, name) from error

    def write(self, name: str, content: bytes) -> None:
        """See :meth:`SharedFiles.write`."""
        with told(self._address):
            self._system.pipe_file(self._home + name, content)

    def delete(self, name: str) -> None:
        """See :meth:`SharedFiles.delete`."""
        with told(self._address):
            try:
                self._system.rm_file(self._home + name)
            except FileNotFoundError:
                return

    def _check_bucket(self) -> None:
        bucket = self._home.partition("/")[0]
        if not self._system.exists(bucket):
            raise MarqueryError(
                f"{self._address}: there is no bucket {bucket} that these credentials see; make it "
                "first, or check its name and AWS_PROFILE"
            )


def told(address: str) -> AbstractContextManager[None]:
    """As :func:`marquery.elsewhere.told`; that a file is not there is for the caller to tell.

    Args:
        address: of the index.
    """
    return elsewhere.told(address, KeyError, FileNotFoundError)
