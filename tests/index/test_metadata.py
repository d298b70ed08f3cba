"""Metadata as offices export it: codes, several rows of a mark, numbers of every size."""

import math
from fractions import Fraction

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marquery.errors import MarqueryError, UsageError
from marquery.index import LogoIndex
from marquery.index.metadata.columns import read_metadata
from marquery.index.metadata.filters import parse_filter
from marquery.index.metadata.types import parse_types
from marquery.index.storage import table as table_module
from marquery.index.storage.table import open_store

from ..drawings import fill
from ..encoders import tiny_encoder


@pytest.fixture(scope="module")
def encoder():
    return tiny_encoder()


def read(tmp_path, text, types=None):
    (tmp_path / "meta.csv").write_text(text, encoding="utf-8")
    return read_metadata(tmp_path / "meta.csv", tmp_path, types)


def table_of(tmp_path, columns, store="lance"):
    fields = {"id": pa.array(range(len(next(iter(columns.values())))), pa.int64()), **columns}
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(table_module.STORES, "memory", f"{__package__}.memory_table:MemoryStore")
        return open_store(store, tmp_path).create(pa.table(fields))


def found(table, types, where):
    return sorted(table.read(("id",), parse_filter(where, types))["id"].to_pylist())


@pytest.mark.parametrize(
    "cells",
    [
        ["26.1", "26.10"],
        ["26.4", "5.3"],
        ["1E3", "2E5"],
        ["007", "12"],
        ["1234567890123456789", "12"],
        ["9007199254740993", "12"],  # more than JSON's readers hold
        ["+5", "6"],
        ["-0", "1"],
        ["NaN", "1"],
        ["1_000", "2"],
        ["\u0661\u0662", "3"],
    ],
)
def test_codes_come_back_as_they_were_written(tmp_path, cells):
    made = read(tmp_path, "path,code\n" + "".join(f"{i}.png,{c}\n" for i, c in enumerate(cells)))
    assert made.types == {"code": "text"}
    paths = [str(tmp_path / f"{i}.png") for i in range(len(cells))]
    assert [made.values(path, made.types)["code"] for path in paths] == cells


def test_the_index_tells_codes_apart_and_finds_their_beginnings(tmp_path, encoder):
    logos = fill(tmp_path / "logos", range(4))
    (tmp_path / "meta.csv").write_text(
        "path,vienna,number,filed\n000.png,26.1,1234567890123456788,2019\n"
        "001.png,26.10,1234567890123456789,2020\n002.png,26.4,0012,2021\n003.png,5.3,1E3,2022\n"
    )
    index = LogoIndex.create(tmp_path / "idx", encoder, words=False)
    index.add(logos, meta=tmp_path / "meta.csv")
    names = {index.entry(i)["path"]: i for i in range(4)}
    assert sorted(names) == [str(logos / f"00{i}.png") for i in range(4)]
    assert index.count("vienna ^= 26.4") == 1
    assert index.count("vienna ^= 26") == 3
    assert (index.count("vienna = 26.1"), index.count("vienna = 26.10")) == (1, 1)
    assert index.count("number = 1234567890123456789") == 1
    assert (index.count("number = 1E3"), index.count("number = 1000")) == (1, 0)
    assert (index.count("number = 0012"), index.count("number = 12")) == (1, 0)
    assert index.entry(logos / "001.png")["metadata"]["vienna"] == "26.10"
    # Numbers that no such column holds.
    for where, count in (
        ("filed = 2.5", 0),
        ("filed != 2.5", 4),
        ("filed > 2020.5", 2),
        ("width >= 3000000000", 0),
        ("width < 3000000000", 4),
        ("width > -99999999999999999999", 4),
        ("id <= 99999999999999999999999999", 4),
        ("filed between 2019.5 and 1e300", 3),
        ("vienna between 5 and 26.2", 3),
        ("id in (1, 2.5, 99999999999999999999)", 1),
    ):
        assert index.count(where) == count, where


