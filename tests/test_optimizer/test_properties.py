"""What holds for every plan (reliability scorecard, row 11), on random problems; MIXWISE_EXAMPLES sets how many.

S-shaped problems cost a hundred times as much as concave ones, nearly all of it in the last tenths of their bounds. In
the suite they are smaller and end at a wider gap; what is asserted of them is the same. The nightly run, which asks for
more examples than the suite, gives them their full size and depth.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mmm.exceptions import InfeasibleError
from optimizer import (
    AllocationProblem,
    Bounds,
    Budget,
    ChangeVsBaseline,
    Constraint,
    Granularity,
    GroupBounds,
    GroupShare,
    Outcome,
    Per,
    Profit,
    Ramp,
    allocate,
)
from tests.test_optimizer.responses import baseline_total, permuted, problem, response

EXAMPLES = int(os.environ.get("MIXWISE_EXAMPLES", "25"))
fast = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
few = settings(fast, max_examples=max(EXAMPLES // 2, 5))
IN_FULL = EXAMPLES > 25
#: The gap that S-shaped problems are solved to.
S_SHAPED_GAP = 1e-3 if IN_FULL else 1e-2


@dataclass(frozen=True)
class Case:
    """Everything a problem is made of, so that it can be made again in other units or with one thing changed."""

    seed: int
    channels: int
    weeks: int
    s_shaped: bool
    granularity: Granularity
    profit: bool
    kinds: tuple[str, ...]
    up_to: bool
    level: float

    def constraints(self, total: float) -> tuple[Constraint, ...]:
        first, two = ("channel 0",), ("channel 0", "channel 1")
        known: dict[str, Constraint] = {
            "change": ChangeVsBaseline(None, 0.6),
            "weekly change": ChangeVsBaseline(first, 0.9, Per.WEEK),
            "share": GroupShare("pair", two, min_share=0.2, max_share=0.97),
            "group": GroupBounds("pair", two, least=0.05 * total, most=0.95 * total),
            "bounds": Bounds(first, least=0.02 * total, most=0.9 * total),
            "ramp": Ramp(None, change=0.8),
        }
        return (Budget(total, self.up_to, name="budget"), *(known[kind] for kind in self.kinds))

    def problem(self, *, money: float = 1.0, budget: float = 1.0, order: np.ndarray | None = None) -> AllocationProblem:
        count = 16 if self.s_shaped and not IN_FULL else 48
        draws = response(channels=self.channels, draws=count, seed=self.seed, s_shaped=self.s_shaped, money=money)
        total = self.level * budget * baseline_total(draws, self.weeks)
        if order is not None:
            draws = permuted(draws, order)
        return problem(
            draws,
            weeks=self.weeks,
            constraints=self.constraints(total),
            objective=Profit(0.7) if self.profit else Outcome(),
            granularity=self.granularity,
        )


def cases(*, s_shaped: bool | None = None) -> st.SearchStrategy[Case]:
    return st.builds(
        Case,
        seed=st.integers(0, 10_000),
        channels=st.integers(2, 4),
        weeks=st.integers(1, 5),
        s_shaped=st.booleans() if s_shaped is None else st.just(s_shaped),
        granularity=st.sampled_from([Granularity.WEEK, Granularity.TOTAL]),
        profit=st.booleans(),
        # A ramp with the baseline's flighting can contradict it: only where weeks are decided.
        kinds=st.sets(st.sampled_from(["change", "weekly change", "share", "group", "bounds"]), max_size=3).map(
            lambda kinds: tuple(sorted(kinds))
        ),
        up_to=st.booleans(),
        level=st.floats(0.75, 1.1),
    )


def violations(plan: np.ndarray, case: Case, made: AllocationProblem) -> float:
    """The constraints' own definitions in plain numpy, relative."""
    base = made.baseline
    total = case.level * base.sum()
    pair, whole = plan[:2].sum(), plan.sum()
    worst = [float(-plan.min()), (whole - total) / total, float((plan - made.upper).max()) / float(made.upper.max())]
    if not case.up_to:
        worst.append((total - whole) / total)
    if "change" in case.kinds:
        worst.append(float((abs(plan.sum(1) - base.sum(1)) / base.sum(1)).max()) - 0.6)
    if "weekly change" in case.kinds:
        worst.append(float((abs(plan[0] - base[0]) / base[0]).max()) - 0.9)
    if "share" in case.kinds:
        worst += [0.2 - pair / whole, pair / whole - 0.97] if whole > 0 else []
    if "group" in case.kinds:
        worst += [0.05 - pair / total, pair / total - 0.95]
    if "bounds" in case.kinds:
        worst += [0.02 - plan[0].sum() / total, plan[0].sum() / total - 0.9]
    return max(worst)


