"""Logos of other brands that show the same idea: the list is read as it stands, and what is ranked
is worked out by hand on a few logos.
"""

import collections
import csv

import numpy as np
import pytest

from marquery.comparison.methods import RankingPlan, rank_logos
from marquery.datasets import LogoSet, ideas
from marquery.datasets.ideas import idea_queries
from marquery.errors import UsageError
from marquery.reporting.printing import print_ideas


def _rows():
    return list(csv.DictReader(ideas._FILE.read_text().splitlines(), delimiter="\t"))


def _set(names, groups, tmp_path):
    blank = np.full(len(names), "", dtype=np.str_)
    paths = [f"logos/{name}.png" for name in names]
    return LogoSet(tmp_path, paths, np.array(groups), blank, blank, blank, blank)


def test_each_idea_has_three_brands_or_more_and_each_logo_counts_once():
    rows = _rows()
    assert {row["seen"] for row in rows} == {"both", "first", "second", "also", "akin"}
    brands = collections.defaultdict(set)
    counted = [row for row in rows if row["seen"] == "both"]
    for row in counted:
        brands[row["idea"]].add(row["brand"])
    assert len(brands) >= 60
    assert min(map(len, brands.values())) >= 3
    assert len({row["logo"] for row in counted}) == len(counted)
    pairs = [(row["idea"], row["logo"]) for row in rows]
    assert len(set(pairs)) == len(pairs)
    assert {row["idea"] for row in rows} == set(brands)
    # What counts elsewhere does count elsewhere.
    elsewhere = {row["logo"] for row in rows if row["seen"] in ("also", "akin")}
    assert elsewhere <= {row["logo"] for row in counted}


TABLE = """idea\tlogo\tbrand\tseen
cloud\ta/1\ta\tboth
cloud\ta/2\ta\tboth
cloud\tb/1\tb\tboth
cloud\tc/1\tc\tboth
cloud\td/1\td\tfirst
cloud\te/1\te\talso
cloud\tf/1\tf\takin
eye\te/1\te\tboth
eye\tf/1\tf\tboth
eye\tg/1\tg\tboth
"""
NAMES = ["a/1", "a/2", "a/name", "b/1", "c/1", "c/name", "d/1", "e/1", "f/1", "g/1", "h/1"]
BRANDS = [name[0] for name in NAMES]


@pytest.fixture
def small(monkeypatch, tmp_path):
    file = tmp_path / "ideas.tsv"
    file.write_text(TABLE)
    monkeypatch.setattr(ideas, "_FILE", file)
    return _set(NAMES, BRANDS, tmp_path)


def test_own_brand_and_doubtful_logos_are_neither_right_nor_wrong(small):
    found = idea_queries(small)
    shown = {NAMES[q]: idea for q, idea in zip(found.queries, found.ideas, strict=True)}
    assert shown == dict.fromkeys(["a/1", "a/2", "b/1", "c/1"], "cloud") | dict.fromkeys(
        ["e/1", "f/1", "g/1"], "eye"
    )
    out = {
        NAMES[q]: {NAMES[i] for i in row}
        for q, row in zip(found.queries, found.excluded, strict=True)
    }
    cloudless = {"a/name", "c/name", "d/1", "e/1", "f/1"}
    assert out["a/1"] == out["a/2"] == {"a/1", "a/2"} | cloudless
    assert out["b/1"] == {"b/1"} | cloudless
    assert out["f/1"] == {"f/1"}
    assert found.agreement == 8 / 9  # one of nine was named in one pass only


def test_what_is_left_out_costs_nothing_and_what_is_missed_does(small):
    """By hand: to a/1, b/1 and c/1 are relevant; what else is ranked are g/1 and h/1."""
    angles = dict.fromkeys(NAMES, 170.0)
    angles |= {"a/1": 0, "a/2": 1, "a/name": 2, "d/1": 3, "e/1": 90, "b/1": 5, "h/1": 10, "c/1": 15}
    turned = np.radians([angles[name] for name in NAMES])
    vectors = np.stack([np.cos(turned), np.sin(turned)], 1).astype(np.float32)
    plan = RankingPlan(ideas=idea_queries(small))
    result = rank_logos("by angle", vectors, small, plan).ideas
    scores = dict(zip(result.per_query["query"], result.per_query["ap"], strict=True))
    assert scores[NAMES.index("a/1")] == pytest.approx((1 / 1 + 2 / 3) / 2)
    assert result.counts["groups"] == 2
    only = np.array([name == "a/1" for name in NAMES])
    one = rank_logos("by angle", vectors, small, RankingPlan(queries=only, ideas=plan.ideas))
    assert one.ideas.per_query["query"].tolist() == [0]
    assert one.ideas.map == pytest.approx((1 / 1 + 2 / 3) / 2)


def test_another_set_is_refused(small, monkeypatch):
    with pytest.raises(UsageError, match="lacks logos that were looked at, such as a/2"):
        idea_queries(small.subset([0, 3, 4, 5, 6, 7, 8, 9, 10]))
    monkeypatch.setattr(ideas, "_LOOKED_AT", 10)
    with pytest.raises(UsageError, match=r"11 logos .* are ranked, of which 10 were looked at"):
        idea_queries(small)


def test_the_table_has_a_line_for_each_method(small, capsys):
    vectors = np.random.default_rng(1).normal(size=(len(NAMES), 8)).astype(np.float32)
    plan = RankingPlan(ideas=idea_queries(small))
    print_ideas([rank_logos(name, vectors, small, plan) for name in ("one", "two")])
    text = capsys.readouterr().out
    assert "(7 queries, 2 groups, among" in " ".join(text.split())
    lines = [line for line in text.splitlines() if line.startswith(("one", "two"))]
    assert [line.split()[0] for line in lines] == ["one", "two"]
    assert all(line.count("–") == 3 for line in lines)  # an interval for each figure
