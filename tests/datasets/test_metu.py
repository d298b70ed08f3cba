"""METU in both layouts: which files are queries, gallery and training, and the way to a NAR."""

import json

import numpy as np
import pytest
import yaml
from PIL import Image

from marquery.cli.app import run
from marquery.datasets import LogoSet
from marquery.datasets.metu import TRAINED, UNSEEN, metu_layout
from marquery.datasets.metu.layout import QUERY_LIST, TRAINING_LIST, UNLABELLED_LIST
from marquery.encoder import PixelBaseline
from marquery.errors import MarqueryError
from marquery.evaluation import evaluate
from marquery.images import load_image

from .metu_folder import GROUPS, PER_GROUP, POOL, write_given, write_list, write_lists

QUERIES = GROUPS * PER_GROUP


@pytest.fixture
def given(tmp_path, make_logo):
    return write_given(tmp_path / "metu", make_logo)


@pytest.fixture
def lists(tmp_path, make_logo):
    return write_lists(tmp_path / "lists", make_logo)


def rows(logos):
    return dict(zip(logos.paths, logos.groups.tolist(), strict=True))


@pytest.mark.parametrize("flat", [False, True])
def test_as_given_out_all_labelled_files_are_queries(tmp_path, make_logo, flat):
    root = write_given(tmp_path / "metu", make_logo, flat=flat)
    assert metu_layout(root) == "queries"
    logos = LogoSet.open(root)
    test = logos.split("test")
    folder = "" if flat else "queries/"
    expected = {f"{folder}{i}-{g}.jpg": str(g) for g in range(1, 7) for i in range(1, 5)}
    labelled = {path: group for path, group in rows(test).items() if group}
    assert labelled == expected
    assert len(test) == QUERIES + POOL
    # Half of the groups are for training, one of those three to choose by; the rest was never seen.
    train, val = logos.split("train"), logos.split("val")
    seen = set(train.groups) | set(val.groups)
    assert len(set(train.groups) - {""}) == 2
    assert len(set(val.groups) - {""}) == 1
    assert not set(train.groups) & set(val.groups) - {""}
    for path, group, stratum in zip(test.paths, test.groups, test.namespaces, strict=True):
        assert stratum == ("" if not group else TRAINED if group in seen else UNSEEN), path


def test_no_test_query_is_a_training_negative_and_none_is_lost(given):
    logos = LogoSet.open(given)
    unseen = {p for p, s in zip(logos.paths, logos.namespaces, strict=True) if s == UNSEEN}
    learnt = set(logos.split("train").paths) | set(logos.split("val").paths)
    assert len(unseen) == 3 * PER_GROUP
    assert not unseen & learnt
    pool = {f"pool/{n:06d}.jpg" for n in range(POOL)}
    assert pool <= learnt
    val = rows(logos.split("val"))
    assert sum(not group for group in val.values()) == POOL // 20
    assert not set(val) & set(logos.split("train").paths)


def test_the_papers_lists_say_what_is_trained_and_tested(lists):
    assert metu_layout(lists) == "lists"
    logos = LogoSet.open(lists)
    test = rows(logos.split("test"))
    assert {g for g in test.values() if g} == {"4", "5", "6"}
    assert len(test) == 3 * PER_GROUP + POOL
    assert test["images/queries/2-5.jpg"] == "5"
    learnt = rows(logos.split("train")) | rows(logos.split("val"))
    assert {g for g in learnt.values() if g} == {"1", "2", "3"}
    assert set(logos.namespaces) == {""}
    assert all(file.is_file() for file in logos.files())


def test_a_leak_in_the_lists_is_told_apart(lists):
    leaked = [(3, f"queries/{i}-3.jpg") for i in range(1, 5)]
    fresh = [(5, f"queries/{i}-5.jpg") for i in range(1, 5)]
    write_list(lists, QUERY_LIST, leaked + fresh)
    pool = [(0, f"pool/{n:06d}.jpg") for n in range(POOL)]
    write_list(lists, UNLABELLED_LIST, [*pool, *((0, path) for _, path in fresh)])
    logos = LogoSet.open(lists)
    test = logos.split("test")
    strata = dict(zip(test.paths, test.namespaces.tolist(), strict=True))
    assert strata["images/queries/1-3.jpg"] == TRAINED
    assert strata["images/queries/1-5.jpg"] == UNSEEN
    assert "images/queries/1-5.jpg" not in logos.split("train").paths


def test_training_logos_may_lie_beside_the_folder_of_images(lists):
    """The public code joins them to the folder itself, all others to its ``images``."""
    (lists / "images" / "pool").rename(lists / "pool")
    logos = LogoSet.open(lists)
    assert "pool/000000.jpg" in logos.split("train").paths + logos.split("val").paths
    assert "images/queries/1-1.jpg" in logos.split("train").paths + logos.split("val").paths


