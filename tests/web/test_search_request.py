"""The address is the whole state."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marquery.errors import UsageError
from marquery.index.metadata.conditions import And
from marquery.index.metadata.filters import parse_filter
from marquery.web.examiner.search_request import PageRequest

SHA = "ab" * 32
text = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20).map(str.strip)
number = st.integers(0, 10**9)
facets = st.dictionaries(
    st.sampled_from(["f.owner", "f.nice"]),
    st.sets(text, min_size=1, max_size=3).map(lambda v: tuple(sorted(v))),
)
searches = st.builds(
    lambda chosen, **fields: PageRequest(**fields, **chosen),
    facets,
    queries=st.just((SHA,)),
    crop=st.none()
    | st.tuples(number, number, number, number).map(
        lambda box: (box[0] % 99, box[1] % 99, box[2] % 99 + 1, box[3] % 99 + 1)
    ),
    strategy=st.sampled_from(
        ["", "auto", "overall", "part", "overall=1,part=0.5", "figure=0.2,shape=1"]
    ),
    words=text,
    where=text,
    like=st.sets(number, max_size=2).map(tuple),
    unlike=st.sets(number, max_size=2).map(tuple),
    page=st.integers(1, 1000),
    exact=st.booleans(),
    turned=st.booleans(),
    version=st.none() | number,
    hit=st.none() | number,
)


@settings(max_examples=50, deadline=None)
@given(searches)
def test_every_search_is_read_back_from_its_address(search):
    assert PageRequest.from_address(search.address()) == search
    assert PageRequest.from_parameters(search.parameters()).parameters() == search.parameters()


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ([("q", "../../etc/passwd")], "SHA-256"),
        ([("q", SHA), ("crop", "1,2,3")], "four whole numbers"),
        ([("q", SHA), ("crop", "1,2,0,4")], "w and h from 1"),
        ([("q", SHA), ("crop", "-1,2,3,4")], "x,y,w,h"),
        ([("q", SHA), ("q", "cd" * 32), ("crop", "1,2,3,4")], "one picture"),
        ([("strategy", "guess")], "guess"),
        ([("strategy", "part=x")], "no weight"),
        ([("strategy", "mix")], "weight above 0"),
        ([("page", "two")], "whole number"),
        ([("like", "1;2")], "whole number"),
        ([("where", "x" * 3000)], "2000 characters"),
        ([("q", SHA)] * 51, "51 times"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(parameters, told):
    with pytest.raises(UsageError, match=told):
        PageRequest.from_parameters(parameters)


def test_what_a_form_sends_becomes_the_shortest_address():
    sent = [("q", SHA), ("crop", ""), ("strategy", "mix"), ("w.overall", "1"), ("w.part", "0.5")]
    sent += [("w.color", "0"), ("where", " "), ("unknown", "1"), ("page", "")]
    assert PageRequest.from_parameters(sent).address() == f"/?q={SHA}&strategy=overall=1,part=0.5"
    assert PageRequest.from_parameters([("q", SHA), ("strategy", "color=3")]).strategy == "color"


def test_a_rectangle_alone_is_searched_for_as_a_part_and_leaning_compares_wholes():
    assert PageRequest(queries=(SHA,), crop=(1, 2, 3, 4)).weights == {"part": 1}
    assert PageRequest(queries=(SHA,), crop=(1, 2, 3, 4), strategy="color").weights == {"color": 1}
    assert PageRequest(like=(1,), strategy="part").weights == {"overall": 1}


def test_another_search_begins_at_its_first_page():
    state = PageRequest(queries=(SHA,), page=4, hit=7, version=2)
    assert state.replace(where="nice = 1") == PageRequest(
        queries=(SHA,), where="nice = 1", version=2
    )
    assert state.replace(hit=8).page == 4


def test_the_filter_is_one_that_the_index_reads():
    state = PageRequest(where="filed > 3 or filed = 1", **{"f.nice": ("", "2", 'a"b')})
    assert (
        state.filter == '(filed > 3 or filed = 1) and (nice in ("2", \'a"b\') or nice is missing)'
    )
    read = parse_filter(state.filter, {"filed": "integer", "nice": "list"})
    assert isinstance(read, And)
    assert len(read.terms) == 2
    assert PageRequest().filter is None
    with pytest.raises(UsageError, match="both kinds of quotes"):
        _ = PageRequest(**{"f.nice": ("'\"",)}).filter
