"""Uploads are taken away once nothing refers to them and they are old or too many."""

import os
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from marquery.errors import MarqueryError, UsageError
from marquery.searchreport import read_record, rerun
from marquery.web.examiner.database import now
from marquery.web.examiner.reviews import Decision, Reviews
from marquery.web.examiner.upload_cleaner import Retention, UploadCleaner
from marquery.web.examiner.uploads import UploadStore

from .helpers import make_app, png

DAY = 24 * 3600
NOW = 2_000_000_000.0


@pytest.fixture
def store(tmp_path):
    return UploadStore(tmp_path / "queries", Reviews(tmp_path / "r.sqlite3"))


def upload(store, seed, days_ago):
    sha256 = store.add(png(seed), f"{seed}.png").sha256
    set_used(store, sha256, NOW - days_ago * DAY)
    return sha256


def set_used(store, sha256, when):
    os.utime(store.path(sha256), (when, when))


def left(store):
    return {file.path.stem for file in store.files()}


def test_an_old_upload_goes_with_all_that_is_known_of_it(store):
    old, young = upload(store, 1, 30), upload(store, 2, 29.9)
    assert UploadCleaner(store, Retention(days=30)).clean(NOW) == 1
    assert left(store) == {young}
    assert [q.sha256 for q in store.reviews.recent_queries()] == [young]
    with pytest.raises(UsageError, match="upload it again"):
        store.image(old)
    assert store.image(young).size == (64, 48)
    assert store.add(png(1), "back.png").name == "back.png"


def test_what_a_decision_or_a_saved_search_is_about_stays(store):
    reviews = store.reviews
    decided, noted, saved, second, free = (upload(store, seed, 999) for seed in range(5))
    reviews.decide(Decision(decided, "/a.png", 1, "keep", "", "", now()))
    reviews.decide(Decision(noted, "/a.png", 1, "", "look again", "", now()))
    search = reviews.save_search("robots", f"/?q={saved}&q={second}&f.nice=25")
    cleaner = UploadCleaner(store, Retention(days=1, mib=0))
    assert cleaner.clean(NOW) == 1
    assert left(store) == {decided, noted, saved, second}
    assert free not in left(store)
    reviews.forget_search(search.id)
    reviews.decide(Decision(noted, "/a.png", 1, "", "", "", now()))
    assert cleaner.clean(NOW) == 3
    assert left(store) == {decided}


def test_beyond_the_size_the_least_recently_used_are_deleted_first(store):
    uploads = [upload(store, seed, days) for seed, days in enumerate((9, 3, 7, 5))]
    sizes = [store.path(sha256).stat().st_size for sha256 in uploads]
    room = (sizes[1] + sizes[3]) / 2**20
    assert UploadCleaner(store, Retention(mib=room)).clean(NOW) == 2
    assert left(store) == {uploads[1], uploads[3]}


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 800),
            st.integers(0, 50),
            st.booleans(),
        ),
        max_size=12,
    ),
    st.integers(0, 200),
)
def test_the_rule_by_itself(uploads, room):
    """Hours since use, bytes, whether referred to: against the rule said one upload at a time."""
    names = [f"{n:064x}" for n in range(len(uploads))]
    store = Fake(
        {n: (NOW - hours * 3600, size) for n, (hours, size, _) in zip(names, uploads, strict=True)},
        {n for n, (_, _, is_kept) in zip(names, uploads, strict=True) if is_kept},
    )
    UploadCleaner(store, Retention(days=30, mib=room / 2**20)).clean(NOW)
    free = [n for n, (*_, is_kept) in zip(names, uploads, strict=True) if not is_kept]
    for name in free:
        hours, *_ = uploads[names.index(name)]
        older = [n for n in free if (store.was[n][0], n) < (store.was[name][0], name)]
        here = sum(s for d, s, k in uploads) - sum(store.was[n][1] for n in older)
        assert (name in store.gone) == (hours >= 720 or (hours >= 24 and here > room))
    assert not store.gone & store.referred_to


class Fake:
    """The part of a store that a cleaner looks at, without a disk."""

    def __init__(self, was, referred_to):
        self.was, self.referred_to, self.gone = was, referred_to, set()
        self.reviews = self

    def referred(self):
        return self.referred_to

    def files(self):
        return [FakeFile(name, size, used) for name, (used, size) in self.was.items()]

    def remove(self, file):
        self.gone.add(file.path.stem)
        return True


