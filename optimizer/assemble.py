"""From a plan in money to an :class:`Allocation`: everything is recomputed here, outside the solvers."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from mmm.arrays import FloatArray
from mmm.exceptions import SolverError
from mmm.findings import Finding, Severity
from mmm.response.horizon import HorizonResponse
from mmm.response.probability import p_positive, paired, standard_error
from mmm.response.units import EVERYWHERE
from optimizer.allocation import Allocation, ChannelPlan, Interval, ShadowPrice
from optimizer.problem import AllocationProblem
from optimizer.risk import Mean
from optimizer.risk_report import influence, risk_of
from optimizer.solvers.oracle import decide, draws_of, oracle_of
from optimizer.solvers.prices import Price
from optimizer.solvers.solution import Goal, Solution

#: A bound this far (relative) below a value is wrong, not rounding error.
WRONG_BOUND = 1e-6
#: Step of the derivative behind mROAS, relative to a channel's spend.
STEP = 0.005
#: Geo budgets that a finding names; the rest are counted.
NAMED = 5


@dataclass(frozen=True, eq=False)
class Found:
    """What the solvers leave for the report."""

    solution: Solution
    solver_spend: FloatArray
    spend: FloatArray
    prices: dict[str, Price]
    binding: tuple[str, ...]
    notes: tuple[str, ...]
    findings: tuple[Finding, ...]


def assemble(problem: AllocationProblem, found: Found, goal: Goal) -> Allocation:
    """Recompute value, gap and every held-back figure of a plan.

    Raises
    ------
    SolverError
        The bound is below a plan's value: one of the two is wrong.
    """
    oracle = oracle_of(problem, decide(problem))
    planning = draws_of(problem.horizon, problem.objective, found.spend)
    usual = draws_of(problem.horizon, problem.objective, problem.row_baseline)
    before = oracle.figure(draws_of(problem.horizon, problem.objective, found.solver_spend))
    baseline = oracle.figure(usual)
    value = oracle.figure(planning)
    bound = checked_bound(found.solution.upper_bound, max(value, before), goal.floor)
    plan_draws, base_draws = (channel_draws(problem.held_back, x) for x in (found.spend, problem.row_baseline))
    # Not the sum over channels: they may work on each other.
    held, reference = (draws_of(problem.held_back, problem.objective, x) for x in (found.spend, problem.row_baseline))
    difference = paired(held, reference)
    _, after = problem.horizon.within_and_after(found.spend)
    spend = problem.by_channel(found.spend)
    channels = channel_plans(problem, spend, plan_draws, base_draws)
    room = bound - baseline
    known = np.isfinite(room) and room > 1e-9 * max(abs(bound), goal.floor)
    return Allocation(
        problem=problem,
        spend=spend,
        row_spend=found.spend,
        value=value,
        upper_bound=bound,
        gap=goal.relative(bound, value),
        gap_base=goal.base(value),
        gap_before_rounding=goal.relative(bound, before),
        gap_asked=goal.gap,
        gap_of_uplift=(bound - value) / room if known else None,
        bound_method=found.solution.bound_method,
        monte_carlo_error=standard_error(_figures(problem, planning, usual), problem.horizon.response.chain),
        baseline_value=baseline,
        held_back_value=float(held.mean()),
        held_back_baseline_value=float(reference.mean()),
        uplift=Interval.of(difference),
        risk=risk_of(problem, planning - usual, difference),
        p_beats_baseline=p_positive(difference),
        shadow_prices=shadow_prices(problem, found.prices),
        binding=found.binding,
        after_horizon=problem.objective.response_weight * float(after.mean()),
        channels=channels,
        findings=(*found.findings, *extrapolation_findings(problem, channels), *row_findings(problem, found.spend)),
        notes=found.notes,
        status=found.solution.says,
        seconds=time.perf_counter() - goal.started,
        evaluations=found.solution.evaluations,
        history=found.solution.history,
    )


def _figures(problem: AllocationProblem, planning: FloatArray, usual: FloatArray) -> FloatArray:
    """Return figures by draw whose mean is the plan's value, (S,)."""
    if isinstance(problem.risk, Mean):
        return planning
    figures = influence(problem, planning - usual)
    return usual + figures if problem.risk.of_uplift else figures


def checked_bound(bound: float, value: float, floor: float) -> float:
    """Return the bound, never below the value by rounding error; refuse one that is wrong."""
    if bound < value - WRONG_BOUND * max(abs(value), floor):
        raise SolverError(
            f"the upper bound {bound:,.6g} is below the plan's recomputed value {value:,.6g}",
            do="Report this with the brief: no plan is given, because its certificate would be wrong.",
        )
    return max(bound, value)


