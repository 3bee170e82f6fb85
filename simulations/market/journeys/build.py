"""From what people did to journeys: contacts and visits are put in order and cut at purchases and at the lookback."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mmm.arrays import BoolArray, FloatArray, IntArray, WeekArray
from simulations.market.journeys.devices import own_devices, session_devices
from simulations.market.journeys.episodes import Episodes, episodes_of
from simulations.market.journeys.journeys import OFFLINE, Journeys
from simulations.market.journeys.moments import DAYS, Moments, moments_of, next_purchase
from simulations.market.journeys.people import Trail
from simulations.market.journeys.research import MOST_VISITS, Luck, ResearchDraws
from simulations.market.journeys.spec import DIRECT, JourneySettings, Research
from simulations.market.streams import Streams


@dataclass(frozen=True, eq=False)
class Material:
    """All that journeys are made of but the dials of research; every draw is made.

    Attributes
    ----------
    trail : Trail
    moments : Moments
    episodes : Episodes
    luck : ResearchDraws
    contact_device : (K,)
        Of each contact of ``moments``; ``OFFLINE`` away from any device.
    visit_luck : (E, V)
        Uniform, by which each visit comes to its device.
    own : (n,)
        Each person's own device.
    linked : (n,)
    shop : (B,)
        Purchases made offline.
    """

    settings: JourneySettings
    trail: Trail
    moments: Moments
    episodes: Episodes
    luck: ResearchDraws
    contact_device: IntArray
    visit_luck: Luck
    own: IntArray
    linked: BoolArray
    shop: BoolArray


def material_of(trail: Trail, settings: JourneySettings, streams: Streams) -> Material:
    """Draw everything that does not hang on the dials of research."""
    moments = moments_of(trail, streams("journeys/times"))
    episodes = episodes_of(trail, moments, settings.lookback_days, streams("journeys/spells"))
    people = len(trail.columns)
    own = own_devices(settings, people, streams("journeys/own devices"))
    rng = streams("journeys/devices")
    offline = np.isin(moments.module, [trail.modules.index(name) for name in settings.offline if name in trail.modules])
    contact = session_devices(settings, own[moments.person], rng.random(len(moments.person)))
    luck = rng.random((len(episodes.person), MOST_VISITS), dtype=np.float32)
    return Material(
        settings=settings,
        trail=trail,
        moments=moments,
        episodes=episodes,
        luck=ResearchDraws.draw(len(episodes.person), streams("journeys/research")),
        contact_device=np.where(offline, OFFLINE, contact).astype(np.int64),
        visit_luck=luck,
        own=own,
        linked=np.asarray(streams("journeys/linked").random(people) < settings.linked),
        shop=np.asarray(streams("journeys/shops").random(len(moments.buyer)) < settings.bought_offline),
    )


def build(
    material: Material,
    dials: Research,
    worth: FloatArray,
    *,
    window: slice,
    first: np.datetime64,
    geos: Sequence[str],
    scale: float,
) -> Journeys:
    """Put the journeys together that end in a window.

    Parameters
    ----------
    material : Material
    dials : Research
    worth : (G, weeks)
        Money of one purchase in a geo and week.
    window : slice
        Weeks of the trail.
    first : datetime64[D]
        First day of the trail's first week.
    geos : sequence of str
    scale : float
        People of the market whom one person stands for.
    """
    trail, moments = material.trail, material.moments
    visits = material.luck.visits(dials, material.episodes.longest)
    episode, place = np.nonzero(visits.happened)
    person = np.concatenate([moments.person, material.episodes.person[episode]])
    time = np.concatenate([moments.time, material.episodes.end[episode] - visits.lag[episode, place]])
    channel = np.concatenate([moments.module, np.full(len(episode), len(trail.modules))])
    owners = material.own[material.episodes.person[episode]]
    visit_device = session_devices(material.settings, owners, material.visit_luck[episode, place].astype(np.float64))
    device = np.concatenate([material.contact_device, visit_device])

    begins, ends = DAYS * window.start, DAYS * window.stop
    span = DAYS * (trail.weeks + 1)
    bought = next_purchase(person, time, moments, span)
    # Past the window's end no purchase is known yet.
    bought = np.where((bought >= 0) & (moments.bought[bought] < ends), bought, -1) if len(moments.bought) else bought
    end = np.where(bought >= 0, moments.bought[bought] if len(moments.bought) else ends, ends)
    back = np.floor((end - time) / material.settings.lookback_days)
    end = end - back * material.settings.lookback_days
    bought = np.where(back == 0, bought, -1)
    kept = (time < ends) & (end > begins)

    purchases = np.flatnonzero((moments.bought >= begins) & (moments.bought < ends))
    journey, owner, over, sale = _number(person[kept], end[kept], bought[kept], purchases, moments)
    order = np.lexsort((time[kept], journey))
    sold = np.maximum(sale, 0)
    geo = trail.columns[owner]
    week = np.minimum((over / DAYS).astype(np.int64), trail.weeks - 1)
    return Journeys(
        settings=material.settings,
        channels=(*trail.modules, DIRECT),
        geos=tuple(geos),
        first=first,
        window=window,
        scale=scale,
        journey=journey[order],
        time=time[kept][order],
        channel=channel[kept][order].astype(np.int64),
        device=device[kept][order],
        person=owner,
        geo=geo,
        end=over,
        bought=sale >= 0,
        value=np.where(sale >= 0, worth[geo, week], 0.0),
        shop=(sale >= 0) & material.shop[sold] if len(material.shop) else np.zeros(len(sale), dtype=np.bool_),
        linked=material.linked[owner],
        own=material.own[owner],
    )


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


def week_of(first: np.datetime64, time: FloatArray) -> WeekArray:
    """Return the first day of the week of each time."""
    return np.asarray(first + np.timedelta64(7, "D") * (time // DAYS).astype(np.int64), dtype="datetime64[D]")
