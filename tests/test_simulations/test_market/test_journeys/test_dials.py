"""Visits, devices and the dials that are turned until the journeys show asked figures; none of it needs a market."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from mmm.exceptions import SpecError
from simulations.market.journeys.calibrate import calibrated
from simulations.market.journeys.devices import own_devices, session_devices
from simulations.market.journeys.figures import figures_of
from simulations.market.journeys.narrow import narrowed
from simulations.market.journeys.research import MOST_VISITS, ResearchDraws, visit_count
from simulations.market.journeys.spec import AtLeast, JourneySettings, Research, Targets
from tests.test_simulations.test_market.test_journeys.toy import journeys_of, material


@given(st.floats(0.05, 10.0))
@settings(max_examples=20, deadline=None)
def test_numbers_of_visits_are_geometric(mean: float) -> None:
    luck = (np.arange(200_000) + 0.5) / 200_000
    count = visit_count(luck, mean)
    for least in range(1, 6):
        assert np.mean(count >= least) == pytest.approx((mean / (1 + mean)) ** least, abs=2e-5)
    assert count.max() <= MOST_VISITS


@given(st.floats(0, 1), st.floats(0, 6), st.floats(0.1, 20), st.floats(1.0, 1.5))
@settings(max_examples=25, deadline=None)
def test_a_dial_turned_up_takes_no_visit_away_and_makes_none_later(
    share: float, visits: float, days: float, more: float
) -> None:
    draws = ResearchDraws.draw(200, np.random.default_rng(1))
    longest = np.full(200, np.inf)
    less = draws.visits(Research(share=share, visits=visits, days=days), longest)
    wider = Research(share=min(1.0, share * more), visits=visits * more, days=days * more)
    turned = draws.visits(wider, longest)
    assert np.all(turned.happened >= less.happened)
    assert np.all(turned.lag >= less.lag)


def test_nobody_looks_around_further_back_than_the_journey_goes() -> None:
    draws = ResearchDraws.draw(500, np.random.default_rng(1))
    visits = draws.visits(Research(share=1, visits=5, days=30), np.full(500, 10.0))
    assert visits.lag[visits.happened].max() < 10.0


def test_sessions_are_on_ones_own_device_or_on_another_by_its_share() -> None:
    chosen = JourneySettings(devices={"phone": 0.5, "computer": 0.3, "tablet": 0.2}, other_device=0.4)
    rng = np.random.default_rng(2)
    own = own_devices(chosen, 60_000, rng)
    assert np.bincount(own) / 60_000 == pytest.approx([0.5, 0.3, 0.2], abs=0.008)
    used = session_devices(chosen, own, rng.random(60_000))
    of_phones = np.bincount(used[own == 0], minlength=3) / np.sum(own == 0)
    assert of_phones == pytest.approx([0.6, 0.4 * 0.6, 0.4 * 0.4], abs=0.01)
    single = JourneySettings(devices={"phone": 1.0}, other_device=0.0)
    assert np.array_equal(session_devices(single, own * 0, rng.random(60_000)), own * 0)


MADE = narrowed(material(JourneySettings(people=4000, lookback_days=21.0, offline=("tv",))))


def figures(dials: Research):
    return figures_of(journeys_of(MADE, dials))


def test_dials_are_turned_until_the_figures_are_shown() -> None:
    targets = Targets(two_touches=0.9, sessions=AtLeast(at_least=5, share=0.5), days=AtLeast(at_least=12, share=0.5))
    solved = calibrated(figures, Research(), targets)
    found = figures(solved)
    assert found.two_touches == pytest.approx(0.9, abs=0.007)
    assert np.mean(found.sessions >= 5) == pytest.approx(0.5, abs=0.007)
    assert np.mean(found.days >= 12) == pytest.approx(0.5, abs=0.007)


def test_a_dial_without_a_target_stays() -> None:
    solved = calibrated(figures, Research(visits=2.5, days=3.0), Targets(two_touches=0.9))
    assert (solved.visits, solved.days) == (2.5, 3.0)
    assert calibrated(figures, Research(), Targets()) == Research()


def test_a_figure_out_of_reach_is_refused_with_what_there_is() -> None:
    """The channels alone give more than 30 % of the purchases two touches."""
    with pytest.raises(SpecError, match=r"at least two touches cannot be 30%: these people come to [6-9]\d"):
        calibrated(figures, Research(), Targets(two_touches=0.3))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"devices": {"phone": 0.5}}, "add up to 1"),
        ({"devices": {"phone": 1.0}}, "second device"),
        ({"lookback_days": 0}, "greater than 0"),
        ({"targets": {"sessions": {"at_least": 6, "share": 1.0}}}, "less than 1"),
        ({"cookie": 1}, "not permitted"),
    ],
)
def test_settings_that_cannot_be_are_refused(wrong, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        JourneySettings.model_validate(wrong)
