"""A column of cells → days: one writing a column, and nothing read that can be read two ways."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

import numpy as np

from mmm.arrays import WeekArray
from mmm.data.log import ReadingLog, counted
from mmm.data.numbers import ascii_digits
from mmm.data.privacy import safe
from mmm.data.reading import Reading
from mmm.data.table import TextTable
from mmm.exceptions import DataError, SpecError

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january"),
            ("feb", "february"),
            ("mar", "march"),
            ("apr", "april"),
            ("may",),
            ("jun", "june"),
            ("jul", "july"),
            ("aug", "august"),
            ("sep", "sept", "september"),
            ("oct", "october"),
            ("nov", "november"),
            ("dec", "december"),
        ),
        start=1,
    )
    for name in names
}
_TIME = r"(?:[T ]+(?P<time>\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?"
EARLIEST, LATEST = date(1990, 1, 1), date(2100, 1, 1)
_EXCEL_EPOCH = date(1899, 12, 30)


class Writing(StrEnum):
    """The ways a date may be written."""

    YEAR_FIRST = "year, month, day"
    COMPACT = "eight digits"
    NUMERIC = "day and month as numbers"
    SHORT_YEAR = "a two-digit year"
    MONTH_NAME = "a month's name"
    EXCEL = "an Excel day number"
    WEEK_LABEL = "a week label"
    OTHER = "something else"


_PATTERNS = (
    (Writing.YEAR_FIRST, re.compile(rf"(?P<y>\d{{4}})(?P<s>[-/.])(?P<m>\d{{1,2}})(?P=s)(?P<d>\d{{1,2}}){_TIME}")),
    (Writing.COMPACT, re.compile(r"(?P<y>(?:19|20|21)\d{2})(?P<m>\d{2})(?P<d>\d{2})")),
    (Writing.NUMERIC, re.compile(rf"(?P<a>\d{{1,2}})(?P<s>[-/. ])(?P<b>\d{{1,2}})(?P=s)(?P<y>\d{{4}}){_TIME}")),
    (Writing.SHORT_YEAR, re.compile(r"\d{1,2}([-/. ])\d{1,2}\1\d{2}")),
    (Writing.MONTH_NAME, re.compile(rf"(?P<d>\d{{1,2}})[-. ]+(?P<name>[A-Za-z]{{3,9}})\.?[-, ]+(?P<y>\d{{4}}){_TIME}")),
    (Writing.MONTH_NAME, re.compile(rf"(?P<name>[A-Za-z]{{3,9}})\.? +(?P<d>\d{{1,2}}),? +(?P<y>\d{{4}}){_TIME}")),
    (Writing.EXCEL, re.compile(r"(?P<n>[2-7]\d{4})(?:\.\d+)?")),
    (
        Writing.WEEK_LABEL,
        re.compile(r"\d{4}[-/ ]?[KC]?W[- ]?\d{1,2}|[KC]?W[- ]?\d{1,2}[-/ ]\d{4}|\d{4}-?\d{2}", re.IGNORECASE),
    ),
)


@dataclass(frozen=True)
class _Parts:
    """One cell taken apart: its writing, numbers by name, separator, and time with zone."""

    writing: Writing
    style: str
    numbers: dict[str, int]
    time: str | None = None
    zone: str | None = None


def _take_apart(raw: str) -> _Parts:
    text = ascii_digits(raw).replace("\u200e", "").replace("\u200f", "").strip()
    for writing, pattern in _PATTERNS:
        match = pattern.fullmatch(text)
        if match is None:
            continue
        groups = match.groupdict()
        numbers = {key: int(groups[key]) for key in ("y", "m", "d", "a", "b", "n") if groups.get(key)}
        if "name" in groups:
            if groups["name"].casefold() not in _MONTHS:
                break
            numbers["m"] = _MONTHS[groups["name"].casefold()]
        time, zone = groups.get("time"), groups.get("zone")
        style = f"{writing} {groups.get('s')} {time is not None} {zone is not None}"
        return _Parts(writing, style, numbers, time, zone)
    return _Parts(Writing.OTHER, Writing.OTHER, {})


class _DateColumn:
    """One date column being read: keeps the table, the options and the way to name a place."""

    def __init__(self, table: TextTable, index: int, spec: Reading, log: ReadingLog) -> None:
        self.table, self.spec, self.log = table, spec, log
        self.name = safe(table.header[index])
        self.cells = table.column(index)
        self.where = f"{table.file}, column {self.name}"

    def refuse(self, i: int, says: str, do: str) -> DataError:
        return DataError(says, where=self.table.place(i, self.name), do=do)

    def shown(self, i: int) -> str:
        return f"'{safe(self.cells[i].strip())}'"

    def declared(self, form: str) -> list[date]:
        """Read every cell with the declared format; week labels become the first day of their week."""
        week = re.search(r"%[VUW]", form) and not re.search(r"%[uwaAdj]", form)
        day_of_week = " 1" if "%V" in form or "%W" in form else " 0"
        extended = form + (" %u" if "%V" in form else " %w") if week else form
        found = []
        for i, cell in enumerate(self.cells):
            text = ascii_digits(cell).strip()
            try:
                found.append(datetime.strptime(text + (day_of_week if week else ""), extended).date())
            except ValueError as error:
                raise self.refuse(
                    i,
                    f"{self.shown(i)} does not follow the declared date_format '{form}'",
                    "Correct the cell, or data.date_format in the model file.",
                ) from error
        return found

    def taken_apart(self) -> list[_Parts]:
        """Take every cell apart and refuse a column that is not written in one way."""
        parts = [_take_apart(cell) for cell in self.cells]
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
        return parts

    def day_first(self, parts: Sequence[_Parts]) -> bool:
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
                f"{self.shown(0)} may number ISO weeks (from Monday) or weeks from Sunday, or be a month",
                "Declare data.date_format in the model file: '%G-W%V' for ISO weeks, '%Y-W%U' for weeks from Sunday, "
                "'%Y-%m' for months.",
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

    def _one(self, i: int, part: _Parts, *, day_first: bool) -> date:
        numbers = part.numbers
        if part.writing is Writing.EXCEL:
            return _EXCEL_EPOCH + timedelta(days=numbers["n"])
        if part.writing is Writing.NUMERIC:
            day, month = (numbers["a"], numbers["b"]) if day_first else (numbers["b"], numbers["a"])
        else:
            day, month = numbers["d"], numbers["m"]
        try:
            return date(numbers["y"], month, day)
        except ValueError as error:
            raise self.refuse(i, f"{self.shown(i)} is not a day of the calendar", "Correct the date.") from error

    def _with_times(self, days: list[date], parts: Sequence[_Parts]) -> list[date]:
        """Drop the time of day; a time stamp with a zone that is not at midnight needs the zone that is meant."""
        if parts[0].time is None:
            return days
        midnight = all(part.time is not None and not part.time.strip("0:.,") for part in parts)
        if self.spec.time_zone is not None and parts[0].zone is not None:
            return [self._moved(day, part, self._zone()) for day, part in zip(days, parts, strict=True)]
        if parts[0].zone is not None and not midnight:
            i = next(i for i, part in enumerate(parts) if part.time is not None and part.time.strip("0:.,"))
            raise self.refuse(
                i,
                f"{self.shown(i)} is a time in a zone, and which day it means depends on the zone of the business",
                "Declare data.time_zone, e.g. Europe/Berlin, in the model file.",
            )
        says = "The time of day" + (" and its zone were" if parts[0].zone else " was") + " dropped from every date."
        self.log.repaired("time_of_day", says, where=self.where)
        return days

    def _zone(self) -> zoneinfo.ZoneInfo:
        try:
            return zoneinfo.ZoneInfo(self.spec.time_zone or "UTC")
        except (zoneinfo.ZoneInfoNotFoundError, ValueError) as error:
            raise SpecError(
                f"the time zone '{safe(self.spec.time_zone or '')}' is not known",
                where="data.time_zone",
                do="Name one such as Europe/Berlin.",
            ) from error

    def _moved(self, day: date, part: _Parts, zone: zoneinfo.ZoneInfo) -> date:
        offset = "+00:00" if part.zone in ("Z", "UTC", "GMT", None) else part.zone
        clock = (part.time or "00:00").replace(",", ".").zfill(5)
        return datetime.fromisoformat(f"{day.isoformat()}T{clock}{offset}").astimezone(zone).date()


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
    days = column.undeclared() if spec.date_format is None else column.declared(spec.date_format)
    if any(not cell.isascii() for cell in column.cells) and all(any(c.isdecimal() for c in x) for x in column.cells):
        log.repaired("digits", "Digits of another script were read as 0–9.", where=column.where)
    for i, day in enumerate(days):
        if not EARLIEST <= day <= LATEST:
            raise column.refuse(i, f"{column.shown(i)} is outside {EARLIEST.year}–{LATEST.year}", "Correct the date.")
    return np.asarray(days, dtype="datetime64[D]")
