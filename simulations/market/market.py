"""A market that has happened: the company's data, and the mechanism that can be run again under other spend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mmm.arrays import FloatArray, WeekArray
from mmm.transforms.adstock import decay_weeks
from simulations.market.demand import WEEK, Demand, season_index
from simulations.market.media import Medium
from simulations.market.world import World

if TYPE_CHECKING:
    from mmm.response.calendar import SpendCalendar
    from simulations.market.truth import Truth


@dataclass(frozen=True, eq=False)
class Market:
    """One draw of a world. Every rerun uses the same random numbers, so a difference is caused by the spend alone.

    Attributes
    ----------
    world : World
    history : int
        Weeks before the window, which leave carryover in it.
    demand : Demand
        Over history, window and future (N weeks).
    channels, organic : tuple of Medium
        C paid and O organic ones, over the same weeks.
    noise : (N,)
        Independent noise, outcome units a week; in the window it holds the rounding of the data file as well.
    noise_sd : float
    """

    world: World
    history: int
    demand: Demand
    channels: tuple[Medium, ...]
    organic: tuple[Medium, ...]
    noise: FloatArray
    noise_sd: float

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
    def spend(self) -> FloatArray:
        """Money a week of the paid channels in the window, (C, T)."""
        return np.stack([medium.spend[self.window] for medium in self.channels])

    @property
    def geos(self) -> tuple[str, ...]:
        """See :attr:`SimulatedMarket.geos`."""
        return ("national",)

    @property
    def outcome_name(self) -> str:
        """See :attr:`SimulatedMarket.outcome_name`."""
        return self.world.outcome.name

    @property
    def currency(self) -> str:
        """See :attr:`SimulatedMarket.currency`."""
        return self.world.currency

    @property
    def spend_by_geo(self) -> FloatArray:
        """See :attr:`SimulatedMarket.spend_by_geo`."""
        return self.spend[:, None]

    @property
    def tail_weeks(self) -> int:
        """See :attr:`SimulatedMarket.tail_weeks`."""
        return int(max(decay_weeks(np.array(medium.alpha)) for medium in self.channels))

    @property
    def value(self) -> float:
        """Money per outcome unit; 1 where the outcome is money."""
        return self.world.outcome.value or 1.0

    def multiplier(self, weeks: WeekArray) -> FloatArray:
        """Return the factor on paid effects in any weeks, (N,); its mean over the window is 1."""
        power = self.world.media_follow_season
        level = np.mean(season_index(self.world, self.weeks) ** power)
        return np.asarray(season_index(self.world, weeks) ** power / level, dtype=np.float64)

    def effects(self, spend: Mapping[str, FloatArray] | None = None, *, after: int = 0) -> dict[str, FloatArray]:
        """Return each paid channel's effect by week of the window.

        Parameters
        ----------
        spend : mapping of str to (T,), optional
            Money a week of the window for the channels to change; the others spend what they spent.
        after : int
            Follow the effects so many weeks A on, in which nothing is spent.

        Returns
        -------
        dict of str to (T + A,)
            Outcome units a week, the carryover from before the window included.

        Raises
        ------
        ValueError
            ``spend`` names a channel that the market does not have.
        """
        changed = spend or {}
        if not set(changed) <= set(self.names):
            raise ValueError(f"the market has no channel '{min(set(changed) - set(self.names))}'")
        start, stop = self.window.start, self.window.stop
        factor = self.multiplier(self.weeks[0] + WEEK * np.arange(self.world.weeks + after))
        result = {}
        for medium in self.channels:
            money = np.concatenate([medium.spend[:stop], np.zeros(after)])
            if medium.name in changed:
                money[self.window] = changed[medium.name]
            # The steady state before history comes from what was spent, and history is never changed.
            bought = np.concatenate([medium.bought[:stop], np.ones(after)])
            result[medium.name] = factor * medium.effect(money * bought)[start:]
        return result

    def lost(self, name: str) -> FloatArray:
        """Return the outcome units lost in each week had a channel spent nothing in the window, (T + A,).

        The last A weeks follow the window's carryover until 99.9 % of it has decayed; nothing is spent in them.
        """
        medium = next(medium for medium in self.channels if medium.name == name)
        after = int(decay_weeks(np.array(medium.alpha)))
        without = {name: np.zeros(self.world.weeks)}
        return self.effects(after=after)[name] - self.effects(without, after=after)[name]

    def expected(self, spend: Mapping[str, FloatArray] | None = None) -> FloatArray:
        """Return the window's outcome without noise, (T,), under other spend (see :meth:`effects`)."""
        base = self.demand.total()[self.window]
        organic = sum(medium.effect(medium.media)[self.window] for medium in self.organic)
        paid = np.sum(list(self.effects(spend).values()), axis=0)
        return np.asarray(base + organic + paid, dtype=np.float64)

    def outcome(self, spend: Mapping[str, FloatArray] | None = None) -> FloatArray:
        """Return what would have been sold, (T,), noise included: as recorded where no spend is changed."""
        return np.round(self.expected(spend) + self.noise[self.window], self.world.outcome.decimals + 6)

    @property
    def frame(self) -> pd.DataFrame:
        """The data file: week, outcome, spend and exposures, organic channels, controls."""
        columns: dict[str, object] = {
            "week": self.weeks.astype("datetime64[s]"),
            self.world.outcome.name: np.round(self.outcome(), self.world.outcome.decimals),
        }
        for medium in self.channels:
            columns[f"{medium.name}_spend"] = medium.spend[self.window]
            exposure = self.world.channels[medium.name].exposure
            if exposure is not None:
                columns[f"{medium.name}_{exposure.name}"] = np.round(medium.media[self.window]).astype(np.int64)
        for medium in self.organic:
            whole = self.world.organic[medium.name].volume.books_in.is_integer()
            columns[medium.name] = medium.spend[self.window].astype(np.int64 if whole else np.float64)
        for name, series in self.demand.controls.items():
            columns[name] = series[self.window]
        return pd.DataFrame(columns)

    @property
    def decimals(self) -> dict[str, int]:
        """See :attr:`SimulatedMarket.decimals`."""
        world = self.world
        digits = {world.outcome.name: world.outcome.decimals}
        digits |= {f"{name}_spend": 2 for name in self.names}
        digits |= {f"{n}_{spec.exposure.name}": 0 for n, spec in world.channels.items() if spec.exposure is not None}
        digits |= {name: 0 if spec.volume.books_in.is_integer() else 2 for name, spec in world.organic.items()}
        return digits | {name: spec.decimals for name, spec in world.controls.items()}

    @property
    def settings(self) -> dict[str, Any]:
        """See :attr:`SimulatedMarket.settings`."""
        from simulations.market.files import model_settings  # noqa: PLC0415  (files write markets, so it imports this)

        return model_settings(self)

    @property
    def truth(self) -> Truth:
        """The true ROAS, mROAS and contributions, by rerunning the market."""
        from simulations.market.truth import truth_of  # noqa: PLC0415  (the truth reruns markets, so it imports this module)

        return truth_of(self)

    def future_weeks(self, count: int) -> WeekArray:
        """Return the first days of the ``count`` weeks after the window."""
        return np.asarray(self.weeks[-1] + WEEK * np.arange(1, count + 1), dtype="datetime64[D]")

    def with_spend(self, spend: Mapping[str, FloatArray]) -> Market:
        """See :meth:`SimulatedMarket.with_spend`."""
        unknown = set(spend) - set(self.names)
        if unknown:
            raise ValueError(f"the market has no channel '{min(unknown)}'")
        changed = []
        for medium in self.channels:
            money = medium.spend.copy()
            if medium.name in spend:
                money[self.window] = _national(spend[medium.name], self.world.weeks)
            changed.append(replace(medium, spend=money))
        return replace(self, channels=tuple(changed))

    def outcome_under(self, spend: Mapping[str, FloatArray]) -> FloatArray:
        """See :meth:`SimulatedMarket.outcome_under`."""
        return self.outcome({name: _national(series, self.world.weeks) for name, series in spend.items()})[None]

    def future_outcome(self, spend: FloatArray) -> FloatArray:
        """See :meth:`SimulatedMarket.future_outcome`."""
        from simulations.market import future  # noqa: PLC0415  (it replays markets, so it imports this module)

        return future.future_outcome(self, spend)

    def plan_value(self, calendar: SpendCalendar, spend: FloatArray) -> float:
        """See :meth:`SimulatedMarket.plan_value`."""
        from simulations.market import future  # noqa: PLC0415  (it replays markets, so it imports this module)

        return future.plan_value(self, calendar, spend)


def _national(series: FloatArray, weeks: int) -> FloatArray:
    """Return a series as (T,), whether it was given as (T,) or (1, T)."""
    if np.shape(series) not in {(weeks,), (1, weeks)}:
        raise ValueError(f"a channel's spend has shape {np.shape(series)}, not ({weeks},)")
    return np.asarray(series, dtype=np.float64).reshape(weeks)
