"""Files that are on no disk of this machine but at an address, such as ``s3://bucket/logos``, by
fsspec.
"""

import hashlib
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from marquery.errors import ImageError, MarqueryError, MissingExtraError
from marquery.extras import extra_of, need
from marquery.files import Stamp, stamp_of
from marquery.names import StrPath, is_elsewhere

_LONGEST_REASON = 200
_LOCAL = ("change the rights of the file or folder", "check the disk and the name")
_WEB = (
    "check the address, and that it can be read without signing in",
    "check the network, and that the web server runs",
)
#: Scheme -> what to do about a refusal, and where nothing answers.
_REMEDIES = {
    **dict.fromkeys(("file", "local"), _LOCAL),
    **dict.fromkeys(("http", "https"), _WEB),
    "s3": (
        "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, of a user who may read "
        "and write there",
        "check the network and AWS_ENDPOINT_URL",
    ),
    "gs": (
        "set GOOGLE_APPLICATION_CREDENTIALS to the key of a user who may read and write there",
        "check the network and the bucket's name",
    ),
    "az": (
        "set AZURE_STORAGE_CONNECTION_STRING of a user who may read and write there",
        "check the network and the container's name",
    ),
}
_OTHER_REMEDIES = (
    "give those of a user who may read there, as fsspec's page on this kind of address says",
    "check the network and the address",
)
_WITHOUT_CREDENTIALS = frozenset(("file", "local", "http", "https"))


@dataclass(frozen=True)
class DistantFile(os.PathLike[str]):
    """A file at an address, as a listing told of it."""

    address: str
    stamp: Stamp

    def __fspath__(self) -> str:
        return self.address


def find_files(place: str, endings: Collection[str]) -> list[DistantFile]:
    """Files below an address, or the file that is there, sorted; hidden ones are left out.

    Args:
        place: ``s3://bucket/prefix``, or the address of one file.
        endings: of the names that are looked for, such as ``.png``.

    Raises:
        MissingExtraError: fsspec, or what it needs for such addresses, is not installed.
        MarqueryError: nothing is there, it cannot be reached, or these credentials may not read it.
    """
    with told(place, MemoryError):
        system, root = _system(place)
        try:
            found = system.find(root, detail=True)
            if not found and _scheme(place) in ("http", "https"):
                system.ls(root)  # looking through folders, fsspec takes a dead server for none
        except FileNotFoundError:
            found = {}
        if not found:
            known = _scheme(place) in _WITHOUT_CREDENTIALS
            seen = (
                "; check the name"
                if known
                else " that these credentials see; check bucket and name"
            )
            raise MarqueryError(f"{place}: nothing is there{seen}")
    scheme = place.partition("://")[0]
    below = root.rstrip("/") + "/" if list(found) != [root] else root.rpartition("/")[0] + "/"
    files: list[DistantFile] = []
    for path, entry in found.items():
        name = PurePosixPath(path.removeprefix(below))
        hidden = any(part.startswith(".") for part in name.parts)
        if not hidden and name.suffix.lower() in endings and entry.get("type") != "directory":
            own = path if scheme in ("file", "local") else path.lstrip("/")
            address = path if "://" in path else f"{scheme}://{own}"
            if not files and not _leads_to(address, system, path):
                raise MarqueryError(
                    f"{place}: files there have no address of their own that marquery can write; "
                    "copy them to a folder, or to object storage such as s3://"
                )
            # Some listings, such as those of web servers, tell of nothing but names.
            stamp = _stamp(entry) if _mark(entry) is not None else stamp_of_source(address)
            files.append(DistantFile(address, stamp or _stamp(entry)))
    return sorted(files, key=lambda file: file.address)


def read_file(address: str, most: int) -> bytes:
    """The content of a file.

    Args:
        address: of the file.
        most: bytes, at most.

    Raises:
        ImageError: it is not there, or larger.
        MissingExtraError: see :func:`find_files`.
        MarqueryError: it cannot be reached, or these credentials may not read it.
    """
    with told(address, MemoryError):
        system, path = _system(address)
        try:
            size = system.info(path).get("size")
            if size is not None and size > most:
                raise too_large(address, int(size), most)
            if size is not None:
                return bytes(system.cat_file(path))
            with system.open(path, "rb") as file:
                data = bytes(file.read(most + 1))
        except FileNotFoundError as error:
            _check_cause(error)
            raise ImageError(address, "no such file; check the name", passing=True) from error
        if len(data) > most:
            raise ImageError(address, f"it is over the limit of {most:,} bytes; make it smaller")
        return data


