"""Spend beyond what was observed: every plan that leaves the range says so, and 1.5 times is a wall unless allowed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.constraints import Budget, Constraint, ObservedRange
from optimizer.problem import Granularity
from optimizer.solve import allocate
from tests.test_optimizer.responses import baseline_total, problem, response


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 200),
    s_shaped=st.booleans(),
    level=st.floats(0.5, 3.0),
    week=st.booleans(),
    allowed=st.booleans(),
)
def test_plans_beyond_the_observed_range_are_flagged_and_walled(
    seed: int, s_shaped: bool, level: float, week: bool, allowed: bool
) -> None:
    draws = response(seed=seed, s_shaped=s_shaped)
    rules: tuple[Constraint, ...] = (Budget(level * baseline_total(draws), up_to=True),)
    granularity = Granularity.WEEK if week else Granularity.TOTAL
    made = problem(draws, constraints=rules, granularity=granularity)
    if allowed:
        made = replace(made, observed_range=ObservedRange(allowed=("channel 0",)))
    found = allocate(made)
    ratio = found.spend.max(axis=1) / made.observed_max
    walled = np.array([not (allowed and c == 0) for c in range(len(ratio))])
    assert (ratio[walled] <= 1.5 * (1 + 1e-9)).all()
    flagged = {finding.where for finding in found.findings if finding.name == "extrapolation"}
    assert flagged == {name for name, r in zip(made.channels, ratio, strict=True) if r > 1 + 1e-9}
    said = found.to_json()["extrapolation"]
    np.testing.assert_allclose([said[name] for name in made.channels], ratio)


def test_more_than_the_wall_is_possible_where_it_is_allowed() -> None:
    draws = response(seed=3)
    total = 4 * baseline_total(draws)
    made = problem(draws, constraints=(Budget(total, up_to=True),))
    free = replace(made, observed_range=ObservedRange(allowed=made.channels))
    beyond = allocate(free).spend.max(axis=1) / free.observed_max
    assert beyond.max() > 1.5
    assert allocate(made).value < allocate(free).value
