import hashlib
import random

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from marquery.datasets.openlogos.build import build_from
from marquery.datasets.openlogos.edits import KINDS, STRENGTHS, build_edits, edit_svg
from marquery.datasets.openlogos.shapes import read_shapes
from marquery.errors import MarqueryError
from marquery.svg import render_svg

from .helpers import make_source

SQUARES = '<path fill="#c00" d="M2 2h5v5H2zM10 2h5v5h-5zM2 10h5v5H2z"/>'
CIRCLE = '<circle cx="18" cy="18" r="3" fill="#00c"/>'


def svg(body: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">{body}</svg>'


def count(text: str) -> int:
    found = read_shapes(text)
    return -1 if found is None else len(found[1])


@pytest.mark.parametrize(
    ("body", "shapes"),
    [
        (SQUARES + CIRCLE, 4),
        (f'<g fill="none">{SQUARES}<path d="M0 0h9v9z"/></g>', 3),
        ('<path fill="none" stroke="red" d="M0 0h9"/>', 1),
        (f"<defs>{SQUARES}</defs>{CIRCLE}", 1),
        ('<path fill="url(#a)" d="M2 2h5v5H2zM10 2h5v5h-5z"/>', 1),
        ('<use href="#a"/>' + CIRCLE, -1),
        ("<style>path{fill:red}</style>" + CIRCLE, -1),
        ('<polygon points="0,0 4,0 4,4"/><rect width="3" height="3"/>', 2),
        ('<path d="L1 1"/>', -1),
    ],
)
def test_shapes_are_painted_pieces(body, shapes):
    assert count(svg(body)) == shapes


def test_cutting_a_path_changes_no_pixel():
    from xml.etree import ElementTree as ET

    text = svg(SQUARES + CIRCLE + '<path d="M12 12h4v4h-4zM13 13v2h2v-2z"/>')
    found = read_shapes(text)
    assert found is not None
    again = ET.tostring(found[0], encoding="unicode")
    assert len(found[1]) == 5
    assert (render_svg(again, 96) == render_svg(text, 96)).all()


@pytest.mark.parametrize(("strength", "left"), [(1, 3), (2, 3), (3, 2)])
def test_dropping_leaves_the_rest(strength, left):
    for seed in range(5):
        edited = edit_svg(svg(SQUARES + CIRCLE), "drop", strength, random.Random(seed))
        assert edited is not None
        assert count(edited) == left


def test_at_least_one_shape_stays():
    edited = edit_svg(svg(SQUARES), "drop", 3, random.Random(1))
    assert edited is not None
    assert count(edited) >= 1


def test_recolour_keeps_every_outline():
    text = svg(SQUARES + CIRCLE)
    for strength in STRENGTHS:
        edited = edit_svg(text, "recolour", strength, random.Random(3))
        assert edited is not None
        a, b = render_svg(text, 96), render_svg(edited, 96)
        assert (a[..., 3] == b[..., 3]).all()
        assert (a != b).any()


def test_rotation_and_scaling_move_one_shape_about_its_own_centre():
    colours = ("#ff0000", "#00ff00", "#0000ff")
    text = svg(
        "".join(
            f'<g transform="translate({x} 0) scale(2)"><path transform="rotate(10)" fill="{c}" '
            'd="M1 4h3v2h-3z"/></g>'
            for x, c in zip((0, 8, 16), colours, strict=True)
        )
    )

    def ink(picture: np.ndarray, channel: int) -> np.ndarray:
        return np.argwhere((picture[..., 3] > 128) & (picture[..., channel] > 200))

    before = render_svg(text, 192)
    for kind in ("rotate", "scale"):
        for seed in range(6):
            edited = edit_svg(text, kind, 2, random.Random(seed))
            assert edited is not None
            after = render_svg(edited, 192)
            moved = 0
            for channel in range(3):
                a, b = ink(before, channel), ink(after, channel)
                assert a.mean(axis=0) == pytest.approx(b.mean(axis=0), abs=1.5)
                moved += not np.array_equal(a, b)
            assert moved == 1


def test_few_shapes_cannot_be_edited_and_a_wrong_kind_is_an_error():
    assert edit_svg(svg(CIRCLE + CIRCLE), "drop", 1, random.Random(0)) is None
    with pytest.raises(ValueError, match="not one of"):
        edit_svg(svg(SQUARES), "blur", 1, random.Random(0))


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    one = {f"brand{i}": SQUARES.replace("#c00", f"#{i:02x}8800") for i in range(12)}
    two = {f"brand{i}": SQUARES.replace("#c00", f"#0000{i + 99:02x}") + CIRCLE for i in range(12)}
    sources = [make_source(folder, "bxl", one), make_source(folder, "cib", two)]
    for name in ("out", "same"):
        build_from(sources, folder / name, folder, 48, 1, False)
    return folder


def test_the_set_of_edits(dataset):
    out = dataset / "out"
    edits = build_edits(out, limits={"test": 5, "val": 2}, size=48, jobs=1, progress=False)
    rows = pq.read_table(out / "edits.parquet").to_pylist()
    assert len(rows) == len(edits) > 15
    brand = {row["path"]: row for row in pq.read_table(out / "manifest.parquet").to_pylist()}
    for row in rows:
        source = brand[row["source"]]
        assert row["split"] == source["split"] != "train"
        assert row["kind"] in KINDS
        assert row["strength"] in STRENGTHS
        others = {p for p, r in brand.items() if r["brand"] == source["brand"]} - {row["source"]}
        assert set(row["excluded"]) == others
        assert len(others) == 1
        edited, before = (np.asarray(Image.open(out / row[k])) for k in ("path", "source"))
        assert edited.shape == before.shape
        assert (edited != before).any()
    assert {f"edits/{file.name}" for file in (out / "edits").iterdir()} == {r["path"] for r in rows}


def test_the_same_data_give_the_same_edits_whatever_was_there(dataset):
    (dataset / "same" / "edits").mkdir(exist_ok=True)
    (dataset / "same" / "edits" / "stale.png").write_bytes(b"")
    found = []
    for name, jobs in (("out", 1), ("same", 2)):
        build_edits(dataset / name, limits={"test": 40}, size=48, jobs=jobs, progress=False)
        files = [*sorted((dataset / name / "edits").iterdir()), dataset / name / "edits.parquet"]
        found.append([(f.name, hashlib.sha256(f.read_bytes()).hexdigest()) for f in files])
    assert found[0] == found[1]


def test_no_data_set(tmp_path):
    with pytest.raises(MarqueryError, match="holds no data set"):
        build_edits(tmp_path)
