"""From what a module does to a person, to kernels: directions along an axis, and how strongly each state is moved.

A strength is an array over columns and all six axes, (B, 2, 2, 5, 5, 3, 3), where an axis on which it does not depend
has length 1. A direction is a matrix (K, K) whose rows sum to 0; identity + strength × direction is a kernel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pydantic import Field

from mmm.arrays import FloatArray
from mmm.config import StrictModel
from simulations.market.consumers.kernel import Kernel
from simulations.market.consumers.states import AXES, SHAPE, Activity, Axis, InMarket, Loyalty, Satiation, sizes
from simulations.market.consumers.states import Favourability as Fav

#: Only who is in the market and has no fill can be made to explore or to purchase.
_NEEDY = np.zeros((1, *SHAPE[:2], 1, 1, 1, 1))
_NEEDY[0, InMarket.IN, Satiation.UNSATIATED] = 1.0
_EVERYBODY = np.ones((1, 1, 1, 1, 1, 1, 1))


def expand(values: FloatArray, given: tuple[Axis, ...]) -> FloatArray:
    """Return an array (B, *levels of given) over columns and all axes, (B, 6 axes), length 1 where not given."""
    shape = [size if axis in given else 1 for axis, size in zip(AXES, SHAPE, strict=True)]
    return values.reshape(len(values), *shape)


@dataclass(frozen=True, eq=False)
class Direction:
    """Where a module moves people on one axis.

    Attributes
    ----------
    axis : Axis
    change : (K, K)
        A full-strength kernel less the identity.
    who : (1, 6 axes)
        1 for the states it can move, 0 for the others.
    most : float
        Strength at which a level is wholly left.
    stay : (K, K)
        Identity.
    others : tuple of Axis
    order : tuple of int
        Of a strength's axes with the direction's own last.
    """

    axis: Axis
    change: FloatArray
    who: FloatArray
    most: float
    stay: FloatArray
    others: tuple[Axis, ...]
    order: tuple[int, ...]

    @classmethod
    def of(cls, axis: Axis, change: FloatArray, who: FloatArray) -> Direction:
        """Return the direction of a change, with what every week's kernel needs worked out once."""
        others = tuple(other for other in AXES if other != axis)
        order = (0, *(1 + AXES.index(other) for other in others), 1 + AXES.index(axis))
        most = 1.0 / float(-np.diagonal(change).min())
        return cls(axis, change, who, most, np.eye(len(change)), others, order)

    def kernel(self, strength: FloatArray) -> Kernel:
        """Return the kernel of a strength, (B, 6 axes); a row is never moved more than wholly."""
        by_row = (np.minimum(strength, self.most) * self.who).transpose(self.order)
        matrix = by_row[..., None] * self.change
        matrix += self.stay
        given = tuple(axis for axis, size in zip(self.others, matrix.shape[1:-2], strict=True) if size > 1)
        return Kernel(self.axis, given, matrix.reshape(len(matrix), *sizes(given), *self.change.shape))


def toward(axis: Axis, chances: dict[tuple[int, int], float]) -> FloatArray:
    """Return the change (K, K) that moves from level to level with the given chances."""
    change = np.zeros((*sizes((axis,)), *sizes((axis,))))
    for (source, to), chance in chances.items():
        change[source, to] += chance
        change[source, source] -= chance
    return change


class Effect(StrictModel):
    r"""What a contact does to a person: the chance of each move at full response to frequency.

    A channel's return can be sized from these: in a week, *reached people × chance × response to frequency × share of
    them in the state that the move starts from* make the move, and a move is worth

    * ``purchase``: the chance of choosing us × the basket, less what the person would have bought soon after anyway
      (about ``decide`` / (``decide`` + ``give_up``) of it); immediate, no carryover;
    * ``explore``: the worth of ``purchase`` × that same share; spread over 1 / (``decide`` + ``give_up``) weeks;
    * ``favour`` and ``aware``: the rise of the chance of choosing us (see ``choice``) × the basket × purchases a person
      a week × 1 / (1 − retention of favourability) weeks; so with retention 0.9 the same chance earns ten times
      what it earns in its first week, as an adstock of 0.9 would;
    * ``loyal`` and ``available``: the same with their own chances and retentions.

    Divide by the cost of reaching a person (cost per exposure × frequency) for the ROAS. Doubling a chance about
    doubles the ROAS; :func:`simulations.market.consumers.sizing.sized` finds the factor for a ROAS that is asked for.

    Attributes
    ----------
    aware : float
        Unaware → neutral.
    favour : float
        One level up: negative → neutral → favourable → strongly favourable.
    explore : float
        Inactive → exploring, of those in the market who have not lately bought.
    purchase : float
        Exploring → purchasing, of the same.
    loyal : float
        Competitor-loyal → switcher → loyal.
    available : float
        One level up: low → average → high.
    disfavour : float
        One level down, as a rival's comparison or bad talk does: strongly favourable → … → negative.
    poach : float
        Loyal → switcher → competitor-loyal.
    """

    aware: float = Field(default=0.0, ge=0, le=1)
    favour: float = Field(default=0.0, ge=0, le=1)
    explore: float = Field(default=0.0, ge=0, le=1)
    purchase: float = Field(default=0.0, ge=0, le=1)
    loyal: float = Field(default=0.0, ge=0, le=1)
    available: float = Field(default=0.0, ge=0, le=1)
    disfavour: float = Field(default=0.0, ge=0, le=1)
    poach: float = Field(default=0.0, ge=0, le=1)

    def directions(self) -> tuple[Direction, ...]:
        """Return the moves as directions, in the order: opinion, habit, availability, activity."""
        up, down = self.favour, self.disfavour
        opinion: dict[tuple[int, int], float] = {
            (Fav.UNAWARE, Fav.NEUTRAL): self.aware,
            (Fav.NEGATIVE, Fav.NEUTRAL): up,
            (Fav.NEUTRAL, Fav.FAVOURABLE): up,
            (Fav.FAVOURABLE, Fav.STRONGLY_FAVOURABLE): up,
            (Fav.STRONGLY_FAVOURABLE, Fav.FAVOURABLE): down,
            (Fav.FAVOURABLE, Fav.NEUTRAL): down,
            (Fav.NEUTRAL, Fav.NEGATIVE): down,
        }
        habit: dict[tuple[int, int], float] = {
            (Loyalty.COMPETITOR_LOYAL, Loyalty.SWITCHER): self.loyal,
            (Loyalty.SWITCHER, Loyalty.LOYAL): self.loyal,
            (Loyalty.LOYAL, Loyalty.SWITCHER): self.poach,
            (Loyalty.SWITCHER, Loyalty.COMPETITOR_LOYAL): self.poach,
        }
        nearness: dict[tuple[int, int], float] = {(0, 1): self.available, (1, 2): self.available}
        activity: dict[tuple[int, int], float] = {
            (Activity.INACTIVE, Activity.EXPLORING): self.explore,
            (Activity.EXPLORING, Activity.PURCHASING): self.purchase,
        }
        all_moves = (
            (Axis.FAVOURABILITY, opinion, _EVERYBODY),
            (Axis.LOYALTY, habit, _EVERYBODY),
            (Axis.AVAILABILITY, nearness, _EVERYBODY),
            (Axis.ACTIVITY, activity, _NEEDY),
        )
        return tuple(
            Direction.of(axis, toward(axis, moves), who) for axis, moves, who in all_moves if any(moves.values())
        )
