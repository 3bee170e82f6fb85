"""Columns of dates: time stamps and zones, weeks by number, months in words, day numbers of spreadsheets."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from mmm.data.dates import read_dates
from mmm.data.log import ReadingLog
from mmm.data.month_names import KNOWN
from mmm.data.reading import DateMarks, Reading
from mmm.data.sources.workbook import read_workbook
from mmm.data.table import Exact, TextTable
from mmm.data.week_headers import marks_said
from mmm.exceptions import DataError, SpecError


def read(cells: Sequence[str], header: str = "date", **keys: Any) -> tuple[list[str], dict[str, str]]:
    """Return the days, and what was found by name."""
    log = ReadingLog()
    table = TextTable("f.csv", (header,), tuple(range(2, len(cells) + 2)), tuple((cell,) for cell in cells))
    days = read_dates(table, 0, Reading(**keys), log)
    return [str(day) for day in days], {one.name: one.says for one in log.findings}


_ZONES = st.sampled_from(["Europe/Warsaw", "America/New_York", "Asia/Jakarta", "No/Where", "../etc", "UTC"])
_FORMS = st.none() | st.text("%YmdVUWNGbBzHMuj-/ ", max_size=12)
_STAMP = r"\d{4}-\d{1,2}-\d{1,2}[ T]\d{1,2}:\d{2}(:\d{2})?([.]\d+)? ?(Z|UTC|[+-]\d{2}(:?\d{2})?)?"
_CELLS = st.lists(
    st.from_regex(
        r"\d{4}-\d{1,2}-\d{1,2}[ T]\d{1,2}:\d{2}(:\d{2})?([.]\d+)? ?(Z|UTC|[+-]\d{2}(:?\d{2})?)?", fullmatch=True
    )
    | st.from_regex(r"\d{4}-?W\d{1,2}|\d{1,2}[./ ]\w{1,9}[./ ]\d{4}", fullmatch=True)
    | st.text(max_size=12),
    min_size=1,
    max_size=3,
)


@settings(max_examples=60, deadline=None)
@given(cells=_CELLS, zone=st.none() | _ZONES, form=_FORMS)
@example(cells=["2024-01-01 9:05:00 UTC"], zone="Europe/Warsaw", form=None)
@example(cells=["2024-01-01 24:00:00 UTC"], zone="Europe/Warsaw", form=None)
@example(cells=["0001-01-01 01:00 +14:00"], zone="Asia/Jakarta", form=None)
@example(cells=["9999-12-31 23:59 -14:00"], zone="Asia/Jakarta", form=None)
@example(cells=["2024-01-01"], zone=None, form="%Y-%Y")
@example(cells=["9999-W53"], zone=None, form="%Y-W%N")
def test_what_cannot_be_read_is_one_sentence(cells: list[str], zone: str | None, form: str | None) -> None:
    keys = {key: value for key, value in (("time_zone", zone), ("date_format", form)) if value and value.strip()}
    with suppress(DataError, SpecError):
        days, _ = read(cells, **keys)
        assert all("1990" <= day <= "2100-01-01" for day in days)


class TestTimes:
    def test_hours_may_have_one_digit(self) -> None:
        stamps = ["2024-01-01 9:05:00 UTC", "2024-01-01 23:05 UTC"]
        with pytest.raises(DataError, match=r"f.csv, row 2, column date: .* depends on the zone.*data.time_zone"):
            read(stamps)
        days, told = read(stamps, time_zone="Europe/Warsaw")
        assert days == ["2024-01-01", "2024-01-02"]
        assert "2 different time stamps" in told["time_zone"]
        assert "1 is a day later there ('2024-01-01 23:05 UTC' is 2024-01-02)" in told["time_zone"]

    @pytest.mark.parametrize("clock", ["24:00:00", "12:60:00", "23:59:60", "12:00:00 +15:00", "12:00:00 +01:99"])
    def test_no_such_time_is_refused(self, clock: str) -> None:
        with pytest.raises(DataError, match=r"row 3, column date: .* has no time of the day"):
            read([f"2024-01-01 12:00:00{clock[8:] and ' +01:00'}", f"2024-01-02 {clock}"], time_zone="Asia/Jakarta")

    def test_stamps_at_midnight_are_days_wherever_the_business_is(self) -> None:
        days, told = read(["2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"], time_zone="America/New_York")
        assert days == ["2024-01-01", "2024-01-02"]
        assert "were not moved to America/New_York" in told["time_of_day"]

    def test_a_zone_that_moved_nothing_is_told(self) -> None:
        days, told = read(["2024-01-01 20:30:00", "2024-01-02 20:30:00"], time_zone="Asia/Jakarta")
        assert days == ["2024-01-01", "2024-01-02"]
        assert "they name no zone, so data.time_zone (Asia/Jakarta) moved none" in told["time_of_day"]

    @pytest.mark.parametrize(("header", "day"), [("Timestamp (UTC)", "02"), ("Time (GMT+7)", "01"), ("gmt time", "02")])
    def test_the_header_names_the_zone(self, header: str, day: str) -> None:
        stamps = ["2024-01-01 20:30:00"]
        with pytest.raises(DataError, match=r"a time in a zone, as column .* says.*data.time_zone"):
            read(stamps, header)
        assert read(stamps, header, time_zone="Asia/Jakarta")[0] == [f"2024-01-{day}"]

    def test_typed_stamps_may_be_midnights_among_others(self) -> None:
        cells = ["2024-01-01", "2024-01-02 09:00:00"]
        table = TextTable("f.xlsx", ("date",), (2, 3), tuple((Exact(cell),) for cell in cells))
        log = ReadingLog()
        assert [str(day) for day in read_dates(table, 0, Reading(), log)] == ["2024-01-01", "2024-01-02"]
        with pytest.raises(DataError, match="another way"):
            read(cells)

    @pytest.mark.parametrize(
        ("stamp", "form", "header"),
        [
            ("01/01/2024 23:30", "%m/%d/%Y %H:%M", "Time (UTC)"),
            ("01/01/2024 11:30 PM GMT", "%m/%d/%Y %I:%M %p %Z", "Time"),
        ],
    )
    def test_a_declared_format_with_a_time_is_a_moment_where_a_zone_is_named(
        self, stamp: str, form: str, header: str
    ) -> None:
        with pytest.raises(DataError, match=r"data\.time_zone"):
            read([stamp], header, date_format=form)
        assert read([stamp], header, date_format=form, time_zone="Europe/Warsaw")[0] == ["2024-01-02"]

    def test_a_declared_format_with_a_zone_is_a_moment_too(self) -> None:
        stamps, form = ["01.01.2024 23:30 +0000"], "%d.%m.%Y %H:%M %z"
        with pytest.raises(DataError, match=r"data\.time_zone"):
            read(stamps, date_format=form)
        assert read(stamps, date_format=form, time_zone="Europe/Warsaw")[0] == ["2024-01-02"]


def _weeknum(day: date) -> str:
    """Label a day as Excel's WEEKNUM does: by hand."""
    new_year = date(day.year, 1, 1)
    sunday = new_year - timedelta(days=(new_year.weekday() + 1) % 7)
    return f"{day.year}-W{(day - sunday).days // 7 + 1:02d}"


