"""How large and how small a world's numbers may be, so that its data can be written, read and reckoned with."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from mmm.config import PlacedError
from mmm.exceptions import SpecError

if TYPE_CHECKING:
    from simulations.market.protocol import SimulatedMarket

#: Money or outcome units of a week; more has more digits than a reader of data takes for a quantity.
MOST_MONEY = 1e12
#: Money per exposure.
LEAST_COST, MOST_COST = 1e-6, 1e6
#: Of an adstock a week: what is left falls below a thousandth within 688 weeks.
MOST_RETENTION = 0.99
#: Weeks that a data file may have.
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2100, 12, 31)
#: As in a model file.
CURRENCY = r"^[A-Z]{3}$"
#: Of a cell in the data file: twelve digits, and two after the point.
_MOST = 1e13


def refuse_late(start: date, weeks: int) -> None:
    """Refuse weeks that a data file may not have.

    Raises
    ------
    PlacedError
        The window ends too late.
    """
    if (end := start + timedelta(weeks=weeks)) > LAST_DAY:
        raise PlacedError(f"{weeks} weeks from {start} end on {end}, after {LAST_DAY:%Y}: start earlier", "start")


def refuse_unreadable(market: SimulatedMarket) -> None:
    """Refuse a market whose data file could not be read: too large, without exposures, or the same in every week.

    Raises
    ------
    SpecError
        The column, and the part of the world that made it so.
    """
    frame, outcome = market.frame, market.outcome_name
    for column in market.decimals:
        largest = float(np.abs(frame[column].to_numpy(dtype=np.float64)).max())
        # What is no number is refused as well.
        if not largest < _MOST:
            raise SpecError(
                f"the column '{column}' comes to {largest:.3g} in a week, more than data can hold",
                where="outcome" if column == outcome else "channels",
                do="Lower what drives it: level, people, money, queries, or the effects of controls.",
            )
    if frame[outcome].nunique() < 2:
        raise SpecError(
            f"the outcome is {frame[outcome].iloc[0]:,.6g} in every week",
            where="outcome",
            do="Give it noise, season or more stock, or more decimals.",
        )
    for name, columns in market.settings["channels"].items():
        if "exposure" in columns and not frame[columns["exposure"]].any():
            raise SpecError(
                f"the money of '{name}' buys no whole exposure in any week",
                where=f"channels.{name}.exposure.cost",
                do="Lower the cost, or spend more; search needs people who search.",
            )
