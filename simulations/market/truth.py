"""The truth of a market by counterfactual rerun with common random numbers, in the words of the model's own results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from mmm.arrays import FloatArray, WeekArray
from simulations.market.experiments import SimulatedTest
from simulations.market.market import Market
from simulations.market.media import Medium
from simulations.market.protocol import SimulatedMarket

#: Relative step of the central difference behind the mROAS.
_STEP = 1e-4
_DEFINITION = (
    "ROAS: outcome lost if the channel's spend in the window were zero, its carryover after the window included, over "
    "that spend. mROAS: derivative when that spend is scaled in proportion. Both by rerunning the market with the same "
    "random numbers."
)
_SYNERGY = (
    "Of a pair: what both make together beyond the sum of what each makes without the other, all other channels as "
    "they were; in money, carryover after the window included. Negative where they replace each other."
)


@dataclass(frozen=True)
class ChannelTruth:
    """What a paid channel truly does in the window.

    Attributes
    ----------
    spend : float
        Money in the window.
    contribution : float
        Outcome lost if that spend were zero, times the value of an outcome unit.
    roas : float
        ``contribution / spend``.
    after_window : float
        The part of ``contribution`` that falls after the window, from its carryover.
    mroas : float
        Derivative of the outcome's value when the window's spend is scaled in proportion, over that spend.
    alpha, half_saturation, slope, beta : float, optional
        Where the effect has such parameters: ``half_saturation`` in media units a week, ``beta`` in outcome units a
        week, over all geos.
    saturation : str, optional
    cost_per_exposure : float, optional
        Money per media unit, without its weekly noise; 1 where the response is to money.
    lags : tuple of float, optional
        Weights of this and earlier weeks' media, where the carryover is not geometric.
    drift_to : float, optional
        The effect at the window's end over that at its start, where it drifts.
    """

    spend: float
    contribution: float
    after_window: float
    roas: float
    mroas: float
    alpha: float | None = None
    half_saturation: float | None = None
    slope: float | None = None
    beta: float | None = None
    saturation: str | None = None
    cost_per_exposure: float | None = None
    lags: tuple[float, ...] | None = None
    drift_to: float | None = None


@dataclass(frozen=True, eq=False)
class Truth:
    """Everything true about a market's window.

    Attributes
    ----------
    channels : dict of str to ChannelTruth
    organic : dict of str to float
        Outcome units in the window that an organic channel makes.
    weeks : (T,)
    weekly : dict of str to (T,)
        Outcome units by cause; they add up to the recorded outcome. A paid channel's is the outcome lost if
        its window's spend were zero; what spend before the window still does is ``carry_in``. Where effects do not add
        up, ``together`` is what is left over.
    noise_sd, r2 : float
        ``r2`` is the share of the recorded outcome's variance that is not noise.
    of_pairs : callable
        Reruns the market for :attr:`synergy`: every pair of channels costs a rerun, so only where it is asked for.
    """

    channels: dict[str, ChannelTruth]
    organic: dict[str, float]
    weeks: WeekArray
    weekly: dict[str, FloatArray]
    noise_sd: float
    r2: float
    of_pairs: Callable[[], Mapping[tuple[str, str], float]] = dict

    @cached_property
    def synergy(self) -> Mapping[tuple[str, str], float]:
        """Money in the window and after it that a pair makes together beyond the sum of what each makes alone.

        Empty where effects add up. Worked out, by reruns, when it is first asked for.
        """
        return self.of_pairs()

    @property
    def roas(self) -> dict[str, float]:
        """True ROAS by channel."""
        return {name: channel.roas for name, channel in self.channels.items()}

    @property
    def mroas(self) -> dict[str, float]:
        """True mROAS by channel."""
        return {name: channel.mroas for name, channel in self.channels.items()}

    def to_frame(self) -> pd.DataFrame:
        """Return the weekly decomposition: week, then one column a cause, outcome units a week."""
        return pd.DataFrame({"week": self.weeks.astype("datetime64[s]"), **self.weekly})


def truth_of(market: Market) -> Truth:
    """Compute a market's truth."""
    window, count = market.window, market.world.weeks
    weekly = {name: part[window] for name, part in market.demand.parts.items()}
    weekly |= {f"organic:{medium.name}": medium.effect(medium.media).sum(axis=0)[window] for medium in market.organic}
    lost = {medium.name: market.lost(medium.name) for medium in market.channels}
    weekly |= {f"channel:{name}": series[:count] for name, series in lost.items()}
    noise = market.noise[:, window].sum(axis=0)
    dark = market.effects({name: np.zeros(count) for name in market.names})
    weekly["carry_in"] = np.sum(list(dark.values()), axis=0)
    if not market.additive:
        weekly["together"] = market.expected() - np.sum(list(weekly.values()), axis=0)
    weekly["noise"] = noise
    variance = float(market.outcome().var())
    sums = {name: float(series.sum()) for name, series in lost.items()}
    return Truth(
        channels={medium.name: _channel(market, medium, lost[medium.name]) for medium in market.channels},
        organic={medium.name: float(weekly[f"organic:{medium.name}"].sum()) for medium in market.organic},
        weeks=market.weeks,
        weekly=weekly,
        noise_sd=market.noise_sd,
        r2=1.0 - float(noise.var()) / variance if variance > 0 else 1.0,
        of_pairs=lambda: {} if market.additive else _synergies(market, sums),
    )


