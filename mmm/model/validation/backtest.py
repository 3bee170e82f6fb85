"""Rolling-origin backtest: refit on a growing history, forecast the weeks after it, score against seasonal-naive.

Each forecast knows the spend and the controls that really came, so it judges the model, not a guess of the future.
Hyndman & Athanasopoulos (2021), "Forecasting: principles and practice", section 5.10; Gneiting & Raftery (2007).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmm.arrays import BoolArray, FloatArray, WeekArray
from mmm.findings import Finding, Severity
from mmm.model.validation.base import Base
from mmm.model.validation.edits import first_weeks
from mmm.model.validation.refits import Job, Refit
from mmm.model.validation.scores import MIN_ERRORS, YEAR, crps, inside, seasonal_naive
from mmm.reporting.numbers import percent, significant

#: The CRPS is to be this much better than seasonal-naive's (reliability row 5).
GOAL = 0.10
#: 90 % intervals are to cover between these shares of the weeks.
COVERS = (0.85, 0.95)


@dataclass(frozen=True, eq=False)
class Fold:
    """One forecast.

    Attributes
    ----------
    label : str
    history : int
        Weeks that the refit saw.
    weeks, observed : (H,)
    mean, low, high : (H,)
        Of the forecast, 90 % interval.
    naive : (H,)
        Median of the seasonal-naive forecast.
    crps, naive_crps : (H,)
        Outcome units.
    inside, naive_inside : (H,) bool
    """

    label: str
    history: int
    weeks: WeekArray
    observed: FloatArray
    mean: FloatArray
    low: FloatArray
    high: FloatArray
    naive: FloatArray
    crps: FloatArray
    naive_crps: FloatArray
    inside: BoolArray
    naive_inside: BoolArray


@dataclass(frozen=True, eq=False)
class Backtest:
    """Every fold that could be made and converged.

    Attributes
    ----------
    folds : tuple of Fold
    asked : int
        Folds asked for.
    unit : str
    """

    folds: tuple[Fold, ...]
    asked: int
    unit: str

    def pooled(self, name: str) -> float:
        """Return the mean of a score over all forecast weeks; NaN without any."""
        return float(np.concatenate([getattr(fold, name) for fold in self.folds]).mean()) if self.folds else np.nan

    @property
    def skill(self) -> float:
        """How much smaller the CRPS is than seasonal-naive's, as a share of it."""
        naive = self.pooled("naive_crps")
        return 1.0 - self.pooled("crps") / naive if self.folds and naive > 0 else float("nan")

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Whether it beats seasonal-naive, and whether its intervals hold."""
        if not self.folds:
            return (_not_done(),)
        return (self._against_naive(), self._coverage())

    def _against_naive(self) -> Finding:
        weeks = sum(len(fold.weeks) for fold in self.folds)
        errors = [significant(self.pooled(name)) for name in ("crps", "naive_crps")]
        says = (
            f"Over {weeks} forecast weeks in {len(self.folds)} folds the forecasts' error (CRPS) is {errors[0]} "
            f"{self.unit} per week, and that of 'the same week last year' {errors[1]}: {percent(abs(self.skill), 0)} "
            f"{'smaller' if self.skill >= 0 else 'larger'}."
        )
        if self.skill >= GOAL:
            return Finding("backtest_skill", Severity.OK, says, "Nothing to do.")
        do = (
            "Look at the folds below for what came that the model does not know: a trend that bends, an event, a price."
        )
        means = "It explains the past better than it foresees: what it has learned of the baseline does not carry on."
        grave = Severity.NOTE if self.skill >= 0 else Severity.WARNING
        return Finding("backtest_skill", grave, says, do, means=means)

    def _coverage(self) -> Finding:
        weeks = sum(len(fold.weeks) for fold in self.folds)
        covered = self.pooled("inside")
        says = f"{percent(covered, 0)} of the {weeks} forecast weeks lie inside their 90% interval."
        if covered < 0.9 - 3.3 * np.sqrt(0.09 / weeks):
            do = "Try trend: flexible or piecewise, or noise: student_t; add the control that moves the baseline."
            means = "Forecasts are too sure of themselves, and intervals of media effects may be too narrow as well."
            return Finding("backtest_coverage", Severity.WARNING, says, do, means=means)
        if not COVERS[0] <= covered <= COVERS[1]:
            means = "So few weeks can be that far from 90% by chance."
            do = "Nothing to do now; more folds (--folds) tell more."
            return Finding("backtest_coverage", Severity.NOTE, says, do, means=means)
        return Finding("backtest_coverage", Severity.OK, says, "Nothing to do.")

    def as_dict(self) -> dict[str, Any]:
        """Return the scores JSON-ready."""
        return {
            "folds": [
                {
                    "weeks_fitted": fold.history,
                    "first_week": str(fold.weeks[0]),
                    "weeks": len(fold.weeks),
                    "crps": float(fold.crps.mean()),
                    "crps_seasonal_naive": float(fold.naive_crps.mean()),
                    "coverage": float(fold.inside.mean()),
                    "coverage_seasonal_naive": float(fold.naive_inside.mean()),
                }
                for fold in self.folds
            ],
            "skill": self.skill if self.folds else None,
            "coverage": self.pooled("inside") if self.folds else None,
            "unit": f"{self.unit} per week",
        }


def _not_done() -> Finding:
    return Finding(
        "backtest_skill",
        Severity.NOTE,
        "No forecast could be made and scored.",
        "Give a longer history: a fold needs more than a year, and as many weeks as the model has parameters.",
        means="Whether the model foresees anything is not known.",
    )


def histories(n_weeks: int, folds: int, horizon: int) -> list[int]:
    """Return the weeks that each fold is fitted on, shortest first; folds without a year of history are left out."""
    least = YEAR + MIN_ERRORS
    return [size for fold in range(folds, 0, -1) if (size := n_weeks - fold * horizon) >= least]


def count(base: Base) -> int:
    """Return the number of refits."""
    return len(histories(base.panel.n_weeks, base.settings.folds, base.settings.horizon))


def run(base: Base, refit: Callable[[Job], Refit]) -> Backtest:
    """Run the backtest."""
    panel, horizon = base.panel, base.settings.horizon
    sizes = histories(panel.n_weeks, base.settings.folds, horizon)
    outcome = (panel.outcome * panel.observed).sum(axis=0)
    folds = []
    for number, size in enumerate(sizes, start=1):
        label = f"backtest, fold {number} of {len(sizes)}"
        done = refit(Job(label, base.spec, first_weeks(panel, size), whole=panel, horizon=horizon))
        if done.usable:
            ahead = slice(size, size + horizon)
            folds.append(_score(done, panel.weeks[ahead], outcome[:size], outcome[ahead]))
    return Backtest(tuple(folds), base.settings.folds, panel.outcome_name)


def _score(done: Refit, weeks: WeekArray, history: FloatArray, observed: FloatArray) -> Fold:
    naive = seasonal_naive(history, len(weeks))
    low, high = np.quantile(done.forecast, [0.05, 0.95], axis=-1)
    return Fold(
        label=done.label,
        history=len(history),
        weeks=weeks,
        observed=observed,
        mean=done.forecast.mean(axis=-1),
        low=low,
        high=high,
        naive=np.median(naive, axis=-1),
        crps=crps(done.forecast, observed),
        naive_crps=crps(naive, observed),
        inside=inside(done.forecast, observed),
        naive_inside=inside(naive, observed),
    )
