"""Every example brief is planned: its plan keeps what it says, checked without the solver, and says it in words."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import cvxpy as cp
import numpy as np
import pytest

from mmm.response.draws import ResponseDraws
from optimizer.allocation import Allocation
from optimizer.brief import Brief
from optimizer.constraints import Blackout, Constraint, CpaCeiling, Discrete, RoasFloor
from optimizer.inverse import reach_goal
from optimizer.problem import AllocationProblem
from optimizer.solve import allocate
from optimizer.solvers.oracle import decide
from optimizer.statements import BESIDE, KINDS
from optimizer.statements_base import Unit
from tests.test_optimizer.company import company

FOLDER = Path(__file__).parent / "briefs"
EXAMPLES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
#: What a plan may break a constraint by, relative to its own scale.
KEPT = 1e-6


def company_of(brief: Brief) -> ResponseDraws:
    """Return the company that a brief plans for."""
    in_orders = brief.future.value_per_outcome is not None or any(one.cpa_ceiling for one in brief.constraints)
    in_hours = any(one.unit is Unit.VOLUME for one in brief.constraints)
    return company(by_geo=brief.granularity.by_geo, in_orders=in_orders, in_hours=in_hours)


@lru_cache(maxsize=64)
def planned(name: str) -> Allocation:
    brief = Brief.from_yaml(FOLDER / f"{name}.yaml")
    problem = brief.problem(company_of(brief))
    return allocate(problem) if brief.goal is None else reach_goal(problem, brief.goal.aim).allocation


def broken_by(problem: AllocationProblem, name: str, spend: np.ndarray) -> float:
    """Return by how much a plan in rows, (U, T), breaks a constraint, relative to its own scale."""
    constraint, view = problem.named[name], problem.view(problem.named[name])
    rows = problem.limits(name, cp.Constant(spend))
    convex = max((float(np.max(row.constraint.violation())) for row in rows), default=0.0)
    if isinstance(constraint, RoasFloor | CpaCeiling):
        rows = view.adds[view.frame.pick(constraint.channels, name)].any(axis=0)
        paid, made = float(spend[rows].sum()), float(problem.horizon.per_unit(spend).mean(axis=1)[rows].sum())
        if isinstance(constraint, RoasFloor):
            return constraint.floor - made * problem.money_per_outcome / paid
        return (paid / (made / problem.value_per_unit) - constraint.ceiling) / constraint.ceiling
    if not isinstance(constraint, Discrete):
        return convex
    amounts = view.plan(spend)
    decided = amounts if decide(problem).shares is None else amounts.sum(axis=1, keepdims=True)
    return max(convex, constraint.violation(decided, view.frame))


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_plan_keeps_what_its_brief_says(name: str) -> None:
    found = planned(name)
    problem = found.problem
    for one in problem.named:
        assert broken_by(problem, one, found.row_spend) <= KEPT, one
    assert (found.row_spend >= 0).all()
    assert found.row_spend.shape == problem.horizon.shape
    assert found.upper_bound >= found.value
    # Measures that are only locally solved are bounded from further away.
    assert found.gap_before_rounding <= found.gap_asked or not problem.risk.concave


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_constraint_is_said_with_its_unit(name: str) -> None:
    found = planned(name)
    problem = found.problem
    for one, constraint in problem.named.items():
        frame = problem.frame_of(one)
        assert constraint.in_words(frame).endswith("."), one
        assert found.sentences[one] == constraint.in_words(frame)
        assert len(constraint.loosening_in_words(frame).split()) > 3, one
        assert constraint.size(frame) > 0, one
        assert constraint.default_name, one
        price = found.shadow_prices.get(one)
        if price is not None:
            assert price.says.startswith(constraint.loosening_in_words(frame))
            assert " brings " in price.says or " costs " in price.says
        loose = constraint.loosened(0.01 * constraint.size(frame))
        if loose is not None:
            assert type(loose) is type(constraint)
            # What is loosened allows the plan that was best before.
            assert equality(constraint) or broken_by(swapped(problem, one, loose), one, found.row_spend) <= KEPT


def equality(constraint: Constraint) -> bool:
    """Return whether loosening moves what must hold exactly, so that no plan satisfies both."""
    return constraint.default_name.startswith(("booked", "blackout", "budget"))


def swapped(problem: AllocationProblem, name: str, constraint: Constraint) -> AllocationProblem:
    return problem.replacing(name, replace(constraint, name=name))


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name.startswith("goal")])
def test_a_goal_s_budget_reaches_it(name: str) -> None:
    brief = Brief.from_yaml(FOLDER / f"{name}.yaml")
    assert brief.goal is not None
    found = reach_goal(brief.problem(company_of(brief)), brief.goal.aim)
    assert found.budget == pytest.approx(found.allocation.spend.sum(), rel=1e-6)
    assert found.reached >= found.target * (1 - 1e-2)
    assert found.says


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.slug)
def test_every_kind_of_entry_has_an_example_that_matters(kind) -> None:
    brief = Brief.from_yaml(FOLDER / f"{kind.slug}.yaml")
    assert any(
        kind in entry.kinds or (kind.slug == BESIDE and entry.allow_extrapolation) for entry in brief.constraints
    )
    found = planned(kind.slug)
    problem = found.problem
    if kind.slug == BESIDE:
        bare = replace(problem, observed_range=replace(problem.observed_range, allowed=()))
        # Without the entry, the plan would be kept in the observed range.
        assert broken_by(bare, list(bare.named)[-1], found.row_spend) > 1e-3
        return
    free = allocate(replace(problem, constraints=problem.constraints[:1]))
    # Without the entries, the best plan breaks every one of them.
    for one in list(problem.named)[1:-1]:
        assert broken_by(problem, one, free.row_spend) > 1e-3, one


CONVEX = [kind for kind in KINDS if kind.price and kind.slug != "min_when_on"]


@pytest.mark.parametrize("kind", CONVEX, ids=lambda kind: kind.slug)
def test_prices_lie_between_the_finite_differences(kind) -> None:
    found = planned(kind.slug)
    problem = found.problem
    sharp = allocate(problem, gap=1e-9)
    for name in list(problem.named)[1:-1]:
        constraint = problem.named[name]
        # The first cent in a dark week brings far more than the tenth euro.
        part = 2e-6 if isinstance(constraint, Blackout) else 0.002
        price, move = sharp.shadow_prices[name].value, part * constraint.size(problem.frame_of(name))
        more, less = (constraint.loosened(sign * move) for sign in (1.0, -1.0))
        slack = 2e-3 * abs(price) + 1e-8 * abs(sharp.value) / move
        assert more is not None
        up = allocate(swapped(problem, name, more), gap=1e-9).value - sharp.value
        assert up / move <= price + slack, name
        if less is not None:
            down = sharp.value - allocate(swapped(problem, name, less), gap=1e-9).value
            assert price - slack <= down / move, name
        else:
            assert up / move >= price - 0.1 * abs(price), name
