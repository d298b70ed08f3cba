"""Codes of a classification: names of Nice classes, dotted codes as a tree, names from a file."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marquery.errors import MarqueryError
from marquery.index.browsing.code_kinds import code_kind, holds_figures
from marquery.index.browsing.code_names import CodeNames, read_code_names
from marquery.index.browsing.code_tree import CodeTree
from marquery.index.browsing.nice_classes import NICE_CLASSES, class_name, class_number


def test_every_nice_class_has_a_name_of_its_own():
    assert list(NICE_CLASSES) == list(range(1, 46))
    assert len(set(NICE_CLASSES.values())) == 45
    assert all(5 < len(name) < 50 for name in NICE_CLASSES.values())


@pytest.mark.parametrize(
    ("text", "number"),
    [("25", 25), ("025", 25), (" 1", 1), ("45", 45), ("46", None), ("0", None), ("2.5", None)],
)
def test_a_class_is_told_with_leading_zeros_or_without(text, number):
    assert class_number(text) == number
    assert bool(class_name(text)) == (number is not None)


@pytest.mark.parametrize(
    ("column", "kind", "values", "told"),
    [
        ("nice", "list", ["1", "25", "045"], "nice"),
        ("nice_classes", "list", ["1", "25"], "nice"),
        ("class", "integer", ["9", "35"], "nice"),
        ("int_class", "text", ["9", "35"], "nice"),
        ("nice", "list", ["1", "99", "300"], ""),  # no Nice classes
        ("brandclass", "list", ["1", "2"], ""),
        ("classification", "list", ["1", "2"], ""),
        ("vienna", "list", ["01.15.03", "26.1"], "tree"),
        ("figures", "text", ["01.15.03", "26.1"], "tree"),
        ("locarno", "list", ["02.04"], "tree"),
        ("tags", "list", ["red", "blue"], ""),
        ("fee", "text", ["1.15", "2.50"], ""),  # amounts
        ("number", "text", ["1.234.567"], ""),
        ("filed", "date", ["2020"], ""),
        ("vienna", "list", [], ""),
    ],
)
def test_columns_of_codes_are_told_by_name_and_values(column, kind, values, told):
    assert code_kind(column, kind, values) == told


def test_columns_of_figures_are_told_by_name():
    assert holds_figures("vienna")
    assert holds_figures("figurative_elements")
    assert not holds_figures("locarno")


def tree(rows):
    """Of the codes of each logo; the first spelling of a value is kept, as a column does."""
    values = list(dict.fromkeys(code for codes in rows for code in codes))
    entries = [(n, values.index(code)) for n, codes in enumerate(rows) for code in codes]
    pairs = np.array(entries, np.int64).reshape(-1, 2)
    return CodeTree(values, pairs[:, 0], pairs[:, 1])


ROWS = [["01.15.03", "01.15.15"], ["01.01.02"], ["26.1", "1.15.3"], [], ["26"], ["none"]]
ALL = np.ones(len(ROWS), np.bool_)


def told(branches):
    return [(b.code, b.value, b.count, b.parts) for b in branches]


def test_branches_count_each_logo_once_in_the_order_of_their_numbers():
    codes = tree(ROWS)
    assert told(codes.branches(ALL)) == [
        ("01", "01.*", 3, 2),
        ("26", "26.*", 2, 1),
        ("none", "none", 1, 0),
    ]
    assert told(codes.branches(ALL, of="1")) == [
        ("01.01", "01.01.*", 1, 1),
        ("01.15", "01.15.*", 2, 2),
    ]
    assert told(codes.branches(ALL, of="01.15")) == [
        ("01.15.03", "01.15.03", 2, 0),
        ("01.15.15", "01.15.15", 1, 0),
    ]
    assert codes.branches(ALL, of="7") == ()


def test_what_is_chosen_is_shown_opened_also_where_nothing_is_left_of_it():
    few = np.zeros(len(ROWS), np.bool_)
    few[4] = True
    first, second = tree(ROWS).branches(few, ["1.15.3", "26.*"])
    assert (first.code, first.count, first.chosen) == ("01", 0, False)
    ((third,),) = (branch.below for branch in first.below)
    assert (third.code, third.chosen) == ("01.15.03", True)
    assert (second.chosen, second.below) == (True, ())


def test_branches_are_found_by_the_beginning_of_a_code_and_by_words_of_a_name():
    names = CodeNames({"1.15": "Flames, smoke and clouds", "26.1": "Circles", "1": "Sky and fire"})
    codes = tree(ROWS)
    found = lambda text: [b.code for b in codes.find(ALL, text, names.name)]  # noqa: E731
    assert found("1.15") == ["01.15", "01.15.03", "01.15.15"]
    assert found("26") == ["26", "26.1"]
    assert found("fire") == ["01"]
    assert found("CLOUDS flame") == ["01.15"]
    assert found("none") == ["none"]
    assert found("") == []
    assert found("lion") == []


CODES = st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=3).map(tuple), max_size=4)


@given(st.lists(CODES, min_size=1, max_size=12), st.integers(0, 2**12 - 1))
def test_every_branch_holds_the_logos_whose_codes_begin_so(rows, kept):
    written = [[".".join(f"{n:02d}" for n in code) for code in codes] for codes in rows]
    codes = tree(written)
    among = np.array([kept >> n & 1 for n in range(len(rows))], np.bool_)

    def check(branches):
        for branch in branches:
            place = tuple(map(int, branch.code.split(".")))
            fits = [n for n, row in enumerate(rows) if any(c[: len(place)] == place for c in row)]
            assert branch.count == sum(among[n] for n in fits)
            if branch.parts:
                mask = codes.mask(branch.value, len(rows))
                assert np.flatnonzero(mask).tolist() == fits
            check(codes.branches(among, of=branch.code))

    check(codes.branches(among))
    roots = {code[0] for n, row in enumerate(rows) if among[n] for code in row}
    assert [int(b.code) for b in codes.branches(among)] == sorted(roots)


def write(tmp_path, text):
    file = tmp_path / "names.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_names_are_read_whatever_the_separator_and_the_zeros(tmp_path):
    names = read_code_names(
        write(tmp_path, "Code;Note;Name\n01.15;x;Weather,\u00a0 fire\n1;;Sky\n")
    )
    assert (names.name("1.15"), names.name("01"), names.name("2")) == ("Weather, fire", "Sky", "")
    assert len(names) == 2
    names = read_code_names(write(tmp_path, "category,description\n26.1.3,Circles\n"))
    assert names.name("26.01.03") == "Circles"
    assert names.name("circles") == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b\n1,x\n", "has no column 'code'"),
        ("code,colour\n1,x\n", "has no column 'name'"),
        ("code,name\n1,Sky\nlion,x\n", "row 3 has 'lion' for a code"),
        ("code,name\n1,Sky\n01,Heaven\n", "row 3 names 01 a second time (Sky, Heaven)"),
    ],
)
def test_a_file_that_names_no_codes_is_refused(tmp_path, text, says):
    file = write(tmp_path, text)
    with pytest.raises(MarqueryError, match=re.escape(f"{file}: {says}")):
        read_code_names(file)
    with pytest.raises(MarqueryError, match="there is no such file"):
        read_code_names(tmp_path / "missing.csv")
