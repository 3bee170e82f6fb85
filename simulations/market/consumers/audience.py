"""Whom contacts fall on: an audience, weights by state, and from contacts a head to reach and frequency."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from pydantic import Field, model_validator

from mmm.arrays import FloatArray
from mmm.config import StrictModel
from simulations.market.consumers.kernel import Reach, count_by
from simulations.market.consumers.states import AXES, LEVELS, Axis, sizes


class Weights(StrictModel):
    """How much more often people in a state are met than others: ``activity: {exploring: 5}``; what is not named is 1.

    Weights of several axes multiply.
    """

    market: dict[str, float] = Field(default_factory=dict)
    satiation: dict[str, float] = Field(default_factory=dict)
    activity: dict[str, float] = Field(default_factory=dict)
    favourability: dict[str, float] = Field(default_factory=dict)
    loyalty: dict[str, float] = Field(default_factory=dict)
    availability: dict[str, float] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known_levels(self) -> Self:
        for axis in AXES:
            named: dict[str, float] = getattr(self, axis)
            known = [level.name.lower() for level in LEVELS[axis]]
            for level, weight in named.items():
                if level not in known:
                    raise ValueError(f"'{level}' is no level of {axis}: {', '.join(known)}")
                if not 0.0 <= weight <= 1e6:
                    raise ValueError(f"the weight of {level} is {weight:g}: give one from 0 to 1,000,000")
        return self

    @property
    def given(self) -> tuple[Axis, ...]:
        """The axes that are weighted."""
        return tuple(axis for axis in AXES if getattr(self, axis))

    def table(self) -> FloatArray:
        """Return the weight of each combination of levels, (1, *levels of given)."""
        given = self.given
        table = np.ones((1, *sizes(given)))
        for place, axis in enumerate(given):
            levels = [getattr(self, axis).get(level.name.lower(), 1.0) for level in LEVELS[axis]]
            table = table * np.reshape(levels, [-1 if at == place + 1 else 1 for at in range(table.ndim)])
        return table


class Audience(StrictModel):
    r"""Who can be met at all, and how contacts are spread over them.

    With :math:`\lambda` contacts a head of the audience, a negative binomial of evenness :math:`k` reaches
    :math:`1-(1+\lambda/k)^{-k}` of it (Goodhardt, Ehrenberg & Chatfield 1984): with a large ``evenness`` contacts fall
    as if thrown at random, with a small one the same heads get most of them.

    Attributes
    ----------
    share : float
        Part of the population that uses the medium.
    evenness : float
    weights : Weights
        Targeting.
    """

    share: float = Field(default=1.0, gt=0, le=1)
    evenness: float = Field(default=1.0, gt=0, le=1e6)
    weights: Weights = Weights()

    def aim(self) -> Aim:
        """Return the audience ready to be met."""
        return Aim(self.share, self.evenness, self.weights.given, self.weights.table())


@dataclass(frozen=True, eq=False)
class Aim:
    """An audience with its weights worked out; see :class:`Audience`.

    Attributes
    ----------
    share, evenness : float
    given : tuple of Axis
    table : (1, *levels of given)
    """

    share: float
    evenness: float
    given: tuple[Axis, ...]
    table: FloatArray

    def heads(self, people: FloatArray) -> FloatArray:
        """Return the audience's size, each head counted with its weight, (B,)."""
        counts = count_by(people, *self.given) * self.table
        return np.asarray(self.share * counts.reshape(len(people), -1).sum(axis=1), dtype=np.float64)

    def reach(self, people: FloatArray, contacts: FloatArray) -> Reach:
        """Return whom a number of contacts, (B,), reaches among people, (B, S)."""
        heads = self.heads(people)
        return self.reach_at(np.divide(contacts, heads, out=np.zeros_like(contacts), where=heads > 0))

    def reach_at(self, rate: FloatArray) -> Reach:
        """Return the reach of so many contacts a head of weight 1, (B,)."""
        rates = rate.reshape(-1, *[1] * len(self.given)) * self.table
        met = -np.expm1(-self.evenness * np.log1p(rates / self.evenness))
        frequency = np.divide(rates, met, out=np.ones_like(rates), where=met > 0)
        return Reach(self.given, self.share * met, frequency)


class FrequencyResponse(StrictModel):
    r"""Hill curve of frequency :math:`f`: the part :math:`f^s/(f^s+h^s)` of the effect's chances.

    Attributes
    ----------
    half : float
        Contacts a week at which half of the full effect is had; 0 gives the full effect from the first contact.
    slope : float
        Above 1, the first contacts do little (an S-shape in frequency).
    """

    half: float = Field(default=1.0, ge=0)
    slope: float = Field(default=1.0, gt=0, le=10)

    def at(self, frequency: FloatArray) -> FloatArray:
        """Return the part of the full effect, same shape."""
        if self.half == 0.0:
            return np.ones_like(frequency)
        raised = frequency**self.slope
        return np.asarray(raised / (raised + self.half**self.slope), dtype=np.float64)
