"""What each column of a table holds, as the strict readers see it; what they refuse becomes a question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from mmm.arrays import WeekArray
from mmm.data.calendar import weekdays
from mmm.data.dates import read_dates
from mmm.data.footers import find_footers
from mmm.data.log import ReadingLog
from mmm.data.number_column import NumberRules, read_numbers
from mmm.data.numbers import Kind, read_cell
from mmm.data.privacy import refuse_personal, safe
from mmm.data.proposing.questions import Question, asked
from mmm.data.proposing.words import Speaks, speaks_of
from mmm.data.reading import DateMarks, DecimalMark, Placeholder, Reading, Weekday, name_key
from mmm.data.sources.grain import cover
from mmm.data.sources.presets import names, preset
from mmm.data.sources.spec import SourceGrain, SourceSpec
from mmm.data.table import TextTable
from mmm.exceptions import DataError

_MONTHS = "The dates are months: declare that a month's figure is the same on each of its days, or give weekly rows."


class Holds(StrEnum):
    """What a column holds."""

    NUMBERS = "numbers"
    TEXT = "text"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Column:
    """One column that was looked at.

    Attributes
    ----------
    name : str
    holds : Holds
    texts : tuple of str
        The different texts of a column of text, the most usual first.
    signs : frozenset of str
        Currency signs and codes in its cells.
    flag : bool
        Every number is 0 or 1.
    """

    name: str
    holds: Holds
    texts: tuple[str, ...] = ()
    signs: frozenset[str] = frozenset()
    flag: bool = False


@dataclass(frozen=True, eq=False)
class Dates:
    """The column of dates.

    Attributes
    ----------
    name : str
    days : (N,) datetime64[D], optional
        None where they can be read two ways.
    format : str, optional
        Where only one way of writing dates fits, and it has to be declared.
    questions : tuple of Question
    """

    name: str
    days: WeekArray | None
    format: str | None = None
    questions: tuple[Question, ...] = ()


def personal(table: TextTable) -> tuple[str, ...]:
    """Return a sentence for every column that holds personal data; no value is told."""
    found = []
    for i in range(len(table.header)):
        one = replace(table, header=(table.header[i],), cells=tuple((row[i],) for row in table.cells))
        try:
            refuse_personal(one)
        except DataError as error:
            found.append(str(error))
    return tuple(found)


def _date_names() -> frozenset[str]:
    return frozenset(name_key(name) for one in names() for line in preset(one).date for name in line)


def find_dates(table: TextTable, *, first: str | None = None) -> Dates | None:
    """Find the column of dates, and read it.

    Parameters
    ----------
    table : TextTable
    first : str, optional
        The column that a preset takes for it.
    """
    usual = _date_names()

    def likely(name: str) -> int:
        return 2 * (name_key(name) in usual) + (speaks_of(name) is Speaks.DATE)

    order = sorted((n for n in table.header if n), key=lambda n: (n != first, -likely(n), table.header.index(n)))
    doubtful: Dates | None = None
    for name in order:
        found = _dates(table, table.header.index(name), certain=name == first or likely(name) > 0)
        if found is not None and found.days is not None:
            return found
        doubtful = doubtful or found
    return doubtful


def _dates(table: TextTable, index: int, *, certain: bool) -> Dates | None:
    """Read a column as dates; None where it is none, or only numbers that might be Excel's days."""
    rows = find_footers(table, index).rows
    body = table.take(i for i in range(len(table)) if i not in rows and table.cells[i][index].strip())
    cells = body.column(index)
    if not cells or (not certain and all(re.fullmatch(r"-?[\d.,]+", cell.strip()) for cell in cells)):
        return None
    name = table.header[index]
    try:
        days = read_dates(body, index, Reading(), ReadingLog())
        return Dates(name, days, None, _grain_doubts(days, table.file, name))
    except DataError as error:
        if "time_zone" in str(error):
            days = read_dates(body, index, Reading(time_zone="UTC"), ReadingLog())
            zone = asked(error, ("time_zone: UTC",))
            return Dates(name, days, None, (zone, *_grain_doubts(days, table.file, name)))
        answers = _formats(cells)
        if len(answers) != 1:
            return Dates(name, None, questions=(asked(error, answers),)) if answers else None
    form = answers[0].split(": ", 1)[1].strip('"')
    days = read_dates(body, index, Reading(date_format=form), ReadingLog())
    return Dates(name, days, form, _grain_doubts(days, table.file, name))


