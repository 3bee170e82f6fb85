"""What a simulation writes for other programs: ``scenarios.json`` and the CSV tables."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmm.reporting.text import csv_text
from simulations.compare import PAIRED, beats, compare, side_by_side
from simulations.digest import Digest, digest
from simulations.grids import GridResults
from simulations.periods import Period
from simulations.results import Estimate, ScenarioDraws, ScenarioResults
from simulations.stacking import Stack
from simulations.tables import (
    by_channel,
    by_period,
    cash_table,
    grid_table,
    stacked_table,
    summary,
    sweep_table,
    tornado_table,
    weekly_spend,
)
from simulations.tornado import SweepResults

if TYPE_CHECKING:
    import pandas as pd

#: What each key of ``scenarios.json`` means; written into it.
MEANINGS = {
    "spend": "money over the horizon",
    "outcome": "outcome in the horizon, residual noise included",
    "delta_vs_bau": "outcome over business as usual, in the horizon and after it; paired draws, without residual noise",
    "in_horizon": "the part of delta_vs_bau inside the horizon",
    "after_horizon": "the part of delta_vs_bau after the horizon, from carryover",
    "p_beats_bau": "probability that delta_vs_bau is above zero",
    "roas": "what the horizon's spend adds, carryover included, over that spend",
    "mroas": "the same for the next small part when spend is scaled in proportion",
    "revenue": "what the outcome in the horizon is worth, money, residual noise included",
    "profit": "margin x revenue less spend, in the horizon, money, residual noise included",
    "profit_delta": "margin x value x delta_vs_bau less the change of spend, money",
    "p_more_profit": "probability that profit_delta is above zero",
    "npv": "profit_delta with each week's money discounted to the first day of the horizon",
    "p_more_npv": "probability that npv is above zero",
    "payback": "median number of weeks from the horizon's first day after which profit_delta, summed up week by week, "
    "is never below zero again (0: it never is; null: half of the draws or more never get there), and the probability "
    "that it gets there, carryover included",
    "p_row_beats_column": "probability of more outcome than the column's scenario; of more than 60 scenarios only "
    "p_beats_bau is given",
    "p_best": "probability that the combination leaves the most profit (outcome, without a margin) of the whole grid",
    "first_order": "share of the result's variance over the sweep that an input makes by itself",
    "total": "the same with what it makes together with other inputs",
    "from_inputs": "share of the overall variance that the sweep's inputs make; the rest is what the data leave open",
    "from_form": "share of the variance of delta_vs_bau that lies between the fits",
}
#: What only a comparison with business as usual has.
RELATIVE = (
    "delta_vs_bau", "in_horizon", "after_horizon", "p_beats_bau", "profit_delta", "p_more_profit", "npv", "p_more_npv",
    "payback",
)  # fmt: skip


def _maybe(found: Estimate | None) -> dict[str, float] | None:
    return found.as_dict() if found is not None else None


def _figures(found: Digest) -> dict[str, Any]:
    """Return what is said of a scenario, or of a combination of a grid."""
    block: dict[str, Any] = {
        "what": found.says,
        "spend": found.spend,
        "spend_change": found.spend_change,
        "outcome": found.outcome.as_dict(),
        "delta_vs_bau": found.delta.as_dict(),
        "in_horizon": found.in_horizon.as_dict(),
        "after_horizon": found.after_horizon.as_dict(),
        "p_beats_bau": found.p_beats_bau,
        "roas": _maybe(found.roas),
        "mroas": _maybe(found.mroas),
    }
    for name in ("revenue", "profit", "profit_delta", "npv"):
        if (estimate := getattr(found, name)) is not None:
            block[name] = estimate.as_dict()
    block |= {name: p for name in ("p_more_profit", "p_more_npv") if (p := getattr(found, name)) is not None}
    if found.payback is not None:
        week = found.payback.week
        block["payback"] = {"week": week if isfinite(week) else None, "p": found.payback.p}
    return block


def _one(results: ScenarioResults, one: ScenarioDraws) -> dict[str, Any]:
    """Return one scenario's block."""
    return {
        **_figures(digest(results, one)),
        "channels": {
            channel: {
                "spend": float(one.spend[c]),
                "incremental": Estimate.of(one.media[c]).as_dict(),
                "roas": _maybe(results.roas(one, c)),
                "mroas": _maybe(results.mroas(one, c)),
            }
            for c, channel in enumerate(results.channels)
        },
        "notes": list(one.future.notes),
        "beyond_observed": [
            {
                "channel": flag.channel,
                "weeks": flag.weeks,
                "planned": flag.planned,
                "observed": flag.observed,
                "direction": "above" if flag.above else "below",
            }
            for flag in results.beyond
            if flag.scenario == one.name
        ],
    }


