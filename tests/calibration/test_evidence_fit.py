"""Fitting the evidence model to pairs with known answers."""

import numpy as np
import pytest

from marquery.calibration import evidence_fit as fit
from marquery.calibration.evidence import EvidenceModel, PriorMap, Term
from marquery.errors import MarqueryError

GROUPS = np.array(["a", "a", "b", "b", "", "c"])


def flat(intercept=0.0, factor=1.0):
    return EvidenceModel(
        fingerprint="f",
        data="d",
        logos=1,
        pairs=1,
        intercept=intercept,
        terms={"whole": Term(knots=(-50, 50), values=(-50 * factor, 50 * factor))},
        rare=PriorMap(prior="p", logits=(0.0,), probabilities=(0.0,)),
    )


def evidence_like(rng, same):
    """Evidence whose wholes and words tell the mark, and whose colours tell nothing."""
    found = {name: rng.uniform(-0.2, 0.4, len(same)).astype("f4") for name in fit.KNOTS}
    found["whole"] = (0.6 * same + rng.normal(0, 0.15, len(same))).astype("f4")
    found["words"] = np.where(rng.random(len(same)) < 0.5, np.nan, same * 0.9).astype("f4")
    found["words_both_ways"] = found["words"]
    found["color"] = rng.random(len(same)).astype("f4")
    return found


def test_queries_have_a_companion_and_a_label():
    assert fit.queries_of(GROUPS) == [0, 1, 2, 3]


def test_pairs_are_all_own_the_hardest_and_some_at_random():
    rng = np.random.default_rng(0)
    groups = np.array(["a", "a", "a", *[f"n{i}" for i in range(100)]])
    table = [evidence_like(rng, groups == groups[i]) for i in range(3)]
    done = []
    pairs = fit.draw_evidence(table.__getitem__, groups, 0, done.append)
    assert sum(done) == 3
    assert pairs.same.sum() == 6  # both companions of each
    assert pairs.drawn.sum() == 3 * 60
    for kind in (pairs.same, pairs.drawn, ~pairs.same & ~pairs.drawn):
        assert pairs.weight[kind].sum() == pytest.approx(3)
    hard = set(np.round(pairs.evidence["whole"][~pairs.same & ~pairs.drawn], 6).tolist())
    for row in table:
        assert set(np.round(np.sort(row["whole"][3:])[-15:], 6).tolist()) <= hard


def test_no_pairs_no_model():
    with pytest.raises(MarqueryError, match="more labelled logos"):
        fit.draw_evidence(lambda _: {}, np.array(["a", "b", ""]), 0)


def test_terms_ascend_and_follow_what_tells():
    rng = np.random.default_rng(1)
    groups = np.array([f"g{i // 3}" for i in range(150)])
    table = [evidence_like(rng, groups == groups[i]) for i in range(150)]
    pairs = fit.draw_evidence(table.__getitem__, groups, 0)
    intercept, terms = fit.fit_terms(pairs)
    for term in terms.values():
        assert (np.diff(term.values) >= 0).all()
    assert terms["whole"].values[-1] > 2
    assert terms["color"].values[-1] < 0.3
    # Words that differ speak against one mark, none at all for neither.
    words = terms["words"]
    assert words.values[0] < words.missing < words.values[-1]
    # The fit is the best there is: shifted by a little it is worse.
    model = flat().model_copy(update={"intercept": intercept, "terms": terms})

    def loss(shift):
        sign = np.where(pairs.same, -1, 1)
        return (pairs.weight * np.logaddexp(0, sign * (shift + model.logit(pairs.evidence)))).sum()

    assert loss(0) < min(loss(0.1), loss(-0.1))
    same = pairs.same
    assert model.logit(pairs.evidence)[same].min() > np.median(model.logit(pairs.evidence)[~same])


def test_listed_pairs_come_from_the_ten_best():
    groups = np.array(["a", "a", *[f"n{i}" for i in range(30)]])
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 1, len(groups))
    logits[1] = 0.5

    found, same = fit.listed_pairs(lambda _: logits, groups, 0)
    ranked = np.sort(np.delete(logits, 0))[::-1]
    if 0.5 in ranked[:10]:
        assert set(found[same]) == {0.5}
    assert set(found[~same]) <= set(ranked[:10]) | set(np.sort(np.delete(logits, 1))[::-1][:10])
    assert same.sum() == (~same).sum()


def test_the_probability_is_that_of_the_list():
    rng = np.random.default_rng(2)
    truth = rng.normal(0, 2, 40_000)
    same = rng.random(len(truth)) < 1 / (1 + np.exp(-truth))
    # The model says 3 + truth / 2: the shift and the factor are found.
    fitted = fit.fit_to_lists(flat(), 3 + truth / 2, same)
    assert fitted.intercept == pytest.approx(-6, abs=0.3)
    assert fitted.terms["whole"].values[1] == pytest.approx(100, rel=0.05)
    record = fit.check_listed(fitted, truth, same, "d", 3)
    assert record.error < 0.02
    with pytest.raises(MarqueryError, match="both of their own group"):
        fit.fit_to_lists(flat(), np.empty(0), np.empty(0, bool))


def test_pieces_keep_groups_whole_and_hold_all():
    from marquery.index.calibrating import in_pieces

    rng = np.random.default_rng(0)
    groups = np.array([f"g{i}" for i in rng.integers(0, 60, 200)] + [""] * 40)
    pieces = in_pieces(groups, 80, seed=1)
    assert len(pieces) == 3
    assert sorted(np.concatenate(pieces).tolist()) == list(range(240))
    assert all(60 <= len(piece) <= 100 for piece in pieces)
    named = [set(groups[piece]) - {""} for piece in pieces]
    assert sum(map(len, named)) == len(set.union(*named))
    assert [piece.tolist() for piece in in_pieces(groups, 500, seed=1)] == [list(range(240))]
