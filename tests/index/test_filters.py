"""The filter language, against plain Python on a small table."""

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marquery.errors import MarqueryError, UsageError
from marquery.index.metadata.columns import merge_types, read_metadata
from marquery.index.metadata.filters import parse_filter
from marquery.index.storage import table as table_module
from marquery.index.storage.table import open_store

TYPES = {"owner": "text", "nice": "list", "filed": "integer", "fee": "number", "day": "date"}
TYPES |= {"written": "text", "vienna": "text"}
ROWS = [
    {"owner": "Ann O'Neil", "nice": ["25", "9"], "filed": 2019, "fee": 1.5},
    {"owner": "bob_50%", "nice": ["26.04.01"], "filed": 2020, "fee": None},
    {"owner": None, "nice": None, "filed": None, "fee": -2.0},
    {"owner": "Änne; \\'x", "nice": ["9", "26.05"], "filed": 2021, "fee": 0.0},
    {"owner": "25", "nice": ["250"], "filed": 25, "fee": 25.0},
]
DAYS = [date(2019, 12, 31), date(2020, 1, 1), None, date(2020, 2, 29), date(2021, 1, 1)]
WRITTEN = ["2019-12-31", "2020-01-01", None, "29 or 30", "2020"]
CODES = ["01.15.03", "1.15.03", None, "26.11.08", "26.01"]
for _row, *_more in zip(ROWS, DAYS, WRITTEN, CODES, strict=True):
    _row.update(zip(("day", "written", "vienna"), _more, strict=True))


@pytest.fixture(scope="module", params=["lance", "memory"])
def table(request, tmp_path_factory):
    kinds = {
        "owner": pa.string(),
        "nice": pa.list_(pa.string()),
        "filed": pa.int64(),
        "fee": pa.float64(),
        "day": pa.date32(),
        "written": pa.string(),
        "vienna": pa.string(),
    }
    columns = {
        f"meta_{name}": pa.array([r[name] for r in ROWS], kind) for name, kind in kinds.items()
    }
    columns = {
        "id": list(range(len(ROWS))),
        "path": [f"/l/{i}.png" for i in range(len(ROWS))],
        **columns,
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(table_module.STORES, "memory", f"{__package__}.memory_table:MemoryStore")
        return open_store(request.param, tmp_path_factory.mktemp("db")).create(pa.table(columns))


def found(table, where):
    return sorted(table.read(("id",), parse_filter(where, TYPES))["id"].to_pylist())


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        ("nice = 25", [0]),
        ("nice = 9", [0, 3]),
        ("nice != 9", [1, 2, 4]),
        ("nice ^= 26.", [1, 3]),
        ("nice ^= 25", [0, 4]),
        ("nice ~ 04", [1]),
        ("nice in (25, 26.05)", [0, 3]),
        ("nice is missing", [2]),
        ("nice is not missing and not nice = 9", [1, 4]),
        ('owner = "Ann O\'Neil"', [0]),
        ("owner ^= ANN", [0]),
        ("owner ~ '50%'", [1]),
        ("owner ~ b_5", [1]),
        ("owner ~ bx5", []),
        ("owner = 25", [4]),
        ("owner != 25", [0, 1, 2, 3]),
        ("filed between 2019 and 2020", [0, 1]),
        ("filed >= 2020 or fee < 0", [1, 2, 3]),
        ("not filed >= 2020", [0, 2, 4]),
        ("fee <= 0 and (filed = 2021 or owner is missing)", [2, 3]),
        ("FILED = 2019 AND Nice = 25", [0]),
        ("fee = 1.5", [0]),
        ("path ^= '/l/1'", [1]),
        ("id > 2", [3, 4]),
        ("owner = BOB_50%", [1]),
        ('owner in ("ANN O\'NEIL", 25)', [0, 4]),
        ('owner = "änne; \\\'X"', [3]),
        ('owner != "ÄNNE; \\\'x"', [0, 1, 2, 4]),
        # Days, months and years.
        ("day = 2020", [1, 3]),
        ("day = 2020-02", [3]),
        ("day = 29.2.2020", [3]),
        ("day = 2020-02-29", [3]),
        ("day = 02/29/2020", [3]),
        ("day = '29 Feb 2020'", [3]),
        ("day = 'February 29, 2020'", [3]),
        ("day = 20200229", [3]),
        ("day > 2020", [4]),
        ("day >= 2020", [1, 3, 4]),
        ("day < 2020", [0]),
        ("day <= 2020", [0, 1, 3]),
        ("day != 2020", [0, 2, 4]),
        ("day > 31/12/2019", [1, 3, 4]),
        ("day between 2019 and 2020-01", [0, 1]),
        ("day = 2019..2020-01", [0, 1]),
        ("day in (2019, 2021)", [0, 4]),
        ("day ^= 2020-02", [3]),
        ("day is missing", [2]),
        ("filed = 2019..2020", [0, 1]),
        # A column of text among whose rows are days.
        ("written = 2020", [1, 4]),
        ("written > 2019-12-31", [1, 3, 4]),
        ("written > 31/12/2019 and written ^= 2020-", [1]),
        ("written <= 2019", [0]),
        # Codes with zeros and without; a beginning is one of whole numbers.
        ("vienna = 1.15.3", [0, 1]),
        ("vienna = 01.15.03", [0, 1]),
        ("vienna ^= 1.15", [0, 1]),
        ("vienna ^= 01.15", [0, 1]),
        ("vienna ^= 1.1", []),
        ("vienna ^= 26.1", [4]),
        ("vienna ^= 26.", [3, 4]),
        ("vienna ^= 1", [0, 1]),
        ("vienna = 26.1", [4]),
        ("vienna = 26.10", []),
        ("nice = 26.4.1", [1]),
        ("nice = 026.05", [3]),
        ("nice ^= 26.4", [1]),
        ("nice in (26.5, 9)", [0, 3]),
    ],
)
def test_filters(table, where, ids):
    assert found(table, where) == ids


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ("colour = red", "no column 'colour'"),
        ("nice", "ends where"),
        ("nice = ", "ends where a value"),
        ("nice = (", "value is missing"),
        ("nice < 9", "no order"),
        ("nice between 1 and 2", "no order"),
        ("filed = soon", "no number"),
        ("filed = 1; drop", "no number"),
        ("filed ^= 20", "is a number"),
        ("day = soon", "is no date, and day holds dates"),
        ("day > 01/02/2020", "can be 2020-02-01 or 2020-01-02"),
        ("written > 01/02/2020", "can be 2020-02-01 or 2020-01-02"),
        ("day = 30.2.2020", "no date"),
        ("day = 1.2.20", "no date"),
        ("day ~ 2020", "is a date"),
        ("filed = 2019..", "no number"),
        ("fee > 1..2", "'1..2' is no number"),
        ("filed != 1..2..3", "'1..2..3' is no number"),
        ("fee between 1..2 and 3", "'1..2' is no number"),
        ("filed between 1 and 2..3", "'2..3' is no number"),
        ("fee = 1..2..3", "'1..2..3' is no number"),
        ("filed in (1, 1..2..3)", "'1..2..3' is no number"),
        ("ofice = EM", "no column 'ofice'"),
        ("nice = 25 nice = 9", "one too many"),
        ("(nice = 25", "')' is missing"),
        ("nice in (25", "')' is missing"),
        ("owner = 'x", "cannot read"),
        ("owner is nothing", "'missing' is missing"),
        ("owner like x", "no comparison"),
        ("", "ends where a column"),
        ("(" * 60 + "nice = 1" + ")" * 60, "too deep"),
        ("not " * 60 + "nice = 1", "too deep"),
    ],
)
def test_what_cannot_be_understood_is_one_sentence(where, says):
    with pytest.raises(UsageError, match="where: ") as error:
        parse_filter(where, TYPES)
    assert says in str(error.value)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12))
