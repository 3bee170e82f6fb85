"""A market that has happened: the company's data, and the mechanism that can be run again under other spend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mmm.arrays import FloatArray, WeekArray
from mmm.transforms.adstock import decay_weeks
from simulations.market.demand import WEEK, Demand, season_index
from simulations.market.media import Medium
from simulations.market.world import World

if TYPE_CHECKING:
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
    def truth(self) -> Truth:
        """The true ROAS, mROAS and contributions, by rerunning the market."""
        from simulations.market.truth import truth_of  # noqa: PLC0415  (the truth reruns markets, so it imports this module)

        return truth_of(self)

    def future_weeks(self, count: int) -> WeekArray:
        """Return the first days of the ``count`` weeks after the window."""
        return np.asarray(self.weeks[-1] + WEEK * np.arange(1, count + 1), dtype="datetime64[D]")
