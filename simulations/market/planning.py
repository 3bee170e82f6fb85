"""What a planner is asked in a simulated market: the weeks right after the data, at what the last weeks spent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmm.arrays import FloatArray
from mmm.response.calendar import WEEK, SpendCalendar, weeks_from
from simulations.market.protocol import SimulatedMarket

#: No week of a plan above this multiple of the largest one in the books: the optimiser's own rule.
OBSERVED = 1.5


@dataclass(frozen=True, eq=False)
class PlanTask:
    """What the planner is asked for.

    Attributes
    ----------
    calendar : SpendCalendar
        Horizon right after the data; the baseline repeats the last weeks' spend.
    budget : float
        Money over the horizon: the baseline's.
    change : float
        Each channel's total may leave the baseline's by this share.
    most_a_week : (C,), optional
        The most that a week of each channel may spend.
    """

    calendar: SpendCalendar
    budget: float
    change: float
    most_a_week: FloatArray | None = None


def books(market: SimulatedMarket) -> FloatArray:
    """Return what the company's data say was spent, money a week over all geos, (C, T)."""
    columns = [f"{name}_spend" for name in market.names]
    by_week = market.frame.groupby("week", sort=True)[columns].sum()
    return np.asarray(by_week.to_numpy().T, dtype=np.float64)


def bought_only(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return a model file's settings with the owned channels as organic ones.

    A market can be run again under other money for media, and not under another volume of service: what is planned
    and replayed in it is media.
    """
    channels = dict(settings["channels"])
    served = [name for name, channel in channels.items() if "volume" in channel]
    if not served:
        return dict(settings)
    columns = [channels.pop(name)["volume"] for name in served]
    return {**settings, "channels": channels, "organic": [*settings.get("organic", []), *columns]}


def plan_task(market: SimulatedMarket, *, weeks: int = 13, change: float = 0.3) -> PlanTask:
    """Return the task of planning the weeks right after a market's data at the last weeks' spend.

    Parameters
    ----------
    market : SimulatedMarket
        Of either engine.
    weeks : int
        Of the horizon; as many of the data's last weeks, repeated on and on, are business as usual.
    change : float
        Each channel's total may leave the baseline's by this share.
    """
    spent = np.maximum(books(market), 0.0)
    recent = spent[:, -weeks:]
    start, tail = market.weeks[-1] + WEEK, market.tail_weeks
    baseline, after = (recent[:, np.arange(count) % recent.shape[1]] for count in (weeks, tail))
    calendar = SpendCalendar(
        channels=market.names,
        bridge_weeks=weeks_from(start, 0),
        bridge=np.empty((len(recent), 0)),
        weeks=weeks_from(start, weeks),
        baseline=baseline,
        tail_weeks=weeks_from(start + weeks * WEEK, tail),
        tail=after,
    )
    return PlanTask(calendar, float(baseline.sum()), change, OBSERVED * spent.max(axis=1))