def test_no_text_gets_out_of_its_quotes(table, text):
    mark = "'" if '"' in text else '"'
    text = text.replace(mark, "")
    expected = [i for i, row in enumerate(ROWS) if row["owner"] == text]
    assert found(table, f"owner = {mark}{text}{mark}") == expected
    expected = [i for i, row in enumerate(ROWS) if text in (row["nice"] or [])]
    assert found(table, f"nice = {mark}{text}{mark}") == expected


def meta(tmp_path, text, types=None):
    (tmp_path / "meta.csv").write_text(text, encoding="utf-8")
    return read_metadata(tmp_path / "meta.csv", tmp_path / "logos", types)


def test_types_of_columns(tmp_path):
    text = (
        "path,Owner Name,nice,vienna[],filed,fee,code,Date\n"
        "a.png,Ann,25;9,26.04,2019,1.5,007,2020-01-02\n"
        "sub/b.png,,25,,2020,2,12,\n"
        "/abs/c.png,Bob\n"
    )
    assert meta(tmp_path, text).types["fee"] == "text"  # 1.50 may be a code
    read = meta(tmp_path, text, {"Fee": "number"})
    assert read.types == {
        "owner_name": "text",
        "nice": "list",
        "vienna": "list",
        "filed": "integer",
        "fee": "number",
        "code": "text",
        "date": "date",
    }
    a, b = str(tmp_path / "logos/a.png"), str(tmp_path / "logos/sub/b.png")
    assert set(read.rows) == {a, b, "/abs/c.png"}
    values = read.values(a, read.types)
    assert values["nice"] == ["25", "9"]
    assert (values["filed"], values["fee"], values["code"]) == (2019, 1.5, "007")
    assert read.values(b, read.types)["owner_name"] is None
    assert set(read.values("elsewhere", read.types).values()) == {None}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("file,owner\na,b\n", "no column 'path'"),
        ("", "no column 'path'"),
        ("path,a,a\n", "cannot name a column"),
        ("path,and\n", "cannot name a column"),
        ("path,1st\n", "cannot name a column"),
        ("path,sha256\n", "column of its own"),
        ("path,a\nx,1,2\n", "row 2 has 3 cells"),
    ],
)
def test_bad_metadata_is_one_sentence(tmp_path, text, says):
    with pytest.raises(MarqueryError, match=r"meta\.csv: ") as error:
        meta(tmp_path, text)
    assert says in str(error.value)


def test_an_indexs_types_stay(tmp_path):
    assert merge_types({"a": "text"}, {"a": "integer", "b": "list"}) == {
        "a": "text",
        "b": "list",
    }
    with pytest.raises(MarqueryError, match="holds lists, but integer in the index"):
        merge_types({"a": "integer"}, {"a": "list"})
    read = meta(tmp_path, "path,filed\na.png,soon\n")
    with pytest.raises(MarqueryError, match="filed is 'soon'"):
        read.values(str(tmp_path / "logos/a.png"), {"filed": "integer"})
