"""Facts made by hand, and a small company of a wide and a long source."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from mmm.data import PanelSpec
from mmm.data.joining.joined import Room
from mmm.data.joining.room import make_room
from mmm.data.log import ReadingLog
from mmm.data.sources.facts import SCHEMA, Facts, SourceFile
from mmm.findings import Finding

FIRST = date(2024, 1, 1)  # a Monday
TODAY = date(2025, 12, 31)
WEEKS = 26


@dataclass(frozen=True)
class Row:
    """One row of a file: figures by metric, for the days from ``first`` on."""

    first: date
    figures: Mapping[str, float | None]
    days: int = 1
    geo: str | None = None
    label: str | None = None
    file: str = "a.csv"
    currency: Mapping[str, str] | str | None = None
    rows: int = 1


def facts(source: str, rows: Sequence[Row], money: Iterable[str] = ("spend",), currency: str = "EUR") -> Facts:
    """Make the facts of one source: a line a figure, rows counted from 2 in each file."""
    names = list(dict.fromkeys(row.file for row in rows))
    next_row = dict.fromkeys(names, 2)
    lines: dict[str, list[Any]] = {name: [] for name in SCHEMA.names}
    money_in: dict[tuple[str, str], float] = {}
    for row in rows:
        place = next_row[row.file]
        next_row[row.file] += row.rows
        for metric, value in row.figures.items():
            code = (row.currency or currency) if metric in set(money) else None
            values = (
                names.index(row.file), place, place + row.rows - 1, row.rows, row.first,
                row.first + timedelta(days=row.days - 1), row.geo, row.label, metric, code, value,
            )  # fmt: skip
            for name, cell in zip(SCHEMA.names, values, strict=True):
                lines[name].append(cell)
            if code:
                money_in[metric, code] = money_in.get((metric, code), 0.0) + (value or 0.0)
    counts = {name: sum(row.rows for row in rows if row.file == name) for name in names}
    files = tuple(
        SourceFile(name, hashlib.sha256(name.encode()).hexdigest(), counts[name], counts[name]) for name in names
    )
    return Facts(source, files, pa.table(lines, schema=SCHEMA), money_in)


def weekly(figures: Mapping[str, Any], weeks: int = WEEKS, first: date = FIRST, **more: Any) -> list[Row]:
    """Make a row a week; figures are numbers or functions of the week's number."""
    return [
        Row(first + timedelta(weeks=t), {k: v(t) if callable(v) else v for k, v in figures.items()}, days=7, **more)
        for t in range(weeks)
    ]


def daily(figures: Mapping[str, Any], days: int = 7 * WEEKS, first: date = FIRST, **more: Any) -> list[Row]:
    """Make a row a day."""
    return [
        Row(first + timedelta(days=t), {k: v(t) if callable(v) else v for k, v in figures.items()}, **more)
        for t in range(days)
    ]


def spec(**changes: Any) -> PanelSpec:
    """Declare a wide till and a long source of advertisements; ``data`` and ``sources`` changes are merged."""
    data = {"outcome": "revenue"} | changes.pop("data", {})
    sources = {
        "till": {"file": "till.csv", "date": "day"},
        "ads": {"file": "ads.csv", "date": "day", "channel": "campaign"},
    } | changes.pop("sources", {})
    plain: dict[str, Any] = {
        "channels": {"search": {"spend": "search_spend"}, "social": {"spend": "social_spend"}},
        "currency": "EUR",
    }
    return PanelSpec.model_validate(plain | changes | {"data": data, "sources": sources})


def revenue(t: int) -> float:
    """Return an outcome that varies."""
    return 1000.0 + 37.0 * (t % 5) + t


def till(**more: Any) -> Facts:
    """Make the outcome by week."""
    return facts("till", weekly({"revenue": revenue}, **more), money=("revenue",))


def ads_rows(weeks: int = WEEKS, first: date = FIRST, **more: Any) -> list[Row]:
    """Make two channels by week."""
    search = weekly({"spend": lambda t: 10.0 + t % 7}, weeks, first, label="search", **more)
    social = weekly({"spend": lambda t: 5.0 + t % 3}, weeks, first, label="social", **more)
    return [*search, *social]


def till_days(days: int = 7 * WEEKS, first: date = FIRST) -> Facts:
    """Make the outcome by day."""
    return facts("till", daily({"revenue": revenue}, days, first), money=("revenue",))


def ads_days(search: Any, social: Any, days: int = 7 * WEEKS, first: date = FIRST) -> list[Row]:
    """Make two channels by day; spend is a number or a function of the day's number."""
    return [
        *daily({"spend": search}, days, first, label="search"),
        *daily({"spend": social}, days, first, label="social"),
    ]


def geo_till(people: Mapping[str, float]) -> Facts:
    """Make the outcome by week of geos, with their people."""
    rows = [row for geo, many in people.items() for row in weekly({"revenue": revenue, "people": many}, geo=geo)]
    return facts("till", rows, money=("revenue",))


def geo_ads(geos: Iterable[str]) -> list[Row]:
    """Make two channels by week in each geo."""
    return [row for geo in geos for row in ads_rows(geo=geo)]


def by_geo(**data: Any) -> dict[str, Any]:
    """Declare a panel by geo, with people."""
    return {"geo": "geo", "population": "people"} | data


def spread_by_day(**changes: Any) -> PanelSpec:
    """Declare that longer figures of the advertisements are divided by days."""
    return spec(sources={"ads": {"file": "ads.csv", "channel": "campaign", "spread": "by_day"}}, **changes)


def room(
    folder: Path, given: Sequence[Facts], declared: PanelSpec | None = None, log: ReadingLog | None = None,
    today: date = TODAY,
) -> Room:  # fmt: skip
    """Join facts and make the panel."""
    return make_room(given, declared or spec(), folder, today, log or ReadingLog())


def named(findings: Iterable[Finding], name: str) -> Finding:
    """Return the first finding of a name; fail with those there are."""
    every = list(findings)
    found = [finding for finding in every if finding.name == name]
    assert found, f"no finding '{name}' among {sorted({f.name for f in every})}"
    return found[0]


def conserve(made: Room) -> None:
    """Rows and money: in = used + listed, by source and in all; cells add up to the panel."""
    ledger, panel, joined = made.panel.report.ledger, made.panel, made.joined
    ledger.check()
    assert ledger.rows_in == ledger.rows_used + sum(item.rows for item in ledger.excluded)
    for account in joined.sources:
        for key, money in account.money_in.items():
            assert abs(money - account.money_used[key] - account.money_excluded[key]) <= 1e-9 * max(1.0, abs(money))
    frame = joined.cells.to_pandas()
    for c, name in enumerate(panel.channels):
        column = next(s.column for s in joined.columns.series if s.name == name and s.role == "spend")
        parts = frame[frame.series == column].groupby(["geo", "week"])["value"].sum()
        for g, geo in enumerate(panel.geos):
            for t, week in enumerate(panel.weeks):
                cell = parts.get((geo, week.item()), 0.0)
                assert abs(cell - panel.spend[c, g, t]) <= 1e-9 * max(1.0, abs(cell)), (name, geo, week)
