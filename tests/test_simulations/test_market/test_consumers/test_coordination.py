"""Hand-over and messages: what they do to a contact, and what they are truly worth."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from simulations.market.consumers.coordinated import coordinated, coordination_value, write_coordination
from simulations.market.consumers.coordination import Coordination
from simulations.market.consumers.market import ConsumerMarket
from simulations.market.consumers.simulate import simulate_consumers
from simulations.market.consumers.states import Activity
from tests.test_simulations.test_market.test_consumers.consumer_worlds import small_world

DAY = date(2025, 6, 2)
SPRING = {"tv": "spring", "social": "spring", "newsletter": "spring"}


@cache
def market(**dials: float) -> ConsumerMarket:
    return simulate_consumers(small_world(weeks=30, coordination={"messages": SPRING, **dials}))


def sold(of: ConsumerMarket) -> float:
    return float(of.record.outcome.sum())


def test_who_has_no_journey_under_way_loses_nothing_when_it_is_not_handed_over() -> None:
    factor = Coordination(hand_over=0.4, moves=0.5).factor("tv", {}, DAY).ravel()
    assert factor[Activity.INACTIVE] == 1.0
    assert factor[[Activity.EXPLORING, Activity.PURCHASING]].tolist() == pytest.approx([0.7, 0.7])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=4), st.floats(0.01, 10))
@settings(max_examples=30, deadline=None)
def test_a_contact_is_stronger_by_the_share_who_met_the_message_elsewhere(
    shares: list[float], coherence: float
) -> None:
    """Inclusion and exclusion over the subsets of channels gives the share that any of them reached."""
    names = [f"c{number}" for number in range(len(shares))]
    coordination = Coordination(coherence=coherence, messages=dict.fromkeys([*names, "tv"], "spring"))
    reached = {name: np.array([share, 0.0]) for name, share in zip(names, shares, strict=True)}
    reached |= {"stranger": np.array([1.0, 1.0]), "tv": np.array([1.0, 1.0])}
    met = 0.0
    for subset in range(1, 1 << len(shares)):
        inside = [share for number, share in enumerate(shares) if subset >> number & 1]
        met -= (-1) ** len(inside) * np.prod(inside)
    factor = coordination.factor("tv", reached, DAY)
    assert factor.shape == (2, 1, 1, 1, 1, 1, 1)
    assert factor.ravel() == pytest.approx([1 + coherence * met, 1.0], abs=1e-9)


def test_a_message_holds_from_its_day_to_the_next() -> None:
    coordination = Coordination(
        messages={"social": {date(2025, 3, 3): "spring", date(2025, 5, 5): "summer"}, "tv": "spring"}
    )
    said = [coordination.says("social", date(2025, month, 10)) for month in (2, 3, 5)]
    assert said == [None, "spring", "summer"]
    assert coordination.says("tv", DAY) == "spring"
    assert coordination.says("search", DAY) is None


def test_neutral_dials_change_no_figure_of_the_market() -> None:
    plain = simulate_consumers(small_world(weeks=30))
    assert np.array_equal(market(hand_over=1.0, coherence=0.0).record.outcome, plain.record.outcome)
    without = simulate_consumers(small_world(weeks=30, coordination={"coherence": 2.0}))
    assert np.array_equal(without.record.outcome, plain.record.outcome)


def test_the_more_is_handed_over_and_the_more_coherent_the_more_is_sold() -> None:
    by_hand_over = [sold(market(hand_over=share)) for share in (0.0, 0.3, 0.6, 1.0)]
    by_coherence = [sold(market(coherence=factor)) for factor in (0.0, 0.5, 1.0, 2.0)]
    assert np.all(np.diff(by_hand_over) > 0)
    assert np.all(np.diff(by_coherence) > 0)


def test_every_step_stays_row_stochastic_under_strong_coherence() -> None:
    for _, step in market(hand_over=0.2, coherence=10.0).steps():
        step.check()


def test_rivals_and_talk_are_not_coordinated() -> None:
    """With no channel of ours that does anything, the dials change nothing."""
    idle = {"tv": {**small_world().model_dump(mode="json")["channels"]["tv"], "effect": {}}}

    def of(**dials: float) -> np.ndarray:
        return simulate_consumers(
            small_world(weeks=20, channels=idle, owned={"friends": {"kind": "talk"}}, coordination=dials)
        ).record.outcome

    assert np.array_equal(of(), of(hand_over=0.0))


def test_the_value_of_coordination_is_that_of_markets_lived_so_from_the_window_on() -> None:
    of = market(hand_over=0.5, coherence=1.0)
    value = coordination_value(of)
    table = value.to_frame().set_index("coordination")
    assert table.loc["as it is", "difference"] == 0.0
    assert table.loc["every journey handed over", "difference"] > 0 > table.loc["no journey handed over", "difference"]
    one, own = table.loc["the same message everywhere"], table.loc["a message of its own in each channel"]
    assert one["difference"] > 0 > own["difference"]
    best = "every journey handed over, the same message everywhere"
    assert table["sold"].idxmax() == best
    again = coordinated(of, Coordination(hand_over=0.0, coherence=1.0, messages=SPRING))
    assert table.loc["no journey handed over", "sold"] == pytest.approx(sold(again) * of.value)
    assert np.array_equal(coordinated(of, of.world.coordination).record.outcome, of.record.outcome)


def test_what_coordination_is_worth_is_written_with_the_truth(tmp_path: Path) -> None:
    of = market(hand_over=0.5, coherence=1.0)
    told = pd.read_csv(write_coordination(of, tmp_path))
    assert told["coordination"].iloc[0] == "as it is"
    assert told["difference"].tolist() == pytest.approx(coordination_value(of).to_frame()["difference"], abs=0.01)


def test_the_same_message_makes_channels_work_together() -> None:
    of = market(coherence=2.0)
    apart = coordinated(of, Coordination(coherence=2.0))
    pair = ("tv", "social")
    assert of.truth.synergy[pair] > apart.truth.synergy[pair] + 0.05 * of.truth.channels["social"].contribution


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"messages": {"radio": "spring"}}, "no channel 'radio'"),
        ({"messages": {"tv": ""}}, "'tv' has no message"),
        ({"hand_over": 1.2}, "less than or equal to 1"),
        ({"coherence": -0.1}, "greater than or equal to 0"),
    ],
)
def test_dials_that_cannot_be_are_refused(wrong, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        small_world(coordination=wrong)
