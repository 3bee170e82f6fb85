"""The national outcome of the weeks after a fit's window, given what was truly spent and what controls truly were."""

from __future__ import annotations

import numpy as np

from mmm.arrays import FloatArray
from mmm.data.panel import Panel
from mmm.response.draws import MediaDraws, ResponseDraws
from mmm.response.forecast import media_effect, noise_of

#: Draws that a forecast uses, at most.
DRAWS = 1000


def forecast(response: ResponseDraws, whole: Panel, horizon: int, rng: np.random.Generator) -> FloatArray:
    """Return draws of the national outcome, residual noise included.

    Parameters
    ----------
    response : ResponseDraws
        Fitted to the first T weeks of ``whole``.
    whole : Panel
        T + horizon weeks or more; a medium or control that the fit does not have counts for nothing.
    horizon : int
    rng : Generator

    Returns
    -------
    (horizon, S)
        Outcome units per week, over the geos that have a row in that week.
    """
    some = np.linspace(0, response.n_draws - 1, min(response.n_draws, DRAWS)).astype(np.int64)
    response = response.select(some)
    ahead = slice(response.n_weeks, response.n_weeks + horizon)
    weeks, base = whole.weeks[ahead], response.baseline
    total = base.mean(weeks, _rows(whole.controls, whole.control_names, base.control_names)[..., ahead])
    media = _effect(response.paid, _rows(whole.exposure, whole.channels, response.paid.names)[..., ahead])
    if response.demand is not None:
        media = media * response.demand.multiplier(weeks)
    total = total + media
    if response.organic.names:
        total = total + _effect(
            response.organic, _rows(whole.organic, whole.organic_names, response.organic.names)[..., ahead]
        )
    present = whole.observed[:, ahead]
    expected = (total * present[..., None]).sum(axis=0)
    return np.asarray(expected + noise_of(response, present, rng), dtype=np.float64)


def _rows(values: FloatArray, names: tuple[str, ...], wanted: tuple[str, ...]) -> FloatArray:
    return values[[names.index(name) for name in wanted]]


def _effect(media: MediaDraws, future: FloatArray) -> FloatArray:
    return media_effect(media, future).sum(axis=0)
