r"""Several fits as one answer: each fit's draws count with its weight, since the data often cannot tell fits apart.

The mixture of K fits with weights :math:`w_k` has the mean :math:`\sum_k w_k \mu_k` and the variance
:math:`\sum_k w_k \sigma_k^2 + \sum_k w_k (\mu_k - \mu)^2`; the second part is what the choice of a model leaves open.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from mmm.arrays import FloatArray
from mmm.exceptions import SpecError
from mmm.runs import Run, open_run
from simulations.results import Estimate, ScenarioResults

#: How a file says the weights: a rule, or a weight a fit.
StackRule = Literal["equal", "backtest"] | Annotated[dict[str, Annotated[float, Field(ge=0)]], Field(min_length=1)]


@dataclass(frozen=True)
class Stacked:
    """One scenario over all fits.

    Attributes
    ----------
    scenario : str
    delta : Estimate
        Outcome over business as usual's.
    p_beats_bau : float
    profit_delta, npv : Estimate or None
    p_more_profit : float or None
    from_form : float
        Share of the variance of ``delta`` that lies between the fits.
    """

    scenario: str
    delta: Estimate
    p_beats_bau: float
    profit_delta: Estimate | None
    p_more_profit: float | None
    npv: Estimate | None
    from_form: float


@dataclass(frozen=True)
class Stack:
    """All scenarios over all fits.

    Attributes
    ----------
    weights : Mapping
        Name of the fit → its weight; they sum to 1.
    scenarios : tuple of Stacked
    """

    weights: Mapping[str, float]
    scenarios: tuple[Stacked, ...]


def stack_weights(stack: StackRule, fits: Mapping[str, Run], *, where: Callable[..., str]) -> dict[str, float]:
    """Return each fit's weight, summing to 1.

    Parameters
    ----------
    stack : str or mapping
        ``equal``; ``backtest``: in proportion to 1 / CRPS² of the forecasts that ``mixwise validate`` stored with each
        fit (Bates & Granger 1969, "The combination of forecasts": by the inverse of the squared error); or weights by
        the fit's name.
    fits : Mapping
        Name of the fit → its run.
    where : callable
        Key path → how an error names its place.

    Raises
    ------
    SpecError
        A fit has no weight, or no backtest of the same weeks; or a name is no fit's.
    """
    if isinstance(stack, dict):
        return _given(stack, fits, where)
    if stack == "equal" or len(fits) == 1:
        return dict.fromkeys(fits, 1.0 / len(fits))
    errors: dict[str, float] = {}
    spans: dict[str, object] = {}
    for name, fit in fits.items():
        folds = _folds(name, fit, where)
        spans[name] = [(fold["first_week"], fold["weeks"]) for fold in folds]
        errors[name] = sum(fold["crps"] * fold["weeks"] for fold in folds) / sum(fold["weeks"] for fold in folds)
    first = next(iter(spans))
    other = next((name for name in spans if spans[name] != spans[first]), None)
    if other is not None:
        raise SpecError(
            f"the backtests of '{first}' and '{other}' are of other weeks",
            where=where("stack"),
            do="Validate both with the same folds, or write stack: equal.",
        )
    total = sum(error**-2 for error in errors.values())
    return {name: error**-2 / total for name, error in errors.items()}


def _given(given: Mapping[str, float], fits: Mapping[str, Run], where: Callable[..., str]) -> dict[str, float]:
    for name in given:
        if name not in fits:
            known = ", ".join(fits)
            raise SpecError(f"there is no fit named '{name}'", where=where("stack", name), do=f"The fits are: {known}.")
    missing = next((name for name in fits if name not in given), None)
    if missing is not None or sum(given.values()) <= 0:
        says = f"the fit '{missing}' has no weight" if missing is not None else "the weights are all 0"
        raise SpecError(says, where=where("stack"), do="Give every fit a weight of 0 or more, one of them above 0.")
    return {name: given[name] / sum(given.values()) for name in fits}


def _folds(name: str, fit: Run, where: Callable[..., str]) -> list[dict[str, Any]]:
    """Return what the fit's backtest stored, fold by fold."""
    path = fit.folder / "validation"
    absent = SpecError(
        f"the fit '{name}' has no backtest to be weighted by",
        where=where("stack"),
        do=f"Run 'mixwise validate {fit.folder.name}' first, or write stack: equal.",
    )
    if not path.is_dir():
        raise absent
    if open_run(path, command="validate").manifest.get("parent") != fit.hash:
        raise absent
    try:
        folds: list[dict[str, Any]] = json.loads((path / "validation.json").read_text(encoding="utf-8"))["checks"][
            "backtest"
        ]["folds"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise absent from error
    if not folds:
        raise absent
    return folds


def stacked(fits: Mapping[str, ScenarioResults], weights: Mapping[str, float]) -> Stack:
    """Mix what the fits say of each scenario.

    Parameters
    ----------
    fits : Mapping
        Name → results of one scenario set.
    weights : Mapping
        Name → weight, summing to 1.

    Returns
    -------
    Stack
        The scenarios in their order.
    """
    first = next(iter(fits.values()))
    return Stack(dict(weights), tuple(_stacked(one.name, fits, weights) for one in first.scenarios))


def _stacked(scenario: str, fits: Mapping[str, ScenarioResults], weights: Mapping[str, float]) -> Stacked:
    deltas = {name: results.delta(results[scenario]) for name, results in fits.items()}
    gains = {name: results.profit_delta(results[scenario]) for name, results in fits.items()}
    cashes = {name: results[scenario].cash for name, results in fits.items()}
    npvs = {name: None if one is None else one.npv for name, one in cashes.items()}
    share = np.array([weights[name] for name in fits])
    means = np.array([draws.mean() for draws in deltas.values()])
    between = float(share @ (means - share @ means) ** 2)
    whole = between + float(share @ np.array([draws.var() for draws in deltas.values()]))
    delta, p = _mixed(deltas, weights)
    profit = _mixed({name: one for name, one in gains.items() if one is not None}, weights)
    npv = _mixed({name: one for name, one in npvs.items() if one is not None}, weights)
    if delta is None or p is None:
        raise ValueError("stacking needs at least one fit")
    return Stacked(scenario, delta, p, *profit, npv[0], between / whole if whole > 0 else 0.0)


def _mixed(draws: Mapping[str, FloatArray], weights: Mapping[str, float]) -> tuple[Estimate | None, float | None]:
    """Return mean, interval and the chance of more than 0 of weighted draws; nothing of none."""
    if not draws:
        return None, None
    every = np.concatenate(list(draws.values()))
    weight = np.concatenate([np.full(len(one), weights[name] / len(one)) for name, one in draws.items()])
    low, high = np.quantile(every, (0.05, 0.95), weights=weight, method="inverted_cdf")
    p = float(weight @ ((every > 0) + 0.5 * (every == 0)))
    return Estimate(float(weight @ every), float(low), float(high)), p
