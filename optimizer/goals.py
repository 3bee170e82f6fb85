"""What a planner may ask for instead of the best plan at a budget, and the answer with its certificate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.exceptions import SpecError
from optimizer.allocation import Allocation


def _positive(value: float, where: str) -> None:
    if not (np.isfinite(value) and value > 0):
        raise SpecError(f"{value:g} is not above 0", where=f"goal.{where}", do="Correct it.")


@dataclass(frozen=True)
class LeastBudget:
    """The least budget whose plan reaches an incremental outcome.

    Attributes
    ----------
    outcome : float, optional
        In the objective's unit.
    vs_baseline : float, optional
        As a multiple of what business as usual brings; give one of the two.
    """

    outcome: float | None = None
    vs_baseline: float | None = None

    def __post_init__(self) -> None:
        given = [value for value in (self.outcome, self.vs_baseline) if value is not None]
        if len(given) != 1:
            do = "Write {outcome: 5_000_000} or {vs_baseline: 1.1}."
            raise SpecError("give one target", where="goal.least_budget", do=do)
        _positive(given[0], "least_budget")


@dataclass(frozen=True)
class MroasFloor:
    """Spend until the next unit of money returns no more than this."""

    floor: float

    def __post_init__(self) -> None:
        _positive(self.floor, "mroas_floor")


@dataclass(frozen=True)
class RoasTarget:
    """The largest budget, and so the largest outcome, whose plan returns at least this much on average."""

    roas: float

    def __post_init__(self) -> None:
        _positive(self.roas, "roas_target")


Aim = LeastBudget | MroasFloor | RoasTarget


@dataclass(frozen=True, eq=False)
class Reached:
    """The budget that a goal needs, with its certificate.

    Attributes
    ----------
    aim : LeastBudget, MroasFloor or RoasTarget
    allocation : Allocation
        The best plan at that budget.
    budget : float
        Money.
    target, reached : float
        What was asked for and what the plan has: outcome, mROAS or ROAS, of the planning draws.
    edge : float or None
        The largest budget that is proven too small (least budget), or the smallest from which on every budget is proven
        too large (target ROAS), money; None where none is known, or where one solve gives the answer.
    tried : int
        Budgets that were solved.
    says : str
    """

    aim: Aim
    allocation: Allocation
    budget: float
    target: float
    reached: float
    edge: float | None
    tried: int
    says: str
