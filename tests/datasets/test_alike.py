"""Pairs that were looked at: they are read as they stand, and go with the benchmark alone."""

import csv
from itertools import combinations

import numpy as np
import pytest

from marquery.comparison.methods import ALIKE, ALL_PAIRS, RankingPlan, rank_logos
from marquery.datasets import LogoSet, alike
from marquery.datasets.alike import judged_pairs
from marquery.errors import UsageError
from marquery.reporting.printing import print_judged


def _rows():
    return list(csv.DictReader(alike._FILE.read_text().splitlines(), delimiter="\t"))


def _set(paths, groups, tmp_path):
    blank = np.full(len(paths), "", dtype=np.str_)
    return LogoSet(tmp_path, list(paths), np.array(groups), blank, blank, blank, blank)


def test_every_pair_of_a_brand_stands_once():
    rows = _rows()
    pairs = [frozenset((row["first"], row["second"])) for row in rows]
    assert len(pairs) == len(set(pairs)) == 1829
    assert all(len(pair) == 2 for pair in pairs)
    # Brands are cliques: whoever is paired with one logo of a brand is paired with all.
    brand = {}
    for pair in pairs:
        merged = frozenset().union(*(brand.get(path, frozenset([path])) for path in pair))
        brand |= dict.fromkeys(merged, merged)
    brands = set(brand.values())
    assert len(brands) == 200
    assert {frozenset(p) for b in brands for p in combinations(b, 2)} == set(pairs)


@pytest.fixture
def judged_set(tmp_path):
    names = sorted({row[key] for row in _rows() for key in ("first", "second")})
    together = {name: name for name in names}
    for row in _rows():
        together[row["second"]] = together[row["first"]]
    return _set([f"logos/{n}.png" for n in names], [together[n] for n in names], tmp_path)


def test_pairs_are_found_in_the_set_in_any_order(judged_set):
    found = judged_pairs(judged_set)
    unlike = {
        frozenset((row["first"], row["second"]))
        for row in _rows()
        if row["alike_1"] == "0" or row["alike_2"] == "0"
    }
    names = [path.removeprefix("logos/").removesuffix(".png") for path in judged_set.paths]
    told = {
        frozenset((names[i], names[j]))
        for i, j, same in zip(found.first, found.second, found.alike, strict=True)
        if not same
    }
    assert told == unlike
    assert 0.9 < found.agreement < 1


def test_another_set_is_refused(judged_set):
    fewer = judged_set.subset(np.arange(1, len(judged_set)))
    with pytest.raises(UsageError, match="alike: "):
        judged_pairs(fewer)


def test_figures_are_of_the_brands_that_were_looked_at(judged_set):
    """All logos of a brand in one place: without the unlike pairs fewer queries have an answer, and
    all find it.
    """
    _, place = np.unique(judged_set.groups, return_inverse=True)
    judged = judged_pairs(judged_set)
    vectors = np.eye(place.max() + 1, dtype=np.float32)[place]
    row = rank_logos("same", vectors, judged_set, RankingPlan(judged=judged))
    answered = np.union1d(judged.first[judged.alike], judged.second[judged.alike])
    assert row.judged[ALL_PAIRS].counts["queries"] == len(judged_set)
    assert row.judged[ALIKE].counts["queries"] == len(answered) < len(judged_set)
    assert row.judged[ALL_PAIRS].map == row.judged[ALIKE].map == 1


def test_an_unlike_logo_of_the_brand_is_no_mistake(judged_set):
    """Each unlike pair lies in one place, in front of the alike ones: only the count of all pairs
    sees that.
    """
    judged = judged_pairs(judged_set)
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(len(judged_set), 64))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    for one, two in zip(judged.first[~judged.alike], judged.second[~judged.alike], strict=True):
        vectors[one] = vectors[two]
    row = rank_logos(
        "unlike first", vectors.astype(np.float32), judged_set, RankingPlan(judged=judged)
    )
    assert row.judged[ALL_PAIRS].map > row.judged[ALIKE].map + 0.02


def test_the_table_has_a_line_for_each_kind_of_pairs(judged_set, capsys):
    vectors = np.random.default_rng(1).normal(size=(len(judged_set), 8)).astype(np.float32)
    how = RankingPlan(judged=judged_pairs(judged_set))
    print_judged([rank_logos("by chance", vectors, judged_set, how)])
    lines = [line for line in capsys.readouterr().out.splitlines() if "by chance" in line]
    assert len(lines) == 2
    assert lines[0].startswith(f"{ALL_PAIRS} (")
    assert lines[1].startswith(f"{ALIKE} (")
    assert all(line.count("–") == 3 for line in lines)  # an interval for each figure