def solved(made: AllocationProblem, gap: float = 1e-3):
    """Random constraints can contradict each other: that outcome has its own test."""
    try:
        return allocate(made, gap=gap if made.horizon.concave.all() else max(gap, S_SHAPED_GAP))
    except InfeasibleError:
        return None


@given(cases())
@fast
def test_plans_are_feasible_and_below_their_bound(case):
    made = case.problem()
    plan = solved(made)
    if plan is None:
        return
    assert violations(plan.spend, case, made) <= 1e-6
    assert plan.value <= plan.upper_bound
    assert plan.value == pytest.approx(
        made.objective.response_weight * made.horizon.evaluate(plan.spend).value - made.objective.cost(plan.spend)
    )
    if not case.s_shaped:
        assert plan.gap <= 1e-3
        assert plan.certified
    floor = 0.01 * case.level * made.baseline.sum()
    assert plan.gap == pytest.approx((plan.upper_bound - plan.value) / max(abs(plan.value), floor), abs=1e-12)


def brute_force(made: AllocationProblem, total: float, steps: int) -> float:
    """The best value over a grid of channel totals that sum to the budget (the response is a sum over channels)."""
    shares = made.baseline / made.baseline.sum(axis=1, keepdims=True)
    grid = total * np.arange(steps + 1) / steps
    curves = np.array([made.horizon.per_channel(shares * x).mean(axis=1) for x in grid])
    fits = np.array([(shares * x <= made.upper * (1 + 1e-9)).all(axis=1) for x in grid])
    curves[~fits] = -np.inf
    best = curves[:, 0]
    for c in range(1, len(shares)):
        best = np.array([(best[: m + 1] + curves[m::-1, c]).max() for m in range(steps + 1)])
    return float(best[-1])


@given(st.integers(0, 10_000), st.integers(2, 3), st.booleans(), st.floats(0.6, 1.1))
@fast
def test_totals_match_brute_force(seed, channels, s_shaped, level):
    draws = response(channels=channels, draws=24, seed=seed, s_shaped=s_shaped)
    total = level * baseline_total(draws, 3)
    made = problem(draws, weeks=3, constraints=(Budget(total),), granularity=Granularity.TOTAL)
    plan = allocate(made)
    best = brute_force(made, total, 300)
    assert plan.value >= best * (1 - 1e-3)
    assert plan.upper_bound >= best * (1 - 1e-12)


@given(st.integers(0, 10_000), st.booleans())
@few
def test_two_channels_by_two_weeks_match_brute_force(seed, s_shaped):
    draws = response(channels=2, draws=12, seed=seed, s_shaped=s_shaped)
    total, steps = 0.9 * baseline_total(draws, 2), 24
    made = problem(draws, weeks=2, constraints=(Budget(total),))
    grid = total * np.arange(steps + 1) / steps
    best = np.full((2, steps + 1), -np.inf)
    for i, first in enumerate(grid):
        for j, second in enumerate(grid[: steps + 1 - i]):
            spend = np.tile([first, second], (2, 1))
            values = made.horizon.per_channel(spend).mean(axis=1)
            fits = (spend <= made.upper).all(axis=1)
            best[fits, i + j] = np.maximum(best[fits, i + j], values[fits])
    found = max(best[0, m] + best[1, steps - m] for m in range(steps + 1))
    plan = allocate(made)
    assert plan.value >= found * (1 - 1e-3)
    assert plan.upper_bound >= found * (1 - 1e-12)


@given(cases(), st.floats(1.01, 1.5))
@few
def test_more_budget_is_never_worse(case, more):
    case = replace(case, up_to=True, kinds=tuple(k for k in case.kinds if k in ("change", "weekly change")))
    small, large = solved(case.problem()), solved(case.problem(budget=more))
    if small is None or large is None:
        return
    assert large.upper_bound >= small.value - 1e-9 * abs(small.value)
    if not case.s_shaped:
        floor = 0.01 * case.level * more * large.problem.baseline.sum()
        assert large.value >= small.value - 1e-3 * max(abs(small.value), floor)