class TestWeekLabels:
    @pytest.mark.parametrize("year", range(2018, 2028))  # every weekday that a year can begin on, leap years too
    def test_every_day_s_label_gives_its_week(self, year: int) -> None:
        days = [date(year, 1, 1) + timedelta(days=i) for i in range(365)]
        sundays = [str(day - timedelta(days=(day.weekday() + 1) % 7)) for day in days]
        assert read([_weeknum(day) for day in days], date_format="%Y-W%N")[0] == sundays
        assert read([day.strftime("%Y-W%U") for day in days], date_format="%Y-W%U")[0] == sundays
        mondays = [str(day - timedelta(days=day.weekday())) for day in days]
        assert read([day.strftime("%G-W%V") for day in days], date_format="%G-W%V")[0] == mondays
        assert read([day.strftime("%Y-W%W") for day in days], date_format="%Y-W%W")[0] == mondays

    def test_weeks_from_1_january_may_begin_on_another_day(self) -> None:
        assert read(["2024-W01", "2024-W02"], date_format="%Y-W%N", week_start="monday")[0] == [
            "2024-01-01",
            "2024-01-08",
        ]
        assert read(["2025-W01"], date_format="%Y-W%N", week_start="monday")[0] == ["2024-12-30"]

    @pytest.mark.parametrize(
        ("form", "label"),
        [("%Y-W%U", "2024-W53"), ("%Y-W%U", "2023-W00"), ("%Y-W%W", "2025-W53"), ("%Y-W%N", "2024-W00")],
    )
    def test_a_week_that_its_year_has_not_is_refused(self, form: str, label: str) -> None:
        with pytest.raises(DataError, match=rf"row 2, column date: '{label}' is no week.*%Y-W%N"):
            read([label], date_format=form)

    def test_a_label_names_its_week_whatever_dates_mark(self) -> None:
        """The last day is given where the last day is to come: else the week would be six days off."""
        assert read(["2024-W02"], date_format="%G-W%V", date_marks="last_day")[0] == ["2024-01-14"]

    def test_the_question_names_three_ways(self) -> None:
        with pytest.raises(DataError, match=r"'%G-W%V' for ISO.*'%Y-W%U' .* first Sunday.*'%Y-W%N' .* 1 January"):
            read(["2024-W01", "2024-W02"])

    @pytest.mark.parametrize("form", ["%Y-W%V", "%Y-%Y", "%Y-%Q", "%"])
    def test_no_format_is_told_as_such(self, form: str) -> None:
        with pytest.raises(SpecError, match=r"data.date_format: .* is no format of dates"):
            read(["2024-01-01"], date_format=form)


