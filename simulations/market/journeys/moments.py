"""When in its week everything happens: in the order in which the market's modules act, the purchase last."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.arrays import FloatArray, IntArray
from simulations.market.journeys.people import Trail

DAYS = 7.0


@dataclass(frozen=True, eq=False)
class Moments:
    """Contacts and purchases with a time.

    Attributes
    ----------
    person, module : (K,)
        Of each contact.
    time : (K,)
        Of each contact, in days since the first week began.
    buyer : (B,)
        Person of each purchase; in order of person and time.
    bought : (B,)
        Its time.
    """

    person: IntArray
    module: IntArray
    time: FloatArray
    buyer: IntArray
    bought: FloatArray


def moments_of(trail: Trail, rng: np.random.Generator) -> Moments:
    """Draw the times of a trail's contacts and purchases.

    A person's m events of a week take m times drawn alike over the week, in order: so what a module did can have been
    the cause of what a later one did in that week, and never the other way round.
    """
    contacts, purchases = trail.touches, trail.purchases
    person = np.concatenate([contacts[:, 0], purchases[:, 0]])
    week = np.concatenate([contacts[:, 1], purchases[:, 1]])
    # The purchase comes after every module.
    order = np.concatenate([contacts[:, 2], np.full(len(purchases), len(trail.modules))])
    slot = np.lexsort((order, week, person))
    drawn = rng.random(len(person))
    ranked = np.lexsort((drawn, week, person))
    time = np.empty(len(person))
    time[slot] = DAYS * (week[slot] + drawn[ranked])
    count = len(contacts)
    sort = np.lexsort((time[count:], person[count:]))
    return Moments(
        person=contacts[:, 0],
        module=contacts[:, 2],
        time=time[:count],
        buyer=purchases[:, 0][sort],
        bought=time[count:][sort],
    )


def previous_purchase(person: IntArray, time: FloatArray, moments: Moments, span: float) -> FloatArray:
    """Return the time of each person's last purchase before a time, minus infinity where there is none, (n,).

    Parameters
    ----------
    person, time : (n,)
    moments : Moments
    span : float
        Longer than every time.
    """
    place = np.searchsorted(moments.buyer * span + moments.bought, person * span + time, side="left") - 1
    known = place >= 0
    place = np.maximum(place, 0)
    if not len(moments.buyer):
        return np.full(len(person), -np.inf)
    return np.where(known & (moments.buyer[place] == person), moments.bought[place], -np.inf)


def next_purchase(person: IntArray, time: FloatArray, moments: Moments, span: float) -> IntArray:
    """Return the number of each person's next purchase at or after a time, -1 where there is none, (n,).

    See :func:`previous_purchase`.
    """
    if not len(moments.buyer):
        return np.full(len(person), -1, dtype=np.int64)
    place = np.searchsorted(moments.buyer * span + moments.bought, person * span + time, side="left")
    inside = np.minimum(place, len(moments.buyer) - 1)
    return np.where((place < len(moments.buyer)) & (moments.buyer[inside] == person), inside, -1).astype(np.int64)
