"""The answers to a goal, and the failures, in sentences."""

from __future__ import annotations

from mmm.exceptions import InfeasibleError
from mmm.reporting.numbers import percent, significant
from optimizer.goals import LeastBudget, MroasFloor, RoasTarget
from optimizer.problem import AllocationProblem
from optimizer.solvers.sweep import Point


def figure(problem: AllocationProblem, value: float) -> str:
    """Say a value of the objective to six digits: the target and what is reached must be told apart."""
    number = significant(value, 6)
    return f"{problem.currency}\N{NO-BREAK SPACE}{number}" if _money(problem) else f"{number} {problem.value_unit}"


def _money(problem: AllocationProblem) -> bool:
    return problem.in_money and problem.risk.of_uplift


def _constraints(problem: AllocationProblem) -> list[str]:
    return [f"{name}: {c.in_words(problem.frame_of(name))}" for name, c in problem.named.items()]


def unreachable(problem: AllocationProblem, most: Point, target: float) -> InfeasibleError:
    """Say that an outcome is out of reach, and what is possible."""
    wanted, found = figure(problem, target), figure(problem, most.value)
    where = problem.frame.money(most.spend)
    if most.upper_bound < target:
        bound = figure(problem, most.upper_bound)
        says = f"no plan brings {wanted}: the most found is {found}, for {where}, and no plan is above {bound}"
    else:
        bound = figure(problem, most.upper_bound)
        says = f"no plan was found that brings {wanted}: the most is {found}, for {where}; the bound of {bound} "
        says += "leaves open whether one exists"
    do = "Lower the target, allow a larger budget or loosen a constraint."
    return InfeasibleError(says, conflict=_constraints(problem), where="goal", do=do)


def nothing_returns(problem: AllocationProblem, aim: MroasFloor) -> InfeasibleError:
    """Say that not even the first unit of money returns the floor."""
    return InfeasibleError(
        f"no plan returns {aim.floor:g} for its last unit of money: nothing would be spent",
        conflict=_constraints(problem),
        where="goal",
        do="Lower the floor.",
    )


def never_returns(problem: AllocationProblem, aim: RoasTarget, best: Point, worth: float) -> InfeasibleError:
    """Say that no plan returns the target on average."""
    most = significant(worth * best.value / best.spend, 4)
    return InfeasibleError(
        f"no plan was found that returns {aim.roas:g} on average: the most is {most}, for "
        f"{problem.frame.money(best.spend)}",
        conflict=_constraints(problem),
        where="goal",
        do="Lower the target, or loosen the constraints that make the plan spend.",
    )


def least(
    problem: AllocationProblem, aim: LeastBudget, target: float, value: float, budget: float, edge: float | None,
    forced: float,
) -> str:  # fmt: skip
    """Say the least budget and what is proven of it; ``forced`` is what every plan must spend."""
    money = problem.frame.money
    wanted = figure(problem, target)
    if aim.vs_baseline is not None:
        wanted += f", {aim.vs_baseline:g} times what business as usual brings"
    text = f"{money(budget)} is the least budget found whose plan brings {wanted}: it brings {figure(problem, value)}."
    if edge is None:
        return f"{text} No smaller budget is proven too small."
    if edge <= forced * (1 + 1e-9):
        return f"{text} The constraints let no plan spend less than {money(forced)}."
    return f"{text} Proven: no budget up to {money(edge)}, {percent(1 - edge / budget, 2)} less, can."


def floor(problem: AllocationProblem, aim: MroasFloor, budget: float, price: float, ceiling: float) -> str:
    """Say how far spending goes before mROAS falls to a floor."""
    money, returns = problem.frame.money, significant(price)
    if budget >= ceiling * (1 - 1e-6):
        return (
            f"All of {money(ceiling)} is spent before mROAS falls to {aim.floor:g}: the next unit of money still "
            f"returns {returns}."
        )
    return (
        f"mROAS falls to {aim.floor:g} at a budget of {money(budget)}: there the next unit of money returns {returns}."
    )


def roas(
    problem: AllocationProblem, aim: RoasTarget, reached: float, budget: float, edge: float | None, *, all_of_it: bool
) -> str:
    """Say the largest budget that keeps a ROAS and what is proven of it."""
    money = problem.frame.money
    text = f"{money(budget)} is the largest budget found whose plan returns {aim.roas:g} on average: it returns "
    text += f"{significant(reached, 5)}."
    if reached < aim.roas * (1 - 1e-6):
        text = f"No plan was found that returns {aim.roas:g} on average: at {money(budget)} it returns "
        text += f"{significant(reached, 5)}."
    if all_of_it:
        return f"{text} It is all that can be spent."
    if edge is None:
        return f"{text} No larger budget is proven too large."
    return f"{text} Proven: no budget of {money(edge)}, {percent(edge / budget - 1, 2)} more, or above can."
