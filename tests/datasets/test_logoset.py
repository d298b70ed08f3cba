from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from marquery.datasets import LogoSet
from marquery.datasets.openlogos.build import build_from
from marquery.errors import MarqueryError, NotBuiltError

from .helpers import BOX, make_source


def picture(path: Path, colour: str = "red") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8), colour).save(path)


def test_sub_folders_are_groups(tmp_path):
    for name in ("loose.png", "cats/1.png", "cats/2.jpg", "dogs/big/3.png"):
        picture(tmp_path / name)
    (tmp_path / "cats/notes.txt").write_text("no image")
    logos = LogoSet.open(tmp_path)
    assert dict(zip(logos.paths, logos.groups.tolist(), strict=True)) == {
        "cats/1.png": "cats",
        "cats/2.jpg": "cats",
        "dogs/big/3.png": "dogs/big",
        "loose.png": "",
    }
    assert logos.files()[0] == tmp_path / "cats/1.png"
    with pytest.raises(MarqueryError, match=r"no split named 'test'; it has: none"):
        logos.split("test")


def test_the_fingerprint_sees_paths_groups_and_pixels(tmp_path):
    picture(tmp_path / "a/1.png")
    picture(tmp_path / "a/2.png")
    first = LogoSet.open(tmp_path).fingerprint()
    assert LogoSet.open(tmp_path).fingerprint() == first
    picture(tmp_path / "a/2.png", "blue")
    second = LogoSet.open(tmp_path).fingerprint()
    (tmp_path / "a").rename(tmp_path / "b")
    third = LogoSet.open(tmp_path).fingerprint()
    assert len({first, second, third, LogoSet.open(tmp_path).subset([0]).fingerprint()}) == 4


def test_subsets_by_mask_and_by_index(tmp_path):
    for i in range(4):
        picture(tmp_path / f"{i}.png")
    logos = LogoSet.from_folder(tmp_path)
    assert logos.subset(np.array([True, False, True, False])).paths == ("0.png", "2.png")
    assert logos.subset([3, 1]).paths == ("3.png", "1.png")
    assert len(logos.subset([])) == 0
    with pytest.raises(ValueError, match="mask"):
        logos.subset(np.array([True]))


def test_a_built_set_is_read_from_its_manifest(tmp_path):
    source = make_source(tmp_path, "bxl", {f"b{i}": BOX.format(f"#{i:02x}2040") for i in range(40)})
    build_from([source], tmp_path / "out", tmp_path, 32, 1, False)
    logos = LogoSet.open(tmp_path / "out")
    assert len(logos) == 40
    assert set(logos.collections) == {"bxl"}
    assert set(logos.namespaces) == {"brand"}
    assert sum(len(logos.split(name)) for name in ("train", "val", "test")) == 40
    assert set(logos.split("test").splits) == {"test"}
    assert all(file.is_file() for file in logos.files())
    # The digests are of the pixels, so the fingerprint does not read the files.
    (tmp_path / "out" / logos.paths[0]).unlink()
    assert len(logos.fingerprint()) == 64
    with pytest.raises(MarqueryError, match="it has: train"):
        logos.split("training")


@pytest.mark.parametrize("content", [None, b"", b"PAR1 but not really"])
def test_a_folder_that_will_not_do(tmp_path, content):
    folder = tmp_path / "openlogos"
    with pytest.raises(
        MarqueryError, match=r"build the open benchmark there|continue it|build the benchmark again"
    ):
        LogoSet.open(folder)
    folder.mkdir()
    if content is not None:
        (folder / "manifest.parquet").write_bytes(content)
    with pytest.raises(
        MarqueryError, match=r"build the open benchmark there|continue it|build the benchmark again"
    ):
        LogoSet.open(folder)


def test_a_folder_of_another_name_is_not_advised_to_be_built(tmp_path):
    (tmp_path / "trademarks").mkdir()
    with pytest.raises(MarqueryError, match=r"tradmarks: no such folder; did .*trademarks"):
        LogoSet.open(tmp_path / "tradmarks")
    for place in (tmp_path / "trademarks", tmp_path / "METU"):
        with pytest.raises(MarqueryError, match="name a folder of logos") as found:
            LogoSet.open(place)
        assert not isinstance(found.value, NotBuiltError)
