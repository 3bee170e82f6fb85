"""From what people did to journeys: contacts and visits are put in order and cut at purchases and at the lookback."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.arrays import FloatArray, IntArray
from simulations.market.journeys.devices import session_devices
from simulations.market.journeys.journeys import Journeys
from simulations.market.journeys.material import Material
from simulations.market.journeys.moments import DAYS, Moments, next_purchase
from simulations.market.journeys.spec import DIRECT, Research


@dataclass(frozen=True, eq=False)
class _Touches:
    """M contacts and visits of all people, in no order: person, time, channel, device, (M,) each."""

    person: IntArray
    time: FloatArray
    channel: IntArray
    device: IntArray

    def take(self, kept: IntArray) -> _Touches:
        return _Touches(self.person[kept], self.time[kept], self.channel[kept], self.device[kept])


@dataclass(frozen=True, eq=False)
class Frame:
    """What journeys are told of but not made of.

    Attributes
    ----------
    first : datetime64[D]
        First day of the trail's first week.
    before : int
        Weeks of the trail before the window; the window ends with the trail.
    geos : tuple of str
    scale : float
        People of the market whom one person stands for.
    worth : (G, weeks)
        Money of one purchase in a geo and week.
    """

    first: np.datetime64
    before: int
    geos: tuple[str, ...]
    scale: float
    worth: FloatArray


def build(material: Material, dials: Research, frame: Frame) -> Journeys:
    """Put the journeys together that end in the window."""
    trail, moments = material.trail, material.moments
    touches = _with_visits(material, dials)
    sale, end = _cut(material, touches)
    inside = np.flatnonzero(end > DAYS * frame.before)
    touches, purchases = touches.take(inside), np.flatnonzero(moments.bought >= DAYS * frame.before)
    journey, person, end, sale = _number(touches.person, end[inside], sale[inside], purchases, moments)
    order = np.lexsort((touches.time, journey))
    bought, geo = sale >= 0, trail.columns[person]
    shop, week = np.zeros(len(sale), dtype=np.bool_), (end[bought] / DAYS).astype(np.int64)
    shop[bought] = material.shop[sale[bought]]
    value = np.zeros(len(sale))
    value[bought] = frame.worth[geo[bought], np.minimum(week, trail.weeks - 1)]
    return Journeys(
        settings=material.settings,
        channels=(*trail.modules, DIRECT),
        geos=frame.geos,
        first=frame.first,
        window=slice(frame.before, trail.weeks),
        scale=frame.scale,
        journey=journey[order],
        time=touches.time[order],
        channel=touches.channel[order],
        device=touches.device[order],
        person=person,
        geo=geo,
        end=end,
        bought=bought,
        value=value,
        shop=shop,
        linked=material.linked[person],
        own=material.own[person],
    )


def _with_visits(material: Material, dials: Research) -> _Touches:
    """Return the market's contacts and people's own visits, the latter as the channel after the last."""
    moments, episodes = material.moments, material.episodes
    visits = material.luck.visits(dials, episodes.longest)
    episode, place = np.nonzero(visits.happened)
    visitor = episodes.person[episode]
    luck = material.visit_luck[episode, place].astype(np.float64)
    direct = np.full(len(episode), len(material.trail.modules), dtype=np.int64)
    return _Touches(
        person=np.concatenate([moments.person, visitor]),
        time=np.concatenate([moments.time, episodes.end[episode] - visits.lag[episode, place]]),
        channel=np.concatenate([moments.module, direct]),
        device=np.concatenate(
            [material.contact_device, session_devices(material.settings, material.own[visitor], luck)]
        ),
    )


def _cut(material: Material, touches: _Touches) -> tuple[IntArray, FloatArray]:
    """Return the purchase and the end of each touch's journey, (M,) each.

    Journeys are counted back from the next purchase, or from the trail's end where there is none, each as long as the
    lookback. Only the latest before a purchase ends in it; the purchase of the others is -1.
    """
    moments, lookback = material.moments, material.settings.lookback_days
    stop = DAYS * material.trail.weeks
    sale = next_purchase(touches.person, touches.time, moments, stop + DAYS)
    end = np.full(len(sale), stop)
    end[sale >= 0] = moments.bought[sale[sale >= 0]]
    back = np.floor((end - touches.time) / lookback)
    return np.where(back == 0, sale, -1), end - back * lookback


def _number(
    person: IntArray, end: FloatArray, bought: IntArray, purchases: IntArray, moments: Moments
) -> tuple[IntArray, IntArray, FloatArray, IntArray]:
    """Number the journeys: those of touches, and the purchases that no touch came before.

    Returns
    -------
    journey : (M,)
        Of each touch.
    person, end, purchase : (J,)
        Of each journey; the purchase is -1 where there is none.
    """
    touchless = np.setdiff1d(purchases, bought)
    people = np.concatenate([person, moments.buyer[touchless]])
    ends = np.concatenate([end, moments.bought[touchless]])
    sales = np.concatenate([bought, touchless])
    order = np.lexsort((ends, people))
    new = np.ones(len(order), dtype=np.bool_)
    # Ends of one journey are the same number up to rounding, those of two journeys days apart.
    new[1:] = (np.diff(people[order]) != 0) | (np.diff(ends[order]) > 1e-6)
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.cumsum(new) - 1
    head = order[new]
    return number[: len(person)], people[head], ends[head], sales[head].astype(np.int64)
