"""What a company's log holds of the journeys: less than happened, and no person."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mmm.arrays import BoolArray, IntArray
from simulations.market.attribution.log import COLUMNS, Event
from simulations.market.attribution.paths import Paths
from simulations.market.journeys.journeys import OFFLINE, Journeys
from simulations.market.journeys.spec import DIRECT
from simulations.market.streams import Streams

ONLINE, AWAY, NO_DEVICE = "online", "offline", "none"


def company_log(journeys: Journeys, streams: Streams) -> pd.DataFrame:
    """Return the company's log; its columns are in :mod:`simulations.market.attribution.log`.

    Channels that leave no trace are missing. A person whom the company does not know again is a new journey on every
    device; contacts and purchases away from a device cannot be told to belong to such a person at all, so the contacts
    are missing and each of the purchases is a journey of its own.
    """
    traced = _traced(journeys)
    bought = np.flatnonzero(journeys.bought)
    devices = np.concatenate([journeys.device[traced], _purchase_device(journeys)[bought]])
    journey = np.concatenate([journeys.journey[traced], bought])
    pseudonym = _pseudonyms(journey, _part(journeys, journey, devices), streams)
    return _table(journeys, traced, bought, devices, pseudonym)


def company_paths(journeys: Journeys) -> Paths:
    """Return the journeys of the company's log as attribution takes them, visits on one's own account left out."""
    seen = np.flatnonzero(_traced(journeys) & (journeys.channel != journeys.channels.index(DIRECT)))
    width = len(journeys.settings.devices) + 1
    key = journeys.journey[seen] * width + _part(journeys, journeys.journey[seen], journeys.device[seen])
    # Touches are in order of time within a journey, and stay so within each of its parts.
    order = np.argsort(key, kind="stable")
    met, starts = np.unique(key[order], return_index=True)
    bought = np.flatnonzero(journeys.bought)
    sold = bought * width + _part(journeys, bought, _purchase_device(journeys)[bought])
    value = np.zeros(len(met))
    place = np.minimum(np.searchsorted(met, sold), max(len(met) - 1, 0))
    known = met[place] == sold if len(met) else np.zeros(len(sold), dtype=np.bool_)
    value[place[known]] = journeys.value[bought[known]]
    return Paths(
        channels=journeys.channels[:-1],
        touches=journeys.channel[seen][order],
        starts=np.append(starts, len(seen)).astype(np.int64),
        converted=np.isin(met, sold),
        value=value,
        scale=journeys.scale,
        untouched=float(journeys.value[bought[~known]].sum()),
    )


def whole_log(journeys: Journeys, streams: Streams) -> pd.DataFrame:
    """Return everything that happened, as a log; no company has it."""
    bought = np.flatnonzero(journeys.bought)
    devices = np.concatenate([journeys.device, _purchase_device(journeys)[bought]])
    journey = np.concatenate([journeys.journey, bought])
    every = np.ones(len(journeys.journey), dtype=np.bool_)
    return _table(journeys, every, bought, devices, _pseudonyms(journey, np.zeros_like(journey), streams))


def _traced(journeys: Journeys) -> BoolArray:
    """Return which touches leave a trace with the company, (M,)."""
    unlogged = [journeys.channels.index(name) for name in journeys.settings.unlogged if name in journeys.channels]
    known = journeys.linked[journeys.journey] | (journeys.device != OFFLINE)
    return np.asarray(~np.isin(journeys.channel, unlogged) & known)


def _part(journeys: Journeys, journey: IntArray, device: IntArray) -> IntArray:
    """Return which part of its journey an event is in: one where the person is known again, otherwise one a device."""
    return np.where(journeys.linked[journey], 0, device + 1)


def _purchase_device(journeys: Journeys) -> IntArray:
    """Return the device of the last session before each journey's end, one's own where there was none, (J,)."""
    device = journeys.own.copy()
    online = np.flatnonzero(journeys.device != OFFLINE)
    # Touches are in order of time, so the last one written stays.
    device[journeys.journey[online]] = journeys.device[online]
    return np.where(journeys.shop, OFFLINE, device)


def _pseudonyms(journey: IntArray, part: IntArray, streams: Streams) -> IntArray:
    """Number the journeys of a log in an order that tells nothing of people, (rows,)."""
    width = int(part.max()) + 1 if len(part) else 1
    unique, number = np.unique(journey * width + part, return_inverse=True)
    shuffled = streams("journeys/pseudonyms").permutation(len(unique))
    return np.asarray(shuffled[number], dtype=np.int64)


def _table(
    journeys: Journeys, kept: BoolArray, bought: IntArray, devices: IntArray, pseudonym: IntArray
) -> pd.DataFrame:
    touches = int(kept.sum())
    journey = np.concatenate([journeys.journey[kept], bought])
    time = np.concatenate([journeys.time[kept], journeys.end[bought]])
    begun = journeys.first.astype("datetime64[s]")
    table = pd.DataFrame(
        {
            "journey": [f"j{number:08d}" for number in pseudonym],
            "time": begun + np.floor(time * 86_400).astype("timedelta64[s]"),
            "event": np.where(np.arange(len(journey)) < touches, Event.TOUCH, Event.PURCHASE),
            "channel": np.append(np.array(journeys.channels, dtype=object)[journeys.channel[kept]], [""] * len(bought)),
            "device": np.array([*journeys.settings.devices, NO_DEVICE], dtype=object)[devices],
            "place": np.where(devices == OFFLINE, AWAY, ONLINE),
            "geo": np.array(journeys.geos, dtype=object)[journeys.geo[journey]],
            "value": np.append(np.full(touches, np.nan), journeys.value[bought]),
        }
    )
    order = np.lexsort((np.arange(len(journey)) >= touches, time, pseudonym))
    return table.iloc[order][list(COLUMNS)].reset_index(drop=True)
