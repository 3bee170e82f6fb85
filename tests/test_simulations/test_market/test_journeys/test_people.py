"""Single persons against the aggregate that the same steps move."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations.market.consumers.kernel import apply_step
from simulations.market.consumers.states import Activity, Axis, case_of, level_of
from simulations.market.journeys.moments import moments_of
from simulations.market.journeys.people import draw_states, follow
from simulations.market.streams import Streams
from tests.test_simulations.test_market.test_journeys.toy import WEEKS, first_people, trail_of, week_of_steps

PEOPLE = 30_000


def aggregate() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return purchases (G, weeks), contacts (G, weeks, 2) and the last population, as shares of each geo."""
    people = first_people()
    total = people.sum(axis=1)
    bought, contacts = np.zeros((2, WEEKS)), np.zeros((2, WEEKS, 2))
    for week in range(WEEKS):
        for step in week_of_steps(week):
            if step.reach is not None:
                share = np.broadcast_to(
                    step.reach.share.reshape(len(step.reach.share), -1), (2, step.reach.share[0].size)
                )
                chance = share[:, case_of(step.reach.given)]
                contacts[:, week, 0 if step.module == "tv" else 1] = (chance * people).sum(axis=1) / total
            apply_step(people, step)
        bought[:, week] = people[:, level_of(Axis.ACTIVITY) == Activity.BOUGHT].sum(axis=1) / total
    return bought, contacts, people / total[:, None]


def z_scores(counts: np.ndarray, shares: np.ndarray, people: np.ndarray) -> np.ndarray:
    sd = np.sqrt(people * shares * (1 - shares))
    return ((counts - people * shares) / np.where(sd > 0, sd, 1.0))[sd > 0]


def test_persons_buy_and_are_met_as_the_aggregate_within_sampling_error() -> None:
    bought, contacts, last = aggregate()
    trail = trail_of(PEOPLE, seed=11)
    heads = np.bincount(trail.columns)
    count = np.zeros((2, WEEKS))
    np.add.at(count, (trail.columns[trail.purchases[:, 0]], trail.purchases[:, 1]), 1)
    met = np.zeros((2, WEEKS, 2))
    np.add.at(met, (trail.columns[trail.touches[:, 0]], trail.touches[:, 1], trail.touches[:, 2]), 1)
    where = np.zeros_like(last)
    np.add.at(where, (trail.columns, trail.states), 1)
    for z in (
        z_scores(count, bought, heads[:, None]),
        z_scores(met, contacts, heads[:, None, None]),
        z_scores(where, last, heads[:, None]),
    ):
        assert np.abs(z).max() < 4.5
        # Weeks hang together through the persons, so the mean square is looser than of independent draws.
        assert 0.5 < np.mean(z**2) < 1.7
        assert abs(z.mean()) < 0.7


def test_the_same_seed_follows_the_same_people_and_another_does_not() -> None:
    first, again, other = trail_of(400, 1), trail_of(400, 1), trail_of(400, 2)
    assert np.array_equal(first.touches, again.touches)
    assert np.array_equal(first.purchases, again.purchases)
    assert not np.array_equal(first.purchases, other.purchases)


def test_without_television_only_those_whom_it_met_do_anything_else() -> None:
    """Common random numbers, person by person."""
    columns = np.zeros(5000, dtype=np.int64)
    states = draw_states(first_people(), columns, np.random.default_rng(0))
    with_tv = follow((week_of_steps(week) for week in range(WEEKS)), states, columns, ("tv", "search"), Streams(4))
    dark = ([step for step in week_of_steps(week) if step.module != "tv"] for week in range(WEEKS))
    without = follow(dark, states, columns, ("tv", "search"), Streams(4))
    changed = {*map(tuple, with_tv.purchases)} ^ {*map(tuple, without.purchases)}
    met_by_tv = set(with_tv.touches[with_tv.touches[:, 2] == 0, 0])
    assert changed
    assert {person for person, _ in changed} <= met_by_tv


def test_first_states_are_drawn_from_each_geos_own_population() -> None:
    columns = np.repeat([0, 1], 20_000)
    states = draw_states(first_people(), columns, np.random.default_rng(0))
    liking = first_people()[0].nonzero()[0][1]
    shares = [np.mean(states[columns == geo] == liking) for geo in (0, 1)]
    assert shares == pytest.approx([0.2, 0.4], abs=0.012)


@given(st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_in_a_week_causes_come_before_what_they_can_cause(seed: int) -> None:
    trail = trail_of(300, seed, weeks=12)
    made = moments_of(trail, np.random.default_rng(seed))
    events = {}
    for person, module, time in zip(made.person, made.module, made.time, strict=True):
        events.setdefault((person, int(time // 7)), []).append((time, module))
    for person, time in zip(made.buyer, made.bought, strict=True):
        events.setdefault((person, int(time // 7)), []).append((time, 2))
    for happened in events.values():
        modules = [module for _, module in sorted(happened)]
        assert modules == sorted(modules)
    assert sorted(events) == sorted({*map(tuple, trail.touches[:, :2]), *map(tuple, trail.purchases)})
    assert np.array_equal(np.lexsort((made.bought, made.buyer)), np.arange(len(made.buyer)))
