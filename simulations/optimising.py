"""The optimiser's plans as scenarios."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from mmm.config import inside
from mmm.exceptions import DataError, SpecError
from mmm.response.horizon import HorizonResponse
from mmm.response.stated import money_per_outcome
from optimizer.allocation import Allocation
from optimizer.brief import Brief
from optimizer.constraints import Budget, ChangeVsBaseline, ObservedRange
from optimizer.halves import planning_halves
from optimizer.problem import AllocationProblem, Granularity
from optimizer.solve import allocate
from simulations.future import Future, Setting
from simulations.launches import aligned
from simulations.pricing import is_money
from simulations.season import with_season


def briefed(name: str, future: Future, setting: Setting) -> Future:
    """Return the future that spends as the optimiser plans for a brief.

    Parameters
    ----------
    name : str
        The brief's file.
    future : Future
        What it launches keeps its spend: a brief knows the fit's channels only.
    setting : Setting

    Raises
    ------
    SpecError, DataError
        The brief is not understood, plans other weeks, or asks for a goal.
    InfeasibleError, FitError
        There is no plan.
    """
    path = inside(setting.folder, name, where=setting.place("optimise"))
    brief = Brief.from_yaml(path)
    ours = setting.calendar.weeks
    if np.datetime64(brief.horizon.start, "D") != ours[0] or brief.horizon.weeks != len(ours):
        raise setting.refuse(
            "optimise",
            f"{name} plans {brief.horizon.weeks} weeks from {brief.horizon.start}, the scenarios {len(ours)} weeks "
            f"from {ours[0]}",
            "Give both the same horizon.",
        )
    problem = brief.problem(setting.response)
    if brief.goal is not None:
        raise setting.refuse(
            "optimise",
            f"{name} asks for a goal and not for a budget",
            f"Run 'mixwise plan {name}' and write {{plan: plan.csv}}.",
        )
    found = allocate(problem)
    spend = np.vstack([found.spend, future.spend[len(found.spend) :]])
    made = "The brief's own prices and demand were planned for, not the scenario's."
    differs = bool((future.demand != 1).any() or (future.cost != 1).any())
    return replace(future, spend=spend).noting(_certificate(found), made if differs else None)


def files_of_brief(name: str, folder: Path) -> tuple[str, ...]:
    """Return a brief's name and those of the files that it names, as seen from a folder.

    A brief that cannot be read names none: whoever plans for it hears what is wrong.
    """
    try:
        named = Brief.from_yaml(inside(folder, name, where="optimise")).files
    except (SpecError, DataError):
        return (name,)
    return (name, *((Path(name).parent / file).as_posix() for file in named))


def laid_out_anew(future: Future, setting: Setting, *, change: float | None, by_week: bool) -> Future:
    """Return the future whose money is laid out as well as can be, under its costs of media, demand and season.

    Parameters
    ----------
    future : Future
        Without parts.
    setting : Setting
    change : float or None
        The most that each channel's total may differ from the future's, as a share.
    by_week : bool
        Whether each week is decided; otherwise totals, with the future's timing.

    Raises
    ------
    SpecError
        The future spends nothing.
    InfeasibleError, FitError
        There is no plan.
    """
    total = float(future.spend.sum())
    if not total > 0:
        raise setting.refuse("optimise", "the scenario spends nothing so far", "Give it something to spend.")
    season = with_season(setting.response, future.season)
    response, calendar, (wide,) = aligned(season, setting.calendar, (future,))
    calendar = replace(calendar, baseline=wide.spend)
    halves = planning_halves(response)
    factor = np.concatenate([wide.demand, np.ones(len(calendar.tail_weeks))])
    planning, held = (
        HorizonResponse(half, calendar, cost_factor=wide.cost, effect_factor=factor) for half in halves.both
    )
    prices = wide.cost.mean(axis=1)
    seen = setting.response.observed_max()
    # What is launched has been seen as far as the channel that it borrows from.
    borrowed = [seen[setting.calendar.channels.index(one.like)] * one.size for one in future.launched]
    most = np.concatenate([seen, borrowed]) * prices
    beyond = wide.spend.max(axis=1) > ObservedRange().limit * most
    near = () if change is None else (ChangeVsBaseline(None, change),)
    money = is_money(response)
    found = allocate(
        AllocationProblem(
            horizon=planning,
            held_back=held,
            constraints=(Budget(total, name="budget"), *near),
            observed_max=most,
            observed_range=ObservedRange(allowed=tuple(np.array(response.channels)[beyond].tolist())),
            granularity=Granularity.WEEK if by_week else Granularity.TOTAL,
            outcome_name=response.outcome_name,
            outcome_is_money=money,
            currency=response.currency,
            money_per_outcome=1.0 if money else money_per_outcome(response, None) or 1.0,
            price_factor=prices,
        )
    )
    capped = "The cap on what can be sold was not known to the optimiser."
    return replace(future, spend=found.spend).noting(
        _certificate(found), capped if np.isfinite(future.supply_cap).any() else None
    )


def _certificate(found: Allocation) -> str:
    gap = found.gap_before_rounding
    near = (
        f"proven within {max(gap, 1e-4):.2%} of the best"
        if np.isfinite(gap)
        else "with no proof of how near the best it is"
    )
    return f"The plan is {near} on the half of the draws that chose it."
