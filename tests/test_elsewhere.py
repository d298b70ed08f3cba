"""Files at an address, read by fsspec: here from memory, in tests/index from a bucket."""

import hashlib
import io
import json
import socket
import uuid

import numpy as np
import pytest

from marquery.cli.app import run
from marquery.elsewhere import find_files, read_file, stamp_of_source, unreachable
from marquery.embedding import collect_files
from marquery.embedding.table import TableJob
from marquery.errors import ImageError, MarqueryError, MissingExtraError
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


@pytest.mark.parametrize(
    ("scheme", "refused", "dead"),
    [
        ("file", "rights of the file", "check the disk"),
        ("http", "without signing in", "the web server runs"),
        ("https", "without signing in", "the web server runs"),
        ("s3", "AWS_PROFILE", "AWS_ENDPOINT_URL"),
        ("gs", "GOOGLE_APPLICATION_CREDENTIALS", "the bucket's name"),
        ("az", "AZURE_STORAGE_CONNECTION_STRING", "the container's name"),
        ("sftp", "fsspec's page", "check the network and the address"),
    ],
)
def test_what_to_do_is_of_the_kind_of_address(scheme, refused, dead):
    for error, remedy in ((PermissionError("Forbidden"), refused), (OSError(), dead)):
        said = str(unreachable(f"{scheme}://there/a", error))
        assert said.startswith(f"{scheme}://there/a: ")
        assert remedy in said
        assert ("AWS" in said) == (scheme == "s3")


def test_a_folder_and_a_web_server_that_are_not_there_are_told(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for ask in (lambda at: find_files(at, EXTENSIONS), lambda at: read_file(f"{at}/a.png", 9)):
        with pytest.raises(MarqueryError) as dead:
            ask(f"http://127.0.0.1:{port}/logos")
        assert "check the network, and that the web server runs" in str(dead.value)
    with pytest.raises(MarqueryError, match="nothing is there; check the name"):
        find_files(f"file://{tmp_path}/none", EXTENSIONS)


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


def test_logos_at_an_address_are_named_on_the_command_line(place, tmp_path, capsys):
    index = str(tmp_path / "idx")
    LogoIndex.create(index, tiny_encoder(), words=False).add(place.address)
    logo = f"{place.address}/deep/001.png"
    assert run(("search", "--like", logo, "--index", index, "--json")) == 0
    assert json.loads(capsys.readouterr().out)[0]["path"] == logo
    assert run(("index", "remove", index, logo)) == 0
    assert capsys.readouterr().out == "removed 1\n"


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


def test_a_file_that_is_named_may_be_hidden(place):
    hidden = f"{place.address}/.hidden/000.png"
    named, found = collect_files([hidden])
    assert ([file.address for file in named], found) == ([hidden], [])


class Hosted(type(fsspec.filesystem("memory"))):
    """Its paths say nothing of the host, as those of SFTP."""

    protocol = "hosted"

    @classmethod
    def _strip_protocol(cls, path):
        return "/" + path.partition("://")[2].partition("/")[2] if "://" in path else path


class Lacking(Hosted):
    """Needs a package that is called otherwise."""

    def __init__(self, **_):
        try:
            import no_such_package_of_sftp  # noqa: F401
        except ImportError as error:
            raise ImportError("to be installed") from error


def test_addresses_that_lose_their_host_are_refused(place):
    fsspec.register_implementation("hosted", Hosted, clobber=True)
    place.put("a.png", png(1))
    with pytest.raises(MarqueryError, match=r"hosted://server/\S+: files there have no address"):
        find_files(place.address.replace("memory://", "hosted://server/"), EXTENSIONS)


def test_the_package_that_is_missing_is_named_not_the_scheme():
    fsspec.register_implementation("lacking", Lacking, clobber=True)
    with pytest.raises(MissingExtraError, match="pip install no_such_package_of_sftp"):
        find_files("lacking://server/logos", EXTENSIONS)


def test_a_listing_of_names_alone_still_shows_changes(place, monkeypatch):
    listed = type(place.system).find

    def names(*arguments, **options):
        found = listed(*arguments, **options)
        return {path: {"name": path, "size": None, "type": "file"} for path in found}

    monkeypatch.setattr(type(place.system), "find", names)
    first = find_files(place.address, EXTENSIONS)[1]
    place.put("deep/000.png", png(7))
    again = find_files(place.address, EXTENSIONS)[1]
    assert (first.address, again.address) == (f"{place.address}/deep/000.png",) * 2
    assert first.stamp != again.stamp
    assert again.stamp == stamp_of_source(again.address)


def test_a_file_whose_size_is_not_told_is_not_read_without_end(place, monkeypatch):
    kind, size = type(place.system), len(png(0))
    monkeypatch.setattr(kind, "info", lambda *_, **__: {"size": None, "type": "file"})
    monkeypatch.setattr(kind, "cat_file", lambda *_, **__: pytest.fail("read without end"))
    address = f"{place.address}/deep/000.png"
    assert read_file(address, size) == png(0)
    with pytest.raises(ImageError, match=f"over the limit of {size - 1} bytes"):
        read_file(address, size - 1)


def test_hits_at_an_address_are_drawn_and_explained(place, tmp_path, capsys):
    LogoIndex.create(tmp_path / "idx", tiny_encoder(), words=False).add(place.address)
    draw(1).save(tmp_path / "query.png")
    command = ("search", str(tmp_path / "query.png"), "--index", str(tmp_path / "idx"))
    for option in ("--sheet", "--explain"):
        assert run((*command, option, str(tmp_path / f"{option}.png"))) == 0
        assert "no such file" not in capsys.readouterr().err
        assert (tmp_path / f"{option}.png").stat().st_size > 0


def test_the_page_shows_what_it_has_of_a_logo_that_cannot_be_reached(place, tmp_path, monkeypatch):
    pytest.importorskip("fastapi")
    from starlette.testclient import TestClient

    from .web.helpers import make_app

    index = LogoIndex.create(tmp_path / "idx", tiny_encoder(), words=False)
    index.add(place.address)

    def fail(*_, **__):
        raise ConnectionError("no route")

    monkeypatch.setattr(type(place.system), "info", fail)
    client = TestClient(make_app(index, tmp_path / "review"), base_url="http://127.0.0.1")
    shown = client.get("/logos/1/picture?at=1")
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/webp")