@given(cases(s_shaped=False), st.sampled_from([1e-3, 7.0, 1e6]))
@few
def test_units_of_money_do_not_matter(case, money):
    plain, other = solved(case.problem(), gap=1e-5), solved(case.problem(money=money), gap=1e-5)
    if plain is None or other is None:
        assert plain is other
        return
    scale = max(abs(plain.value), 0.01 * plain.problem.baseline.sum())
    assert other.value / money == pytest.approx(plain.value, abs=1e-6 * scale)


@given(st.integers(0, 10_000), st.booleans(), st.randoms(use_true_random=False))
@few
def test_the_order_of_channels_does_not_matter(seed, s_shaped, random):
    channels, count, weeks = (4, 40, 3) if IN_FULL or not s_shaped else (3, 12, 2)
    # Half of what the two plans may differ by.
    gap = 5e-4 if s_shaped and not IN_FULL else 1e-5
    draws = response(channels=channels, draws=count, seed=seed, s_shaped=s_shaped)
    order = list(range(channels))
    random.shuffle(order)
    total = baseline_total(draws, weeks)
    values = [
        allocate(problem(one, weeks=weeks, constraints=(Budget(total), ChangeVsBaseline(None, 0.5))), gap=gap).value
        for one in (draws, permuted(draws, np.array(order)))
    ]
    assert values[1] == pytest.approx(values[0], rel=1e-6 if not s_shaped else 1e-3)


@given(cases(), st.sampled_from(["change", "weekly change", "share", "group", "bounds"]))
@few
def test_an_added_constraint_never_helps(case, kind):
    free, tied = (solved(replace(case, kinds=kinds).problem()) for kinds in ((), tuple(sorted({*case.kinds, kind}))))
    if free is None or tied is None:
        return
    assert tied.value <= free.upper_bound + 1e-9 * abs(free.upper_bound)


@given(cases(s_shaped=False))
@few
def test_shadow_prices_lie_between_the_finite_differences(case):
    made = case.problem()
    plan = solved(made, gap=1e-6)
    if plan is None:
        return
    for name, constraint in made.named.items():
        move = 2e-3 * constraint.size(made.frame)
        sides = [constraint.loosened(side * move) for side in (-1.0, 1.0)]
        values = [None if c is None else solved(made.replacing(name, c), gap=1e-6) for c in sides]
        if values[0] is None or values[1] is None:
            continue
        left, right = (plan.value - values[0].value) / move, (values[1].value - plan.value) / move
        # Both figures carry the gap of two solves.
        slack = 2e-6 * max(abs(plan.value), 0.01 * made.baseline.sum()) / move + 1e-3 * max(abs(left), abs(right))
        assert min(left, right) - slack <= plan.shadow_prices[name].value <= max(left, right) + slack


@given(cases(), st.sampled_from(["floor", "share", "ramp", "cap"]))
@few
def test_contradictions_are_reported_with_a_smallest_set(case, kind):
    made = case.problem()
    total, frame = case.level * made.baseline.sum(), made.frame
    impossible: dict[str, Constraint] = {
        "floor": Bounds(("channel 0",), least=1.2 * total, name="impossible"),
        "share": GroupShare("all", made.channels, max_share=0.5, name="impossible"),
        "ramp": Bounds(("channel 0",), least=0.5 * total, most=0.5 * total, name="impossible"),
        "cap": Bounds(("channel 1",), least=2 * frame.observed_max[1], per=Per.WEEK, name="impossible"),
    }
    extra: tuple[Constraint, ...] = (impossible[kind],)
    if kind == "ramp":
        extra += (GroupBounds("one", ("channel 0",), most=0.4 * total, name="against it"),)
    if kind == "share":
        # Half of all spend is all spend only where nothing is spent.
        extra += (GroupBounds("something", made.channels, least=0.5 * total, name="against it"),)
    broken = replace(made, constraints=(*made.constraints, *extra))
    with pytest.raises(InfeasibleError) as caught:
        allocate(broken)
    conflict = caught.value.conflict
    names = [text.split(": ")[0] for text in conflict]
    assert set(names) <= set(broken.named)
    for left_out in names:
        # Without any one of them the others can hold: the set is a smallest one. (The observed range always stays, but
        # may be widened.)
        rest = {n: c for n, c in broken.named.items() if n in names and n != left_out}
        kept = tuple(c for n, c in rest.items() if n != "observed_range")
        wide = broken.observed_range if "observed_range" in rest else replace(broken.observed_range, limit=1e4)
        solved_rest = replace(broken, constraints=kept, observed_range=wide)
        assert np.isfinite(allocate(solved_rest).value)
