"""A market that has happened: the company's data, and the mechanism that can be run again under other spend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mmm.arrays import FloatArray, WeekArray
from mmm.data.lift_tests import LiftTest
from simulations.market import frames
from simulations.market.any_market import AnyMarket
from simulations.market.demand import WEEK, Demand
from simulations.market.media import Medium
from simulations.market.regions import GeoShares
from simulations.market.together import beyond_the_sum, served
from simulations.market.world import World
from simulations.market.year import season_index

if TYPE_CHECKING:
    from mmm.response.calendar import SpendCalendar
    from simulations.market.truth import Truth

#: Weeks from whose spend the usual division over geos is taken.
RECENT = 52


@dataclass(frozen=True, eq=False)
class Market(AnyMarket):
    """One draw of a world. Every rerun uses the same random numbers, so a difference is caused by the spend alone.

    Attributes
    ----------
    world : World
    history : int
        Weeks before the window, which leave carryover in it.
    demand : Demand
        Over history, window and future (N weeks), national.
    shares : GeoShares
        How the market divides over its G geos.
    base : (G, N)
        What would be bought without media, outcome units a week.
    channels, organic : tuple of Medium
        C paid and O organic ones, over the same weeks.
    noise : (G, N)
        Outcome units a week; in the window it holds the rounding of the data file as well.
    noise_sd : float
    limit : (G,), optional
        The most that can be sold a week.
    lift_tests : tuple of LiftTest
        The company's experiments.
    """

    world: World
    history: int
    demand: Demand
    shares: GeoShares
    base: FloatArray
    channels: tuple[Medium, ...]
    organic: tuple[Medium, ...]
    noise: FloatArray
    noise_sd: float
    limit: FloatArray | None = None
    lift_tests: tuple[LiftTest, ...] = ()

    @property
    def window(self) -> slice:
        """The weeks that the company has data of, within the N weeks."""
        return slice(self.history, self.history + self.world.weeks)

    @property
    def weeks(self) -> WeekArray:
        """First day of each week of the window, (T,)."""
        return self.demand.weeks[self.window]

    @property
    def names(self) -> tuple[str, ...]:
        """The C paid channels."""
        return tuple(medium.name for medium in self.channels)

    @property
    def geos(self) -> tuple[str, ...]:
        """The G geos; ``("national",)`` where there is one."""
        return self.shares.geos

    @property
    def spend(self) -> FloatArray:
        """Money truly spent a week on the paid channels in the window, (C, T)."""
        return np.asarray(self.spend_by_geo.sum(axis=1), dtype=np.float64)

    @property
    def spend_by_geo(self) -> FloatArray:
        """The same by geo, (C, G, T)."""
        return np.stack([medium.spend[:, self.window] for medium in self.channels])

    @property
    def additive(self) -> bool:
        """Whether what channels do adds up: no synergy, and nothing runs out."""
        return not self.world.synergy and self.limit is None

    @property
    def tail_weeks(self) -> int:
        """Weeks until 99.9 % of every channel's carryover has gone."""
        return max(medium.tail_weeks for medium in self.channels)

    def multiplier(self, weeks: WeekArray) -> FloatArray:
        """Return the factor on paid effects in any weeks, (N,); its mean over the window is 1."""
        power = self.world.media_follow_season
        level = np.mean(season_index(self.world, self.weeks) ** power)
        return np.asarray(season_index(self.world, weeks) ** power / level, dtype=np.float64)

    def own_effects(self, money: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
        """Return each paid channel's own effect under any course of spend, before synergy and capacity.

        Parameters
        ----------
        money : mapping of str to (..., G, M)
            For every channel, from the first week of history on; M as long as wanted.

        Returns
        -------
        dict of str to (..., G, M)
            Outcome units a week.
        """
        longest = max(series.shape[-1] for series in money.values())
        factor = self.multiplier(self.demand.weeks[0] + WEEK * np.arange(longest))
        return {medium.name: factor * medium.effect(medium.media_of(money[medium.name])) for medium in self.channels}

    def sold(self, own: Mapping[str, FloatArray]) -> FloatArray:
        """Return what is sold where channels do so much of their own, without noise, (..., G, M); M is at most N."""
        count = next(iter(own.values())).shape[-1]
        organic = sum(medium.effect(medium.media)[:, :count] for medium in self.organic)
        wanted = self.base[:, :count] + organic + self.paid(own)
        if self.limit is None or self.world.capacity is None:
            return np.asarray(wanted, dtype=np.float64)
        return served(wanted, self.limit, self.world.capacity.waits)

    def paid(self, own: Mapping[str, FloatArray]) -> FloatArray:
        """Return what all paid channels do together before capacity, (..., G, M)."""
        return np.asarray(
            np.sum(list(own.values()), axis=0) + beyond_the_sum(self.world.synergy, own), dtype=np.float64
        )

    def courses(self, spend: Mapping[str, FloatArray] | None = None, *, after: int = 0) -> dict[str, FloatArray]:
        """Return each channel's money from the first week of history to the window's end and ``after`` dark weeks on.

        Parameters
        ----------
        spend : mapping of str to (T,) or (G, T), optional
            Money a week of the window for the channels to change; the others spend what they spent.

        Raises
        ------
        ValueError
            ``spend`` names a channel that the market does not have, or has another shape.
        """
        changed = spend or {}
        if not set(changed) <= set(self.names):
            raise ValueError(f"the market has no channel '{min(set(changed) - set(self.names))}'")
        result = {}
        for medium in self.channels:
            dark = np.zeros((len(self.geos), after))
            money = np.concatenate([medium.spend[:, : self.window.stop], dark], axis=1)
            if medium.name in changed:
                money[:, self.window] = self._by_geo(medium, changed[medium.name])
            result[medium.name] = money
        return result

    def _by_geo(self, medium: Medium, series: FloatArray) -> FloatArray:
        """Return the window's spend as (G, T); a national series is divided as the channel's was in each week."""
        given = np.asarray(series, dtype=np.float64)
        weeks, geos = self.world.weeks, len(self.geos)
        if given.shape == (geos, weeks):
            return given
        if given.shape != (weeks,):
            raise ValueError(
                f"the spend of '{medium.name}' has shape {given.shape}, not ({weeks},) or ({geos}, {weeks})"
            )
        if self.shares.one:
            return given[None]
        was = medium.spend[:, self.window]
        total = was.sum(axis=0)
        usual = self.usual_division(medium)[:, None]
        return np.asarray(given * np.where(total > 0, was / np.where(total > 0, total, 1.0), usual), dtype=np.float64)

    def usual_division(self, medium: Medium) -> FloatArray:
        """Return how a channel's money divides over geos, (G,): as in the window's last year, else by size."""
        recent = medium.spend[:, self.window][:, -RECENT:].sum(axis=1)
        return np.asarray(recent / recent.sum() if recent.sum() > 0 else self.shares.size, dtype=np.float64)

    def effects(self, spend: Mapping[str, FloatArray] | None = None, *, after: int = 0) -> dict[str, FloatArray]:
        """Return each paid channel's own effect by week of the window, over all geos.

        Parameters
        ----------
        spend : mapping of str to (T,) or (G, T), optional
            See :meth:`courses`.
        after : int
            Follow the effects so many weeks A on, in which nothing is spent.

        Returns
        -------
        dict of str to (T + A,)
            Outcome units a week, the carryover from before the window included.
        """
        own = self.own_effects(self.courses(spend, after=after))
        return {name: series.sum(axis=0)[self.window.start :] for name, series in own.items()}

    def lost(self, name: str) -> FloatArray:
        """Return the outcome units lost in each week had a channel spent nothing in the window, (T + A,).

        The last A weeks follow the window's carryover until 99.9 % of it has decayed; nothing is spent in them.
        """
        return self.difference({name: np.zeros(self.world.weeks)}, medium=name)

    def difference(self, spend: Mapping[str, FloatArray], *, medium: str | None = None) -> FloatArray:
        """Return the outcome of what was spent minus that of other spend in the window, over all geos, (T + A,).

        Parameters
        ----------
        spend : mapping of str to (T,) or (G, T)
        medium : str, optional
            The only channel that ``spend`` changes: its carryover says how long to follow. Default: the longest.
        """
        after = next((m.tail_weeks for m in self.channels if m.name == medium), self.tail_weeks)
        if self.additive:
            was, other = self.effects(after=after), self.effects(spend, after=after)
            return np.asarray(sum(was[name] - other[name] for name in spend), dtype=np.float64)
        after = self.tail_weeks
        if self.limit is not None:
            after = min(after, len(self.demand.weeks) - self.window.stop)
        both = [self.own_effects(self.courses(changed, after=after)) for changed in (None, spend)]
        made = [self.paid(own) if self.limit is None else self.sold(own) for own in both]
        return np.asarray((made[0] - made[1]).sum(axis=0)[self.window.start :], dtype=np.float64)

    def expected_by_geo(self, spend: Mapping[str, FloatArray] | None = None) -> FloatArray:
        """Return the window's outcome without noise, (G, T), under other spend (see :meth:`courses`)."""
        return self.sold(self.own_effects(self.courses(spend)))[:, self.window]

    def expected(self, spend: Mapping[str, FloatArray] | None = None) -> FloatArray:
        """Return the window's outcome without noise over all geos, (T,)."""
        return np.asarray(self.expected_by_geo(spend).sum(axis=0), dtype=np.float64)

    def outcome(self, spend: Mapping[str, FloatArray] | None = None) -> FloatArray:
        """Return what would have been sold over all geos, (T,), noise included: as recorded where nothing changes."""
        return np.asarray(self.outcome_under(spend or {}).sum(axis=0), dtype=np.float64)

    def outcome_under(self, spend: Mapping[str, FloatArray]) -> FloatArray:
        """Return what would have been sold, noise included, (G, T): as recorded where nothing changes."""
        noisy = self.expected_by_geo(spend) + self.noise[:, self.window]
        return np.asarray(np.round(noisy, self.world.outcome.decimals + 6), dtype=np.float64)

    def with_spend(self, spend: Mapping[str, FloatArray]) -> Market:
        """Return the market in which other money was spent in the window; channels not named spend what they spent."""
        courses = self.courses(spend)
        changed = []
        for medium in self.channels:
            money = medium.spend.copy()
            money[:, : self.window.stop] = courses[medium.name]
            changed.append(replace(medium, spend=money))
        return replace(self, channels=tuple(changed))

    @property
    def frame(self) -> pd.DataFrame:
        """The data file: week[, geo, population], outcome, spend and exposures, organic channels, controls."""
        return frames.company_frame(self)

    @property
    def decimals(self) -> dict[str, int]:
        """Digits after the point in the data file."""
        return frames.decimals(self)

    @property
    def settings(self) -> dict[str, Any]:
        """The least model file that fits the data: names of columns, nothing of the truth."""
        return frames.model_settings(self)

    @cached_property
    def truth(self) -> Truth:
        """The true ROAS, mROAS, contributions and synergy, by rerunning the market."""
        from simulations.market.truth import truth_of  # noqa: PLC0415  (the truth reruns markets, so it imports this)

        return truth_of(self)

    def future_weeks(self, count: int) -> WeekArray:
        """Return the first days of the ``count`` weeks after the window."""
        return np.asarray(self.weeks[-1] + WEEK * np.arange(1, count + 1), dtype="datetime64[D]")

    def future_outcome(self, spend: FloatArray) -> FloatArray:
        """Return what is sold in each of the N weeks after the window under a (C, N) spend, (N,)."""
        from simulations.market import future  # noqa: PLC0415  (it replays markets, so it imports this module)

        return future.future_outcome(self, spend)

    def plan_value(self, calendar: SpendCalendar, spend: FloatArray) -> float:
        """Return a plan's true value: expected outcome(plan) − outcome(no spend in the horizon), outcome units."""
        from simulations.market import future  # noqa: PLC0415  (it replays markets, so it imports this module)

        return future.plan_value(self, calendar, spend)

    def plan_values(self, calendar: SpendCalendar, plans: FloatArray) -> FloatArray:
        """Return the true values of P plans, (P,); ``plans`` is (P, C, T)."""
        from simulations.market import future  # noqa: PLC0415  (it replays markets, so it imports this module)

        return future.plan_values(self, calendar, plans)