def _synergies(market: Market, lost: Mapping[str, float]) -> dict[tuple[str, str], float]:
    """Return what each pair makes together: what is lost without the one, and without the other, less without both."""
    dark = np.zeros(market.world.weeks)
    return {
        (a, b): (lost[a] + lost[b] - float(market.difference({a: dark, b: dark}).sum())) * market.value
        for a, b in combinations(market.names, 2)
    }


def _channel(market: Market, medium: Medium, lost: FloatArray) -> ChannelTruth:
    actual = medium.spend[:, market.window]
    spend = float(actual.sum())
    contribution = float(lost.sum()) * market.value

    def scaled(factor: float) -> float:
        return -float(market.difference({medium.name: factor * actual}, medium=medium.name).sum()) * market.value

    return ChannelTruth(
        spend=spend,
        contribution=contribution,
        roas=contribution / spend,
        mroas=(scaled(1 + _STEP) - scaled(1 - _STEP)) / (2 * _STEP * spend),
        after_window=float(lost[market.world.weeks :].sum()) * market.value,
        alpha=medium.alpha if medium.lags is None else None,
        half_saturation=medium.half_saturation,
        slope=medium.slope,
        beta=medium.beta,
        saturation=str(medium.form),
        cost_per_exposure=1.0 / medium.typical_bought,
        lags=None if medium.lags is None else tuple(float(weight) for weight in medium.lags),
        drift_to=float(medium.drift[-1]) if medium.drift[-1] != 1.0 else None,
    )


def truth_json(market: SimulatedMarket, truth: Truth | None = None) -> dict[str, Any]:
    """Return the truth JSON-ready, rounded to nine significant digits so that every machine writes the same bytes."""
    truth = truth or market.truth
    written: dict[str, Any] = {
        "definition": _DEFINITION,
        "currency": market.currency,
        "weeks": {"first": str(market.weeks[0]), "last": str(market.weeks[-1]), "count": len(market.weeks)},
        "channels": {
            name: {key: _rounded(value) for key, value in vars(channel).items() if value is not None}
            for name, channel in truth.channels.items()
        },
        "organic": {name: {"contribution": _rounded(total)} for name, total in truth.organic.items()},
        "noise_sd": _rounded(truth.noise_sd),
        "r2": _rounded(truth.r2),
    }
    if market.lift_tests:
        written["experiments"] = {
            test.name: {"true_lift": _rounded(test.true_lift)}
            for test in market.lift_tests
            if isinstance(test, SimulatedTest)
        }
    if truth.synergy:
        pairs = {" + ".join(pair): _rounded(money) for pair, money in truth.synergy.items()}
        written["synergy"] = {"definition": _SYNERGY, "pairs": pairs}
    return written


def _rounded(value: float | str | tuple[float, ...]) -> float | str | list[float]:
    if isinstance(value, tuple):
        return [float(f"{part:.9g}") for part in value]
    return value if isinstance(value, str) else float(f"{value:.9g}")
