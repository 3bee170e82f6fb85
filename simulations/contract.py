"""What a simulation writes for other programs: ``scenarios.json`` and the CSV tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmm.reporting.text import csv_text
from mmm.response.probability import p_positive
from simulations.compare import beats, compare, side_by_side
from simulations.periods import Period
from simulations.results import Estimate, ScenarioDraws, ScenarioResults
from simulations.tables import by_channel, by_period, summary, weekly_spend

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
    "profit_delta": "margin x value x delta_vs_bau less the change of spend, money",
    "p_more_profit": "probability that profit_delta is above zero",
}


def _maybe(found: Estimate | None) -> dict[str, float] | None:
    return found.as_dict() if found is not None else None


def _one(results: ScenarioResults, one: ScenarioDraws) -> dict[str, Any]:
    """Return one scenario's block."""
    delta, profit = results.delta(one), results.profit_delta(one)
    block: dict[str, Any] = {
        "what": one.says,
        "spend": float(one.spend.sum()),
        "spend_change": results.spend_change(one),
        "outcome": results.outcome(one).as_dict(),
        "delta_vs_bau": Estimate.of(delta).as_dict(),
        "in_horizon": Estimate.of(results.in_horizon(one)).as_dict(),
        "after_horizon": Estimate.of(results.after_horizon(one)).as_dict(),
        "p_beats_bau": p_positive(delta),
        "roas": _maybe(results.roas(one)),
        "mroas": _maybe(results.mroas(one)),
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
    if profit is not None:
        block |= {"profit_delta": Estimate.of(profit).as_dict(), "p_more_profit": p_positive(profit)}
    return block


def scenarios_json(results: ScenarioResults, fits: Mapping[str, ScenarioResults] | None = None) -> dict[str, Any]:
    """Return the ``scenarios.json`` contract, JSON-ready.

    Parameters
    ----------
    results : ScenarioResults
        Of the first fit.
    fits : Mapping, optional
        Name of the fit → its results, where there are several.
    """
    usual = _one(results, results.bau)
    for relative in ("delta_vs_bau", "in_horizon", "after_horizon", "p_beats_bau", "profit_delta", "p_more_profit"):
        usual.pop(relative, None)
    content: dict[str, Any] = {
        "horizon": {"start": str(results.weeks[0]), "weeks": len(results.weeks)},
        "units": {"outcome": results.unit, "money": results.currency, "roas": results.return_unit},
        "value_per_outcome": results.value,
        "draws": results.n_draws,
        "business_as_usual": usual,
        "scenarios": {one.name: _one(results, one) for one in results.scenarios},
        "p_row_beats_column": beats(results).astype(object).where(lambda table: table.notna(), None).to_dict("index"),
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
    return content


def write_tables(results: ScenarioResults, fits: Mapping[str, ScenarioResults], folder: Path) -> None:
    """Write the CSV tables into a folder; text that a spreadsheet would take for a formula is marked as text."""
    tables: dict[str, pd.DataFrame] = {
        "scenarios": summary(results),
        "weekly": by_period(results, Period.WEEK),
        "monthly": by_period(results, Period.MONTH),
        "quarterly": by_period(results, Period.QUARTER),
        "channels": by_channel(results),
        "spend": weekly_spend(results),
        "comparison": compare(results),
    }
    if len(fits) > 1:
        tables["fits"] = side_by_side(fits)
    for name, table in tables.items():
        safe = table.copy()
        for column in safe.select_dtypes(exclude=["number", "bool"]).columns:
            safe[column] = [csv_text(str(value)) for value in safe[column]]
        safe.to_csv(folder / f"{name}.csv", index=False, encoding="utf-8", float_format="%.10g")
