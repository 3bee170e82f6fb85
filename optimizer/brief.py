"""The planner's file (``brief.yaml``) and the problem it states."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import AfterValidator, Field, PrivateAttr, field_validator, model_validator

from mmm.arrays import FloatArray
from mmm.config import StrictModel, YamlDocument, load_yaml, parse
from mmm.exceptions import SpecError
from mmm.reporting.numbers import money
from mmm.response.calendar import BaselineRule, SpendCalendar
from mmm.response.draws import RECENT_WEEKS, ResponseDraws
from mmm.response.horizon import HorizonResponse
from mmm.response.stated import Horizon, bridge_filling, money_per_outcome, stated_calendar
from mmm.response.units import decision_units
from optimizer.constraints import Booked, Budget, Constraint, ObservedRange
from optimizer.halves import planning_halves
from optimizer.objectives import Objective, Outcome, Profit
from optimizer.problem import AllocationProblem, Granularity
from optimizer.statements import Statement

#: Factors on the cost of an exposure outside this range are taken for changes, or for percentages.
FACTORS = (0.3, 5.0)


def _factor(value: float) -> float:
    if not FACTORS[0] <= value <= FACTORS[1]:
        raise ValueError(f"a factor from {FACTORS[0]:g} to {FACTORS[1]:g}: write 1.15 for 15 % dearer")
    return value


Positive = Annotated[float, Field(gt=0)]
CostFactor = Annotated[float, AfterValidator(_factor)]


class BudgetKey(StrictModel):
    """Money over the horizon; by default what the baseline spends, in full."""

    total: Positive | None = None
    up_to: bool = False


class ObjectiveKey(StrictModel):
    """What to maximise."""

    maximise: str = "outcome"
    margin: Annotated[float, Field(gt=0, le=1)] | None = None
    risk: Any = "mean"

    @field_validator("maximise")
    @classmethod
    def _known(cls, value: str) -> str:
        if value == "npv":
            raise ValueError("npv is not available yet: choose outcome or profit")
        if value not in ("outcome", "profit"):
            raise ValueError("choose outcome or profit")
        return value

    @field_validator("risk")
    @classmethod
    def _mean_only(cls, value: object) -> object:
        if value != "mean":
            raise ValueError("only the mean is available yet: write risk: mean, or leave it out")
        return value

    @model_validator(mode="after")
    def _margin(self) -> Self:
        if self.maximise == "profit" and self.margin is None:
            raise ValueError("profit needs the key 'margin': write margin: 0.4 for 40 % of the outcome's value")
        if self.maximise != "profit" and self.margin is not None:
            raise ValueError("'margin' is for maximise: profit")
        return self

    def objective(self) -> Objective:
        """Return the objective."""
        return Profit(self.margin) if self.margin is not None else Outcome()


class FutureKey(StrictModel):
    """What is different in the planned weeks."""

    cost_per_exposure: Mapping[str, CostFactor] = Field(default_factory=dict)
    value_per_outcome: Positive | None = None
    controls: Literal["last_year"] = "last_year"


class Brief(StrictModel):
    """What a planner asks for; see ``brief.yaml`` in the design for every key.

    Attributes
    ----------
    horizon : Horizon
    budget : BudgetKey
    baseline : str
        ``last_weeks``, ``same_weeks_last_year`` or a CSV of week, channel, spend.
    bridge : str, optional
        A CSV of what is spent between the data and the horizon; by default the baseline goes on, and with a baseline
        from a CSV the last weeks of data.
    objective : ObjectiveKey
    granularity : Granularity
    future : FutureKey
    constraints : tuple of Statement
    round_to : float, optional
    smooth : float, optional
    """

    horizon: Horizon
    budget: BudgetKey = Field(default_factory=BudgetKey)
    baseline: str = BaselineRule.LAST_WEEKS.value
    bridge: str | None = None
    objective: ObjectiveKey = Field(default_factory=ObjectiveKey)
    granularity: Granularity = Granularity.WEEK
    future: FutureKey = Field(default_factory=FutureKey)
    constraints: tuple[Statement, ...] = ()
    round_to: Positive | None = None
    smooth: Annotated[float, Field(ge=0, lt=1)] | None = None
    _document: YamlDocument | None = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _unique_names(self) -> Self:
        names = [statement.name for statement in self.constraints if statement.name]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two constraints have the name '{twice[0]}'")
        return self

    @classmethod
    def from_yaml(cls, path: str | Path) -> Brief:
        """Read a brief; files it names are looked for in its own folder.

        Raises
        ------
        SpecError
            Names file, line and key.
        """
        document = load_yaml(path)
        brief = parse(cls, document)
        brief._document = document  # noqa: SLF001  (its own private attribute)
        return brief

    def calendar(self, response: ResponseDraws, folder: Path | None = None) -> SpendCalendar:
        """Lay out bridge, horizon and tail with business-as-usual spend."""
        root = folder or (self._document.path.parent if self._document is not None else Path.cwd())
        return stated_calendar(response, self.horizon, baseline=self.baseline, bridge=self.bridge, folder=root)

    def problem(self, response: ResponseDraws, folder: Path | None = None) -> AllocationProblem:
        """State the problem for a fit.

        Parameters
        ----------
        response : ResponseDraws
        folder : Path, optional
            Where files that the brief names are; by default the brief's own folder.

        Raises
        ------
        SpecError
            An unknown channel, a horizon that does not follow the data, profit without a value of the outcome.
        """
        try:
            return self._problem(response, folder)
        except SpecError as error:
            raise SpecError(error.says, where=self._place(error.where), do=error.do) from error

    def _place(self, key: str | None) -> str | None:
        """Name a key of the brief with its file and line; leave any other place as it is."""
        parts = tuple(int(part) if part.isdigit() else part for part in (key or "").split("."))
        if self._document is None or parts[0] not in type(self).model_fields:
            return key
        return self._document.where(parts)

    def _problem(self, response: ResponseDraws, folder: Path | None) -> AllocationProblem:
        calendar = self.calendar(response, folder)
        value = self._value(response)
        valued = self.objective.maximise == "profit"
        n_weeks = len(calendar.weeks) + len(calendar.tail_weeks)
        weight = np.full(n_weeks, value) if valued and value is not None else None
        prices = self._prices(response)
        cost = None if prices is None else np.repeat(prices[:, None], len(calendar.weeks), axis=1)
        halves = planning_halves(response)
        units = decision_units(response, by_geo=self.granularity.by_geo)
        rows = units.calendar(calendar, response.geo_shares())
        planning, held = (
            HorizonResponse(half, rows, week_value=weight, cost_factor=cost, units=units) for half in halves.both
        )
        budget, notes = self._budget(calendar, response.currency)
        worth = 1.0 if valued or value is None else value
        problem = AllocationProblem(
            horizon=planning,
            held_back=held,
            constraints=(budget, *self._stated(response)),
            observed_max=response.observed_max() * (1.0 if prices is None else prices),
            objective=self.objective.objective(),
            granularity=self.granularity,
            observed_range=ObservedRange(allowed=self._allowed(response.channels)),
            round_to=self.round_to,
            smooth=self.smooth,
            outcome_name=response.outcome_name,
            outcome_is_money=valued or (response.outcome_is_money and worth == 1.0),
            currency=response.currency,
            money_per_outcome=worth,
            price_factor=prices,
            notes=(*notes, *self._notes(response, calendar), *halves.notes),
        )
        self._check_weeks(problem)
        return problem

    def _value(self, response: ResponseDraws) -> float | None:
        """Return money per outcome unit in the planned weeks: given, or the outcome-weighted mean of recent weeks."""
        value = money_per_outcome(response, self.future.value_per_outcome, where="future.value_per_outcome")
        if value is None and self.objective.maximise == "profit":
            raise SpecError(
                f"the outcome '{response.outcome_name}' has no value in {response.currency}, and profit needs one",
                where="future.value_per_outcome",
                do="Give it, or fit with data.value_per_outcome.",
            )
        return value

    def _prices(self, response: ResponseDraws) -> FloatArray | None:
        """Return the planned cost of an exposure over today's, (C,); None where nothing is said."""
        given = self.future.cost_per_exposure
        for name in given:
            if name not in response.channels:
                raise SpecError(
                    f"the channel '{name}' is not in the fit",
                    where=f"future.cost_per_exposure.{name}",
                    do=f"Known: {', '.join(response.channels)}.",
                )
        return np.array([given.get(name, 1.0) for name in response.channels]) if given else None

    def _budget(self, calendar: SpendCalendar, currency: str) -> tuple[Budget, tuple[str, ...]]:
        total, notes = self.budget.total, list[str]()
        if total is None:
            total = float(calendar.baseline.sum())
            if self.round_to is not None:
                total = np.floor(total / self.round_to + 1e-9) * self.round_to
            notes.append(f"The brief gives no budget: the baseline's total, {money(total, currency)}, is planned.")
        if not total > 0:
            spent = f"the baseline spends {money(float(calendar.baseline.sum()), currency)} over the horizon"
            if self.round_to is not None and calendar.baseline.sum() > 0:
                do = "Round to a smaller multiple, or give the budget."
                raise SpecError(f"{spent}, less than one multiple of {self.round_to:,g}", where="round_to", do=do)
            raise SpecError(spent, where="budget.total", do="Give the budget.")
        return Budget(float(total), self.budget.up_to, name="budget"), tuple(notes)

    def _stated(self, response: ResponseDraws) -> tuple[Constraint, ...]:
        stated: list[Constraint] = []
        for index, statement in enumerate(self.constraints):
            where = f"constraints.{index}"
            statement.check(response.channels, where)
            try:
                constraint = statement.constraint(response.channels)
            except SpecError as error:
                raise SpecError(error.says, where=where, do=error.do) from error
            if constraint is not None:
                stated.append(constraint)
        return tuple(stated)

    def _allowed(self, channels: tuple[str, ...]) -> tuple[str, ...]:
        free = [s.members if s.members is not None else channels for s in self.constraints if s.allow_extrapolation]
        return tuple(dict.fromkeys(name for names in free for name in names))

    def _check_weeks(self, problem: AllocationProblem) -> None:
        """Refuse weeks booked twice or outside the horizon here, where the brief can be named."""
        booked = (one for one in problem.constraints if isinstance(one, Booked))
        cells = [(c, t) for one in booked for c, t, _ in one.cells(problem.frame)]
        if len(cells) != len(set(cells)):
            raise SpecError("a week is booked twice for a channel", where="constraints", do="Book it once.")

    def _notes(self, response: ResponseDraws, calendar: SpendCalendar) -> tuple[str, ...]:
        notes = []
        if len(calendar.bridge_weeks):
            count = self.horizon.weeks
            what = bridge_filling(response, count, baseline=self.baseline, bridge=self.bridge) or "the baseline"
            notes.append(
                f"The data end with the week of {response.weeks[-1]}; the {len(calendar.bridge_weeks)} weeks before "
                f"the horizon are filled with {what}."
            )
        if self.objective.maximise == "profit" and self.future.value_per_outcome is None:
            notes.append(f"A unit of outcome is valued as in the last {RECENT_WEEKS} weeks.")
        notes += [
            f"A unit of {name} costs {factor - 1:+.0%} against today."
            for name, factor in self.future.cost_per_exposure.items()
        ]
        return tuple(notes)
