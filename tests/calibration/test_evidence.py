"""The model that weighs evidence."""

import json

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from marquery.calibration.evidence import FILE, EvidenceModel, PriorMap, Term
from marquery.errors import MarqueryError

NAN = float("nan")


def model(**changes):
    return EvidenceModel(
        fingerprint="f",
        data="drawings",
        logos=2,
        pairs=4,
        intercept=-3,
        terms={
            "whole": Term(knots=(-1, 0, 1), values=(0, 0, 4), typical=0.5),
            "words": Term(knots=(0, 0.5, 1), values=(0, 1, 3), missing=1, typical=1),
        },
        rare=PriorMap(prior="rare", logits=(-4, 0, 4), probabilities=(0, 0.1, 0.5)),
    ).model_copy(update=changes)


@given(
    st.lists(st.floats(-1, 1), min_size=2, max_size=6, unique=True).map(sorted),
    st.floats(-1.5, 1.5),
    st.data(),
)
def test_one_value_adds_what_an_array_of_it_adds(knots, value, data):
    assume(np.diff(knots).min() > 1e-6)
    steps = data.draw(
        st.lists(st.floats(0, 5), min_size=len(knots), max_size=len(knots)), "heights"
    )
    term = Term(knots=tuple(knots), values=tuple(np.cumsum(steps)))
    for one in (value, *knots):
        assert term.at(one) == pytest.approx(float(term(np.array([one]))[0]), abs=1e-9)


def test_a_term_by_hand():
    term = model().terms["words"]
    assert term(np.array([0, 0.25, 0.5, 0.75, 1, 2, -1, NAN])).tolist() == [
        *[0, 0.5, 1, 2, 3, 3, 0],
        1,
    ]
    assert term.least == 0
    assert Term(knots=(0, 1), values=(0, 1), missing=-2).least == -2


@pytest.mark.parametrize(
    "wrong",
    [
        {"knots": (0, 0), "values": (0, 1)},
        {"knots": (0, 1), "values": (1, 0)},
        {"knots": (0, 1), "values": (0, 1, 2)},
        {"knots": (0, 1), "values": (0, NAN)},
        {"knots": (0,), "values": (0,)},
    ],
)
def test_terms_that_do_not_ascend_are_refused(wrong):
    with pytest.raises(ValidationError):
        Term(**wrong)


def test_logit_score_and_probability_by_hand():
    evidence = {"whole": np.array([1, 0.5, -1]), "words": np.array([1, NAN, 0])}
    logit = model().logit(evidence)
    assert logit.tolist() == [-3 + 4 + 3, -3 + 2 + 1, -3]
    assert model().most(1, 1) == 4
    assert model().most(NAN, NAN) == -3 + 4 + 1
    grey = {"color": Term(knots=(0, 1), values=(0, 2), missing=0.5)}
    assert model(terms=grey).most(1, 1) == -3 + 2
    assert model(terms=grey).most(1, 1, NAN) == -3 + 0.5
    assert model().score(logit, 4) == pytest.approx([1, 3 / 7, 0])
    assert model().score(logit, 2) == pytest.approx([1, 3 / 5, 0])  # and no more than 1
    assert model().probability(logit) == pytest.approx(1 / (1 + np.exp(-logit)))
    assert model().rare([4, 2, -9]) == pytest.approx([0.5, 0.3, 0])


def test_shares_are_of_what_speaks_for_one_mark():
    # 4 - .5 by the wholes, 3 - 1 by the words.
    assert model().shares({"whole": 1, "words": 1}) == pytest.approx(
        {"whole": 3.5 / 5.5, "words": 2 / 5.5}
    )
    # Less than two logos drawn at random have speaks for nothing.
    assert model().shares({"whole": 0.5, "words": 0}) == {"whole": 1, "words": 0}
    assert model().shares({"whole": -1, "words": NAN}) == {}


@given(st.floats(-1, 1), st.floats(0, 1) | st.just(NAN), st.floats(-5, 5), st.floats(0.1, 3))
def test_scaling_keeps_order_scores_and_shares(whole, words, shift, factor):
    evidence = {"whole": np.array([whole]), "words": np.array([words])}
    one, two = model(), model().scaled(shift, factor)
    assert two.logit(evidence) == pytest.approx(shift + factor * one.logit(evidence))
    scores = [m.score(m.logit(evidence), m.most(1, 1)) for m in (one, two)]
    assert scores[0] == pytest.approx(scores[1], abs=1e-9)
    values = {"whole": whole, "words": words}
    assert two.shares(values) == pytest.approx(one.shares(values), abs=1e-6)
    assert sum(one.shares(values).values()) == pytest.approx(1) or not one.shares(values)


def test_it_is_kept_beside_an_encoder(tmp_path):
    assert EvidenceModel.load(tmp_path) is None
    model().save(tmp_path)
    assert EvidenceModel.load(tmp_path) == model()
    (tmp_path / FILE).write_text((tmp_path / FILE).read_text()[:-9])
    with pytest.raises(MarqueryError, match="not a readable evidence model"):
        EvidenceModel.load(tmp_path)
    told = json.loads(model().model_dump_json())
    told["terms"]["whole"]["values"] = [0, 2, 1]
    (tmp_path / FILE).write_text(json.dumps(told))
    with pytest.raises(MarqueryError, match="not a readable evidence model"):
        EvidenceModel.load(tmp_path)


def test_that_of_the_package_belongs_to_its_encoder():
    from marquery.encoder import LogoEncoder
    from marquery.index.strategies.auto import EVIDENCE
    from marquery.index.strategies.projection import Projection

    found = EvidenceModel.of_package()
    assert found.fingerprint == LogoEncoder.load("default").fingerprint()
    assert set(found.terms) == set(EVIDENCE)
    projection = Projection.load("default")
    assert projection is not None
    assert projection.fingerprint == found.fingerprint
    gram = projection.matrix.T @ projection.matrix
    assert np.abs(gram - np.eye(projection.dim)).max() < 1e-5
