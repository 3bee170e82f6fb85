"""The keys of a brief beyond one plan at one budget: a goal, frontiers, departments, steps, planning anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from mmm.config import StrictModel, inside
from optimizer.constraints import Budget
from optimizer.departments import Department, check_departments, limits_of
from optimizer.goals import Aim, LeastBudget, MroasFloor, RoasTarget
from optimizer.near_best import SHARE
from optimizer.problem import AllocationProblem
from optimizer.replan import read_spent, with_spent
from optimizer.solvers.sweep import the_budget

Positive = Annotated[float, Field(gt=0)]
Points = Annotated[int, Field(ge=2, le=101)]


class LeastBudgetKey(StrictModel):
    """The least budget that reaches an outcome: one of the two."""

    outcome: Positive | None = Field(None, description="Incremental outcome, in the outcome's unit (money if it is).")
    vs_baseline: Positive | None = Field(
        None, description="Multiple of what business as usual brings: 1.1 for 10 % more."
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.outcome is None) == (self.vs_baseline is None):
            raise ValueError("give one of outcome and vs_baseline")
        return self


class GoalKey(StrictModel):
    """A goal that the budget follows from: one of the three. A budget's total is then the most that may be spent."""

    least_budget: LeastBudgetKey | None = Field(None, description="The least budget whose plan reaches an outcome.")
    mroas_floor: Positive | None = Field(
        None, description="Spend until the next unit of money returns no more than this."
    )
    roas_target: Positive | None = Field(
        None, description="The largest budget whose plan returns at least this much on average."
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [self.least_budget, self.mroas_floor, self.roas_target]
        if sum(one is not None for one in given) != 1:
            raise ValueError("give one of least_budget, mroas_floor and roas_target")
        return self

    @property
    def aim(self) -> Aim:
        """The goal."""
        if self.least_budget is not None:
            return LeastBudget(self.least_budget.outcome, self.least_budget.vs_baseline)
        if self.mroas_floor is not None:
            return MroasFloor(self.mroas_floor)
        return RoasTarget(self.roas_target or 0.0)


class BudgetsKey(StrictModel):
    """The budgets of a frontier, evenly spaced, in shares of the brief's."""

    from_: Positive = Field(0.5, alias="from", description="The smallest: 0.5 for half the budget.")
    to: Positive = Field(1.5, description="The largest.")
    points: Points = Field(11, description="How many.")

    @model_validator(mode="after")
    def _order(self) -> Self:
        if self.from_ >= self.to:
            raise ValueError("'from' must be below 'to'")
        return self

    @property
    def shares(self) -> list[float]:
        """Shares of the brief's budget."""
        return [float(share) for share in np.linspace(self.from_, self.to, self.points)]


class RiskPointsKey(StrictModel):
    """The mixes of mean and bad tail on a risk frontier."""

    cvar: Annotated[float, Field(gt=0, le=1)] = Field(0.1, description="Share of the draws in the bad tail.")
    points: Points = Field(7, description="How many mixes, from the mean alone to the tail alone.")

    @property
    def weights(self) -> list[float]:
        """Weights of the tail."""
        return [float(weight) for weight in np.linspace(0.0, 1.0, self.points)]


class FrontierKey(StrictModel):
    """What other budgets would bring, and what caution costs; one or both."""

    budgets: BudgetsKey | None = Field(None, description="The efficient frontier over budgets.")
    risk: RiskPointsKey | None = Field(None, description="The mean of the uplift against its bad tail.")

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.budgets is None and self.risk is None:
            raise ValueError("ask for budgets, risk or both: budgets: {from: 0.5, to: 1.5, points: 11}")
        return self


class DepartmentKey(StrictModel):
    """A department: the channels it owns, and the most it may spend."""

    channels: tuple[str, ...] = Field(min_length=1, description="The channels it owns.")
    budget: Positive | None = Field(None, description="The most that they spend together over the horizon, money.")


class RolloutKey(StrictModel):
    """Steps from business as usual towards the plan."""

    steps: Annotated[int, Field(ge=1, le=52)] = Field(4, description="How many steps to plan.")
    change: Annotated[float, Field(gt=0, le=1)] = Field(
        0.1, description="The most that a channel's total may change in a step: 0.1 for 10 %."
    )


class ReplanKey(StrictModel):
    """Planning anew in mid-course."""

    spent: str = Field(
        description="A CSV of week, channel, spend of the weeks gone, from the horizon's first on: they are fixed."
    )


class FurtherKeys(StrictModel):
    """The keys of a brief beyond one plan at one budget."""

    goal: GoalKey | None = Field(
        None, description="Find the budget that a goal needs, instead of planning a given one."
    )
    frontier: FrontierKey | None = Field(None, description="Plans at other budgets, or for other degrees of caution.")
    departments: Mapping[str, DepartmentKey] = Field(
        default_factory=dict, description="Who owns which channels, and with which budget."
    )
    rollout: RolloutKey | None = Field(None, description="Steps from business as usual towards the plan.")
    replan: ReplanKey | None = Field(None, description="What has been spent already in this horizon.")
    near_best: Annotated[float, Field(ge=0, lt=1)] = Field(
        SHARE, description="Say how far each channel can move within this share of the best value; 0: leave it out."
    )

    @property
    def owners(self) -> tuple[Department, ...]:
        """The departments."""
        return tuple(Department(name, one.channels, one.budget) for name, one in self.departments.items())

    @property
    def further_files(self) -> tuple[str, ...]:
        """Names of CSV files that these keys name."""
        return () if self.replan is None else (self.replan.spent,)

    def further(
        self, problem: AllocationProblem, root: Callable[[], Path], *, total: float | None
    ) -> AllocationProblem:
        """Return the problem with the departments' limits and the weeks gone.

        Parameters
        ----------
        problem : AllocationProblem
        root : callable
            Returns the folder of files that the brief names.
        total : float or None
            The budget that the brief states.

        Raises
        ------
        SpecError
            A department with an unknown channel or one that another owns; a file of spend that is not understood.
        """
        owners = self.owners
        if owners:
            check_departments(owners, problem.channels)
            problem = replace(problem, constraints=(*problem.constraints, *limits_of(owners)))
            problem = problem if total is not None else _own_total(problem, owners)
        if self.replan is not None:
            path = inside(root(), self.replan.spent, where="replan.spent")
            problem = with_spent(problem, read_spent(path, problem.channels, problem.weeks))
        return problem


def _own_total(problem: AllocationProblem, owners: tuple[Department, ...]) -> AllocationProblem:
    """Take the departments' sum as the budget where the brief states none and they own every channel."""
    budgets = [one.budget for one in owners]
    owned = {name for one in owners for name in one.channels}
    if owned != set(problem.channels) or any(budget is None for budget in budgets):
        return problem
    name, budget = the_budget(problem)
    total = float(sum(budget or 0.0 for budget in budgets))
    money = problem.frame.money(total)
    said = (f"The brief gives no budget: the departments' sum, {money}, is planned.",)
    kept = tuple(note for note in problem.notes if "gives no budget" not in note)
    moved = problem.replacing(name, Budget(total, budget.up_to, name=name))
    return replace(moved, notes=(*said, *kept))
