"""Constraints on each channel's amounts: frozen values that contribute cvxpy rows and a sentence.

Money is in the fit's currency; a constraint binds over the horizon unless it names another period.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import cvxpy as cp
import numpy as np

from mmm.exceptions import SpecError
from optimizer.limits import Constraint, Frame, Limit, at_least, at_most, each
from optimizer.periods import Per
from optimizer.ranges import SMALL, check_range, said, widened


@dataclass(frozen=True)
class Budget(Constraint):
    """Total spend over the horizon.

    Attributes
    ----------
    total : float
        Money.
    up_to : bool
        Whether less may be spent.
    """

    total: float
    up_to: bool = False

    def __post_init__(self) -> None:
        if not (np.isfinite(self.total) and self.total > 0):
            raise SpecError(f"the budget {self.total} is not a positive sum", where="budget.total", do="Correct it.")

    @property
    def default_name(self) -> str:
        return "budget"

    def limits(self, spend: cp.Expression, frame: Frame) -> tuple[Limit, ...]:
        row = cp.sum(spend) / self.total
        per_unit = np.float64(1.0 / self.total)
        return (Limit(row <= 1.0 if self.up_to else row == 1.0, lambda _: np.asarray(per_unit)),)

    def sentence(self, frame: Frame) -> str:
        how = "at most" if self.up_to else "exactly"
        return f"Spend {how} {frame.money(self.total)} over the horizon's {len(frame.weeks)} weeks."

    def loosening(self, frame: Frame) -> str:
        return f"One more {frame.currency} of budget"

    def loosened(self, units: float) -> Self | None:
        return replace(self, total=self.total + units) if self.total + units > 0 else None

    def size(self, frame: Frame) -> float:
        return self.total


class Ranged(Constraint):
    """Spend has a minimum, a maximum or both, money."""

    least: float | None
    most: float | None

    def loosened(self, units: float) -> Self | None:
        moved = widened(self.least, self.most, units)
        # A subclass has both ends as fields of its own, in its own order.
        ends: dict[str, Any] = {} if moved is None else {"least": moved[0], "most": moved[1]}
        return None if moved is None else replace(self, **ends)

    def size(self, frame: Frame) -> float:
        return max(self.least or 0.0, self.most or 0.0)


@dataclass(frozen=True)
class Bounds(Ranged):
    """Minimum and maximum spend of each listed channel by itself, money.

    Attributes
    ----------
    channels : tuple of str or None
        None: every channel.
    least, most : float, optional
    per : Per
    """

    channels: tuple[str, ...] | None
    least: float | None = None
    most: float | None = None
    per: Per = Per.HORIZON

    def __post_init__(self) -> None:
        check_range(self.least, self.most, self.name or self.default_name)

    @property
    def default_name(self) -> str:
        return f"bounds({'all' if self.channels is None else ','.join(self.channels)})"

    def limits(self, spend: cp.Expression, frame: Frame) -> tuple[Limit, ...]:
        picked = frame.pick(self.channels, self.name or self.default_name)
        over, labels = frame.periods(self.per), tuple(frame.channels[c] for c in picked)
        x, size = over.rows(spend[picked, :]), frame.typical[picked][:, None] * over.inside
        rows: list[Limit] = []
        if self.most is not None:
            most = self.most * over.part
            rows.append(at_most(x, most, np.maximum(most, SMALL * size), over.part, labels))
        if self.least:
            least = self.least * over.part
            rows.append(at_least(x, least, np.maximum(least, SMALL * size), over.part, labels))
        return tuple(rows)

    def sentence(self, frame: Frame) -> str:
        when = frame.periods(self.per).says(prorated=True)
        return f"{each(self.channels, first=True)}: {said(self.least, self.most, frame.money)} {when}."

    def loosening(self, frame: Frame) -> str:
        return f"{frame.currency} 1 more room for {each(self.channels)}{self.per.in_each}"


@dataclass(frozen=True)
class ChangeVsBaseline(Constraint):
    """Each listed channel stays within a share of its own baseline.

    Attributes
    ----------
    channels : tuple of str or None
        None: every channel, each by itself.
    change : float
        0.3: between 70 % and 130 % of the baseline.
    per : Per
        ``HORIZON``: channel totals. ``WEEK``: every week against the same week of the baseline; and so on.
    """

    channels: tuple[str, ...] | None
    change: float
    per: Per = Per.HORIZON

    def __post_init__(self) -> None:
        if not (np.isfinite(self.change) and self.change >= 0):
            raise SpecError(
                f"the change {self.change} is not 0 or more",
                where=self.name or self.default_name,
                do="Write 0.3 for between 70 % and 130 % of the baseline.",
            )

    @property
    def default_name(self) -> str:
        return f"change_vs_baseline({'all' if self.channels is None else ','.join(self.channels)})"

    def limits(self, spend: cp.Expression, frame: Frame) -> tuple[Limit, ...]:
        picked = frame.pick(self.channels, self.name or self.default_name)
        over, labels = frame.periods(self.per), tuple(frame.channels[c] for c in picked)
        x, base = over.rows(spend[picked, :]), over.totals(frame.baseline[picked])
        size = frame.typical[picked][:, None] * over.inside
        rows = [at_most(x, (1.0 + self.change) * base, size, 0.01 * base, labels)]
        if self.change < 1:
            rows.append(at_least(x, (1.0 - self.change) * base, size, 0.01 * base, labels))
        return tuple(rows)

    def sentence(self, frame: Frame) -> str:
        what = self.per.whole
        if self.per not in (Per.HORIZON, Per.WEEK):
            what = f"total {frame.periods(self.per).says(prorated=False)}"
        return f"{each(self.channels, first=True)}: {what} within {self.change:.0%} of its baseline."

    def loosening(self, frame: Frame) -> str:
        return f"One percentage point more room to change {each(self.channels)}"

    def loosened(self, units: float) -> Self | None:
        change = self.change + 0.01 * units
        return replace(self, change=change) if change >= 0 else None

    def size(self, frame: Frame) -> float:
        return 100.0 * max(self.change, 0.01)
