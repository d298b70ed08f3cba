"""The container's files: linted, and careful about who runs what. Where an engine is, build it with
the command that stands on top of the Containerfile.
"""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FILE = ROOT / "Containerfile"


def test_the_containerfile_is_linted():
    linter = Path(sys.executable).with_name("hadolint")
    if not linter.exists():
        pytest.skip("hadolint is not installed: pip install 'marquery[dev]'")
    done = subprocess.run([str(linter), str(FILE)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_nobody_s_process_in_a_slim_image_with_a_health_check():
    lines = FILE.read_text(encoding="utf-8").splitlines()
    images = [line.split()[1] for line in lines if line.startswith("FROM")]
    assert all(image.endswith("-slim") for image in images)
    (user,) = [line.split()[1] for line in lines if line.startswith("USER")]
    assert int(user) > 999
    assert any(line.startswith("HEALTHCHECK") for line in lines)


def test_only_what_is_built_goes_into_the_build():
    kept = [
        line[1:]
        for line in (ROOT / ".containerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    ]
    copied = {
        word.removeprefix("./")
        for line in FILE.read_text(encoding="utf-8").splitlines()
        if line.startswith("COPY") and "--from" not in line
        for word in line.split()[1:-1]
    }
    assert set(kept) == copied
    assert all((ROOT / name).exists() for name in copied)


def test_the_composed_page_cannot_write_and_secrets_come_from_outside():
    services = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    page = services["page"]
    assert page["read_only"] is True
    assert page["cap_drop"] == ["ALL"]
    assert page["ports"] == ["127.0.0.1:8000:8000"]
    for name, service in services.items():
        assert not str(service.get("image", "x:1")).endswith(("latest", "/")), name
        for key, value in service.get("environment", {}).items():
            if any(word in key for word in ("TOKEN", "PASSWORD", "SECRET")):
                assert value.startswith("${"), f"{name}: {key}"