def _grid(grid: GridResults) -> dict[str, Any]:
    return {
        "axes": {axis.name: list(axis.options) for axis in grid.axes},
        "combinations": [
            {
                "options": {axis.name: axis.options[o] for axis, o in zip(grid.axes, at, strict=True)},
                **_figures(found),
                "p_best": p,
                "beyond_observed": list(found.unseen),
            }
            for at, found, p in zip(grid.at, grid.points, grid.p_best.tolist(), strict=True)
        ],
        "notes": list(grid.notes),
    }


def _sweep(sweep: SweepResults) -> dict[str, Any]:
    return {
        "result": "profit_delta" if sweep.is_profit else "delta_vs_bau",
        "runs": sweep.runs,
        "overall": sweep.overall.as_dict(),
        "p_beats_bau": sweep.p_gain,
        "from_inputs": sweep.from_inputs,
        "inputs": {
            one.name: {
                "low": {"at": one.at_low, "what": one.says_low, **one.low.as_dict()},
                "high": {"at": one.at_high, "what": one.says_high, **one.high.as_dict()},
                "first_order": {"value": one.first.value, "q05": one.first.low, "q95": one.first.high},
                "total": {"value": one.total.value, "q05": one.total.low, "q95": one.total.high},
            }
            for one in sweep.swings
        },
        "notes": list(sweep.notes),
    }


def _stacked(stack: Stack) -> dict[str, Any]:
    return {
        "weights": dict(stack.weights),
        "scenarios": {
            one.scenario: {
                "delta_vs_bau": one.delta.as_dict(),
                "p_beats_bau": one.p_beats_bau,
                "profit_delta": _maybe(one.profit_delta),
                "p_more_profit": one.p_more_profit,
                "npv": _maybe(one.npv),
                "from_form": one.from_form,
            }
            for one in stack.scenarios
        },
    }


def scenarios_json(
    results: ScenarioResults, fits: Mapping[str, ScenarioResults] | None = None, stack: Stack | None = None
) -> dict[str, Any]:
    """Return the ``scenarios.json`` contract, JSON-ready.

    Parameters
    ----------
    results : ScenarioResults
        Of the first fit.
    fits : Mapping, optional
        Name of the fit → its results, where there are several.
    stack : Stack, optional
        What they say together.
    """
    some = results.all if len(results.scenarios) <= PAIRED else (results.bau,)
    usual = {name: value for name, value in _one(results, results.bau).items() if name not in RELATIVE}
    content: dict[str, Any] = {
        "horizon": {"start": str(results.weeks[0]), "weeks": len(results.weeks)},
        "units": {"outcome": results.unit, "money": results.currency, "roas": results.return_unit},
        "value_per_outcome": results.value,
        "margin": results.margin,
        "discount_rate": results.discount_rate,
        "draws": results.n_draws,
        "business_as_usual": usual,
        "scenarios": {one.name: _one(results, one) for one in results.scenarios},
        "p_row_beats_column": beats(results, some)
        .astype(object)
        .where(lambda table: table.notna(), None)
        .to_dict("index"),
        "meanings": MEANINGS,
        "assumptions": list(results.assumptions),
    }
    if fits is not None and len(fits) > 1:
        table = side_by_side(fits)
        content["fits"] = {
            name: {
                row["scenario"]: {key: float(row[key]) for key in ("mean", "q05", "q95", "p_beats_bau")}
                for _, row in rows.iterrows()
            }
            for name, rows in table.groupby("fit", sort=False)
        }
    if stack is not None:
        content["stacked"] = _stacked(stack)
    if results.grid is not None:
        content["grid"] = _grid(results.grid)
    if results.sweep is not None:
        content["sweep"] = _sweep(results.sweep)
    return content


def write_tables(
    results: ScenarioResults, fits: Mapping[str, ScenarioResults], folder: Path, stack: Stack | None = None
) -> None:
    """Write the CSV tables into a folder; text that a spreadsheet would take for a formula is marked as text."""
    tables: dict[str, pd.DataFrame] = {
        "scenarios": summary(results),
        "weekly": by_period(results, Period.WEEK),
        "monthly": by_period(results, Period.MONTH),
        "quarterly": by_period(results, Period.QUARTER),
        "channels": by_channel(results),
        "spend": weekly_spend(results),
    }
    if len(results.scenarios) <= PAIRED:
        tables["comparison"] = compare(results)
    if len(fits) > 1:
        tables["fits"] = side_by_side(fits)
    if stack is not None:
        tables["stacked"] = stacked_table(stack)
    if results.margin is not None:
        tables["cash"] = cash_table(results)
    if results.grid is not None:
        tables["grid"] = grid_table(results.grid)
    if results.sweep is not None:
        tables |= {"sweep": sweep_table(results.sweep), "tornado": tornado_table(results.sweep)}
    for name, table in tables.items():
        safe = table.copy()
        for column in safe.select_dtypes(exclude=["number", "bool"]).columns:
            safe[column] = [csv_text(str(value)) for value in safe[column]]
        safe.to_csv(folder / f"{name}.csv", index=False, encoding="utf-8", float_format="%.10g")
