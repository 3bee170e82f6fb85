"""What coordination is truly worth: the same market lived again with the channels acting as one, or each for itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from simulations.market.consumers.coordination import Coordination
from simulations.market.consumers.market import ConsumerMarket

#: The message of all channels where they say the same.
_ONE = "one message"


def coordinated(market: ConsumerMarket, coordination: Coordination) -> ConsumerMarket:
    """Return the market in which the channels were coordinated otherwise from the window's first week on.

    Money, demand and all random numbers are the same, so a difference is made by the coordination alone; what search
    would have spent on other queries is not followed.
    """
    return replace(market, world=market.world.model_copy(update={"coordination": coordination})).with_spend({})


COORDINATION_FILE = "coordination.csv"


@dataclass(frozen=True)
class CoordinationValue:
    """What the window sells, in money before noise, as the channels are coordinated.

    Attributes
    ----------
    sold : dict of str to float
        In words → money; ``as it is`` first.
    currency : str
    """

    sold: dict[str, float]
    currency: str

    def to_frame(self) -> pd.DataFrame:
        """Return ``coordination``, ``sold`` and ``difference`` from as it is (money), ``share`` of what is sold."""
        usual = next(iter(self.sold.values()))
        return pd.DataFrame(
            {
                "coordination": list(self.sold),
                "sold": list(self.sold.values()),
                "difference": [money - usual for money in self.sold.values()],
                "share": [money / usual - 1.0 for money in self.sold.values()],
            }
        )


def coordination_value(market: ConsumerMarket) -> CoordinationValue:
    """Live the window under other hand-over and other messages.

    Returns
    -------
    CoordinationValue
        As it is; every journey handed over and none; the same message in all paid and owned channels in all weeks, and
        one of its own in each, both with the world's coherence; and the best of both. Where coherence is nought the
        messages change nothing.
    """
    usual = market.world.coordination
    together = dict.fromkeys([*market.world.channels, *market.world.owned], _ONE)
    changes: Mapping[str, dict[str, object]] = {
        "as it is": {},
        "every journey handed over": {"hand_over": 1.0},
        "no journey handed over": {"hand_over": 0.0},
        "the same message everywhere": {"messages": together},
        "a message of its own in each channel": {"messages": {}},
        "every journey handed over, the same message everywhere": {"hand_over": 1.0, "messages": together},
    }
    sold = {}
    for says, change in changes.items():
        other = coordinated(market, usual.model_copy(update=change)) if change else market
        sold[says] = float(other.record.outcome.sum()) * market.value
    return CoordinationValue(sold, market.currency)


def write_coordination(market: ConsumerMarket, truth: Path) -> Path:
    """Write ``coordination.csv``, what coordination is truly worth, into the truth's folder and return its path."""
    path = truth / COORDINATION_FILE
    table = coordination_value(market).to_frame().round({"sold": 2, "difference": 2, "share": 9})
    table.to_csv(path, index=False, lineterminator="\n")
    return path
