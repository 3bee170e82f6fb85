"""The truth in the shape of a fit, so that whatever plans from a fit can plan from the truth."""

from __future__ import annotations

import numpy as np

from mmm.arrays import FloatArray
from mmm.response.draws import BaselineDraws, MediaDraws, ResponseDraws
from mmm.transforms.time_bases import TimeBasis
from simulations.market.market import Market
from simulations.market.media import Medium

#: Two equal draws in two chains: plans are chosen on one half and judged on the other.
_DRAWS = 2


def true_response(market: Market) -> ResponseDraws:
    """Return the market's true media response as response draws, all equal.

    The baseline is the least-squares line, season, holidays and controls of the true one: it moves no plan's value.

    Raises
    ------
    ValueError
        Media effects follow the season, which constant effects cannot say.
    """
    if market.world.media_follow_season > 0:
        raise ValueError("the true response follows the season; replay plans with plan_value instead")
    return at_mean_season(market)


def at_mean_season(market: Market) -> ResponseDraws:
    """Return the response draws of a market's truth at the window's mean season, whatever the season does to media."""
    window = market.window
    outcome = market.outcome()[None]
    return ResponseDraws(
        weeks=market.weeks,
        geos=("national",),
        outcome_name=market.world.outcome.name,
        outcome_is_money=True,
        currency=market.world.currency,
        outcome=outcome,
        value_per_outcome=np.full_like(outcome, market.value),
        spend=market.spend[:, None],
        paid=_media(market.channels, window),
        organic=_media(market.organic, window),
        baseline=_baseline(market),
        demand=None,
        chain=np.arange(_DRAWS),
    )


def _media(media: tuple[Medium, ...], window: slice) -> MediaDraws:
    def draws(name: str) -> FloatArray:
        values = np.array([getattr(medium, name) for medium in media], dtype=np.float64)
        return np.repeat(values[:, None, None], _DRAWS, axis=2)

    series = [medium.media[window] for medium in media]
    weeks = window.stop - window.start
    return MediaDraws(
        names=tuple(medium.name for medium in media),
        media=np.array(series, dtype=np.float64).reshape(len(media), 1, weeks),
        saturation=tuple(medium.form for medium in media),
        alpha=draws("alpha"),
        half_saturation=draws("half_saturation"),
        slope=draws("slope"),
        beta=draws("beta"),
    )


def _baseline(market: Market) -> BaselineDraws:
    world, window = market.world, market.window
    basis = TimeBasis.fit_window(market.weeks, fourier_order=max(len(world.season), 1), holidays=world.country)
    names = tuple(world.controls)
    controls = np.array([market.demand.controls[name][window] for name in names], dtype=np.float64)
    controls = controls.reshape(len(names), 1, world.weeks)
    center, scale = controls.mean(axis=-1), np.where(controls.std(axis=-1) > 0, controls.std(axis=-1), 1.0)
    scaled = (controls[:, 0] - center) / scale
    design = np.column_stack([basis.design(market.weeks), scaled.T])
    coef = np.linalg.lstsq(design, market.demand.total()[window])[0]
    return BaselineDraws(
        basis=basis,
        control_names=names,
        controls=controls,
        control_center=center,
        control_scale=scale,
        coef=np.repeat(coef[:, None, None], _DRAWS, axis=2),
        sigma=np.full((1, _DRAWS), market.noise_sd),
    )
