"""The posterior predictive by week, national: how well the model says what happened."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.arrays import FloatArray
from mmm.response.draws import ResponseDraws
from mmm.response.forecast import noise_of
from mmm.response.weekly import draw_chunks, fitted_by_week


@dataclass(frozen=True, eq=False)
class Predictive:
    """What the model predicts for the fitted weeks.

    Attributes
    ----------
    observed, mean, low, high : (T,)
        Outcome units; ``low`` and ``high`` are the ends of the 90 % interval, residual noise included.
    baseline_mean, baseline_low, baseline_high : (T,)
        The part that neither paid nor organic media make, carry-in apart.
    negative_baseline : float
        Probability that the baseline's sum over the window is negative.
    negative_weeks : float
        Share of weeks whose mean baseline is negative.
    coverage : float
        Share of weeks inside the 90 % interval.
    r2, mape, crps : float
        Of the mean; MAPE over weeks with an outcome; CRPS in outcome units.
    autocorrelation : (L,)
        Of the standardised residuals at lags 1 … L.
    kurtosis : float
        Excess kurtosis of the residuals.
    """

    observed: FloatArray
    mean: FloatArray
    low: FloatArray
    high: FloatArray
    baseline_mean: FloatArray
    baseline_low: FloatArray
    baseline_high: FloatArray
    negative_baseline: float
    negative_weeks: float
    coverage: float
    r2: float
    mape: float
    crps: float
    autocorrelation: FloatArray
    kurtosis: float

    @property
    def residual(self) -> FloatArray:
        """Observed minus predicted mean, (T,)."""
        return self.observed - self.mean


def predict_fitted(response: ResponseDraws, seed: int) -> Predictive:
    """Return the posterior predictive of the fitted weeks, over the geos that have a row in each."""
    rng = np.random.default_rng([seed, 2])
    expected = fitted_by_week(response)
    drawn = np.sort(expected + noise_of(response, response.observed, rng), axis=-1)
    observed = (response.outcome * response.observed).sum(axis=0)
    mean = expected.mean(axis=-1)
    low, high = np.quantile(drawn, [0.05, 0.95], axis=-1)
    floor = _baseline_by_week(response)
    floor_low, floor_high = np.quantile(floor, [0.05, 0.95], axis=-1)
    residual = observed - mean
    sold = observed != 0
    return Predictive(
        observed=observed,
        mean=mean,
        low=low,
        high=high,
        baseline_mean=floor.mean(axis=-1),
        baseline_low=floor_low,
        baseline_high=floor_high,
        negative_baseline=float((floor.sum(axis=0) < 0).mean()),
        negative_weeks=float((floor.mean(axis=-1) < 0).mean()),
        coverage=float(((observed >= low) & (observed <= high)).mean()),
        r2=float(1.0 - (residual**2).mean() / observed.var()) if observed.var() > 0 else 0.0,
        mape=float(np.abs(residual[sold] / observed[sold]).mean()),
        crps=float(_crps(drawn, observed).mean()),
        autocorrelation=_autocorrelation(residual, 8),
        kurtosis=float((residual**4).mean() / max(residual.var() ** 2, 1e-300) - 3.0),
    )


def _baseline_by_week(response: ResponseDraws) -> FloatArray:
    """Return the baseline of the geos that have a row in each week, (T, S)."""
    total = np.empty((response.n_weeks, response.n_draws))
    for draws in draw_chunks(response):
        base = response.baseline.select(draws)
        total[:, draws] = (base.mean(response.weeks, base.controls) * response.observed[..., None]).sum(axis=0)
    return total


def _crps(drawn: FloatArray, observed: FloatArray) -> FloatArray:
    """Return each week's continuous ranked probability score from sorted draws, (T,) (Gneiting & Raftery 2007)."""
    size = drawn.shape[-1]
    weights = (2.0 * np.arange(1, size + 1) - size - 1.0) / size**2
    return np.asarray(np.abs(drawn - observed[:, None]).mean(axis=-1) - drawn @ weights, dtype=np.float64)


def _autocorrelation(residual: FloatArray, lags: int) -> FloatArray:
    centred = residual - residual.mean()
    power = max(float(centred @ centred), 1e-300)
    lags = min(lags, len(residual) - 1)
    return np.array([float(centred[lag:] @ centred[:-lag]) / power for lag in range(1, lags + 1)])
