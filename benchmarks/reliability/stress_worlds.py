"""Twenty worlds in each of which one assumption of the model is wrong; all else is as in a clean one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from benchmarks.model.curves import CurveForm, binomial
from benchmarks.model.mechanism import HISTORY, TrueChannel, TrueMarket, sized
from benchmarks.model.worlds import LEVEL
from benchmarks.reliability.clean import Draft, draft
from mmm.arrays import FloatArray
from simulations.market.patterns import FollowsDemand
from simulations.market.streams import autoregressive

R2 = 0.93
World = Callable[[Draft], TrueMarket]


def market_of(world: str, seed: int) -> TrueMarket:
    """Draw a stress world, or ``clean``."""
    weeks = 52 if world == "short data" else 156
    made = draft(seed, weeks=weeks)
    return made.market(R2) if world == "clean" else WORLDS[world](made)


def _changed(made: Draft, number: int, channel: TrueChannel) -> Draft:
    channels = list(made.channels)
    channels[number] = channel
    return replace(made, channels=tuple(channels))


def _resized(made: Draft, number: int, spend: FloatArray, roas: float) -> TrueChannel:
    """Give a channel another spend, with its half-saturation in the same place of it and a true ROAS."""
    old = made.channels[number]
    ratio = spend[spend > 0].mean() / old.spend[old.spend > 0].mean()
    curve = replace(old.curve, half=old.curve.half * float(ratio))
    return sized(TrueChannel(old.name, spend, old.lags, curve), roas)


def _roas(channel: TrueChannel) -> float:
    return TrueMarket((channel,), np.zeros(len(channel.spend) - HISTORY)).roas[channel.name]


def search_follows_demand(made: Draft, sd: float = 0.08) -> TrueMarket:
    """Search is bought where demand is, and demand (of this sd, as a share of its level) is not recorded."""
    demand = 1.0 + autoregressive(made.rng, len(made.setting.weeks), sd, 0.8)
    pattern = FollowsDemand(pattern="follows_demand", weekly=0.04 * LEVEL, elasticity=2.5, variation=0.1)
    spend = pattern.draw(made.rng, made.setting.climate(np.maximum(demand * made.setting.season, 0.1)))
    made = _changed(made, 0, _resized(made, 0, spend, 0.4))
    return replace(made, base=made.base + LEVEL * (demand[HISTORY:] - 1.0)).market(R2)


def drift(made: Draft) -> TrueMarket:
    """Two channels wear out: their effect falls to a quarter."""
    for number in (0, 1):
        channel = made.channels[number]
        fall = np.concatenate([np.ones(HISTORY), np.linspace(1.0, 0.25, made.setting.n_weeks)])
        made = _changed(made, number, sized(channel, _roas(channel), fall))
    return made.market(R2)


def synergy(made: Draft) -> TrueMarket:
    """Two channels raise each other."""
    market = made.market(R2)
    return replace(market, together=lambda effects: 1.2 * np.sqrt(effects[0] * effects[1]))


def trend_break(made: Draft) -> TrueMarket:
    """Growth turns into decline in the middle."""
    weeks = np.arange(made.setting.n_weeks)
    bend = np.where(weeks > len(weeks) // 2, (weeks - len(weeks) // 2) / 52.0, 0.0)
    return replace(made, base=made.base * (1.0 - 0.2 * bend)).market(R2)


def level_shift(made: Draft) -> TrueMarket:
    """A distributor is lost: from one week on, 15 % less."""
    later = np.arange(made.setting.n_weeks) > 0.6 * made.setting.n_weeks
    return replace(made, base=made.base * np.where(later, 0.85, 1.0)).market(R2)


def outliers(made: Draft) -> TrueMarket:
    """Five weeks went wrong for reasons that nobody recorded."""
    market = made.market(R2)
    odd = made.rng.choice(market.n_weeks, 5, replace=False)
    shock = np.zeros(market.n_weeks)
    shock[odd] = LEVEL * made.rng.choice([-0.35, 0.35], 5)
    return replace(market, base=market.base + shock)


def collinear(made: Draft) -> TrueMarket:
    """Two channels are always bought together."""
    noise = np.exp(0.03 * made.rng.standard_normal(len(made.channels[0].spend)))
    made = _changed(made, 1, _resized(made, 1, made.channels[0].spend * noise, 0.5))
    return _changed(made, 0, sized(made.channels[0], 3.0)).market(R2)


def wrong_adstock(made: Draft) -> TrueMarket:
    """Effects come two or three weeks after the money."""
    for number, channel in enumerate(made.channels):
        made = _changed(made, number, sized(replace(channel, lags=binomial(0.4, 7)), _roas(channel)))
    return made.market(R2)


def wrong_saturation(made: Draft) -> TrueMarket:
    """Nothing below a threshold, then all at once: a slope of 3."""
    for number, channel in enumerate(made.channels):
        curve = replace(channel.curve, form=CurveForm.HILL, slope=3.0)
        made = _changed(made, number, sized(replace(channel, curve=curve), _roas(channel)))
    return made.market(R2)


def confounder(made: Draft) -> TrueMarket:
    """Budgets follow a forecast of demand that the model does not have."""
    demand = autoregressive(made.rng, len(made.setting.weeks), 1.0, 0.9)
    for number, channel in enumerate(made.channels):
        made = _changed(made, number, _resized(made, number, channel.spend * np.exp(0.6 * demand), _roas(channel)))
    return replace(made, base=made.base + 0.06 * LEVEL * demand[HISTORY:]).market(R2)


def promotion_with_tv(made: Draft) -> TrueMarket:
    """Promotions run when TV is on, and are not recorded."""
    on = made.channels[0].spend[HISTORY:] > 0
    promotion = on & (made.rng.random(made.setting.n_weeks) < 0.6)
    return replace(made, base=made.base + 0.10 * LEVEL * promotion).market(R2)


def competitor_burst(made: Draft) -> TrueMarket:
    """A competitor's campaigns cost sales for weeks, and we answer them."""
    state = autoregressive(made.rng, len(made.setting.weeks), 1.0, 0.85) > 0.8
    spend = made.channels[0].spend * np.where(state, 2.0, 1.0)
    made = _changed(made, 0, _resized(made, 0, spend, _roas(made.channels[0])))
    return replace(made, base=made.base - 0.10 * LEVEL * state[HISTORY:]).market(R2)


