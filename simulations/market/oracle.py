"""The truth in the shape of a fit, so that whatever plans from a fit can plan from the truth."""

from __future__ import annotations

import numpy as np

from mmm.arrays import FloatArray
from mmm.response.draws import BaselineDraws, MediaDraws, ResponseDraws
from mmm.transforms.saturation import Saturation
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
    reason = not_a_response(market)
    if reason is not None:
        raise ValueError(f"{reason}; replay plans with plan_value instead")
    return at_mean_season(market)


def not_a_response(market: Market) -> str | None:
    """Return why a market's truth is no set of additive, constant responses of the model's forms; None where it is."""
    if market.world.media_follow_season > 0:
        return "the true response follows the season"
    if not market.additive:
        return "channels do not add up: there is synergy or capacity"
    for medium in market.channels:
        if medium.form.modelled is None:
            return f"'{medium.name}' saturates in a form that the model does not have"
        if medium.lags is not None:
            return f"the carryover of '{medium.name}' is not geometric"
        if np.any(medium.drift != 1.0):
            return f"the effect of '{medium.name}' drifts"
    return None


def at_mean_season(market: Market) -> ResponseDraws:
    """Return the response draws of a market's truth at the window's mean season, whatever the season does to media."""
    window = market.window
    outcome = market.outcome_under({})
    return ResponseDraws(
        weeks=market.weeks,
        geos=market.geos,
        outcome_name=market.world.outcome.name,
        outcome_is_money=True,
        currency=market.world.currency,
        outcome=outcome,
        value_per_outcome=np.full_like(outcome, market.value),
        spend=market.spend_by_geo,
        paid=_media(market.channels, window, len(market.geos)),
        organic=_media(market.organic, window, len(market.geos)),
        baseline=_baseline(market),
        demand=None,
        chain=np.arange(_DRAWS),
        population=market.shares.size,
    )


def _media(media: tuple[Medium, ...], window: slice, geos: int) -> MediaDraws:
    def draws(values: list[FloatArray | float]) -> FloatArray:
        by_geo = [np.broadcast_to(np.asarray(value, dtype=np.float64), (geos,)) for value in values]
        return np.repeat(np.array(by_geo).reshape(len(media), geos)[:, :, None], _DRAWS, axis=2)

    series = [medium.media[:, window] for medium in media]
    return MediaDraws(
        names=tuple(medium.name for medium in media),
        media=np.array(series, dtype=np.float64).reshape(len(media), geos, window.stop - window.start),
        saturation=tuple(medium.form.modelled or Saturation.HILL for medium in media),
        alpha=draws([medium.alpha for medium in media]),
        half_saturation=draws([medium.half_saturation * medium.half_share for medium in media]),
        slope=draws([medium.slope for medium in media]),
        beta=draws([medium.beta * medium.beta_share for medium in media]),
    )


def _baseline(market: Market) -> BaselineDraws:
    world, window, geos = market.world, market.window, len(market.geos)
    basis = TimeBasis.fit_window(market.weeks, fourier_order=max(len(world.season), 1), holidays=world.country)
    names = tuple(world.controls)
    national = np.array([market.demand.controls[name][window] for name in names], dtype=np.float64)
    controls = np.repeat(national.reshape(len(names), 1, world.weeks), geos, axis=1)
    center, scale = controls.mean(axis=-1), np.where(controls.std(axis=-1) > 0, controls.std(axis=-1), 1.0)
    scaled = (controls - center[..., None]) / scale[..., None]
    coef = [
        np.linalg.lstsq(np.column_stack([basis.design(market.weeks), scaled[:, geo].T]), market.base[geo, window])[0]
        for geo in range(geos)
    ]
    part = market.shares.size / np.sqrt(float(market.shares.size @ market.shares.size))
    return BaselineDraws(
        basis=basis,
        control_names=names,
        controls=controls,
        control_center=center,
        control_scale=scale,
        coef=np.repeat(np.stack(coef, axis=1)[..., None], _DRAWS, axis=2),
        sigma=np.repeat((part * market.noise_sd)[:, None], _DRAWS, axis=1),
    )
