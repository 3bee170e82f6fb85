"""Scenarios against one another: paired differences with intervals, and who beats whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from mmm.response.probability import p_positive, paired
from simulations.results import Estimate, ScenarioDraws, ScenarioResults

if TYPE_CHECKING:
    import pandas as pd

#: Scenarios up to which every pair is compared in files; beyond, each is compared with business as usual alone.
PAIRED = 60


def compare(results: ScenarioResults) -> pd.DataFrame:
    """Return the paired difference of every two scenarios, business as usual included.

    Returns
    -------
    DataFrame
        One row a pair: ``scenario``, ``against``, ``spend_change`` (money), ``mean``, ``q05``, ``q95`` (outcome units,
        in the horizon and after it, without residual noise), ``p_beats``, and ``p_more_profit`` where there is a
        margin.
    """
    import pandas as pd  # noqa: PLC0415

    rows = []
    for against, one in combinations(results.all, 2):
        draws = paired(one.effect, against.effect)
        spend_change = float(one.spend.sum() - against.spend.sum())
        row: dict[str, object] = {
            "scenario": one.name,
            "against": against.name,
            "spend_change": spend_change,
            **Estimate.of(draws).as_dict(),
            "p_beats": p_positive(draws),
        }
        gain, theirs = results.profit_delta(one), results.profit_delta(against)
        if gain is not None and theirs is not None:
            row["p_more_profit"] = p_positive(paired(gain, theirs))
        rows.append(row)
    return pd.DataFrame(rows)


def beats(results: ScenarioResults, among: Sequence[ScenarioDraws] | None = None) -> pd.DataFrame:
    """Return P(the row's scenario has more outcome than the column's), paired; NaN on the diagonal.

    Parameters
    ----------
    results : ScenarioResults
    among : sequence of ScenarioDraws, optional
        Some of the scenarios; default all, and business as usual.

    Returns
    -------
    DataFrame
        (N + 1) × (N + 1), business as usual first; opposite cells sum to 1.
    """
    import pandas as pd  # noqa: PLC0415

    chosen = results.all if among is None else among
    names, effects = [one.name for one in chosen], [one.effect for one in chosen]
    table = [[p_positive(paired(a, b)) if a is not b else np.nan for b in effects] for a in effects]
    return pd.DataFrame(table, index=names, columns=names)


def side_by_side(fits: Mapping[str, ScenarioResults]) -> pd.DataFrame:
    """Return what each fit says of each scenario: does the answer depend on the form of the model?

    Parameters
    ----------
    fits : Mapping
        Name of the fit → its results, of one scenario set.

    Returns
    -------
    DataFrame
        One row a scenario and fit: ``scenario``, ``fit``, ``mean``, ``q05``, ``q95`` (difference from business as
        usual, outcome units, in the horizon and after it), ``p_beats_bau``, ``agrees`` (every fit's mean has one sign).
    """
    import pandas as pd  # noqa: PLC0415

    first = next(iter(fits.values()))
    rows = []
    for one in first.scenarios:
        deltas = {name: results.delta(results[one.name]) for name, results in fits.items()}
        signs = {float(np.sign(draws.mean())) for draws in deltas.values()}
        rows += [
            {
                "scenario": one.name,
                "fit": name,
                **Estimate.of(draws).as_dict(),
                "p_beats_bau": p_positive(draws),
                "agrees": len(signs) == 1,
            }
            for name, draws in deltas.items()
        ]
    return pd.DataFrame(rows)
