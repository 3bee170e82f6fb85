"""How a file is written, declared where it can be read two ways: shared by one data file and by every source."""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from mmm.config import StrictModel

Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
Positive = Annotated[float, Field(gt=0)]


class Weekday(StrEnum):
    """A day of the week, Monday first."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class DateMarks(StrEnum):
    """Which day of its week a date names."""

    FIRST_DAY = "first_day"
    LAST_DAY = "last_day"


class DecimalMark(StrEnum):
    """The character before the decimals; the other one is then a thousands separator."""

    POINT = "."
    COMMA = ","


class Percent(StrEnum):
    """What ``5%`` becomes: 0.05 (fraction) or 5 (points)."""

    FRACTION = "fraction"
    POINTS = "points"


class Placeholder(StrEnum):
    """What ``-`` or ``n/a`` in a number's place means."""

    ZERO = "zero"
    MISSING = "missing"


class Totals(StrEnum):
    """What a row of a date is that is called a total and is not the sum of the others: left out, or a row like them."""

    LEAVE_OUT = "leave_out"
    KEEP = "keep"


class Fill(StrEnum):
    """What to do with a missing number: refuse it, or put zero, the value before it, or a straight line through it."""

    REFUSE = "refuse"
    ZERO = "zero"
    PREVIOUS = "previous"
    INTERPOLATE = "interpolate"


class Gaps(StrEnum):
    """What to do with missing weeks or days.

    ``refuse``: refused in national data; a week that only some geos lack is missing there (``Panel.observed``).
    ``no_spend`` gives them no spend, exposure or organic activity, and a straight line for outcome and controls; before
    a geo's first row and after its last they stay missing.
    """

    REFUSE = "refuse"
    NO_SPEND = "no_spend"


def name_key(name: str) -> str:
    """Return the form under which two column names count as the same: NFC, case folded, spaces collapsed."""
    return unicodedata.normalize("NFC", " ".join(unicodedata.normalize("NFC", name).split()).casefold())


class Reading(StrictModel):
    """How to read what can be read two ways.

    Attributes
    ----------
    encoding : str, optional
        The text encoding, e.g. ``cp1250``, where it cannot be told from the bytes.
    delimiter : str, optional
        One character, where the columns cannot be told apart.
    date_format : str, optional
        As in ``%d/%m/%Y``; ``%G-W%V`` for ISO week labels, ``%Y-W%U`` for weeks counted from the year's first Sunday,
        ``%Y-W%N`` where week 1 is the one with 1 January.
    time_zone : str, optional
        Zone in which a time stamp's day is meant, e.g. ``Europe/Berlin``.
    week_start : Weekday, optional
        First day of a week. Needed where weekly dates are not Mondays; daily rows are summed to these weeks.
    date_marks : DateMarks, optional
        Whether a weekly date is the first or the last day of its week: the first, unless its column's name says
        otherwise, as ``Week ending``, which is a question.
    decimal : DecimalMark, optional
        Needed where every separator in a column can be read two ways, as in ``1.234``.
    percent : Percent, optional
        Needed where cells hold ``%``.
    placeholder : Placeholder, optional
        Needed where cells hold ``-`` or ``n/a``.
    totals : Totals, optional
        Needed where a row of a date is called a total, as ``Total`` among regions, and is not the sum of the others;
        ``keep`` also where it is.
    units : mapping of column to number
        Worth of 1 in that column: ``{cost_micros: 0.000001, tv_spend_k: 1000}``; 1 takes it as it stands.
    """

    encoding: Name | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    date_format: Name | None = None
    time_zone: Name | None = None
    week_start: Weekday | None = None
    date_marks: DateMarks | None = None
    decimal: DecimalMark | None = None
    percent: Percent | None = None
    placeholder: Placeholder | None = None
    totals: Totals | None = None
    units: dict[Name, Positive] = Field(default_factory=dict)

    def unit_of(self, column: str) -> float | None:
        """Return the declared worth of 1 in a column, or None where nothing is declared."""
        return {name_key(name): unit for name, unit in self.units.items()}.get(name_key(column))