class FakeFile:
    def __init__(self, name, size, used):
        self.path, self.size, self.used = self, size, used
        self.stem = self.name = name


def test_a_picture_that_is_searched_for_meanwhile_stays(store):
    sha256 = upload(store, 1, 99)
    (file,) = store.files()
    store.touch(sha256)
    assert not store.remove(file)
    assert left(store) == {sha256}
    set_used(store, sha256, NOW - 99 * DAY)
    assert store.add(png(1), "again.png").name == "1.png"
    assert store.path(sha256).stat().st_mtime > 1e9
    store.touch("ab" * 32)  # unknown: nothing to keep


def test_what_an_interrupted_upload_left_goes_too(store):
    upload(store, 1, 0)
    scratch = store.folder / ".half.123.img"
    scratch.write_bytes(b"half a picture")
    cleaner = UploadCleaner(store, Retention(days=1))
    os.utime(scratch, (NOW - 0.5 * DAY, NOW - 0.5 * DAY))
    assert cleaner.clean(NOW) == 0
    assert cleaner.clean(NOW + DAY / 2) == 1
    assert not scratch.exists()


def test_nothing_uploaded_yet_is_nothing_to_clean(tmp_path):
    store = UploadStore(tmp_path / "none", Reviews(tmp_path / "r.sqlite3"))
    assert UploadCleaner(store).clean() == 0


def test_a_round_that_fails_is_said_and_tried_again(store, caplog):
    cleaner, stop, rounds = UploadCleaner(store), threading.Event(), []

    def clean():
        rounds.append(1)
        if len(rounds) == 3:
            stop.set()
        raise MarqueryError("the disk is gone")

    cleaner.clean = clean
    cleaner.run(stop, pause=0.001)
    assert len(rounds) == 3
    assert "uploads were not cleaned: the disk is gone" in caplog.text


@pytest.mark.parametrize(
    "looks", ["/?q={q}", "/explain/3?q={q}", "/api/search?q={q}", "/api/report?q={q}"]
)
def test_every_look_at_a_search_keeps_its_picture(app, visitor, query, looks):
    queries = app.state.service.uploads
    address = looks.format(q=query)
    for _ in range(2):  # the second time the answer is remembered
        set_used(queries, query, 1.0)
        assert visitor.get(address).status_code == 200
        assert queries.path(query).stat().st_mtime > 1e9
    set_used(queries, query, 1.0)
    visitor.get(f"/queries/{query}/thumbnail")  # in the list of recent pictures
    assert queries.path(query).stat().st_mtime == 1.0


def test_a_server_cleans_when_it_starts_and_reports_outlive_the_upload(index, tmp_path):
    folder = tmp_path / "review"
    app = make_app(index, folder)
    client = TestClient(app, base_url="http://127.0.0.1")
    query = client.post("/api/queries", files={"picture": ("new.png", png())}).json()["sha256"]
    report = tmp_path / "report.json"
    report.write_bytes(client.get("/api/report", params={"q": query, "k": 3}).content)
    set_used(app.state.service.uploads, query, time.time() - 31 * DAY)
    before = set(threading.enumerate())  # another test's server may be running
    with TestClient(make_app(index, folder), base_url="http://127.0.0.1") as again:
        deadline = time.monotonic() + 20
        while (folder / "queries" / f"{query}.img").exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        answer = again.get("/api/search", params={"q": query})
        assert (answer.status_code, "upload it again" in answer.json()["detail"]["message"]) == (
            404,
            True,
        )
        assert [t for t in set(threading.enumerate()) - before if t.name == "cleaning"]
    assert not [t for t in set(threading.enumerate()) - before if t.name == "cleaning"]
    assert rerun(read_record(report)).same


def test_a_saved_address_that_is_not_understood_any_more_keeps_its_picture(store):
    sha256 = upload(store, 1, 99)
    store.reviews.save_search("odd", f"/?q={sha256}&page=x")
    assert UploadCleaner(store).clean(NOW) == 0
    assert left(store) == {sha256}
