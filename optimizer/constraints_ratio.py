"""What some channels spend for each unit of money that others spend."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import cvxpy as cp
import numpy as np

from mmm.arrays import FloatArray
from mmm.exceptions import SpecError
from optimizer.limits import Constraint, Frame, Limit, listed
from optimizer.periods import Per
from optimizer.ranges import check_range, said, widened

#: One unit of loosening, in units of the ratio.
UNIT = 0.01


@dataclass(frozen=True)
class Ratio(Constraint):
    """The spend of some channels together, over that of others together.

    Attributes
    ----------
    channels, to : tuple of str
        None in both.
    least, most : float, optional
        1.5: EUR 1.50 on ``channels`` for each EUR 1 on ``to``.
    per : Per
    """

    channels: tuple[str, ...]
    to: tuple[str, ...]
    least: float | None = None
    most: float | None = None
    per: Per = Per.HORIZON

    def __post_init__(self) -> None:
        where = self.name or self.default_name
        check_range(self.least, self.most, where)
        both = sorted(set(self.channels) & set(self.to))
        if both or not self.channels or not self.to:
            says = f"'{both[0]}' is on both sides of the ratio" if both else "one side of the ratio has no channel"
            raise SpecError(says, where=where, do="Name some channels, and others in ratio_to.")

    @property
    def default_name(self) -> str:
        return f"ratio({','.join(self.channels)}/{','.join(self.to)})"

    def limits(self, spend: cp.Expression, frame: Frame) -> tuple[Limit, ...]:
        where, over = self.name or self.default_name, frame.periods(self.per)
        ours, theirs = frame.pick(self.channels, where), frame.pick(self.to, where)
        above, below = (cp.sum(over.rows(spend[some, :]), axis=0) for some in (ours, theirs))
        typical = float(frame.typical[ours].sum()), float(frame.typical[theirs].sum())
        rows: list[Limit] = []
        for ratio, sign in ((self.most, 1.0), (self.least or None, -1.0)):
            if ratio is not None:
                scale = (typical[0] + ratio * typical[1]) * over.inside
                row = cp.multiply(sign / scale, above - ratio * below) <= 0

                def point(plan: FloatArray, scale: FloatArray = scale) -> FloatArray:
                    return np.asarray(UNIT * over.totals(plan[theirs]).sum(axis=0) / scale)

                rows.append(Limit(row, point))
        return tuple(rows)

    def sentence(self, frame: Frame) -> str:
        each, when = frame.money(1.0), frame.periods(self.per).says(prorated=False)
        amount = said(self.least, self.most, frame.money)
        return f"For each {each} on {listed(self.to)}, {amount} on {listed(self.channels)} {when}."

    def loosening(self, frame: Frame) -> str:
        ours, theirs = listed(self.channels), listed(self.to)
        return f"{frame.money(UNIT)} more room for {ours} with each {frame.money(1.0)} on {theirs}{self.per.in_each}"

    def loosened(self, units: float) -> Self | None:
        moved = widened(self.least, self.most, UNIT * units)
        return None if moved is None else replace(self, least=moved[0], most=moved[1])

    def size(self, frame: Frame) -> float:
        return max(self.least or 0.0, self.most or 0.0) / UNIT
