r"""Paid search: people search because they explore, so its spend is caused by demand and by what makes demand.

With :math:`Q` queries of a week and a click rate :math:`c` at full share of voice, :math:`K = cQ` clicks can be had. A
share of voice :math:`v` of them costs :math:`-kK\ln(1-v)` at a first click's cost :math:`k`: each further click has to
be bid for against others and costs :math:`k/(1-v)`. So money :math:`x` buys

.. math:: v = 1 - e^{-x/(kK)}

of the clicks, whether the money follows from the share aimed at or the share from the money.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from pydantic import Field, model_validator

from mmm.arrays import FloatArray
from simulations.market.consumers.audience import Weights
from simulations.market.consumers.contacts import Touch, Touching
from simulations.market.consumers.coordination import Coordination
from simulations.market.consumers.kernel import Cause, Step
from simulations.market.consumers.now import Now
from simulations.market.world_media import Exposure

#: No bid has more than this share of voice.
_MOST_VOICE = 0.98


class SearchChannel(Touching):
    """Paid search.

    Its ROAS is the worth of the effect's moves (see ``Effect``) × the part of the clickers who would not have made the
    move anyway, over the cost of a click: (−ln(1 − v)/v) × ``exposure.cost`` on average. Search looks better than it is
    wherever its clickers were about to buy (``purchase`` small), because its spend rises with demand.

    Attributes
    ----------
    queries : float
        Queries a week of a person of weight 1.
    asks : Weights
        Who searches; by default only who explores or purchases.
    click_rate : float
        Clicks a query at full share of voice.
    share_of_voice : float
        Part of the clicks that the bid aims at.
    variation : float
        Standard deviation of the log odds of that share from week to week.
    cap : float, optional
        Most money a week, national; days without budget are then days without clicks.
    exposure : Exposure
        Name and cost of the first click.
    recorded : bool
        Whether the company's data have the clicks.
    """

    kind: Literal["search"]
    queries: float = Field(default=1.0, gt=0, le=1000)
    asks: Weights = Weights(activity={"inactive": 0.0, "bought": 0.0, "bought_elsewhere": 0.0})
    click_rate: float = Field(default=0.3, gt=0, le=1)
    share_of_voice: float = Field(default=0.5, gt=0, le=_MOST_VOICE)
    variation: float = Field(default=0.05, ge=0, le=2)
    cap: float | None = Field(default=None, gt=0)
    exposure: Exposure
    recorded: bool = True

    @model_validator(mode="after")
    def _asks_only(self) -> Self:
        if self.audience.weights.given:
            raise ValueError("who is met by search follows from who asks: give weights under 'asks'")
        return self

    def module(self, name: str, coordination: Coordination) -> Search:
        """Return the channel as a module of the market."""
        told = self.audience.model_copy(update={"weights": self.asks})
        touching = self.model_copy(update={"audience": told})
        return Search(self, touching.touch(name, Cause.PAID, coordination))


@dataclass(frozen=True, eq=False)
class Search:
    """The module of a :class:`SearchChannel`."""

    spec: SearchChannel
    touch: Touch

    def act(self, now: Now) -> Iterator[Step]:
        """Yield the step of the week's clicks."""
        name, spec = self.touch.name, self.spec
        available = self.touch.aim.heads(now.people) * spec.queries * spec.click_rate
        first = spec.exposure.cost * now.scene.cost[name][now.week]
        told = now.told(name)
        money = self._meant(now, available * first) if told is None else told
        most = available * first
        voice = -np.expm1(-np.divide(money, most, out=np.zeros_like(most), where=most > 0))
        now.spent[name], now.exposures[name] = money, voice * available
        if voice.any():
            yield self.touch.step(now, self.touch.aim.reach_at(spec.queries * spec.click_rate * voice))

    def _meant(self, now: Now, most: FloatArray) -> FloatArray:
        """Return the money that the bid leads to at the week's queries, (B,), in whole cents."""
        voice = np.minimum(now.scene.volume[self.touch.name][now.week], _MOST_VOICE)
        money = np.round(-most * np.log1p(-voice), 2)
        if self.spec.cap is not None:
            money = np.minimum(money, self.spec.cap * now.scene.size[0])
        return np.asarray(money, dtype=np.float64)
