"""Every prior beside what the data made of it: the posterior draws of the same quantity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mmm.arrays import FloatArray
from mmm.model.describe import GIVEN, LEVELS, SPREADS, PriorRow, Quantity, prior_rows
from mmm.model.scales import media_scales, outcome_scales
from mmm.reporting.numbers import significant

if TYPE_CHECKING:
    from mmm.model.fit import Fit


def rows(fit: Fit) -> list[tuple[str, str, str, str]]:
    """Return (of, quantity, prior, posterior) in words: medians with 90 % intervals."""
    typical = typical_media(fit)
    return [
        (
            row.of,
            str(row.quantity),
            GIVEN if row.prior is None else _said(row.levels),
            _said(_levels(posterior(fit, row, typical))),
        )
        for row in prior_rows(fit)
    ]


def typical_media(fit: Fit) -> FloatArray:
    """Return the national typical week of every medium in the units that the model saw, (M,)."""
    response = fit.response
    _, size = outcome_scales(response.outcome, response.observed, response.population)
    media = np.concatenate([response.paid.media, response.organic.media])
    return np.asarray(media_scales(media, size, response.observed).sum(axis=1), dtype=np.float64)


def posterior(fit: Fit, row: PriorRow, typical: FloatArray) -> FloatArray:
    """Return the posterior draws of what a prior is of, (S,).

    Parameters
    ----------
    fit : Fit
    row : PriorRow
    typical : (M,)
        From :func:`typical_media`.
    """
    i = row.index
    match row.quantity:
        case Quantity.ROAS:
            return np.asarray(fit.roas[i])
        case Quantity.MROAS:
            return np.asarray(fit.mroas[i])
        case Quantity.SHARE:
            return _share(fit, i)
        case Quantity.CARRYOVER:
            return _drawn(fit, "carryover")[:, i]
        case Quantity.HALF_SATURATION:
            return np.asarray(_drawn(fit, "half_saturation")[:, i] / typical[i])
        case Quantity.SLOPE:
            return _drawn(fit, "slope")[:, list(fit.draws["posterior"]["free"].to_numpy()).index(row.of)]
        case Quantity.POOLED_ROAS:
            return np.exp(_drawn(fit, "roas_center")[:, 0])
        case Quantity.POOLED_SPREAD:
            return _drawn(fit, "roas_spread")[:, 0]
        case Quantity.RISE | Quantity.FALL:
            return _drawn(fit, "control_size")[:, i]
        case Quantity.CHANGE:
            return _change(fit, i)
        case Quantity.SIZE_BY_GEO:
            return _drawn(fit, "size_spread")[:, i]
        case _:
            return _drawn(fit, SPREADS[row.quantity])[:, 0]


def _drawn(fit: Fit, name: str) -> FloatArray:
    """Return draws, (S, n), chains after one another."""
    values = fit.draws["posterior"][name].to_numpy()
    return np.asarray(values.reshape(values.shape[0] * values.shape[1], -1), dtype=np.float64)


def _share(fit: Fit, i: int) -> FloatArray:
    paid, response = len(fit.response.channels), fit.response
    if i >= paid:
        return _drawn(fit, "organic_share")[:, i - paid]
    total = float((response.value_per_outcome * response.outcome * response.observed).sum())
    return np.asarray(fit.contributions[i] / total)


def _change(fit: Fit, k: int) -> FloatArray:
    """Return the absolute effect of one sd of a control, over all geos, in mean outcomes."""
    response = fit.response
    scale, _ = outcome_scales(response.outcome, response.observed, response.population)
    names = len(response.baseline.basis.names)
    return np.asarray(np.abs(response.baseline.coef[names + k].sum(axis=0)) / scale.sum())


def _levels(draws: FloatArray) -> FloatArray:
    return np.asarray(np.quantile(draws, LEVELS))


def _said(levels: FloatArray) -> str:
    low, median, high = levels
    return f"{significant(median)} ({significant(low)} to {significant(high)})"
