"""Refresh stability: had the fit been made some weeks ago, would it say the same, and would the plan be the same?

The plan here is a plain one, made to be compared: the same money as in the last year, each channel within ±20 % of what
it spent, put step by step where the mean steady response rises most. It is not the optimiser's plan.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmm.arrays import FloatArray
from mmm.findings import Finding, Severity
from mmm.model.validation.base import MOVE, Base
from mmm.model.validation.edits import first_weeks
from mmm.model.validation.refits import Job, Refit
from mmm.reporting.numbers import percent

#: Reliability row 7: the median channel's ROAS is to change by less, and less of the budget is to move.
ROAS_GOAL, MONEY_GOAL = 0.08, 0.10
#: The plan is made in steps of this share of the budget.
STEP = 0.002


@dataclass(frozen=True, eq=False)
class Refresh:
    """The fit beside the same one made earlier. N channels are in both.

    Attributes
    ----------
    dropped : int
        Weeks that the earlier one did not have.
    channels : tuple of str
    before, after : (N, S), (N, S')
        ROAS draws without and with the last weeks.
    plan_before, plan_after : (N,)
        Weekly money of the plain plan by each.
    """

    dropped: int
    channels: tuple[str, ...]
    before: FloatArray
    after: FloatArray
    plan_before: FloatArray
    plan_after: FloatArray

    @property
    def change(self) -> FloatArray:
        """Change of each channel's mean ROAS, as a share of the earlier one, (N,)."""
        return np.asarray(self.after.mean(axis=1) / self.before.mean(axis=1) - 1.0, dtype=np.float64)

    @property
    def median_change(self) -> float:
        """The median channel's change, without sign."""
        return float(np.median(np.abs(self.change)))

    @property
    def moved(self) -> float:
        """Share of the budget that lies in other channels."""
        return float(np.abs(self.plan_after - self.plan_before).sum() / 2.0 / max(self.plan_after.sum(), 1e-300))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Whether ROAS and plan are stable."""
        if not self.channels:
            means = "Whether the next refresh changes the picture is not known."
            do = "Give a longer history, or sample longer."
            says = f"The refit without the last {self.dropped} weeks could not be used."
            return (Finding("refresh", Severity.NOTE, says, do, means=means),)
        says = (
            f"Without the last {self.dropped} weeks the median channel's ROAS differs by "
            f"{percent(self.median_change)}, and a plan within ±{percent(MOVE, 0)} of last year's spend would put "
            f"{percent(self.moved)} of the budget elsewhere."
        )
        if self.median_change <= ROAS_GOAL and self.moved <= MONEY_GOAL:
            return (Finding("refresh", Severity.OK, says, "Nothing to do."),)
        far = self.median_change > 2.0 * ROAS_GOAL
        do = (
            "Move money in steps, towards what both fits say; look at what happened in the last weeks, and state ROAS "
            "priors where past studies know more."
        )
        means = "The next refresh may turn the plan again: part of what it says is chance."
        return (Finding("refresh", Severity.WARNING if far else Severity.NOTE, says, do, means=means),)

    def as_dict(self) -> dict[str, Any]:
        """Return the changes JSON-ready."""
        return {
            "weeks_dropped": self.dropped,
            "median_roas_change": self.median_change if self.channels else None,
            "budget_moved": self.moved if self.channels else None,
            "channels": {
                name: {"roas_before": float(before.mean()), "roas_after": float(after.mean()), "change": float(change)}
                for name, before, after, change in zip(self.channels, self.before, self.after, self.change, strict=True)
            },
        }


def count(base: Base) -> int:  # noqa: ARG001  (every check has this signature)
    """Return the number of refits."""
    return 1


def run(base: Base, refit: Callable[[Job], Refit]) -> Refresh:
    """Refit without the last weeks."""
    panel, dropped = base.panel, base.settings.dropped
    shorter = first_weeks(panel, panel.n_weeks - dropped)
    both = [panel.channels.index(name) for name in shorter.channels]
    done = refit(Job(f"without the last {dropped} weeks", base.spec, shorter, money=base.money[both]))
    if not done.usable:
        empty = np.empty((0, 0))
        return Refresh(dropped, (), empty, empty, np.empty(0), np.empty(0))
    return Refresh(
        dropped=dropped,
        channels=shorter.channels,
        before=done.roas,
        after=base.reference.roas[both],
        plan_before=plain_plan(base.money[both], done.curves),
        plan_after=plain_plan(base.money[both], base.reference.curves[both]),
    )


def plain_plan(money: FloatArray, curves: FloatArray) -> FloatArray:
    """Return weekly money by channel, (C,): today's total, each channel within the ends of its levels.

    Parameters
    ----------
    money, curves : (C, N)
        Levels of weekly spend, rising, today's in the middle; and the mean response at each.

    Notes
    -----
    Greedy in small steps; exact, but for the step, where responses are concave.
    """
    plan = money[:, 0].copy()
    today = float(money[:, money.shape[1] // 2].sum())
    step = STEP * today
    left = today - float(plan.sum())
    while left > 1e-9 * max(today, 1.0):
        room = np.minimum(np.minimum(step, left), money[:, -1] - plan)
        gain = np.array([np.interp(p + r, m, y) - np.interp(p, m, y) if r > 0 else -np.inf
                         for p, r, m, y in zip(plan, room, money, curves, strict=True)])  # fmt: skip
        gain = np.where(room > 0, gain / np.where(room > 0, room, 1.0), -np.inf)
        best = int(np.argmax(gain))
        if not room[best] > 0:
            break
        plan[best] += room[best]
        left -= float(room[best])
    return plan
