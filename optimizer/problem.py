"""The problem a planner states: a response, an objective and constraints; frozen and free of any solver."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np

from mmm.arrays import FloatArray, WeekArray
from mmm.exceptions import SpecError
from mmm.response.calendar import SpendCalendar
from mmm.response.horizon import HorizonResponse
from optimizer.constraints import Booked, Budget, Constraint, Frame, ObservedRange
from optimizer.objectives import Objective, Outcome


class Granularity(StrEnum):
    """What is decided."""

    WEEK = "week"
    TOTAL = "total"


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
    granularity : Granularity
        ``TOTAL``: channel totals are decided and spread over the weeks as in the baseline.
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
    price_factor : (C,), optional
        Planned cost of an exposure over today's; None: today's.
    notes : tuple of str
        Sentences about how the problem was made, for reports.
    """

    horizon: HorizonResponse
    held_back: HorizonResponse
    constraints: tuple[Constraint, ...]
    observed_max: FloatArray
    objective: Objective = field(default_factory=Outcome)
    granularity: Granularity = Granularity.WEEK
    observed_range: ObservedRange = field(default_factory=ObservedRange)
    round_to: float | None = None
    smooth: float | None = None
    outcome_name: str = "outcome"
    outcome_is_money: bool = True
    currency: str = "EUR"
    money_per_outcome: float = 1.0
    price_factor: FloatArray | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.observed_max.shape != (len(self.channels),):
            raise ValueError(f"observed_max has shape {self.observed_max.shape}, not ({len(self.channels)},)")
        if self.price_factor is not None and self.price_factor.shape != self.observed_max.shape:
            raise ValueError(f"price_factor has shape {self.price_factor.shape}, not {self.observed_max.shape}")
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
        return self.horizon.channels

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
        """Business-as-usual spend in the horizon, (C, T)."""
        return self.calendar.baseline

    @property
    def frame(self) -> Frame:
        """What constraints refer to."""
        repriced = bool((self.prices != 1.0).any())
        return Frame(self.channels, self.weeks, self.baseline, self.observed_max, self.currency, repriced)

    @property
    def prices(self) -> FloatArray:
        """Planned cost of an exposure over today's, (C,)."""
        return np.ones(len(self.channels)) if self.price_factor is None else self.price_factor

    @property
    def unit(self) -> str:
        """The unit of the objective's value."""
        return self.currency if self.in_money else self.outcome_name

    @property
    def in_money(self) -> bool:
        """Whether the objective's value is money."""
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
        for constraint in (*self.constraints, self.observed_range):
            name, count = constraint.name or constraint.default_name, 1
            while name in result or (not constraint.name and name in reserved):
                count += 1
                name = f"{constraint.default_name} {count}"
            result[name] = constraint
        return result

    @property
    def upper(self) -> FloatArray:
        """The solvers' box: the cap on each week, and where a channel has none twice the budget, (C, T).

        Twice, so that the box never binds where the budget does and the two never share a price.

        Raises
        ------
        SpecError
            Nothing limits a channel.
        """
        cap = self.observed_range.cap(self.frame)
        budgets = [c.total for c in self.constraints if isinstance(c, Budget)]
        cap = np.where(np.isfinite(cap), cap, 2.0 * min(budgets, default=np.inf))
        if not np.isfinite(cap).all():
            name = self.channels[int(np.flatnonzero(~np.isfinite(cap))[0])]
            raise SpecError(
                f"nothing limits the spend of '{name}'", where="budget", do="Give a budget, or keep the observed range."
            )
        return np.repeat(cap[:, None], len(self.weeks), axis=1)

    @property
    def booked(self) -> dict[tuple[int, int], float]:
        """Cells that are fixed: (channel, week) → money."""
        cells = (cell for c in self.constraints if isinstance(c, Booked) for cell in c.cells(self.frame))
        return {(c, t): money for c, t, money in cells}

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