def test_lists_are_read_with_any_line_ends_and_column_order(lists):
    path = lists / "Info_Files" / QUERY_LIST
    before = rows(LogoSet.open(lists).split("test"))
    swapped = [line.split("\t")[::-1] for line in path.read_text().splitlines()]
    text = "\r\n".join("\t".join(cells) for cells in swapped) + "\r\n\r\n"
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("queries/", ".\\queries\\").encode())
    assert rows(LogoSet.open(lists).split("test")) == before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the first line has to name"),
        ("path,class_id\n", "the first line has to name"),
        ("class_id\tpath\n1\n", "line 2 has 1 columns"),
        ("class_id\tpath\n1\t../../etc/passwd\n", "line 2 names"),
        ("class_id\tpath\n1\t/etc/passwd\n", "line 2 names"),
        ("class_id\tpath\n1\tC:\\x.jpg\n", "line 2 names"),
    ],
)
def test_a_broken_list_is_named(lists, text, words):
    (lists / "Info_Files" / QUERY_LIST).write_text(text)
    with pytest.raises(MarqueryError, match=f"{QUERY_LIST}: {words}"):
        LogoSet.open(lists)


def test_a_pair_of_lists_is_enough(lists):
    (lists / "Info_Files" / TRAINING_LIST).unlink()
    logos = LogoSet.open(lists)
    assert len(logos.split("test")) == 3 * PER_GROUP + POOL
    (lists / "Info_Files" / QUERY_LIST).unlink()
    with pytest.raises(MarqueryError, match=f"needs {QUERY_LIST} and"):
        LogoSet.open(lists)


def test_plain_folders_stay_plain(logo_folder, tmp_path):
    assert metu_layout(logo_folder) is None
    few = tmp_path / "few"
    few.mkdir()
    for name in ("1-1.jpg", "2-1.jpg", "1-2.jpg", "logo.png"):
        Image.new("RGB", (8, 8)).save(few / name)
    assert metu_layout(few) is None  # only one group has two logos
    (few / "2-2.jpg").write_bytes((few / "1-1.jpg").read_bytes())
    assert metu_layout(few) == "queries"
    (few / "brand").mkdir()
    assert metu_layout(few) is None


def test_colours_are_read_as_rgb(given):
    Image.new("RGB", (16, 16), (250, 10, 20)).save(given / "queries" / "9-1.jpg", quality=95)
    red, green, blue = np.asarray(load_image(given / "queries" / "9-1.jpg")).mean((0, 1))
    assert red > 200
    assert max(green, blue) < 60


@pytest.mark.parametrize("layout", [write_given, write_lists])
def test_from_the_folder_to_a_nar(tmp_path, make_logo, layout, capsys, own_cache):
    root = layout(tmp_path / "metu", make_logo)
    recipe = {
        "name": "tiny",
        "steps": 2,
        "workers": 0,
        "model": {
            "backbone": "mobilenetv3_small_050",
            "dim": 8,
            "image_size": 32,
            "pretrained": False,
        },
        "batch": {"kind": "paper", "size": 8, "per_class": 4},
        "augment": {
            "positive": [{"op": "segment", "color": 1}],
            "negative": [{"op": "image_level"}],
        },
        "validation": {"every": 1},
    }
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(recipe))
    model, out = tmp_path / "run", tmp_path / "nar.json"
    arguments = ["train", tmp_path / "tiny.yaml", "--data", root, "--out", model]
    assert run([str(a) for a in arguments]) == 0
    measured = {}
    for protocol in ("metu", "standard", "upstream"):
        arguments = ["evaluate", model, "--data", root, "--protocol", protocol, "--out", out]
        assert run([*(str(a) for a in arguments), "--no-baselines"]) == 0
        measured[protocol] = next(iter(json.loads(out.read_text())["methods"].values()))
    printed = capsys.readouterr()
    given_out = layout is write_given
    assert ("of groups that training on this folder learns from" in printed.err) == given_out
    counts = measured["metu"]["counts"]
    queries = QUERIES if given_out else 3 * PER_GROUP
    assert (counts["queries"], counts["ranked"]) == (queries, queries + POOL)
    assert set(measured["metu"].get("by_stratum", {})) == (
        {TRAINED, UNSEEN} if given_out else set()
    )
    assert measured["standard"]["counts"]["ranked"] == queries + POOL - 1
    nar = {name: result["means"]["nar"] for name, result in measured.items()}
    assert len(set(nar.values())) == 3
    assert all(0 < value < 1 for value in nar.values())


def test_the_metu_protocol_ranks_queries_and_gallery(given):
    """NAR of the whole way against the definition, written out over a sorted list."""
    test = LogoSet.open(given).split("test")
    vectors, groups = PixelBaseline().embed(test.files()).astype(np.float64), test.groups
    result = evaluate(vectors, groups, protocol="metu", bootstrap=0)
    nars = []
    for q in np.flatnonzero(groups != ""):
        scores = vectors @ vectors[q]
        ranks = [
            int((scores >= scores[i] - 1e-6).sum()) for i in np.flatnonzero(groups == groups[q])
        ]
        n = len(ranks)
        nars.append((sum(ranks) - n * (n + 1) / 2) / (len(groups) * n))
    assert result.nar == pytest.approx(np.mean(nars), abs=1e-9)