def fixed_mix(made: Draft) -> TrueMarket:
    """All channels get the same share of every week's budget."""
    weekly = made.channels[0].spend
    for number, channel in enumerate(made.channels[1:], start=1):
        share = channel.spend.mean() / weekly.mean()
        made = _changed(made, number, _resized(made, number, share * weekly, _roas(channel)))
    return made.market(R2)


def capacity(made: Draft) -> TrueMarket:
    """Above a limit, orders wait: media together can add only so much a week."""
    market = made.market(R2)
    alone = market.media(after=0)
    limit = float(np.quantile(alone, 0.5))
    return replace(market, together=lambda effects: np.minimum(effects.sum(axis=0), limit) - effects.sum(axis=0))


def short_data(made: Draft) -> TrueMarket:
    """One year."""
    return made.market(R2)


def new_channel(made: Draft) -> TrueMarket:
    """A channel is ten weeks old."""
    spend = made.channels[3].spend.copy()
    spend[: HISTORY + made.setting.n_weeks - 10] = 0.0
    return _changed(made, 3, _resized(made, 3, spend, _roas(made.channels[3]))).market(R2)


def spend_measured_with_error(made: Draft) -> TrueMarket:
    """The books have the right year, not the right week."""
    market = made.market(R2)
    channels = []
    for channel in market.channels:
        window = channel.spend[HISTORY:]
        wrong = window * np.exp(0.7 * made.rng.standard_normal(len(window)))
        channels.append(replace(channel, recorded=wrong * window.sum() / wrong.sum()))
    return replace(market, channels=tuple(channels))


def seasonal_effect(made: Draft) -> TrueMarket:
    """Media work in season."""
    angle = 2 * np.pi * np.arange(-HISTORY, made.setting.n_weeks) / 52.18
    for number, channel in enumerate(made.channels):
        made = _changed(made, number, sized(channel, _roas(channel), 1.0 + 0.8 * np.cos(angle)))
    return made.market(R2)


def holiday_missing(made: Draft) -> TrueMarket:
    """Four weeks before Christmas sell, media are bought for them, and the model has no holidays."""
    days = made.setting.weeks.astype("datetime64[D]")
    week_of_year = ((days - days.astype("datetime64[Y]")).astype(int)) // 7
    rush = (week_of_year >= 47) & (week_of_year <= 50)
    for number in (0, 1):
        spend = made.channels[number].spend + 2.0 * rush * made.channels[number].spend.mean()
        made = _changed(made, number, _resized(made, number, spend, _roas(made.channels[number])))
    return replace(made, base=made.base + 0.30 * LEVEL * rush[HISTORY:]).market(R2)


def heavy_tails(made: Draft) -> TrueMarket:
    """Noise with rare large weeks."""
    return made.market(R2, heavy=2.2)


WORLDS: dict[str, World] = {
    "search follows demand": search_follows_demand,
    "effects that drift": drift,
    "synergy": synergy,
    "trend break": trend_break,
    "level shift": level_shift,
    "outliers": outliers,
    "collinear spend": collinear,
    "wrong adstock": wrong_adstock,
    "wrong saturation": wrong_saturation,
    "unobserved confounder": confounder,
    "promotion with TV": promotion_with_tv,
    "competitor burst": competitor_burst,
    "a mix that never varies": fixed_mix,
    "capacity": capacity,
    "short data": short_data,
    "new channel": new_channel,
    "spend measured with error": spend_measured_with_error,
    "seasonal media effect": seasonal_effect,
    "holidays missing": holiday_missing,
    "heavy-tailed noise": heavy_tails,
}
