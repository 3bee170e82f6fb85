"""What every solver is told and what it returns: failure is data, with a full sentence."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from mmm.arrays import FloatArray
from optimizer.problem import AllocationProblem, Progress, ProgressCall
from optimizer.solvers.conic import ConicSet


class Status(StrEnum):
    """How a solve ended."""

    CERTIFIED = "certified"
    STALLED = "stalled"
    TIME_LIMIT = "time_limit"
    LOCAL = "local"


@dataclass(frozen=True)
class Solution:
    """A plan in decision variables with its bound.

    Attributes
    ----------
    y : (C, K)
    value, upper_bound : float
        Upper bound is infinity where none was asked for.
    bound_method : str
    status : Status
    says : str
        A full sentence.
    evaluations : int
        Of value, gradient and Hessian over all draws.
    history : tuple of Progress
    fallbacks : int
        Steps that a damped model made because the quadratic programme's own could not be used.
    feasible : ConicSet, optional
        The set in which the plan is locally best, where it is another than the one given: a fixed pattern of weeks that
        are on. Prices and what binds are read there.
    held : AllocationProblem, optional
        The problem of that set: without whole numbers, the pattern held.
    weights : (S,), optional
        What each draw weighs in the derivatives at the plan, under a risk measure: the multipliers that certify it.
    """

    y: FloatArray
    value: float
    upper_bound: float
    bound_method: str
    status: Status
    says: str
    evaluations: int
    history: tuple[Progress, ...] = ()
    feasible: ConicSet | None = None
    fallbacks: int = 0
    held: AllocationProblem | None = None
    weights: FloatArray | None = None


@dataclass(frozen=True)
class Goal:
    """When to stop.

    Attributes
    ----------
    gap : float
        Relative: (bound − value) / max(|value|, floor).
    floor : float
        The least that a gap is relative to, in the objective's unit.
    floor_says : str
        What the floor is.
    deadline : float
        On :func:`time.perf_counter`'s clock; infinity for none.
    max_steps : int
    started : float
    progress : callable, optional
    stop : callable, optional
        Whether whoever waits wants the best plan so far (Ctrl-C).
    """

    gap: float
    floor: float
    deadline: float = float("inf")
    floor_says: str = "1% of the budget"
    max_steps: int = 60
    started: float = field(default_factory=time.perf_counter)
    progress: ProgressCall | None = None
    stop: Callable[[], bool] | None = None

    def relative(self, bound: float, value: float) -> float:
        """Return the relative gap."""
        return (bound - value) / max(abs(value), self.floor)

    def base(self, value: float) -> str:
        """Say what :meth:`relative` divides by."""
        return "its value" if abs(value) >= self.floor else self.floor_says

    def late(self) -> bool:
        """Whether the time is up, or somebody asked for what there is."""
        return time.perf_counter() > self.deadline or self.stopped()

    def stopped(self) -> bool:
        """Whether somebody asked for what there is."""
        return self.stop is not None and self.stop()

    def tell(self, phase: str, value: float, bound: float) -> Progress:
        """Record where the solve stands, and report it to whoever asked."""
        state = Progress(phase, value, bound, time.perf_counter() - self.started)
        if self.progress is not None:
            self.progress(state)
        return state
