"""Results as tidy tables: the CSV files, and what notebooks look at."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mmm.response.probability import p_positive
from simulations.periods import Period
from simulations.results import Estimate, ScenarioResults

QUANTILES = (0.05, 0.95)


def _spread(name: str, found: Estimate | None) -> dict[str, float]:
    values = found.as_dict() if found is not None else dict.fromkeys(("mean", "q05", "q95"), np.nan)
    return {f"{name}_{key}": value for key, value in values.items()}


def summary(results: ScenarioResults) -> pd.DataFrame:
    """Return one row a scenario, business as usual first.

    Returns
    -------
    DataFrame
        ``scenario``, ``what``, ``spend``, ``spend_change`` (money); ``outcome_*`` in the horizon with residual noise;
        ``in_horizon_*``, ``after_horizon_*`` and their sum ``delta_*`` against business as usual, paired, without
        noise; ``p_beats_bau``; ``roas_*``, ``mroas_*`` of all media; with a margin ``profit_delta_*`` and
        ``p_more_profit``. ``*`` is mean, q05, q95.
    """
    rows = []
    for one in results.all:
        row: dict[str, object] = {
            "scenario": one.name,
            "what": one.says,
            "spend": float(one.spend.sum()),
            "spend_change": results.spend_change(one),
            **_spread("outcome", results.outcome(one)),
            **_spread("in_horizon", Estimate.of(results.in_horizon(one))),
            **_spread("after_horizon", Estimate.of(results.after_horizon(one))),
            **_spread("delta", Estimate.of(results.delta(one))),
            "p_beats_bau": p_positive(results.delta(one)) if one is not results.bau else np.nan,
            **_spread("roas", results.roas(one)),
            **_spread("mroas", results.mroas(one)),
        }
        profit = results.profit_delta(one)
        if profit is not None:
            row |= _spread("profit_delta", Estimate.of(profit))
            row["p_more_profit"] = p_positive(profit) if one is not results.bau else np.nan
        rows.append(row)
    return pd.DataFrame(rows)


def by_period(results: ScenarioResults, kind: Period) -> pd.DataFrame:
    """Return one row a scenario and week, month or fiscal quarter; weeks are divided by days.

    Returns
    -------
    DataFrame
        ``scenario``, ``period``, ``days`` (of the horizon), ``partial``, ``spend``, ``outcome_*`` with residual noise,
        ``delta_*`` against business as usual in that period, paired, without noise.
    """
    periods = results.divided(kind)
    noise = periods.sums(results.noise)
    usual = periods.sums(results.bau.expected)
    rows = []
    for one in results.all:
        expected = periods.sums(one.expected)
        spend = periods.sums(one.future.spend.sum(axis=0))
        level, delta = expected + noise, expected - usual
        low, high = np.quantile(level, QUANTILES, axis=1)
        delta_low, delta_high = np.quantile(delta, QUANTILES, axis=1)
        rows.append(
            pd.DataFrame(
                {
                    "scenario": one.name,
                    "period": list(periods.labels),
                    "days": periods.days.sum(axis=1).astype(int),
                    "partial": list(periods.partial),
                    "spend": spend,
                    "outcome_mean": level.mean(axis=1),
                    "outcome_q05": low,
                    "outcome_q95": high,
                    "delta_mean": delta.mean(axis=1),
                    "delta_q05": delta_low,
                    "delta_q95": delta_high,
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
