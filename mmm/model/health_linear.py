r"""The fit near its answer as a linear regression: what is left of outcome and media once all else is taken out.

At the posterior mean of each medium's effect :math:`x_c` the model reads :math:`y = Z b + \sum_c x_c + \varepsilon`.
Taking the baseline's columns Z and the other media out of a series (Frisch–Waugh–Lovell) shows how much of it is its
own. Columns that the fit found to matter little are taken out little: a ridge with the posterior's own coefficient
sizes, which is what a partly pooled or smoothed baseline does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from mmm.arrays import BoolArray, FloatArray, IntArray
from mmm.response.draws import ResponseDraws
from mmm.response.forecast import fitted_effect

#: Draws whose mean gives the effects.
EFFECT_DRAWS = 200
#: Channels × geo-weeks × draws at a time.
_CELLS = 4_000_000


@dataclass(frozen=True, eq=False)
class Linearised:
    """Series of N observed geo-weeks, each over its geo's residual standard deviation.

    Attributes
    ----------
    outcome : (N,)
    effects : (M, N)
        Mean effect of paid, then organic media.
    units : (C, N)
        Paid media as the model saw them, each over its own mean.
    leads : (C, N)
        The same of the week after; NaN in a geo's last week.
    design : (N, P)
        The baseline's columns.
    mean : (N, P)
        Each column's mean coefficient in that geo, over the residual standard deviation.
    size : (N, P)
        Root mean square of each column's coefficient in that geo, over the residual standard deviation.
    blocks : dict
        Name of a part of the baseline (``trend``, ``season``, ``holidays``, a control) → its columns.
    geo : (N,)
        Ascending, weeks in order within a geo.
    """

    outcome: FloatArray
    effects: FloatArray
    units: FloatArray
    leads: FloatArray
    design: FloatArray
    mean: FloatArray
    size: FloatArray
    blocks: dict[str, IntArray]
    geo: IntArray

    def take_out(self, series: FloatArray, without: Iterable[int] = ()) -> FloatArray:
        """Return (R, N) series less what the baseline explains of them, geo by geo.

        Parameters
        ----------
        series : (R, N)
        without : columns of the baseline that are not taken out
        """
        kept = np.setdiff1d(np.arange(self.design.shape[1]), np.asarray(list(without), dtype=np.int64))
        left = np.empty_like(series)
        for rows in _runs(self.geo):
            z = self.design[rows][:, kept]
            penalty = 1.0 / np.maximum(self.size[rows.start][kept], 1e-9)
            tall = np.vstack([z, np.diag(penalty)])
            target = np.hstack([series[:, rows], np.zeros((len(series), len(kept)))])
            coef = np.linalg.lstsq(tall, target.T)[0]
            left[:, rows] = series[:, rows] - (z @ coef).T
        return left


def _runs(geo: IntArray) -> list[slice]:
    """Return the rows of each geo."""
    ends = [*(np.flatnonzero(np.diff(geo)) + 1).tolist(), len(geo)]
    return [slice(start, end) for start, end in zip([0, *ends[:-1]], ends, strict=True)]


def apart(series: FloatArray, others: FloatArray) -> FloatArray:
    """Return an (N,) series less its least-squares projection on (R, N) others."""
    if not len(others):
        return series
    coef = np.linalg.lstsq(others.T, series)[0]
    return np.asarray(series - others.T @ coef, dtype=np.float64)


def linearise(response: ResponseDraws) -> Linearised:
    """Return the linearised fit."""
    some = _thinned(response)
    base = response.baseline
    scale = base.sigma.mean(axis=-1)
    calendar = base.basis.design(response.weeks)
    controls = (base.controls - base.control_center[..., None]) / base.control_scale[..., None]
    geo, week = np.nonzero(response.observed)
    weight = 1.0 / scale[geo]
    units = response.paid.media / np.maximum(response.paid.media.mean(axis=(1, 2), keepdims=True), 1e-300)
    leads = np.concatenate([units[..., 1:], np.full((*units.shape[:2], 1), np.nan)], axis=-1)
    columns = [calendar[week], controls[:, geo, week].T]
    rms = np.sqrt((base.coef**2).mean(axis=-1)) / scale
    names = (*base.basis.names, *(f"control:{name}" for name in base.control_names))
    return Linearised(
        outcome=response.outcome[geo, week] * weight,
        effects=_mean_effects(some)[:, geo, week] * weight,
        units=units[:, geo, week],
        leads=leads[:, geo, week],
        design=np.concatenate(columns, axis=1),
        mean=(base.coef.mean(axis=-1) / scale).T[geo],
        size=rms.T[geo],
        blocks=blocks_of(names),
        geo=geo,
    )


def _thinned(response: ResponseDraws) -> ResponseDraws:
    draws = np.linspace(0, response.n_draws - 1, min(EFFECT_DRAWS, response.n_draws)).round().astype(np.int64)
    return response.select(np.unique(draws))


def _mean_effects(response: ResponseDraws) -> FloatArray:
    """Return each medium's mean effect, (M, G, T), outcome units per week."""
    families = (response.paid, response.organic)
    media = sum(len(family.names) for family in families)
    step = max(1, _CELLS // (max(media, 1) * response.outcome.size))
    total = np.zeros((media, *response.outcome.shape))
    for start in range(0, response.n_draws, step):
        part = response.select(np.arange(start, min(start + step, response.n_draws)))
        paid = fitted_effect(part.paid)
        if part.demand is not None:
            paid = paid * part.demand.multiplier(part.weeks)
        total += np.concatenate([paid, fitted_effect(part.organic)]).sum(axis=-1)
    return np.asarray(total / response.n_draws, dtype=np.float64)


def blocks_of(names: Sequence[str]) -> dict[str, IntArray]:
    """Group the baseline's columns into parts that people name; the intercept is none of them."""
    parts: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        if name == "intercept":
            continue
        kind, _, rest = name.partition(":")
        if kind == "control":
            part = rest
        elif kind == "holiday":
            part = "the holidays"
        else:
            part = "the season" if name.partition("_")[0] in ("sin", "cos") else "the trend"
        parts.setdefault(part, []).append(index)
    return {part: np.array(index, dtype=np.int64) for part, index in parts.items()}


def last_weeks(geo: IntArray) -> BoolArray:
    """Return True for each geo's last observation, (N,)."""
    return np.append(np.diff(geo) != 0, True)
