"""Fixtures that many tests share, and the order of the test folders."""

from pathlib import Path

import pytest
from PIL import Image

from .drawings import draw_logo


@pytest.fixture
def make_logo():
    """:func:`draw_logo`, for tests in sub-folders."""
    return draw_logo


@pytest.fixture
def logo_folder(tmp_path: Path) -> Path:
    """Twelve groups of three logos, in sub-folders: the same drawing, recoloured and shrunk."""
    root = tmp_path / "logos"
    for group in range(12):
        folder = root / f"g{group:02d}"
        folder.mkdir(parents=True)
        logo = draw_logo(group)
        logo.save(folder / "a.png")
        Image.merge("RGB", logo.split()[::-1]).save(folder / "b.png")
        logo.resize((64, 64)).save(folder / "c.png")
    return root


#: Folders whose tests load native engines (LanceDB, OpenVINO, ONNX Runtime). Their threads do not
#: live with processes forked later, so they come after the tests that start some, and `make test`
#: runs them in a process of their own, by the mark `native`.
_NATIVE = (
    "calibration",
    "embedding",
    "encoder",
    "errors",
    "explanation",
    "index",
    "searchreport",
    "watch",
    "web",
)


def _is_native(item):
    return item.path.parent.name in _NATIVE and item.path.name != "test_table.py"


def pytest_collection_modifyitems(items):
    for item in filter(_is_native, items):
        item.add_marker("native")
    items.sort(key=_is_native)