def test_rows_of_one_logo_are_joined(tmp_path, encoder):
    logos = fill(tmp_path / "logos", range(3))
    (tmp_path / "meta.csv").write_text(
        "path,owner,class,office\n000.png,Ann,25,EM\n./000.png,Ann,9,\n001.png,Bob,12,DE\n"
        f"{logos}/000.png,Ann,25,EM\n"
    )
    index = LogoIndex.create(tmp_path / "idx", encoder, words=False)
    report = index.add(logos, meta=tmp_path / "meta.csv")
    assert report.joined == ["class"]
    told = [index.entry(logos / f"00{i}.png")["metadata"] for i in range(3)]
    assert told == [
        {"owner": "Ann", "class": ["25", "9"], "office": "EM"},
        {"owner": "Bob", "class": ["12"], "office": "DE"},
        {"owner": None, "class": None, "office": None},
    ]
    assert (index.count("class = 9"), index.count("class = 12")) == (1, 1)
    # The next file has one row a logo; it goes into the same lists.
    (tmp_path / "meta.csv").write_text("path,class\n002.png,3\n")
    index.add(logos, meta=tmp_path / "meta.csv")
    assert index.entry(logos / "002.png")["metadata"]["class"] == ["3"]


def test_lists_of_several_rows_are_united(tmp_path):
    made = read(tmp_path, "path,nice\na.png,25;9\na.png,9;12\nb.png,1\n")
    values = [made.values(str(tmp_path / n), made.types)["nice"] for n in ("a.png", "b.png")]
    assert values == [["25", "9", "12"], ["1"]]
    assert made.joined == ()  # it was a list anyway


def test_rows_that_differ_where_one_value_was_asked_for_are_refused(tmp_path):
    with pytest.raises(
        MarqueryError, match=r"meta\.csv: rows of .*a\.png differ in filed \(1, 2\)"
    ):
        read(tmp_path, "path,filed\na.png,1\na.png,2\n", "filed=integer")


def test_what_was_a_single_value_in_the_index_is_no_list_later(tmp_path, encoder):
    logos = fill(tmp_path / "logos", range(2))
    meta = tmp_path / "meta.csv"
    meta.write_text("path,class\n000.png,a\n001.png,b\n")
    index = LogoIndex.create(tmp_path / "idx", encoder, words=False)
    index.add(logos, meta=meta)
    meta.write_text("path,class\n000.png,a\n000.png,c\n")
    with pytest.raises(MarqueryError, match="class of the metadata holds lists, but text in the"):
        index.add(logos, meta=meta)
    assert index.entry(logos / "000.png")["metadata"] == {"class": "a"}


def test_types_are_asked_for(tmp_path):
    text = "path,Filed In,fee,nice\na.png,007,26.10,25\n"
    made = read(tmp_path, text, "filed_in=integer, fee=number,nice=list")
    value = made.values(str(tmp_path / "a.png"), made.types)
    assert value == {"filed_in": 7, "fee": 26.1, "nice": ["25"]}
    for types, says in (
        ("owner=text", "types: .*has no column owner; it has filed_in, fee, nice"),
        ("path=integer", "types: path is text"),
        ("fee", "types: 'fee' names no type; write COLUMN=TYPE"),
        ("fee=float", "types: 'float' is no type; choose from text, integer, number, list"),
    ):
        with pytest.raises(UsageError, match=says):
            read(tmp_path, text, types)
    assert parse_types({"Fee Paid": "Number"}) == {"fee_paid": "number"}


@pytest.mark.parametrize(
    ("cell", "kind", "why"),
    [
        ("soon", "integer", "the index holds integers"),
        ("2.5", "integer", "the index holds integers"),
        ("99999999999999999999", "integer", "whole numbers are from -9223372036854775807"),
        ("nan", "number", "the index holds numbers"),
        ("1e999", "number", "the index holds numbers"),
        ("1_0", "number", "the index holds numbers"),
    ],
)
def test_cells_that_do_not_fit_are_told_before_anything_is_written(
    tmp_path, encoder, cell, kind, why
):
    logos = fill(tmp_path / "logos", range(1))
    (tmp_path / "meta.csv").write_text(f"path,filed\n000.png,{cell}\n")
    index = LogoIndex.create(tmp_path / "idx", encoder, words=False)
    with pytest.raises(MarqueryError, match=f"filed is '{cell}', but {why}"):
        index.add(logos, meta=tmp_path / "meta.csv", types={"filed": kind})
    assert len(index) == 0


