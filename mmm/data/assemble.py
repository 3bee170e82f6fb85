"""Typed columns → one panel: sorted, regular, whole weeks, every exclusion in the ledger."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from mmm.arrays import BoolArray, FloatArray, WeekArray
from mmm.data.calendar import Axis, Grain, grain_of, refuse_future, say_daily, week_starts
from mmm.data.checks import check_panel, refuse_impossible
from mmm.data.closed import with_closed_ends
from mmm.data.columns import Columns, Figures, Role
from mmm.data.coverage import drop_empty_rows, settle_coverage
from mmm.data.grid import Grid, fill_cells, fill_gaps, overlap
from mmm.data.log import ReadingLog
from mmm.data.national import NationalSplit, split_national
from mmm.data.owned import price_owned
from mmm.data.panel import Panel
from mmm.data.report import DataReport, Ledger
from mmm.data.rows import RowAccount, drop_duplicates, drop_totals, geo_codes, say_unsorted
from mmm.data.spec import PanelSpec, Weekday
from mmm.data.unobserved import fill_national, fill_unobserved
from mmm.data.watch_owned import owned_findings
from mmm.data.weekly import starts_of, to_weeks, whole_weeks
from mmm.findings import by_severity


def _place(
    columns: Columns, spec: PanelSpec, today: date, account: RowAccount, log: ReadingLog
) -> tuple[Grid, BoolArray]:
    """Put the rows on a regular grid of whole weeks in which outcome and media both have figures; say what is known.

    The second array, (G, D), is False for dates of geo-weeks that have no row.
    """
    file = columns.table.file
    geos, geo = geo_codes(columns.geo)
    if spec.data.file is not None:  # sources are looked through one by one
        drop_totals(account, spec)
    places = np.isin(np.arange(len(geos)), geo[account.used])  # a total of all geos is none
    drop_duplicates(account, spec.data)
    drop_empty_rows(account, spec.data)
    say_unsorted(columns, geo, log)
    days = np.unique(columns.days[account.used])
    grain = grain_of(days, file)
    refuse_future(week_starts(days, grain, spec.data, file, ReadingLog()), days, grain, today, spec.data, file)
    axis = Axis.over(with_closed_ends(days) if grain is Grain.DAILY else days, grain)
    grid = Grid.of(columns, axis, geos, geo, account).of_geos(places)
    first, stop = grid.with_closed(*overlap(grid, columns, spec.data))
    account.exclude(
        grid.outside(first, stop),
        "no_overlap",
        "outcome or media have no figures yet, or no longer, in these rows",
        "Nothing, or ask for the missing part.",
    )
    return settle_coverage(whole_weeks(grid.cut(first, stop), spec.data, today, account), spec.data, account, log)


@dataclass(frozen=True, eq=False)
class _Weekly:
    """Every series by week, filled.

    Attributes
    ----------
    weeks : (T,)
    observed : (G, T)
    figures : mapping to (G, T)
    seen : mapping
        Paid channel → (G, T) what the response sees: exposures, or the spend itself.
    """

    weeks: WeekArray
    observed: BoolArray
    figures: Figures
    seen: dict[str, FloatArray]


def _by_week(
    grid: Grid, present: BoolArray, columns: Columns, spec: PanelSpec, split: NationalSplit, log: ReadingLog
) -> _Weekly:
    """Fill or refuse what is missing, and bring every series to weeks."""
    data, file, grain = spec.data, columns.table.file, grid.axis.grain
    weeks = starts_of(grid, data, file, log)
    if grain is Grain.DAILY:
        say_daily(len(grid.axis.days), data.week_start or Weekday.MONDAY, file, log)
    observed = present[:, :: 7 if grain is Grain.DAILY else 1]
    placed = fill_gaps(grid, present, columns, log)
    filled = [fill_cells(placed[i], series, grid, columns, data, log) for i, series in enumerate(columns.series)]
    outcome = next(filled[i] for i, series in enumerate(columns.series) if series.role is Role.OUTCOME)
    share = np.asarray([split.shares.get(name, 0.0) for name in grid.geos])
    figures: Figures = {}
    seen: dict[str, FloatArray] = {}
    for series, values in zip(columns.series, filled, strict=True):
        known = to_weeks(values, series.role, outcome, grain)
        figures[series.role, series.name] = fill_unobserved(known, observed, series.role)
        if series.role in (Role.SPEND, Role.EXPOSURE):
            # A refund is not negative attention: the response sees no media in such a week, the money stays as it is.
            shown = np.maximum(known, 0.0) if series.role is Role.SPEND else known
            national = series.name in split.channels
            seen[series.name] = (
                fill_national(shown, observed, share) if national else fill_unobserved(shown, observed, Role.EXPOSURE)
            )
            if series.role is Role.EXPOSURE:
                figures[series.role, series.name] = seen[series.name]
    return _Weekly(weeks, observed, figures, seen)


def _leave_out(weekly: _Weekly, columns: Columns, log: ReadingLog) -> Figures:
    """Leave out channels and organic columns of zeros, and controls that never change; each is listed."""
    kept = dict(weekly.figures)
    file = columns.table.file
    for (role, name), values in weekly.figures.items():
        where = f"{file}, {role} of {name}" if role is Role.SPEND else f"{file}, column {name}"
        if role is Role.SPEND and not values.any():
            exposed = (Role.EXPOSURE, name) in kept and bool(kept[Role.EXPOSURE, name].any())
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
            within = " within any geo" if np.ptp(values) else ""
            log.exclude(where, "a control that never changes")
            log.repaired(
                "constant_control", f"The control '{name}' never changes{within} and was left out.", where=where
            )
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
    columns, split = split_national(price_owned(columns, spec, log), spec, log)
    account = RowAccount(columns, log, split.unrowed)
    file = columns.table.file
    grid, present = _place(columns, spec, today, account, log)
    weekly = _by_week(grid, present, columns, spec, split, log)
    refuse_impossible(weekly.figures, weekly.observed, grid.geos, spec, file)
    figures = _leave_out(weekly, columns, log)
    shape = (len(grid.geos), len(weekly.weeks))
    channels = _names(figures, Role.SPEND)
    spend = {name: figures[Role.SPEND, name] for name in channels}
    population = _of(figures, Role.POPULATION)
    panel = Panel(
        weeks=weekly.weeks,
        geos=grid.geos,
        outcome=figures[Role.OUTCOME, spec.data.outcome],
        value_per_outcome=_value(figures, spec, shape),
        outcome_is_money=spec.data.outcome_is_money or spec.data.value_per_outcome is not None,
        outcome_name=spec.data.outcome,
        currency=spec.currency,
        channels=channels,
        spend=_stack(list(spend.values()), shape),
        exposure=_stack([weekly.seen[name] for name in channels], shape),
        exposure_based=np.asarray([(Role.EXPOSURE, name) in figures for name in channels], dtype=bool),
        organic_names=_names(figures, Role.ORGANIC),
        organic=_stack(_of(figures, Role.ORGANIC), shape),
        control_names=_names(figures, Role.CONTROL),
        controls=_stack(_of(figures, Role.CONTROL), shape),
        population=population[0].mean(axis=1) if population else np.ones(len(grid.geos)),
        report=DataReport(findings=(), ledger=_ledger(account, columns, spend, log)),
        source_hash=columns.table.source_hash,
        observed=weekly.observed,
        national_channels=tuple(name for name in channels if name in split.channels),
    )
    owned = {name for name, channel in spec.channels.items() if channel.is_owned}
    findings = by_severity(
        [*log.findings, *check_panel(panel, file, spec.holidays), *owned_findings(panel, owned, file)]
    )
    return replace(panel, report=DataReport(findings=findings, ledger=panel.report.ledger))