def shadow_prices(problem: AllocationProblem, prices: dict[str, Price]) -> dict[str, ShadowPrice]:
    """Put each price in a sentence with its units."""
    result = {}
    for name, constraint in problem.named.items():
        if name in prices:
            price = prices[name]
            verb = "brings" if price.value >= 0 else "costs"
            says = (
                f"{constraint.loosening_in_words(problem.frame_of(name))} {verb} {_worth(problem, abs(price.value))}."
            )
            result[name] = ShadowPrice(price.value, price.kind, says, price.by_channel)
    return result


def _worth(problem: AllocationProblem, value: float) -> str:
    """Say a price in the objective's unit: ``EUR 1.4 of profit``, ``0.03 orders``."""
    figure = f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
    if not problem.in_money or not problem.risk.of_uplift:
        return f"{figure} {problem.value_unit}"
    return f"{problem.currency}\N{NO-BREAK SPACE}{figure}" + (
        f" of {problem.objective.called}" if problem.objective.is_profit else ""
    )


def channel_plans(
    problem: AllocationProblem,
    spend: FloatArray,
    plan: tuple[FloatArray, FloatArray],
    base: tuple[FloatArray, FloatArray],
) -> dict[str, ChannelPlan]:
    """Compare each channel under the plan and under the baseline, given :func:`channel_draws` of both."""
    worth = problem.money_per_outcome
    result = {}
    for c, name in enumerate(problem.channels):
        paid, before = float(spend[c].sum()), float(problem.baseline[c].sum())
        result[name] = ChannelPlan(
            spend=paid,
            baseline_spend=before,
            value=Interval.of(plan[0][c]),
            baseline_value=Interval.of(base[0][c]),
            roas=Interval.of(worth * plan[0][c] / paid) if paid > 0 else None,
            mroas=Interval.of(worth * plan[1][c] / paid) if paid > 0 else None,
            baseline_roas=Interval.of(worth * base[0][c] / before) if before > 0 else None,
            baseline_mroas=Interval.of(worth * base[1][c] / before) if before > 0 else None,
            max_week=float(spend[c].max()),
            observed_max=float(problem.observed_max[c]),
        )
    return result


def channel_draws(response: HorizonResponse, spend: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return each channel's value, and its derivative when spend is scaled in proportion, (C, S) each."""
    up, down = response.per_channel(spend * (1 + STEP)), response.per_channel(spend * (1 - STEP))
    return response.per_channel(spend), np.asarray((up - down) / (2 * STEP))


def extrapolation_findings(problem: AllocationProblem, channels: dict[str, ChannelPlan]) -> tuple[Finding, ...]:
    """Flag every channel planned beyond what was observed."""
    found = []
    for name, c in channels.items():
        if c.max_week > c.observed_max * (1 + 1e-9):
            times = f"{c.extrapolation:.2f} times" if c.observed_max > 0 else "above"
            prices = problem.prices[problem.channels.index(name)]
            at = " at the planned prices" if prices != 1.0 else ""
            found.append(
                Finding(
                    "extrapolation",
                    Severity.WARNING,
                    f"{name} is planned up to {problem.frame.money(c.max_week)} in a week, {times} the most that was "
                    f"observed ({problem.frame.money(c.observed_max)}{at}).",
                    "Cap the channel at its observed range, or book the increase in steps and refit as data arrive.",
                    means="Its response there is the curve's assumption, not something the data have shown.",
                    where=name,
                )
            )
    return tuple(found)


def row_findings(problem: AllocationProblem, spend: FloatArray) -> tuple[Finding, ...]:
    """Flag geos planned beyond what was observed there, in one sentence."""
    if not problem.granularity.by_geo:
        return ()
    beyond = spend.max(axis=1) > problem.row_max * (1 + 1e-9)
    beyond &= problem.horizon.units.geo != EVERYWHERE
    if not beyond.any():
        return ()
    names = [problem.rows[u] for u in np.flatnonzero(beyond)]
    shown = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
    return (
        Finding(
            "extrapolation",
            Severity.WARNING,
            f"{len(names)} of {len(problem.rows)} geo budgets are planned above the most that was observed there in a "
            f"week: {shown}.",
            "Cap them at their observed range, or raise them in steps and refit as data arrive.",
            means="Their response there is the curve's assumption, not something the data have shown.",
        ),
    )
