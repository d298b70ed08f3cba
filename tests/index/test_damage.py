"""A damaged file of an index: an error that names it, or the right results; never wrong ones."""

import hashlib
import json
import random
import shutil

import pytest

from marquery.errors import MarqueryError
from marquery.index import LogoIndex
from marquery.index.storage import checksums

from ..drawings import draw, fill
from ..encoders import tiny_encoder

COUNT = 24


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """An index in two versions, with a metadata table and a file that cannot be read."""
    root = tmp_path_factory.mktemp("damage")
    logos = fill(root / "logos", range(COUNT - 4))
    (logos / "bad.png").write_bytes(b"no picture")
    (root / "meta.csv").write_text("path,owner\n000.png,Ada\n001.png,Bob\n")
    index = LogoIndex.create(root / "idx", encoder=tiny_encoder(), words=False)
    index.add(logos, meta=root / "meta.csv")
    fill(root / "logos", range(COUNT - 4, COUNT))
    index.add(logos)
    return index.path


@pytest.fixture
def copy(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "idx")


def found(place):
    index = LogoIndex.open(place)
    hits = index.search(draw(3), k=COUNT)
    facts = [(h.path, h.score, h.metadata) for h in hits]
    chosen = [h.id for h in index.search(draw(3), where="owner = Ada")]
    return index.version, len(index), facts, chosen


def spoil(file, at, by):
    content = bytearray(file.read_bytes())
    content[at] ^= by
    file.write_bytes(content)


def versions(place):
    return sorted((place / "logos.lance" / "_versions").glob("*.manifest"))


@pytest.mark.parametrize("lost", ["logos.lance", "logos.lance/_versions"])
def test_a_table_that_is_gone_is_not_taken_for_an_empty_one(copy, lost):
    shutil.rmtree(copy / lost)
    told = rf"{lost}: the index is damaged there \(it is gone\)"
    for ask in (len, LogoIndex.status, lambda index: index.search(draw(3))):
        with pytest.raises(MarqueryError, match=told):
            ask(LogoIndex.open(copy))
    with pytest.raises(MarqueryError, match=told):
        LogoIndex.open(copy).add(fill(copy.parent / "more", range(3)))
    assert not (copy / lost).exists()


def test_a_table_that_goes_while_it_is_open_is_told(copy):
    index = LogoIndex.open(copy)
    assert len(index) == COUNT
    shutil.rmtree(copy / "logos.lance")
    with pytest.raises(MarqueryError, match=r"logos\.lance: the index is damaged there"):
        index.search(draw(3))


def test_a_newest_version_that_is_gone_is_not_the_one_before(copy):
    newest, *older = versions(copy)  # their numbers count down
    assert older
    newest.unlink()
    with pytest.raises(MarqueryError, match=f"{newest.name}: the index is damaged there"):
        found(copy)


def test_an_old_version_may_be_cleared_away(copy):
    right = found(copy)
    versions(copy)[-1].unlink()
    assert found(copy) == right


def test_any_byte_of_any_file(whole, copy):
    right = found(whole)
    rng = random.Random(0)
    names = [f.relative_to(whole) for f in sorted(whole.rglob("*")) if f.stat().st_size]
    names = [name for name in names if (whole / name).is_file()]
    assert {"index.json", "projection.npz", "checksums.json"} <= {str(n) for n in names}
    assert sum("data" in name.parts for name in names) >= 1
    refused = set()
    for name in names:
        size = (whole / name).stat().st_size
        places = {0, size - 1, *(rng.randrange(size) for _ in range(2))}
        for at in places:
            spoil(copy / name, at, 1 << rng.randrange(8))
            try:
                assert found(copy) == right, (name, at)
            except MarqueryError as error:
                refused.add(str(name))
                if name.name not in str(error) and str(copy) not in str(error):
                    pytest.fail(f"{name}: {error}")
            shutil.copyfile(whole / name, copy / name)
    tables = {str(n) for n in names if n.suffix in (".lance", ".manifest", ".npz")}
    assert tables <= refused


@pytest.mark.parametrize("cut", [0, 0.5])
def test_a_file_that_was_cut_off_is_named(copy, cut):
    for file in [*(copy / "logos.lance" / "data").iterdir(), copy / "projection.npz"]:
        content = file.read_bytes()
        file.write_bytes(content[: int(len(content) * cut)])
        with pytest.raises(MarqueryError, match=file.name):
            found(copy)
        file.write_bytes(content)
    assert found(copy)[1] == COUNT


def test_the_record_holds_sizes_and_hashes_of_what_was_written(copy):
    record = json.loads((copy / checksums.FILE).read_text())["files"]
    assert "index.json" in record
    for name, (size, digest) in record.items():
        content = (copy / name).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (size, digest)
    data = {f.relative_to(copy).as_posix() for f in (copy / "logos.lance" / "data").iterdir()}
    assert data <= record.keys()


def test_an_index_without_a_record_is_read_and_gets_one_with_the_next_change(copy, tmp_path):
    (copy / checksums.FILE).unlink()
    assert found(copy)[1] == COUNT
    LogoIndex.open(copy).add(fill(tmp_path / "more", [99]))
    assert len(json.loads((copy / checksums.FILE).read_text())["files"]) > 4


def test_of_a_large_index_only_sizes_are_compared_unless_it_is_asked_for(copy, monkeypatch):
    monkeypatch.setattr(checksums, "READ_AT_ONCE", 10)
    file = next((copy / "logos.lance" / "data").iterdir())
    spoil(file, file.stat().st_size // 2, 4)
    index = LogoIndex.open(copy)
    with pytest.raises(MarqueryError, match=file.name):
        index.verify()
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(MarqueryError, match=file.name):
        len(LogoIndex.open(copy))


def test_what_was_compared_is_not_read_again(copy, monkeypatch):
    LogoIndex.open(copy).search(draw(3))

    def fail(path):
        raise AssertionError(path)

    monkeypatch.setattr(checksums, "_hash", fail)
    assert LogoIndex.open(copy).search(draw(3))


def test_what_was_reported_before_is_no_part_of_the_index(copy, tmp_path):
    (copy / "watch.sqlite").write_text("first")
    fill(tmp_path / "more", [70])
    LogoIndex.open(copy).add(tmp_path / "more")
    (copy / "watch.sqlite").write_text("then")
    assert len(LogoIndex.open(copy)) == COUNT + 1


DEEP = pytest.mark.parametrize("text", ["[" * 6000, '{"a":' * 6000, "9" * 6000])


@DEEP
@pytest.mark.parametrize("name", ["index.json", "checksums.json", "encoder/encoder.json"])
def test_json_that_cannot_be_taken_in_is_damage(copy, name, text):
    if name.startswith("encoder"):
        (copy / "checksums.json").unlink()
    (copy / name).write_text(text)
    with pytest.raises(MarqueryError, match=name):
        found(copy)


@DEEP
def test_lists_that_cannot_be_taken_in(copy, text, tmp_path):
    logos = fill(tmp_path / "new", [90])
    (copy / "skipped.json").write_text(text)  # then the files are tried again
    assert LogoIndex.open(copy, encoder=tiny_encoder()).add(logos).added == 1
    (copy / "ids.json").write_text(text)
    with pytest.raises(MarqueryError, match=r"ids\.json: is damaged"):
        LogoIndex.open(copy, encoder=tiny_encoder()).add(fill(tmp_path / "more", [91]))
