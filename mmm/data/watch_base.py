"""What several watches share: media as series, and what season, trend, controls and media leave of the outcome.

No model is fitted here: a linear regression with a fixed carryover and a square root for saturation, robust to
outliers, is enough to see what is odd. What it says is a reason to look, not an estimate of any effect.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.arrays import BoolArray, FloatArray, WeekArray
from mmm.data.panel import Panel
from mmm.data.watch_series import completed_outcome
from mmm.transforms.time_bases import TimeBasis, fourier_columns

#: Carryover from week to week that is assumed of every medium.
_CARRY = 0.5
#: Huber's constant: 95 % as good as least squares where nothing is odd (Huber, 1964).
_HUBER = 1.345
_ROUNDS = 30
#: Weeks more than columns, below which nothing is said of what is left.
_LEAST_LEFT = 30
_YEAR = 52
_ORDER = 2
#: Robust standard deviations, and share of the mean outcome, from which a week is odd.
_FAR, _FAR_SHARE = 5.0, 0.05


@dataclass(frozen=True, eq=False)
class Leftover:
    """The national outcome less what season, trend, controls and media explain.

    Attributes
    ----------
    design : (T, P)
        Calendar, controls and media; the first column is one.
    outcome : (T,)
        As if every geo had been observed, over its own mean.
    residual : (T,)
        Share of the mean outcome.
    spread : float
        Robust standard deviation of ``residual`` (1.4826 × the median absolute deviation).
    """

    design: FloatArray
    outcome: FloatArray
    residual: FloatArray
    spread: float


def national_media(panel: Panel) -> list[tuple[str, FloatArray]]:
    """Return (name, (T,) national series) of paid and organic media, as the model sees them."""
    paid = zip(panel.channels, panel.exposure.sum(axis=1), strict=True)
    organic = zip(panel.organic_names, panel.organic.sum(axis=1), strict=True)
    return [*paid, *organic]


def year_end(weeks: WeekArray) -> BoolArray:
    """Mark the weeks of the year's last selling season, (T,): those whose days touch 10 to 25 December."""
    days = weeks.astype("datetime64[D]")[:, None] + np.arange(7)
    month = days.astype("datetime64[M]")
    day = (days - month).astype(int) + 1
    return np.asarray(((month.astype(int) % 12 == 11) & (day >= 10) & (day <= 25)).any(axis=1), dtype=np.bool_)


def season_columns(weeks: WeekArray) -> FloatArray:
    """Return (T, P) columns of the season: waves of a year and half a year, and the weeks before its end.

    Under a year of weeks there are none: what repeats cannot be seen.
    """
    if len(weeks) < _YEAR:
        return np.empty((len(weeks), 0))
    columns = fourier_columns(weeks, _ORDER)
    before = year_end(weeks)
    return np.column_stack([columns, before]) if before.sum() > 1 else columns


def calendar_columns(weeks: WeekArray) -> FloatArray:
    """Return (T, P) columns: one, a straight trend, the season."""
    trend = np.linspace(-1.0, 1.0, len(weeks))
    return np.column_stack([np.ones(len(weeks)), trend, season_columns(weeks)])


def _holidays(weeks: WeekArray, country: str | None) -> FloatArray:
    """Return (T, H) columns of the public holidays that the model file declares."""
    return TimeBasis.fit_window(weeks, fourier_order=0, holidays=country, trend=False).design(weeks)[:, 1:]


def _carried(series: FloatArray) -> FloatArray:
    """Return a medium with its carryover, saturated by a square root, (T,), over its largest value."""
    state = float(np.mean(series[:8])) / (1.0 - _CARRY)
    carried = np.empty(len(series))
    for t, x in enumerate(np.maximum(series, 0.0)):
        state = x + _CARRY * state
        carried[t] = state
    return np.sqrt(carried / max(float(carried.max()), 1e-300))


def _standard(columns: FloatArray) -> FloatArray:
    """Return columns over their standard deviation, centred, (T, P); those that never change are dropped."""
    spread = columns.std(axis=0)
    kept = spread > 1e-12 * np.maximum(np.abs(columns).max(axis=0, initial=0.0), 1e-300)
    return np.asarray((columns[:, kept] - columns[:, kept].mean(axis=0)) / spread[kept])


def robust_fit(design: FloatArray, target: FloatArray) -> FloatArray:
    """Return (P,) coefficients of Huber's M-estimate by reweighted least squares (Huber, 1964)."""
    coef = np.linalg.lstsq(design, target)[0]
    for _ in range(_ROUNDS):
        residual = target - design @ coef
        spread = robust_spread(residual)
        weight = np.sqrt(np.minimum(1.0, _HUBER * spread / np.maximum(np.abs(residual), 1e-300)))
        found = np.linalg.lstsq(design * weight[:, None], target * weight)[0]
        if np.allclose(found, coef, rtol=1e-6, atol=1e-9):
            return np.asarray(found)
        coef = found
    return np.asarray(coef)


def robust_spread(residual: FloatArray) -> float:
    """Return 1.4826 × the median absolute deviation, the standard deviation where all is normal; never zero."""
    return max(1.4826 * float(np.median(np.abs(residual - np.median(residual)))), 1e-12)


def leftover(panel: Panel, holidays: str | None = None) -> Leftover | None:
    """Return what is left of the outcome; None where there are too few weeks to tell, or it is not positive."""
    outcome = completed_outcome(panel)
    level = float(np.mean(outcome))
    media = [_carried(series) for _, series in national_media(panel)]
    others = [
        _holidays(panel.weeks, holidays),
        panel.controls.mean(axis=1).T,
        np.array(media).reshape(len(media), -1).T,
    ]
    design = np.column_stack([calendar_columns(panel.weeks), _standard(np.column_stack(others))])
    if level <= 0 or panel.n_weeks - design.shape[1] < _LEAST_LEFT:
        return None
    share = outcome / level
    residual = share - design @ robust_fit(design, share)
    # Each column takes a degree of freedom from what is left.
    grown = np.sqrt(panel.n_weeks / (panel.n_weeks - design.shape[1]))
    return Leftover(design, share, residual, robust_spread(residual) * float(grown))


def odd_weeks(left: Leftover | None) -> BoolArray | None:
    """Mark weeks whose outcome is far from what is expected of them, (T,); None where that cannot be told."""
    if left is None:
        return None
    far = np.abs(left.residual - np.median(left.residual))
    return np.asarray(far > max(_FAR * left.spread, _FAR_SHARE), dtype=np.bool_)
