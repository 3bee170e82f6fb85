"""Cells that are shown → facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pyarrow as pa

from mmm.arrays import IntArray
from mmm.data.events.account import Money
from mmm.data.events.measures import Family, Measures
from mmm.data.events.periods import Periods
from mmm.data.events.spec import OTHER
from mmm.data.events.suppress import Decision
from mmm.data.events.tally import MERGED, TOTAL, Tally, Why
from mmm.data.log import ReadingLog, counted, listed
from mmm.data.privacy import safe
from mmm.data.sources.facts import SCHEMA


@dataclass(frozen=True)
class Codes:
    """Names behind the codes of channels and geos.

    Attributes
    ----------
    channels : tuple of str
    geos : tuple of str or None
        One None where the log has no geos.
    taken, geos_taken : Mapping
        Name as the log writes it → the name that it counts under.
    """

    channels: tuple[str, ...]
    geos: tuple[str | None, ...]
    taken: Mapping[str, str] = field(default_factory=dict)
    geos_taken: Mapping[str, str] = field(default_factory=dict)

    @property
    def other(self) -> str:
        """Name of merged channels, which no channel may have."""
        return OTHER

    def channel(self, code: int) -> str | None:
        """Return the label of a channel's code."""
        if code == TOTAL:
            return None
        return self.other if code == MERGED else self.channels[code]

    def tell_taken(self, where: str, log: ReadingLog) -> None:
        """List names that count under another name."""
        for noun, names in (("channel or campaign", self.taken), ("geo", self.geos_taken)):
            other = [f"'{safe(raw)}' as '{safe(name)}'" for raw, name in sorted(names.items()) if raw != name]
            if other:
                log.repaired(
                    "events_names",
                    f"{counted(len(other), 'name')} of a {noun} {'was' if len(other) == 1 else 'were'} taken as "
                    f"another before people were counted: {listed(other, 5)}.",
                    where=where,
                    do="Nothing, if that is what was meant.",
                )


@dataclass(frozen=True)
class Cell:
    """One cell that is shown: its period, channel and geo (codes), rows, and a figure for each measure of a family."""

    period: date
    channel: int
    geo: int
    rows: int
    figures: tuple[tuple[int, float], ...]


def shown_cells(tally: Tally, families: Sequence[tuple[Family, Decision]], every: Sequence[date]) -> Iterator[Cell]:
    """Yield every cell that is shown: alone, merged, and nil where nothing happened.

    Parameters
    ----------
    tally : Tally
    families : sequence of (Family, Decision)
    every : sequence of date
        All periods.
    """
    for family, decision in families:
        rows = tally.rows_of(family)
        for i in decision.shown.tolist():
            yield _cell(tally, i, int(tally.channel[i]), rows, family)
        for one in decision.merged:
            first = int(one.cells[0])
            period, geo = _period(tally, first), int(tally.geo[first])
            figures = _figures(one.tally, one.row, family)
            yield Cell(period, MERGED, geo, int(one.tally.rows_of(family)[one.row]), figures)
        yield from _nil(tally, family, decision, rows, every)


def _cell(tally: Tally, i: int, channel: int, rows: IntArray, family: Family) -> Cell:
    return Cell(_period(tally, i), channel, int(tally.geo[i]), int(rows[i]), _figures(tally, i, family))


def _period(tally: Tally, i: int) -> date:
    return date.fromisoformat(str(tally.period[i]))


def _figures(tally: Tally, i: int, family: Family) -> tuple[tuple[int, float], ...]:
    return tuple((j, float(tally.values[i, j])) for j in family.measures)


def _nil(tally: Tally, family: Family, decision: Decision, rows: IntArray, every: Sequence[date]) -> Iterator[Cell]:
    """Yield nil for periods in which a channel and geo that are shown elsewhere had no event at all.

    A log holds every event, so none is nil and not missing; a cell that is left out stays missing.
    """
    known = {(int(tally.channel[i]), int(tally.geo[i])) for i in decision.shown}
    some = np.flatnonzero((tally.why == Why.COUNTED) & (rows > 0))
    there = {(_period(tally, i), int(tally.channel[i]), int(tally.geo[i])) for i in some.tolist()}
    for channel, geo in sorted(known):
        for period in every:
            if (period, channel, geo) not in there:
                yield Cell(period, channel, geo, 0, tuple((j, 0.0) for j in family.measures))


def facts_table(
    cells: Sequence[Cell], measures: Measures, money: Money, codes: Codes, periods: Periods, units: Sequence[float]
) -> pa.Table:
    """Write cells as facts; a cell's number stands for the rows of the log, which are nobody's business.

    Parameters
    ----------
    cells : sequence of Cell
    measures : Measures
    money : Money
    codes : Codes
    periods : Periods
    units : sequence of float
        What each measure's figure is multiplied with.
    """
    is_money = {j for j, _ in money.measures}
    columns: dict[str, list[object]] = {field.name: [] for field in SCHEMA}
    for number, cell in enumerate(cells, start=1):
        for j, value in cell.figures:
            line = (
                0,
                number,
                number,
                cell.rows,
                cell.period,
                periods.last(cell.period),
                codes.geos[cell.geo],
                codes.channel(cell.channel),
                measures.measures[j].name,
                money.currency if j in is_money else None,
                value * units[j],
            )
            for name, part in zip(columns, line, strict=True):
                columns[name].append(part)
    return pa.table(columns, schema=SCHEMA)


def tell_shown(cells: Sequence[Cell], rows: int, codes: Codes, minimum: int, where: str, log: ReadingLog) -> None:
    """Say what became of a log: how many rows stand in how many figures, and what was merged."""
    merged = [cell for cell in cells if cell.channel == MERGED]
    shown = [cell for cell in cells if cell.rows]
    more = f" {counted(len(merged), 'of them')} gather channels of too few people as '{codes.other}'." if merged else ""
    more = more.replace("of thems", "of them")
    log.repaired(
        "events_counted",
        f"{counted(rows, 'row')} of single events were counted in {counted(len(shown), 'cell')} of at least {minimum} "
        f"people each.{more}",
        where=where,
        do="Nothing: no person's id left the log.",
    )
    if merged:
        log.warned(
            "events_merged",
            f"Channels with fewer than {minimum} people stand in '{codes.other}' in {counted(len(merged), 'cell')}; "
            "in those periods their own figures are missing, not nil.",
            where=where,
            means="A channel that is missing in many weeks teaches the model little.",
            do="Gather small channels (join.channels, join.campaigns), or leave out the geo.",
        )
