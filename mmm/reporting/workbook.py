"""Workbooks that finance keeps: text stays text, totals are live formulas that carry their value, charts are native.

Four kinds of figures are told apart by their look: figures a person may overwrite (blue), live formulas (black), data
that stand for reference (grey), and results of the model, which do not follow when a spend cell is changed (shaded).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_range_abs, xl_rowcol_to_cell

from mmm.reporting.numbers import MISSING, minor_digits
from mmm.reporting.palette import ACCENT, INK, MUTED, RULE
from mmm.reporting.text import clean

__all__ = ["Book", "Kind", "Role", "Series", "Sheet", "cell", "column_name", "money_decimals", "sheet_name", "span"]

_MODEL_FILL = "#f3efe4"
_INPUT = "#0b4fa8"
_MODEL_LOOK = {"bg_color": _MODEL_FILL, "italic": True}
_FORMULA_STARTS = ("=", "+", "-", "@")
_TEXT_LIMIT = 32_000

cell = xl_rowcol_to_cell
column_name = xl_col_to_name


def span(first_row: int, first_col: int, last_row: int, last_col: int) -> str:
    """Return an absolute range such as ``$B$5:$B$17``; rows and columns count from 0."""
    return str(xl_range_abs(first_row, first_col, last_row, last_col))


class Role(StrEnum):
    """What a figure is, shown by its look."""

    INPUT = "input"
    REFERENCE = "reference"
    FORMULA = "formula"
    MODEL = "model"


class Kind(StrEnum):
    """How a figure is written."""

    MONEY = "money"
    COUNT = "count"
    NUMBER = "number"
    PERCENT = "percent"
    FINE = "fine percent"
    CHANGE = "change"
    RATIO = "ratio"
    DATE = "date"


def money_decimals(currency: str, values: Sequence[float] | np.ndarray[Any, Any]) -> int:
    """Return the decimals that money is shown with: none where all is whole, or where amounts are in the thousands.

    The cells hold the exact amounts in any case.
    """
    amounts = np.abs(np.asarray(values, dtype=float))
    amounts = amounts[amounts > 0]
    whole = bool(np.all(np.abs(amounts - np.round(amounts)) < 0.005))
    large = bool(len(amounts) and np.median(amounts) >= 1_000)
    return 0 if whole or large else minor_digits(currency)


def sheet_name(name: str, taken: Sequence[str] = ()) -> str:
    r"""Return a name that a sheet may have: at most 31 characters, none of ``[]:*?/\``, unlike those taken."""
    plain = "".join("-" if char in "[]:*?/\\" else char for char in clean(name)).strip("' ") or "Sheet"
    plain = "History_" if plain.lower() == "history" else plain
    lowered, result, turn = {other.lower() for other in taken}, plain[:31], 2
    while result.lower() in lowered:
        suffix = f" ({turn})"
        result, turn = plain[: 31 - len(suffix)] + suffix, turn + 1
    return result


@dataclass(frozen=True)
class Series:
    """One series of a native chart: where its name, categories and values stand, and its colour."""

    name: str
    categories: str
    values: str
    colour: str


class Book:
    """A workbook being written; use it as a context manager.

    Parameters
    ----------
    path : path
    title : str
        Stored as the document's title.
    currency : str
        ISO code; named in headings, never in the cells, so that they stay numbers.
    decimals : int
        Of money cells; see :func:`money_decimals`.
    """

    def __init__(self, path: str | Path, *, title: str, currency: str, decimals: int = 0) -> None:
        options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        self._book = xlsxwriter.Workbook(str(path), options)
        self._book.set_properties({"title": clean(title), "comments": "Made by Mixwise"})
        self._book.set_calc_mode("auto")
        self.currency, self.title = currency, clean(title)
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        money = "#,##0" + ("." + "0" * decimals if decimals else "")
        self._numbers = {
            Kind.MONEY: f"{money};[Red]-{money};{money}",
            Kind.COUNT: "#,##0",
            Kind.NUMBER: "#,##0.####",
            Kind.PERCENT: "0.0%",
            Kind.FINE: "0.0000%",
            Kind.CHANGE: "+0.0%;-0.0%;0.0%",
            Kind.RATIO: "0.00",
            Kind.DATE: "d mmm yyyy",
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._book.close()

    def format(self, **properties: Any) -> Any:
        """Return the xlsxwriter format with these properties, made once."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            if properties.get("indent"):
                properties = {"align": "left"} | properties
            base = {"font_name": "Calibri", "font_size": 10.5, "font_color": INK, "valign": "top"}
            self._formats[key] = self._book.add_format(base | properties)
        return self._formats[key]

    def figure_format(self, kind: Kind, role: Role, *, total: bool = False) -> Any:
        """Return the look of a figure."""
        look: dict[str, Any] = {"num_format": self._numbers[kind], "align": "right"}
        if role is Role.INPUT:
            look["font_color"] = _INPUT
        if role is Role.REFERENCE:
            look["font_color"] = MUTED
        if role is Role.MODEL:
            look |= _MODEL_LOOK
        if total:
            look |= {"bold": True, "top": 1, "top_color": INK}
        return self.format(**look)

    def sheet(self, name: str, widths: Sequence[float], *, landscape: bool = True, one_page: bool = False) -> Sheet:
        """Add a sheet with column widths in characters, ready to print on A4, one page wide (or one page in all)."""
        sheet = self._book.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.hide_gridlines(2)
        if landscape:
            sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 1 if one_page else 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        footer = self.title.replace("&", "&&")[:120]
        sheet.set_footer(f"&L&8{footer}&C&8&A&R&8&P / &N")
        return Sheet(self, sheet, name, tuple(widths))

    def add_chart(self, options: Mapping[str, Any]) -> Any:
        """Return a new native chart object."""
        return self._book.add_chart(dict(options))


