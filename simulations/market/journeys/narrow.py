"""The part of the material that a calibration needs: some of the people, and what lies before their purchases."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mmm.arrays import BoolArray, FloatArray, IntArray
from simulations.market.journeys.episodes import Episodes
from simulations.market.journeys.material import Material
from simulations.market.journeys.moments import DAYS, Moments, next_purchase
from simulations.market.journeys.research import ResearchDraws

#: Purchases on which figures are solved for; their shares then have a standard error below half a percentage point.
ENOUGH = 12_000


def narrowed(material: Material, purchases: int = ENOUGH) -> Material:
    """Return the material of people with so many purchases, without what is of no journey that ends in one."""
    moments, episodes = material.moments, material.episodes
    keep = _some_people(len(material.own), moments.buyer, purchases)
    span = DAYS * (material.trail.weeks + 1)
    lookback = material.settings.lookback_days

    def near(person: IntArray, time: FloatArray) -> BoolArray:
        following = next_purchase(person, time, moments, span)
        known = following >= 0
        wait = np.where(known, moments.bought[np.maximum(following, 0)] - time, np.inf) if len(moments.bought) else time
        return np.asarray(keep[person] & known & (wait < lookback))

    contacts = near(moments.person, moments.time)
    spells = near(episodes.person, episodes.end)
    sales = keep[moments.buyer]
    return replace(
        material,
        moments=Moments(
            person=moments.person[contacts],
            module=moments.module[contacts],
            time=moments.time[contacts],
            buyer=moments.buyer[sales],
            bought=moments.bought[sales],
        ),
        episodes=Episodes(
            person=episodes.person[spells],
            end=episodes.end[spells],
            bought=episodes.bought[spells],
            longest=episodes.longest[spells],
        ),
        luck=ResearchDraws(material.luck.looks[spells], material.luck.many[spells], material.luck.early[spells]),
        contact_device=material.contact_device[contacts],
        visit_luck=material.visit_luck[spells],
        shop=material.shop[sales],
    )


def _some_people(people: int, buyer: IntArray, purchases: int) -> BoolArray:
    """Return which people are kept, (n,): spread evenly, so that every geo keeps its share."""
    every = max(1, len(buyer) // purchases)
    return np.asarray(np.arange(people) % every == 0)
