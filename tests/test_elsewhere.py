"""Files at an address, read by fsspec: here from memory, in tests/index from a bucket."""

import hashlib
import io
import uuid

import numpy as np
import pytest

from marquery.cli.app import run
from marquery.elsewhere import find_files, read_file, stamp_of_source
from marquery.embedding import collect_files
from marquery.embedding.table import TableJob
from marquery.errors import ImageError, MarqueryError
from marquery.images import EXTENSIONS, find_pictures, load_logo
from marquery.index import LogoIndex
from marquery.names import is_elsewhere, path_to_text, source_of

from .drawings import draw
from .encoders import tiny_encoder

fsspec = pytest.importorskip("fsspec")


def png(seed):
    out = io.BytesIO()
    draw(seed).save(out, "PNG")
    return out.getvalue()


class Place:
    """A folder in the memory of fsspec."""

    def __init__(self):
        self.address = f"memory://{uuid.uuid4().hex}"
        self.system = fsspec.filesystem("memory")

    def put(self, name, content):
        self.system.pipe_file(f"{self.address.removeprefix('memory:/')}/{name}", content)

    def remove(self, name):
        self.system.rm_file(f"{self.address.removeprefix('memory:/')}/{name}")


@pytest.fixture
def place():
    made = Place()
    for seed in range(4):
        made.put(f"deep/{seed:03d}.png", png(seed))
    made.put("notes.txt", b"no picture")
    made.put(".hidden/000.png", png(0))
    made.put("broken.PNG", b"no picture")
    return made


@pytest.mark.parametrize("name", ["a b.png", "é.png", r"back\x41.png", r"a\x5c.png", "100%.png"])
def test_an_address_and_its_text_lead_to_each_other(name):
    address = f"s3://bucket/{name}"
    assert is_elsewhere(address)
    assert source_of(path_to_text(address)) == address


def test_pictures_are_found_and_read(place):
    found = find_files(place.address, EXTENSIONS)
    names = [file.address.removeprefix(place.address + "/") for file in found]
    assert names == ["broken.PNG", *(f"deep/{seed:03d}.png" for seed in range(4))]
    assert found[1].stamp == stamp_of_source(found[1].address)
    assert found[1].stamp.size == len(png(0))
    assert np.array_equal(load_logo(found[2].address), load_logo(draw(1)))
    one = find_pictures(f"{place.address}/deep/002.png")
    assert [file.address for file in one] == [f"{place.address}/deep/002.png"]


def test_what_is_not_there_or_too_large_is_told_with_its_address(place):
    lost = f"{place.address}/lost.png"
    with pytest.raises(ImageError, match=f"{lost}: no such file") as raised:
        load_logo(lost)
    assert raised.value.passing
    assert stamp_of_source(lost) is None
    with pytest.raises(ImageError, match="10 bytes are over the limit of 9"):
        read_file(f"{place.address}/broken.PNG", 9)
    with pytest.raises(MarqueryError, match="nothing is there that these credentials see"):
        find_files(f"{place.address}/nowhere", EXTENSIONS)
    with pytest.raises(MarqueryError, match=r"addresses of nosuch:// cannot be read"):
        find_files("nosuch://bucket", EXTENSIONS)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (PermissionError("Forbidden"), "credentials are missing or may not"),
        (OSError("The AWS Access Key Id: InvalidAccessKeyId"), "credentials are missing or may"),
        (ConnectionError("no route"), "cannot be reached"),
        (RuntimeError("Timeout\nof the reading"), "cannot be reached"),
    ],
)
def test_what_storage_says_is_one_sentence(place, monkeypatch, capsys, tmp_path, error, says):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(type(place.system), "find", fail)
    for command in (
        ("embed", place.address, "--out", str(tmp_path / "e.parquet")),
        ("index", "build", place.address, "--out", str(tmp_path / "idx")),
    ):
        assert run(command) == 1
        told = capsys.readouterr().err.strip().splitlines()
        assert says in told[-1]
        assert told[-1].startswith(f"marquery: {place.address}: ")
        assert "Traceback" not in "".join(told)


def test_an_index_follows_what_is_at_an_address(place, tmp_path):
    index = LogoIndex.create(tmp_path / "idx", tiny_encoder(), words=False)
    (tmp_path / "meta.csv").write_text("path,owner\ndeep/001.png,Ada\n")
    told = index.add(place.address, meta=tmp_path / "meta.csv")
    assert (told.added, len(told.skipped), told.unmatched) == (4, 1, 0)
    hit = index.search(draw(1), 1)[0]
    assert (hit.path, hit.metadata) == (f"{place.address}/deep/001.png", {"owner": "Ada"})
    assert index.entry(hit.path)["sha256"] == hashlib.sha256(png(1)).hexdigest()
    assert index.pending(place.address) == []
    place.put("deep/001.png", png(8))
    place.put("new.png", png(9))
    place.remove("deep/003.png")
    again = index.rescan(place.address)
    assert (again.added, again.updated, again.removed) == (1, 1, 1)
    assert index.remove([f"{place.address}/deep"]).removed == 3
    assert len(index) == 1


def test_vectors_of_an_address_are_those_of_the_files(place, tmp_path):
    import pyarrow.parquet as pq

    named, found = collect_files([f"{place.address}/deep/000.png", place.address])
    assert [file.address.rpartition("/")[2] for file in named] == ["000.png"]
    assert len(found) == 4
    encoder = tiny_encoder()
    written = TableJob(encoder, [*named, *found], tmp_path / "e.parquet").run()
    assert (written.rows, len(written.skipped)) == (4, 1)
    rows = pq.read_table(tmp_path / "e.parquet").to_pylist()
    assert [row["path"] for row in rows] == [f"{place.address}/deep/{n:03d}.png" for n in range(4)]
    expected = encoder.embed([draw(seed) for seed in range(4)])
    assert np.abs(np.array([row["embedding"] for row in rows]) - expected).max() < 1e-5
