"""Dates of offices: which cells are days, which columns are dates, and what an index makes of
them.
"""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marquery.errors import MarqueryError
from marquery.index import LogoIndex
from marquery.index.browsing.facets import FacetTable
from marquery.index.metadata.columns import read_metadata
from marquery.index.metadata.dates import AmbiguousDateError, parse_day, parse_span

from ..drawings import fill
from ..encoders import tiny_encoder

FORMS = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d %B %Y", "%d-%b-%Y", "%B %d, %Y", "%Y-%m-%dT00:00")


@given(st.dates(date(1000, 1, 1), date(2999, 12, 31)), st.sampled_from(FORMS))
def test_a_day_is_read_back_from_every_form(day, form):
    assert parse_day(day.strftime(form)) == day


@given(st.dates(date(1000, 1, 1), date(2999, 12, 31)), st.sampled_from("/-"))
def test_strokes_are_read_where_one_reading_is_possible(day, mark):
    text = day.strftime(f"%d{mark}%m{mark}%Y")
    if day.day <= 12 and day.day != day.month:
        with pytest.raises(AmbiguousDateError) as told:
            parse_day(text)
        assert told.value.readings[0] == day.isoformat()
    else:
        assert parse_day(text) == day
    assert parse_day(text, "day") == day
    assert parse_day(day.strftime(f"%m{mark}%d{mark}%Y"), "month") == day


@pytest.mark.parametrize("text", ["", "31.2.2020", "1.2.20", "2020", "26.01.03", "00/00/2020", "x"])
def test_what_is_no_day(text):
    assert parse_day(text) is None


@given(st.integers(1000, 2999), st.integers(1, 12))
def test_months_and_years_end_before_the_next_begins(year, month):
    whole, part = parse_span(str(year)), parse_span(f"{year}-{month:02d}")
    assert (whole.first, whole.last) == (date(year, 1, 1), date(year, 12, 31))
    assert (part.first.day, part.first.month, part.last.month) == (1, month, month)
    assert (part.last + timedelta(days=1)).day == 1


def typed(tmp_path, cells, **more):
    text = "path,filed\n" + "".join(f"{i}.png,{cell}\n" for i, cell in enumerate(cells))
    (tmp_path / "meta.csv").write_text(text)
    made = read_metadata(tmp_path / "meta.csv", tmp_path, **more)
    paths = [str(tmp_path / f"{i}.png") for i in range(len(cells))]
    return made.types["filed"], [made.values(path, made.types)["filed"] for path in paths]


def test_a_column_is_of_dates_where_all_cells_are(tmp_path):
    day = date(2020, 2, 1)
    assert typed(tmp_path, ["2020-02-01", "", "1.2.2020"]) == ("date", [day, None, day])
    # One cell tells which number comes first in all.
    assert typed(tmp_path, ["01/02/2020", "31/12/2020"])[1] == [day, date(2020, 12, 31)]
    assert typed(tmp_path, ["02/01/2020", "12/31/2020"])[1] == [day, date(2020, 12, 31)]
    assert typed(tmp_path, ["01/02/2020", "02/01/2020"])[0] == "text"
    assert typed(tmp_path, ["31/12/2020", "12/31/2020"])[0] == "date"  # each has one reading
    assert typed(tmp_path, ["31/12/2020", "12/31/2020", "01/02/2020"])[0] == "text"
    assert typed(tmp_path, ["2020-02-01", "unknown"])[0] == "text"
    assert typed(tmp_path, ["2020", "2021"])[0] == "integer"
    with pytest.raises(MarqueryError, match="can be 2020-02-01 or 2020-01-02"):
        typed(tmp_path, ["01/02/2020"], types={"filed": "date"})
    with pytest.raises(MarqueryError, match="'soon', but the index holds dates"):
        typed(tmp_path, ["soon"], types="filed=date")


def test_an_index_holds_counts_and_finds_dates(tmp_path):
    logos = fill(tmp_path / "logos", range(4))
    text = "path,filed,owner\n000.png,31.12.2019,Acme\n001.png,2020-01-01,ACME\n002.png,,acme\n"
    (tmp_path / "meta.csv").write_text(text)
    index = LogoIndex.create(tmp_path / "idx", tiny_encoder(), words=False)
    index.add(logos, meta=tmp_path / "meta.csv")
    assert index.status()["columns"] == {"filed": "date", "owner": "text"}
    assert index.entry(0)["metadata"] == {"filed": "2019-12-31", "owner": "Acme"}
    assert index.search(logos / "001.png", 1)[0].metadata["filed"] == "2020-01-01"
    assert [index.count(f"filed {asked}") for asked in ("= 2019", "> 2019", "!= 2020")] == [1, 1, 3]
    assert index.count("owner = aCmE") == 3
    # Given again nothing changes; a cell that is no date is refused before anything is written.
    assert index.add(logos, meta=tmp_path / "meta.csv").described == 0
    (tmp_path / "meta.csv").write_text("path,filed\n003.png,soon\n")
    with pytest.raises(MarqueryError, match="write it as 2024-05-31"):
        index.add(logos, meta=tmp_path / "meta.csv")
    facets = FacetTable(index)
    _, (filed, owner) = facets.count({"owner": ["ACME"]})
    assert [(c.value, c.count) for c in filed.values] == [("2020", 1), ("2019", 1), ("", 1)]
    assert [(c.value, c.count, c.chosen) for c in owner.values] == [
        ("Acme", 3, True),
        ("", 1, False),
    ]
    assert facets.hints("owner = acme") == []
    assert facets.hints("owner = acne or not owner in (zzz, acme)") == [
        "no owner is acne; did you mean Acme?",
        "no owner is zzz",
    ]


def test_a_year_of_a_column_of_text_is_not_told_to_be_missing(tmp_path):
    logos = fill(tmp_path / "logos", range(3))
    meta = tmp_path / "meta.csv"
    meta.write_text("path,filed\n000.png,2020-05-01\n001.png,2021-02-03\n002.png,unknown\n")
    index = LogoIndex.create(tmp_path / "idx", encoder=tiny_encoder(), words=False)
    index.add(logos, meta=meta)
    facets = FacetTable(index)
    assert index.count("filed = 2020") == 1
    assert facets.hints("filed = 2020") == []
    assert facets.hints("filed = 2019")[0].startswith("no filed is 2019")


def test_years_without_a_logo_do_not_take_the_places_of_others(tmp_path):
    logos = fill(tmp_path / "logos", range(8))
    cells = "".join(f"{i:03d}.png,{2000 + i}-01-01,{'Ada' if i < 3 else 'Bo'}\n" for i in range(8))
    (tmp_path / "meta.csv").write_text(f"path,filed,owner\n{cells}")
    index = LogoIndex.create(tmp_path / "idx", tiny_encoder(), words=False)
    index.add(logos, meta=tmp_path / "meta.csv")
    _, (filed, _) = FacetTable(index).count({"owner": ["Ada"]}, most=2)
    assert [(c.value, c.count) for c in filed.values] == [("2002", 1), ("2001", 1)]
    _, (filed, _) = FacetTable(index).count({"owner": ["Ada"], "filed": ["2007"]}, most=2)
    assert [(c.value, c.count) for c in filed.values] == [("2007", 0), ("2002", 1)]
