"""The planner's file (``brief.yaml``) and the problem it states."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Self

import numpy as np
from pydantic import Field, PrivateAttr, model_validator

from mmm.arrays import FloatArray, WeekArray
from mmm.config import StrictModel, YamlDocument, inside, load_yaml, parse
from mmm.exceptions import DataError, InfeasibleError, SpecError
from mmm.reporting.numbers import money
from mmm.response.calendar import BaselineRule, SpendCalendar, read_spend_csv
from mmm.response.draws import RECENT_WEEKS, ResponseDraws
from mmm.response.horizon import HorizonResponse
from mmm.response.stated import Horizon, bridge_filling, money_per_outcome, stated_calendar
from mmm.response.units import decision_units
from optimizer.brief_flighting import BY_WEEK, OPTIMISED_NOTE, Flighting, decided, spread, without_dark_weeks
from optimizer.brief_further import FurtherKeys
from optimizer.brief_future import FutureKey
from optimizer.brief_objective import ObjectiveKey
from optimizer.constraints import Booked, Budget, Constraint, ObservedRange
from optimizer.halves import planning_halves
from optimizer.problem import AllocationProblem, Granularity
from optimizer.statements import Statement
from optimizer.statements_base import Known
from optimizer.volumes import cost_of_a_unit

Positive = Annotated[float, Field(gt=0)]


class BudgetKey(StrictModel):
    """Money over the horizon; by default what the baseline spends, in full."""

    total: Positive | None = Field(None, description="Money over the whole horizon.")
    up_to: bool = Field(default=False, description="Whether less may be spent.")


class Brief(FurtherKeys):
    """What a planner asks for: the weeks, the money, what to maximise, and what must hold."""

    horizon: Horizon = Field(description="The weeks that are planned: the first day of the first, and how many.")
    budget: BudgetKey = Field(
        default_factory=BudgetKey, description="Money over the whole horizon; without it, the baseline's total."
    )
    baseline: str = Field(
        BaselineRule.LAST_WEEKS.value,
        description="Business as usual: `last_weeks`, `same_weeks_last_year`, or a CSV of week, channel, spend.",
    )
    bridge: str | None = Field(
        None,
        description="A CSV of what is spent between the data and the horizon; by default the baseline goes on, and "
        "with a baseline from a CSV the last weeks of data.",
    )
    objective: ObjectiveKey = Field(default_factory=ObjectiveKey, description="What to maximise.")
    granularity: Granularity = Field(
        Granularity.WEEK,
        description="What is decided: `week` (each channel's weeks), `total` (each channel's total), and the same in "
        "each geo: `geo_week`, `geo_total`.",
    )
    flighting: str = Field(
        Flighting.BASELINE.value,
        description="How totals are spread over the weeks: as the `baseline`, `even`, `optimised` (each week is then "
        "decided), or as in a CSV of week, channel, spend.",
    )
    fiscal_year_start: Annotated[int, Field(ge=1, le=12)] | None = Field(
        None,
        description="Month in which the fiscal year begins, for constraints `per: fiscal_quarter`; by default the "
        "model's, else 1: January.",
    )
    future: FutureKey = Field(default_factory=FutureKey, description="What is different in the planned weeks.")
    constraints: tuple[Statement, ...] = Field((), description="What must hold; each entry says one thing.")
    round_to: Positive | None = Field(
        None, description="Round to multiples of this sum, which can be booked; the gap is stated after rounding."
    )
    smooth: Annotated[float, Field(ge=0, lt=1)] | None = Field(
        None, description="The smoothest plan within this share of the best: 0.005 for 0.5 %."
    )
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
        root = self._root(folder)
        return stated_calendar(response, self.horizon, baseline=self.baseline, bridge=self.bridge, folder=root)

    def _root(self, folder: Path | None) -> Path:
        """Return where files that the brief names are."""
        return folder or (self._document.path.parent if self._document is not None else Path.cwd())

    @property
    def files(self) -> tuple[str, ...]:
        """Names of the CSV files that the brief is made with, each once."""
        given = (
            self.baseline,
            self.bridge,
            self.flighting,
            *(entry.of for entry in self.constraints),
            *self.further_files,
        )
        return tuple(dict.fromkeys(name for name in given if name is not None and name.lower().endswith(".csv")))

    def problem(self, response: ResponseDraws, folder: Path | None = None) -> AllocationProblem:
        """State the problem for a fit.

        Parameters
        ----------
        response : ResponseDraws
        folder : Path, optional
            Where files that the brief names are; by default the brief's own folder.

        Raises
        ------
        SpecError, DataError
            An unknown channel, a horizon that does not follow the data, profit without a value of the outcome, a file
            that is missing.
        """
        with self.located():
            return self._problem(response, folder)

    @contextmanager
    def located(self) -> Iterator[None]:
        """Name the brief's file and line in whatever is wrong with one of its keys."""
        try:
            yield
        except (SpecError, DataError) as error:
            raise type(error)(error.says, where=self._place(error.where), do=error.do) from error
        except InfeasibleError as error:
            place = self._place(error.where)
            raise InfeasibleError(error.says, conflict=error.conflict, where=place, do=error.do) from error

    def _place(self, key: str | None) -> str | None:
        """Name a key of the brief with its file and line; leave any other place as it is."""
        parts = tuple(int(part) if part.isdigit() else part for part in (key or "").split("."))
        if self._document is None or parts[0] not in type(self).model_fields:
            return key
        return self._document.where(parts)

    def _problem(self, response: ResponseDraws, folder: Path | None) -> AllocationProblem:
        calendar, granularity = self.calendar(response, folder), decided(self.granularity, self.flighting)
        value = self._value(response)
        valued = self.objective.valued
        n_weeks = len(calendar.weeks) + len(calendar.tail_weeks)
        weight = self.objective.week_values(value, n_weeks)
        self.future.check(response.channels)
        cost = self.future.costs(response, calendar.weeks)
        prices = None if cost is None else cost.mean(axis=1)
        halves = planning_halves(response)
        units = decision_units(response, by_geo=granularity.by_geo)
        rows = units.calendar(calendar, response.geo_shares())
        curve = self.future.curve(response, units)
        planning, held = (
            HorizonResponse(half, rows, week_value=weight, cost_factor=cost, units=units, price_curve=curve)
            for half in halves.both
        )

        def read(name: str, where: str = "flighting") -> FloatArray:
            return read_spend_csv(inside(self._root(folder), name, where=where), response.channels, calendar.weeks)

        budget, notes = self._budget(calendar, response.currency)
        worth = 1.0 if valued or value is None else value
        problem = AllocationProblem(
            horizon=planning,
            held_back=held,
            constraints=(budget, *self._stated(response, calendar.weeks, read)),
            observed_max=response.observed_max() * (1.0 if prices is None else prices),
            objective=self.objective.objective(value, len(calendar.weeks)),
            risk=self.objective.measure(),
            granularity=granularity,
            observed_range=ObservedRange(allowed=self._allowed(response.channels)),
            round_to=self.round_to,
            smooth=self.smooth,
            outcome_name=response.outcome_name,
            outcome_is_money=valued or (response.outcome_is_money and worth == 1.0),
            currency=response.currency,
            money_per_outcome=worth,
            value_per_unit=value if valued and value is not None else 1.0,
            price_factor=prices,
            flighting=None if granularity.by_week else spread(self.flighting, units, rows, read),
            fiscal_year_start=self.fiscal_year_start or 1,
            notes=(*notes, *self._notes(response, calendar), *halves.notes),
        )
        problem = self.further(problem, lambda: self._root(folder), total=self.budget.total)
        self._check_weeks(problem)
        flighting, dark = without_dark_weeks(problem, problem.constraints)
        return replace(problem, flighting=flighting, notes=(*problem.notes, *dark))

    def _value(self, response: ResponseDraws) -> float | None:
        """Return money per outcome unit in the planned weeks: given, or the outcome-weighted mean of recent weeks."""
        value = money_per_outcome(response, self.future.value_per_outcome, where="future.value_per_outcome")
        if value is None and self.objective.valued:
            raise SpecError(
                f"the outcome '{response.outcome_name}' has no value in {response.currency}, and "
                f"{self.objective.maximise} needs one",
                where="future.value_per_outcome",
                do="Give it, or fit with data.value_per_outcome.",
            )
        return value

    def _budget(self, calendar: SpendCalendar, currency: str) -> tuple[Budget, tuple[str, ...]]:
        total, notes = self.budget.total, list[str]()
        if total is None:
            total = float(calendar.baseline.sum())
            if self.round_to is not None:
                total = np.floor(total / self.round_to + 1e-9) * self.round_to
            if self.goal is None:
                notes.append(f"The brief gives no budget: the baseline's total, {money(total, currency)}, is planned.")
        if not total > 0:
            spent = f"the baseline spends {money(float(calendar.baseline.sum()), currency)} over the horizon"
            if self.round_to is not None and calendar.baseline.sum() > 0:
                do = "Round to a smaller multiple, or give the budget."
                raise SpecError(f"{spent}, less than one multiple of {self.round_to:,g}", where="round_to", do=do)
            raise SpecError(spent, where="budget.total", do="Give the budget.")
        return Budget(float(total), self.budget.up_to, name="budget"), tuple(notes)

    def _stated(
        self, response: ResponseDraws, weeks: WeekArray, read: Callable[[str, str], FloatArray]
    ) -> tuple[Constraint, ...]:
        stated: list[Constraint] = []
        geos = response.geos if self.granularity.by_geo else ()
        by_week = decided(self.granularity, self.flighting).by_week
        prices = self.future.costs(response, weeks)
        cost = cost_of_a_unit(response, prices, self.future.price_curve, by_geo=self.granularity.by_geo)
        for index, statement in enumerate(self.constraints):
            where = f"constraints.{index}"
            statement.check(response.channels, geos, where, by_week=by_week)
            known = Known(response.channels, weeks, where, read, cost)
            try:
                constraint = statement.constraint(known)
            except SpecError as error:
                # A place in a file of spend is closer than the entry that names the file.
                at = error.where if error.where is not None and ".csv" in error.where else where
                raise SpecError(error.says, where=at, do=error.do) from error
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
        if self.objective.valued and self.future.value_per_outcome is None:
            notes.append(f"A unit of outcome is valued as in the last {RECENT_WEEKS} weeks.")
        if self.objective.maximise == "npv":
            notes.append("Values and ROAS are discounted to the first day of the horizon.")
        if self.objective.risk != "mean":
            notes.append(self.objective.measure().says())
        if self.granularity in BY_WEEK and self.flighting == Flighting.OPTIMISED:
            notes.append(OPTIMISED_NOTE)
        notes += self.future.notes(response, calendar.weeks, by_geo=self.granularity.by_geo)
        return tuple(notes)
