"""What a market of either engine takes straight from its world."""

from __future__ import annotations

from mmm.data.lift_tests import LiftTest
from simulations.market.any_world import AnyWorld


class AnyMarket:
    """A market that has happened; see :class:`simulations.market.protocol.SimulatedMarket` for all it can do."""

    world: AnyWorld
    lift_tests: tuple[LiftTest, ...]

    @property
    def outcome_name(self) -> str:
        """Column of the outcome in the data file."""
        return self.world.outcome.name

    @property
    def currency(self) -> str:
        """Of all money."""
        return self.world.currency

    @property
    def value(self) -> float:
        """Money per outcome unit; 1 where the outcome is money."""
        return self.world.outcome.value or 1.0
