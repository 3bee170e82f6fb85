"""The states that a consumer can be in: six axes, and where each state stands in a flat population array.

Facts of the state space follow Zhang & Vaver (2017), "Introduction to the Aggregate Marketing System Simulator". A
population is an array (B, S): B columns (a geo of one replicate each), S states, people as numbers that need not be
whole. The S states are the product of the axes, in the order of :class:`Axis`, the last axis varying fastest.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from functools import cache
from math import prod

import numpy as np

from mmm.arrays import IntArray


class Axis(StrEnum):
    """What is told about a consumer, in the order of the population array's axes."""

    MARKET = "market"
    SATIATION = "satiation"
    ACTIVITY = "activity"
    FAVOURABILITY = "favourability"
    LOYALTY = "loyalty"
    AVAILABILITY = "availability"


class InMarket(IntEnum):
    """Whether someone could want the category at all in this week; season and trend move it."""

    OUT = 0
    IN = 1


class Satiation(IntEnum):
    """Whether someone has lately bought, of us or of a rival, and so has no need."""

    UNSATIATED = 0
    SATIATED = 1


class Activity(IntEnum):
    """What someone does this week about buying; the last two last within a week only, so that a purchase is seen."""

    INACTIVE = 0
    EXPLORING = 1
    PURCHASING = 2
    BOUGHT = 3
    BOUGHT_ELSEWHERE = 4


class Favourability(IntEnum):
    """What someone thinks of the brand."""

    UNAWARE = 0
    NEGATIVE = 1
    NEUTRAL = 2
    FAVOURABLE = 3
    STRONGLY_FAVOURABLE = 4


class Loyalty(IntEnum):
    """Whom someone buys from by habit."""

    SWITCHER = 0
    LOYAL = 1
    COMPETITOR_LOYAL = 2


class Availability(IntEnum):
    """How easily someone gets the brand's product: shelves and shops near by, delivery."""

    LOW = 0
    AVERAGE = 1
    HIGH = 2


LEVELS: dict[Axis, type[IntEnum]] = {
    Axis.MARKET: InMarket,
    Axis.SATIATION: Satiation,
    Axis.ACTIVITY: Activity,
    Axis.FAVOURABILITY: Favourability,
    Axis.LOYALTY: Loyalty,
    Axis.AVAILABILITY: Availability,
}
AXES = tuple(Axis)
#: Levels of each axis.
SHAPE = tuple(len(LEVELS[axis]) for axis in AXES)
#: Number of states S.
STATES = prod(SHAPE)


def sizes(axes: tuple[Axis, ...]) -> tuple[int, ...]:
    """Return the number of levels of some axes."""
    return tuple(SHAPE[AXES.index(axis)] for axis in axes)


@cache
def level_of(axis: Axis) -> IntArray:
    """Return each state's level on an axis, (S,)."""
    levels = np.asarray(np.indices(SHAPE)[AXES.index(axis)].reshape(STATES), dtype=np.int64).copy()
    levels.flags.writeable = False
    return levels


@cache
def stride_of(axis: Axis) -> int:
    """Return how far apart two states stand that differ by one level of an axis."""
    return prod(SHAPE[AXES.index(axis) + 1 :])


@cache
def case_of(given: tuple[Axis, ...]) -> IntArray:
    """Return which combination of some axes' levels each state has, (S,), counted row by row; 0 where none is given."""
    if not given:
        return np.zeros(STATES, dtype=np.int64)
    cases = np.ravel_multi_index([level_of(axis) for axis in given], sizes(given)).astype(np.int64)
    cases.flags.writeable = False
    return np.asarray(cases)


@cache
def first_states(axis: Axis) -> IntArray:
    """Return the states at level 0 of an axis, (S / K,): each heads a group whose states differ on that axis only."""
    heads = np.flatnonzero(level_of(axis) == 0).astype(np.int64)
    heads.flags.writeable = False
    return heads
