"""Small logos that many tests draw for themselves."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw


def draw_logo(seed: int, size: tuple[int, int] = (96, 96)) -> Image.Image:
    """A few coloured shapes on white; the same seed gives the same logo."""
    rng = np.random.default_rng(seed)
    big = Image.new("RGB", (size[0] * 4, size[1] * 4), "white")
    pen = ImageDraw.Draw(big)
    for _ in range(int(rng.integers(2, 5))):
        x0, y0 = (int(rng.integers(0, s * 3)) for s in size)
        w, h = (int(rng.integers(s, s * 2)) for s in size)
        color = tuple(int(v) for v in rng.integers(0, 200, 3))
        shape = pen.ellipse if rng.random() < 0.5 else pen.rectangle
        shape((x0, y0, x0 + w, y0 + h), fill=color)
    return big.resize(size, Image.Resampling.BOX)


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


#: Folders whose tests load native engines (LanceDB, OpenVINO, ONNX Runtime). Their threads do not live with processes
#: forked later, so they come after the tests that start some.
_LAST = (
    "calibration",
    "embedding",
    "encoder",
    "explanation",
    "index",
    "searchreport",
    "watch",
    "web",
)


def pytest_collection_modifyitems(items):
    items.sort(
        key=lambda item: item.path.parent.name in _LAST and item.path.name != "test_table.py"
    )
