"""The truth of a market of consumers, by rerunning it with common random numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from mmm.arrays import FloatArray
from simulations.market.consumers.engine import run
from simulations.market.consumers.market import ConsumerMarket
from simulations.market.consumers.rerun import Change, rerun
from simulations.market.truth import ChannelTruth, Truth

#: Relative step of the central difference behind the mROAS.
_STEP = 1e-4


def truth_of(market: ConsumerMarket) -> Truth:
    """Compute a market's truth.

    What is lost without a channel is followed for ``market.tail_weeks`` after the window, in which every channel spends
    as it means to, the same in all reruns. Search that is not itself changed spends what it spent, so that a channel's
    ROAS is of its own money; fewer queries then make the same money buy dearer clicks. Effects do not add up:
    ``together`` is what several channels make by helping, or replacing, each other.
    """
    lives = Lives(market)
    names, owned = market.names, market.world.recorded_owned
    changes = [
        Change(),
        Change({name: lives.dark(name) for name in names}, owned),
        *(Change({name: lives.dark(name)}) for name in names),
        *(Change(quiet=(name,)) for name in owned),
        *(Change({name: lives.scaled(name, 1.0 + step)}) for name in names for step in (_STEP, -_STEP)),
    ]
    sold = iter(lives.outcomes(changes))
    actual, alone = next(sold), next(sold)
    lost = {name: actual - next(sold) for name in names}
    lost_owned = {name: actual - next(sold) for name in owned}
    slope = {name: float((next(sold) - next(sold)).sum()) / (2 * _STEP) for name in names}
    count = market.world.weeks
    weekly = {"base": alone[:count]}
    weekly |= {f"organic:{name}": series[:count] for name, series in lost_owned.items()}
    weekly |= {f"channel:{name}": series[:count] for name, series in lost.items()}
    weekly["together"] = actual[:count] - np.sum(list(weekly.values()), axis=0)
    noise = market.noise[:, :count].sum(axis=0)
    weekly["noise"] = noise
    variance = float(market.outcome_under({}).sum(axis=0).var())
    return Truth(
        channels={name: _channel(market, name, lost[name], slope[name]) for name in names},
        organic={name: float(series[:count].sum()) for name, series in lost_owned.items()},
        weeks=market.weeks,
        weekly=weekly,
        noise_sd=market.noise_sd,
        r2=1.0 - float(noise.var()) / variance if variance > 0 else 1.0,
        of_pairs=lambda: _synergies(lives, actual, lost),
    )


def _synergies(lives: Lives, actual: FloatArray, lost: Mapping[str, FloatArray]) -> dict[tuple[str, str], float]:
    """Return what each pair makes together: what is lost without the one, and without the other, less without both."""
    pairs = list(combinations(lost, 2))
    sold = lives.outcomes([Change({a: lives.dark(a), b: lives.dark(b)}) for a, b in pairs])
    value = lives.market.value
    return {
        (a, b): float(lost[a].sum() + lost[b].sum() - float((actual - without).sum())) * value
        for (a, b), without in zip(pairs, sold, strict=True)
    }


def lost_outcome(market: ConsumerMarket, names: Sequence[str]) -> dict[str, FloatArray]:
    """Return the outcome over all geos that would be lost without each channel's spend in the window, (T + A,)."""
    lives = Lives(market)
    sold = lives.outcomes([Change(), *(Change({name: lives.dark(name)}) for name in names)])
    return {name: sold[0] - without for name, without in zip(names, sold[1:], strict=True)}


class Lives:
    """The window and the weeks after it, lived again under changes of the window."""

    def __init__(self, market: ConsumerMarket) -> None:
        self.market = market
        self.after = market.tail_weeks
        stop = market.window.stop
        self.weeks = range(market.window.start, stop + self.after)
        meant = _meant(market, range(stop, stop + self.after))
        self.money = {name: np.concatenate([series, meant[name]]) for name, series in market.record.spend.items()}

    def scaled(self, name: str, factor: float) -> FloatArray:
        """Return a channel's money with the window's multiplied, (n, G)."""
        money = self.money[name].copy()
        money[: self.market.world.weeks] *= factor
        return money

    def dark(self, name: str) -> FloatArray:
        """Return a channel's money with none in the window, (n, G)."""
        return self.scaled(name, 0.0)

    def outcomes(self, changes: list[Change]) -> FloatArray:
        """Return the outcome over all geos of each change, (P, n)."""
        return np.asarray(rerun(self.market, self.market.start, self.weeks, self.money, changes).sum(axis=2))

    def lived(self, money: Mapping[str, FloatArray], change: Change) -> tuple[FloatArray, dict[str, FloatArray]]:
        """Return the outcome, (n, G), and the money of each channel where only some of it is told."""
        told = {**money, **change.spend}
        record = run(self.market.world, self.market.scene, self.market.start.copy(), self.weeks, told)
        return record.outcome, record.spend


def _meant(market: ConsumerMarket, weeks: range) -> dict[str, FloatArray]:
    """Return what channels spend after the window if nothing is changed, (A, G)."""
    return run(market.world, market.scene, market.end.copy(), weeks).spend


def _channel(market: ConsumerMarket, name: str, lost: FloatArray, slope: float) -> ChannelTruth:
    spend = float(market.record.spend[name].sum())
    contribution = float(lost.sum()) * market.value
    return ChannelTruth(
        spend=spend,
        contribution=contribution,
        roas=contribution / spend,
        mroas=slope * market.value / spend,
        after_window=float(lost[market.world.weeks :].sum()) * market.value,
        cost_per_exposure=market.world.channels[name].exposure.cost,
    )


@dataclass(frozen=True)
class FollowingTruth:
    """What a channel does where channels that follow demand may spend what its demand leads to.

    Attributes
    ----------
    contribution : float
        Money lost without the channel's spend in the window, carryover after it included.
    led_to : float
        Money that other channels spent in the window because of it.
    roas : float
        Contribution over its own spend and the spend that it led to.
    """

    contribution: float
    led_to: float
    roas: float


def following_truth(market: ConsumerMarket) -> dict[str, FollowingTruth]:
    """Return each channel's truth where search follows the demand that the channel makes, instead of being held.

    It is what happens when a budget is cut and nobody touches the bids; ``market.truth`` holds the others' money, as a
    model that regresses on it does.
    """
    lives, count = Lives(market), market.world.weeks
    followers = [name for name in market.names if name not in market.scene.spend]
    meant = {name: series for name, series in lives.money.items() if name not in followers}
    found = {}
    for name in market.names:
        own, dark = Change({name: lives.money[name]}), Change({name: lives.dark(name)})
        (sold, spent), (unsold, unspent) = (lives.lived(meant, change) for change in (own, dark))
        lost = float((sold - unsold).sum()) * market.value
        led_to = sum(float((spent[o] - unspent[o])[:count].sum()) for o in followers if o != name)
        found[name] = FollowingTruth(lost, led_to, lost / (float(market.record.spend[name].sum()) + led_to))
    return found
