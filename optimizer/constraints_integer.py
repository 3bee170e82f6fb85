"""Constraints that need whole numbers: weeks that are on or off, and sums that come in multiples."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import cvxpy as cp
import numpy as np

from mmm.arrays import BoolArray, FloatArray, IntArray
from mmm.exceptions import SpecError
from optimizer.discrete import (
    LEAST_ON,
    Discrete,
    count_range,
    counted,
    counts,
    label,
    outside,
    positive_sum,
    some_floor,
    touches,
)
from optimizer.integer_rows import Cells
from optimizer.limits import Frame, Limit, at_least, each, listed
from optimizer.periods import Per
from optimizer.ranges import said


class _FromASum(Discrete):
    """Each listed channel spends nothing, or at least a sum of money."""

    @property
    @abstractmethod
    def sum_when_on(self) -> float:
        """The sum, money."""

    def __post_init__(self) -> None:
        positive_sum(self.sum_when_on, self.name or self.default_name)

    def floor(self, frame: Frame, periods: int) -> FloatArray:
        floor = np.zeros(len(frame.channels))
        floor[self.picked(frame)] = self.sum_when_on
        return floor

    def size(self, frame: Frame) -> float:
        return self.sum_when_on


@dataclass(frozen=True)
class MinWhenOn(_FromASum):
    """Each listed channel spends nothing in a week, or at least a sum.

    Where totals are decided: nothing in total, or at least the sum in total.

    Attributes
    ----------
    channels : tuple of str or None
        None: every channel.
    least : float
        Money.
    """

    channels: tuple[str, ...] | None
    least: float

    @property
    def sum_when_on(self) -> float:
        return self.least

    @property
    def default_name(self) -> str:
        return f"min_when_on({label(self.channels)})"

    def write(self, cells: Cells, frame: Frame) -> None:
        """The floor says it all."""

    def broken(self, amounts: FloatArray, on: BoolArray, frame: Frame) -> float:
        return 0.0

    def sentence(self, frame: Frame) -> str:
        who = each(self.channels, first=True)
        return (
            f"{who}: either nothing or at least {frame.money(self.least)} in a week "
            "(in total, where totals are decided)."
        )

    def loosening(self, frame: Frame) -> str:
        return f"{frame.currency} 1 less as the minimum of {each(self.channels)} where it is on"

    def loosened(self, units: float) -> Self | None:
        return replace(self, least=self.least - units) if self.least > units else None


@dataclass(frozen=True)
class Multiples(_FromASum):
    """Each listed channel spends a whole number of a sum in a week: spots, packages.

    Where totals are decided, the total is a whole number of the sum.

    Attributes
    ----------
    channels : tuple of str or None
    amount : float
        Money.
    """

    channels: tuple[str, ...] | None
    amount: float

    @property
    def sum_when_on(self) -> float:
        return self.amount

    @property
    def default_name(self) -> str:
        return f"multiples({label(self.channels)})"

    def write(self, cells: Cells, frame: Frame) -> None:
        for c in self.picked(frame):
            for k in range(len(cells.on(c))):
                cells.several(c, k, self.amount)

    def broken(self, amounts: FloatArray, on: BoolArray, frame: Frame) -> float:
        number = amounts[self.picked(frame)] / self.amount
        return float(np.abs(number - np.round(number)).max(initial=0.0))

    def sentence(self, frame: Frame) -> str:
        who = each(self.channels, first=True)
        return (
            f"{who}: a week's spend (the total, where totals are decided) in multiples of {frame.money(self.amount)}."
        )

    def loosening(self, frame: Frame) -> str:
        return f"{frame.currency} 1 less as the step of {each(self.channels)}"


@dataclass(frozen=True)
class ActiveWeeks(Discrete):
    """Each listed channel is on in at least or at most a number of the horizon's weeks.

    Attributes
    ----------
    channels : tuple of str or None
    least, most : int, optional
    """

    weekly: ClassVar[bool] = True
    channels: tuple[str, ...] | None
    least: int | None = None
    most: int | None = None

    def __post_init__(self) -> None:
        where = self.name or self.default_name
        if self.least is None and self.most is None:
            raise SpecError("neither a minimum nor a maximum is given", where=where, do="Give min, max or both.")
        count_range(self.least, self.most, where)

    @property
    def default_name(self) -> str:
        return f"active_weeks({label(self.channels)})"

    def floor(self, frame: Frame, periods: int) -> FloatArray:
        return some_floor(frame, self.picked(frame) if self.least else [], periods)

    def limits(self, spend: cp.Expression, frame: Frame) -> tuple[Limit, ...]:
        picked = self.picked(frame)
        if not self.least:
            return ()
        total, typical = cp.sum(spend[picked, :], axis=1), frame.typical[picked]
        names = tuple(frame.channels[c] for c in picked)
        return (at_least(total, self.least * LEAST_ON * typical, typical, 0.0, names),)

    def write(self, cells: Cells, frame: Frame) -> None:
        for c in self.picked(frame):
            low = -np.inf if self.least is None else float(self.least)
            cells.model.add(cells.on(c), 1.0, low, np.inf if self.most is None else float(self.most))

    def broken(self, amounts: FloatArray, on: BoolArray, frame: Frame) -> float:
        return outside(on[self.picked(frame)].sum(axis=1).astype(np.float64), self.least, self.most)

    def tight(self, on: BoolArray, frame: Frame) -> bool:
        return touches(on[self.picked(frame)].sum(axis=1).astype(np.float64), self.least, self.most)

    def sentence(self, frame: Frame) -> str:
        number = said(self.least, self.most, "{:.0f}".format)
        return f"{each(self.channels, first=True)}: on in {number} of the {len(frame.weeks)} weeks{counts(self.least)}."

    def loosening(self, frame: Frame) -> str:
        return f"One week more room for the weeks on of {each(self.channels)}"

    def size(self, frame: Frame) -> float:
        return float(max(self.least or 0, self.most or 0))


@dataclass(frozen=True)
class ActiveChannels(Discrete):
    """Of the listed channels, at least or at most a number are on: in the horizon, or in each period.

    Attributes
    ----------
    channels : tuple of str or None
    least, most : int, optional
    per : Per
        ``HORIZON``: a channel counts if it is on in any week; ``WEEK`` (month, quarter): in any week of each.
    """

    channels: tuple[str, ...] | None
    least: int | None = None
    most: int | None = None
    per: Per = Per.HORIZON

    def __post_init__(self) -> None:
        where = self.name or self.default_name
        if self.least is None and self.most is None:
            raise SpecError("neither a minimum nor a maximum is given", where=where, do="Give min, max or both.")
        count_range(self.least, self.most, where)

    @property
    def default_name(self) -> str:
        return f"active_channels({label(self.channels)})"

    def floor(self, frame: Frame, periods: int) -> FloatArray:
        return some_floor(frame, self.picked(frame) if self.least else [], periods)

    def _groups(self, frame: Frame, *, weekly: bool) -> list[IntArray]:
        if not weekly:
            if self.per is not Per.HORIZON:
                raise SpecError(
                    f"channels are counted {self.per.words}, and this plan decides totals",
                    where=self.name or self.default_name,
                    do="Ask for granularity: week, or count over the horizon.",
                )
            return [np.zeros(1, dtype=np.int64)]
        member = frame.periods(self.per).member
        return [np.flatnonzero(member[:, p]) for p in range(member.shape[1])]

    def write(self, cells: Cells, frame: Frame) -> None:
        low = -np.inf if self.least is None else float(self.least)
        high = np.inf if self.most is None else float(self.most)
        for weeks in self._groups(frame, weekly=cells.weekly):
            cells.model.add([cells.any_of(c, weeks) for c in self.picked(frame)], 1.0, low, high)

    def _counts(self, on: BoolArray, frame: Frame) -> FloatArray:
        """Return how many channels are on in each period."""
        groups = self._groups(frame, weekly=on.shape[1] == len(frame.weeks))
        active = on[self.picked(frame)]
        return np.array([float(active[:, weeks].any(axis=1).sum()) for weeks in groups])

    def broken(self, amounts: FloatArray, on: BoolArray, frame: Frame) -> float:
        return outside(self._counts(on, frame), self.least, self.most)

    def tight(self, on: BoolArray, frame: Frame) -> bool:
        return touches(self._counts(on, frame), self.least, self.most)

    def sentence(self, frame: Frame) -> str:
        number = said(self.least, self.most, "{:.0f}".format)
        who = "all channels" if self.channels is None else listed(self.channels)
        when = frame.periods(self.per).says(prorated=False)
        return f"Of {who}, {number} are on {when}{counts(self.least)}."

    def loosening(self, frame: Frame) -> str:
        return "One channel more room for the number that are on"

    def size(self, frame: Frame) -> float:
        return float(max(self.least or 0, self.most or 0))


@dataclass(frozen=True)
class Bursts(Discrete):
    """Each listed channel is on in bursts: weeks in a row, then rest.

    The horizon is looked at by itself: a burst must have its least number of weeks inside it, and the weeks before and
    after it neither lengthen a burst nor count as rest that is missing.

    Attributes
    ----------
    channels : tuple of str or None
    least, most : int, optional
        Weeks on in a row.
    rest : int, optional
        Weeks off between two bursts, at least.
    """

    weekly: ClassVar[bool] = True
    channels: tuple[str, ...] | None
    least: int | None = None
    most: int | None = None
    rest: int | None = None

    def __post_init__(self) -> None:
        where = self.name or self.default_name
        if self.least is None and self.most is None and self.rest is None:
            raise SpecError("neither min, max nor rest is given", where=where, do="Give at least one of them.")
        count_range(self.least, self.most, where, lowest=1)
        counted(self.rest, where)

    @property
    def default_name(self) -> str:
        return f"burst({label(self.channels)})"

    def floor(self, frame: Frame, periods: int) -> FloatArray:
        return some_floor(frame, self.picked(frame) if (self.least or 1) > 1 else [], periods)

    def write(self, cells: Cells, frame: Frame) -> None:
        add = cells.model.add
        for c in self.picked(frame):
            on = cells.on(c)
            for t in range(len(on)):
                # A burst begins in week t where it is on and the week before is not.
                first, sign = ([on[t]], [1.0]) if t == 0 else ([on[t], on[t - 1]], [1.0, -1.0])
                for after in range(t + 1, t + (self.least or 1)):
                    follow = [on[after]] if after < len(on) else []
                    add([*first, *follow], np.array(sign + [-1.0] * len(follow)), -np.inf, 0.0)
                for before in range(max(t - (self.rest or 1), 0), t - 1):
                    add([*first, on[before]], np.array([*sign, 1.0]), -np.inf, 1.0)
                if self.most is not None and t + self.most < len(on):
                    add(on[t : t + self.most + 1], 1.0, -np.inf, float(self.most))

    def _runs(self, on: BoolArray, frame: Frame) -> list[tuple[FloatArray, FloatArray]]:
        """Return the lengths of each channel's bursts, and of the rests between them."""
        found = []
        for c in self.picked(frame):
            edges = np.flatnonzero(np.diff(np.concatenate([[0], on[c].astype(np.int64), [0]])))
            starts, ends = edges[::2].astype(np.float64), edges[1::2].astype(np.float64)
            found.append((ends - starts, starts[1:] - ends[:-1]))
        return found

    def broken(self, amounts: FloatArray, on: BoolArray, frame: Frame) -> float:
        runs = self._runs(on, frame)
        return max(max(outside(long, self.least, self.most), outside(rest, self.rest, None)) for long, rest in runs)

    def tight(self, on: BoolArray, frame: Frame) -> bool:
        runs = self._runs(on, frame)
        return any(touches(long, self.least, self.most) or touches(rest, self.rest, None) for long, rest in runs)

    def sentence(self, frame: Frame) -> str:
        weeks = said(self.least, self.most, "{:.0f}".format)
        length = f"bursts of {weeks} weeks" if weeks else "bursts"
        rest = f", with at least {self.rest} weeks off between two" if self.rest else ""
        return f"{each(self.channels, first=True)}: on in {length}{rest}, the horizon looked at by itself."

    def loosening(self, frame: Frame) -> str:
        return f"One week more room for the bursts of {each(self.channels)}"

    def size(self, frame: Frame) -> float:
        return float(max(self.least or 0, self.most or 0, self.rest or 0))
