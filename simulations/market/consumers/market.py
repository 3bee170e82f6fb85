"""A market of consumers that has happened: the company's data, and the mechanism to run it again under other spend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from mmm.arrays import FloatArray, WeekArray
from mmm.data.lift_tests import LiftTest
from mmm.response.calendar import SpendCalendar
from simulations.market.any_market import AnyMarket
from simulations.market.consumers.draw import HISTORY
from simulations.market.consumers.engine import Record, modules_of, run, walk
from simulations.market.consumers.kernel import Step
from simulations.market.consumers.now import Now, State
from simulations.market.consumers.scene import Scene
from simulations.market.consumers.world import ConsumerWorld
from simulations.market.regions import NATIONAL

if TYPE_CHECKING:
    from simulations.market.truth import Truth

#: The longest that carryover is followed after the window, in weeks.
MOST_TAIL = 104
#: Carryover is followed until this share of the slowest attitude's deviation is left.
_LEFT = 1e-3


@dataclass(frozen=True, eq=False)
class ConsumerMarket(AnyMarket):
    """One draw of a consumers' world; see :class:`simulations.market.protocol.SimulatedMarket`.

    All randomness is in the scene, and given the scene the market is deterministic: a difference between two runs is
    caused by what was changed between them.

    Attributes
    ----------
    world : ConsumerWorld
    scene : Scene
        G columns.
    start, end : State
        At the window's first day, and after its last. Not to be moved on: copy them.
    record : Record
        Of the window.
    noise : (G, T + F)
        Outcome units, of the window and F weeks after it; in the window it holds the rounding of the data as well.
    noise_sd : float
        Over all geos.
    lift_tests : tuple of LiftTest
        What the company has of its experiments.
    """

    world: ConsumerWorld
    scene: Scene
    start: State
    end: State
    record: Record
    noise: FloatArray
    noise_sd: float
    lift_tests: tuple[LiftTest, ...] = ()

    @property
    def window(self) -> range:
        """The weeks that the company has data of, within the scene's."""
        return range(HISTORY, HISTORY + self.world.weeks)

    @property
    def weeks(self) -> WeekArray:
        """First day of each week of the window, (T,)."""
        return self.scene.weeks[HISTORY : HISTORY + self.world.weeks]

    @property
    def names(self) -> tuple[str, ...]:
        """The C paid channels."""
        return tuple(self.world.channels)

    @property
    def geos(self) -> tuple[str, ...]:
        """The G geos."""
        return (NATIONAL,) if self.world.geos is None else self.world.geos.geos

    @cached_property
    def spend_by_geo(self) -> FloatArray:
        """Money a week in the window, (C, G, T)."""
        return np.stack([self.record.spend[name].T for name in self.names])

    @property
    def spend(self) -> FloatArray:
        """Money a week in the window over all geos, (C, T)."""
        return np.asarray(self.spend_by_geo.sum(axis=1), dtype=np.float64)

    @property
    def tail_weeks(self) -> int:
        """Weeks that carryover is followed after the last spend."""
        slowest = self.world.nature.slowest()
        needed = MOST_TAIL if slowest > 0.99 else int(np.ceil(np.log(_LEFT) / np.log(max(slowest, 0.1))))
        return min(MOST_TAIL, max(needed, int(np.ceil(2 * self.world.nature.refill_weeks))))

    @property
    def frame(self) -> pd.DataFrame:
        """The company's data."""
        from simulations.market.consumers.frames import company_frame  # noqa: PLC0415  (it names this class)

        return company_frame(self)

    @property
    def decimals(self) -> dict[str, int]:
        """Digits after the point in the data file, by column."""
        from simulations.market.consumers.frames import decimals  # noqa: PLC0415

        return decimals(self)

    @property
    def settings(self) -> dict[str, Any]:
        """The least ``model.yaml`` that fits the data."""
        from simulations.market.consumers.frames import model_settings  # noqa: PLC0415

        return model_settings(self)

    @cached_property
    def truth(self) -> Truth:
        """The true ROAS, mROAS, contributions and synergy, by rerunning the market."""
        from simulations.market.consumers.truth import truth_of  # noqa: PLC0415  (the truth reruns markets)

        return truth_of(self)

    def divided(self, spend: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
        """Return money by week and geo, (T, G), from (T,) or (G, T) series of the window.

        Raises
        ------
        ValueError
            A channel is not the market's, a series has another shape, or money is negative.
        """
        unknown = sorted(set(spend) - set(self.names))
        if unknown:
            raise ValueError(f"the market has no channel '{unknown[0]}'")
        found = {}
        for name, series in spend.items():
            given = np.asarray(series, dtype=np.float64)
            if given.shape == (self.world.weeks,):
                given = given * self._weekly_shares(name)
            elif given.shape != (len(self.geos), self.world.weeks):
                raise ValueError(f"the spend of '{name}' has shape {given.shape}, not (T,) or (G, T)")
            if given.min() < 0:
                raise ValueError(f"the spend of '{name}' is negative")
            found[name] = np.ascontiguousarray(given.T)
        return found

    def _weekly_shares(self, name: str) -> FloatArray:
        """Return how a channel's money was divided over geos in each week, (G, T); as in the window where it was 0."""
        money = self.record.spend[name].T
        total = money.sum()
        whole = money.sum(axis=1) / total if total > 0 else self.scene.size[0]
        weekly = money.sum(axis=0)
        return np.where(weekly > 0, money / np.where(weekly > 0, weekly, 1.0), whole[:, None])

    def relived(self, spend: Mapping[str, FloatArray], *, follow: bool = False) -> tuple[Record, State]:
        """Live the window again under other spend.

        Parameters
        ----------
        spend : mapping of str to (T,) or (G, T)
        follow : bool
            Channels that follow demand and are not named spend what demand then leads to; otherwise what they spent.

        Returns
        -------
        (Record, State)
            And the state after the window.
        """
        held = {} if follow else self.record.spend
        if follow:
            held = {name: self.record.spend[name] for name in self.scene.spend}
        state = self.start.copy()
        return run(self.world, self.scene, state, self.window, {**held, **self.divided(spend)}), state

    def with_spend(self, spend: Mapping[str, FloatArray]) -> Self:
        """Return the market in which other money was spent in the window; see the protocol."""
        record, end = self.relived(spend)
        return replace(self, record=record, end=end)

    def expected_by_geo(self, spend: Mapping[str, FloatArray] | None = None, *, follow: bool = False) -> FloatArray:
        """Return the window's outcome without noise, (G, T); see :meth:`relived`."""
        record = self.relived(spend, follow=follow)[0] if spend else self.record
        return np.asarray(record.outcome.T, dtype=np.float64)

    def outcome_under(self, spend: Mapping[str, FloatArray], *, follow: bool = False) -> FloatArray:
        """Return what would have been sold, (G, T), noise included: as recorded where no spend is changed."""
        sold = self.expected_by_geo(spend, follow=follow) + self.noise[:, : self.world.weeks]
        return np.asarray(np.round(sold, self.world.outcome.decimals + 6), dtype=np.float64)

    def future_outcome(self, spend: FloatArray) -> FloatArray:
        """Return what is sold in each of the N weeks after the window, (N,); see the protocol."""
        from simulations.market.consumers.future import future_outcome  # noqa: PLC0415

        return future_outcome(self, spend)

    def plan_value(self, calendar: SpendCalendar, spend: FloatArray) -> float:
        """Return a plan's true value in outcome units; see the protocol."""
        return float(self.plan_values(calendar, np.asarray(spend, dtype=np.float64)[None])[0])

    def plan_values(self, calendar: SpendCalendar, plans: FloatArray) -> FloatArray:
        """Return the true values of P plans, (P,); see the protocol."""
        from simulations.market.consumers.future import plan_values  # noqa: PLC0415

        return plan_values(self, calendar, plans)

    def steps(self, spend: Mapping[str, FloatArray] | None = None) -> Iterator[tuple[Now, Step]]:
        """Yield every step of the window in order, with its week: what single persons are moved by.

        ``now.week`` counts the scene's weeks, ``now.people`` is the population after the step. See :meth:`relived`.
        """
        told = {**self.record.spend, **self.divided(spend or {})}
        yield from walk(modules_of(self.world), self.scene, self.start.copy(), self.window, told)