def stamp_of_source(file: StrPath) -> Stamp | None:
    """The stamp of a file of the disk or at an address; None if it is not there.

    Raises:
        MissingExtraError: see :func:`find_files`.
        MarqueryError: likewise.
    """
    if isinstance(file, DistantFile):
        return file.stamp
    if not is_elsewhere(file):
        return stamp_of(Path(file))
    address = os.fspath(file)
    with told(address, MemoryError):
        system, path = _system(address)
        try:
            return _stamp(system.info(path))
        except FileNotFoundError as error:
            _check_cause(error)
            return None


def too_large(path: object, size: int, most: int) -> ImageError:
    """What to tell of a file that is over the limit.

    Args:
        path: of the file.
        size: of it, in bytes.
        most: bytes that are allowed.
    """
    return ImageError(path, f"{size:,} bytes are over the limit of {most:,}; make it smaller")


def unreachable(address: str, error: BaseException) -> MarqueryError:
    """What to tell of object storage that does not answer as it should.

    Args:
        address: what is there.
        error: of botocore, or of LanceDB.
    """
    said = " ".join(str(error).split())[:_LONGEST_REASON] or type(error).__name__
    kind = type(error).__name__
    refused, dead = _REMEDIES.get(_scheme(address), _OTHER_REMEDIES)
    if (
        isinstance(error, PermissionError)
        or kind == "NoCredentialsError"
        or _is_refusal(str(error))
    ):
        what = "the credentials are missing or may not do this"
        if _scheme(address) in _WITHOUT_CREDENTIALS:
            what = "this may not be read"
        return MarqueryError(f"{address}: {what} ({said}); {refused}")
    return MarqueryError(f"{address}: cannot be reached ({said}); {dead}")


@contextmanager
def told(address: str, *kept: type[Exception]) -> Iterator[None]:
    """Turn what botocore, aiohttp, or whatever reads an address says into one sentence.

    Args:
        address: of what is read.
        kept: errors that mean something to the caller, and stay as they are.

    Raises:
        MarqueryError: it cannot be reached, or these credentials may not.
    """
    try:
        yield
    except MarqueryError:
        raise
    except kept:
        raise
    except Exception as error:
        raise unreachable(address, error) from error


def _system(address: str) -> tuple[Any, str]:
    """What reads an address, and the path in it."""
    need("reading at an address", "fsspec")
    from fsspec.core import url_to_fs

    scheme = address.partition("://")[0]
    try:
        system, path = url_to_fs(address)
    except ImportError as error:
        # fsspec names the package nowhere but in the error that it met itself.
        cause = error.__cause__
        lacking = error.name or (cause.name if isinstance(cause, ImportError) else None)
        missing = {"s3": "s3fs", "gs": "gcsfs", "az": "adlfs"}.get(scheme, lacking or scheme)
        raise MissingExtraError(f"reading at {scheme}://", missing, extra_of(missing)) from error
    except ValueError as error:
        raise MarqueryError(
            f"{address}: addresses of {scheme}:// cannot be read; give a folder, or an address "
            "that fsspec knows, such as s3://"
        ) from error
    return system, str(path)


def _leads_to(address: str, system: object, path: str) -> bool:
    """Whether an address that was written here is read as the file that was meant."""
    try:
        return _system(address) == (system, path)
    except Exception:  # of whatever fsspec takes it for
        return False


def _stamp(entry: dict[str, Any]) -> Stamp:
    """By the time of the last change, or else by what stands for the content."""
    size = int(entry.get("size") or 0)
    mark = _mark(entry)
    if isinstance(mark, int):
        return Stamp(size, mark)
    return Stamp(size, int(hashlib.sha256((mark or "").encode()).hexdigest()[:15], 16))


def _mark(entry: dict[str, Any]) -> int | str | None:
    """What a listing tells of the last change: nanoseconds, or a tag; None: nothing."""
    for name in ("LastModified", "mtime", "modified", "created"):
        value = entry.get(name)
        seconds = value.timestamp() if isinstance(value, datetime) else value
        if isinstance(seconds, int | float):
            # To a microsecond: a listing and a question for one file may say it in other types.
            return round(seconds * 1e6) * 1000
    tag = entry.get("ETag") or entry.get("etag")
    return str(tag) if tag else None


def _check_cause(error: FileNotFoundError) -> None:
    """Of web servers fsspec says that a file is not there whatever went wrong: raise that."""
    cause = error.__cause__
    if isinstance(cause, Exception) and not isinstance(cause, FileNotFoundError):
        raise cause


def _scheme(address: str) -> str:
    return address.partition("://")[0].lower()


def _is_refusal(said: str) -> bool:
    words = ("AccessDenied", "Access Denied", "Forbidden", "InvalidAccessKeyId", "Signature")
    return any(word in said for word in (*words, "Unauthenticated", "CredentialsNotLoaded"))
