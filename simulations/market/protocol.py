"""What every simulated market can do, whichever engine made it: the company's data, the truth, and reruns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, Self

import pandas as pd

from mmm.arrays import FloatArray, WeekArray
from mmm.data.lift_tests import LiftTest
from mmm.response.calendar import SpendCalendar

if TYPE_CHECKING:
    from simulations.market.truth import Truth


class SimulatedMarket(Protocol):
    """A market that has happened, with its mechanism: C paid channels, G geos, a window of T weeks.

    Every rerun uses the same random numbers, so a difference is caused by the spend alone.
    """

    @property
    def weeks(self) -> WeekArray:
        """First day of each week of the window, (T,)."""

    @property
    def names(self) -> tuple[str, ...]:
        """The C paid channels."""

    @property
    def geos(self) -> tuple[str, ...]:
        """The G geos; ``("national",)`` where there is one."""

    @property
    def outcome_name(self) -> str:
        """Column of the outcome in the data file."""

    @property
    def currency(self) -> str:
        """Of all money."""

    @property
    def value(self) -> float:
        """Money per outcome unit; 1 where the outcome is money."""

    @property
    def spend(self) -> FloatArray:
        """Money truly spent a week in the window, over all geos, (C, T)."""

    @property
    def spend_by_geo(self) -> FloatArray:
        """The same by geo, (C, G, T)."""

    @property
    def tail_weeks(self) -> int:
        """Weeks that carryover is followed after the last spend, until next to nothing of it is left."""

    @property
    def frame(self) -> pd.DataFrame:
        """The company's data: week[, geo], outcome, ``<channel>_spend``[, exposures], organic channels, controls."""

    @property
    def decimals(self) -> Mapping[str, int]:
        """Digits after the point in the data file, for every column of ``frame`` but week and geo."""

    @property
    def settings(self) -> dict[str, Any]:
        """The least ``model.yaml`` that fits the data: names of columns, nothing of the truth."""

    @property
    def lift_tests(self) -> tuple[LiftTest, ...]:
        """Experiments that the company has run in the window; the frame holds what they changed."""

    @property
    def truth(self) -> Truth:
        """ROAS, mROAS, contributions and synergy by rerunning the market."""

    def with_spend(self, spend: Mapping[str, FloatArray]) -> Self:
        """Return the market in which other money was spent in the window; channels not named spend what they spent.

        Parameters
        ----------
        spend : mapping of str to (T,) or (G, T)
            Money a week; a national series is divided over geos as the channel's was in each week.

        Raises
        ------
        ValueError
            A channel is not the market's, or a series has another shape.
        """

    def outcome_under(self, spend: Mapping[str, FloatArray]) -> FloatArray:
        """Return what would have been sold in the window under other spend, noise included, (G, T) outcome units.

        ``spend`` as in :meth:`with_spend`; an empty mapping gives what was recorded.
        """

    def future_outcome(self, spend: FloatArray) -> FloatArray:
        """Return what is sold in each of the N weeks after the window, over all geos, (N,), outcome units.

        Season, controls and noise of those weeks are drawn once a market, so two plans meet the same future.

        Parameters
        ----------
        spend : (C, N)
            Money a week from the first week after the window on, divided over geos as in the window's last 52 weeks.

        Raises
        ------
        ValueError
            Another number of channels, or more weeks than the market has drawn.
        """

    def plan_value(self, calendar: SpendCalendar, spend: FloatArray) -> float:
        """Return a plan's true value: expected outcome(plan) − outcome(no spend in the horizon), outcome units.

        Parameters
        ----------
        calendar : SpendCalendar
            Its channels are the market's, in any order. Bridge and tail are spent as it says in both, and the tail
            counts.
        spend : (C, N)
            Money a week of the horizon, channels in the calendar's order.
        """

    def plan_values(self, calendar: SpendCalendar, plans: FloatArray) -> FloatArray:
        """Return the true values of P plans, (P,), as :meth:`plan_value` does of one; ``plans`` is (P, C, N)."""
