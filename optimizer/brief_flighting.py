"""How totals are spread over the weeks, where totals are decided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum

import numpy as np

from mmm.arrays import FloatArray
from mmm.exceptions import SpecError
from mmm.response.calendar import SpendCalendar
from mmm.response.units import Units
from optimizer.constraints import Blackout, Constraint
from optimizer.problem import AllocationProblem, Granularity

#: What the weeks are decided as where totals are asked for with the best flighting.
BY_WEEK = {Granularity.TOTAL: Granularity.WEEK, Granularity.GEO_TOTAL: Granularity.GEO_WEEK}
OPTIMISED_NOTE = "The flighting is optimised: each week is decided, and a channel's total is the sum of its weeks."


class Flighting(StrEnum):
    """How each channel's total is spread over the weeks."""

    BASELINE = "baseline"
    EVEN = "even"
    OPTIMISED = "optimised"


def decided(granularity: Granularity, flighting: str) -> Granularity:
    """Return what is decided: weeks where the flighting itself is to be optimised.

    Raises
    ------
    SpecError
        A flighting is asked for where weeks are decided, or it is no flighting.
    """
    if flighting not in tuple(Flighting) and not flighting.lower().endswith(".csv"):
        do = "Write baseline, even, optimised or the name of a CSV file."
        raise SpecError(f"the flighting '{flighting}' is not understood", where="flighting", do=do)
    if flighting == Flighting.OPTIMISED:
        return BY_WEEK.get(granularity, granularity)
    if granularity.by_week and flighting != Flighting.BASELINE:
        raise SpecError(
            "each week is decided, so that no flighting is followed",
            where="flighting",
            do="Write granularity: total (or geo_total), or remove 'flighting'.",
        )
    return granularity


def spread(
    flighting: str,
    units: Units,
    calendar: SpendCalendar,
    read: Callable[[str], FloatArray],
) -> FloatArray | None:
    """Return how each row's total is spread, (U, T), rows summing to 1; None: as in the baseline.

    Parameters
    ----------
    flighting : str
        A :class:`Flighting`, or the name of a CSV of week, channel, spend; a channel without spend in it runs evenly.
    units : Units
    calendar : SpendCalendar
        Of the rows.
    read : callable
        Name of a CSV → money of channels, (C, T).
    """
    if flighting == Flighting.EVEN:
        return _normal(np.ones(calendar.baseline.shape))
    if flighting.lower().endswith(".csv"):
        return _normal(read(flighting)[units.channel])
    return None


def without_dark_weeks(
    problem: AllocationProblem, constraints: Sequence[Constraint]
) -> tuple[FloatArray | None, tuple[str, ...]]:
    """Take the dark weeks out of the flighting of totals.

    Parameters
    ----------
    problem : AllocationProblem
    constraints : sequence of Constraint
        Its own; dark weeks are :class:`~optimizer.constraints.Blackout`.

    Returns
    -------
    (U, T) or None, and a note where weeks were taken out
    """
    dark = [one for one in constraints if isinstance(one, Blackout)]
    if problem.granularity.by_week or not dark:
        return problem.flighting, ()
    pattern = _normal(problem.row_baseline if problem.flighting is None else problem.flighting)
    for one in dark:
        view = problem.view(one)
        for row, week, _ in view.cells(one.cells(view.frame)):
            pattern[row, week] = 0.0
    return _normal(pattern), ("The flighting leaves dark weeks out: what they had goes to the other weeks.",)


def _normal(pattern: FloatArray) -> FloatArray:
    """Make every row sum to 1; a row of zeros runs evenly."""
    total = pattern.sum(axis=1, keepdims=True)
    return np.asarray(np.where(total > 0, pattern / np.where(total > 0, total, 1.0), 1.0 / pattern.shape[1]))
