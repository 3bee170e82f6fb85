"""Journeys against a slow account of the same events, and what must hold of every one."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.market.attribution.log import Event, paths_of_log
from simulations.market.journeys.figures import figures_of
from simulations.market.journeys.journeys import OFFLINE
from simulations.market.journeys.narrow import narrowed
from simulations.market.journeys.seen import company_log, whole_log
from simulations.market.journeys.spec import JourneySettings
from simulations.market.streams import Streams
from tests.test_simulations.test_market.test_journeys.toy import HISTORY, WEEKS, journeys_of, material

SETTINGS = JourneySettings(people=1500, offline=("tv",), unlogged=("tv",), linked=0.7, bought_offline=0.3)
MADE = material(SETTINGS)
JOURNEYS = journeys_of(MADE)


def slow_journeys() -> list[tuple[int, float, bool, list[tuple[float, int]]]]:
    """Return (person, end, bought, touches) of every journey that ends in the window, one person after another."""
    moments, episodes = MADE.moments, MADE.episodes
    visits = MADE.luck.visits(SETTINGS.research, episodes.longest)
    found = []
    for person in range(SETTINGS.people):
        own = moments.person == person
        touches = list(zip(moments.time[own], moments.module[own], strict=True))
        for episode in np.flatnonzero(episodes.person == person):
            lags = visits.lag[episode][visits.happened[episode]]
            touches += [(episodes.end[episode] - lag, 2) for lag in lags]
        stop = WEEKS * 7.0
        purchases = [time for time in moments.bought[moments.buyer == person] if time < stop]
        groups: dict[tuple[float, bool], list[tuple[float, int]]] = {(time, True): [] for time in purchases}
        for time, channel in sorted(touches):
            end = min((bought for bought in purchases if bought >= time), default=stop)
            back = int((end - time) // SETTINGS.lookback_days)
            key = (end - back * SETTINGS.lookback_days, back == 0 and end in purchases)
            groups.setdefault(key, []).append((time, channel))
        found += [
            (person, end, bought, met) for (end, bought), met in sorted(groups.items()) if HISTORY * 7.0 < end <= stop
        ]
    return found


def test_journeys_are_those_of_the_slow_account() -> None:
    slow = slow_journeys()
    assert JOURNEYS.count == len(slow)
    assert JOURNEYS.person.tolist() == [person for person, _, _, _ in slow]
    assert JOURNEYS.end == pytest.approx([end for _, end, _, _ in slow])
    assert JOURNEYS.bought.tolist() == [bought for _, _, bought, _ in slow]
    assert JOURNEYS.journey.tolist() == [number for number, row in enumerate(slow) for _ in row[3]]
    assert JOURNEYS.time == pytest.approx([time for row in slow for time, _ in row[3]])
    assert JOURNEYS.channel.tolist() == [channel for row in slow for _, channel in row[3]]


def test_every_purchase_of_the_window_ends_one_journey() -> None:
    purchases = MADE.trail.purchases
    inside = purchases[purchases[:, 1] >= HISTORY]
    counted, money = JOURNEYS.panel()
    expected = np.zeros_like(counted)
    np.add.at(expected, (MADE.trail.columns[inside[:, 0]], inside[:, 1] - HISTORY), JOURNEYS.scale)
    assert counted == pytest.approx(expected)
    assert money == pytest.approx(25.0 * expected)


def test_no_journey_is_longer_than_the_lookback_and_television_is_on_no_device() -> None:
    assert JOURNEYS.days_to_purchase.max() <= SETTINGS.lookback_days
    assert np.all(JOURNEYS.days <= JOURNEYS.days_to_purchase)
    tv = JOURNEYS.channel == 0
    assert np.array_equal(tv, JOURNEYS.device == OFFLINE)
    assert np.all(JOURNEYS.devices <= JOURNEYS.sessions)


def test_what_is_left_for_a_calibration_has_the_same_figures() -> None:
    part = narrowed(MADE, purchases=10**9)
    assert len(part.moments.person) < len(MADE.moments.person)
    assert figures_of(journeys_of(part)).as_dict() == figures_of(JOURNEYS).as_dict()
    assert len(narrowed(MADE, purchases=len(MADE.moments.buyer) // 4).moments.buyer) < len(MADE.moments.buyer) / 2


def test_the_whole_log_gives_back_the_paths() -> None:
    paths = JOURNEYS.paths(direct=True)
    again = paths_of_log(whole_log(JOURNEYS, Streams(1)), paths.channels, scale=JOURNEYS.scale)
    assert again.total == pytest.approx(paths.total)
    assert again.untouched == pytest.approx(paths.untouched)

    def told(of) -> list[tuple[list[int], float]]:
        ends = zip(of.starts[:-1], of.starts[1:], of.value, strict=True)
        return sorted((of.touches[a:b].tolist(), value) for a, b, value in ends)

    assert told(again) == told(paths)
    assert len(JOURNEYS.paths().channels) == 2


def test_the_company_sees_less_and_every_purchase() -> None:
    log, whole = company_log(JOURNEYS, Streams(1)), whole_log(JOURNEYS, Streams(1))
    assert log["value"].sum() == pytest.approx(JOURNEYS.value.sum())
    assert "tv" not in set(log["channel"])
    assert (whole["channel"] == "tv").any()
    # Split by device, so more journeys end in a purchase that nothing came before.
    assert paths_of_log(log).untouched > paths_of_log(whole).untouched
    shop = log[(log["event"] == Event.PURCHASE) & (log["place"] == "offline")]
    assert 0.2 < len(shop) / (log["event"] == Event.PURCHASE).sum() < 0.4
    assert set(shop["device"]) == {"none"}


def test_strangers_have_a_journey_a_device() -> None:
    log = company_log(journeys_of(material(SETTINGS.model_copy(update={"linked": 0.0}))), Streams(1))
    assert (log.groupby("journey")["device"].nunique() == 1).all()
    known = company_log(journeys_of(material(SETTINGS.model_copy(update={"linked": 1.0}))), Streams(1))
    assert (known.groupby("journey")["device"].nunique() > 1).any()
    assert known["journey"].nunique() < log["journey"].nunique()
