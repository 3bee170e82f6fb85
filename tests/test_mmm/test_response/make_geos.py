"""Responses over a geo panel: unbalanced ones, and ones whose geos are equal parts of a nation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mmm.response.draws import MediaDraws, ResponseDraws
from tests.test_mmm.test_response.make import T, make_response


def unbalanced(*, seed: int = 3, slopes: bool = False, demand: bool = False) -> ResponseDraws:
    """Return four geos: one whole, one that opened late, one with holes, one that closed long before the end."""
    whole = make_response(geos=4, seed=seed, slopes=slopes, demand=demand)
    observed = np.ones((4, T), dtype=np.bool_)
    observed[1, :20] = False
    observed[2, [5, 6, 30, T - 1]] = False
    observed[3, T - 20 :] = False
    return replace(
        whole,
        observed=observed,
        outcome=whole.outcome * observed,
        spend=whole.spend * observed,
        population=np.array([4.0, 3.0, 2.0, 1.0]),
    )


def _spread(media: MediaDraws, geos: int) -> MediaDraws:
    """Divide one national family evenly: a geo's media, half-saturation and beta are 1/G of the nation's."""

    def parts(values: np.ndarray, share: float) -> np.ndarray:
        return np.repeat(values * share, geos, axis=1)

    return replace(
        media,
        media=parts(media.media, 1 / geos),
        alpha=parts(media.alpha, 1.0),
        slope=parts(media.slope, 1.0),
        half_saturation=parts(media.half_saturation, 1 / geos),
        beta=parts(media.beta, 1 / geos),
    )


def divided(nation: ResponseDraws, geos: int) -> ResponseDraws:
    """Divide a national response into equal geos that together are the same nation."""
    base = nation.baseline
    return replace(
        nation,
        geos=tuple(f"part {g}" for g in range(geos)),
        outcome=np.repeat(nation.outcome / geos, geos, axis=0),
        value_per_outcome=np.repeat(nation.value_per_outcome, geos, axis=0),
        spend=np.repeat(nation.spend / geos, geos, axis=1),
        paid=_spread(nation.paid, geos),
        organic=_spread(nation.organic, geos),
        baseline=replace(
            base,
            controls=np.repeat(base.controls, geos, axis=1),
            control_center=np.repeat(base.control_center, geos, axis=1),
            control_scale=np.repeat(base.control_scale, geos, axis=1),
            coef=np.repeat(base.coef / geos, geos, axis=1),
            sigma=np.repeat(base.sigma / np.sqrt(geos), geos, axis=0),
        ),
        population=np.ones(geos),
        observed=np.repeat(nation.observed, geos, axis=0),
    )