class Sheet:
    """One sheet of a :class:`Book`; rows and columns count from 0."""

    def __init__(self, book: Book, sheet: Any, name: str, widths: Sequence[float]) -> None:
        self.book, self.name, self._sheet, self._widths = book, name, sheet, widths

    def ref(self, first_row: int, first_col: int, last_row: int, last_col: int) -> str:
        """Return a range of this sheet for a formula on another, or for a chart."""
        quoted = self.name.replace("'", "''")
        return f"'{quoted}'!{span(first_row, first_col, last_row, last_col)}"

    def text(self, row: int, col: int, value: str, **properties: Any) -> None:
        """Write text; whatever it starts with, it is never a formula, not even after a spreadsheet user edits it."""
        plain = clean(value)[:_TEXT_LIMIT]
        if plain.startswith(_FORMULA_STARTS):
            properties["quote_prefix"] = True
        self._sheet.write_string(row, col, plain, self.book.format(**properties))

    def number(
        self, row: int, col: int, value: float, kind: Kind, role: Role = Role.INPUT, *, total: bool = False
    ) -> None:
        """Write a figure; a missing one is written as a dash."""
        look = self.book.figure_format(kind, role, total=total)
        if math.isfinite(value):
            self._sheet.write_number(row, col, float(value), look)
        else:
            self._sheet.write_string(row, col, MISSING, look)

    def day(self, row: int, col: int, value: np.datetime64 | date) -> None:
        """Write a date as a date."""
        day = value if isinstance(value, date) else date.fromisoformat(str(value.astype("datetime64[D]")))
        self._sheet.write_datetime(row, col, day, self.book.format(num_format="d mmm yyyy", align="left"))

    def formula(self, row: int, col: int, formula: str, value: float | str, kind: Kind, *, total: bool = False) -> None:
        """Write a live formula with its present value, which readers that do not calculate will show."""
        look = self.book.figure_format(kind, Role.FORMULA, total=total)
        shown = value if isinstance(value, str) or math.isfinite(value) else ""
        self._sheet.write_formula(row, col, formula, look, shown)

    def heading(self, title: str, lead: str = "") -> None:
        """Write the sheet's title in row 0 and a sentence in row 1."""
        self.text(0, 0, title, bold=True, font_size=15)
        self._sheet.set_row(0, 24)
        if lead:
            self.text(1, 0, lead, font_color=MUTED)

    def header(self, row: int, labels: Sequence[str], *, left: int = 1, height: float = 30) -> None:
        """Write column headings; the first ``left`` stand left, the rest over their figures at the right."""
        self._sheet.set_row(row, height)
        for col, label in enumerate(labels):
            side = "left" if col < left else "right"
            self.text(row, col, label, bold=True, text_wrap=True, align=side, valign="bottom", bottom=1, font_color=INK)

    def paragraph(self, row: int, col: int, last_col: int, value: str, *, lines: int = 1, **properties: Any) -> None:
        """Write wrapped text over several columns, in a row high enough for it."""
        look = self.book.format(text_wrap=True, **properties)
        self._sheet.merge_range(row, col, row, last_col, "", look)
        self._sheet.write_string(row, col, clean(value)[:_TEXT_LIMIT], look)
        self._sheet.set_row(row, 15.5 * lines)

    def words(self, row: int, cells: Mapping[int, str], *, first: int = 0) -> None:
        """Write wrapped texts by column, in a row high enough for the longest of them."""
        lines = 1
        for col, value in cells.items():
            self.text(row, col, value, text_wrap=True, indent=0 if col == first else 1)
            lines = max(lines, math.ceil(1.12 * len(value) / max(self._widths[col] - 2, 1)))
        self._sheet.set_row(row, 15.5 * lines)

    def legend(self, row: int, col: int = 0) -> None:
        """Explain the looks, in four rows."""
        looks: tuple[tuple[str, str, dict[str, Any]], ...] = (
            ("Blue", "may be overwritten", {"font_color": _INPUT}),
            ("Black", "live formulas: they follow when a blue figure is changed", {}),
            ("Grey", "data, for reference", {"font_color": MUTED}),
            ("Shaded", "results of the model: they do NOT recalculate when spend is changed here", _MODEL_LOOK),
        )
        for step, (name, says, look) in enumerate(looks):
            self.text(row + step, col, name, **look)
            self.text(row + step, col + 1, says, indent=1)

    def freeze(self, row: int, col: int) -> None:
        """Keep the rows above and the columns left in view, and repeat the header row on every printed page."""
        self._sheet.freeze_panes(row, col)
        if row:
            self._sheet.repeat_rows(row - 1)

    def column_chart(
        self,
        at: str,
        series: Sequence[Series],
        *,
        title: str,
        unit: str,
        stacked: bool = False,
        horizontal: bool = False,
        weeks: bool = False,
        size: tuple[int, int] = (760, 340),
    ) -> None:
        """Place a native chart of columns (or bars) whose data are cells; ``weeks``: the categories are dates."""
        options = {"type": "bar" if horizontal else "column"}
        chart = self.book.add_chart(options | ({"subtype": "stacked"} if stacked else {}))
        for one in series:
            chart.add_series(
                {
                    "name": one.name,
                    "categories": f"={one.categories}",
                    "values": f"={one.values}",
                    "fill": {"color": one.colour},
                    "border": {"none": True},
                    "gap": 50,
                    **({} if stacked else {"overlap": -5}),
                }
            )
        small = {"size": 9, "color": MUTED}
        values = {"name": unit, "name_font": small | {"bold": False}, "num_font": small, "num_format": "#,##0"}
        values |= {"major_gridlines": {"visible": True, "line": {"color": RULE}}, "line": {"none": True}}
        # Names stand at the edge, so that negative columns do not cover them.
        names = {"num_font": small, "line": {"color": RULE}, "label_position": "low"}
        names |= {"major_gridlines": {"visible": False}}
        if weeks:
            names |= {"text_axis": True, "num_format": "d mmm", "num_font": small | {"rotation": -45}}
        if horizontal:
            # The first channel on top, the money axis at the foot.
            names |= {"reverse": True, "crossing": "max"}
        chart.set_x_axis(values if horizontal else names)
        chart.set_y_axis(names if horizontal else values)
        chart.set_title({"name": title, "name_font": {"size": 11, "bold": True, "color": ACCENT}, "overlay": False})
        chart.set_legend({"position": "bottom", "font": small})
        chart.set_size({"width": size[0], "height": size[1]})
        chart.set_chartarea({"border": {"none": True}})
        self._sheet.insert_chart(at, chart)
