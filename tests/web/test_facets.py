"""Counts of metadata values, against counting by hand."""

from collections import Counter

import pytest

from marquery.errors import UsageError
from marquery.index.browsing.facets import FacetTable

from .helpers import COUNT, OWNERS, classes_of, owner_of


def fits(number, chosen, leaving_out=None):
    owners, classes = chosen.get("owner"), chosen.get("nice")
    if owners and leaving_out != "owner" and owner_of(number) not in owners:
        return False
    return not classes or leaving_out == "nice" or bool(set(classes) & set(classes_of(number)))


@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {"owner": ["Ada"]},
        {"owner": ["Ada", ""], "nice": ["2"]},
        {"nice": ["1", "6"]},
        {"owner": [OWNERS[2]], "nice": ["no such"]},
    ],
)
def test_each_column_is_counted_among_what_the_others_leave(index, chosen):
    total, facets = FacetTable(index).count(chosen)
    assert total == sum(fits(n, chosen) for n in range(COUNT))
    assert [f.column for f in facets] == ["owner", "nice"]  # names and years hardly repeat
    for facet in facets:
        left = [n for n in range(COUNT) if fits(n, chosen, leaving_out=facet.column)]
        values = [
            v for n in left for v in ([owner_of(n)] if facet.column == "owner" else classes_of(n))
        ]
        told = {c.value: c.count for c in facet.values if c.count}
        assert told == dict(Counter(values))
        marked = {c.value for c in facet.values if c.chosen}
        assert marked <= set(chosen.get(facet.column, ()))


def test_a_typed_filter_narrows_what_is_counted(index):
    total, facets = FacetTable(index).count({"owner": ["Ada"]}, "filed < 2010")
    assert total == sum(owner_of(n) == "Ada" for n in range(10))
    owners = Counter(owner_of(n) for n in range(10))
    assert {c.value: c.count for c in facets[0].values} == dict(owners)


def test_the_commonest_come_first_and_a_chosen_one_is_never_cut_off(index):
    _, (_, nice) = FacetTable(index).count({"nice": ["4"]}, most=2)
    assert [c.value for c in nice.values] == ["5", "6", "4"]
    assert [c.chosen for c in nice.values] == [False, False, True]


def test_nice_classes_are_listed_by_their_numbers(index):
    _, (owners, nice) = FacetTable(index).count({"nice": ["4"]}, most=5)
    assert [c.value for c in nice.by_number] == ["1", "2", "3", "4", "5", "6"]
    assert (owners.kind, nice.kind) == ("", "nice")
    assert owners.by_number == owners.values


def test_what_is_no_column_is_refused(index):
    with pytest.raises(UsageError, match="chosen: there is no column 'colour'; there are "):
        FacetTable(index).count({"colour": ["red"]})
    with pytest.raises(UsageError, match="no column"):
        FacetTable(index).count({}, "colour = red")
