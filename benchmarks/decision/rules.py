"""Plain rules that need no optimiser, under the same budget and bounds; weeks keep the baseline's pattern."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.optimize import brentq

from benchmarks.decision.tasks import evenly
from mmm.arrays import FloatArray
from simulations.market.planning import PlanTask

#: What is wanted by no more than this is wanted of none.
TINY = 1e-100

KEEP, EVEN_WEEKS, EQUAL, BY_ROAS = "keep current", "current totals, even weeks", "equal split", "proportional to ROAS"


def within(wanted: FloatArray, task: PlanTask) -> FloatArray:
    """Return the totals (C,) in proportion to ``wanted`` as far as each one's bounds allow, of the whole budget."""
    totals = task.calendar.baseline.sum(axis=1)
    low, high = (1.0 - task.change) * totals, (1.0 + task.change) * totals
    if not np.any(totals > 0):
        return totals

    # What is wanted of none shares evenly what the others cannot take.
    largest = float(wanted.max())
    shares = np.maximum(wanted / largest, 1e-9) if largest > TINY else np.ones(len(wanted))

    def clipped(size: float) -> FloatArray:
        return np.asarray(np.clip(size * shares, low, high))

    most = float((high / shares).max()) * 1.01
    size = brentq(lambda one: float(clipped(one).sum()) - task.budget, 0.0, most, xtol=1e-15 * most, rtol=1e-14)
    return clipped(float(size))


def scaled(totals: FloatArray, task: PlanTask) -> FloatArray:
    """Return the baseline's weeks scaled to other totals, (C, T)."""
    baseline = task.calendar.baseline
    spent = baseline.sum(axis=1)
    return np.asarray(baseline * (totals / np.where(spent > 0, spent, 1.0))[:, None])


def answers(task: PlanTask, roas: Mapping[str, Any] | None) -> dict[str, FloatArray]:
    """Return each rule's plan, (C, T); the last one needs somebody's ROAS."""
    baseline = task.calendar.baseline
    equal = np.ones(len(baseline))
    found = {KEEP: baseline, EVEN_WEEKS: evenly(baseline), EQUAL: scaled(within(equal, task), task)}
    if roas is not None:
        means = np.maximum([roas[name]["mean"] for name in task.calendar.channels], 0.0)
        found[BY_ROAS] = scaled(within(means, task), task) if means.max() > 0 else baseline
    return found