@pytest.mark.parametrize("cell", ["99999999999999999999", "-9223372036854775808"])
def test_a_whole_number_beyond_the_range_is_told_with_the_range(tmp_path, cell):
    asked = read(tmp_path, f"path,filed\na.png,{cell}\n", {"filed": "integer"})
    with pytest.raises(MarqueryError, match="from -9223372036854775807 to 9223372036854775807"):
        asked.values(str(tmp_path / "a.png"), {"filed": "integer"})
    most = read(tmp_path, f"path,filed\na.png,{2**63 - 1}\n", {"filed": "integer"})
    assert most.values(str(tmp_path / "a.png"), {"filed": "integer"}) == {"filed": 2**63 - 1}


def test_an_index_keeps_its_types(tmp_path, encoder):
    logos = fill(tmp_path / "logos", range(2))
    meta = tmp_path / "meta.csv"
    meta.write_text("path,number\n000.png,17\n")
    index = LogoIndex.create(tmp_path / "idx", encoder, words=False)
    index.add(logos, meta=meta)
    meta.write_text("path,number\n001.png,017\n")
    with pytest.raises(MarqueryError, match="number is '017', but the index holds integers"):
        index.add(logos, meta=meta)
    with pytest.raises(UsageError, match="types: number cannot be text, since it is integer in"):
        index.add(logos, meta=meta, types="number=text")
    with pytest.raises(UsageError, match="types: there is no metadata"):
        index.add(logos, types="number=text")
    index.add(logos, meta=meta, types="number=integer")
    assert index.entry(logos / "001.png")["metadata"] == {"number": 17}


def test_a_number_that_is_written_as_a_code_is_asked_for(tmp_path):
    types = {"fee": "number"}
    path = str(tmp_path / "a.png")
    for cell, value in (("26.1", 26.1), ("0", 0.0), ("-0.05", -0.05), ("1200", 1200.0)):
        assert read(tmp_path, f"path,fee\na.png,{cell}\n").values(path, types) == {"fee": value}
    for cell in ("26.10", "007", "1E3", "1.", ".5", "+2", "1.0"):
        with pytest.raises(MarqueryError, match="ask for the type number if it is one"):
            read(tmp_path, f"path,fee\na.png,{cell}\n").values(path, types)
        asked = read(tmp_path, f"path,fee\na.png,{cell}\n", types)
        assert asked.values(path, types) == {"fee": float(cell)}


NUMBERS = st.one_of(
    st.integers(-(10**22), 10**22).map(str),
    st.decimals(-1000, 1000, places=3).map(str),
    st.sampled_from(["2147483647", "2147483648", "-2147483649", "9223372036854775807", "1e30"]),
)
STORED = [-5, 0, 7, 2147483647, 2**63 - 1, None]
ORDERS = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


@pytest.fixture(scope="module", params=["lance", "memory"])
def numbers(request, tmp_path_factory):
    columns = {
        "width": pa.array([v if v is None or v < 2**31 else 12 for v in STORED], pa.int32()),
        "meta_whole": pa.array(STORED, pa.int64()),
        "meta_real": pa.array([None if v is None else v / 2 for v in STORED], pa.float64()),
    }
    return table_of(tmp_path_factory.mktemp("db"), columns, request.param)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(NUMBERS, st.sampled_from(sorted(ORDERS)), st.sampled_from(["width", "whole", "real"]))
def test_any_number_is_compared_as_in_arithmetic(numbers, number, operator, column):
    types = {"whole": "integer", "real": "number"}
    name = column if column == "width" else f"meta_{column}"
    stored = numbers.read(("id", name)).to_pylist()
    asked = float(number) if column == "real" else Fraction(number)
    holds = ORDERS[operator]
    expected = [
        row["id"]
        for row in stored
        if (operator == "!=" if row[name] is None else holds(row[name], asked))
    ]
    assert found(numbers, types, f"{column} {operator} {number}") == sorted(expected)


WRITTEN = ["2019", "2019-05-01", "26.10", "26.2", "9", "x9", "-3", "", None, "1E3", "007"]