class TestMonthNames:
    @pytest.mark.parametrize(
        ("cells", "days"),
        [
            (["1 sty 2024", "12 lut 2024"], ["2024-01-01", "2024-02-12"]),
            (["1 listopada 2024", "1 grudnia 2024"], ["2024-11-01", "2024-12-01"]),
            (["3 Mei 2024", "5 Agustus 2024"], ["2024-05-03", "2024-08-05"]),
            (["5 août 2024", "1er mai 2024"], ["2024-08-05", "2024-05-01"]),
            (["5. März 2024", "6. Dez. 2024"], ["2024-03-05", "2024-12-06"]),
            (["5 de agosto de 2024"], ["2024-08-05"]),
            (["3 Kasım 2024", "4 AĞUSTOS 2024"], ["2024-11-03", "2024-08-04"]),
            (["3 يناير 2024", "٤ كانون الثاني ٢٠٢٤"], ["2024-01-03", "2024-01-04"]),
            (["2024. augusztus 5."], ["2024-08-05"]),
            (["Jan 5, 2024", "5-Feb-2024"], ["2024-01-05", "2024-02-05"]),
        ],
    )
    def test_months_in_words(self, cells: list[str], days: list[str]) -> None:
        found, told = read(cells)
        assert found == days
        assert ("month_names" in told) is (cells[0] != "Jan 5, 2024")

    def test_a_word_with_two_months_is_a_question(self) -> None:
        with pytest.raises(DataError, match=r"row 2, .*'lis' is November in Polish and October in Croatian"):
            read(["1 lis 2024", "8 lis 2024"])

    def test_a_declared_format_knows_them_too(self) -> None:
        assert read(["1 sty 2024", "1 gru 2024"], date_format="%d %b %Y")[0] == ["2024-01-01", "2024-12-01"]
        assert read(["Agustus 3 24"], date_format="%B %d %y")[0] == ["2024-08-03"]

    def test_few_words_have_two_meanings(self) -> None:
        """The table holds no slip: between languages only Croatian differs from Polish and Czech."""
        unclear = set()
        for word in KNOWN:
            try:
                read([f"1 {word} 2024"])
            except DataError as error:
                unclear.add((word, "Croatian" in str(error)))
        assert unclear == {(word, True) for word in ("lip", "lis", "listopad", "listopada", "srp")}


def test_a_workbook_that_counts_from_1904() -> None:
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    sheet = book.active
    assert sheet is not None
    sheet.append(["date", "spend"])
    for i in range(3):
        sheet.append([(datetime(2024, 1, 1) - CALENDAR_MAC_1904).days + i, 5])
    raw = io.BytesIO()
    book.save(raw)
    log = ReadingLog()
    table = read_workbook(raw.getvalue(), "mac.xlsx", log, wanted=("date", "spend"))
    assert str(read_dates(table.take([1]), 0, Reading(), log)[0]) == "2024-01-02"


class TestHeaders:
    @pytest.mark.parametrize(
        "header",
        [
            "Week ending", "week_end", "WeekEnding", "W/E", "w/e date", "Week ends", "koniec tygodnia", "Tydzień do",
            "Woche bis", "Enddatum", "fin de semaine", "Fin de semana", "akhir minggu", "Hafta sonu", "نهاية الأسبوع",
            "конец недели", "週末",
        ],
    )  # fmt: skip
    def test_names_that_speak_of_the_end(self, header: str) -> None:
        assert marks_said(header) is DateMarks.LAST_DAY

    @pytest.mark.parametrize(
        "header",
        [
            "Week starting",
            "w/c",
            "week_commencing",
            "Początek tygodnia",
            "Beginn",
            "début",
            "Woche ab",
            "بداية الأسبوع",
        ],
    )
    def test_names_that_speak_of_the_beginning(self, header: str) -> None:
        assert marks_said(header) is DateMarks.FIRST_DAY

    @pytest.mark.parametrize(
        "header", ["week", "date", "Trend", "Week (start - end)", "tydzień", "Datum", "do", "minggu", "الأسبوع", "Day"]
    )
    def test_names_that_say_nothing(self, header: str) -> None:
        assert marks_said(header) is None
