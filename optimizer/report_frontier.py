"""How the plan's page shows what other budgets would bring, and what caution costs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from mmm.reporting import charts
from mmm.reporting.numbers import count, money_short, percent, ratio, significant
from mmm.reporting.page import Align, Block, Chart, Column, Prose, Section, Table
from mmm.reporting.palette import ACCENT, BASELINE
from optimizer import report_words as words
from optimizer.frontier import BudgetFrontier
from optimizer.report_facts import PlanFacts
from optimizer.risk_frontier import RiskFrontier
from optimizer.solvers.oracle import draws_of

_RIGHT = partial(Column, align=Align.RIGHT)


@dataclass(frozen=True, eq=False)
class Frontiers:
    """Both frontiers, as far as they were asked for."""

    budgets: BudgetFrontier | None
    risk: RiskFrontier | None


def sections(found: Frontiers, facts: PlanFacts) -> list[Section]:
    """Return a section for each frontier."""
    parts = []
    if found.budgets is not None:
        parts.append(_budgets(found.budgets, facts))
    if found.risk is not None:
        parts.append(_risk(found.risk, facts))
    return parts


def frontier_lead(found: BudgetFrontier, facts: PlanFacts) -> str:
    """Say how the return of the next unit of money falls along the frontier."""
    money = facts.problem.frame.money
    known = [point for point in found.points if point.marginal is not None]
    if len(known) < 2:
        return "The best plan at other budgets."
    first, last = known[0], known[-1]
    at_first, at_last = (words.amount(facts.problem, point.marginal or 0.0) for point in (first, last))
    return (
        f"The next {facts.currency} brings {at_first} at {money(first.budget)} and {at_last} at {money(last.budget)}."
    )


def left_out(found: BudgetFrontier, facts: PlanFacts) -> list[str]:
    """Say which budgets have no plan."""
    if not found.left_out:
        return []
    money = facts.problem.frame.money
    which = ", ".join(money(total) for total in found.left_out)
    low, high = found.reaches
    return [f"No plan for {which}: the other constraints let a plan spend from {money(low)} to {money(high)}."]


def _budgets(found: BudgetFrontier, facts: PlanFacts) -> Section:
    problem = facts.problem
    kinds = {point.marginal_kind for point in found.points if point.marginal is not None}
    rows = [
        (
            money_short(point.budget, facts.currency),
            count(point.value),
            count(point.upper_bound) if np.isfinite(point.upper_bound) else "none",
            ratio(point.value / point.spend) if point.spend > 0 else "–",
            "–" if point.marginal is None else significant(point.marginal),
        )
        for point in found.points
    ]
    heads = (f"Value, {problem.unit}", "Upper bound", f"Value per {facts.currency}", f"Next {facts.currency} brings")
    caption = "The best plan at each budget, planning draws; the plans themselves are in plan.json"
    table = Table(
        [Column("Budget"), *map(_RIGHT, heads)], rows, f"{caption}. Next: by the {' and '.join(sorted(kinds))}"
    )
    blocks: list[Block] = [_frontier_chart(found, facts), _mix_chart(found, facts), table]
    notes = left_out(found, facts)
    if notes:
        blocks.append(Prose(notes))
    return Section("Other budgets", blocks, frontier_lead(found, facts))


def _frontier_chart(found: BudgetFrontier, facts: PlanFacts) -> Chart:
    """Draw value against budget with the interval of the held-back draws."""
    problem = facts.problem
    held = [draws_of(problem.held_back, problem.objective, point.plan) for point in found.points]
    low, high = (np.array([np.quantile(draws, level) for draws in held]) for level in (0.05, 0.95))
    mean = np.array([draws.mean() for draws in held])
    budgets = np.array([point.budget for point in found.points])
    figure = charts.band_chart(
        budgets,
        {"best plan": charts.Band(mean, low, high, colour=ACCENT)},
        unit=f"{words.value_name(problem)}, {problem.unit}",
        x_title=f"budget, {facts.currency}",
    )
    text = "Value of the best plan at each budget, mean with 90% interval of the held-back draws."
    return Chart(figure, text, text, 320)


def _mix_chart(found: BudgetFrontier, facts: PlanFacts) -> Chart:
    """Draw each channel's total against the budget."""
    problem = facts.problem
    totals = np.array([problem.by_channel(point.plan).sum(axis=1) for point in found.points])
    figure = charts.line_chart(
        np.array([point.budget for point in found.points]),
        {name: totals[:, c] for c, name in enumerate(problem.channels)},
        unit=f"{facts.currency} over the horizon",
        x_title=f"budget, {facts.currency}",
        colours={c.name: c.colour for c in facts.channels},
    )
    text = "How the best plan divides each budget."
    return Chart(figure, text, text, 340)


def risk_lead(found: RiskFrontier, facts: PlanFacts) -> str:
    """Say what caution costs."""
    problem, first, last = facts.problem, found.points[0], found.points[-1]
    given = words.amount(problem, first.mean - last.mean)
    gained = words.amount(problem, last.tail - first.tail)
    return (
        f"From the mean alone to the worst {percent(found.level, 0)} of draws alone, the expected uplift falls by "
        f"{given} and the mean of those worst draws rises by {gained} (planning draws)."
    )


def _risk(found: RiskFrontier, facts: PlanFacts) -> Section:
    problem = facts.problem
    figure = charts.new_figure(f"mean of the uplift, {problem.unit}", f"mean of its worst draws, {problem.unit}")
    pairs = (
        ("planning draws", [p.tail for p in found.points], [p.mean for p in found.points], ACCENT),
        ("held-back draws", [p.held_tail for p in found.points], [p.held_mean for p in found.points], BASELINE),
    )
    for name, x, y, colour in pairs:
        line = {"color": colour}
        figure.add_scatter(x=x, y=y, name=name, mode="lines+markers", line=line, hovertemplate="%{y:,.4~g}")
    text = (
        f"Mean of the uplift against the mean of its worst {percent(found.level, 0)} of draws, by weight of the tail."
    )
    rows = [
        (
            percent(point.weight, 0),
            *(count(value) for value in (point.mean, point.tail, point.held_mean, point.held_tail)),
            words.gap_text(max(point.upper_bound - point.value, 0.0) / max(abs(point.value), 1e-300)),
        )
        for point in found.points
    ]
    heads = ("Mean", "Worst draws", "Mean, held back", "Worst draws, held back", "Gap")
    caption = (
        f"Uplift over business as usual, {problem.unit}, by weight of the worst {percent(found.level, 0)} of draws"
    )
    table = Table([Column("Weight of the tail"), *map(_RIGHT, heads)], rows, caption)
    return Section("What caution costs", [Chart(figure, text, text, 320), table], risk_lead(found, facts))
