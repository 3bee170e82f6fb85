"""The embedded example's company with given curves: its channels at their size, small enough to plan in a blink."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from mmm.response.draws import ResponseDraws
from tests.test_mmm.test_response.make_geos import divided
from tests.test_optimizer.responses import response

#: A typical week of each channel, EUR.
WEEK = {"tv": 60_000, "radio": 15_000, "print": 10_000, "social": 22_000, "search": 28_000, "video": 18_000}
GEOS = ("north", "south", "west")
#: What an hour of the studio costs, EUR, where the model sees video by hours.
HOUR = 90.0


@lru_cache(maxsize=8)
def company(*, by_geo: bool = False, in_orders: bool = False, in_hours: bool = False) -> ResponseDraws:
    """Return its response; the data end with 2026, and its first free week is that of 2027-01-04.

    Parameters
    ----------
    by_geo : bool
        In three equal geos.
    in_orders : bool
        The outcome is orders, whose value nobody has stated.
    in_hours : bool
        The model sees video by hours of a studio, which cost :data:`HOUR` each.
    """
    draws = response(channels=len(WEEK), draws=64, seed=36)
    size = np.array(list(WEEK.values())) / draws.spend[:, 0].mean(axis=1)
    paid = draws.paid
    weeks = draws.weeks + np.timedelta64(52, "W")
    made = replace(
        draws,
        weeks=weeks.astype("datetime64[D]"),
        spend=draws.spend * size[:, None, None],
        paid=replace(
            paid,
            names=tuple(WEEK),
            media=paid.media * size[:, None, None],
            half_saturation=paid.half_saturation * size[:, None, None],
            beta=paid.beta * size[:, None, None] * (1 / 15 if in_orders else 1.0),
        ),
        outcome=draws.outcome * 2_000,
        outcome_name="orders" if in_orders else "revenue",
        outcome_is_money=not in_orders,
    )
    if in_hours:
        price = np.where(np.array(list(WEEK)) == "video", HOUR, 1.0)[:, None, None]
        hours = replace(made.paid, media=made.paid.media / price, half_saturation=made.paid.half_saturation / price)
        made = replace(made, paid=hours)
    return replace(divided(made, len(GEOS)), geos=GEOS) if by_geo else made