@pytest.fixture(scope="module", params=["lance", "memory"])
def written(request, tmp_path_factory):
    columns = {"meta_code": pa.array(WRITTEN, pa.string())}
    return table_of(tmp_path_factory.mktemp("db"), columns, request.param)


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        ("code >= 2018", ["2019", "2019-05-01", "x9"]),
        ("code < 9.5", ["2019-05-01", "9", "-3", "", "1E3", "007"]),
        ("code > 26.15", ["2019", "26.2", "x9"]),
        ("code between 26 and 27", ["26.10", "26.2"]),
        ("code between 2019-01-01 and 2019-12-31", ["2019-05-01"]),
        ("code = 9", ["9"]),
        ("code = 26.1", []),
        ("code >= '2018'", ["2019", "2019-05-01", "x9"]),
        ("code > 99999999999999999999999999999999999999999", ["x9"]),
    ],
)
def test_text_is_put_in_order_with_a_number_by_number_where_it_is_one(written, where, rows):
    assert [WRITTEN[i] for i in found(written, {"code": "text"}, where)] == rows


def test_half_a_character_in_a_filter_finds_nothing(written):
    for half in ("\ud800", "\udce9"):
        assert found(written, {"code": "text"}, f"code = {half}") == []
        assert found(written, {"code": "text"}, f"code ~ '{half}'") == []


def test_unknown_numbers_of_logos_are_unknown(tmp_path, encoder):
    index = LogoIndex.create(tmp_path / "idx", encoder, words=False)
    index.add(fill(tmp_path / "logos", range(2)))
    for number in (2, 2**63, -(2**63), 10**40):
        with pytest.raises(MarqueryError, match="is not in"):
            index.entry(number)
    assert len(index.snapshot().rows([0, 2**70, 1], ("path",))) == 2
    assert math.isclose(index.search(like=[0], k=1)[0].score, 1, abs_tol=1e-4)


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_cells_are_told_apart_by_commas_semicolons_or_tabs(tmp_path, mark):
    lines = ["Owner|path|nice", '"A; B, C"|a.png|"9;25"', "D|b.png|"]
    meta = read(tmp_path, "\n".join(lines).replace("|", mark) + "\n")
    rows = {path.rsplit("/", 1)[1]: row for path, row in meta.rows.items()}
    assert rows == {"a.png": {"owner": "A; B, C", "nice": "9;25"}, "b.png": {"owner": "D"}}


def test_rows_and_cells_that_say_nothing_are_left_out(tmp_path):
    meta = read(tmp_path, "path,owner,\n\na.png,Ada,,,\n,,\n , \nb.png\n")
    assert [row.get("owner") for row in meta.rows.values()] == ["Ada", None]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('path,owner\na.png,"Ada\nb.png,Bo\n', "unexpected end of data"),
        ("path,owner\na.png,Ada\n\n,Bo\n", "row 4 names no logo"),
        ("path,owner\n\na.png,Ada,x\n", "row 3 has 3 cells for 2 columns"),
    ],
)
def test_rows_that_would_be_lost_are_refused(tmp_path, text, said):
    with pytest.raises(MarqueryError, match=said):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("file", "cell"),
    [
        ("caf\u00e9.png", "cafe\u0301.png"),
        ("cafe\u0301.png", "caf\u00e9.png"),
        ("c.png", "\tc.png "),
        ("sub/c.png", "sub\\c.png"),
        (" c.png", " c.png"),
        ("nb\u00a0sp.png", "nb\u00a0sp.png"),
    ],
)
def test_a_logo_is_found_by_a_path_as_other_systems_write_it(tmp_path, file, cell):
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).touch()
    meta = read(tmp_path, f"path,owner\n{cell},Ada\n")
    assert meta.rows == {str(tmp_path / file): {"owner": "Ada"}}


def test_a_path_is_taken_as_it_is_written_first(tmp_path):
    for name in ("c.png", " c.png"):
        (tmp_path / name).touch()
    meta = read(tmp_path, "path,n\n c.png,1\nc.png,2\nnone\\c.png,3\n")
    assert [path.removeprefix(f"{tmp_path}/") for path in meta.rows] == [
        " c.png",
        "c.png",
        "none\\c.png",
    ]
