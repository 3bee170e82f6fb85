"""Results as tidy tables: the CSV files, and what notebooks look at."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mmm.arrays import FloatArray
from simulations.digest import Digest, digest
from simulations.grids import GridResults
from simulations.periods import Period, Periods
from simulations.results import Estimate, ScenarioResults
from simulations.stacking import Stack
from simulations.tornado import SweepResults

QUANTILES = (0.05, 0.95)


def _spread(name: str, found: Estimate | None) -> dict[str, float]:
    values = found.as_dict() if found is not None else dict.fromkeys(("mean", "q05", "q95"), np.nan)
    return {f"{name}_{key}": value for key, value in values.items()}


def _spreads(name: str, draws: FloatArray | None) -> dict[str, FloatArray]:
    """Return mean and quantiles of (P, S) draws as columns; none of none."""
    if draws is None:
        return {}
    low, high = np.quantile(draws, QUANTILES, axis=1)
    return {f"{name}_mean": draws.mean(axis=1), f"{name}_q05": low, f"{name}_q95": high}


def _summed(periods: Periods, weekly: FloatArray | None) -> FloatArray | None:
    return None if weekly is None else periods.sums(weekly)


def digest_row(found: Digest) -> dict[str, object]:
    """Return a digest as a row; ``*_mean``, ``*_q05``, ``*_q95`` of each estimate."""
    return {
        "scenario": found.name,
        "what": found.says,
        "spend": found.spend,
        "spend_change": found.spend_change,
        **_spread("outcome", found.outcome),
        **_spread("in_horizon", found.in_horizon),
        **_spread("after_horizon", found.after_horizon),
        **_spread("delta", found.delta),
        "p_beats_bau": found.p_beats_bau,
        **_spread("roas", found.roas),
        **_spread("mroas", found.mroas),
        **_money(found),
    }


def _money(found: Digest) -> dict[str, object]:
    """Return revenue, profit, present value and payback, as far as they are known."""
    row: dict[str, object] = {}
    for name in ("revenue", "profit", "profit_delta", "npv"):
        estimate: Estimate | None = getattr(found, name)
        if estimate is not None:
            row |= _spread(name, estimate)
    row |= {name: p for name in ("p_more_profit", "p_more_npv") if (p := getattr(found, name)) is not None}
    if found.payback is not None:
        row |= {"payback_week": found.payback.week, "p_pays_back": found.payback.p}
    return row


#: What compares a scenario with business as usual: nothing for that itself.
RELATIVE = ("p_beats_bau", "p_more_profit", "p_more_npv", "payback_week", "p_pays_back")


def summary(results: ScenarioResults) -> pd.DataFrame:
    """Return one row a scenario, business as usual first.

    Returns
    -------
    DataFrame
        ``scenario``, ``what``, ``spend``, ``spend_change`` (money); ``outcome_*`` in the horizon with residual noise;
        ``in_horizon_*``, ``after_horizon_*`` and their sum ``delta_*`` against business as usual, paired, without
        noise; ``p_beats_bau``; ``roas_*``, ``mroas_*`` of all media; ``revenue_*`` where the outcome has a value; with
        a margin ``profit_*`` (with noise), ``profit_delta_*``, ``p_more_profit``, ``payback_week`` (median, weeks from
        the horizon's first day; infinite where half of the draws never get there) and ``p_pays_back``; with a discount
        rate ``npv_*`` of the difference and ``p_more_npv``. ``*`` is mean, q05, q95.
    """
    rows = [digest_row(digest(results, one)) for one in results.all]
    rows[0] |= {name: np.nan for name in RELATIVE if name in rows[0]}
    return pd.DataFrame(rows)


def grid_table(grid: GridResults) -> pd.DataFrame:
    """Return one row a combination: the option of each axis, then the columns of :func:`summary`, then ``p_best``.

    An axis that bears the name of another column has ' (axis)' after it.
    """
    figures = {*digest_row(grid.points[0]), "p_best"} if grid.points else set()
    names = [f"{axis.name} (axis)" if axis.name in figures else axis.name for axis in grid.axes]
    rows = [
        {name: axis.options[o] for name, axis, o in zip(names, grid.axes, at, strict=True)}
        | digest_row(found)
        | {"p_best": p}
        for at, found, p in zip(grid.at, grid.points, grid.p_best.tolist(), strict=True)
    ]
    return pd.DataFrame(rows)


def sweep_table(sweep: SweepResults) -> pd.DataFrame:
    """Return one row a point of the sweep: the value of each input, and the result over business as usual's.

    Returns
    -------
    DataFrame
        A column an input, then ``mean``, ``q05``, ``q95``: profit where it is known, else the outcome.
    """
    values = {
        f"{name} (input)" if name in ("mean", "q05", "q95") else name: sweep.points[:, i]
        for i, name in enumerate(sweep.inputs)
    }
    return pd.DataFrame(values | {"mean": sweep.means, "q05": sweep.lows, "q95": sweep.highs})


def tornado_table(sweep: SweepResults) -> pd.DataFrame:
    """Return one row an input, the widest swing first: its ends, the result there, and its sensitivity indices."""
    rows = [
        {
            "input": one.name,
            "low": one.at_low,
            "high": one.at_high,
            **_spread("at_low", one.low),
            **_spread("at_high", one.high),
            "swing": one.width,
            **{
                f"{name}_{key}": value
                for name, index in (("first_order", one.first), ("total", one.total))
                for key, value in (("index", index.value), ("q05", index.low), ("q95", index.high))
            },
        }
        for one in sweep.swings
    ]
    return pd.DataFrame(rows)


def stacked_table(stack: Stack) -> pd.DataFrame:
    """Return one row a scenario over all fits.

    Returns
    -------
    DataFrame
        ``scenario``, ``delta_*``, ``p_beats_bau``, ``from_form`` (share of the variance between the fits), and
        ``profit_delta_*``, ``p_more_profit``, ``npv_*`` as far as they are known.
    """
    rows: list[dict[str, object]] = []
    for one in stack.scenarios:
        row: dict[str, object] = {"scenario": one.scenario, **_spread("delta", one.delta)}
        row |= {"p_beats_bau": one.p_beats_bau, "from_form": one.from_form}
        if one.profit_delta is not None:
            row |= _spread("profit_delta", one.profit_delta) | {"p_more_profit": one.p_more_profit}
        rows.append(row | (_spread("npv", one.npv) if one.npv is not None else {}))
    return pd.DataFrame(rows)


def cash_table(results: ScenarioResults) -> pd.DataFrame:
    """Return one row a scenario and week, the carryover's included: profit over business as usual up to its end.

    Returns
    -------
    DataFrame
        ``scenario``, ``week`` (number, from 1), ``in_horizon``, ``mean``, ``q05``, ``q95`` (money); no row without a
        margin.
    """
    rows = [
        {"scenario": one.name, "week": t + 1, "in_horizon": t < len(results.weeks)}
        | dict(zip(("mean", "q05", "q95"), one.cash.path[:, t].tolist(), strict=True))
        for one in results.scenarios
        if one.cash is not None
        for t in range(one.cash.path.shape[1])
    ]
    return pd.DataFrame(rows, columns=["scenario", "week", "in_horizon", "mean", "q05", "q95"])


def by_period(results: ScenarioResults, kind: Period) -> pd.DataFrame:
    """Return one row a scenario and week, month or fiscal quarter; weeks are divided by days.

    Returns
    -------
    DataFrame
        ``scenario``, ``period``, ``days`` (of the horizon), ``partial``, ``spend``, ``outcome_*`` with residual noise,
        ``delta_*`` against business as usual in that period, paired, without noise; with a margin ``profit_*`` and
        ``profit_delta_*`` likewise.
    """
    periods = results.divided(kind)
    usual = periods.sums(results.bau.expected)
    rows = []
    for one in results.all:
        expected = periods.sums(one.expected)
        spend = periods.sums(one.future.spend.sum(axis=0))
        level, delta = periods.sums(results.level(one)), expected - usual
        rows.append(
            pd.DataFrame(
                {
                    "scenario": one.name,
                    "period": list(periods.labels),
                    "days": periods.days.sum(axis=1).astype(int),
                    "partial": list(periods.partial),
                    "spend": spend,
                    **_spreads("outcome", level),
                    **_spreads("delta", delta),
                    **_spreads("profit", _summed(periods, results.profit(one))),
                    **_spreads("profit_delta", _summed(periods, results.weekly_gain(one))),
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def by_channel(results: ScenarioResults) -> pd.DataFrame:
    """Return one row a scenario and channel.

    Returns
    -------
    DataFrame
        ``scenario``, ``channel``, ``spend``, ``spend_change`` against business as usual, ``incremental_*`` (outcome
        units that the horizon's spend adds, carryover included), ``roas_*``, ``mroas_*`` (NaN where nothing is spent).
    """
    usual = results.bau.spend
    rows = [
        {
            "scenario": one.name,
            "channel": channel,
            "spend": float(one.spend[c]),
            "spend_change": float(one.spend[c] - usual[c]),
            **_spread("incremental", Estimate.of(one.media[c])),
            **_spread("roas", results.roas(one, c)),
            **_spread("mroas", results.mroas(one, c)),
        }
        for one in results.all
        for c, channel in enumerate(results.channels)
    ]
    return pd.DataFrame(rows)


def weekly_spend(results: ScenarioResults) -> pd.DataFrame:
    """Return one row a scenario, week and channel: ``scenario``, ``week``, ``channel``, ``spend``."""
    weeks = results.weeks.astype("datetime64[D]").astype(str)
    return pd.DataFrame(
        [
            {"scenario": one.name, "week": str(week), "channel": channel, "spend": float(one.future.spend[c, t])}
            for one in results.all
            for t, week in enumerate(weeks)
            for c, channel in enumerate(results.channels)
        ]
    )
