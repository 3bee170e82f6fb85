"""Typed columns → one panel: sorted, regular, whole weeks, every exclusion in the ledger."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import numpy as np

from mmm.arrays import FloatArray, WeekArray
from mmm.data.calendar import Axis, Grain, grain_of, refuse_future, say_daily, week_starts
from mmm.data.checks import check_panel, refuse_impossible
from mmm.data.columns import Columns, Figures, Role
from mmm.data.grid import Grid, fill_cells, fill_gaps, overlap
from mmm.data.log import ReadingLog
from mmm.data.panel import Panel
from mmm.data.report import DataReport, Ledger
from mmm.data.rows import RowAccount, drop_duplicates, geo_codes, say_unsorted
from mmm.data.spec import PanelSpec, Weekday
from mmm.data.weekly import starts_of, to_weeks, whole_weeks
from mmm.findings import by_severity


def _place(columns: Columns, spec: PanelSpec, today: date, account: RowAccount, log: ReadingLog) -> Grid:
    """Put the rows on a regular grid of whole weeks in which outcome and media both have figures."""
    file = columns.table.file
    drop_duplicates(account, spec.data)
    geos, geo = geo_codes(columns.geo)
    say_unsorted(columns, geo, log)
    days = np.unique(columns.days[account.used])
    grain = grain_of(days, file)
    refuse_future(week_starts(days, grain, spec.data, file, ReadingLog()), days, grain, today, spec.data, file)
    grid = Grid.of(columns, Axis.over(days, grain), geos, geo, account)
    first, stop = overlap(grid, columns, spec.data)
    account.exclude(
        grid.outside(first, stop),
        "no_overlap",
        "outcome or media have no figures yet, or no longer, in these rows",
        "Nothing, or ask for the missing part.",
    )
    return whole_weeks(grid.cut(first, stop), spec.data, today, account)


def _figures(grid: Grid, columns: Columns, spec: PanelSpec, log: ReadingLog) -> tuple[WeekArray, Figures]:
    """Fill or refuse what is missing, and bring every series to weeks."""
    data, file = spec.data, columns.table.file
    weeks = starts_of(grid, data, file, log)
    if grid.axis.grain is Grain.DAILY:
        say_daily(len(grid.axis.days), data.week_start or Weekday.MONDAY, file, log)
    placed = fill_gaps(grid, columns, data, log)
    filled = [fill_cells(placed[i], series, grid, columns, data, log) for i, series in enumerate(columns.series)]
    outcome = next(filled[i] for i, series in enumerate(columns.series) if series.role is Role.OUTCOME)
    return weeks, {
        (series.role, series.name): to_weeks(filled[i], series.role, outcome, grid.axis.grain)
        for i, series in enumerate(columns.series)
    }


def _leave_out(figures: Figures, columns: Columns, log: ReadingLog) -> Figures:
    """Leave out channels and organic columns of zeros, and controls that never change; each is listed."""
    kept = dict(figures)
    file = columns.table.file
    for (role, name), values in figures.items():
        where = f"{file}, {role} of {name}" if role is Role.SPEND else f"{file}, column {name}"
        if role is Role.SPEND and not values.any():
            exposed = (Role.EXPOSURE, name) in figures and bool(figures[Role.EXPOSURE, name].any())
            do = "Remove the channel from the model file, or check the column." + (
                " It has exposure without any spend: it may belong under organic." if exposed else ""
            )
            log.exclude(where, "a channel of zeros", spend={name: 0.0})
            log.repaired("zero_channel", f"The channel '{name}' has no spend and was left out.", where=where, do=do)
            kept.pop((role, name))
            kept.pop((Role.EXPOSURE, name), None)
        elif role is Role.ORGANIC and not values.any():
            log.exclude(where, "an organic column of zeros")
            log.repaired("zero_organic", f"The organic column '{name}' is all zero and was left out.", where=where)
            kept.pop((role, name))
        elif role is Role.CONTROL and not np.ptp(values, axis=1).any():
            log.exclude(where, "a control that never changes")
            log.repaired("constant_control", f"The control '{name}' never changes and was left out.", where=where)
            kept.pop((role, name))
    return kept


def _stack(arrays: list[FloatArray], shape: tuple[int, int]) -> FloatArray:
    return np.stack(arrays) if arrays else np.zeros((0, *shape))


def _of(figures: Figures, role: Role) -> list[FloatArray]:
    return [values for (found, _), values in figures.items() if found is role]


def _names(figures: Figures, role: Role) -> tuple[str, ...]:
    return tuple(name for found, name in figures if found is role)


def _value(figures: Figures, spec: PanelSpec, shape: tuple[int, int]) -> FloatArray:
    column = _of(figures, Role.VALUE)
    if column:
        return column[0]
    number = spec.data.value_per_outcome
    return np.full(shape, float(number) if isinstance(number, (int, float)) else 1.0)


def _ledger(account: RowAccount, columns: Columns, panel_spend: dict[str, FloatArray], log: ReadingLog) -> Ledger:
    spend_in = account.spend_in()
    ledger = Ledger(
        rows_in=columns.rows_in,
        rows_used=int(account.used.sum()),
        spend_in=spend_in,
        spend_used={name: math.fsum(panel_spend[name].ravel()) if name in panel_spend else 0.0 for name in spend_in},
        excluded=tuple(log.excluded),
    )
    ledger.check({name: float(np.abs(values).sum()) for name, values in account.money.items()})
    return ledger


def assemble(columns: Columns, spec: PanelSpec, today: date, log: ReadingLog) -> Panel:
    """Make the panel.

    Parameters
    ----------
    columns : Columns
    spec : PanelSpec
    today : date
        Later dates are refused, and the week it stands in is left out.
    log : ReadingLog
        What was found while reading; the report is made from it.

    Raises
    ------
    DataError
        Duplicates, gaps, missing numbers, future dates, figures that cannot be; or an account that does not balance.
    """
    account = RowAccount(columns, log)
    grid = _place(columns, spec, today, account, log)
    weeks, every = _figures(grid, columns, spec, log)
    refuse_impossible(every, spec, columns.table.file)
    figures = _leave_out(every, columns, log)
    shape = (len(grid.geos), len(weeks))
    channels = _names(figures, Role.SPEND)
    spend = {name: figures[Role.SPEND, name] for name in channels}
    exposure_based = np.asarray([(Role.EXPOSURE, name) in figures for name in channels], dtype=bool)
    # A refund is not negative attention: the response sees no media in such a week, the money stays as it is.
    seen = [figures.get((Role.EXPOSURE, name), np.maximum(spend[name], 0.0)) for name in channels]
    population = _of(figures, Role.POPULATION)
    panel = Panel(
        weeks=weeks,
        geos=grid.geos,
        outcome=figures[Role.OUTCOME, spec.data.outcome],
        value_per_outcome=_value(figures, spec, shape),
        outcome_is_money=spec.data.outcome_is_money or spec.data.value_per_outcome is not None,
        outcome_name=spec.data.outcome,
        currency=spec.currency,
        channels=channels,
        spend=_stack(list(spend.values()), shape),
        exposure=_stack(seen, shape),
        exposure_based=exposure_based,
        organic_names=_names(figures, Role.ORGANIC),
        organic=_stack(_of(figures, Role.ORGANIC), shape),
        control_names=_names(figures, Role.CONTROL),
        controls=_stack(_of(figures, Role.CONTROL), shape),
        population=population[0].mean(axis=1) if population else np.ones(len(grid.geos)),
        report=DataReport(findings=(), ledger=_ledger(account, columns, spend, log)),
        source_hash=columns.table.source_hash,
    )
    findings = by_severity([*log.findings, *check_panel(panel, columns.table.file)])
    return replace(panel, report=DataReport(findings=findings, ledger=panel.report.ledger))
