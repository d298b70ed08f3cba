"""The probability where one pair in 10,000 is of one mark."""

import numpy as np
import pytest

from marquery.calibration import rare
from marquery.calibration.evidence import EvidenceModel, PriorMap, Term


def model_with(found):
    return EvidenceModel(
        fingerprint="x",
        data="d",
        logos=1,
        pairs=1,
        intercept=0,
        terms={"whole": Term(knots=(-50, 50), values=(-50, 50))},
        rare=found,
    )


def drawn(seed=3, marks=150, away=4.0):
    """Logits of marks with two logos: of different marks about 0, of one mark about ``away``."""
    rng = np.random.default_rng(seed)
    groups = np.array([f"g{i // 2}" for i in range(2 * marks)])
    own = groups[:, None] == groups[None]
    return groups, own, rng.normal(0, 1, own.shape) + away * own


def test_all_pairs_are_counted():
    groups, own, logits = drawn(marks=30)
    edges = np.array([-1.0, 0, 1, 2, 3, 4])
    counts = rare.count_all(lambda i: logits[i], groups, edges)
    off = ~np.eye(len(groups), dtype=bool)
    bins = [-np.inf, *edges, np.inf]
    assert counts.same.tolist() == np.histogram(logits[own & off], bins)[0].tolist()
    assert counts.other.tolist() == np.histogram(logits[~own], bins)[0].tolist()


def test_the_map_is_the_known_probability_and_holds_for_other_logos():
    """Of two normal distributions of variance 1 the log-odds are ``a x - a² / 2`` and the prior."""
    groups, _, logits = drawn()
    edges = rare.fine_edges(logits)
    assert len(edges) == 201
    assert edges[0] == logits.min()
    assert edges[-1] > logits.max()
    found = rare.fit_rare(rare.count_all(lambda i: logits[i], groups, edges))
    assert found.prior == rare.RARE_PRIOR
    for x in (2.0, 3.0, 4.0, 5.0):
        odds = 4 * x - 8 + np.log(1e-4 / (1 - 1e-4))
        stated = float(found(x))
        assert np.log(stated / (1 - stated)) == pytest.approx(odds, abs=1.0)
    groups, _, others = drawn(seed=4)
    counts = rare.count_all(lambda i: others[i], groups, rare.fine_edges(others))
    record = rare.check_rare(model_with(found), counts, "d", len(groups))
    assert record.pairs == len(groups) * (len(groups) - 1)
    assert sum(record.counts) == counts.same.sum() == len(groups)
    assert record.error < 0.1
    # A map that says a hundred times the odds is found wrong.
    p = np.array(found.probabilities)
    bold = PriorMap(prior="p", logits=found.logits, probabilities=tuple(100 * p / (99 * p + 1)))
    assert rare.check_rare(model_with(bold), counts, "d", 1).error > record.error + 0.1


def test_few_pairs_of_one_mark_give_no_certainty():
    groups, _, logits = drawn(marks=5, away=30.0)  # which nothing overlaps
    counts = rare.count_all(lambda i: logits[i], groups, rare.fine_edges(logits))
    found = rare.fit_rare(counts)
    assert (np.diff(found.probabilities) >= 0).all()
    assert 0 <= found.probabilities[0] < 1e-4


def test_a_few_marks_under_two_names_do_not_move_the_map():
    """Six pairs of 300, the most alike, are labelled as of different marks: at the prior they count
    as much as half of all pairs of one mark.
    """
    groups, _, logits = drawn(marks=150)
    groups = groups.copy()
    first = np.arange(0, len(groups), 2)
    alike = np.minimum(logits[first, first + 1], logits[first + 1, first])
    for place in first[np.argsort(-alike)[:3]]:
        groups[place] = f"another name of {place + 1}"
    found = rare.fit_rare(rare.count_all(lambda i: logits[i], groups, rare.fine_edges(logits)))
    for x in (3.0, 4.0, 5.0):
        odds = 4 * x - 8 + np.log(1e-4 / (1 - 1e-4))
        stated = float(found(x))
        assert np.log(stated / (1 - stated)) == pytest.approx(odds, abs=1.5)
