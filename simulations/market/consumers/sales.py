r"""The week's purchases: who purchases chooses us or a rival, as far as there is stock, and is changed by it.

Someone with favourability :math:`f`, loyalty :math:`l`, availability :math:`a` chooses us with odds

.. math:: \frac{p_f}{1-p_f} \cdot o_l \cdot o_a \cdot e^{\text{liking}}

where liking holds the geo's and the week's controls: price, promotions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from pydantic import Field

from mmm.arrays import FloatArray
from mmm.config import StrictModel
from simulations.market.consumers.kernel import Cause, Kernel, Step, count_by
from simulations.market.consumers.moves import toward
from simulations.market.consumers.now import Now
from simulations.market.consumers.states import Activity, Axis, Favourability, Loyalty, Satiation
from simulations.market.sizes import MOST_MONEY

_CHOICE = (Axis.FAVOURABILITY, Axis.LOYALTY, Axis.AVAILABILITY)


class Choice(StrictModel):
    """Chance that someone who purchases chooses us.

    Attributes
    ----------
    unaware, negative, neutral, favourable, strongly_favourable : float
        The chance by favourability, of a switcher with average availability.
    loyal, competitor_loyal : float
        Factor on the odds.
    low, high : float
        Factor on the odds by availability.
    """

    unaware: float = Field(default=0.02, gt=0, lt=1)
    negative: float = Field(default=0.03, gt=0, lt=1)
    neutral: float = Field(default=0.15, gt=0, lt=1)
    favourable: float = Field(default=0.40, gt=0, lt=1)
    strongly_favourable: float = Field(default=0.65, gt=0, lt=1)
    loyal: float = Field(default=6.0, gt=0)
    competitor_loyal: float = Field(default=0.15, gt=0)
    low: float = Field(default=0.4, gt=0)
    high: float = Field(default=1.5, gt=0)

    def odds(self) -> FloatArray:
        """Return the odds without liking, (1, 5, 3, 3)."""
        chance = np.array([self.unaware, self.negative, self.neutral, self.favourable, self.strongly_favourable])
        habit = np.array([1.0, self.loyal, self.competitor_loyal])
        nearness = np.array([self.low, 1.0, self.high])
        odds = (chance / (1.0 - chance))[:, None, None] * habit[:, None] * nearness
        return np.asarray(odds[None], dtype=np.float64)


class Experience(StrictModel):
    """What having bought does to a person.

    Attributes
    ----------
    habit : float
        Chance to move one level towards loyal after buying from us, towards competitor-loyal after buying elsewhere.
    delight, disappoint : float
        Chance of a better and of a worse opinion by one level after buying from us; who was unaware is then neutral.
    """

    habit: float = Field(default=0.05, ge=0, le=1)
    delight: float = Field(default=0.05, ge=0, le=0.5)
    disappoint: float = Field(default=0.02, ge=0, le=0.5)

    def step(self) -> Step:
        """Return the step after the purchases: habit, opinion, need, and nobody is purchasing any more."""
        ours, theirs = Activity.BOUGHT, Activity.BOUGHT_ELSEWHERE
        habit = np.broadcast_to(np.eye(3), (1, 5, 3, 3)).copy()
        to_us = {
            (Loyalty.COMPETITOR_LOYAL, Loyalty.SWITCHER): self.habit,
            (Loyalty.SWITCHER, Loyalty.LOYAL): self.habit,
        }
        habit[0, ours] += toward(Axis.LOYALTY, {(int(a), int(b)): chance for (a, b), chance in to_us.items()})
        from_us = {
            (Loyalty.LOYAL, Loyalty.SWITCHER): self.habit,
            (Loyalty.SWITCHER, Loyalty.COMPETITOR_LOYAL): self.habit,
        }
        habit[0, theirs] += toward(Axis.LOYALTY, {(int(a), int(b)): chance for (a, b), chance in from_us.items()})
        opinion = np.broadcast_to(np.eye(5), (1, 5, 5, 5)).copy()
        opinion[0, ours] += self._opinion()
        need = np.broadcast_to(np.eye(2), (1, 5, 2, 2)).copy()
        need[0, [ours, theirs]] = np.eye(2)[Satiation.SATIATED]
        rest = np.eye(5)
        rest[[ours, theirs]] = np.eye(5)[Activity.INACTIVE]
        kernels = (
            Kernel(Axis.LOYALTY, (Axis.ACTIVITY,), habit),
            Kernel(Axis.FAVOURABILITY, (Axis.ACTIVITY,), opinion),
            Kernel(Axis.SATIATION, (Axis.ACTIVITY,), need),
            Kernel(Axis.ACTIVITY, (), rest[None]),
        )
        return Step("experience", Cause.SALES, kernels)

    def _opinion(self) -> FloatArray:
        moves: dict[tuple[int, int], float] = {(Favourability.UNAWARE, Favourability.NEUTRAL): 1.0}
        for level in range(Favourability.NEGATIVE, Favourability.STRONGLY_FAVOURABLE):
            moves[level, level + 1] = self.delight
            moves[level + 1, level] = self.disappoint
        return toward(Axis.FAVOURABILITY, moves)


class Capacity(StrictModel):
    """Products that there are to sell: what is delivered each week and kept in store.

    Attributes
    ----------
    delivered : float
        Products a week, national; divided over geos by their people.
    store : float
        Most that is kept from week to week, in weeks of delivery.
    elsewhere : float
        Share of the people for whom none is left who buy from a rival at once; the others may try again (``patience``).
    """

    delivered: float = Field(gt=0, le=MOST_MONEY)
    store: float = Field(default=2.0, ge=0)
    elsewhere: float = Field(default=0.6, ge=0, le=1)


@dataclass(frozen=True, eq=False)
class Sales:
    """The module of purchases and of what they change.

    Attributes
    ----------
    odds : (1, 5, 3, 3)
    capacity : Capacity or None
    after : Step
    """

    odds: FloatArray
    capacity: Capacity | None
    after: Step

    def act(self, now: Now) -> Iterator[Step]:
        """Yield the step of the purchases, then that of what they change."""
        odds = self.odds * np.exp(now.liking)[:, None, None, None]
        ours = odds / (1.0 + odds)
        purchasing = count_by(now.people, Axis.ACTIVITY, *_CHOICE)[:, Activity.PURCHASING]
        wanted = (purchasing * ours).reshape(len(ours), -1).sum(axis=1)
        now.sold = self._sell(now, wanted)
        now.refused = wanted - now.sold
        served = np.divide(now.sold, wanted, out=np.ones_like(wanted), where=wanted > 0)
        yield Step("sales", Cause.SALES, (self._purchase(ours, served[:, None, None, None]),))
        yield self.after

    def _sell(self, now: Now, wanted: FloatArray) -> FloatArray:
        if self.capacity is None:
            return wanted
        delivered = self.capacity.delivered * now.scene.size[0]
        stock = now.state.stock + delivered
        sold = np.minimum(wanted, stock)
        now.state.stock = np.minimum(stock - sold, self.capacity.store * delivered)
        return np.asarray(sold, dtype=np.float64)

    def _purchase(self, ours: FloatArray, served: FloatArray) -> Kernel:
        elsewhere = 1.0 if self.capacity is None else self.capacity.elsewhere
        matrix = np.zeros((*ours.shape, 5, 5))
        matrix[..., range(5), range(5)] = 1.0
        row = matrix[..., Activity.PURCHASING, :]
        refused = ours * (1.0 - served)
        row[..., Activity.BOUGHT] = ours * served
        row[..., Activity.BOUGHT_ELSEWHERE] = 1.0 - ours + refused * elsewhere
        row[..., Activity.PURCHASING] = refused * (1.0 - elsewhere)
        return Kernel(Axis.ACTIVITY, _CHOICE, matrix)
