"""A column of cells → days: one writing a column, and nothing read that can be read two ways."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np

from mmm.arrays import WeekArray
from mmm.data.clock import Clock, offset_in, read_clock, zone_named
from mmm.data.declared_dates import DeclaredFormat, NoSuchWeekError, week_formats
from mmm.data.log import ReadingLog, counted, listed
from mmm.data.month_names import ENGLISH, languages_of, meanings
from mmm.data.numbers import ascii_digits
from mmm.data.privacy import safe
from mmm.data.reading import Reading
from mmm.data.table import Exact, TextTable
from mmm.data.written_dates import Parts, Writing, as_midnight, take_apart
from mmm.exceptions import DataError

EARLIEST, LATEST = date(1990, 1, 1), date(2100, 1, 1)


class _DateColumn:
    """One date column being read: keeps the table, the options and the way to name a place."""

    def __init__(self, table: TextTable, index: int, spec: Reading, log: ReadingLog) -> None:
        self.table, self.spec, self.log = table, spec, log
        self.name = safe(table.header[index])
        self.cells = table.column(index)
        self.typed = table.typed or all(isinstance(cell, Exact) for cell in self.cells)
        self.where = f"{table.file}, column {self.name}"

    def refuse(self, i: int, says: str, do: str) -> DataError:
        return DataError(says, where=self.table.place(i, self.name), do=do)

    def shown(self, i: int) -> str:
        return f"'{safe(self.cells[i].strip())}'"

    def refuse_far(self, days: Sequence[date]) -> None:
        """Refuse days of other centuries."""
        for i, day in enumerate(days):
            if not EARLIEST <= day <= LATEST:
                raise self.refuse(i, f"{self.shown(i)} is outside {EARLIEST.year}–{LATEST.year}", "Correct the date.")

    def declared(self) -> list[date]:
        """Read every cell with the declared format; week labels become the first day of their week."""
        form = DeclaredFormat(self.spec)
        months = self.months([(i, word) for i, cell in enumerate(self.cells) for word in form.words_in(cell)])
        stamps = [self._by_format(i, form, months) for i in range(len(self.cells))]
        if not form.has_time:
            return [stamp.date() for stamp in stamps]
        clocks = [Clock(stamp.time().replace(microsecond=0), stamp.utcoffset()) for stamp in stamps]
        return self._in_zone([stamp.date() for stamp in stamps], clocks)

    def _by_format(self, i: int, form: DeclaredFormat, months: dict[str, int]) -> datetime:
        try:
            return form.read(ascii_digits(self.cells[i]).strip(), months)
        except NoSuchWeekError as error:
            raise self.refuse(
                i,
                f"{self.shown(i)} is no week by the declared date_format '{form.form}': {error}",
                f"Correct data.date_format: {week_formats()}.",
            ) from error
        except (ValueError, OverflowError) as error:
            raise self.refuse(
                i,
                f"{self.shown(i)} does not follow the declared date_format '{form.form}'",
                "Correct the cell, or data.date_format in the model file.",
            ) from error

    def months(self, words: Sequence[tuple[int, str]]) -> dict[str, int]:
        """Return the months that words mean, and list languages other than English; ``words`` with their rows."""
        rows = {word: i for i, word in reversed(words)}
        found = meanings(rows)
        for word, means in found.items():
            if len(means) > 1:
                told = " and ".join(f"{date(2000, month, 1):%B} in {language}" for month, language in means.items())
                raise self.refuse(
                    rows[word],
                    f"'{word}' is {told}, and no other month of the column shows the language",
                    "Write the month as a number: YYYY-MM-DD is read without doubt.",
                )
        languages = languages_of(rows)
        if words and ENGLISH not in languages:
            told = listed((f"'{word}' is {date(2000, next(iter(found[word])), 1):%B}" for word in sorted(found)), 3)
            self.log.repaired(
                "month_names",
                f"Months were read by their names in {' or '.join(languages[:2])}: {told}.",
                where=self.where,
            )
        return {word: next(iter(means)) for word, means in found.items()}

    def taken_apart(self) -> list[Parts]:
        """Take every cell apart and refuse a column that is not written in one way."""
        parts = [take_apart(cell) for cell in self.cells]
        if self.typed and any(part.time for part in parts):  # a typed stamp at midnight is written as a day
            parts = [x if x.time or x.writing is not Writing.YEAR_FIRST else as_midnight(x) for x in parts]
        for i, part in enumerate(parts):
            if part.writing is Writing.OTHER:
                says = f"{self.shown(i)} is not a date" if self.cells[i].strip() else "the date is missing"
                raise self.refuse(i, says, "Write dates as YYYY-MM-DD, or declare data.date_format in the model file.")
            if part.style != parts[0].style:
                raise self.refuse(
                    i,
                    f"{self.shown(i)} is written in another way than {self.shown(0)} (row {self.table.rows[0]})",
                    "Write the whole column in one way; YYYY-MM-DD is read without doubt.",
                )
        months = self.months([(i, part.word) for i, part in enumerate(parts) if part.word])
        return [replace(x, numbers={**x.numbers, "m": months[x.word]}) if x.word else x for x in parts]

    def day_first(self, parts: Sequence[Parts]) -> bool:
        """Tell dd/mm from mm/dd by numbers above 12; refuse what shows neither, or both."""
        first = next((i for i, part in enumerate(parts) if part.numbers["a"] > 12), None)
        second = next((i for i, part in enumerate(parts) if part.numbers["b"] > 12), None)
        if first is not None and second is not None:
            i, j = max(first, second), min(first, second)
            raise self.refuse(
                i,
                f"{self.shown(i)} and {self.shown(j)} (row {self.table.rows[j]}) have day and month in different order",
                "Write the whole column in one way; YYYY-MM-DD is read without doubt.",
            )
        if first is None and second is None:
            mark = re.sub(r"\d", "", self.cells[0].strip())[:1]
            raise self.refuse(
                0,
                f"{self.shown(0)} may be day first or month first, and no date in the column tells which",
                f"Declare data.date_format: '%d{mark}%m{mark}%Y' or '%m{mark}%d{mark}%Y' in the model file.",
            )
        order = "day first" if first is not None else "month first"
        self.log.repaired("date_order", f"Dates such as {self.shown(0)} were read {order}.", where=self.where)
        return first is not None

    def undeclared(self) -> list[date]:
        """Read the column from its own evidence."""
        parts = self.taken_apart()
        writing = parts[0].writing
        if writing is Writing.WEEK_LABEL:
            raise self.refuse(
                0,
                f"{self.shown(0)} may number ISO weeks (from Monday), weeks from Sunday or 1 January, or be a month",
                f"Declare data.date_format in the model file: {week_formats()}, or '%Y-%m' for months.",
            )
        if writing is Writing.SHORT_YEAR:
            raise self.refuse(
                0,
                f"{self.shown(0)} has a two-digit year",
                "Declare data.date_format, e.g. '%d/%m/%y', in the model file.",
            )
        day_first = writing is Writing.NUMERIC and self.day_first(parts)
        found = [self._one(i, part, day_first=day_first) for i, part in enumerate(parts)]
        if writing is Writing.EXCEL:
            self.log.repaired(
                "excel_dates",
                f"{counted(len(found), 'date')} were Excel day numbers: {self.shown(0)} is {found[0]}.",
                where=self.where,
            )
        return self._with_times(found, parts)

    def _one(self, i: int, part: Parts, *, day_first: bool) -> date:
        numbers = part.numbers
        if part.writing is Writing.EXCEL:
            return self.table.day_zero + timedelta(days=numbers["n"])
        if part.writing is Writing.NUMERIC:
            day, month = (numbers["a"], numbers["b"]) if day_first else (numbers["b"], numbers["a"])
        else:
            day, month = numbers["d"], numbers["m"]
        try:
            return date(numbers["y"], month, day)
        except ValueError as error:
            raise self.refuse(i, f"{self.shown(i)} is not a day of the calendar", "Correct the date.") from error

    def _with_times(self, days: list[date], parts: Sequence[Parts]) -> list[date]:
        """Drop the time of day; a time stamp with a zone that is not at midnight needs the zone that is meant."""
        if parts[0].time is None:
            return days
        clocks = []
        for i, part in enumerate(parts):
            clock = read_clock(part.time or "0:00", part.zone)
            if clock is None:
                raise self.refuse(i, f"{self.shown(i)} has no time of the day", "Correct the cell: 00:00 to 23:59.")
            clocks.append(clock)
        return self._in_zone(days, clocks)

    def _in_zone(self, days: list[date], clocks: Sequence[Clock]) -> list[date]:
        """Return the days in the declared zone; stamps that are all at midnight are days, not moments."""
        declared, named = self.spec.time_zone, clocks[0].offset is not None
        moment = next((i for i, clock in enumerate(clocks) if not clock.is_midnight), None)
        says = "The time of day" + (" and its zone were" if named else " was") + " dropped from every date"
        if moment is None:
            if declared is not None and named:
                says += f": all are at midnight, so they are days and were not moved to {safe(declared)}"
            self.log.repaired("time_of_day", f"{says}.", where=self.where)
            return days
        header = None if named else offset_in(self.name)
        if not named and header is None:
            if declared is not None:
                says += (
                    f"; they name no zone, so data.time_zone ({safe(declared)}) moved none: they were taken as local"
                )
            self.log.repaired("time_of_day", f"{says}.", where=self.where)
            return days
        if declared is None:
            whose = "" if header is None else f", as column {self.name} says"
            raise self.refuse(
                moment,
                f"{self.shown(moment)} is a time in a zone{whose}, and which day it means depends on the zone of the "
                "business",
                "Declare data.time_zone, e.g. Europe/Berlin, in the model file.",
            )
        return self._moved(days, [replace(x, offset=header) if header is not None else x for x in clocks], declared)

    def _moved(self, days: list[date], clocks: Sequence[Clock], declared: str) -> list[date]:
        """Return the days in the declared zone, and list how many different stamps are on another one there."""
        zone = zone_named(declared)
        self.refuse_far(days)
        found = [clock.day_in(day, zone) for day, clock in zip(days, clocks, strict=True)]
        first = {cell: i for i, cell in reversed(list(enumerate(self.cells)))}
        by: dict[int, list[int]] = {}
        for i in sorted(first.values()):
            by.setdefault((found[i] - days[i]).days, []).append(i)
        told = [
            f"{len(rows):,} {'is' if len(rows) == 1 else 'are'} a day {'later' if step > 0 else 'earlier'} there "
            f"({self.shown(rows[0])} is {found[rows[0]]})"
            for step, rows in sorted(by.items())
            if step
        ]
        self.log.repaired(
            "time_zone",
            f"{counted(len(first), 'different time stamp')} read in the zone {safe(declared)}: "
            f"{' and '.join(told) or 'none is on another day there'}.",
            where=self.where,
        )
        return found


def read_dates(table: TextTable, index: int, spec: Reading, log: ReadingLog) -> WeekArray:
    """Read one column as days.

    Parameters
    ----------
    table : TextTable
    index : int
        Which column.
    spec : Reading
        ``date_format`` and ``time_zone``.
    log : ReadingLog
        Repairs are listed here.

    Returns
    -------
    (N,) datetime64[D]

    Raises
    ------
    DataError
        Not a date, two writings in the column, or a writing with two readings and no declaration.
    """
    column = _DateColumn(table, index, spec, log)
    days = column.undeclared() if spec.date_format is None else column.declared()
    if any(not cell.isascii() for cell in column.cells) and all(any(c.isdecimal() for c in x) for x in column.cells):
        log.repaired("digits", "Digits of another script were read as 0–9.", where=column.where)
    column.refuse_far(days)
    return np.asarray(days, dtype="datetime64[D]")
