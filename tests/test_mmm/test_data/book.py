"""A small company's weekly file, to be damaged by the tests."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from mmm.data import Panel, PanelSpec, read_panel
from mmm.findings import Finding

TODAY = date(2025, 6, 30)
FIRST = date(2024, 1, 1)
COLUMNS = ("week", "revenue", "tv_spend", "search_spend", "clicks", "news", "price")


@dataclass
class Book:
    """Header and rows of text; ``rows[0]`` stands in row 2 of the file."""

    header: list[str] = field(default_factory=lambda: list(COLUMNS))
    rows: list[list[str]] = field(default_factory=list)

    def column(self, name: str) -> int:
        return self.header.index(name)

    def cells(self, name: str) -> list[str]:
        return [row[self.column(name)] for row in self.rows]

    def put(self, at: int, name: str, text: str) -> Book:
        """Write one cell; ``at`` counts data rows from 0."""
        self.rows[at][self.column(name)] = text
        return self

    def each(self, name: str, change: Callable[[str], str]) -> Book:
        for row in self.rows:
            row[self.column(name)] = change(row[self.column(name)])
        return self

    def add(self, name: str, cells: list[str]) -> Book:
        self.header.append(name)
        for row, cell in zip(self.rows, cells, strict=True):
            row.append(cell)
        return self

    def text(self, delimiter: str = ",") -> str:
        out = io.StringIO()
        writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
        writer.writerows([self.header, *self.rows])
        return out.getvalue()


def weekly(weeks: int = 60, first: date = FIRST, step: int = 7) -> Book:
    """Make a clean file: two channels (one with clicks), a newsletter, a price."""
    rng = np.random.default_rng(5)
    book = Book()
    for t in range(weeks):
        day = first + timedelta(days=step * t)
        figures = (
            5000 + rng.normal(0, 300),
            rng.gamma(2, 120) + 1,
            rng.gamma(3, 60) + 1,
            rng.integers(200, 900),
            rng.integers(0, 40),
            9.5 + rng.normal(0, 0.4),
        )
        book.rows.append([day.isoformat(), *(f"{x:.2f}" if isinstance(x, float) else str(x) for x in figures)])
    return book


def by_geo(geos: tuple[str, ...] = ("north", "south", "west"), weeks: int = 60, step: int = 7) -> Book:
    """Make a clean file of several geos: figures of their own, a population, one national television campaign."""
    rng = np.random.default_rng(11)
    book = Book([*COLUMNS, "region", "people"])
    for t in range(weeks):
        day = FIRST + timedelta(days=step * t)
        tv = rng.gamma(2, 500) + 1
        for g, name in enumerate(geos):
            size = 1.0 + g
            figures = (
                size * (5000 + rng.normal(0, 300)),
                tv,
                size * rng.gamma(3, 60) + 1,
                rng.integers(200, 900),
                rng.integers(1, 40),
                9.5 + g + rng.normal(0, 0.4),
            )
            cells = [f"{x:.2f}" if isinstance(x, float) else str(x) for x in figures]
            book.rows.append([day.isoformat(), *cells, name, f"{100 * size:.0f}"])
    return book


def geo_spec(level: str = "national", **changes: Any) -> PanelSpec:
    """Declare the file of :func:`by_geo`, with its population."""
    data = {"geo": "region", "population": "people"} | changes.pop("data", {})
    channels = {
        "tv": {"spend": "tv_spend", "level": level},
        "search": {"spend": "search_spend", "exposure": "clicks"},
    }
    return spec(**({"channels": channels} | changes), data={key: x for key, x in data.items() if x is not None})


def document(**changes: Any) -> dict[str, Any]:
    """Return the model file as plain data; ``data`` changes are merged into the data section, others replace keys."""
    plain: dict[str, Any] = {
        "data": {"file": "weekly.csv", "date": "week", "outcome": "revenue"},
        "channels": {"tv": {"spend": "tv_spend"}, "search": {"spend": "search_spend", "exposure": "clicks"}},
        "organic": ["news"],
        "controls": ["price"],
    }
    data = plain["data"] | changes.pop("data", {})
    return plain | changes | {"data": data}


def spec(**changes: Any) -> PanelSpec:
    """Declare the file, with changes as in :func:`document`."""
    return PanelSpec.model_validate(document(**changes))


def read(folder: Path, content: Book | str | bytes, declared: PanelSpec | None = None, today: date = TODAY) -> Panel:
    """Write the file, read it, and hold the conservation law against an account of one's own."""
    declared = declared or spec()
    text = content.text() if isinstance(content, Book) else content
    (folder / declared.data.file).write_bytes(text.encode() if isinstance(text, str) else text)
    panel = read_panel(declared, folder, today=today)
    conserve(panel)
    return panel


def conserve(panel: Panel) -> None:
    """Rows in = used + listed; spend in = spend of the panel + listed."""
    ledger = panel.report.ledger
    ledger.check()
    assert ledger.rows_in == ledger.rows_used + sum(item.rows for item in ledger.excluded)
    for name, money in ledger.spend_in.items():
        used = float(panel.spend[panel.channels.index(name)].sum()) if name in panel.channels else 0.0
        out = sum(item.spend.get(name, 0.0) for item in ledger.excluded)
        assert abs(money - used - out) <= 1e-6 * max(1.0, abs(money)), name


def named(panel: Panel, name: str) -> Finding:
    """Return the finding of a name; fail with those there are."""
    found = [finding for finding in panel.report.findings if finding.name == name]
    assert found, f"no finding '{name}' among {sorted({f.name for f in panel.report.findings})}"
    return found[0]


def same(panel: Panel, clean: Panel) -> bool:
    """Say whether two panels hold the same figures."""
    return (
        np.array_equal(panel.weeks, clean.weeks)
        and panel.channels == clean.channels
        and all(
            np.allclose(getattr(panel, name), getattr(clean, name), rtol=1e-12, atol=0)
            for name in ("outcome", "spend", "exposure", "organic", "controls")
        )
    )
