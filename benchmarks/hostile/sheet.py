"""A weekly table whose figures are known, while it is being damaged: what it says, and how it is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

FILE = "weekly.csv"
FIRST = date(2024, 1, 1)
#: Column → its role in the model file.
MONEY = ("revenue", "tv_spend", "search_spend")
FIGURES = (*MONEY, "clicks", "news", "price")
WEEK = "week"


@dataclass
class Line:
    """One record: its day, its figures, and cells that were overwritten with other text.

    Attributes
    ----------
    day : date
    figures : dict
        Column → number.
    put : dict
        Column → text written instead.
    """

    day: date
    figures: dict[str, float]
    put: dict[str, str] = field(default_factory=dict)

    def copy(self) -> Line:
        return Line(self.day, dict(self.figures), dict(self.put))


@dataclass(frozen=True)
class Odd:
    """A cell that asks for something, as long as no later damage writes another over it.

    Attributes
    ----------
    line : Line
    name : str
        Column.
    text : str
    why : str
    key : str or None
        Of ``data``, which makes it readable once declared.
    """

    line: Line
    name: str
    text: str
    why: str
    key: str | None = None

    @property
    def stands(self) -> bool:
        return self.line.put.get(self.name) == self.text


@dataclass
class Sheet:
    """The table, how each column is written, and what a reader must make of it.

    Attributes
    ----------
    lines : list of Line
    order : list of str
        Columns from left to right; those that no reader needs among them.
    names : dict
        Column → its header, where that differs.
    write : dict
        Column → figure (of the week: day) → text.
    delimiter : str
    model : dict
        Sections of the model file, merged into the plain one.
    refuse : list of str
        Why this may not be read at all.
    odd : list of Odd
        Cells for which it may not be read, or must be declared, if they still stand there once all is done.
    twice : set of str
        Columns written twice: where damage spoils one of the two headers, nobody knows which is meant.
    unknown : set of date
        Days of which nothing can be said.
    shift : int
        Days from the date in the file to the first day of its week.
    above : list of str
        Lines over the header.
    below : list of list of str
        Records under the table.
    texts, bytes_ : list
        Changes of the whole text; then of its bytes.
    encoding, newline : str
    done : list of str
        What was done, in words.
    torn : int
        Weeks whose figures damaged bytes may have changed; with any, the number of records is not known either.
    mark : str
        Before the decimals of money.
    dated : str
        What the model file calls the column of dates.
    formats : dict
        Column → number format of its cells in a workbook.
    hidden : set of int
        Lines that a workbook does not show.
    shown : dict
        What must be declared, once all is done: key of ``data`` → why.
    """

    lines: list[Line]
    order: list[str]
    names: dict[str, str] = field(default_factory=dict)
    write: dict[str, Callable[[Any], str]] = field(default_factory=dict)
    delimiter: str = ","
    model: dict[str, Any] = field(default_factory=dict)
    refuse: list[str] = field(default_factory=list)
    odd: list[Odd] = field(default_factory=list)
    twice: set[str] = field(default_factory=set)
    unknown: set[date] = field(default_factory=set)
    shift: int = 0
    above: list[str] = field(default_factory=list)
    below: list[list[str]] = field(default_factory=list)
    texts: list[Callable[[str], str]] = field(default_factory=list)
    bytes_: list[Callable[[bytes], bytes]] = field(default_factory=list)
    encoding: str = "utf-8"
    newline: str = "\n"
    done: list[str] = field(default_factory=list)
    torn: int = 0
    mark: str = "."
    dated: str = WEEK
    formats: dict[str, str] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    shown: dict[str, str] = field(default_factory=dict)

    def declare(self, **data: Any) -> None:
        """Write keys of ``data`` into the model file."""
        self.model.setdefault("data", {}).update(data)

    def put(self, line: Line, name: str, text: str, why: str, key: str | None = None) -> None:
        """Write another text into a cell, and say what that asks for."""
        line.put[name] = text
        self.odd.append(Odd(line, name, text, why, key))

    def finish(self) -> None:
        """Say what must be refused, now that all is done."""
        declared = self.model.get("data", {})
        self.refuse += [odd.why for odd in self.odd if odd.stands and odd.key not in declared]
        self.refuse += [why for key, why in self.shown.items() if key not in declared]
        days = [line.day for line in self.lines]
        rows = {(line.day, *line.figures.values()) for line in self.lines}
        if len(rows) > len(set(days)):
            self.refuse.append("one date has two rows that differ")

    def cell(self, line: Line, column: str) -> str:
        if column in line.put:
            return line.put[column]
        value: Any = line.day if column == WEEK else line.figures.get(column, column)
        write = self.write.get(column, plain)
        return write(value)

    def quoted(self, cells: list[str]) -> str:
        bad = (self.delimiter, '"', "\n", "\r")
        return self.delimiter.join(
            '"' + cell.replace('"', '""') + '"' if any(mark in cell for mark in bad) else cell for cell in cells
        )

    def render(self) -> bytes:
        """Write the file."""
        rows = [*self.above, self.quoted([self.names.get(name, name) for name in self.order])]
        rows += [self.quoted([self.cell(line, name) for name in self.order]) for line in self.lines]
        rows += [self.quoted(cells) for cells in self.below]
        text = self.newline.join(rows) + self.newline
        for change in self.texts:
            text = change(text)
        try:
            content = text.encode(self.encoding)
        except UnicodeEncodeError:
            content = text.encode("utf-8")
        for damage in self.bytes_:
            content = damage(content)
        return content


def plain(value: Any) -> str:
    """Write a figure or a day as any program would."""
    if isinstance(value, float):
        return f"{value:.2f}" if value != int(value) else str(int(value))
    return str(value)


def money(value: Any) -> str:
    """Write a figure with two decimals."""
    return f"{value:.2f}"


def clean(random: Random, weeks: int = 30) -> Sheet:
    """Return an undamaged table; its figures depend on ``random``."""
    lines = []
    for t in range(weeks):
        figures = {
            "revenue": round(random.uniform(3000, 9000), 2),
            "tv_spend": round(random.uniform(20, 900), 2),
            "search_spend": round(random.uniform(20, 500), 2),
            "clicks": float(random.randint(200, 900)),
            "news": float(random.randint(1, 40)),
            "price": round(random.uniform(5, 15), 2),
        }
        lines.append(Line(FIRST + timedelta(weeks=t), figures))
    # A figure with decimals shows the mark of its column.
    for name in (*MONEY, "price"):
        lines[0].figures[name] = round(int(lines[0].figures[name]) + 0.25, 2)
    sheet = Sheet(lines, [WEEK, *FIGURES])
    sheet.write = dict.fromkeys((*MONEY, "price"), money)
    return sheet
