"""Everything that journeys are made of but the dials of research: all draws are made, and no dial is turned yet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.arrays import BoolArray, IntArray
from simulations.market.journeys.devices import own_devices, session_devices
from simulations.market.journeys.episodes import Episodes, episodes_of
from simulations.market.journeys.journeys import OFFLINE
from simulations.market.journeys.moments import Moments, moments_of
from simulations.market.journeys.people import Trail
from simulations.market.journeys.research import MOST_VISITS, Luck, ResearchDraws
from simulations.market.journeys.spec import JourneySettings
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
