"""Further results as ``plan.json`` has them: finite numbers, or None."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from mmm.arrays import FloatArray
from optimizer.departments import Clash, DepartmentResult, Departments
from optimizer.frontier import BudgetFrontier
from optimizer.goals import LeastBudget, MroasFloor, Reached
from optimizer.near_best import NearBest
from optimizer.problem import AllocationProblem
from optimizer.replan import Replan
from optimizer.risk_frontier import RiskFrontier
from optimizer.rollout import Rollout


def finite(value: float | None) -> float | None:
    """Return a number that JSON can hold, or None."""
    return None if value is None or not np.isfinite(value) else float(value)


def weekly(problem: AllocationProblem, plan: FloatArray) -> dict[str, list[float]]:
    """Return a plan's weeks by row of the problem."""
    return {name: [float(money) for money in row] for name, row in zip(problem.rows, plan, strict=True)}


def goal_json(found: Reached) -> dict[str, Any]:
    """Return a goal and the budget that it needs."""
    aim = found.aim
    kind = "least_budget" if isinstance(aim, LeastBudget) else "roas_target"
    kind = "mroas_floor" if isinstance(aim, MroasFloor) else kind
    return {
        "kind": kind,
        "target": found.target,
        "reached": finite(found.reached),
        "budget": found.budget,
        "edge": finite(found.edge),
        "budgets_tried": found.tried,
        "says": found.says,
    }


def budgets_json(found: BudgetFrontier, problem: AllocationProblem) -> dict[str, Any]:
    """Return the frontier over budgets with the plan at every point."""
    return {
        "points": [
            {
                "budget": point.budget,
                "spend": point.spend,
                "value": point.value,
                "upper_bound": finite(point.upper_bound),
                "marginal": finite(point.marginal),
                "marginal_kind": point.marginal_kind,
                "plan": weekly(problem, point.plan),
            }
            for point in found.points
        ],
        "left_out": list(found.left_out),
        "reaches": list(found.reaches),
        "evaluations": found.evaluations,
        "seconds": found.seconds,
    }


def risk_json(found: RiskFrontier, problem: AllocationProblem) -> dict[str, Any]:
    """Return the risk frontier with the plan at every point."""
    kept = ("weight", "mean", "tail", "held_mean", "held_tail", "value", "upper_bound")
    return {
        "cvar": found.level,
        "points": [
            {**{key: finite(getattr(point, key)) for key in kept}, "plan": weekly(problem, point.plan)}
            for point in found.points
        ],
        "seconds": found.seconds,
    }


def near_best_json(found: NearBest) -> dict[str, Any]:
    """Return every channel's range."""
    return {
        "share": found.share,
        "best": found.best,
        "least": found.least,
        "channels": {
            one.name: {
                "from": one.low.total,
                "to": one.high.total,
                "planned": one.planned,
                "value_from": one.low.value,
                "value_to": one.high.value,
                "barely_matters": one.barely_matters,
                "says": one.says,
            }
            for one in found.ranges
        },
        "complete": found.complete,
        "seconds": found.seconds,
    }


def departments_json(found: Departments) -> dict[str, Any]:
    """Return what departments cost, gain and where they clash."""
    return {
        "departments": {one.department.name: _department(one) for one in found.results},
        "gain": found.gain,
        "separate": {"value": found.separate.value, "upper_bound": finite(found.separate.upper_bound)},
        "joint": {"value": found.joint.value, "upper_bound": finite(found.joint.upper_bound)},
        "clashes": _clashes(found.clashes),
        "clashes_planned": _clashes(found.clashes_planned),
        "quiet_weeks": [str(week) for week in found.quiet],
        "notes": list(found.notes),
        "says": found.says,
        "seconds": found.seconds,
    }


def _department(one: DepartmentResult) -> dict[str, Any]:
    rest = {field.name: getattr(one, field.name) for field in fields(one) if field.name != "department"}
    numbers = {name: value if isinstance(value, str) else finite(value) for name, value in rest.items()}
    return {"channels": list(one.department.channels), **numbers}


def _clashes(found: tuple[Clash, ...]) -> list[dict[str, Any]]:
    return [{"week": str(one.week), "departments": list(one.departments)} for one in found]


def rollout_json(found: Rollout, problem: AllocationProblem) -> dict[str, Any]:
    """Return the steps with their plans."""
    return {
        "change": found.change,
        "steps": [
            {
                "step": one.number,
                "totals": one.totals,
                "value": one.value,
                "upper_bound": finite(one.upper_bound),
                "gained": one.gained,
                "share_of_the_way": finite(one.share),
                "plan": weekly(problem, one.plan),
            }
            for one in found.steps
        ],
        "reached": found.reached,
        "least_steps": found.least_steps,
        "says": found.says,
        "seconds": found.seconds,
    }


def replan_json(found: Replan) -> dict[str, Any]:
    """Return what was fixed and what is left."""
    return {field.name: getattr(found, field.name) for field in fields(found)}
