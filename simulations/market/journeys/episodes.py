"""Spells of interest: each ends in a purchase of ours, or in giving up or buying elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.arrays import BoolArray, FloatArray, IntArray
from simulations.market.journeys.moments import DAYS, Moments, previous_purchase
from simulations.market.journeys.people import Trail


@dataclass(frozen=True, eq=False)
class Episodes:
    """E spells: the B purchases first, in the order of ``Moments``, then those that came to nothing.

    Attributes
    ----------
    person : (E,)
    end : (E,)
        Days since the first week began.
    bought : (E,)
    longest : (E,)
        Days before the end after which a visit would belong to another journey.
    """

    person: IntArray
    end: FloatArray
    bought: BoolArray
    longest: FloatArray


def episodes_of(trail: Trail, moments: Moments, lookback: float, rng: np.random.Generator) -> Episodes:
    """Find the spells of a trail.

    Weeks in which someone is active, one after another, are one spell; it is over when the last of them is, unless that
    week holds a purchase. A purchase ends a spell of its own.
    """
    person, week = _spell_ends(trail)
    end = DAYS * (week + rng.random(len(week)))
    people = np.concatenate([moments.buyer, person])
    ends = np.concatenate([moments.bought, end])
    span = DAYS * (trail.weeks + 1)
    since = ends - previous_purchase(people, ends, moments, span)
    return Episodes(
        person=people,
        end=ends,
        bought=np.arange(len(people)) < len(moments.buyer),
        longest=np.minimum(np.minimum(lookback, since), ends),
    )


def _spell_ends(trail: Trail) -> tuple[IntArray, IntArray]:
    """Return person and week of the last week of each spell without a purchase in that week."""
    weeks = trail.weeks + 1
    active = np.unique(trail.active[:, 0] * weeks + trail.active[:, 1])
    last = active[~np.isin(active + 1, active)]
    bought = trail.purchases[:, 0] * weeks + trail.purchases[:, 1]
    last = last[~np.isin(last, bought)]
    person, week = np.divmod(last, weeks)
    return person.astype(np.int64), week.astype(np.int64)