def _grain_doubts(days: WeekArray, file: str, name: str) -> tuple[Question, ...]:
    """Ask what the strict reader cannot tell from the dates: how long each stands for, and where its week begins."""
    try:
        covered = cover(np.unique(days), SourceSpec(file=file), None, file, ReadingLog(), (name,))
    except DataError as error:
        if "week_start" in str(error):
            day = str(list(Weekday)[int(weekdays(days[:1])[0])])
            return (asked(error, (f"week_start: {day}", "date_marks: last_day")),)
        if "date_marks" in str(error):
            return (asked(error, tuple(f"date_marks: {marks}" for marks in reversed(DateMarks))),)
        return (asked(error, tuple(f"grain: {grain}" for grain in SourceGrain)),)
    return (Question(_MONTHS, ("spread: by_day",)),) if covered.grain is SourceGrain.MONTHLY else ()


def _formats(cells: Sequence[str]) -> tuple[str, ...]:
    """Return the formats by which every cell can be read, as answers."""
    tried = [f"%d{mark}%m{mark}%{year}" for year in "Yy" for mark in "/.-"]
    tried += [f"%m{mark}%d{mark}%{year}" for year in "Yy" for mark in "/.-"]
    tried += ["%G-W%V", "%Y-W%U", "%Y-W%N", "%GW%V", "%YW%U", "%YW%N", "%G-%V", "%Y-%U"]
    tried += ["%b %d, %Y %I:%M %p", "%m/%d/%Y %H:%M"]
    table = TextTable("", ("date",), tuple(range(len(cells))), tuple((cell,) for cell in cells))
    fitting = []
    for form in tried:
        try:
            read_dates(table, 0, Reading(date_format=form), ReadingLog())
        except DataError:
            continue
        fitting.append(f'date_format: "{form}"')
    return tuple(fitting)


def look_at(table: TextTable, index: int) -> Column:
    """Say what one column holds, over rows that are no totals."""
    name = table.header[index]
    cells = table.column(index)
    filled = [cell.strip() for cell in cells if cell.strip()]
    if not filled:
        return Column(name, Holds.NOTHING)
    read = [read_cell(cell) for cell in filled]
    said = [cell for cell in read if cell.kind is not Kind.PLACEHOLDER]
    numbers = sum(cell.kind is not Kind.TEXT for cell in said)
    if numbers < 0.8 * len(said) or not said:
        counts: dict[str, int] = {}
        for cell in filled:
            counts[cell] = counts.get(cell, 0) + 1
        return Column(name, Holds.TEXT, tuple(sorted(counts, key=lambda text: (-counts[text], text))))
    signs = frozenset(cell.sign for cell in read if cell.sign is not None)
    flag = {cell.digits.replace(",", ".").rstrip("0").rstrip(".") or "0" for cell in read} <= {"0", "1"}
    return Column(name, Holds.NUMBERS, signs=signs, flag=flag)


def doubts(table: TextTable, index: int) -> list[Question]:
    """Ask what the strict reader refuses: decimal marks, placeholders, percent signs, text among numbers."""
    rules = NumberRules()
    found: list[Question] = []
    for _ in range(3):
        try:
            read_numbers(table, index, safe(table.header[index]), rules, ReadingLog())
        except DataError as error:
            if "data.placeholder" in str(error):
                found.append(asked(error, ("placeholder: zero", "placeholder: missing")))
                rules = replace(rules, placeholder=Placeholder.MISSING)
            elif "data.decimal" in str(error):
                found.append(asked(error, ('decimal: "."', 'decimal: ","')))
                rules = replace(rules, decimal=DecimalMark.POINT)
            elif "data.percent" in str(error):
                return [*found, asked(error, ("percent: fraction", "percent: points"))]
            else:
                return [*found, asked(error)]
        else:
            break
    return found
