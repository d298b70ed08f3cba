"""Suggested codes against votes counted by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marquery.errors import UsageError
from marquery.index import LogoIndex
from marquery.index.browsing.suggesting import count_votes, suggest_codes

from ..drawings import draw
from ..encoders import tiny_encoder
from ..register import mark_of, write_register


def test_votes_by_hand():
    # Cosines .9, .8 and .9 - .1 ln 2: the votes are 1, 1/e and 1/2 before they are shared out.
    scores = [0.9, 0.9 - 0.1 * math.log(2), 0.8, 0.7]
    codes = [["1", "02.1"], ["2.1"], ["3"], []]
    whole = 1 + 0.5 + 1 / math.e
    told = count_votes(codes, scores, lambda code: code.lstrip("0"))
    assert [(code, voters) for code, _, voters in told] == [("02.1", 2), ("1", 1), ("3", 1)]
    shares = [share for _, share, _ in told]
    assert shares == pytest.approx([1.5 / whole, 1 / whole, 1 / math.e / whole])
    assert count_votes([[], []], [0.5, 0.4]) == []
    assert count_votes([["1", "1"], ["1"]], [0.5, 0.4]) == [("1", 1.0, 2)]


VOTERS = st.lists(
    st.tuples(st.lists(st.sampled_from("abcd"), max_size=3), st.floats(-1, 1)),
    min_size=1,
    max_size=9,
)


@given(VOTERS)
def test_votes_are_shares_that_grow_with_likeness(voters):
    voters.sort(key=lambda voter: -voter[1])
    codes, scores = zip(*voters, strict=True)
    told = count_votes(codes, scores)
    assert {code for code, _, _ in told} == {code for members in codes for code in members}
    said = [(set(members), score) for members, score in voters if members]
    for code, share, count in told:
        assert count == sum(code in members for members, _ in said)
        assert share == pytest.approx(
            sum(math.exp(10 * score) for members, score in said if code in members)
            / sum(math.exp(10 * score) for _, score in said)
        )
    shares = [share for _, share, _ in told]
    assert shares == sorted(shares, reverse=True)


@pytest.fixture(scope="module")
def register(tmp_path_factory):
    root = tmp_path_factory.mktemp("register")
    logos = write_register(root, 60)
    index = LogoIndex.create(root / "idx", encoder=tiny_encoder(), words=False)
    index.add(logos, meta=root / "meta.csv")
    return index


def test_a_logo_of_the_register_is_given_its_own_codes_first(register):
    told = suggest_codes(register, draw(3), neighbours=1)
    (match,) = register.search(draw(3), 1, strategy="overall")
    assert told.neighbours == 1
    assert told.score == pytest.approx(1, abs=1e-4)
    codes = {column.column: {c.code for c in column.codes} for column in told.columns}
    assert codes == {name: set(match.metadata[name]) for name in ("nice", "vienna")}
    assert all(c.votes == 1 and c.voters == 1 for column in told.columns for c in column.codes)


def test_what_is_usual_in_the_register_stands_beside_the_votes(register):
    (vienna,) = suggest_codes(register, draw(200), columns=["vienna"]).columns
    marks = [mark_of(n).vienna.split(";") for n in range(60)]
    near = [m.metadata["vienna"] for m in register.search(draw(200), 30, strategy="overall")]
    assert vienna.voters == 30
    for code in vienna.codes:
        assert code.usual == pytest.approx(sum(code.code in codes for codes in marks) / 60)
        assert code.voters == sum(code.code in codes for codes in near)
    assert [c.votes for c in vienna.codes] == sorted((c.votes for c in vienna.codes), reverse=True)
    assert len(suggest_codes(register, draw(200), columns=["vienna"], most=2).columns[0].codes) == 2


def test_what_cannot_be_voted_on_is_told(register):
    with pytest.raises(UsageError, match="columns: there is no column 'colour'"):
        suggest_codes(register, draw(3), columns=["colour"])
    with pytest.raises(UsageError, match="neighbours: 0 is less than 1"):
        suggest_codes(register, draw(3), neighbours=0)
    with pytest.raises(UsageError):
        suggest_codes(register)
