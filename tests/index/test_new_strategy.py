"""A strategy with a stored column, written here: everything else finds it through the registry."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from fastapi.testclient import TestClient
from PIL import Image

import marquery
from marquery.cli.app import run
from marquery.errors import UsageError
from marquery.index import LogoIndex
from marquery.index.strategies.base import Strategy
from marquery.index.strategies.columns import StoredColumn
from marquery.index.strategies.registry import registered
from marquery.searchreport import read_record, record_search, rerun, write_report
from marquery.web.app import create_app
from marquery.web.security import Access

from ..encoders import tiny_encoder


# --- the strategy: all there is of it ---
class Slimness(StoredColumn[np.ndarray]):
    name = "slimness"

    def field(self, sizes):
        return pa.field(self.name, pa.float32())

    def note(self, logo):
        return logo.image.width / sum(logo.image.size)

    def load(self, stored):
        return stored[self.name].to_numpy()


class BySlimness(Strategy[np.ndarray]):
    name, label, compared, help = "slimness", "Slimness", "proportions", "how slim the logos are"
    columns = (Slimness(),)

    def prepare(self, request, vectors, projection):
        return np.array([self.columns[0].note(logo) for logo in request.logos])

    def score(self, block, query):
        return 1 - np.abs(block.column(self.columns[0])[:, None] - query).min(axis=1).astype("f4")


# --- end of the strategy ---


@pytest.fixture
def strategy():
    with registered(BySlimness()):
        yield


def bar(width, height, color=(200, 10, 10)):
    image = Image.new("RGB", (width, height), "white")
    image.paste(color, (5, 5, width - 5, height - 5))
    return image


@pytest.fixture
def logos(tmp_path):
    folder = tmp_path / "logos"
    folder.mkdir()
    for width, height in ((90, 30), (60, 60), (30, 90), (80, 40)):
        bar(width, height).save(folder / f"{width}x{height}.png")
    (tmp_path / "meta.csv").write_text("path,owner\n90x30.png,Ada\n30x90.png,Ada\n")
    return folder


@pytest.fixture
def index(strategy, logos, tmp_path):
    made = LogoIndex.create(tmp_path / "idx", tiny_encoder(), words=False)
    assert made.add(logos, meta=tmp_path / "meta.csv").added == 4
    return made


def names(matches):
    return [Path(match.path).name for match in matches]


def test_it_is_searched_filtered_and_mixed_from_python(index, logos):
    query = logos / "80x40.png"
    found = index.search(query, strategy="slimness")
    assert names(found) == ["80x40.png", "90x30.png", "60x60.png", "30x90.png"]
    assert found[0].scores == {"slimness": 1.0}
    assert found[1].score == pytest.approx(1 - (90 / 120 - 80 / 120), abs=1e-6)
    assert names(index.search(query, strategy="slimness", where="owner = Ada")) == [
        "90x30.png",
        "30x90.png",
    ]
    mixed = index.search(query, strategy={"slimness": 3, "overall": 1})
    for match in mixed:
        scores = match.scores
        expected = 0.75 * scores["slimness"] + 0.25 * scores["overall"]
        assert match.score == pytest.approx(expected, abs=1e-5)
    assert index.compares_all(strategy="slimness")


def test_changed_files_and_copies_carry_its_column(index, logos):
    (logos / "copy.png").write_bytes((logos / "90x30.png").read_bytes())
    bar(120, 20, (0, 0, 128)).save(logos / "60x60.png")
    told = index.rescan(logos)
    assert (told.added, told.updated) == (1, 1)
    found = index.search(bar(120, 20, (0, 0, 0)), 3, strategy="slimness")
    assert names(found)[0] == "60x60.png"
    assert set(names(found)[1:]) == {"90x30.png", "copy.png"}


def test_it_is_searched_from_the_command_line_and_reported_and_rerun(
    index, logos, tmp_path, capsys
):
    place = str(tmp_path / "idx")
    asked = [
        "search",
        str(logos / "90x30.png"),
        "--index",
        place,
        "--strategy",
        "slimness=1,overall=1",
    ]
    report = tmp_path / "report.json"
    page = tmp_path / "report.html"
    assert run([*asked, "--json", "--report", str(report), "--report", str(page)]) == 0
    hits = json.loads(capsys.readouterr().out)
    assert hits[0]["scores"]["slimness"] == 1.0
    assert "proportions (50 %), whole logos (50 %)" in page.read_text(encoding="utf-8")
    assert run(["rerun", str(report), "--index", place]) == 0
    assert "the same: 4 hits" in capsys.readouterr().out
    assert run([*asked[:-1], "slimmness"]) == 2
    assert "--strategy: 'slimmness' is none of" in capsys.readouterr().err


def test_it_is_searched_from_the_page_and_its_api(index, logos):
    with TestClient(create_app(index, Access("127.0.0.1")), base_url="http://127.0.0.1") as client:
        picture = (logos / "30x90.png").read_bytes()
        answer = client.post("/api/queries", files={"picture": ("q.png", picture, "image/png")})
        query = answer.json()["sha256"]
        found = client.get("/api/search", params={"q": query, "strategy": "slimness"}).json()
        assert Path(found["hits"][0]["name"]).name == "30x90.png"
        page = client.get("/", params={"q": query, "strategy": "slimness"})
        assert page.status_code == 200
        assert 'value="slimness" checked' in page.text
        assert "Slimness" in page.text


def test_an_index_that_was_built_before_it_says_so(logos, tmp_path):
    old = LogoIndex.create(tmp_path / "old", tiny_encoder(), words=False)
    old.add(logos)
    with registered(BySlimness()):
        with pytest.raises(UsageError, match="holds nothing that slimness could compare") as error:
            old.search(logos / "90x30.png", strategy="slimness")
        assert "build the index again" in str(error.value)
        (logos / "90x30.png").rename(logos / "other.png")
        assert old.rescan(logos).removed == 1  # the table is written without the column
        assert names(old.search(logos / "other.png", 1)) == ["other.png"]


def test_an_index_outlives_a_strategy_that_is_gone(logos, tmp_path):
    with registered(BySlimness()):
        index = LogoIndex.create(tmp_path / "idx", tiny_encoder(), words=False)
        index.add(logos)
        record = record_search(
            index,
            logos / "90x30.png",
            index.search(logos / "90x30.png", strategy="slimness"),
            strategy="slimness",
        )
        write_report(record, index, tmp_path / "r.json")
    bar(50, 50, (0, 0, 128)).save(logos / "new.png")
    index = LogoIndex.open(tmp_path / "idx")
    assert index.add(logos).added == 1
    assert len(index.search(logos / "new.png")) == 5
    with pytest.raises(UsageError, match="'slimness' is none of"):
        rerun(read_record(tmp_path / "r.json"), tmp_path / "idx")


def test_no_file_of_the_package_knows_its_name():
    package = Path(marquery.__file__).parent
    files = [f for f in package.rglob("*") if f.suffix in (".py", ".j2", ".html", ".js", ".typ")]
    assert len(files) > 200
    assert not [f for f in files if "slimness" in f.read_text(encoding="utf-8").lower()]
