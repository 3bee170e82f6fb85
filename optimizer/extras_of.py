"""The plan that a brief asks for, and every further result of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from mmm.exceptions import InfeasibleError, SolverError
from optimizer import further_json as as_json
from optimizer import (
    report_departments,
    report_frontier,
    report_goal,
    report_near_best,
    report_rollout,
    workbook_departments,
    workbook_frontier,
    workbook_near_best,
    workbook_rollout,
)
from optimizer.allocation import Allocation
from optimizer.brief import Brief
from optimizer.departments import compare_departments
from optimizer.extras import Extra
from optimizer.frontier import SLOW_LIMIT, budget_frontier
from optimizer.further import Further, NotFound
from optimizer.inverse import reach_goal
from optimizer.near_best import near_best
from optimizer.problem import AllocationProblem, ProgressCall
from optimizer.replan import replanned
from optimizer.risk_frontier import risk_frontier
from optimizer.rollout import roll_out
from optimizer.solve import allocate
from optimizer.solvers.sweep import the_budget

#: Seconds for the ranges near the best, which every plan has.
RANGES_LIMIT = 10.0
Stop = Callable[[], bool]


def plan_for(
    brief: Brief,
    problem: AllocationProblem,
    *,
    gap: float = 1e-3,
    time_limit: float | None = None,
    progress: ProgressCall | None = None,
    stop: Stop | None = None,
) -> tuple[Allocation, tuple[Extra, ...]]:
    """Return the plan that a brief asks for, at its goal's budget where it has a goal, and all further results.

    Parameters
    ----------
    brief : Brief
    problem : AllocationProblem
        As :meth:`~optimizer.brief.Brief.problem` states it.
    gap : float
        Relative gap of every plan.
    time_limit : float, optional
        Seconds for the plan; and for each further solve.
    progress : callable, optional
        Told of the plan's own solve.
    stop : callable, optional
        Once it says True the best plan so far comes back, and no further results are looked for.

    Raises
    ------
    InfeasibleError
        No plan satisfies every constraint, or none reaches the goal.
    SpecError
        The brief asks for what does not go together.
    """
    if brief.goal is None:
        allocation = allocate(problem, gap=gap, time_limit=time_limit, progress=progress, stop=stop)
        first: tuple[Extra, ...] = ()
    else:
        found = reach_goal(
            problem,
            brief.goal.aim,
            most=brief.budget.total,
            gap=gap,
            time_limit=time_limit,
            progress=progress,
            stop=stop,
        )
        allocation = found.allocation
        first = (Further("goal", found, as_json.goal_json, report_goal.sections, report_goal.no_sheet),)
    if stop is not None and stop():
        return allocation, first
    return allocation, (*first, *extras_of(brief, allocation.problem, allocation, gap=gap, time_limit=time_limit))


def extras_of(
    brief: Brief,
    problem: AllocationProblem,
    allocation: Allocation,
    *,
    gap: float = 1e-3,
    time_limit: float | None = None,
) -> tuple[Extra, ...]:
    """Return the further results that a brief asks for, beside a plan of it.

    One that cannot be had (steps that contradict a constraint, a search that fails) says so in its place.

    Parameters
    ----------
    brief : Brief
    problem : AllocationProblem
        The plan's own.
    allocation : Allocation
    gap, time_limit
        Of each further solve.
    """
    found: list[Extra] = []
    if brief.replan is not None:
        page = report_rollout.replan_sections
        found.append(Further("replan", replanned(allocation), as_json.replan_json, page, report_goal.no_sheet))
    if brief.near_best > 0:
        limit = RANGES_LIMIT if time_limit is None else min(time_limit, RANGES_LIMIT)
        found.append(
            _tried(
                "near_best",
                "Which channels barely matter",
                lambda: Further(
                    "near_best",
                    near_best(problem, allocation, share=brief.near_best, time_limit=limit),
                    as_json.near_best_json,
                    report_near_best.sections,
                    workbook_near_best.write,
                ),
            )
        )
    if brief.frontier is not None:
        found.append(
            _tried("frontier", "Other budgets", lambda: _frontiers(brief, problem, allocation, gap, time_limit))
        )
    if brief.departments:
        found.append(
            _tried(
                "departments",
                "Departments",
                lambda: Further(
                    "departments",
                    compare_departments(problem, brief.owners, allocation, gap=gap, time_limit=time_limit),
                    as_json.departments_json,
                    report_departments.sections,
                    workbook_departments.write,
                ),
            )
        )
    if brief.rollout is not None:
        steps, change = brief.rollout.steps, brief.rollout.change
        found.append(
            _tried(
                "rollout",
                "Steps towards the plan",
                lambda: Further(
                    "rollout",
                    roll_out(problem, allocation, steps=steps, change=change, gap=gap, time_limit=time_limit),
                    partial(as_json.rollout_json, problem=problem),
                    report_rollout.sections,
                    workbook_rollout.write,
                ),
            )
        )
    return tuple(found)


def _tried(key: str, title: str, make: Callable[[], Extra]) -> Extra:
    """Return a further result, or why it could not be had."""
    try:
        return make()
    except (InfeasibleError, SolverError) as error:
        return NotFound(key, title, str(error))


def _frontiers(
    brief: Brief, problem: AllocationProblem, allocation: Allocation, gap: float, time_limit: float | None
) -> Further[report_frontier.Frontiers]:
    asked = brief.frontier
    limit = SLOW_LIMIT if time_limit is None else min(time_limit, SLOW_LIMIT)
    budgets = risk = None
    if asked is not None and asked.budgets is not None:
        total = the_budget(problem)[1].total
        wanted = [share * total for share in asked.budgets.shares]
        budgets = budget_frontier(problem, wanted, gap=gap, known=allocation, time_limit=limit)
    if asked is not None and asked.risk is not None:
        risk = risk_frontier(problem, asked.risk.cvar, asked.risk.weights, gap=gap, time_limit=limit)

    def json_of(found: report_frontier.Frontiers) -> dict[str, Any]:
        both = {
            "budgets": None if found.budgets is None else as_json.budgets_json(found.budgets, problem),
            "risk": None if found.risk is None else as_json.risk_json(found.risk, problem),
        }
        return {key: value for key, value in both.items() if value is not None}

    return Further(
        "frontier",
        report_frontier.Frontiers(budgets, risk),
        json_of,
        report_frontier.sections,
        workbook_frontier.write,
    )
