"""``date_format``: one cell by a declared format, week labels among them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from mmm.data.month_names import KNOWN, folded
from mmm.data.privacy import safe
from mmm.data.reading import DateMarks, Reading, Weekday
from mmm.exceptions import SpecError

#: Number of a week, where week 1 is the one with 1 January: Excel's WEEKNUM, Google Analytics. No strptime directive.
WEEKNUM = "%N"
_WEEK = timedelta(days=7)
_ZERO = re.compile(r"(?<!\d)00?(?!\d)")
_UTC = re.compile(r"\b(?:UTC|GMT)\b", re.IGNORECASE)
_LETTERS = re.compile(r"[^\W\d_]+")
_ENGLISH = [f"{datetime(2000, month, 1):%B}" for month in range(1, 13)]


class DeclaredFormat:
    """A declared format.

    Parameters
    ----------
    spec : Reading
        ``date_format``; ``week_start`` and ``date_marks`` for labels of weeks.

    Raises
    ------
    SpecError
        The format is none.
    """

    def __init__(self, spec: Reading) -> None:
        self.form = spec.date_format or ""
        self.has_time = re.search(r"%[HIcXz]", self.form) is not None
        self.names_months = "%b" in self.form or "%B" in self.form
        self._weeks = re.search(r"%[VUWN]", self.form) is not None and not re.search(r"%[uwaAdj]", self.form)
        self._first = list(Weekday).index(spec.week_start or Weekday.SUNDAY)
        self._last = spec.date_marks is DateMarks.LAST_DAY
        self._plain = self.form.replace(WEEKNUM, "%U")
        monday = "%V" in self.form or "%W" in self.form
        self._extended = self._plain + (" %u" if "%V" in self.form else " %w")
        self._day = " 1" if monday else " 0"
        if ("%V" in self.form) != ("%G" in self.form) or (WEEKNUM in self.form and not self._weeks):
            raise self._no_format()
        try:
            datetime.strptime("", self._plain)
        except ValueError as error:
            if "bad directive" in str(error) or "stray" in str(error):
                raise self._no_format() from error
        except re.error as error:  # a directive that stands twice
            raise self._no_format() from error

    def _no_format(self) -> SpecError:
        return SpecError(
            f"'{safe(self.form)}' is no format of dates",
            where="data.date_format",
            do=f"Write it with %Y, %m, %d and the marks between them, as '%d/%m/%Y'; or {week_formats()}.",
        )

    def words_in(self, cell: str) -> list[str]:
        """Return the months' names in a cell, folded, where the format has one."""
        return [word for word in map(folded, _LETTERS.findall(cell)) if word in KNOWN] if self.names_months else []

    def read(self, text: str, months: Mapping[str, int]) -> datetime:
        """Read one cell; a label of a week gives the week's first day (its last, where dates are declared to mark it).

        Parameters
        ----------
        text : str
        months : Mapping
            Folded name of a month → its number.

        Raises
        ------
        ValueError
            The cell does not follow the format; or there is no such week, in words.
        """
        if months:
            short = "%b" in self.form

            def english(match: re.Match[str]) -> str:
                number = months.get(folded(match[0]))
                return match[0] if number is None else _ENGLISH[number - 1][: 3 if short else None]

            text = _LETTERS.sub(english, text)
        if not self._weeks:
            stamp = datetime.strptime(text, self.form)
            named = "%Z" in self.form and stamp.tzinfo is None and _UTC.search(text)  # strptime drops what it read
            return stamp.replace(tzinfo=UTC) if named else stamp
        start = datetime.strptime(text + self._day, self._extended)
        if "%V" not in self.form:
            start = self._of_year(text, start, datetime.strptime(text, self._plain).year)
        return start + timedelta(days=6) if self._last else start

    def _of_year(self, text: str, start: datetime, year: int) -> datetime:
        """Return the first day of a week that is counted within a year; at least one of its days is in that year."""
        new_year = datetime(year, 1, 1)
        if start == new_year and _ZERO.search(text.replace(str(year), "", 1)):  # strptime takes week 0 for week 1
            start -= _WEEK
        if WEEKNUM in self.form:
            sunday = new_year + timedelta(days=(6 - new_year.weekday()) % 7)  # week 1 of %U begins then
            first = new_year - timedelta(days=(new_year.weekday() - self._first) % 7)
            start = first + (start - sunday) // _WEEK * _WEEK
        if start.year > year or (start + timedelta(days=6)).year < year:
            raise NoSuchWeekError(year)
        return start


class NoSuchWeekError(ValueError):
    """The year has no week of that number."""

    def __init__(self, year: int) -> None:
        super().__init__(f"{year} has no such week")
        self.year = year


def week_formats() -> str:
    """Name the ways to number weeks, for messages."""
    return (
        "'%G-W%V' for ISO weeks (from Monday), '%Y-W%U' for weeks counted from the year's first Sunday, "
        "'%Y-W%N' where week 1 is the one with 1 January (WEEKNUM, Google Analytics)"
    )
