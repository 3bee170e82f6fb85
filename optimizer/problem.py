"""The problem a planner states: a response, an objective and constraints; frozen and free of any solver."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

import cvxpy as cp
import numpy as np

from mmm.arrays import FloatArray, WeekArray
from mmm.exceptions import SpecError
from mmm.response.calendar import SpendCalendar
from mmm.response.horizon import HorizonResponse
from mmm.response.units import EVERYWHERE
from optimizer.constraints import Blackout, Booked, Budget, Constraint, Frame, ObservedRange
from optimizer.constraints_response import ResponseConstraint, Tangent
from optimizer.limits import Limit
from optimizer.objectives import Objective, Outcome
from optimizer.risk import Mean, Risk
from optimizer.views import View, geo_view, national_view


class Granularity(StrEnum):
    """What is decided: channels or channels by geo, in each week or in total."""

    WEEK = "week"
    TOTAL = "total"
    GEO_WEEK = "geo_week"
    GEO_TOTAL = "geo_total"

    @property
    def by_geo(self) -> bool:
        """Whether each geo is decided."""
        return self in (Granularity.GEO_WEEK, Granularity.GEO_TOTAL)

    @property
    def by_week(self) -> bool:
        """Whether each week is decided."""
        return self in (Granularity.WEEK, Granularity.GEO_WEEK)


@dataclass(frozen=True)
class Progress:
    """Where a solve stands: the best value so far, the bound, and the seconds spent."""

    phase: str
    value: float
    upper_bound: float
    seconds: float


ProgressCall = Callable[[Progress], None]


@dataclass(frozen=True, eq=False)
class AllocationProblem:
    r"""Choose spend x (C, T), money per week:

    .. math:: \max_x \; F(x) \quad \text{s.t. every constraint}, \; 0 \le x \le 1.5 \times \text{observed maximum}

    Attributes
    ----------
    horizon : HorizonResponse
        The planning draws, on which the plan is chosen.
    held_back : HorizonResponse
        The other draws, from which uplift and probabilities are reported.
    constraints : tuple of Constraint
    observed_max : (C,)
        Largest observed week of each channel, money, at the planned prices: what the same exposures will cost.
    objective : Objective
    risk : Risk
        How the draws of the objective are summed up.
    granularity : Granularity
        ``TOTAL``: channel totals are decided and spread over the weeks by ``flighting``.
    observed_range : ObservedRange
        The automatic cap beyond what was observed.
    round_to : float, optional
        Multiples of money that can be booked (each week; channel totals where totals are decided).
    smooth : float, optional
        Take the smoothest plan within this share of the best value.
    outcome_name, currency : str
    outcome_is_money : bool
        Whether the responses' values are money in ``currency``.
    money_per_outcome : float
        Money that a unit of the responses' value is worth, for ROAS (1 where it is money already, or not known).
    value_per_unit : float
        What one unit of outcome counts for in the responses' values, for the cost of a unit (CPA).
    price_factor : (C,), optional
        Planned cost of an exposure over today's, the mean over the planned weeks; None: today's.
    flighting : (U, T), optional
        Where totals are decided, how each row's total is spread over the weeks (each row sums to 1); None: as in the
        baseline.
    fiscal_year_start : int
        Month in which the fiscal year begins, 1 to 12.
    notes : tuple of str
        Sentences about how the problem was made, for reports.
    """

    horizon: HorizonResponse
    held_back: HorizonResponse
    constraints: tuple[Constraint, ...]
    observed_max: FloatArray
    objective: Objective = field(default_factory=Outcome)
    risk: Risk = field(default_factory=Mean)
    granularity: Granularity = Granularity.WEEK
    observed_range: ObservedRange = field(default_factory=ObservedRange)
    round_to: float | None = None
    smooth: float | None = None
    outcome_name: str = "outcome"
    outcome_is_money: bool = True
    currency: str = "EUR"
    money_per_outcome: float = 1.0
    value_per_unit: float = 1.0
    price_factor: FloatArray | None = None
    flighting: FloatArray | None = None
    fiscal_year_start: int = 1
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.granularity.by_geo != self.horizon.units.by_geo and len(self.horizon.response.geos) > 1:
            raise ValueError("the response's rows and the granularity differ: one is by geo and the other is not")
        if self.observed_max.shape != (len(self.channels),):
            raise ValueError(f"observed_max has shape {self.observed_max.shape}, not ({len(self.channels)},)")
        if self.price_factor is not None and self.price_factor.shape != self.observed_max.shape:
            raise ValueError(f"price_factor has shape {self.price_factor.shape}, not {self.observed_max.shape}")
        if self.flighting is not None and self.flighting.shape != self.horizon.shape:
            raise ValueError(f"flighting has shape {self.flighting.shape}, not {self.horizon.shape}")
        if self.held_back.shape != self.horizon.shape:
            raise ValueError("the held-back response plans other weeks or channels than the planning response")
        given = [c.name for c in (*self.constraints, self.observed_range) if c.name]
        twice = sorted({name for name in given if given.count(name) > 1})
        if twice:
            raise SpecError(
                f"two constraints have the name '{twice[0]}'", where="constraints", do="Give each its own name."
            )
        if self.round_to is not None and not self.round_to > 0:
            raise SpecError(f"round_to is {self.round_to}", where="round_to", do="Give a positive sum, or none.")
        if self.smooth is not None and not 0 <= self.smooth < 1:
            raise SpecError(f"smooth is {self.smooth}", where="smooth", do="Write 0.005 for 0.5 % of the best value.")

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the C channels."""
        return self.horizon.response.channels

    @property
    def rows(self) -> tuple[str, ...]:
        """Names of the U rows that are decided: the channels, or channels by geo."""
        return self.horizon.units.names

    @property
    def weeks(self) -> WeekArray:
        """First days of the T weeks."""
        return self.horizon.weeks

    @property
    def calendar(self) -> SpendCalendar:
        """Bridge, horizon and tail with business-as-usual spend."""
        return self.horizon.calendar

    @property
    def baseline(self) -> FloatArray:
        """Business-as-usual spend in the horizon by channel, (C, T)."""
        return self.by_channel(self.calendar.baseline)

    @property
    def row_baseline(self) -> FloatArray:
        """Business-as-usual spend in the horizon by row, (U, T)."""
        return self.calendar.baseline

    @property
    def row_max(self) -> FloatArray:
        """Largest observed week of each row, money at the planned prices, (U,)."""
        units = self.horizon.units
        if not units.by_geo:
            return self.observed_max
        here = np.maximum(units.geo, 0)
        local = self.horizon.response.gross_spend().max(axis=2) * self.prices[:, None]
        return np.where(units.geo == EVERYWHERE, self.observed_max[units.channel], local[units.channel, here])

    @property
    def weeks_follow(self) -> str:
        """What the weeks of a decided total follow, in words."""
        usual = self.row_baseline
        given = usual if self.flighting is None else self.flighting
        on = given > 0
        same = self.flighting is None
        if not same:
            # Dark weeks are left out of either pattern, and said by themselves.
            left = np.where(on, usual, 0.0)
            total = left.sum(axis=1, keepdims=True)
            same = bool(
                np.allclose(given, np.where(total > 0, left / np.where(total > 0, total, 1.0), given), atol=1e-9)
            )
        if same:
            return "the pattern of business as usual"
        least, most = np.where(on, given, np.inf).min(axis=1), given.max(axis=1)
        return "an even spread" if np.allclose(least, most) else "the flighting that was given"

    def by_channel(self, rows: FloatArray) -> FloatArray:
        """Add up rows (U, T) by channel, (C, T)."""
        return self.horizon.units.summed(rows) if self.horizon.units.by_geo else rows

    @property
    def frame(self) -> Frame:
        """What constraints refer to, by channel."""
        return self._framed(self.channels, self.baseline, self.observed_max)

    @property
    def row_frame(self) -> Frame:
        """The same of each row that is decided."""
        return self._framed(self.rows, self.row_baseline, self.row_max)

    def _framed(self, names: tuple[str, ...], baseline: FloatArray, most: FloatArray) -> Frame:
        repriced = bool((self.prices != 1.0).any())
        return Frame(names, self.weeks, baseline, most, self.currency, repriced, self.fiscal_year_start)

    def view(self, constraint: Constraint) -> View:
        """Return how a constraint sees the plan: by channel, over the geos it is about.

        Raises
        ------
        SpecError
            It is about geos that are not planned.
        """
        units, geos = self.horizon.units, self.horizon.response.geos
        if isinstance(constraint, ObservedRange | Tangent):
            return View(np.eye(len(self.rows)), self.row_frame)
        picked: tuple[str, ...] | None = getattr(constraint, "geos", None)
        if picked is None:
            return national_view(units, self.frame)
        inside = [g for g, name in enumerate(geos) if name in picked]
        spent = self.horizon.response.gross_spend()[:, inside].sum(axis=1)
        local = np.array([g != EVERYWHERE and geos[g] in picked for g in units.geo])
        part = replace(
            self.frame,
            baseline=self.by_channel(self.row_baseline * local[:, None]),
            observed_max=spent.max(axis=1, initial=0.0) * self.prices,
        )
        return geo_view(units, geos, picked, part)

    def limits(self, name: str, spend: cp.Expression) -> tuple[Limit, ...]:
        """Return the rows of a named constraint on an expression of the plan in rows, money, (U, T)."""
        constraint = self.named[name]
        return self.view(constraint).limits(constraint, spend)

    def frame_of(self, name: str) -> Frame:
        """Return the frame in which a named constraint is stated."""
        return self.view(self.named[name]).frame

    @property
    def prices(self) -> FloatArray:
        """Planned cost of an exposure over today's, (C,)."""
        return np.ones(len(self.channels)) if self.price_factor is None else self.price_factor

    @property
    def unit(self) -> str:
        """The unit of the objective, draw by draw."""
        return self.currency if self.in_money else self.outcome_name

    @property
    def value_unit(self) -> str:
        """The unit of what is maximised: the objective's, or a share of draws."""
        return self.unit if self.risk.of_uplift else "of all draws"

    @property
    def says(self) -> str:
        """What is maximised, in a sentence or two."""
        plain = self.objective.says()
        return plain if isinstance(self.risk, Mean) else f"{plain} {self.risk.says()}"

    @property
    def of_mean(self) -> bool:
        """Whether draws simply count alike, and no constraint is on the response itself."""
        limited = any(isinstance(one, ResponseConstraint) for one in self.constraints)
        return isinstance(self.risk, Mean) and not limited

    @property
    def in_money(self) -> bool:
        """Whether the objective is money."""
        return self.objective.is_profit or self.outcome_is_money

    @property
    def valued(self) -> bool:
        """Whether it is known what the responses' value is worth in money."""
        return self.outcome_is_money or self.money_per_outcome != 1.0

    @property
    def named(self) -> dict[str, Constraint]:
        """Every constraint, the observed range last, by unique name."""
        result: dict[str, Constraint] = {}
        reserved = {c.name for c in self.constraints if c.name}
        for constraint in (*self.constraints, self._row_range):
            name, count = constraint.name or constraint.default_name, 1
            while name in result or (not constraint.name and name in reserved):
                count += 1
                name = f"{constraint.default_name} {count}"
            result[name] = constraint
        return result

    @property
    def _row_range(self) -> ObservedRange:
        """The observed range, with the rows of channels that may go beyond."""
        if not self.horizon.units.by_geo or not self.observed_range.allowed:
            return self.observed_range
        owners = (self.channels[c] for c in self.horizon.units.channel)
        free = tuple(
            row for row, owner in zip(self.rows, owners, strict=True) if {row, owner} & {*self.observed_range.allowed}
        )
        return replace(self.observed_range, allowed=free)

    @property
    def cap(self) -> FloatArray:
        """The most that each row may spend in a week by the observed range, (U,); infinity where it may go beyond."""
        return self._row_range.cap(self.row_frame)

    @property
    def upper(self) -> FloatArray:
        """The solvers' box: the cap on each week, and where a row has none twice the budget, (U, T).

        Twice, so that the box never binds where the budget does and the two never share a price.

        Raises
        ------
        SpecError
            Nothing limits a channel.
        """
        cap = self.cap
        budgets = [c.total for c in self.constraints if isinstance(c, Budget)]
        cap = np.where(np.isfinite(cap), cap, 2.0 * min(budgets, default=np.inf))
        if not np.isfinite(cap).all():
            name = self.rows[int(np.flatnonzero(~np.isfinite(cap))[0])]
            raise SpecError(
                f"nothing limits the spend of '{name}'", where="budget", do="Give a budget, or keep the observed range."
            )
        return np.repeat(cap[:, None], len(self.weeks), axis=1)

    @property
    def booked(self) -> dict[tuple[int, int], float]:
        """Cells that are fixed: (row, week) → money."""
        booked = (c for c in self.constraints if isinstance(c, Booked | Blackout))
        views = ((one, self.view(one)) for one in booked)
        cells = (cell for one, view in views for cell in view.cells(one.cells(view.frame)))
        return {(row, t): money for row, t, money in cells}

    def replacing(self, name: str, constraint: Constraint) -> AllocationProblem:
        """Return the problem with the constraint of that name replaced."""
        names = list(self.named)
        if name == names[-1]:
            if not isinstance(constraint, ObservedRange):
                raise TypeError("the observed range can only be replaced by another")
            return replace(self, observed_range=constraint)
        changed = list(self.constraints)
        changed[names.index(name)] = constraint
        return replace(self, constraints=tuple(changed))
