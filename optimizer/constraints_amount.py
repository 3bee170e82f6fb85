"""Constraints on amounts: each is a frozen value that contributes cvxpy rows and a sentence.

Money is in the fit's currency; a constraint binds over the horizon unless it is per week.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import cvxpy as cp
import numpy as np

from mmm.arrays import FloatArray
from mmm.exceptions import SpecError
from optimizer.limits import Constraint, Frame, Limit, Per, at_least, at_most, channel_rows, columns, each, listed

#: Limits below this share of a typical spend are scaled as if they were that large.
SMALL = 1e-2


def _check_range(least: float | None, most: float | None, where: str) -> None:
    if least is None and most is None:
        raise SpecError("neither a minimum nor a maximum is given", where=where, do="Give min, max or both.")
    for value in (least, most):
        if value is not None and not (np.isfinite(value) and value >= 0):
            raise SpecError(f"the limit {value} is not 0 or more", where=where, do="Correct the limit.")
    if least is not None and most is not None and least > most:
        raise SpecError(
            f"the minimum {least:,g} is above the maximum {most:,g}", where=where, do="Correct one of them."
        )


def _shift(value: float | None, by: float) -> float | None:
    return None if value is None else max(value + by, 0.0)


def _period(per: Per) -> str:
    return "over the horizon" if per is Per.HORIZON else "in every week"


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


@dataclass(frozen=True)
class Bounds(Constraint):
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
        _check_range(self.least, self.most, self.name or self.default_name)

    @property
    def default_name(self) -> str:
        return f"bounds({'all' if self.channels is None else ','.join(self.channels)})"

    def limits(self, spend: cp.Expression, frame: Frame) -> tuple[Limit, ...]:
        picked = frame.pick(self.channels, self.name or self.default_name)
        x, labels = channel_rows(spend, picked, self.per), tuple(frame.channels[c] for c in picked)
        size = columns(frame.typical[picked], self.per) * (len(frame.weeks) if self.per is Per.HORIZON else 1)
        rows: list[Limit] = []
        if self.most is not None:
            rows.append(at_most(x, self.most, np.maximum(self.most, SMALL * size), 1.0, labels))
        if self.least:
            rows.append(at_least(x, self.least, np.maximum(self.least, SMALL * size), 1.0, labels))
        return tuple(rows)

    def sentence(self, frame: Frame) -> str:
        parts = [f"at least {frame.money(self.least)}"] if self.least is not None else []
        parts += [f"at most {frame.money(self.most)}"] if self.most is not None else []
        return f"{each(self.channels, first=True)}: {' and '.join(parts)} {_period(self.per)}."

    def loosening(self, frame: Frame) -> str:
        return f"{frame.currency} 1 more room for {each(self.channels)}" + (
            " in every week" if self.per is Per.WEEK else ""
        )

    def loosened(self, units: float) -> Self | None:
        least, most = _shift(self.least, -units), _shift(self.most, units)
        if least is not None and most is not None and least > most:
            return None
        return replace(self, least=least, most=most)

    def size(self, frame: Frame) -> float:
        return max(self.least or 0.0, self.most or 0.0)


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
        ``HORIZON``: channel totals. ``WEEK``: every week against the same week of the baseline.
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
        x, labels = channel_rows(spend, picked, self.per), tuple(frame.channels[c] for c in picked)
        weekly = self.per is Per.WEEK
        base = frame.baseline[picked] if weekly else frame.baseline[picked].sum(axis=1)
        size = columns(frame.typical[picked], self.per) * (1 if weekly else len(frame.weeks))
        rows = [at_most(x, (1.0 + self.change) * base, size, 0.01 * base, labels)]
        if self.change < 1:
            rows.append(at_least(x, (1.0 - self.change) * base, size, 0.01 * base, labels))
        return tuple(rows)

    def sentence(self, frame: Frame) -> str:
        what = "total over the horizon" if self.per is Per.HORIZON else "every week"
        return f"{each(self.channels, first=True)}: {what} within {self.change:.0%} of its baseline."

    def loosening(self, frame: Frame) -> str:
        return f"One percentage point more room to change {each(self.channels)}"

    def loosened(self, units: float) -> Self | None:
        change = self.change + 0.01 * units
        return replace(self, change=change) if change >= 0 else None

    def size(self, frame: Frame) -> float:
        return 100.0 * max(self.change, 0.01)


@dataclass(frozen=True)
class GroupShare(Constraint):
    """A group of channels keeps a minimum or maximum share of all spend.

    Attributes
    ----------
    group : str
        What to call it.
    channels : tuple of str
    min_share, max_share : float, optional
        Between 0 and 1.
    per : Per
    """

    group: str
    channels: tuple[str, ...]
    min_share: float | None = None
    max_share: float | None = None
    per: Per = Per.HORIZON

    def __post_init__(self) -> None:
        where = self.name or self.default_name
        _check_range(self.min_share, self.max_share, where)
        if max(self.min_share or 0.0, self.max_share or 0.0) > 1:
            raise SpecError("a share is above 1", where=where, do="Write 0.4 for 40 %.")

    @property
    def default_name(self) -> str:
        return f"share({self.group})"

    def limits(self, spend: cp.Expression, frame: Frame) -> tuple[Limit, ...]:
        picked = frame.pick(self.channels, self.name or self.default_name)
        axis = None if self.per is Per.HORIZON else 0
        group = cp.sum(spend[picked, :], axis=axis)
        whole = cp.sum(spend, axis=axis)
        scale = float(frame.typical.sum()) * (len(frame.weeks) if axis is None else 1)

        def point(plan: FloatArray) -> FloatArray:
            return np.asarray(0.01 * plan.sum(axis=axis) / scale)

        rows: list[Limit] = []
        if self.min_share is not None:
            rows.append(Limit((self.min_share * whole - group) / scale <= 0, point))
        if self.max_share is not None:
            rows.append(Limit((group - self.max_share * whole) / scale <= 0, point))
        return tuple(rows)

    def sentence(self, frame: Frame) -> str:
        parts = [f"at least {self.min_share:.1%}"] if self.min_share is not None else []
        parts += [f"at most {self.max_share:.1%}"] if self.max_share is not None else []
        return f"{self.group} ({listed(self.channels)}): {' and '.join(parts)} of all spend {_period(self.per)}."

    def loosening(self, frame: Frame) -> str:
        return f"One percentage point more room for the share of {self.group}"

    def loosened(self, units: float) -> Self | None:
        least, most = _shift(self.min_share, -0.01 * units), _shift(self.max_share, 0.01 * units)
        if least is not None and (least > 1 or (most is not None and least > most)):
            return None
        return replace(self, min_share=least, max_share=None if most is None else min(most, 1.0))

    def size(self, frame: Frame) -> float:
        return 100.0 * max(self.min_share or 0.0, self.max_share or 0.0, 0.01)


@dataclass(frozen=True)
class GroupBounds(Constraint):
    """A group of channels together spends at least or at most a sum of money.

    Attributes
    ----------
    group : str
        What to call it.
    channels : tuple of str
    least, most : float, optional
    per : Per
    """

    group: str
    channels: tuple[str, ...]
    least: float | None = None
    most: float | None = None
    per: Per = Per.HORIZON

    def __post_init__(self) -> None:
        _check_range(self.least, self.most, self.name or self.default_name)

    @property
    def default_name(self) -> str:
        return f"group({self.group})"

    def limits(self, spend: cp.Expression, frame: Frame) -> tuple[Limit, ...]:
        picked = frame.pick(self.channels, self.name or self.default_name)
        weekly = self.per is Per.WEEK
        x = cp.sum(spend[picked, :], axis=0 if weekly else None)
        floor = SMALL * float(frame.typical[picked].sum()) * (1 if weekly else len(frame.weeks))
        rows: list[Limit] = []
        if self.most is not None:
            rows.append(at_most(x, self.most, max(self.most, floor), 1.0))
        if self.least:
            rows.append(at_least(x, self.least, max(self.least, floor), 1.0))
        return tuple(rows)

    def sentence(self, frame: Frame) -> str:
        parts = [f"at least {frame.money(self.least)}"] if self.least is not None else []
        parts += [f"at most {frame.money(self.most)}"] if self.most is not None else []
        return f"{self.group} ({listed(self.channels)}): {' and '.join(parts)} together {_period(self.per)}."

    def loosening(self, frame: Frame) -> str:
        return f"{frame.currency} 1 more room for {self.group}" + (" in every week" if self.per is Per.WEEK else "")

    def loosened(self, units: float) -> Self | None:
        least, most = _shift(self.least, -units), _shift(self.most, units)
        if least is not None and most is not None and least > most:
            return None
        return replace(self, least=least, most=most)

    def size(self, frame: Frame) -> float:
        return max(self.least or 0.0, self.most or 0.0)
