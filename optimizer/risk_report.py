"""What is said of a plan's risk beside its mean: figures of the held-back draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mmm.arrays import FloatArray
from mmm.reporting.numbers import money_short, short
from optimizer.problem import AllocationProblem
from optimizer.risk import Coherent, CVaR, MeanCVaR, MeanSd, ReachProbability, WorstFit
from optimizer.several import fits_of

#: Level of the tail that is reported where the measure has none.
LEVEL = 0.1


@dataclass(frozen=True)
class RiskReport:
    """The uplift over the baseline under a plan, paired draws.

    Attributes
    ----------
    measure : str
        What was maximised, as a sentence.
    planned, held_back : float
        The measure of the uplift over the planning draws and over those held back.
    level : float
        Share of draws in the tail.
    planned_cvar, held_back_cvar : float
        Mean of the uplift in the tail.
    planned_draws, held_back_draws : int
        Draws in the tail, the one on its border included.
    target : float or None
        The figure to be reached, where there is one.
    planned_reach, held_back_reach : float
        Share of draws in which the uplift reaches the target; without one, in which it is above zero.
    by_fit : tuple of float
        Mean uplift of the held-back draws of each fit.
    unit : str
        Of the uplifts.
    in_money : bool
        Whether that is a currency.
    """

    measure: str
    planned: float
    held_back: float
    level: float
    planned_cvar: float
    held_back_cvar: float
    planned_draws: int
    held_back_draws: int
    target: float | None
    planned_reach: float
    held_back_reach: float
    by_fit: tuple[float, ...]
    unit: str
    in_money: bool

    def to_json(self) -> dict[str, Any]:
        """Return the figures as ``plan.json`` has them."""
        tail = {"level": self.level, "planning": self.planned_cvar, "held_back": self.held_back_cvar}
        draws = {"planning": self.planned_draws, "held_back": self.held_back_draws}
        return {
            "measure": self.measure,
            "uplift": {"planning": self.planned, "held_back": self.held_back},
            "cvar": {**tail, "draws": draws},
            "reach": {"target": self.target, "planning": self.planned_reach, "held_back": self.held_back_reach},
            "by_fit": list(self.by_fit),
            "unit": self.unit,
            "says": self.says,
        }

    @property
    def says(self) -> str:
        """The figures in sentences."""
        text = (
            f"Over the held-back draws the worst {self.level:.0%} of uplifts, {self.held_back_draws} draws, are "
            f"{self._said(self.held_back_cvar)} on average ({self._said(self.planned_cvar)} over the "
            f"{self.planned_draws} of the planning draws, on which the plan was chosen)."
        )
        if self.target is not None:
            text += (
                f" The uplift reaches {self._said(self.target)} with probability {self.held_back_reach:.0%} "
                f"({self.planned_reach:.0%} over the planning draws)."
            )
        if len(self.by_fit) > 1:
            each = ", ".join(self._said(value) for value in self.by_fit)
            text += f" Mean uplift under each fit: {each}."
        return text

    def _said(self, value: float) -> str:
        if self.in_money:
            return money_short(value, self.unit)
        return f"{short(value)} {self.unit}"


def risk_of(problem: AllocationProblem, planned: FloatArray, held: FloatArray) -> RiskReport:
    """Return what is said of uplifts over the planning draws, (S,), and over those held back."""
    fits = tuple(fits_of(half) for half in (problem.horizon, problem.held_back))
    level, target = _level(problem), None
    if isinstance(problem.risk, ReachProbability):
        target = problem.risk.target
    tail = CVaR(level)
    return RiskReport(
        measure=problem.risk.says(),
        planned=problem.risk.value(planned, fits[0]),
        held_back=problem.risk.value(held, fits[1]),
        level=level,
        planned_cvar=tail.value(planned, fits[0]),
        held_back_cvar=tail.value(held, fits[1]),
        planned_draws=_in_tail(planned, level),
        held_back_draws=_in_tail(held, level),
        target=target,
        planned_reach=_reached(planned, target),
        held_back_reach=_reached(held, target),
        by_fit=tuple(float(held[fits[1] == one].mean()) for one in np.unique(fits[1])),
        unit=problem.unit,
        in_money=problem.unit == problem.currency,
    )


def influence(problem: AllocationProblem, uplift: FloatArray) -> FloatArray:
    """Return figures by draw, (S,), whose mean is the measure of the uplift, and whose spread is its error.

    The measure's influence function (Hampel 1974): of a tail's mean, what each draw in it adds beyond its border. Of
    the worst of several fits, only its own draws move the figure, and each counts for as many more as the others are.
    """
    risk: object = problem.risk
    if isinstance(risk, WorstFit):
        fit = fits_of(problem.horizon)
        figures = {one: _influence(risk.inner, uplift[fit == one]) for one in np.unique(fit)}
        worst = min(figures, key=lambda one: float(figures[one].mean()))
        own = figures[worst]
        found = np.full(len(uplift), float(own.mean()))
        found[fit == worst] += (own - own.mean()) * (len(uplift) / len(own))
        return found
    return _influence(risk, uplift)


def _influence(risk: object, uplift: FloatArray) -> FloatArray:
    """Return :func:`influence` of a measure over the draws of one fit."""
    if isinstance(risk, CVaR):
        return _tail(uplift, risk.level)
    if isinstance(risk, MeanCVaR):
        return (1.0 - risk.weight) * uplift + risk.weight * _tail(uplift, risk.level)
    if isinstance(risk, MeanSd):
        away, sd = uplift - uplift.mean(), float(uplift.std()) or 1.0
        return uplift - risk.penalty * (sd + (away**2 - sd**2) / (2.0 * sd))
    if isinstance(risk, ReachProbability):
        return (uplift >= risk.target).astype(np.float64)
    return uplift


def _tail(uplift: FloatArray, level: float) -> FloatArray:
    border = float(np.quantile(uplift, level))
    return border + np.minimum(uplift - border, 0.0) / level


def _level(problem: AllocationProblem) -> float:
    """Return the level of the problem's tail, or the usual one."""
    risk: object = problem.risk
    if isinstance(risk, WorstFit):
        risk = risk.inner
    return risk.level if isinstance(risk, Coherent) and isinstance(risk, CVaR | MeanCVaR) else LEVEL


def _in_tail(uplift: FloatArray, level: float) -> int:
    return max(int(np.ceil(level * len(uplift) - 1e-9)), 1)


def _reached(uplift: FloatArray, target: float | None) -> float:
    return float((uplift > 0).mean() if target is None else (uplift >= target).mean())
