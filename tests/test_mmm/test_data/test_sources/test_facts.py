"""Delimited files → facts: wide and long, one and many; every figure has its place, and nothing is filled or lost."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.test_mmm.test_data.test_sources.room import LONG, figures, named, read, refused, write

DAILY = "Day,Campaign,Cost,Clicks\n2024-01-01,Brand,10.50,3\n2024-01-02,Brand,1.25,4\n2024-01-03,Other,,0\n"
WIDE = "week,tv_spend,search_spend,price,extra\n2024-01-01,10,1.5,9.9,x\n2024-01-08,,2.5,9.8,y\n2024-01-15,30,0,9.7,z\n"


class TestLong:
    def test_every_figure_has_its_file_and_line(self, tmp_path: Path) -> None:
        write(tmp_path, {"a.csv": DAILY})
        facts, log = read(tmp_path, {"file": "a.csv", **LONG})
        lines = facts.table.to_pylist()
        assert [(x["row"], x["last_row"], x["rows"]) for x in lines[:3]] == [(2, 2, 1), (3, 3, 1), (4, 4, 1)]
        assert lines[1] == {
            "file": 0, "row": 3, "last_row": 3, "rows": 1, "first_day": date(2024, 1, 2), "last_day": date(2024, 1, 2),
            "geo": None, "label": "Brand", "metric": "spend", "currency": "EUR", "value": 1.25,
        }  # fmt: skip
        assert lines[2]["value"] is None  # an empty cell is no zero
        assert lines[5] | {"value": 0.0, "currency": None} == lines[5]
        assert facts.money_in == {("spend", "EUR"): 11.75}
        assert not log.findings

    def test_a_folder_of_monthly_exports_in_the_order_of_their_names(self, tmp_path: Path) -> None:
        months = {
            f"exports/2024-{m:02}.csv": f"Day,Campaign,Cost,Clicks\n2024-{m:02}-01,A,{m},1\n2024-{m:02}-02,A,1,1\n"
            for m in (10, 2, 1)
        }
        write(tmp_path, months | {"exports/.hidden.csv": "x", "exports/~$lock.xlsx": "x", "exports/old/x.csv": "x"})
        by_folder, _ = read(tmp_path, {"file": "exports", **LONG})
        by_pattern, _ = read(tmp_path, {"file": "exports/2024-*.csv", **LONG})
        assert [one.name for one in by_folder.files] == sorted(months)
        assert by_folder.table.equals(by_pattern.table)
        assert by_folder.table["file"].to_pylist() == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]

    def test_each_file_is_read_by_its_own_writing(self, tmp_path: Path) -> None:
        polish = "Data;Kampania;Koszt;Kliknięcia\n13.02.2024;Zima;1 234,50;7\n14.02.2024;Zima;2,00;8\n"
        write(tmp_path, {"ex/1.csv": DAILY, "ex/2.csv": polish.encode("cp1250")})
        told = refused(tmp_path, {"file": "ex", **LONG})
        assert told.startswith("ex/2.csv")
        assert "must name Day" in told
        source = {"date": "Data", "channel": "Kampania", "metrics": {"spend": "Koszt", "clicks": "Kliknięcia"}}
        facts, log = read(tmp_path, {"file": "ex/2.csv"} | source)
        assert figures(facts)["2024-02-13", "Zima", "spend"] == 1234.5
        assert "cp1250" in named(log, "encoding").says

    def test_one_finding_for_many_files(self, tmp_path: Path) -> None:
        write(tmp_path, {f"ex/{i}.csv": DAILY.replace(",", ";").replace("2024", str(2010 + i)) for i in range(5)})
        _, log = read(tmp_path, {"file": "ex", **LONG})
        assert [x.name for x in log.findings] == ["delimiter"]
        assert "4 other places" in log.findings[0].where

    def test_one_channel_and_one_geo(self, tmp_path: Path) -> None:
        write(tmp_path, {"a.csv": "Day,Cost\n2024-01-01,5\n2024-01-02,6\n"})
        source = {"file": "a.csv", "date": "Day", "channel_is": "tv", "geo_is": "PL", "metrics": {"spend": "Cost"}}
        lines = read(tmp_path, source)[0].table.to_pylist()
        assert {(x["label"], x["geo"]) for x in lines} == {("tv", "PL")}

    def test_metrics_that_the_model_uses_by_their_own_names(self, tmp_path: Path) -> None:
        write(tmp_path, {"a.csv": "Day,Campaign,spend,clicks,opens\n2024-01-01,A,5,1,9\n2024-01-02,A,6,2,9\n"})
        facts, log = read(tmp_path, {"file": "a.csv", "date": "Day", "channel": "Campaign"})
        assert set(facts.table["metric"].to_pylist()) == {"spend", "clicks"}
        assert "opens" in named(log, "unused_columns").says

    def test_each_row_names_its_metric(self, tmp_path: Path) -> None:
        text = "Day,Campaign,What,Figure\n2024-01-01,A,cost,€5\n2024-01-01,A,clicks,7\n2024-01-02,A,opens,many\n"
        text += "2024-01-02,A,cost,€6\n"
        write(tmp_path, {"a.csv": text})
        source = {"file": "a.csv", "date": "Day", "channel": "Campaign", "metric": "What", "value": "Figure"}
        facts, log = read(tmp_path, source | {"metrics": {"spend": "cost", "clicks": "clicks"}})
        assert figures(facts) == {
            ("2024-01-01", "A", "spend"): 5, ("2024-01-02", "A", "spend"): 6, ("2024-01-01", "A", "clicks"): 7,
        }  # fmt: skip
        assert named(log, "other_metrics").where == "a.csv, row 4"
        assert "'many' is not a number" in refused(tmp_path, source)  # without a list, all metrics are read

    def test_geo_names_are_kept_as_written(self, tmp_path: Path) -> None:
        write(tmp_path, {"a.csv": "Day,Geo,Cost\n2024-01-01,NA,5\n2024-01-01,01067,6\n2024-01-02,NA,7\n"})
        source = {"file": "a.csv", "date": "Day", "geo": "Geo", "channel_is": "tv", "metrics": {"spend": "Cost"}}
        assert read(tmp_path, source)[0].table["geo"].to_pylist() == ["NA", "01067", "NA"]


class TestWide:
    def test_columns_of_the_model_are_found_by_name(self, tmp_path: Path) -> None:
        write(tmp_path, {"a.csv": WIDE})
        facts, log = read(tmp_path, {"file": "a.csv"})
        assert set(facts.table["metric"].to_pylist()) == {"tv_spend", "search_spend", "price"}
        assert figures(facts)["2024-01-08", None, "tv_spend"] is None
        assert set(facts.table["last_day"].to_pylist()) == {date(2024, 1, d) for d in (7, 14, 21)}
        assert facts.money_in == {("tv_spend", "EUR"): 40.0, ("search_spend", "EUR"): 4.0}
        assert "extra" in named(log, "unused_columns").says

    def test_series_under_other_names(self, tmp_path: Path) -> None:
        write(tmp_path, {"a.csv": "when,TV total\n2024-01-01,5\n2024-01-08,6\n"})
        facts, _ = read(tmp_path, {"file": "a.csv", "date": "when", "metrics": {"tv_spend": "TV total"}})
        assert figures(facts) == {("2024-01-01", None, "tv_spend"): 5, ("2024-01-08", None, "tv_spend"): 6}

    def test_no_column_of_the_model(self, tmp_path: Path) -> None:
        write(tmp_path, {"a.csv": "week,Fernsehen\n2024-01-01,5\n2024-01-08,6\n"})
        told = refused(tmp_path, {"file": "a.csv"})
        assert "'Fernsehen'" in told
        assert "sources.ads.metrics" in told

    def test_parquet(self, tmp_path: Path) -> None:
        table = pa.table({"week": [date(2024, 1, 1), date(2024, 1, 8)], "tv_spend": [1.234, None], "price": ["1", "2"]})
        pq.write_table(table, tmp_path / "a.parquet")
        facts, _ = read(tmp_path, {"file": "a.parquet"})
        assert figures(facts)["2024-01-01", None, "tv_spend"] == 1.234
        assert figures(facts)["2024-01-08", None, "tv_spend"] is None

    def test_rows_of_one_date_are_refused_unless_they_add_up(self, tmp_path: Path) -> None:
        text = "day,product,tv_spend\n" + "".join(f"2024-01-0{d},{p},{d}\n" for d in (1, 2) for p in "AB")
        write(tmp_path, {"till.csv": text.replace("2024-01-01,B,1", "2024-01-01,B,8")})
        told = refused(tmp_path, {"file": "till.csv", "date": "day"})
        assert "row 3" in told
        assert "row 2" in told
        assert "sources.ads.repeats: add" in told
        facts, _ = read(tmp_path, {"file": "till.csv", "date": "day", "repeats": "add"})
        assert facts.table["value"].to_pylist() == [1, 8, 2, 2]


class TestSetAside:
    def test_totals_are_listed_and_compared(self, tmp_path: Path) -> None:
        text = DAILY + "Total: account,--,99.00,7\n"
        write(tmp_path, {"a.csv": text, "b.csv": DAILY + "--,Total,11.75,7\n"})
        facts, log = read(tmp_path, {"file": "a.csv", **LONG})
        assert facts.files[0].rows_in == 4
        assert facts.files[0].rows_used == 3
        assert "99.00" in named(log, "total_differs").says
        _, log = read(tmp_path, {"file": "b.csv", **LONG})
        assert named(log, "not_a_week").where == "b.csv, row 5"
        assert not [x for x in log.findings if x.name == "total_differs"]

    def test_only_some_rows_with_the_money_of_the_others(self, tmp_path: Path) -> None:
        write(tmp_path, {"a.csv": DAILY})
        facts, log = read(tmp_path, {"file": "a.csv", **LONG, "only": {"Campaign": ["brand"]}})
        assert len(facts.table) == 4
        write(tmp_path, {"a.csv": DAILY.replace(",0\n", ",0\n2024-01-04,Other,7,1\n")})
        facts, log = read(tmp_path, {"file": "a.csv", **LONG, "only": {"Campaign": ["Brand"]}})
        assert log.excluded[0].rows == 2
        assert log.excluded[0].spend == {"spend": 7.0}
        assert "7.00 of spend" in named(log, "only").says
        write(tmp_path, {"two/a.csv": DAILY, "two/b.csv": DAILY.replace("2024-", "2025-").replace("rand", "ridge")})
        _, log = read(tmp_path, {"file": "two", **LONG, "only": {"Campaign": ["Brand"]}})
        assert (
            named(log, "only_nothing").says == "No row has 'Brand' in the column 'Campaign'; it holds 2 other values."
        )
        assert "ridge" not in repr((log.findings, log.excluded))
        assert "set aside" in refused(tmp_path, {"file": "a.csv", **LONG, "only": {"Campaign": ["Nothing"]}})

    def test_a_file_that_was_downloaded_twice(self, tmp_path: Path) -> None:
        write(tmp_path, {"ex/jan (1).csv": DAILY, "ex/jan.csv": DAILY})
        facts, log = read(tmp_path, {"file": "ex", **LONG})
        assert len(facts.table) == 6
        assert facts.money_in == {("spend", "EUR"): 23.5}
        assert "copy of ex/jan (1).csv" in named(log, "copied_file").says

    def test_identical_rows_are_a_mistake_where_names_tell_rows_apart(self, tmp_path: Path) -> None:
        write(tmp_path, {"a.csv": DAILY + "2024-01-02,Brand,1.25,4\n"})
        facts, log = read(tmp_path, {"file": "a.csv", **LONG})
        assert len(facts.table) == 6
        assert log.excluded[0].spend == {"spend": 1.25}
        assert named(log, "duplicate_rows").where == "a.csv, row 5"

    def test_identical_rows_are_kept_where_rows_are_finer_than_names(self, tmp_path: Path) -> None:
        write(tmp_path, {"a.csv": DAILY + "2024-01-02,Brand,1.25,4\n2024-01-02,Brand,3.00,5\n"})
        facts, log = read(tmp_path, {"file": "a.csv", **LONG})
        assert facts.money_in == {("spend", "EUR"): 16.0}
        assert "1.25 of spend" in named(log, "identical_rows_kept").says

    def test_an_identifier_tells_rows_apart_and_a_measure_does_not(self, tmp_path: Path) -> None:
        text = "Day,Campaign,{},Cost,Clicks\n2024-01-01,A,11,5,1\n2024-01-01,A,12,6,1\n2024-01-02,A,11,7,2\n"
        text += "2024-01-02,A,11,7,2\n"
        write(tmp_path, {"a.csv": text.format("Ad ID"), "b.csv": text.format("Reach")})
        assert "duplicate_rows" in {x.name for x in read(tmp_path, {"file": "a.csv", **LONG})[1].findings}
        assert "identical_rows_kept" in {x.name for x in read(tmp_path, {"file": "b.csv", **LONG})[1].findings}


class TestGrain:
    def _read(self, folder: Path, days: list[str], **more: object) -> list[tuple[str, str]]:
        write(folder, {"a.csv": "date,tv_spend\n" + "".join(f"{day},1\n" for day in days)})
        lines = read(folder, {"file": "a.csv", "date": "date", **more})[0].table.to_pylist()
        return [(str(x["first_day"]), str(x["last_day"])) for x in lines]

    def test_days_weeks_and_months(self, tmp_path: Path) -> None:
        assert self._read(tmp_path, ["2024-01-01", "2024-01-02"])[0] == ("2024-01-01", "2024-01-01")
        assert self._read(tmp_path, ["2024-01-01", "2024-01-08"])[0] == ("2024-01-01", "2024-01-07")
        months = self._read(tmp_path, ["2024-01-01", "2024-02-01", "2024-03-01"])
        assert months[1] == ("2024-02-01", "2024-02-29")
        assert self._read(tmp_path, ["2024-01-31", "2024-02-29", "2024-03-31"]) == months
        assert self._read(tmp_path, ["2024-01", "2024-02", "2024-03"], date_format="%Y-%m") == months

    def test_weeks_from_another_day(self, tmp_path: Path) -> None:
        sundays = ["2024-01-07", "2024-01-14"]
        with pytest.raises(Exception, match=r"sources\.ads\.week_start: sunday or sources\.ads\.date_marks: last_day"):
            self._read(tmp_path, sundays)
        assert self._read(tmp_path, sundays, week_start="sunday")[0] == ("2024-01-07", "2024-01-13")
        assert self._read(tmp_path, sundays, date_marks="last_day")[0] == ("2024-01-01", "2024-01-07")

    def test_a_column_of_week_ends_is_asked_about_on_any_weekday(self, tmp_path: Path) -> None:
        write(tmp_path, {"a.csv": "Week ending,tv_spend\n2024-01-07,1\n2024-01-14,1\n"})
        source = {"file": "a.csv", "date": "Week ending"}
        for data in ({}, {"week_start": "sunday"}):
            with pytest.raises(
                Exception, match=r"'Week ending' .* last day .* Sundays.*sources\.ads\.date_marks: last_day"
            ):
                read(tmp_path, source, data=data)
        facts, log = read(tmp_path, {**source, "date_marks": "last_day"})
        assert str(facts.table["first_day"].to_pylist()[0]) == "2024-01-01"
        assert "week_mark" not in {one.name for one in log.findings}
        facts, log = read(tmp_path, source, data={"week_start": "sunday", "date_marks": "first_day"})
        assert str(facts.table["first_day"].to_pylist()[0]) == "2024-01-07"
        assert "taken as the first, as declared" in named(log, "week_mark").says

    def test_a_column_of_week_starts_against_the_declaration_is_told(self, tmp_path: Path) -> None:
        write(tmp_path, {"a.csv": "Week commencing,tv_spend\n2024-01-08,1\n2024-01-15,1\n"})
        source = {"file": "a.csv", "date": "Week commencing"}
        assert str(read(tmp_path, source)[0].table["first_day"].to_pylist()[0]) == "2024-01-08"
        _, log = read(tmp_path, {**source, "date_marks": "last_day"})
        assert "seems to hold the first day of each week" in named(log, "week_mark").says

    def test_the_week_of_the_panel_needs_no_second_word(self, tmp_path: Path) -> None:
        write(tmp_path, {"a.csv": "week,tv_spend\n2024-01-07,1\n2024-01-14,1\n"})
        facts, _ = read(tmp_path, {"file": "a.csv"}, data={"week_start": "sunday"})
        assert facts.table["first_day"].to_pylist()[0] == date(2024, 1, 7)
        write(tmp_path, {"a.csv": "week,tv_spend\n2024-01-08,1\n2024-01-15,1\n"})
        facts, _ = read(tmp_path, {"file": "a.csv"}, data={"week_start": "sunday"})
        assert facts.table["first_day"].to_pylist()[0] == date(2024, 1, 8)  # whose weeks differ: joining's to judge

    @pytest.mark.parametrize(
        ("days", "says"),
        [
            (["2024-01-01"], "single date"),
            (["2024-01-01", "2024-01-08", "2024-01-16"], "Tuesday"),
            (["2024-01-02", "2024-01-05", "2024-01-09", "2024-01-12"], "neither daily nor weekly"),
            (["2021-02-01", "2021-03-01"], "weeks or months"),
        ],
    )
    def test_what_shows_no_grain_is_asked(self, days: list[str], says: str, tmp_path: Path) -> None:
        write(tmp_path, {"a.csv": "date,tv_spend\n" + "".join(f"{day},1\n" for day in days)})
        told = refused(tmp_path, {"file": "a.csv", "date": "date"})
        assert says in told
        assert "sources.ads.grain: daily" in told
        assert self._read(tmp_path, days, grain="daily")[0] == (days[0], days[0])

    def test_the_grain_is_that_of_all_files(self, tmp_path: Path) -> None:
        write(tmp_path, {f"w/{d}.csv": f"week,tv_spend\n2024-01-{d:02},1\n" for d in (1, 8, 15)})
        assert len(read(tmp_path, {"file": "w"})[0].table) == 3

    def test_dates_in_the_future(self, tmp_path: Path) -> None:
        write(tmp_path, {"a.csv": "week,tv_spend\n2025-06-23,1\n2025-06-30,1\n2025-07-07,1\n"})
        told = refused(tmp_path, {"file": "a.csv"})
        assert "a.csv, row 4" in told
        assert "2025-07-07" in told
        assert len(read(tmp_path, {"file": "a.csv"}, data={"allow_future": True})[0].table) == 3


class TestMoney:
    def _codes(self, folder: Path, text: str, **more: object) -> list[tuple[str, float]]:
        write(folder, {"a.csv": text})
        lines = read(folder, {"file": "a.csv", **LONG, "metrics": {"spend": "Cost"}, **more})[0].table.to_pylist()
        return [(x["currency"], x["value"]) for x in lines]

    def test_a_column_of_codes(self, tmp_path: Path) -> None:
        text = "Day,Campaign,Currency,Cost\n2024-01-01,A,usd,5\n2024-01-02,A,,6\n2024-01-03,A,PLN,7\n"
        assert self._codes(tmp_path, text) == [("USD", 5), ("EUR", 6), ("PLN", 7)]
        write(tmp_path, {"a.csv": text})
        source = {"file": "a.csv", **LONG, "metrics": {"spend": "Cost"}, "currency": "PLN"}
        assert "USD and the source is declared to be in PLN" in refused(tmp_path, source)
        source["currency_column"] = "Currency"
        assert [x["currency"] for x in read(tmp_path, source)[0].table.to_pylist()] == ["USD", "PLN", "PLN"]

    def test_signs_and_the_declared_currency(self, tmp_path: Path) -> None:
        text = "Day,Campaign,Cost\n2024-01-01,A,5 zł\n2024-01-02,A,£6\n2024-01-03,A,7\n"
        write(tmp_path, {"a.csv": text})
        source = {"file": "a.csv", **LONG, "metrics": {"spend": "Cost"}}
        told = refused(tmp_path, source)
        assert "'£' may be EGP or GBP" in told
        assert "row 3, column Cost" in told
        assert self._codes(tmp_path, text, rates={"GBP": 1.2}) == [("PLN", 5), ("GBP", 6), ("EUR", 7)]
        assert self._codes(tmp_path, text, currency="GBP") == [("PLN", 5), ("GBP", 6), ("GBP", 7)]

    def test_currencies_without_decimals(self, tmp_path: Path) -> None:
        text = "Day,Campaign,Cost\n2024-01-01,A,5.000\n2024-01-02,A,6.000\n"
        assert self._codes(tmp_path, text, currency="IDR") == [("IDR", 5000), ("IDR", 6000)]
        write(tmp_path, {"a.csv": text})
        told = refused(tmp_path, {"file": "a.csv", **LONG, "metrics": {"spend": "Cost"}})
        assert "sources.ads.decimal" in told

    def test_micros_are_asked(self, tmp_path: Path) -> None:
        write(tmp_path, {"a.csv": "Day,Campaign,cost_micros\n2024-01-01,A,5000000\n2024-01-02,A,1\n"})
        source = {"file": "a.csv", **LONG, "metrics": {"spend": "cost_micros"}}
        assert "sources.ads.units: {cost_micros: 0.000001}" in refused(tmp_path, source)
        facts, _ = read(tmp_path, source | {"units": {"cost_micros": 0.000001}})
        assert figures(facts)["2024-01-01", "A", "spend"] == 5.0

    def test_what_is_money(self, tmp_path: Path) -> None:
        text = "week,tv_spend,search_clicks,price,sales\n2024-01-01,1,2,3,4\n2024-01-08,1,2,3,4\n"
        write(tmp_path, {"a.csv": text})
        outcome = {"data": {"outcome": "sales"}}
        money = {metric for metric, _ in read(tmp_path, {"file": "a.csv"}, **outcome)[0].money_in}
        assert money == {"tv_spend", "sales"}
        money = {metric for metric, _ in read(tmp_path, {"file": "a.csv", "money": ["price"]}, **outcome)[0].money_in}
        assert money == {"tv_spend", "sales", "price"}


class TestPlaces:
    def test_nothing_there_names_what_is_near(self, tmp_path: Path) -> None:
        write(tmp_path, {"exports/january.csv": DAILY, "exports/february.csv": DAILY})
        told = refused(tmp_path, {"file": "exports/januar.csv", **LONG})
        assert "sources.ads.file" in told
        assert "'exports/january.csv'" in told
        told = refused(tmp_path, {"file": "exports/*.tsv", **LONG})
        assert "no file fits 'exports/*.tsv'" in told
        assert "february" in told

    @pytest.mark.parametrize("file", ["../out.csv", "/etc/passwd", "../*.csv", "/etc/*", "a/../../*.csv", "a\0b"])
    def test_nothing_outside_the_folder(self, file: str, tmp_path: Path) -> None:
        (tmp_path / "in").mkdir()
        write(tmp_path, {"out.csv": DAILY})
        told = refused(tmp_path / "in", {"file": file, **LONG})
        assert "outside the project folder" in told or "not the name of a file" in told

    @pytest.mark.parametrize("file", ["link.csv", "*.csv", "linked", "linked/*.csv"])
    def test_no_link_that_leads_outside(self, file: str, tmp_path: Path) -> None:
        inner = tmp_path / "in"
        inner.mkdir()
        write(tmp_path, {"out/out.csv": DAILY})
        (inner / "link.csv").symlink_to(tmp_path / "out" / "out.csv")
        (inner / "linked").symlink_to(tmp_path / "out")
        assert "outside the project folder" in refused(inner, {"file": file, **LONG})

    def test_a_name_with_brackets_is_a_name_first(self, tmp_path: Path) -> None:
        write(tmp_path, {"report [1].csv": DAILY})
        assert read(tmp_path, {"file": "report [1].csv", **LONG})[0].files[0].name == "report [1].csv"
        shutil.copy(tmp_path / "report [1].csv", tmp_path / "report 2.csv")
        assert read(tmp_path, {"file": "report [23].csv", **LONG})[0].files[0].name == "report 2.csv"


class TestRefused:
    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("Day,Campaign,Cost,Clicks\n2024-01-01,A,x,1\n2024-01-02,A,1,1\n", "a.csv, row 2, column Cost"),
            ("Day,Campaign,Cost,Clicks\n2024-01-01,,1,1\n2024-01-02,A,1,1\n", "channel is missing"),
            ("Day,Campaign,Cost,Clicks\n01/02/2024,A,1,1\n02/02/2024,A,1,1\n", "sources.ads.date_format"),
            ("Day,Campaign,Cost,Clicks\n2024-01-01,A,1.234,1\n2024-01-02,A,1,1\n", "sources.ads.decimal"),
            ("Day,Campaign,Cost,Clicks\n2024-01-01,A,-,1\n2024-01-02,A,1,1\n", "sources.ads.placeholder: zero"),
            ("Day,Campaign,Cost,Clicks,Mail\n2024-01-01,A,1,1,a@b.org\n", "e-mail addresses"),
            ("Day,Campaign,Cost\n2024-01-01,A,1\n", "'Clicks'"),
            ("Day,Campaign,Cost,Clicks,Cost\n2024-01-01,A,1,1,1\n", "2 times"),
            ("Day,Campaign,Cost,Clicks\n", "no rows"),
            ("", "empty"),
        ],
    )
    def test_with_place_and_remedy(self, text: str, says: str, tmp_path: Path) -> None:
        write(tmp_path, {"a.csv": text})
        told = refused(tmp_path, {"file": "a.csv", **LONG})
        assert says in told
        assert "a@b.org" not in told
        assert "data." not in told.replace("sources.ads", "")
