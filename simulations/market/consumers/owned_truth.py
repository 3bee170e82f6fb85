"""What channels that cost service are truly worth, beside what their service costs."""

from __future__ import annotations

from dataclasses import dataclass

from simulations.market.consumers.market import ConsumerMarket
from simulations.market.consumers.rerun import Change
from simulations.market.consumers.talk import TalkChannel
from simulations.market.consumers.truth import Lives


@dataclass(frozen=True)
class OwnedTruth:
    """An owned channel in the window.

    Attributes
    ----------
    contacts : float
        That were made; of talk, recommendations.
    service_cost : float
        Money that they cost.
    contribution : float
        Money lost without them, carryover after the window included.
    """

    contacts: float
    service_cost: float
    contribution: float

    @property
    def roas(self) -> float | None:
        """Contribution over the cost of service; None where the service costs nothing."""
        return self.contribution / self.service_cost if self.service_cost > 0 else None

    @property
    def net(self) -> float:
        """Contribution less the cost of service, money."""
        return self.contribution - self.service_cost


def owned_truth(market: ConsumerMarket) -> dict[str, OwnedTruth]:
    """Return the truth of every owned channel, by rerunning the market in which it is silent."""
    owned = market.world.owned
    lives = Lives(market)
    sold = lives.outcomes([Change(), *(Change(quiet=(name,)) for name in owned)])
    found = {}
    for place, (name, spec) in enumerate(owned.items(), 1):
        contacts = float(market.record.contacts[name].sum())
        cost = 0.0 if isinstance(spec, TalkChannel) else spec.service_cost
        found[name] = OwnedTruth(contacts, contacts * cost, float((sold[0] - sold[place]).sum()) * market.value)
    return found
