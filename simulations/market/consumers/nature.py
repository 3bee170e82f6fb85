"""What people do by themselves in a week: enter and leave the market, forget, explore, decide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from pydantic import Field, model_validator

from mmm.arrays import FloatArray
from mmm.config import StrictModel
from simulations.market.consumers.kernel import Cause, Kernel, Step
from simulations.market.consumers.now import Now
from simulations.market.consumers.states import Activity, Axis, InMarket, Satiation


class Attitude(StrictModel):
    """An axis that is pulled back to an equilibrium; the pull is the carryover of whatever moved it.

    Attributes
    ----------
    retention : float
        Part of a deviation that is left a week later, as the weekly retention of an adstock.
    """

    retention: float = Field(default=0.9, ge=0, lt=1)

    @property
    def equilibrium(self) -> FloatArray:
        """Share of people at each level when nothing moves them, (K,)."""
        levels = [name for name in type(self).model_fields if name != "retention"]
        shares = np.array([getattr(self, name) for name in levels], dtype=np.float64)
        return shares / shares.sum()

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        total = sum(getattr(self, name) for name in type(self).model_fields if name != "retention")
        if abs(total - 1.0) > 1e-6:
            raise ValueError(f"the shares of the levels add up to {total:g}, not to 1")
        return self

    def matrix(self) -> FloatArray:
        """Return the weekly pull to equilibrium, (1, K, K)."""
        levels = len(self.equilibrium)
        return (self.retention * np.eye(levels) + (1.0 - self.retention) * self.equilibrium)[None]


class FavourabilityNature(Attitude):
    """Opinion of the brand at rest."""

    unaware: float = Field(default=0.35, ge=0, le=1)
    negative: float = Field(default=0.05, ge=0, le=1)
    neutral: float = Field(default=0.35, ge=0, le=1)
    favourable: float = Field(default=0.20, ge=0, le=1)
    strongly_favourable: float = Field(default=0.05, ge=0, le=1)


class LoyaltyNature(Attitude):
    """Habit at rest."""

    retention: float = Field(default=0.95, ge=0, lt=1)
    switcher: float = Field(default=0.7, ge=0, le=1)
    loyal: float = Field(default=0.1, ge=0, le=1)
    competitor_loyal: float = Field(default=0.2, ge=0, le=1)


class AvailabilityNature(Attitude):
    """Nearness of the product at rest."""

    low: float = Field(default=0.2, ge=0, le=1)
    average: float = Field(default=0.6, ge=0, le=1)
    high: float = Field(default=0.2, ge=0, le=1)


class Nature(StrictModel):
    """How people live without media.

    Without media about *share in the market × chance to be exploring and decide* of the people purchase a week; a
    purchase takes its buyer out for about ``refill_weeks``.

    Attributes
    ----------
    in_market : float
        Share of people who are in the market for the category in an average week; season, trend, holidays, what nobody
        records and controls on demand multiply it.
    turnover : float
        Part of the people whose being in the market is decided anew each week: 1 follows the season at once.
    refill_weeks : float
        Mean weeks from a purchase to the next need; 1 is the week after.
    explore : float
        Weekly chance to begin to explore, of inactive people in the market who have a need.
    decide, give_up : float
        Weekly chances of who explores to purchase, and to stop.
    patience : float
        Chance to try again a week later of who wanted to purchase and could not.
    favourability, loyalty, availability
    """

    in_market: float = Field(default=0.2, gt=0, le=1)
    turnover: float = Field(default=0.5, gt=0, le=1)
    refill_weeks: float = Field(default=8.0, ge=1)
    explore: float = Field(default=0.2, ge=0, le=1)
    decide: float = Field(default=0.3, ge=0, le=1)
    give_up: float = Field(default=0.3, ge=0, le=1)
    patience: float = Field(default=0.5, ge=0, le=1)
    favourability: FavourabilityNature = FavourabilityNature()
    loyalty: LoyaltyNature = LoyaltyNature()
    availability: AvailabilityNature = AvailabilityNature()

    @model_validator(mode="after")
    def _chances(self) -> Self:
        if self.decide + self.give_up > 1.0:
            raise ValueError("decide and give_up together are above 1: nobody can do both in a week")
        return self

    def at_rest(self, in_market: FloatArray) -> FloatArray:
        """Return the share of people in each state before anything has happened, (B, S).

        Parameters
        ----------
        in_market : (B,)
            Share of people in the market.
        """
        market = np.stack([1.0 - in_market, in_market], axis=1)
        rest = np.array([1.0])
        activity = np.eye(5)[Activity.INACTIVE]
        for shares in (np.array([1.0, 0.0]), activity, *(part.equilibrium for part in self._attitudes())):
            rest = np.multiply.outer(rest, shares).ravel()
        return np.asarray((market[:, :, None] * rest).reshape(len(in_market), -1), dtype=np.float64)

    def slowest(self) -> float:
        """Return the highest weekly retention of any attitude."""
        return max(part.retention for part in self._attitudes())

    def _attitudes(self) -> tuple[Attitude, ...]:
        return self.favourability, self.loyalty, self.availability

    def migration(self) -> Migration:
        """Return the module that moves people so."""
        refill = 1.0 / self.refill_weeks
        need = np.array([[[1.0, 0.0], [refill, 1.0 - refill]]])
        still = (
            Kernel(Axis.SATIATION, (), need),
            Kernel(Axis.FAVOURABILITY, (), self.favourability.matrix()),
            Kernel(Axis.LOYALTY, (), self.loyalty.matrix()),
            Kernel(Axis.AVAILABILITY, (), self.availability.matrix()),
        )
        return Migration(self, still)


@dataclass(frozen=True, eq=False)
class Migration:
    """The module of nature: everybody's migration of a week.

    Attributes
    ----------
    spec : Nature
    still : tuple of Kernel
        Those that are the same every week.
    """

    spec: Nature
    still: tuple[Kernel, ...]

    def act(self, now: Now) -> Iterator[Step]:
        """Yield the week's step."""
        yield Step("nature", Cause.NATURE, (self._market(now.in_market), *self.still, self._activity(now.eagerness)))

    def _market(self, share: FloatArray) -> Kernel:
        enter, leave = self.spec.turnover * share, self.spec.turnover * (1.0 - share)
        return Kernel(Axis.MARKET, (), np.stack([1.0 - enter, enter, leave, 1.0 - leave], axis=1).reshape(-1, 2, 2))

    def _activity(self, eagerness: FloatArray) -> Kernel:
        spec = self.spec
        inactive, exploring, purchasing = Activity.INACTIVE, Activity.EXPLORING, Activity.PURCHASING
        decide = np.clip(spec.decide * eagerness, 0.0, 1.0 - spec.give_up)
        matrix = np.zeros((len(decide), 2, 2, 5, 5))
        matrix[..., inactive] = 1.0
        needy = matrix[:, InMarket.IN, Satiation.UNSATIATED]
        needy[:, inactive, inactive], needy[:, inactive, exploring] = 1.0 - spec.explore, spec.explore
        needy[:, exploring, inactive], needy[:, exploring, purchasing] = spec.give_up, decide
        needy[:, exploring, exploring] = 1.0 - spec.give_up - decide
        needy[:, purchasing, inactive], needy[:, purchasing, purchasing] = 1.0 - spec.patience, spec.patience
        return Kernel(Axis.ACTIVITY, (Axis.MARKET, Axis.SATIATION), matrix)
