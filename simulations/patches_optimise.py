"""The patch that asks the optimiser: a brief's plan, or the best plan for the money that a scenario spends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Discriminator, Field, Tag, field_validator

from mmm.config import StrictModel, inside
from mmm.exceptions import DataError, FitError, InfeasibleError, SpecError
from mmm.response.horizon import HorizonResponse
from optimizer.allocation import Allocation
from optimizer.brief import Brief
from optimizer.constraints import Budget, ChangeVsBaseline, ObservedRange
from optimizer.halves import planning_halves
from optimizer.problem import AllocationProblem, Granularity
from optimizer.solve import allocate
from simulations.future import Future, Setting
from simulations.launches import aligned
from simulations.patch_base import WrittenBase
from simulations.patch_values import Name, as_share, percent_of
from simulations.season import with_season


class Leeway(StrictModel):
    """What the optimiser may do with the money that the scenario spends so far."""

    change: Annotated[float, Field(ge=0, le=10)] | None = Field(
        None, description="The most that each channel's total may differ from the scenario so far: `30%` or `0.3`."
    )
    weeks: bool = Field(
        default=True, description="Whether each week is decided; false: totals, with the timing as it is."
    )

    @field_validator("change", mode="before")
    @classmethod
    def _share(cls, value: object) -> object:
        return as_share(value)


def _written_as(value: object) -> str:
    """Tell a brief's file from what may change."""
    return "leeway" if isinstance(value, (dict, Leeway)) else "brief"


class OptimisePlan(WrittenBase):
    """``{optimise: brief.yaml}`` or ``{optimise: {change: 30%}}``: the optimiser's plan.

    With a brief, its plan replaces the spend. Without, the same money as the scenario spends so far is laid out anew,
    under its costs of media and its demand: written after other changes, it is the best answer to them.
    """

    whole_market = True

    optimise: Annotated[
        Annotated[Name, Tag("brief")] | Annotated[Leeway, Tag("leeway")], Discriminator(_written_as)
    ] = Field(description="A brief's file, or `{change, weeks}` for the same money as the scenario spends so far.")

    def apply(self, future: Future, setting: Setting) -> Future:
        if future.parts:
            do = "Write optimise before the roll-out."
            raise setting.refuse("optimise", "a market in parts cannot be optimised as one", do)
        try:
            if isinstance(self.optimise, str):
                return self._briefed(self.optimise, future, setting)
            return _laid_out_anew(self.optimise, future, setting)
        except FitError as error:
            raise setting.refuse("optimise", error.says, error.do or "Fit again.") from error
        except InfeasibleError as error:
            place = error.where or setting.place("optimise")
            raise InfeasibleError(error.says, conflict=error.conflict, where=place, do=error.do) from error

    def _briefed(self, name: str, future: Future, setting: Setting) -> Future:
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

    def says(self, currency: str) -> str:  # noqa: ARG002  (one signature for all patches)
        if isinstance(self.optimise, str):
            return f"The optimiser's plan for {self.optimise}"
        near = "" if self.optimise.change is None else f", each channel within {percent_of(self.optimise.change)}"
        timing = "" if self.optimise.weeks else ", its timing kept"
        return f"The same money, laid out by the optimiser{near}{timing}"

    def files(self, folder: Path) -> tuple[str, ...]:
        """Return the brief and the files that it names, where it can be read."""
        if not isinstance(self.optimise, str):
            return ()
        try:
            path = inside(folder, self.optimise, where="optimise")
            named: Sequence[str] = Brief.from_yaml(path).files
        except (SpecError, DataError):
            # Applying the patch says what is wrong, and where.
            return (self.optimise,)
        beside = Path(self.optimise).parent
        return (self.optimise, *((beside / name).as_posix() for name in named))


def _laid_out_anew(leeway: Leeway, future: Future, setting: Setting) -> Future:
    """Return the best plan for the money that a future spends, under its costs, demand and season."""
    total = float(future.spend.sum())
    if not total > 0:
        raise setting.refuse("optimise", "the scenario spends nothing so far", "Give it something to spend.")
    season = with_season(setting.response, future.season)
    response, calendar, (wide,) = aligned(
        season, replace(setting.calendar, baseline=setting.calendar.baseline), (future,)
    )
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
    change = () if leeway.change is None else (ChangeVsBaseline(None, leeway.change),)
    found = allocate(
        AllocationProblem(
            horizon=planning,
            held_back=held,
            constraints=(Budget(total, name="budget"), *change),
            observed_max=most,
            observed_range=ObservedRange(allowed=tuple(np.array(response.channels)[beyond].tolist())),
            granularity=Granularity.WEEK if leeway.weeks else Granularity.TOTAL,
            outcome_name=response.outcome_name,
            currency=response.currency,
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
    return (
        f"The plan is {near} on the half of the draws that chose it. Here it is judged on all draws, those included, "
        "and looks a little better than it is."
    )
