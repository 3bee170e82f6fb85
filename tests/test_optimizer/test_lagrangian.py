"""Whole-number plans against brute force: feasible exactly, near the best, never above the bound."""

from __future__ import annotations

import itertools
import os
from dataclasses import replace

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mmm.exceptions import InfeasibleError
from optimizer import (
    ActiveChannels,
    ActiveWeeks,
    AllocationProblem,
    Budget,
    Bursts,
    Constraint,
    Granularity,
    MinWhenOn,
    Multiples,
    Per,
    allocate,
)
from optimizer.solvers.conic import ConicSet
from optimizer.solvers.oracle import Oracle, decide
from optimizer.solvers.patterns import discrete_violation
from optimizer.solvers.price_search import PriceSearch
from optimizer.solvers.program import program
from optimizer.solvers.solution import Goal
from optimizer.solvers.tangents import Tangents
from tests.test_optimizer.responses import baseline_total, problem, response

EXAMPLES = min(int(os.environ.get("MIXWISE_EXAMPLES", "25")), 500)
some = settings(max_examples=max(EXAMPLES // 2, 5), deadline=None, suppress_health_check=list(HealthCheck))
some = settings(some, derandomize=True)
STEPS = 20


def grid(weeks: int) -> np.ndarray:
    """Every split of at most STEPS units over the weeks, (n, weeks)."""
    rows = itertools.product(range(STEPS + 1), repeat=weeks)
    return np.array([row for row in rows if sum(row) <= STEPS])


def brute_force(made: AllocationProblem, total: float) -> float:
    """The best of all plans on a grid that keep every constraint by its own definition; -inf where none does."""
    channels, weeks = made.baseline.shape
    units = grid(weeks)
    money = units * (total / STEPS)
    values = np.array([made.horizon.per_channel(np.tile(row, (channels, 1))).mean(axis=1) for row in money])
    values[~(money[:, None, :] <= made.upper[None] * (1 + 1e-9)).all(axis=2)] = -np.inf
    lit = (units > 0) @ (1 << np.arange(weeks))
    spent = units.sum(axis=1)
    best = -np.inf
    # Of each pattern and total, only the best split matters once the amounts themselves are allowed.
    own = [one for one in made.constraints if not isinstance(one, (Budget, ActiveChannels))]
    allowed = np.array([_kept(made, own, row) for row in money]).T
    for marks in itertools.product(range(1 << weeks), repeat=channels):
        if not _channels_kept(made, np.array([[m >> t & 1 for t in range(weeks)] for m in marks])):
            continue
        reach = np.full(STEPS + 1, -np.inf)
        reach[0] = 0.0
        for c, mark in enumerate(marks):
            own_best = np.full(STEPS + 1, -np.inf)
            here = (lit == mark) & allowed[c]
            np.maximum.at(own_best, spent[here], values[here, c])
            reach = np.array([(reach[: m + 1] + own_best[m::-1]).max() for m in range(STEPS + 1)])
        best = max(best, float(reach.max()))
    return best


def _kept(made: AllocationProblem, own: list[Constraint], row: np.ndarray) -> np.ndarray:
    """Whether each channel may spend these weeks by itself."""
    frame, channels = made.frame, len(made.channels)
    kept = np.ones(channels, dtype=bool)
    for c in range(channels):
        plan = np.full((channels, len(row)), np.nan)
        plan[:] = row
        for one in own:
            if c in one.picked(frame):
                alone = replace(one, channels=(made.channels[c],))
                kept[c] &= alone.violation(plan, frame) <= 1e-9
    return kept


def _channels_kept(made: AllocationProblem, on: np.ndarray) -> bool:
    for one in made.constraints:
        if isinstance(one, ActiveChannels):
            active = on[one.picked(made.frame)]
            counts = active.sum(axis=0) if one.per is Per.WEEK else [active.any(axis=1).sum()]
            if max(counts) > (one.most if one.most is not None else 99) or min(counts) < (one.least or 0):
                return False
    return True


def kinds(total: float) -> dict[str, Constraint]:
    return {
        "least": MinWhenOn(None, 0.2 * total),
        "weeks": ActiveWeeks(None, most=1),
        "weeks of one": ActiveWeeks(("channel 0",), least=2),
        "channels": ActiveChannels(None, most=1),
        "channels a week": ActiveChannels(None, most=1, per=Per.WEEK),
        "bursts": Bursts(("channel 1",), least=2),
        "rest": Bursts(None, most=1, rest=1),
        "multiples": Multiples(("channel 0",), 0.15 * total),
    }


@given(
    st.integers(0, 10_000),
    st.booleans(),
    st.sets(st.sampled_from(sorted(kinds(1.0))), min_size=1, max_size=2),
    st.sampled_from([2, 3]),
    st.floats(0.6, 1.1),
)
@some
def test_plans_match_brute_force(seed, s_shaped, picked, weeks, level):
    draws = response(channels=2, draws=12, seed=seed, s_shaped=s_shaped)
    total = level * baseline_total(draws, weeks)
    constraints = tuple(kinds(total)[kind] for kind in sorted(picked))
    made = problem(draws, weeks=weeks, constraints=(Budget(total, up_to=True), *constraints))
    best = brute_force(made, total)
    try:
        plan = allocate(made)
    except InfeasibleError:
        assert best == -np.inf
        return
    assert discrete_violation(made, plan.row_spend) <= 1e-9
    assert plan.spend.sum() <= total * (1 + 1e-6)
    assert (plan.spend <= made.upper * (1 + 1e-6)).all()
    assert plan.upper_bound >= best * (1 - 1e-9)
    if s_shaped:
        # Envelopes bound S-shaped curves: the gap says what is not known.
        assert plan.value >= best * (1 - max(plan.gap, 1e-3))
        assert plan.value >= 0.9 * best
    else:
        assert plan.gap <= 1e-3
        assert plan.value >= best * (1 - 1e-3)


@given(st.integers(0, 10_000), st.sampled_from(["least", "multiples", "channels"]), st.booleans())
@some
def test_totals_match_brute_force(seed, kind, s_shaped):
    draws = response(channels=3, draws=16, seed=seed, s_shaped=s_shaped)
    total, steps = 0.9 * baseline_total(draws, 3), 60
    constraint = {
        "least": MinWhenOn(None, 0.4 * total),
        "multiples": Multiples(None, 0.1 * total),
        "channels": ActiveChannels(None, most=1),
    }[kind]
    made = problem(draws, weeks=3, constraints=(Budget(total, up_to=True), constraint), granularity=Granularity.TOTAL)
    shares = made.baseline / made.baseline.sum(axis=1, keepdims=True)
    amounts = total * np.arange(steps + 1) / steps
    values = np.array([made.horizon.per_channel(shares * x).mean(axis=1) for x in amounts])
    values[~np.array([(shares * x <= made.upper * (1 + 1e-9)).all(axis=1) for x in amounts])] = -np.inf
    best = 0.0
    for split in itertools.product(range(steps + 1), repeat=2):
        for last in {0, max(steps - sum(split), 0)}:
            plan = np.array([*split, last])
            money = amounts[plan][:, None]
            if plan.sum() <= steps and constraint.violation(money, made.frame) <= 1e-9:
                best = max(best, float(sum(values[m, c] for c, m in enumerate(plan))))
    found = allocate(made)
    assert discrete_violation(made, found.row_spend) <= 1e-6
    assert found.upper_bound >= best * (1 - 1e-9)
    assert found.value >= best * (1 - max(1e-3, found.gap))


@given(
    st.integers(0, 10_000), st.booleans(), st.sampled_from(sorted(kinds(1.0))), st.floats(0.0, 3.0), st.floats(0.0, 1.0)
)
@some
def test_any_prices_bound_every_plan(seed, s_shaped, kind, price, second):
    """Weak duality, with prices that are far from good ones, on the budget and on a week's group."""
    draws = response(channels=2, draws=12, seed=seed, s_shaped=s_shaped)
    total = 0.8 * baseline_total(draws, 2)
    made = problem(draws, weeks=2, constraints=(Budget(total, up_to=True), kinds(total)[kind]))
    best = brute_force(made, total)
    decision = decide(made)
    feasible = ConicSet(made, decision)
    written = program(made, feasible)
    tangents = Tangents(Oracle(made.horizon, decision, made.objective), feasible.upper)
    planes = [tangents.at(level * feasible.upper) for level in (0.05, 0.3, 0.8)]
    unit = float(np.median(planes[1].slopes.sum(axis=1)))
    search = PriceSearch(written, tangents, planes, unit)
    scale = np.full(len(search.right), second * unit)
    scale[0] = price * unit * total
    none = np.zeros(written.shape)
    # Where amounts may always be lowered, weeks get the tighter caps of single weeks' slopes.
    loose = np.full(len(none), kind in ("weeks", "channels", "channels a week", "rest"))
    swept = search.sweep(scale, 0.0, Goal(1e-3, 1.0), none, loose)
    assert swept.bound >= best * (1 - 1e-9)
    again = search.sweep(scale, 0.0, Goal(1e-3, 1.0), none, loose)
    # More planes: never a worse bound.
    assert again.bound <= swept.bound * (1 + 1e-6) + 1e-6 * unit
